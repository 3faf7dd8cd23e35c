import { cbor, dateToTag } from "@smithy/core/cbor";
import { expect } from "chai";
import { Front } from "../../../local/front";
import { alarmInputs, start, testCloud, type TestCloud } from "./cloud";

type Call = (operation: string, input: Record<string, unknown>) => Promise<{ status: number; body: Record<string, unknown> }>;

describe("CloudWatch's API", () => {
  let cloud: TestCloud;
  let front: Front;
  let url: string;

  beforeEach(async () => {
    cloud = await testCloud();
    front = new Front();
    front.add(cloud.cloudWatch);
    url = `http://127.0.0.1:${await front.listen(0)}`;
  });
  afterEach(async () => {
    await front.close();
    await cloud.close();
  });

  const authorization = "AWS4-HMAC-SHA256 Credential=test/20260105/us-east-1/monitoring/aws4_request, SignedHeaders=host, Signature=0";

  const overCbor: Call = async (operation, input) => {
    const dated = Object.fromEntries(Object.entries(input).map(([key, value]) => [key, value instanceof Date ? dateToTag(value) : value]));
    const response = await fetch(`${url}/service/GraniteServiceVersion20100801/operation/${operation}`, {
      method: "POST",
      headers: { authorization, "smithy-protocol": "rpc-v2-cbor", "content-type": "application/cbor" },
      body: new Uint8Array(cbor.serialize(dated)),
    });
    return { status: response.status, body: cbor.deserialize(new Uint8Array(await response.arrayBuffer())) as Record<string, unknown> };
  };
  const overJson: Call = async (operation, input) => {
    const dated = Object.fromEntries(
      Object.entries(input).map(([key, value]) => [key, value instanceof Date ? value.getTime() / 1000 : value]),
    );
    const response = await fetch(url, {
      method: "POST",
      headers: {
        authorization,
        "x-amz-target": `GraniteServiceVersion20100801.${operation}`,
        "content-type": "application/x-amz-json-1.0",
      },
      body: JSON.stringify(dated),
    });
    return { status: response.status, body: (await response.json()) as Record<string, unknown> };
  };
  /** Seconds since the epoch, from a tag or as they are. */
  const secondsOf = (value: unknown) => (typeof value === "number" ? value : (value as { value: number }).value);

  const Dimensions = [{ Name: "EndpointName", Value: "ocr" }];
  const range = { StartTime: new Date(start), EndTime: new Date(start + 120_000) };

  for (const [protocol, call] of [
    ["RPC v2 CBOR", overCbor],
    ["AWS JSON", overJson],
  ] as const) {
    it(`takes and gives datapoints over ${protocol}`, async () => {
      await call("PutMetricData", {
        Namespace: "Jobs",
        MetricData: [
          { MetricName: "Open", Dimensions, Values: [1, 4], Counts: [3, 1], Unit: "Count" },
          { MetricName: "Open", Dimensions, Timestamp: start / 1000 + 60, Value: 9, Unit: "Count" },
        ],
      });
      const statistics = await call("GetMetricStatistics", {
        Namespace: "Jobs",
        MetricName: "Open",
        Dimensions,
        ...range,
        Period: 60,
        Statistics: ["Sum", "SampleCount"],
        ExtendedStatistics: ["p50"],
      });
      const datapoints = (statistics.body["Datapoints"] as Record<string, unknown>[]).map((point) => ({
        ...point,
        Timestamp: secondsOf(point["Timestamp"]),
      }));
      expect([statistics.status, statistics.body["Label"], datapoints]).to.deep.equal([
        200,
        "Open",
        [
          { Timestamp: start / 1000, Sum: 7, SampleCount: 4, ExtendedStatistics: { p50: 1 } },
          { Timestamp: start / 1000 + 60, Sum: 9, SampleCount: 1, ExtendedStatistics: { p50: 9 } },
        ],
      ]);
      const { body } = await call("GetMetricData", {
        ...range,
        MetricDataQueries: [
          {
            Id: "open",
            MetricStat: { Metric: { Namespace: "Jobs", MetricName: "Open", Dimensions }, Period: 60, Stat: "Maximum" },
            ReturnData: false,
          },
          { Id: "twice", Expression: "open * 2" },
        ],
      });
      const [result] = body["MetricDataResults"] as Record<string, unknown>[];
      expect({ ...result, Timestamps: (result?.["Timestamps"] as unknown[]).map(secondsOf) }).to.deep.equal({
        Id: "twice",
        Label: "twice",
        Timestamps: [start / 1000 + 60, start / 1000],
        Values: [18, 8],
        StatusCode: "Complete",
      });
      expect((await call("ListMetrics", { Namespace: "Jobs" })).body).to.deep.equal({
        Metrics: [{ Namespace: "Jobs", MetricName: "Open", Dimensions }],
      });
      expect(await call("ListMetrics", { Namespace: "Others" })).to.deep.equal({ status: 200, body: { Metrics: [] } });
    });
  }

  it("tells what alarms there are and where they stand", async () => {
    await cloud.create("aws:cloudwatch/metricAlarm:MetricAlarm", "wake", alarmInputs());
    const { body } = await overJson("DescribeAlarms", { AlarmNamePrefix: "wa", StateValue: "INSUFFICIENT_DATA" });
    expect(body).to.deep.equal({
      MetricAlarms: [
        {
          AlarmName: "wake",
          AlarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:wake",
          AlarmConfigurationUpdatedTimestamp: start / 1000,
          ActionsEnabled: true,
          OKActions: [],
          AlarmActions: [],
          InsufficientDataActions: [],
          StateValue: "INSUFFICIENT_DATA",
          StateReason: "Unchecked: Initial alarm creation",
          StateUpdatedTimestamp: start / 1000,
          EvaluationPeriods: 2,
          DatapointsToAlarm: 2,
          Threshold: 1,
          ComparisonOperator: "GreaterThanOrEqualToThreshold",
          TreatMissingData: "missing",
          Namespace: "AWS/SageMaker",
          MetricName: "HasBacklogWithoutCapacity",
          Dimensions,
          Statistic: "Average",
          Period: 60,
        },
      ],
      CompositeAlarms: [],
    });
    expect((await overJson("DescribeAlarms", { AlarmNames: ["another"] })).body).to.deep.equal({ MetricAlarms: [], CompositeAlarms: [] });
  });

  it("refuses what it can't do, in the protocol of the caller", async () => {
    expect(await overCbor("PutMetricAlarm", {})).to.deep.equal({
      status: 501,
      body: { __type: "NotImplemented", message: "The embedded cloud does not support the operation PutMetricAlarm of CloudWatch." },
    });
    const datum = { MetricName: "Open", StatisticValues: { SampleCount: 1, Sum: 1, Minimum: 1, Maximum: 1 } };
    expect(await overJson("PutMetricData", { Namespace: "Jobs", MetricData: [datum] })).to.deep.equal({
      status: 400,
      body: { __type: "InvalidParameterValue", message: "MetricData.0.StatisticValues: not supported by the embedded cloud" },
    });
    expect(
      (await overJson("GetMetricData", { ...range, MetricDataQueries: [{ Id: "e1", Expression: "SEARCH('x')" }] })).body,
    ).to.deep.equal({ __type: "ValidationError", message: "metric queries need at least one metric" });
  });
});
