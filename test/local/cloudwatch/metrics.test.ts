import { expect } from "chai";
import { metricShape } from "../../../local/cloudwatch/shapes";
import { start, testCloud, type TestCloud } from "./cloud";

const minute = 60_000;
const backlog = { namespace: "AWS/SageMaker", metricName: "ApproximateBacklogSize", dimensions: { EndpointName: "ocr" } };

interface Question {
  metric?: typeof backlog;
  Statistics?: string[];
  ExtendedStatistics?: string[];
  Period?: number;
  Unit?: string;
  /** Milliseconds after the start. */
  until?: number;
}

describe("metrics", () => {
  let cloud: TestCloud;
  afterEach(() => cloud.close());

  /** What GetMetricStatistics answers, each time in milliseconds after the start. */
  const read = async ({ metric = backlog, until = 5 * minute, ...question }: Question) => {
    const [StartTime, EndTime] = [start / 1000, (start + until) / 1000];
    const answer = await cloud.cloudWatch.wire?.["monitoring"]?.({
      method: "POST",
      path: "/",
      query: new URLSearchParams(),
      headers: { "x-amz-target": "GraniteServiceVersion20100801.GetMetricStatistics" },
      body: Buffer.from(JSON.stringify({ ...metricShape(metric), StartTime, EndTime, Period: 60, Statistics: ["Sum"], ...question })),
    });
    const { Datapoints } = JSON.parse(String(answer?.body)) as { Datapoints: { Timestamp: number }[] };
    return Datapoints.map(({ Timestamp, ...values }) => ({ after: Timestamp * 1000 - start, ...values }));
  };

  it("come to the statistic that was asked for, period by period", async () => {
    cloud = await testCloud();
    const values = [4, 1, 7, 2];
    cloud.cloudWatch.put(values.map((value, at) => ({ ...backlog, value, unit: "Count", timestamp: start + at * 20_000 })));
    expect(await read({})).to.deep.equal([
      { after: 0, Sum: 12, Unit: "Count" },
      { after: minute, Sum: 2, Unit: "Count" },
    ]);
    const Statistics = ["Average", "Minimum", "Maximum", "SampleCount"];
    expect(await read({ Statistics, ExtendedStatistics: ["p50", "p100", "p12.5"], Period: 300 })).to.deep.equal([
      {
        ...{ after: 0, Average: 3.5, Minimum: 1, Maximum: 7, SampleCount: 4 },
        ExtendedStatistics: { p50: 3, p100: 7, "p12.5": 1.375 },
        Unit: "Count",
      },
    ]);
  });

  it("are told apart by every dimension and by unit", async () => {
    cloud = await testCloud();
    const datum = { ...backlog, value: 1, unit: "Count", timestamp: start };
    cloud.cloudWatch.put([
      datum,
      { ...datum, dimensions: { EndpointName: "ocr", VariantName: "AllTraffic" }, value: 10 },
      { ...datum, unit: "None", value: 100 },
    ]);
    const [count, none] = [
      { after: 0, Sum: 1, Unit: "Count" },
      { after: 0, Sum: 100, Unit: "None" },
    ];
    expect(await Promise.all([read({}), read({ Unit: "Count" }), read({ Unit: "Seconds" })])).to.deep.equal([[count, none], [count], []]);
    expect(cloud.cloudWatch.listMetrics()).to.deep.equal([
      backlog,
      { ...backlog, dimensions: { EndpointName: "ocr", VariantName: "AllTraffic" } },
    ]);
  });

  it("of a service are seen late, of a program at once", async () => {
    cloud = await testCloud({ metricDelaySeconds: 120 });
    const own = { ...backlog, namespace: "Jobs" };
    cloud.cloudWatch.put([backlog, own].map((metric) => ({ ...metric, value: 1, unit: "Count", timestamp: start })));
    const seen = () => Promise.all([backlog, own].map(async (metric) => (await read({ metric })).length));
    const before = await seen();
    await cloud.minutes(1.99);
    const almost = await seen();
    await cloud.minutes(0.01);
    expect([before, almost, await seen()]).to.deep.equal([
      [0, 1],
      [0, 1],
      [1, 1],
    ]);
  });

  it("are forgotten after 15 days, so that a cloud that runs for weeks does not grow", async () => {
    cloud = await testCloud();
    const put = () => cloud.cloudWatch.put([{ ...backlog, value: 1, unit: "Count", timestamp: cloud.clock.now() }]);
    put();
    await cloud.minutes(10);
    put();
    await cloud.minutes(15 * 24 * 60 - 5);
    const until = cloud.clock.now() - start;
    expect(await read({ Period: 600, until: 20 * minute })).to.deep.equal([{ after: 10 * minute, Sum: 1, Unit: "Count" }]);
    expect(await read({ Period: 86_400, until })).to.deep.equal([{ after: 0, Sum: 1, Unit: "Count" }]);
  });
});
