import { createAutoscaling } from "../../../local/autoscaling";
import { VirtualClock } from "../../../local/clock";
import { createCloudWatch } from "../../../local/cloudwatch";
import { keepInMemory } from "../../../local/kept";
import { ServiceError } from "../../../local/wire";
import { openAccess } from "../../../doubles/access";
/** Midnight of a Monday, so that minutes and schedules are easy to read. */
export const start = Date.UTC(2026, 0, 5);
export const resourceId = "endpoint/ocr/variant/AllTraffic";
/** An endpoint whose instances take `startupSeconds`; it can be put into another status. */
export class EndpointDouble {
    clock;
    startupSeconds;
    status = "InService";
    current;
    desired;
    changes = [];
    constructor(clock, instances, startupSeconds) {
        this.clock = clock;
        this.startupSeconds = startupSeconds;
        this.current = this.desired = instances;
    }
    variant(endpointName, variantName) {
        if (endpointName !== "ocr" || variantName !== "AllTraffic")
            return undefined;
        return {
            endpointStatus: this.status,
            currentInstanceCount: this.current,
            desiredInstanceCount: this.desired,
            instanceType: "ml.g5.2xlarge",
        };
    }
    setDesiredInstanceCount(_endpoint, _variant, count, cause) {
        if (this.status !== "InService")
            throw new ServiceError("ValidationException", `Cannot update in-progress endpoint "ocr".`);
        this.changes.push({ at: (this.clock.now() - start) / 60_000, count, cause });
        this.desired = count;
        if (count <= this.current)
            this.current = count;
        else
            this.clock.setTimeout(() => (this.current = this.desired), this.startupSeconds * 1000);
    }
}
/** CloudWatch and Application Auto Scaling in virtual time, with doubles for everything else. */
export async function testCloud({ instances = 0, metricDelaySeconds = 0, startupSeconds = 0, trackingLeavesZero = false, keeper = keepInMemory(), now = start, } = {}) {
    const clock = new VirtualClock(now);
    const events = [];
    const delivered = [];
    const context = {
        clock,
        region: "us-east-1",
        accountId: "000000000000",
        endpointUrl: "http://127.0.0.1:0",
        workDirectory: "",
        keeper,
        credentialsFor: () => ({ accessKeyId: "", secretAccessKey: "" }),
        access: openAccess,
        emit: (event) => void events.push(event),
    };
    const endpoint = new EndpointDouble(clock, instances, startupSeconds);
    const late = {};
    const targets = {
        executePolicy: async (arn, alarm) => late.autoscaling?.executePolicy(arn, alarm),
        publish: async (arn, message, subject) => void delivered.push({ arn, payload: JSON.parse(message), subject }),
        invokeFunction: async (arn, payload) => void delivered.push({ arn, payload }),
    };
    const cloudWatch = await createCloudWatch(context, { targets, metricDelaySeconds });
    const autoscaling = await createAutoscaling(context, { endpoints: endpoint, alarms: cloudWatch, trackingLeavesZero });
    late.autoscaling = autoscaling;
    const program = { directory: "", project: "test", stack: "test", localSettings: {} };
    return {
        clock,
        events,
        cloudWatch,
        autoscaling,
        endpoint,
        delivered,
        create: (type, name, inputs) => {
            const resource = { ...cloudWatch.resources, ...autoscaling.resources }[type];
            if (!resource)
                throw new Error(`no resource type ${type}`);
            return resource.create({ urn: `urn:pulumi:test::test::${type}::${name}`, type, name, inputs, program });
        },
        publish: (metricName, value) => cloudWatch.put([
            { namespace: "AWS/SageMaker", metricName, dimensions: { EndpointName: "ocr" }, value, unit: "Count", timestamp: clock.now() },
        ]),
        minutes: (count) => clock.advance(count * 60_000),
        close: async () => {
            await autoscaling.close();
            await cloudWatch.close();
            clock.close();
        },
    };
}
/** Registers the endpoint's target. */
export function registerTarget(cloud, minCapacity, maxCapacity) {
    return cloud.create("aws:appautoscaling/target:Target", "target", {
        serviceNamespace: "sagemaker",
        resourceId,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        minCapacity,
        maxCapacity,
    });
}
/** A step policy as a program writes it. */
export function stepPolicy(cloud, name, configuration) {
    return cloud.create("aws:appautoscaling/policy:Policy", name, {
        name,
        policyType: "StepScaling",
        serviceNamespace: "sagemaker",
        resourceId,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        stepScalingPolicyConfiguration: configuration,
    });
}
/** Target tracking on the backlog per instance. */
export function trackingPolicy(cloud, name, settings) {
    return cloud.create("aws:appautoscaling/policy:Policy", name, {
        name,
        policyType: "TargetTrackingScaling",
        serviceNamespace: "sagemaker",
        resourceId,
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        targetTrackingScalingPolicyConfiguration: {
            customizedMetricSpecification: {
                metricName: "ApproximateBacklogSizePerInstance",
                namespace: "AWS/SageMaker",
                statistic: "Average",
                dimensions: [{ name: "EndpointName", value: "ocr" }],
            },
            ...settings,
        },
    });
}
/** The alarm that wakes an endpoint, as a program writes it. */
export function alarmInputs(settings = {}) {
    return {
        name: "wake",
        metricName: "HasBacklogWithoutCapacity",
        namespace: "AWS/SageMaker",
        dimensions: { EndpointName: "ocr" },
        statistic: "Average",
        period: 60,
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        treatMissingData: "missing",
        ...settings,
    };
}
/** An alarm for the engine itself. */
export function alarm(settings = {}) {
    return {
        alarmName: "alarm",
        actionsEnabled: true,
        alarmActions: [],
        okActions: [],
        insufficientDataActions: [],
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        threshold: 1,
        evaluationPeriods: 1,
        datapointsToAlarm: 1,
        treatMissingData: "missing",
        metrics: [
            {
                id: "m1",
                returnData: true,
                metricStat: {
                    metric: { namespace: "AWS/SageMaker", metricName: "HasBacklogWithoutCapacity", dimensions: { EndpointName: "ocr" } },
                    periodSeconds: 60,
                    stat: "Average",
                },
            },
        ],
        ...settings,
    };
}
