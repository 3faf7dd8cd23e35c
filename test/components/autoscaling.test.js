import { expect } from "chai";
import { Autoscaling } from "../../components/autoscaling";
import { deploy } from "../../doubles/deploy";
import { graphOf, inputsOf, treatmentOf } from "../support/readable";
const args = {
    endpointName: "ocr",
    resourceId: "endpoint/ocr/variant/AllTraffic",
    minCapacity: 0,
    maxCapacity: 7,
    targetBacklogPerInstance: 3,
    scaleInCooldownSeconds: 900,
    scaleOutCooldownSeconds: 60,
    idleSeconds: 900,
    partialScaleIn: false,
    warmHours: [],
    warmMinCapacity: 2,
    warmTimeZone: "Europe/Berlin",
};
const scalable = {
    serviceNamespace: "sagemaker",
    scalableDimension: "sagemaker:variant:DesiredInstanceCount",
    resourceId: "endpoint/ocr/variant/AllTraffic",
};
const policyArn = (name) => `arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:0a1b2c3d:policyName/${name}-0a1b2c3`;
describe("Autoscaling", () => {
    it("tracks the backlog under the one dimension that SageMaker publishes, and adds only: what it took away could be at work", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", args));
        expect(await inputsOf(deployment, "aws:appautoscaling/target:Target", "ocr-target")).to.deep.equal({
            ...scalable,
            minCapacity: 0,
            maxCapacity: 7,
        });
        expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-backlog")).to.deep.equal({
            ...scalable,
            policyType: "TargetTrackingScaling",
            targetTrackingScalingPolicyConfiguration: {
                targetValue: 3,
                disableScaleIn: true,
                scaleInCooldown: 900,
                scaleOutCooldown: 60,
                customizedMetricSpecification: {
                    namespace: "AWS/SageMaker",
                    metricName: "ApproximateBacklogSizePerInstance",
                    dimensions: [{ name: "EndpointName", value: "ocr" }],
                    statistic: "Average",
                },
            },
        });
    });
    it("takes single instances away when it is told that jobs may be hit", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, partialScaleIn: true }));
        expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-backlog"))
            .to.have.property("targetTrackingScalingPolicyConfiguration")
            .with.property("disableScaleIn", false);
    });
    it("wakes a sleeping endpoint when requests wait, to as many instances as they need", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, maxCapacity: 3 }));
        expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-wake")).to.deep.equal({
            ...scalable,
            policyType: "StepScaling",
            stepScalingPolicyConfiguration: {
                adjustmentType: "ExactCapacity",
                metricAggregationType: "Maximum",
                cooldown: 300,
                stepAdjustments: [
                    { metricIntervalLowerBound: "0", metricIntervalUpperBound: "3", scalingAdjustment: 1 },
                    { metricIntervalLowerBound: "3", metricIntervalUpperBound: "6", scalingAdjustment: 2 },
                    { metricIntervalLowerBound: "6", scalingAdjustment: 3 },
                ],
            },
        });
        expect(await inputsOf(deployment, "aws:cloudwatch/metricAlarm:MetricAlarm", "ocr-wake")).to.deep.equal({
            alarmDescription: "Requests wait while the endpoint has no instance: starts as many as they need.",
            metricQueries: [
                query("backlog", "AWS/SageMaker", "ApproximateBacklogSize", "Maximum", { EndpointName: "ocr" }),
                query("asleep", "AWS/SageMaker", "HasBacklogWithoutCapacity", "Maximum", { EndpointName: "ocr" }),
                { id: "waiting", expression: "IF(asleep > 0, FILL(backlog, 1), 0)", label: "Waiting without an instance", returnData: true },
            ],
            evaluationPeriods: 2,
            datapointsToAlarm: 2,
            threshold: 1,
            comparisonOperator: "GreaterThanOrEqualToThreshold",
            treatMissingData: "missing",
            alarmActions: [policyArn("ocr-wake")],
        });
    });
    it("wakes large fleets in as many steps as the service takes, up to the last instance", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, maxCapacity: 50 }));
        const { stepScalingPolicyConfiguration } = await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-wake");
        const { stepAdjustments } = stepScalingPolicyConfiguration;
        expect(stepAdjustments.length).to.equal(20);
        expect(stepAdjustments.slice(0, 2)).to.deep.equal([
            { metricIntervalLowerBound: "0", metricIntervalUpperBound: "9", scalingAdjustment: 3 },
            { metricIntervalLowerBound: "9", metricIntervalUpperBound: "15", scalingAdjustment: 5 },
        ]);
        expect(stepAdjustments.at(-1)).to.deep.equal({ metricIntervalLowerBound: "144", scalingAdjustment: 50 });
    });
    it("goes back to the minimum when nothing is open or running, and only as long as somebody counts jobs", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, minCapacity: 1, idleSeconds: 841 }));
        expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-idle")).to.deep.equal({
            ...scalable,
            policyType: "StepScaling",
            stepScalingPolicyConfiguration: {
                adjustmentType: "ExactCapacity",
                metricAggregationType: "Maximum",
                cooldown: 900,
                stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: 1 }],
            },
        });
        expect(await inputsOf(deployment, "aws:cloudwatch/metricAlarm:MetricAlarm", "ocr-idle")).to.deep.equal({
            alarmDescription: "Nothing is open, waiting or running: takes the endpoint back to its minimum.",
            metricQueries: [
                query("open", "SageMakerAsyncInference", "OpenJobs", "Maximum", { EndpointName: "ocr" }),
                query("backlog", "AWS/SageMaker", "ApproximateBacklogSize", "Maximum", { EndpointName: "ocr" }),
                query("processed", "AWS/SageMaker", "InvocationsProcessed", "Sum", { EndpointName: "ocr", VariantName: "AllTraffic" }),
                query("gpu", "/aws/sagemaker/Endpoints", "GPUUtilization", "Maximum", { EndpointName: "ocr", VariantName: "AllTraffic" }),
                {
                    id: "busy",
                    expression: "IF(open >= 0, open + FILL(backlog, 0) + FILL(processed, 0) + IF(FILL(gpu, 0) > 5, 1, 0), 0)",
                    label: "Open, waiting or running",
                    returnData: true,
                },
            ],
            evaluationPeriods: 15,
            datapointsToAlarm: 15,
            threshold: 1,
            comparisonOperator: "LessThanThreshold",
            treatMissingData: "missing",
            alarmActions: [policyArn("ocr-idle")],
        });
    });
    it("raises the minimum for warm hours and puts it back, in their time zone", async () => {
        const warm = { warmHours: ["mon-wed 08:00-18:30"] };
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, ...warm }));
        const action = (end) => inputsOf(deployment, "aws:appautoscaling/scheduledAction:ScheduledAction", `ocr-warm-0-${end}`);
        expect([await action("begin"), await action("end")]).to.deep.equal([
            {
                ...scalable,
                schedule: "cron(0 8 ? * MON,TUE,WED *)",
                timezone: "Europe/Berlin",
                scalableTargetAction: { minCapacity: 2, maxCapacity: 7 },
            },
            {
                ...scalable,
                schedule: "cron(30 18 ? * MON,TUE,WED *)",
                timezone: "Europe/Berlin",
                scalableTargetAction: { minCapacity: 0, maxCapacity: 7 },
            },
        ]);
    });
    const schedules = async (warmHours) => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, warmHours }));
        const type = "aws:appautoscaling/scheduledAction:ScheduledAction";
        return Promise.all(deployment.resources
            .filter((resource) => resource.type === type)
            .map(async ({ name }) => {
            const { schedule, scalableTargetAction } = await inputsOf(deployment, type, name);
            return [name, schedule, scalableTargetAction.minCapacity];
        }));
    };
    it("ends warm hours on the next day when they go on past midnight, from Sunday to Monday too", async () => {
        expect(await schedules(["fri 22:00-06:00", "sun 20:15-00:00"])).to.have.deep.members([
            ["ocr-warm-0-begin", "cron(0 22 ? * FRI *)", 2],
            ["ocr-warm-0-end", "cron(0 6 ? * SAT *)", 0],
            ["ocr-warm-1-begin", "cron(15 20 ? * SUN *)", 2],
            ["ocr-warm-1-end", "cron(0 0 ? * MON *)", 0],
        ]);
    });
    it("keeps whole days warm from the first to the last: no instance goes at midnight and has to start again", async () => {
        expect(await schedules(["sat-sun 00:00-00:00"])).to.have.deep.members([
            ["ocr-warm-0-begin", "cron(0 0 ? * SAT *)", 2],
            ["ocr-warm-0-end", "cron(0 0 ? * MON *)", 0],
        ]);
    });
    it("has no wake-up when an instance always runs", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, minCapacity: 1 }));
        expect(graphOf(deployment)).to.deep.equal([
            "aws:appautoscaling/policy:Policy ocr-backlog",
            "aws:appautoscaling/policy:Policy ocr-idle",
            "aws:appautoscaling/target:Target ocr-target",
            "aws:cloudwatch/metricAlarm:MetricAlarm ocr-idle",
        ]);
    });
    it("protects nothing: the engine must be able to take target and policies away before the hardware changes", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", args));
        expect(deployment.resources.flatMap(({ type, name }) => treatmentOf(deployment, type, name)["protect"] ?? [])).to.deep.equal([]);
    });
    it("deletes the target before it registers it again: in the other order a retried update leaves autoscaling off, unseen", async () => {
        const deployment = await deploy(() => void new Autoscaling("ocr", args));
        expect(treatmentOf(deployment, "aws:appautoscaling/target:Target", "ocr-target")).to.deep.equal({ deleteBeforeReplace: true });
    });
});
function query(id, namespace, metricName, stat, dimensions) {
    return { id, metric: { namespace, metricName, dimensions, period: 60, stat } };
}
