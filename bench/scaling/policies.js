import * as aws from "@pulumi/aws";
import { Autoscaling } from "../../components/autoscaling";
import { settings } from "../../components/settings";
import { declared } from "./declared";
import { endpointName, variantName } from "./simulation";
/** The same bounds and target for all. */
export const bounds = { minCapacity: 0, maxCapacity: 5, targetBacklogPerInstance: 5, idleSeconds: settings.idleSeconds.default };
const shortestIdleSeconds = settings.idleSeconds.minimum;
const target = {
    serviceNamespace: "sagemaker",
    scalableDimension: "sagemaker:variant:DesiredInstanceCount",
    resourceId: `endpoint/${endpointName}/variant/${variantName}`,
};
const cooldowns = { scaleInCooldownSeconds: 600, scaleOutCooldownSeconds: 120 };
/** What is compared. */
export const scalingPolicies = {
    snippet: { title: "usual snippet", resources: () => declared(usualSnippet) },
    snippetWithWakeUp: {
        title: "snippet with wake-up",
        resources: () => declared(() => {
            usualSnippet();
            wakeUp();
        }),
    },
    ours: ours("ours", { drain: false, idleSeconds: bounds.idleSeconds }),
    oursWithDrain: ours("ours with drain", { drain: true, idleSeconds: bounds.idleSeconds }),
    oursSoon: ours(`ours, idle ${shortestIdleSeconds} s`, { drain: false, idleSeconds: shortestIdleSeconds }),
    oursWithDrainSoon: ours(`ours with drain, idle ${shortestIdleSeconds} s`, { drain: true, idleSeconds: shortestIdleSeconds }),
};
/** What the component declares, and its functions. */
function ours(title, floor) {
    const args = {
        ...bounds,
        ...cooldowns,
        ...floor,
        endpointName,
        resourceId: target.resourceId,
        partialScaleIn: false,
        warmHours: [],
        warmMinCapacity: 1,
        warmTimeZone: "UTC",
    };
    return { title, resources: () => declared(() => void new Autoscaling("bench", args)), floor };
}
/** Target tracking as the service's guide and most examples have it. */
function usualSnippet() {
    new aws.appautoscaling.Target("target", { ...target, minCapacity: bounds.minCapacity, maxCapacity: bounds.maxCapacity });
    new aws.appautoscaling.Policy("backlog", {
        ...target,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
            targetValue: bounds.targetBacklogPerInstance,
            scaleInCooldown: cooldowns.scaleInCooldownSeconds,
            scaleOutCooldown: cooldowns.scaleOutCooldownSeconds,
            customizedMetricSpecification: {
                namespace: "AWS/SageMaker",
                metricName: "ApproximateBacklogSizePerInstance",
                dimensions: [{ name: "EndpointName", value: endpointName }],
                statistic: "Average",
            },
        },
    });
}
/** The guide's step policy that leaves zero. */
function wakeUp() {
    const policy = new aws.appautoscaling.Policy("wake", {
        ...target,
        policyType: "StepScaling",
        stepScalingPolicyConfiguration: {
            adjustmentType: "ChangeInCapacity",
            metricAggregationType: "Average",
            cooldown: 300,
            stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
        },
    });
    new aws.cloudwatch.MetricAlarm("wake", {
        namespace: "AWS/SageMaker",
        metricName: "HasBacklogWithoutCapacity",
        dimensions: { EndpointName: endpointName },
        statistic: "Average",
        period: 60,
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        treatMissingData: "missing",
        alarmActions: [policy.arn],
    });
}
