import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { backlogTracking, idleAlarm, idlePeriods, idlePolicy, wakeAlarm, wakePolicy, wakeSteps, warmActions, } from "../core/scaling/declaration";
import { variantName } from "./endpoint";
/**
 * Keeps the instance count between its bounds without ever taking an instance away from a job that it knows of.
 *
 * - Target tracking follows the waiting requests per instance, and only adds instances.
 * - It does not reliably leave zero, where there is no instance to divide by: a step policy does, at once to as many as
 *   the backlog needs.
 * - Instances go only when nothing has been open or running for `idleSeconds`, and then all above the minimum together:
 *   which instance the service would take otherwise, and whether a job runs on it, nobody knows.
 *
 * What an alarm sees is minutes old. That no job is hit in between is the work of the functions, which keep the target's
 * minimum at the present capacity for as long as a job is open (core/floor/floor.ts). Nothing here, and no
 * `pulumi up`, depends on that minimum.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
 */
export class Autoscaling extends pulumi.ComponentResource {
    constructor(name, args, opts) {
        super("sagemaker-async:index:Autoscaling", name, {}, opts);
        const scalable = this.target(name, args);
        this.followBacklog(name, args, scalable);
        if (args.minCapacity === 0)
            this.wakeFromZero(name, args, scalable);
        this.returnToMinimum(name, args, scalable);
        this.keepWarm(name, args, scalable);
        this.registerOutputs({});
    }
    target(name, args) {
        const target = new aws.appautoscaling.Target(`${name}-target`, {
            serviceNamespace: "sagemaker",
            scalableDimension: "sagemaker:variant:DesiredInstanceCount",
            resourceId: args.resourceId,
            minCapacity: args.minCapacity,
            maxCapacity: args.maxCapacity,
        }, 
        // A retry after a failed update would otherwise register the target and then delete "the old one", which has
        // the same id: autoscaling would be off, and no preview would say so.
        { parent: this, deleteBeforeReplace: true });
        // From the target, so that the engine deletes policies before it.
        return { serviceNamespace: target.serviceNamespace, scalableDimension: target.scalableDimension, resourceId: target.resourceId };
    }
    followBacklog(name, args, scalable) {
        new aws.appautoscaling.Policy(`${name}-backlog`, {
            ...scalable,
            policyType: "TargetTrackingScaling",
            targetTrackingScalingPolicyConfiguration: backlogTracking(args),
        }, { parent: this });
    }
    wakeFromZero(name, args, scalable) {
        const steps = pulumi.output(args.targetBacklogPerInstance).apply((target) => wakeSteps(target, args.maxCapacity).map(declaredStep));
        const policy = new aws.appautoscaling.Policy(`${name}-wake`, { ...scalable, policyType: "StepScaling", stepScalingPolicyConfiguration: { ...wakePolicy, stepAdjustments: steps } }, { parent: this });
        new aws.cloudwatch.MetricAlarm(`${name}-wake`, {
            alarmDescription: "Requests wait while the endpoint has no instance: starts as many as they need.",
            ...wakeAlarm(args.endpointName),
            alarmActions: [policy.arn],
        }, { parent: this });
    }
    returnToMinimum(name, args, scalable) {
        const { stepAdjustments, ...configuration } = idlePolicy(args);
        const policy = new aws.appautoscaling.Policy(`${name}-idle`, {
            ...scalable,
            policyType: "StepScaling",
            stepScalingPolicyConfiguration: { ...configuration, stepAdjustments: stepAdjustments.map(declaredStep) },
        }, { parent: this });
        new aws.cloudwatch.MetricAlarm(`${name}-idle`, {
            alarmDescription: "Nothing is open, waiting or running: takes the endpoint back to its minimum.",
            ...idleAlarm(args.endpointName, variantName, pulumi.output(args.idleSeconds).apply(idlePeriods)),
            alarmActions: [policy.arn],
        }, { parent: this });
    }
    keepWarm(name, args, scalable) {
        for (const { name: which, schedule, minCapacity } of warmActions(args)) {
            new aws.appautoscaling.ScheduledAction(`${name}-warm-${which}`, {
                ...scalable,
                schedule,
                timezone: args.warmTimeZone,
                scalableTargetAction: { minCapacity, maxCapacity: args.maxCapacity },
            }, { parent: this });
        }
    }
}
/** The provider takes bounds as text. */
function declaredStep({ metricIntervalLowerBound: from, metricIntervalUpperBound: to, scalingAdjustment, }) {
    return {
        ...(from === undefined ? {} : { metricIntervalLowerBound: String(from) }),
        ...(to === undefined ? {} : { metricIntervalUpperBound: String(to) }),
        scalingAdjustment,
    };
}
