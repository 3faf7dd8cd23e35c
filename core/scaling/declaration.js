import { dayMinutes, readWarmWindow, weekdays } from "../floor/warmHours";
import { metricNames, metricNamespace } from "../metrics";
/** Namespace of what SageMaker says of asynchronous endpoints. */
export const serviceNamespace = "AWS/SageMaker";
/** Namespace of what their instances say. */
export const hostNamespace = "/aws/sagemaker/Endpoints";
/** https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
const maxSteps = 20;
/** Percent above which a GPU counts as working: drivers and monitoring alone stay below. */
const idleGpuPercent = 5;
function metric(id, namespace, metricName, stat, dimensions) {
    return { id, metric: { namespace, metricName, dimensions, period: 60, stat } };
}
/** Follows the waiting requests per instance. `Value` and `Text` may be promises of a deployment. */
export function backlogTracking(settings) {
    return {
        targetValue: settings.targetBacklogPerInstance,
        disableScaleIn: !settings.partialScaleIn,
        scaleInCooldown: settings.scaleInCooldownSeconds,
        scaleOutCooldown: settings.scaleOutCooldownSeconds,
        customizedMetricSpecification: {
            namespace: serviceNamespace,
            metricName: "ApproximateBacklogSizePerInstance",
            // The one dimension under which it is published; with the variant's too, it would never have data.
            dimensions: [{ name: "EndpointName", value: settings.endpointName }],
            statistic: "Average",
        },
    };
}
/** The policy that leaves zero; its steps are {@link wakeSteps}. The cooldown is Application Auto Scaling's own default: an instance takes minutes to start. */
export const wakePolicy = { adjustmentType: "ExactCapacity", metricAggregationType: "Maximum", cooldown: 300 };
/**
 * As many instances as a backlog needs, counted from the alarm's threshold of 1: one for up to `target` requests, two
 * for up to twice as many, and so on; in coarser steps where the service's number of steps does not suffice.
 */
export function wakeSteps(target, maxCapacity) {
    const count = Math.min(maxCapacity, maxSteps);
    const capacities = Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * maxCapacity) / count));
    return capacities.map((capacity, index) => ({
        metricIntervalLowerBound: (capacities[index - 1] ?? 0) * target,
        ...(index === count - 1 ? {} : { metricIntervalUpperBound: capacity * target }),
        scalingAdjustment: capacity,
    }));
}
/**
 * On the plain backlog the wake-up would scale in: the alarm repeats while it lasts, and asks for few instances as soon as
 * few requests wait. It therefore sees a backlog only while there is no instance.
 */
export function wakeAlarm(endpointName) {
    const endpoint = { EndpointName: endpointName };
    return {
        metricQueries: [
            metric("backlog", serviceNamespace, "ApproximateBacklogSize", "Maximum", endpoint),
            metric("asleep", serviceNamespace, "HasBacklogWithoutCapacity", "Maximum", endpoint),
            // Only the backlog is filled, and only where the other has a value: a filled `asleep` would be 0 in the
            // newest minutes, whose values come late, and the alarm would never be raised.
            { id: "waiting", expression: "IF(asleep > 0, FILL(backlog, 1), 0)", label: "Waiting without an instance", returnData: true },
        ],
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        treatMissingData: "missing",
    };
}
/** The policy that goes back to the minimum. */
export function idlePolicy(settings) {
    return {
        adjustmentType: "ExactCapacity",
        metricAggregationType: "Maximum",
        cooldown: settings.scaleInCooldownSeconds,
        // Below the alarm's threshold, however far.
        stepAdjustments: [{ metricIntervalUpperBound: 0, scalingAdjustment: settings.minCapacity }],
    };
}
/** How many minutes nothing must be open, waiting or running. */
export function idlePeriods(idleSeconds) {
    return Math.ceil(idleSeconds / 60);
}
/** Nothing is open, waiting or running. @param periods {@link idlePeriods} */
export function idleAlarm(endpointName, variantName, periods) {
    const endpoint = { EndpointName: endpointName };
    const variant = { ...endpoint, VariantName: variantName };
    return {
        metricQueries: [
            metric("open", metricNamespace, metricNames.openJobs, "Maximum", endpoint),
            // What was not submitted here shows in these three, as late as the service publishes them.
            metric("backlog", serviceNamespace, "ApproximateBacklogSize", "Maximum", endpoint),
            metric("processed", serviceNamespace, "InvocationsProcessed", "Sum", variant),
            metric("gpu", hostNamespace, "GPUUtilization", "Maximum", variant),
            {
                id: "busy",
                // No value without `open`: when nobody counts jobs any more, the endpoint stays up.
                expression: `IF(open >= 0, open + FILL(backlog, 0) + FILL(processed, 0) + IF(FILL(gpu, 0) > ${idleGpuPercent}, 1, 0), 0)`,
                label: "Open, waiting or running",
                returnData: true,
            },
        ],
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        threshold: 1,
        comparisonOperator: "LessThanThreshold",
        // "notBreaching" would keep an endpoint awake for good whose metrics come later than expected.
        treatMissingData: "missing",
    };
}
/** Where a window's days begin and end. Days of 24 hours are one from the first to the last: the end of one would undo the beginning of the next. */
export function warmEnds({ days, from, to }) {
    const isOne = to - from === dayMinutes;
    const first = isOne ? days.slice(0, 1) : days;
    const last = isOne ? days.slice(-1) : days;
    return {
        begin: { days: [...first], minute: from },
        end: { days: last.map((day) => (day + Math.floor(to / dayMinutes)) % 7), minute: to % dayMinutes },
    };
}
/** Both ends of each window, so that the minimum goes back on time also when no function runs. */
export function warmActions(settings) {
    return settings.warmHours.flatMap((text, index) => {
        const window = readWarmWindow(text);
        if (!window)
            throw new Error(`warmHours[${index}]: ${text} was not checked`);
        const { begin, end } = warmEnds(window);
        const action = (which, { days, minute }, minCapacity) => ({
            name: `${index}-${which}`,
            schedule: `cron(${minute % 60} ${Math.floor(minute / 60)} ? * ${days.map((day) => weekdays[day]?.toUpperCase()).join(",")} *)`,
            minCapacity,
        });
        return [action("begin", begin, settings.warmMinCapacity), action("end", end, settings.minCapacity)];
    });
}
