import { expect } from "chai";
import { alarm, alarmInputs, start, testCloud } from "./cloud";
const token = "aws:cloudwatch/metricAlarm:MetricAlarm";
const topicArn = "arn:aws:sns:us-east-1:000000000000:ops";
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:page";
const at = (minutes, seconds = 0) => new Date(start + minutes * 60_000 + seconds * 1000).toISOString().replace("Z", "+0000");
describe("an alarm", () => {
    let cloud;
    afterEach(() => cloud.close());
    it("tells its topic once of a change, in the message that CloudWatch sends", async () => {
        cloud = await testCloud();
        await cloud.create(token, "wake", alarmInputs({ alarmDescription: "Requests wait.", alarmActions: [topicArn] }));
        for (let minute = 0; minute < 5; minute++) {
            cloud.publish("HasBacklogWithoutCapacity", 1);
            await cloud.minutes(1);
        }
        expect(cloud.delivered).to.deep.equal([
            {
                arn: topicArn,
                subject: 'ALARM: "wake" in us-east-1',
                payload: {
                    AlarmName: "wake",
                    AlarmDescription: "Requests wait.",
                    AWSAccountId: "000000000000",
                    AlarmConfigurationUpdatedTimestamp: at(0),
                    NewStateValue: "ALARM",
                    NewStateReason: "Threshold Crossed: 2 out of the last 2 datapoints [1.0 (05/01/26 00:00:00), 1.0 (05/01/26 00:01:00)] were greater than or equal " +
                        "to the threshold (1.0) (minimum 2 datapoints for OK -> ALARM transition).",
                    StateChangeTime: at(2, 1),
                    Region: "us-east-1",
                    AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:wake",
                    OldStateValue: "OK",
                    OKActions: [],
                    AlarmActions: [topicArn],
                    InsufficientDataActions: [],
                    Trigger: {
                        MetricName: "HasBacklogWithoutCapacity",
                        Namespace: "AWS/SageMaker",
                        StatisticType: "Statistic",
                        Statistic: "AVERAGE",
                        Unit: null,
                        Dimensions: [{ name: "EndpointName", value: "ocr" }],
                        Period: 60,
                        EvaluationPeriods: 2,
                        DatapointsToAlarm: 2,
                        ComparisonOperator: "GreaterThanOrEqualToThreshold",
                        Threshold: 1,
                        TreatMissingData: "missing",
                        EvaluateLowSampleCountPercentile: "",
                    },
                },
            },
        ]);
    });
    it("invokes its function with the event that CloudWatch sends", async () => {
        cloud = await testCloud();
        await cloud.create(token, "wake", alarmInputs({ evaluationPeriods: 1, datapointsToAlarm: 1, alarmActions: [functionArn] }));
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(2);
        expect(cloud.delivered).to.deep.equal([
            {
                arn: functionArn,
                payload: {
                    source: "aws.cloudwatch",
                    alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:wake",
                    accountId: "000000000000",
                    time: at(1, 1),
                    region: "us-east-1",
                    alarmData: {
                        alarmName: "wake",
                        state: {
                            value: "ALARM",
                            reason: "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (05/01/26 00:00:00)] was greater than or equal to the threshold (1.0) " +
                                "(minimum 1 datapoint for INSUFFICIENT_DATA -> ALARM transition).",
                            reasonData: JSON.stringify({
                                version: "1.0",
                                queryDate: at(1, 1),
                                startDate: at(0),
                                statistic: "Average",
                                period: 60,
                                recentDatapoints: [1],
                                threshold: 1,
                                evaluatedDatapoints: [{ timestamp: at(0), value: 1 }],
                            }),
                            timestamp: at(1, 1),
                        },
                        previousState: { value: "INSUFFICIENT_DATA", reason: "Unchecked: Initial alarm creation", timestamp: at(0) },
                        configuration: {
                            metrics: [
                                {
                                    id: "m1",
                                    metricStat: {
                                        metric: { namespace: "AWS/SageMaker", name: "HasBacklogWithoutCapacity", dimensions: { EndpointName: "ocr" } },
                                        period: 60,
                                        stat: "Average",
                                    },
                                    returnData: true,
                                },
                            ],
                        },
                    },
                },
            },
        ]);
    });
    it("says when it is over, and when it no longer knows", async () => {
        cloud = await testCloud();
        const actions = { alarmActions: [topicArn], okActions: [topicArn], insufficientDataActions: [topicArn] };
        await cloud.create(token, "wake", alarmInputs({ evaluationPeriods: 1, datapointsToAlarm: 1, ...actions }));
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(1);
        cloud.publish("HasBacklogWithoutCapacity", 0);
        await cloud.minutes(6);
        expect(cloud.events).to.deep.equal([
            {
                kind: "alarm",
                alarmName: "wake",
                state: "ALARM",
                reason: "Threshold Crossed: 1 out of the last 1 datapoints [1.0 (05/01/26 00:00:00)] was greater than or equal to the threshold (1.0) " +
                    "(minimum 1 datapoint for INSUFFICIENT_DATA -> ALARM transition).",
            },
            {
                kind: "alarm",
                alarmName: "wake",
                state: "OK",
                reason: "Threshold Crossed: 1 out of the last 1 datapoints [0.0 (05/01/26 00:01:00)] was not greater than or equal to the threshold (1.0) " +
                    "(minimum 1 datapoint for ALARM -> OK transition).",
            },
            { kind: "alarm", alarmName: "wake", state: "INSUFFICIENT_DATA", reason: "Insufficient Data: 1 datapoint was unknown." },
        ]);
        expect(cloud.delivered.map(({ subject }) => subject)).to.deep.equal(["ALARM", "OK", "INSUFFICIENT_DATA"].map((state) => `${state}: "wake" in us-east-1`));
    });
    it("changes its state without a word while its actions are off", async () => {
        cloud = await testCloud();
        await cloud.create(token, "wake", alarmInputs({ evaluationPeriods: 1, datapointsToAlarm: 1, actionsEnabled: false, alarmActions: [topicArn] }));
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(2);
        expect([cloud.cloudWatch.alarm("wake")?.state, cloud.delivered]).to.deep.equal(["ALARM", []]);
    });
    it("looks at each minute's last five when its period is five minutes", async () => {
        cloud = await testCloud();
        const settings = {
            period: 300,
            statistic: "Sum",
            evaluationPeriods: 1,
            datapointsToAlarm: 1,
            threshold: 3,
            treatMissingData: "notBreaching",
        };
        await cloud.create(token, "wake", alarmInputs(settings));
        const states = [];
        for (const value of [1, 1, 1, 0, 0, 0]) {
            cloud.publish("HasBacklogWithoutCapacity", value);
            await cloud.minutes(1);
            await cloud.clock.advance(1000);
            states.push(cloud.cloudWatch.alarm("wake")?.state);
        }
        expect(states).to.deep.equal(["OK", "OK", "ALARM", "ALARM", "ALARM", "OK"]);
    });
    it("follows metric math over several metrics", async () => {
        cloud = await testCloud();
        const metric = (metricName) => ({
            metric: { metricName, namespace: "AWS/SageMaker", period: 60, stat: "Average", dimensions: { EndpointName: "ocr" } },
        });
        const { name, comparisonOperator, threshold } = alarmInputs();
        await cloud.create(token, "wake", {
            name,
            comparisonOperator,
            threshold,
            evaluationPeriods: 1,
            metricQueries: [
                { id: "result", expression: "idle * backlog", label: "to wake for", returnData: true },
                { id: "idle", expression: "IF(wake > 0, 1, 0)" },
                { id: "wake", ...metric("HasBacklogWithoutCapacity") },
                { id: "backlog", ...metric("ApproximateBacklogSize") },
            ],
        });
        cloud.publish("HasBacklogWithoutCapacity", 1);
        cloud.publish("ApproximateBacklogSize", 7);
        await cloud.minutes(1.5);
        const { state, datapoints } = cloud.cloudWatch.alarm("wake") ?? {};
        expect({ state, datapoints }).to.deep.equal({ state: "ALARM", datapoints: [7] });
    });
    it("keeps its state when only its settings change", async () => {
        cloud = await testCloud();
        cloud.cloudWatch.putMetricAlarm(alarm());
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(1.5);
        expect(cloud.cloudWatch.putMetricAlarm(alarm({ threshold: 100 })).state).to.equal("ALARM");
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(1);
        expect(cloud.cloudWatch.alarms().map(({ arn, state }) => ({ arn, state }))).to.deep.equal([
            { arn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:alarm", state: "OK" },
        ]);
    });
    it("says what went wrong when an action fails", async () => {
        cloud = await testCloud();
        const arn = "arn:aws:autoscaling:us-east-1:000000000000:scalingPolicy:0:resource/sagemaker/endpoint/a/variant/b:policyName/gone";
        cloud.cloudWatch.putMetricAlarm(alarm({ alarmActions: [arn] }));
        cloud.publish("HasBacklogWithoutCapacity", 1);
        await cloud.minutes(1.5);
        expect(cloud.events.filter(({ kind }) => kind === "warning")).to.deep.equal([
            { kind: "warning", message: `Alarm alarm could not carry out its action ${arn}: there is no scaling policy ${arn}` },
        ]);
    });
    it("has the outputs that the provider gives it", async () => {
        cloud = await testCloud();
        const inputs = alarmInputs({ tags: { team: "ocr" } });
        expect(await cloud.create(token, "wake", inputs)).to.deep.equal({
            id: "wake",
            state: {
                ...inputs,
                actionsEnabled: true,
                alarmActions: [],
                okActions: [],
                insufficientDataActions: [],
                arn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:wake",
                region: "us-east-1",
                tagsAll: { team: "ocr" },
            },
        });
    });
    const math = (queries) => ({
        metricName: undefined,
        namespace: undefined,
        dimensions: undefined,
        statistic: undefined,
        period: undefined,
        metricQueries: queries,
    });
    const m1 = { id: "m1", metric: { metricName: "Errors", namespace: "Jobs", period: 60, stat: "Sum" } };
    const refused = [
        [
            "an action that leads nowhere here",
            { alarmActions: ["arn:aws:automate:us-east-1:ec2:stop"] },
            'the action "arn:aws:automate:us-east-1:ec2:stop" is not supported by the embedded cloud; use the ARN of a topic, of a function or of a scaling policy for an endpoint',
        ],
        ["high resolution", { period: 10 }, "period: 10 is not supported by the embedded cloud; use a multiple of 60 seconds"],
        ["a property it does not know", { evaluationInterval: 10 }, "evaluationInterval: not supported by the embedded cloud"],
        ["anomaly detection", { thresholdMetricId: "ad1" }, "thresholdMetricId: not supported by the embedded cloud"],
        [
            "a trimmed mean",
            { statistic: undefined, extendedStatistic: "tm90" },
            'metric query "m1": the statistic tm90 is not supported by the embedded cloud; use Average, Sum, Minimum, Maximum, SampleCount or pNN',
        ],
        ["more datapoints than periods", { datapointsToAlarm: 3 }, "datapointsToAlarm: got 3, accepts 1 to evaluationPeriods (2)"],
        [
            "more than a day",
            { period: 300, evaluationPeriods: 289, datapointsToAlarm: 1 },
            "evaluationPeriods × period: got 86700 s, accepts at most 86400 s",
        ],
        [
            "no metric",
            { metricName: undefined, statistic: undefined },
            "metricName, statistic or extendedStatistic: required without metricQueries",
        ],
        [
            "math beside a metric",
            { metricQueries: [{ ...m1, returnData: true }] },
            "metricQueries can't be combined with metricName, namespace, period, statistic, dimensions",
        ],
        ["math without a result", math([m1]), "exactly one metric query must have returnData, got 0"],
        [
            "math that can't be evaluated",
            math([m1, { id: "e1", expression: "RATE(m1)", returnData: true }]),
            'metric query "e1": the function RATE is not supported by the embedded cloud',
        ],
        [
            "math over what is not there",
            math([m1, { id: "e1", expression: "m1 + m2", returnData: true }]),
            'metric query "e1": "m2" is no id of a metric or of an expression',
        ],
        [
            "math in a circle",
            math([m1, { id: "e1", expression: "e2 + m1", returnData: true }, { id: "e2", expression: "e1 + 1" }]),
            'metric query "e1" refers to itself: e1 -> e2 -> e1',
        ],
        [
            "metrics of different periods",
            math([
                { ...m1, returnData: true },
                { id: "m2", metric: { ...m1.metric, period: 120 } },
            ]),
            "every metric must have the same period, got 60, 120",
        ],
    ];
    for (const [what, inputs, message] of refused) {
        it(`is refused at creation with ${what}, not silently never firing`, async () => {
            cloud = await testCloud();
            const defined = Object.fromEntries(Object.entries({ ...alarmInputs(), ...inputs }).filter(([, value]) => value !== undefined));
            const error = await cloud.create(token, "wake", defined).catch((reason) => reason);
            expect(error.message).to.equal(`${token} "wake": ${message}`);
        });
    }
});
