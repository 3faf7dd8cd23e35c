import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DeleteDashboardsCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  EnableAlarmActionsCommand,
  GetDashboardCommand,
  GetMetricDataCommand,
  GetMetricStatisticsCommand,
  ListDashboardsCommand,
  ListMetricsCommand,
  ListTagsForResourceCommand,
  PutDashboardCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  TagResourceCommand,
  UntagResourceCommand,
  paginateDescribeAlarmHistory,
  type AlarmHistoryItem,
  type DescribeAlarmsCommandInput,
  type StateValue,
} from "@aws-sdk/client-cloudwatch";
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
          { Timestamp: start / 1000, Sum: 7, SampleCount: 4, ExtendedStatistics: { p50: 1 }, Unit: "Count" },
          { Timestamp: start / 1000 + 60, Sum: 9, SampleCount: 1, ExtendedStatistics: { p50: 9 }, Unit: "Count" },
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
          StateTransitionedTimestamp: start / 1000,
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

  describe("for the SDK", () => {
    let client: CloudWatchClient;
    beforeEach(
      () =>
        (client = new CloudWatchClient({
          region: "us-east-1",
          endpoint: url,
          credentials: { accessKeyId: "test", secretAccessKey: "test" },
          maxAttempts: 1,
        })),
    );
    afterEach(() => client.destroy());

    it("takes data that the client compresses because they are many", async () => {
      const MetricData = Array.from({ length: 300 }, (_, index) => ({
        MetricName: "Open",
        Dimensions: [{ Name: "Shard", Value: `a-name-that-fills-the-request-${index}` }],
        Value: index,
        Timestamp: new Date(start),
      }));
      let encoding: unknown;
      client.middlewareStack.add(
        (next) => (args) => {
          encoding = (args.request as { headers: Record<string, string> }).headers["content-encoding"];
          return next(args);
        },
        { step: "finalizeRequest", priority: "low" },
      );
      await client.send(new PutMetricDataCommand({ Namespace: "Jobs", MetricData }));
      expect(encoding).to.equal("gzip");

      const { Metrics } = await client.send(new ListMetricsCommand({ Namespace: "Jobs" }));
      expect(Metrics).to.have.length(300);
      const { Datapoints } = await client.send(
        new GetMetricStatisticsCommand({
          Namespace: "Jobs",
          MetricName: "Open",
          Dimensions: MetricData[299]?.Dimensions,
          ...range,
          Period: 60,
          Statistics: ["Sum"],
        }),
      );
      expect(Datapoints).to.deep.equal([{ Timestamp: new Date(start), Sum: 299, Unit: "None" }]);
    });

    const refusal = async (sent: Promise<unknown>) => {
      const { name, message, $metadata } = (await sent.catch((error: unknown) => error)) as Error & {
        $metadata: { httpStatusCode: number };
      };
      return `${$metadata.httpStatusCode} ${name}: ${message}`;
    };
    const rule = { EvaluationPeriods: 1, Threshold: 1, ComparisonOperator: "GreaterThanOrEqualToThreshold" } as const;
    const one = { MetricName: "Open", Namespace: "Jobs", Dimensions, Statistic: "Sum", Period: 60 } as const;
    const described = async (AlarmName: string) => {
      const { MetricAlarms: [alarm] = [] } = await client.send(new DescribeAlarmsCommand({ AlarmNames: [AlarmName] }));
      const { AlarmArn: _a, StateReason: _b, ...shown } = alarm ?? {};
      return Object.fromEntries(Object.entries(shown).filter(([name]) => !/^State|Timestamp$/.test(name)));
    };

    const hour = 3_600_000;
    const twoWeeks = 14 * 24 * hour;
    const put = (data: object, Namespace = "Jobs") =>
      client.send(new PutMetricDataCommand({ Namespace, MetricData: [{ MetricName: "Open", Value: 1, ...data }] }));
    const asked = (input: object) =>
      client.send(
        new GetMetricStatisticsCommand({ Namespace: "Jobs", MetricName: "Open", ...range, Period: 60, Statistics: ["Sum"], ...input }),
      );
    const query = (period: number, more: object = {}) => ({
      Id: "open",
      MetricStat: { Metric: { Namespace: "Jobs", MetricName: "Open" }, Period: period, Stat: "Sum" },
      ...more,
    });
    const data = (input: object) => client.send(new GetMetricDataCommand({ MetricDataQueries: [query(60)], ...range, ...input }));

    it("refuses data that CloudWatch refuses: a program would publish it in vain on AWS", async () => {
      await put({ Timestamp: new Date(start - twoWeeks) });
      await put({ Timestamp: new Date(start + 2 * hour) });
      const at = "MetricData.member.1";
      const long = "x".repeat(256);
      const dimensionsOf = (count: number) => Array.from({ length: count }, (_, index) => ({ Name: `d${index}`, Value: "v" }));
      await put({ Dimensions: dimensionsOf(30) });
      const refused = "400 InvalidParameterValueException:";
      expect([
        await refusal(put({ Timestamp: new Date(start - twoWeeks - 1) })),
        await refusal(put({ Timestamp: new Date(start + 2 * hour + 1) })),
        await refusal(put({ Dimensions: dimensionsOf(31) })),
        await refusal(put({ Dimensions: [{ Name: "d", Value: " " }] })),
        await refusal(put({ Dimensions: [{ Name: long, Value: "é" }] })),
        await refusal(put({ Value: NaN, Unit: "Jobs" })),
        await refusal(put({ Value: undefined })),
        await refusal(put({ Values: [1] })),
        await refusal(put({ Value: undefined, Values: [1, 2], Counts: [1] })),
        await refusal(put({ Value: undefined, Values: Array.from({ length: 151 }, (_, index) => index) })),
        await refusal(put({}, "AWS/SageMaker")),
      ]).to.deep.equal([
        `${refused} The parameter ${at}.Timestamp must specify a time within the past two weeks.`,
        `${refused} The parameter ${at}.Timestamp must specify a time no more than two hours in the future.`,
        `${refused} The collection ${at}.Dimensions must not have a size greater than 30.`,
        `400 MissingRequiredParameterException: The parameter ${at}.Dimensions.member.1.Value is required.`,
        `${refused} The parameter ${at}.Dimensions.member.1.Name must be shorter than 256 characters.\n` +
          `The value for parameter ${at}.Dimensions.member.1.Value contains non-ASCII characters.`,
        `${refused} The value Jobs for parameter ${at}.Unit is invalid.\nThe value NaN for parameter ${at}.Value is invalid.`,
        `400 MissingRequiredParameterException: The parameter ${at}.Value is required.`,
        `400 InvalidParameterCombinationException: The parameters ${at}.Value and ${at}.Values are mutually exclusive and you have specified both.`,
        `${refused} The parameters ${at}.Values and ${at}.Counts must be of the same size.`,
        `${refused} The collection ${at}.Values must not have a size greater than 150.`,
        `${refused} The value AWS/SageMaker for parameter Namespace is invalid.`,
      ]);
    });

    it("refuses questions that CloudWatch refuses: a dashboard would stay empty on AWS", async () => {
      const at = (minutes: number) => new Date(start + minutes * 60_000);
      const [backwards, empty] = [
        { StartTime: at(2), EndTime: at(1) },
        { StartTime: at(1), EndTime: at(1) },
      ];
      const statistics = "400 InvalidParameterValueException: The parameter";
      const set = "must be a value in the set [ 1, 5, 10, 20, 30 ] or a multiple of 60.";
      expect([
        await refusal(asked(backwards)),
        await refusal(asked(empty)),
        await refusal(asked({ Period: 90 })),
        await refusal(asked({ Period: 0 })),
        await refusal(asked({ Statistics: undefined })),
        await refusal(asked({ EndTime: at(1441) })),
        await refusal(data(backwards)),
        await refusal(data(empty)),
        await refusal(data({ MetricDataQueries: [query(61)] })),
        await refusal(data({ MetricDataQueries: [query(60), query(60)] })),
        await refusal(data({ MetricDataQueries: [query(60, { Expression: "1" })] })),
        await refusal(data({ MetricDataQueries: [query(60, { Id: "Open" })] })),
      ]).to.deep.equal([
        `${statistics} StartTime must be less than the parameter EndTime.`,
        `${statistics} StartTime must not equal parameter EndTime.`,
        `${statistics} Period ${set}`,
        `${statistics} Period ${set}`,
        "400 InvalidParameterCombinationException: Must specify either Statistics or ExtendedStatistics",
        "400 InvalidParameterCombinationException: You have requested up to 1,441 datapoints, which exceeds the limit of 1,440. " +
          "You may reduce the datapoints requested by increasing Period, or decreasing the time range.",
        "400 ValidationException: The parameter EndTime must be greater than StartTime.",
        "400 ValidationException: The parameter StartTime must not equal parameter EndTime.",
        `400 ValidationException: The parameter MetricDataQueries.member.1.MetricStat.Period ${set}`,
        "400 ValidationException: The values for parameter id in MetricDataQueries are not unique.",
        "400 ValidationException: The parameters MetricDataQueries.member.1.Expression and MetricDataQueries.member.1.MetricStat are mutually " +
          "exclusive and you have specified both.",
        "400 ValidationException: The value Open for parameter MetricDataQueries.member.1.Id is invalid.",
      ]);
    });

    it("counts periods from the question's start to its end, and tells units apart, as CloudWatch does", async () => {
      const minute = (index: number) => new Date(start + index * 60_000);
      for (let index = 0; index < 10; index++) await put({ Timestamp: minute(index), Value: 1 });
      await put({ Timestamp: minute(4), Value: 100, Unit: "Count" });
      // From 00:03:30, which is rounded to 00:03, to 00:09: what is from 00:09 on belongs to no period.
      const time = { StartTime: new Date(start + 210_000), EndTime: minute(9) };
      const { Datapoints } = await asked({ ...time, Period: 300 });
      const { MetricDataResults } = await data({ ...time, MetricDataQueries: [query(300)], ScanBy: "TimestampAscending" });
      const ofTenSeconds = await asked({ StartTime: minute(0), EndTime: minute(2), Period: 10 });

      expect([
        Datapoints,
        MetricDataResults?.map(({ Timestamps, Values }) => ({ Timestamps, Values })),
        ofTenSeconds.Datapoints,
      ]).to.deep.equal([
        [
          { Timestamp: minute(3), Sum: 5, Unit: "None" },
          { Timestamp: minute(3), Sum: 100, Unit: "Count" },
          { Timestamp: minute(8), Sum: 1, Unit: "None" },
        ],
        [{ Timestamps: [minute(3), minute(8)], Values: [105, 1] }],
        [
          { Timestamp: minute(0), Sum: 1, Unit: "None" },
          { Timestamp: minute(1), Sum: 1, Unit: "None" },
        ],
      ]);
    });

    it("takes sums that a program made itself, whose percentiles nobody knows, and lists what is recent", async () => {
      const set = (SampleCount: number, Sum: number, Minimum: number, Maximum: number) => ({
        Value: undefined,
        StatisticValues: { SampleCount, Sum, Minimum, Maximum },
      });
      await put({ ...set(2, 6, 3, 3) });
      const known = await asked({ Statistics: ["SampleCount"], ExtendedStatistics: ["p90"] });
      await put({ ...set(3, 9, 1, 5) });
      const unknown = await asked({ Statistics: ["SampleCount", "Sum", "Minimum", "Maximum", "Average"], ExtendedStatistics: ["p90"] });
      expect([known.Datapoints, unknown.Datapoints]).to.deep.equal([
        [{ Timestamp: new Date(start), SampleCount: 2, ExtendedStatistics: { p90: 3 }, Unit: "None" }],
        [{ Timestamp: new Date(start), SampleCount: 5, Sum: 15, Minimum: 1, Maximum: 5, Average: 3, ExtendedStatistics: {}, Unit: "None" }],
      ]);
      const at = "MetricData.member.1";
      expect([
        await refusal(put({ ...set(1, 1, 2, 1) })),
        await refusal(put({ StatisticValues: set(1, 1, 1, 1).StatisticValues })),
      ]).to.deep.equal([
        `400 InvalidParameterValueException: The parameter ${at}.StatisticValues.Maximum must be greater than or equal to ${at}.StatisticValues.Minimum.`,
        `400 InvalidParameterCombinationException: The parameters ${at}.Value and ${at}.StatisticValues are mutually exclusive and you have specified both.`,
      ]);
      const recent = async () => (await client.send(new ListMetricsCommand({ RecentlyActive: "PT3H" }))).Metrics?.length;
      const now = await recent();
      await cloud.minutes(181);
      expect([now, await recent()]).to.deep.equal([1, 0]);
    });

    it("answers a question about all times by the periods that it has", async () => {
      await put({});
      const all = { StartTime: new Date(0), EndTime: new Date(Date.UTC(2100, 0)) };
      const later = { StartTime: new Date(Date.UTC(2100, 0)), EndTime: new Date(Date.UTC(2101, 0)) };
      const of = async (times: object) => (await data(times)).MetricDataResults?.map(({ Timestamps, Values }) => [Timestamps, Values]);

      expect([await of(all), await of(later)]).to.deep.equal([[[[new Date(start)], [1]]], [[[], []]]]);
    });

    it("takes values that came a billion times in no more room than one, and no set of nothing", async () => {
      await put({ Value: undefined, Values: [1, 2], Counts: [1e9, 2] });
      await put({ Value: undefined, StatisticValues: { SampleCount: 1e12, Sum: 3e12, Minimum: 3, Maximum: 3 } });
      await put({ Value: 7 });
      const { Datapoints } = await asked({
        Statistics: ["SampleCount", "Sum", "Minimum", "Maximum"],
        ExtendedStatistics: ["p0", "p50", "p100"],
      });
      expect(Datapoints).to.deep.equal([
        {
          ...{ Timestamp: new Date(start), SampleCount: 1e9 + 2 + 1e12 + 1, Sum: 1e9 + 4 + 3e12 + 7, Minimum: 1, Maximum: 7 },
          ExtendedStatistics: { p0: 1, p50: 3, p100: 7 },
          Unit: "None",
        },
      ]);
      const empty = { Value: undefined, StatisticValues: { SampleCount: 0, Sum: 0, Minimum: 0, Maximum: 0 } };
      expect(await refusal(put(empty))).to.equal(
        "400 InvalidParameterValueException: The value 0 for parameter MetricData.member.1.StatisticValues.SampleCount is invalid.",
      );
      expect(await refusal(put({ Value: undefined, Values: [1], Counts: [-1] }))).to.equal(
        "400 InvalidParameterValueException: The value -1 for parameter MetricData.member.1.Counts.member.1 is invalid.",
      );
    });

    it("says what happened to an alarm, one that somebody put into a state included: how its actions are tried out", async () => {
      const [AlarmName, topic] = ["open", "arn:aws:sns:us-east-1:000000000000:t"];
      const create = () => client.send(new PutMetricAlarmCommand({ AlarmName, ...rule, ...one, AlarmActions: [topic] }));
      await create();
      await create();
      const state = (StateValue: StateValue, more: object = {}) =>
        client.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: "a test", ...more }));
      await state("ALARM", { StateReasonData: '{"why":1}' });
      await state("ALARM");
      expect(cloud.delivered.map(({ arn, subject }) => [arn, subject])).to.deep.equal([[topic, 'ALARM: "open" in us-east-1']]);
      await client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName] }));
      const history = async (input: object = {}) => {
        const pages = paginateDescribeAlarmHistory({ client, pageSize: 2 }, { AlarmName, ...input });
        const found: AlarmHistoryItem[] = [];
        for await (const { AlarmHistoryItems = [] } of pages) found.push(...AlarmHistoryItems);
        return found;
      };
      expect((await history()).map(({ HistoryItemType, HistorySummary }) => [HistoryItemType, HistorySummary])).to.deep.equal([
        ["ConfigurationUpdate", 'Alarm "open" deleted'],
        ["Action", `Successfully executed action ${topic}`],
        ["StateUpdate", "Alarm updated from INSUFFICIENT_DATA to ALARM"],
        ["ConfigurationUpdate", 'Alarm "open" updated'],
        ["ConfigurationUpdate", 'Alarm "open" created'],
      ]);
      const [update] = await history({ HistoryItemType: "StateUpdate", ScanBy: "TimestampAscending", EndDate: new Date(start) });
      expect([update?.Timestamp, JSON.parse(update?.HistoryData ?? "")]).to.deep.equal([
        new Date(start),
        {
          version: "1.0",
          oldState: { stateValue: "INSUFFICIENT_DATA", stateReason: "Unchecked: Initial alarm creation" },
          newState: { stateValue: "ALARM", stateReason: "a test", stateReasonData: { why: 1 } },
        },
      ]);
      expect([await history({ StartDate: new Date(start + 1) }), await history({ AlarmTypes: ["CompositeAlarm"] })]).to.deep.equal([
        [],
        [],
      ]);
      expect([await refusal(state("OK")), await refusal(state("OK", { StateReasonData: "{" }))]).to.deep.equal([
        "404 ResourceNotFound: Unknown alarm: open",
        "400 InvalidFormatFault: StateReasonData was not valid JSON",
      ]);
    });

    it("finds the alarms of a metric", async () => {
      await client.send(new PutMetricAlarmCommand({ AlarmName: "open", ...rule, ...one }));
      const found = async (input: object) => {
        const { MetricAlarms } = await client.send(new DescribeAlarmsForMetricCommand({ MetricName: "Open", Namespace: "Jobs", ...input }));
        return MetricAlarms?.map(({ AlarmName }) => AlarmName);
      };
      expect([await found({ Dimensions }), await found({}), await found({ Dimensions, Period: 300 })]).to.deep.equal([["open"], [], []]);
    });

    it("gives an alarm back as it was put, with nothing that was not given: a provider compares it", async () => {
      const actions = { OKActions: [], AlarmActions: ["arn:aws:sns:us-east-1:000000000000:t"], InsufficientDataActions: [] };
      const plain = { AlarmName: "plain", ActionsEnabled: true, ...actions, ...rule, ...one };
      await client.send(new PutMetricAlarmCommand(plain));
      const full = {
        ...plain,
        ...rule,
        AlarmName: "full",
        AlarmDescription: "what it is",
        ActionsEnabled: false,
        EvaluationPeriods: 3,
        DatapointsToAlarm: 2,
        TreatMissingData: "notBreaching",
        Unit: "Count" as const,
      };
      await client.send(new PutMetricAlarmCommand(full));
      const math = {
        AlarmName: "math",
        ActionsEnabled: true,
        ...actions,
        ...rule,
        Metrics: [
          { Id: "e1", Expression: "m1 * 2", Label: "twice", ReturnData: true },
          {
            Id: "m1",
            MetricStat: { Metric: { Namespace: "Jobs", MetricName: "Open", Dimensions }, Period: 60, Stat: "p90" },
            ReturnData: false,
          },
        ],
      };
      await client.send(new PutMetricAlarmCommand(math));
      const single = { ...math, AlarmName: "single", Metrics: [{ ...(math.Metrics[1] as object), Id: "m1", ReturnData: true }] };
      await client.send(new PutMetricAlarmCommand(single));

      expect([await described("plain"), await described("full"), await described("math"), await described("single")]).to.deep.equal([
        plain,
        full,
        math,
        single,
      ]);
    });

    it("acts by an alarm's new settings from then on, and by none while its actions are disabled", async () => {
      const AlarmName = "open";
      const topic = (name: string) => `arn:aws:sns:us-east-1:000000000000:${name}`;
      const put = (name: string) => client.send(new PutMetricAlarmCommand({ AlarmName, ...rule, ...one, AlarmActions: [topic(name)] }));
      const sample = (Value: number) =>
        client.send(new PutMetricDataCommand({ Namespace: "Jobs", MetricData: [{ MetricName: "Open", Dimensions, Value }] }));
      const next = async (value: number) => {
        await sample(value);
        await cloud.minutes(1);
        await cloud.minutes(1);
      };
      await put("first");
      await put("second");
      await next(5);
      await client.send(new DisableAlarmActionsCommand({ AlarmNames: [AlarmName, "unknown"] }));
      await next(0);
      await next(5);
      await client.send(new EnableAlarmActionsCommand({ AlarmNames: [AlarmName] }));
      await next(0);
      await next(5);
      await client.send(new DeleteAlarmsCommand({ AlarmNames: [AlarmName, "unknown"] }));
      await next(0);
      await next(5);

      expect(cloud.delivered.map(({ arn }) => arn)).to.deep.equal([topic("second"), topic("second")]);
      expect(await client.send(new DescribeAlarmsCommand({})).then(({ MetricAlarms }) => MetricAlarms)).to.deep.equal([]);
    });

    it("finds alarms by type, action and name", async () => {
      for (const [AlarmName, action] of [
        ["a", "arn:aws:sns:us-east-1:000000000000:t"],
        ["b", "arn:aws:lambda:us-east-1:000000000000:function:f"],
      ]) {
        await client.send(new PutMetricAlarmCommand({ AlarmName, ...rule, ...one, OKActions: [action as string] }));
      }
      const names = async (input: DescribeAlarmsCommandInput) =>
        (await client.send(new DescribeAlarmsCommand(input))).MetricAlarms?.map(({ AlarmName }) => AlarmName);

      expect([
        await names({ AlarmTypes: ["CompositeAlarm"] }),
        await names({ AlarmTypes: ["MetricAlarm"], ActionPrefix: "arn:aws:lambda" }),
        await names({ AlarmNames: ["a"] }),
      ]).to.deep.equal([[], ["b"], ["a"]]);
    });

    it("keeps tags of alarms and dashboards, which an alarm's new settings leave as they are", async () => {
      const put = (value: string) =>
        client.send(new PutMetricAlarmCommand({ AlarmName: "open", ...rule, ...one, Tags: [{ Key: "Team", Value: value }] }));
      await put("ocr");
      await put("other");
      await client.send(
        new PutDashboardCommand({ DashboardName: "main", DashboardBody: '{"widgets":[]}', Tags: [{ Key: "k", Value: "v" }] }),
      );
      const alarm = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:open";
      const dashboard = "arn:aws:cloudwatch::000000000000:dashboard/main";
      const tags = async (ResourceARN: string) => (await client.send(new ListTagsForResourceCommand({ ResourceARN }))).Tags;
      expect([await tags(alarm), await tags(dashboard)]).to.deep.equal([[{ Key: "Team", Value: "ocr" }], [{ Key: "k", Value: "v" }]]);

      await client.send(new TagResourceCommand({ ResourceARN: alarm, Tags: [{ Key: "Cost", Value: "7" }] }));
      await client.send(new UntagResourceCommand({ ResourceARN: alarm, TagKeys: ["Team"] }));
      expect(await tags(alarm)).to.deep.equal([{ Key: "Cost", Value: "7" }]);
      expect(await refusal(tags("arn:x"))).to.equal("404 ResourceNotFoundException: Resource not found: arn:x");
    });

    it("creates, reads, changes, lists and deletes dashboards", async () => {
      const body = '{ "widgets": [ {"type":"text","x":0,"y":0,"width":3,"height":3,"properties":{"markdown":"hello"}} ] }';
      await client.send(new PutDashboardCommand({ DashboardName: "main", DashboardBody: '{"widgets":[]}' }));
      const { DashboardValidationMessages } = await client.send(new PutDashboardCommand({ DashboardName: "main", DashboardBody: body }));
      await client.send(new PutDashboardCommand({ DashboardName: "another", DashboardBody: '{"widgets":[]}' }));
      const { $metadata: _, ...read } = await client.send(new GetDashboardCommand({ DashboardName: "main" }));
      const { DashboardEntries } = await client.send(new ListDashboardsCommand({ DashboardNamePrefix: "ma" }));

      const DashboardArn = "arn:aws:cloudwatch::000000000000:dashboard/main";
      expect({ DashboardValidationMessages, read, DashboardEntries }).to.deep.equal({
        DashboardValidationMessages: [],
        read: { DashboardArn, DashboardBody: body, DashboardName: "main" },
        DashboardEntries: [{ DashboardName: "main", DashboardArn, LastModified: new Date(start), Size: body.length }],
      });
      // One that is not there keeps the others from being deleted.
      expect(await refusal(client.send(new DeleteDashboardsCommand({ DashboardNames: ["main", "none"] })))).to.equal(
        "404 ResourceNotFound: Dashboard none does not exist",
      );
      await client.send(new DeleteDashboardsCommand({ DashboardNames: ["main", "another"] }));
      expect((await client.send(new ListDashboardsCommand({}))).DashboardEntries).to.deep.equal([]);
    });

    it("refuses, as AWS does, what contradicts itself, what could never fire and pages from elsewhere", async () => {
      const put = (input: object) => client.send(new PutMetricAlarmCommand({ AlarmName: "a", ...rule, ...one, ...input }));
      expect([
        await refusal(put({ DatapointsToAlarm: 2 })),
        await refusal(put({ EvaluationPeriods: 1441 })),
        await refusal(put({ Statistic: undefined })),
        await refusal(put({ AlarmActions: ["arn:aws:swf:x"] })),
        await refusal(client.send(new DescribeAlarmsCommand({ NextToken: "x" }))),
        await refusal(client.send(new PutDashboardCommand({ DashboardName: "main", DashboardBody: "{}" }))),
      ]).to.deep.equal([
        "400 ValidationException: DatapointsToAlarm: got 2, accepts 1 to EvaluationPeriods (1)",
        "400 ValidationException: EvaluationPeriods × period: got 86460 s, accepts at most 86400 s",
        "400 ValidationException: statistic or ExtendedStatistic: required without Metrics",
        '400 ValidationException: the action "arn:aws:swf:x" is not supported by the embedded cloud; use the ARN of a topic, of a function or ' +
          "of a scaling policy for an endpoint",
        "400 InvalidNextToken: Invalid nextToken",
        '400 DashboardInvalidInputError: The dashboard body is invalid, there are 1 validation errors: [{"dataPath":"/widgets","message":' +
          '"Invalid input: expected array, received undefined"}]',
      ]);
    });

    it("pages through alarms", async () => {
      for (const name of ["a", "b", "c"]) await cloud.create("aws:cloudwatch/metricAlarm:MetricAlarm", name, { ...alarmInputs(), name });
      const names = async (NextToken?: string) => {
        const page = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2, ...(NextToken && { NextToken }) }));
        return [page.MetricAlarms?.map(({ AlarmName }) => AlarmName), page.NextToken];
      };
      const [first, next] = await names();
      expect([first, await names(next as string)]).to.deep.equal([
        ["a", "b"],
        [["c"], undefined],
      ]);
    });
  });

  it("speaks the Query protocol of older SDKs", async () => {
    const call = async (form: Record<string, string>) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { authorization, "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: new URLSearchParams({ Version: "2010-08-01", ...form }),
      });
      return `${response.status} ${(await response.text()).replace(/<RequestId>.*<\/RequestId>/, "")}`;
    };
    const metric = { MetricName: "Open", "Dimensions.member.1.Name": "EndpointName", "Dimensions.member.1.Value": "ocr" };
    const prefixed = Object.fromEntries(Object.entries(metric).map(([name, value]) => [`MetricData.member.1.${name}`, value]));
    const metadata = "<ResponseMetadata></ResponseMetadata>";
    const xmlns = 'xmlns="http://monitoring.amazonaws.com/doc/2010-08-01/"';

    expect(
      await call({
        Action: "PutMetricData",
        Namespace: "Jobs",
        ...prefixed,
        "MetricData.member.1.Values.member.1": "3",
        "MetricData.member.1.Counts.member.1": "2",
      }),
    ).to.equal(`200 <PutMetricDataResponse ${xmlns}>${metadata}</PutMetricDataResponse>`);
    expect(
      await call({
        Action: "GetMetricStatistics",
        Namespace: "Jobs",
        ...metric,
        StartTime: new Date(start).toISOString(),
        EndTime: new Date(start + 60_000).toISOString(),
        Period: "60",
        "Statistics.member.1": "Sum",
        "ExtendedStatistics.member.1": "p50",
      }),
    ).to.equal(
      `200 <GetMetricStatisticsResponse ${xmlns}><GetMetricStatisticsResult><Label>Open</Label><Datapoints><member>` +
        "<Timestamp>2026-01-05T00:00:00.000Z</Timestamp><Sum>6</Sum>" +
        "<ExtendedStatistics><entry><key>p50</key><value>3</value></entry></ExtendedStatistics><Unit>None</Unit>" +
        `</member></Datapoints></GetMetricStatisticsResult>${metadata}</GetMetricStatisticsResponse>`,
    );
    expect(await call({ Action: "DescribeAlarms", "AlarmNames.member.1": "none" })).to.equal(
      `200 <DescribeAlarmsResponse ${xmlns}><DescribeAlarmsResult><MetricAlarms></MetricAlarms><CompositeAlarms></CompositeAlarms>` +
        `</DescribeAlarmsResult>${metadata}</DescribeAlarmsResponse>`,
    );
    // Whatever a tag looks like is text; an empty list is an empty text.
    expect(
      await call({
        Action: "PutMetricAlarm",
        AlarmName: "open",
        ActionsEnabled: "false",
        OKActions: "",
        Namespace: "Jobs",
        ...metric,
        Statistic: "Sum",
        Period: "60",
        EvaluationPeriods: "3",
        DatapointsToAlarm: "2",
        Threshold: "1.5",
        ComparisonOperator: "GreaterThanThreshold",
        "Tags.member.1.Key": "Cost",
        "Tags.member.1.Value": "7",
      }),
    ).to.equal(`200 <PutMetricAlarmResponse ${xmlns}>${metadata}</PutMetricAlarmResponse>`);
    const { alarm, tags } = cloud.cloudWatch.alarms()[0] ?? {};
    const { actionsEnabled, threshold, evaluationPeriods, datapointsToAlarm } = alarm ?? {};
    expect({ actionsEnabled, threshold, evaluationPeriods, datapointsToAlarm, tags }).to.deep.equal({
      actionsEnabled: false,
      threshold: 1.5,
      evaluationPeriods: 3,
      datapointsToAlarm: 2,
      tags: { Cost: "7" },
    });
    const [{ arn = "" } = {}] = cloud.cloudWatch.alarms();
    // Go's SDK reads no answer without a result where the model has one.
    expect(await call({ Action: "TagResource", ResourceARN: arn, "Tags.member.1.Key": "Cost", "Tags.member.1.Value": "8" })).to.equal(
      `200 <TagResourceResponse ${xmlns}><TagResourceResult></TagResourceResult>${metadata}</TagResourceResponse>`,
    );
    expect(await call({ Action: "GetDashboard", DashboardName: "main" })).to.equal(
      "404 <ErrorResponse><Error><Type>Sender</Type><Code>ResourceNotFound</Code>" +
        "<Message>Dashboard main does not exist</Message></Error></ErrorResponse>",
    );
    expect(await call({ Action: "PutAnomalyDetector" })).to.equal(
      "501 <ErrorResponse><Error><Type>Receiver</Type><Code>NotImplemented</Code>" +
        "<Message>The embedded cloud does not support the operation PutAnomalyDetector of CloudWatch.</Message></Error></ErrorResponse>",
    );
  });

  it("refuses what it can't do, in the protocol of the caller", async () => {
    expect(await overCbor("PutAnomalyDetector", {})).to.deep.equal({
      status: 501,
      body: { __type: "NotImplemented", message: "The embedded cloud does not support the operation PutAnomalyDetector of CloudWatch." },
    });
    const datum = { MetricName: "Open", StorageResolution: 60, Value: 1, Rate: 2 };
    expect(await overJson("PutMetricData", { Namespace: "Jobs", MetricData: [datum] })).to.deep.equal({
      status: 400,
      body: { __type: "InvalidParameterValueException", message: "MetricData.0.Rate: not supported by the embedded cloud" },
    });
    expect(
      (await overJson("GetMetricData", { ...range, MetricDataQueries: [{ Id: "e1", Expression: "SEARCH('x')" }] })).body,
    ).to.deep.equal({ __type: "ValidationError", message: "metric queries need at least one metric" });
  });
});
