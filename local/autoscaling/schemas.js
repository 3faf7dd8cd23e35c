import * as z from "zod";
/** What addresses a scalable target; the embedded cloud scales endpoints only. */
export const targetKey = {
    serviceNamespace: z.literal("sagemaker"),
    resourceId: z.string().regex(/^endpoint\/[^/]+\/variant\/[^/]+$/, "must be endpoint/<endpoint>/variant/<variant>"),
    scalableDimension: z.literal("sagemaker:variant:DesiredInstanceCount"),
};
const seconds = z.number().int().min(0);
const statisticSchema = z.enum(["Average", "Minimum", "Maximum", "SampleCount", "Sum"]);
const dimensionsSchema = z.array(z.strictObject({ name: z.string(), value: z.string() }));
// Bounds are text in the Pulumi provider and numbers on the wire.
const boundSchema = z.union([
    z.number(),
    z
        .string()
        .regex(/^-?\d+(\.\d+)?$/, "must be a number")
        .transform(Number),
]);
export const suspendedStateSchema = z.strictObject({
    dynamicScalingInSuspended: z.boolean().optional(),
    dynamicScalingOutSuspended: z.boolean().optional(),
    scheduledScalingSuspended: z.boolean().optional(),
});
const givenStepScalingSchema = z.strictObject({
    adjustmentType: z.enum(["ChangeInCapacity", "ExactCapacity", "PercentChangeInCapacity"]),
    cooldown: seconds.optional(),
    metricAggregationType: z.enum(["Average", "Minimum", "Maximum"]).optional(),
    minAdjustmentMagnitude: z.number().int().min(1).optional(),
    stepAdjustments: z
        .array(z.strictObject({
        metricIntervalLowerBound: boundSchema.optional(),
        metricIntervalUpperBound: boundSchema.optional(),
        scalingAdjustment: z.number().int(),
    }))
        .min(1)
        .max(20)
        .superRefine((steps, context) => {
        const sorted = steps
            .map(({ metricIntervalLowerBound: from = -Infinity, metricIntervalUpperBound: to = Infinity }) => ({ from, to }))
            .sort((a, b) => a.from - b.from);
        for (const [at, { from, to }] of sorted.entries()) {
            if (from >= to)
                context.addIssue(`the step from ${from} to ${to} is empty`);
            const next = sorted[at + 1];
            if (next && next.from !== to)
                context.addIssue(`steps must follow each other without overlap or gap, got ${to} and then ${next.from}`);
        }
    }),
});
/** With the service's defaults for endpoints. */
export const stepScalingSchema = givenStepScalingSchema.extend({
    cooldown: seconds.default(300),
    metricAggregationType: z.enum(["Average", "Minimum", "Maximum"]).default("Average"),
});
const trackedMetricSchema = z.strictObject({
    id: z.string(),
    expression: z.string().optional(),
    label: z.string().optional(),
    returnData: z.boolean().optional(),
    metricStat: z
        .strictObject({
        metric: z.strictObject({ metricName: z.string(), namespace: z.string(), dimensions: dimensionsSchema.optional() }),
        stat: z.string(),
        unit: z.string().optional(),
    })
        .optional(),
});
const givenTargetTrackingSchema = z.strictObject({
    targetValue: z.number().positive(),
    disableScaleIn: z.boolean().optional(),
    scaleInCooldown: seconds.optional(),
    scaleOutCooldown: seconds.optional(),
    customizedMetricSpecification: z
        .strictObject({
        metricName: z.string().optional(),
        namespace: z.string().optional(),
        dimensions: dimensionsSchema.optional(),
        statistic: statisticSchema.optional(),
        unit: z.string().optional(),
        metrics: z.array(trackedMetricSchema).min(1).max(10).optional(),
    })
        .optional(),
    predefinedMetricSpecification: z
        .strictObject({ predefinedMetricType: z.string(), resourceLabel: z.string().optional() })
        .superRefine(({ predefinedMetricType }, context) => context.addIssue(`${predefinedMetricType} is not published for asynchronous endpoints; ` +
        `use customizedMetricSpecification, for example with ApproximateBacklogSizePerInstance`))
        .optional(),
});
/** With the service's defaults. */
export const targetTrackingSchema = givenTargetTrackingSchema.extend({
    disableScaleIn: z.boolean().default(false),
    scaleInCooldown: seconds.default(300),
    scaleOutCooldown: seconds.default(300),
});
const policyKinds = {
    policyType: z.enum(["StepScaling", "TargetTrackingScaling"]).default("StepScaling"),
    stepScalingPolicyConfiguration: givenStepScalingSchema.optional(),
    targetTrackingScalingPolicyConfiguration: givenTargetTrackingSchema.optional(),
};
/** PutScalingPolicy. */
export const policySchema = z.strictObject({ policyName: z.string().min(1).max(256), ...targetKey, ...policyKinds });
/** The same as a resource, which may leave its name to Pulumi. */
export const policyInputsSchema = z.strictObject({ name: z.string().min(1).max(256).optional(), ...targetKey, ...policyKinds });
const capacity = z.number().int().min(0);
/** RegisterScalableTarget. */
export const targetSchema = z.strictObject({
    ...targetKey,
    minCapacity: capacity.optional(),
    maxCapacity: capacity.optional(),
    roleARN: z.string().optional(),
    suspendedState: suspendedStateSchema.optional(),
    tags: z.record(z.string(), z.string()).optional(),
});
/** The same as a resource. */
export const targetInputsSchema = z.strictObject({
    ...targetKey,
    minCapacity: capacity,
    maxCapacity: capacity,
    roleArn: z.string().optional(),
    suspendedState: suspendedStateSchema.optional(),
    tags: z.record(z.string(), z.string()).optional(),
});
const bounds = z
    .strictObject({ minCapacity: capacity.optional(), maxCapacity: capacity.optional() })
    .superRefine(({ minCapacity, maxCapacity }, context) => {
    if (minCapacity === undefined && maxCapacity === undefined)
        context.addIssue("needs minCapacity, maxCapacity or both");
    if (minCapacity !== undefined && maxCapacity !== undefined && minCapacity > maxCapacity) {
        context.addIssue(`maximum capacity cannot be less than minimum capacity: got ${minCapacity} to ${maxCapacity}`);
    }
});
const time = z
    .number()
    .transform((secondsSinceEpoch) => new Date(secondsSinceEpoch * 1000).toISOString())
    .optional();
/** PutScheduledAction. What an update leaves out stays, but for the two times. */
export const scheduledActionSchema = z.strictObject({
    scheduledActionName: z
        .string()
        .min(1)
        .max(256)
        .regex(/^[^|/:]+$/, "must be without |, / and :"),
    ...targetKey,
    schedule: z.string().optional(),
    timezone: z.string().optional(),
    startTime: time,
    endTime: time,
    scalableTargetAction: bounds.optional(),
});
/** A scheduled action, as a resource. */
export const scheduledActionInputsSchema = z.strictObject({
    name: z.string().min(1).max(256).optional(),
    ...targetKey,
    schedule: z.string(),
    timezone: z.string().optional(),
    startTime: z.iso.datetime({ offset: true }).optional(),
    endTime: z.iso.datetime({ offset: true }).optional(),
    scalableTargetAction: bounds,
});
