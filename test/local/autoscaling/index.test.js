import { expect } from "chai";
import fc from "fast-check";
import { alarmInputs, registerTarget, resourceId, stepPolicy, testCloud, trackingPolicy } from "../cloudwatch/cloud";
const alarmToken = "aws:cloudwatch/metricAlarm:MetricAlarm";
const oneMore = { adjustmentType: "ChangeInCapacity", stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }] };
describe("autoscaling of an endpoint", () => {
    let cloud;
    afterEach(() => cloud.close());
    /** Target, step policy and the alarm that wakes. */
    async function wakeable(alarmSettings = {}, policySettings = {}) {
        await registerTarget(cloud, 0, 5);
        const policy = await stepPolicy(cloud, "wake", { ...oneMore, ...policySettings });
        await cloud.create(alarmToken, "wake", alarmInputs({ alarmActions: [policy.state["arn"]], ...alarmSettings }));
    }
    /** Publishes the values, one a minute. */
    async function publish(metricName, values) {
        for (const value of values) {
            cloud.publish(metricName, value);
            await cloud.minutes(1);
        }
    }
    const times = (count, value) => new Array(count).fill(value);
    const second = 1 / 60;
    /** Minute and capacity of each change. */
    const changes = () => cloud.endpoint.changes.map(({ at, count }) => [at, count]);
    describe("with a step policy", () => {
        it("wakes from zero when two minutes in a row have a backlog and no instance", async () => {
            cloud = await testCloud();
            await wakeable();
            await publish("HasBacklogWithoutCapacity", [1, 0, 1, 1, 0]);
            expect(cloud.endpoint.changes).to.deep.equal([
                { at: 4 + second, count: 1, cause: "monitor alarm wake in state ALARM triggered policy wake" },
            ]);
        });
        it("sees the backlog as late as the service publishes it", async () => {
            cloud = await testCloud({ metricDelaySeconds: 120 });
            await wakeable();
            await publish("HasBacklogWithoutCapacity", [0, 0, 1, 1, 1, 1]);
            expect(changes()).to.deep.equal([[5 + second, 1]]);
        });
        it("adds an instance a cooldown for as long as the alarm lasts", async () => {
            cloud = await testCloud({ startupSeconds: 60 });
            await wakeable({}, { cooldown: 120 });
            await publish("HasBacklogWithoutCapacity", times(12, 1));
            // Fulfilled a minute after each decision; two minutes of cooldown begin only then.
            expect(changes()).to.deep.equal([
                [2 + second, 1],
                [5 + second, 2],
                [8 + second, 3],
                [11 + second, 4],
            ]);
        });
        it("goes further during the cooldown when the alarm asks for more, and counts what was added", async () => {
            cloud = await testCloud();
            await wakeable({ metricName: "ApproximateBacklogSize", evaluationPeriods: 1, datapointsToAlarm: 1 }, {
                cooldown: 600,
                stepAdjustments: [
                    { metricIntervalLowerBound: "0", metricIntervalUpperBound: "10", scalingAdjustment: 2 },
                    { metricIntervalLowerBound: "10", scalingAdjustment: 3 },
                ],
            });
            await publish("ApproximateBacklogSize", [5, 5, 20, 20, 5]);
            expect(changes()).to.deep.equal([
                [1 + second, 2],
                [3 + second, 3],
            ]);
        });
        it("does something else when the program's alarm has another threshold", async () => {
            const woken = [];
            for (const threshold of [3, 8]) {
                cloud = await testCloud();
                await wakeable({ metricName: "ApproximateBacklogSize", threshold });
                await publish("ApproximateBacklogSize", times(4, 5));
                woken.push(changes());
                await cloud.close();
            }
            expect(woken).to.deep.equal([[[2 + second, 1]], []]);
        });
        it("does nothing while the endpoint is busy with something else", async () => {
            cloud = await testCloud();
            await wakeable();
            cloud.endpoint.status = "Updating";
            await publish("HasBacklogWithoutCapacity", times(4, 1));
            cloud.endpoint.status = "InService";
            await publish("HasBacklogWithoutCapacity", [1]);
            expect(changes()).to.deep.equal([[4 + second, 1]]);
        });
        it("wakes again after a change that SageMaker took back", async () => {
            cloud = await testCloud({ startupSeconds: 3600 });
            await wakeable();
            await publish("HasBacklogWithoutCapacity", [1, 1]);
            cloud.publish("HasBacklogWithoutCapacity", 1);
            await cloud.minutes(0.5);
            cloud.endpoint.desired = 0;
            await cloud.minutes(1);
            expect(changes()).to.deep.equal([
                [2 + second, 1],
                [3 + second, 1],
            ]);
            expect(cloud.autoscaling.activities().map(({ statusCode, statusMessage }) => ({ statusCode, statusMessage }))).to.deep.equal([
                {
                    statusCode: "InProgress",
                    statusMessage: "Successfully set desired instance count to 1. Waiting for change to be fulfilled by sagemaker.",
                },
                { statusCode: "Overridden", statusMessage: "The desired instance count was set to 0 from outside." },
            ]);
        });
        for (const [direction, flag] of [
            ["out", "dynamicScalingOutSuspended"],
            ["in", "dynamicScalingInSuspended"],
        ]) {
            it(`does not scale ${direction} while that is suspended`, async () => {
                cloud = await testCloud({ instances: 2 });
                const scalingAdjustment = direction === "out" ? 1 : -1;
                await wakeable({}, { stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment }] });
                await cloud.create("aws:appautoscaling/target:Target", "target", {
                    serviceNamespace: "sagemaker",
                    resourceId,
                    scalableDimension: "sagemaker:variant:DesiredInstanceCount",
                    minCapacity: 0,
                    maxCapacity: 5,
                    suspendedState: { [flag]: true },
                });
                await publish("HasBacklogWithoutCapacity", times(4, 1));
                expect(changes()).to.deep.equal([]);
            });
        }
    });
    describe("with target tracking", () => {
        const metric = "ApproximateBacklogSizePerInstance";
        it("scales out after three minutes above the target, to as many instances as the backlog needs", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 10);
            await trackingPolicy(cloud, "backlog", { targetValue: 5 });
            await publish(metric, [20, 20, 20, 20]);
            expect(changes()).to.deep.equal([[3 + second, 4]]);
        });
        it("scales to zero after 15 zero datapoints", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 5);
            await trackingPolicy(cloud, "backlog", { targetValue: 5 });
            await publish(metric, [...times(3, 5), ...times(16, 0)]);
            expect(changes()).to.deep.equal([[18 + second, 0]]);
        });
        it("scales in a step a cooldown, and lets a scale-out end the cooldown", async () => {
            cloud = await testCloud({ instances: 4 });
            await registerTarget(cloud, 0, 10);
            await trackingPolicy(cloud, "backlog", { targetValue: 5, scaleInCooldown: 600, scaleOutCooldown: 60 });
            await publish(metric, [...times(20, 2.5), ...times(4, 20)]);
            expect(changes()).to.deep.equal([
                [15 + second, 2],
                [23 + second, 8],
            ]);
        });
        it("waits for the cooldown before it scales in again", async () => {
            cloud = await testCloud({ instances: 4 });
            await registerTarget(cloud, 0, 10);
            await trackingPolicy(cloud, "backlog", { targetValue: 5, scaleInCooldown: 600 });
            await publish(metric, times(30, 2.5));
            // Seen as done five seconds after the decision.
            expect(changes()).to.deep.equal([
                [15 + second, 2],
                [26 + second, 1],
            ]);
        });
        it("does not scale in on what it added itself during the scale-out's cooldown", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 10);
            await trackingPolicy(cloud, "backlog", { targetValue: 5, scaleOutCooldown: 3600 });
            await publish(metric, [...times(3, 10), ...times(20, 0)]);
            expect(changes()).to.deep.equal([[3 + second, 2]]);
        });
        it("leaves zero only in a cloud that reads the guide so, and only when more waits than the target", async () => {
            const course = async (trackingLeavesZero, values) => {
                cloud = await testCloud({ trackingLeavesZero });
                await registerTarget(cloud, 0, 10);
                await trackingPolicy(cloud, "backlog", { targetValue: 5 });
                await publish(metric, values);
                return changes();
            };
            expect(await course(false, times(20, 6))).to.deep.equal([]);
            expect(await course(true, times(20, 5))).to.deep.equal([]);
            expect(await course(true, times(20, 1))).to.deep.equal([]);
            expect(await course(true, times(4, 6))).to.deep.equal([[3 + second, 2]]);
        });
        it("never scales in when that is off, and then has no alarm for it", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 5);
            const policy = await trackingPolicy(cloud, "backlog", { targetValue: 5, disableScaleIn: true });
            await publish(metric, times(20, 0));
            expect([changes(), policy.state["alarmArns"].length]).to.deep.equal([[], 1]);
        });
        it("has the two alarms that Application Auto Scaling creates, under its names", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 5);
            const policy = await trackingPolicy(cloud, "backlog", { targetValue: 5 });
            const alarms = cloud.cloudWatch.alarms().map(({ arn, alarm }) => ({
                arn,
                name: alarm.alarmName.replace(/[0-9a-f-]{36}$/, "<uuid>"),
                is: [alarm.comparisonOperator, alarm.threshold, alarm.datapointsToAlarm, alarm.evaluationPeriods, alarm.treatMissingData],
                alarmActions: alarm.alarmActions,
            }));
            const alarmArns = policy.state["alarmArns"];
            expect(alarms).to.deep.equal([
                {
                    arn: alarmArns[0],
                    name: `TargetTracking-${resourceId}-AlarmHigh-<uuid>`,
                    is: ["GreaterThanThreshold", 5, 3, 3, "missing"],
                    alarmActions: [policy.state["arn"]],
                },
                {
                    arn: alarmArns[1],
                    name: `TargetTracking-${resourceId}-AlarmLow-<uuid>`,
                    is: ["LessThanThreshold", 4.5, 15, 15, "missing"],
                    alarmActions: [policy.state["arn"]],
                },
            ]);
            expect(policy.state["arn"]).to.match(/^arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:[0-9a-f-]{36}:resource\/sagemaker\/endpoint\/ocr\/variant\/AllTraffic:policyName\/backlog$/);
        });
        it("tracks metric math as well", async () => {
            cloud = await testCloud({ instances: 2 });
            await registerTarget(cloud, 0, 10);
            const dimensions = [{ name: "EndpointName", value: "ocr" }];
            await trackingPolicy(cloud, "backlog", {
                targetValue: 5,
                customizedMetricSpecification: {
                    metrics: [
                        {
                            id: "backlog",
                            metricStat: { metric: { namespace: "AWS/SageMaker", metricName: "ApproximateBacklogSize", dimensions }, stat: "Average" },
                            returnData: false,
                        },
                        { id: "each", expression: "backlog / 2" },
                    ],
                },
            });
            await publish("ApproximateBacklogSize", times(4, 20));
            expect(changes()).to.deep.equal([[3 + second, 4]]);
        });
    });
    describe("with several policies", () => {
        it("takes the largest capacity that any asks for", async () => {
            cloud = await testCloud({ instances: 1 });
            await registerTarget(cloud, 0, 10);
            const settings = { evaluationPeriods: 1, datapointsToAlarm: 1 };
            for (const scalingAdjustment of [2, 7, 4]) {
                const policy = await stepPolicy(cloud, `to ${scalingAdjustment}`, {
                    adjustmentType: "ExactCapacity",
                    stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment }],
                });
                await cloud.create(alarmToken, "wake", alarmInputs({ ...settings, name: `to ${scalingAdjustment}`, alarmActions: [policy.state["arn"]] }));
            }
            await publish("HasBacklogWithoutCapacity", [1, 0]);
            expect(changes()).to.deep.equal([[1 + second, 7]]);
        });
        it("does not scale in while another policy scales out, even when that is at the maximum", async () => {
            cloud = await testCloud({ instances: 5 });
            await wakeable({ evaluationPeriods: 1, datapointsToAlarm: 1 });
            const policy = await stepPolicy(cloud, "sleep", {
                adjustmentType: "ExactCapacity",
                stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: 0 }],
            });
            const idle = {
                name: "idle",
                metricName: "ApproximateBacklogSize",
                comparisonOperator: "LessThanThreshold",
                evaluationPeriods: 1,
                datapointsToAlarm: 1,
            };
            await cloud.create(alarmToken, "idle", alarmInputs({ ...idle, alarmActions: [policy.state["arn"]] }));
            cloud.publish("ApproximateBacklogSize", 0);
            cloud.publish("HasBacklogWithoutCapacity", 1);
            await cloud.minutes(1.5);
            expect(changes()).to.deep.equal([]);
        });
        it("scales in by tracking only when every tracked metric is low", async () => {
            cloud = await testCloud({ instances: 4 });
            await registerTarget(cloud, 0, 10);
            await trackingPolicy(cloud, "backlog", { targetValue: 5 });
            await trackingPolicy(cloud, "age", {
                targetValue: 60,
                customizedMetricSpecification: {
                    metricName: "ApproximateAgeOfOldestRequest",
                    namespace: "AWS/SageMaker",
                    statistic: "Maximum",
                    dimensions: [{ name: "EndpointName", value: "ocr" }],
                },
            });
            for (let minute = 0; minute < 40; minute++) {
                cloud.publish("ApproximateBacklogSizePerInstance", 0);
                cloud.publish("ApproximateAgeOfOldestRequest", minute < 20 ? 58 : 30);
                await cloud.minutes(1);
            }
            // Both want fewer from minute 35 on; the age still wants two.
            expect(changes()).to.deep.equal([[35 + second, 2]]);
        });
    });
    describe("when bounds change", () => {
        it("has as many instances as the raised minimum asks for, at once and without an alarm", async () => {
            cloud = await testCloud();
            await registerTarget(cloud, 0, 5);
            await registerTarget(cloud, 3, 5);
            expect(cloud.endpoint.changes).to.deep.equal([{ at: 0, count: 3, cause: "minimum capacity was set to 3" }]);
            await cloud.minutes(1);
            expect(cloud.autoscaling
                .activities(resourceId)
                .map(({ description, cause, statusCode, statusMessage }) => ({ description, cause, statusCode, statusMessage }))).to.deep.equal([
                {
                    description: "Setting desired instance count to 3.",
                    cause: "minimum capacity was set to 3",
                    statusCode: "Successful",
                    statusMessage: "Successfully set desired instance count to 3. Change successfully fulfilled by sagemaker.",
                },
            ]);
        });
        it("has no more instances than the lowered maximum allows", async () => {
            cloud = await testCloud({ instances: 4 });
            await registerTarget(cloud, 0, 2);
            expect(cloud.endpoint.changes).to.deep.equal([{ at: 0, count: 2, cause: "maximum capacity was set to 2" }]);
        });
        it("keeps the fleet when the endpoint is updating, as the service does: register again", async () => {
            cloud = await testCloud();
            await registerTarget(cloud, 0, 5);
            cloud.endpoint.status = "Updating";
            await registerTarget(cloud, 2, 5);
            cloud.endpoint.status = "InService";
            const before = changes();
            await registerTarget(cloud, 2, 5);
            expect([before, changes()]).to.deep.equal([[], [[0, 2]]]);
        });
        it("stays within the new bounds also while an earlier change is on its way", async () => {
            cloud = await testCloud({ startupSeconds: 600 });
            await wakeable({}, { cooldown: 60 });
            await publish("HasBacklogWithoutCapacity", [1, 1, 1]);
            await registerTarget(cloud, 2, 5);
            await publish("HasBacklogWithoutCapacity", [1, 1, 1]);
            expect(changes()).to.deep.equal([
                [2 + second, 1],
                [3, 2],
                [3 + second, 3],
            ]);
        });
    });
    it("can't be registered for what does not exist or is not in service", async () => {
        cloud = await testCloud();
        const key = {
            serviceNamespace: "sagemaker",
            scalableDimension: "sagemaker:variant:DesiredInstanceCount",
            minCapacity: 0,
            maxCapacity: 1,
        };
        const register = (id, settings = {}) => cloud
            .create("aws:appautoscaling/target:Target", "target", { ...key, resourceId: id, ...settings })
            .catch((error) => error.message);
        cloud.endpoint.status = "Creating";
        const messages = [
            await register("endpoint/other/variant/AllTraffic"),
            await register(resourceId),
            await register("table/jobs"),
            await register(resourceId, { minCapacity: -1 }),
        ];
        cloud.endpoint.status = "InService";
        messages.push(await register(resourceId, { minCapacity: 2 }));
        expect(messages).to.deep.equal([
            "SageMaker endpoint variant does not exist: endpoint/other/variant/AllTraffic",
            "SageMaker endpoint ocr is not in service: its status is Creating.",
            'aws:appautoscaling/target:Target "target": resourceId: must be endpoint/<endpoint>/variant/<variant>',
            'aws:appautoscaling/target:Target "target": minCapacity: Too small: expected number to be >=0',
            "Maximum capacity cannot be less than minimum capacity: got 2 to 1.",
        ]);
        expect(cloud.autoscaling.isRegistered("ocr", "AllTraffic")).to.equal(false);
    });
    it("refuses a metric that asynchronous endpoints never publish", async () => {
        cloud = await testCloud({ instances: 1 });
        await registerTarget(cloud, 0, 5);
        const error = await trackingPolicy(cloud, "usual", {
            targetValue: 5,
            customizedMetricSpecification: undefined,
            predefinedMetricSpecification: { predefinedMetricType: "SageMakerVariantInvocationsPerInstance" },
        }).catch((reason) => reason);
        expect(error.message).to.equal('aws:appautoscaling/policy:Policy "usual": targetTrackingScalingPolicyConfiguration.predefinedMetricSpecification: ' +
            "SageMakerVariantInvocationsPerInstance is not published for asynchronous endpoints; " +
            "use customizedMetricSpecification, for example with ApproximateBacklogSizePerInstance");
    });
    it("ends with its endpoint: target, policies and alarms are gone", async () => {
        cloud = await testCloud({ instances: 1 });
        await registerTarget(cloud, 0, 5);
        await trackingPolicy(cloud, "backlog", { targetValue: 5 });
        const before = cloud.autoscaling.isRegistered("ocr", "AllTraffic");
        cloud.autoscaling.forget("another");
        cloud.autoscaling.forget("ocr");
        expect([
            before,
            cloud.autoscaling.isRegistered("ocr", "AllTraffic"),
            cloud.autoscaling.targets(),
            cloud.cloudWatch.alarms(),
        ]).to.deep.equal([true, false, [], []]);
    });
    it("stays between its bounds whatever is published", async () => {
        await fc.assert(fc.asyncProperty(fc.nat({ max: 3 }), fc.nat({ max: 4 }), fc.nat({ max: 10 }), fc.array(fc.tuple(fc.nat({ max: 40 }), fc.boolean(), fc.constantFrom(1, 3, 17)), { minLength: 1, maxLength: 12 }), async (minCapacity, more, instances, load) => {
            cloud = await testCloud({ instances, startupSeconds: 90, metricDelaySeconds: 60 });
            const maxCapacity = minCapacity + more;
            await registerTarget(cloud, minCapacity, maxCapacity);
            await trackingPolicy(cloud, "backlog", { targetValue: 5, scaleInCooldown: 60, scaleOutCooldown: 60 });
            const policy = await stepPolicy(cloud, "wake", { ...oneMore, cooldown: 60 });
            await cloud.create(alarmToken, "wake", alarmInputs({ alarmActions: [policy.state["arn"]] }));
            for (const [backlog, waiting, minutes] of load) {
                for (let minute = 0; minute < minutes; minute++) {
                    cloud.publish("ApproximateBacklogSizePerInstance", backlog);
                    cloud.publish("HasBacklogWithoutCapacity", waiting ? 1 : 0);
                    await cloud.minutes(1);
                }
            }
            for (const { count } of cloud.endpoint.changes)
                expect(count).to.be.within(minCapacity, maxCapacity);
            expect(cloud.endpoint.desired).to.be.within(minCapacity, maxCapacity);
            await cloud.close();
        }), { numRuns: 30 });
    });
});
