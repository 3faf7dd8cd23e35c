import { expect } from "chai";
import { compile, type MetricQuery, type MetricSource, type MetricStat } from "../../../core/scaling/queries";
import type { Series } from "../../../core/scaling/math";

const stat = (metricName: string, periodSeconds = 60): MetricStat => ({
  metric: { namespace: "AWS/SageMaker", metricName, dimensions: { EndpointName: "ocr" } },
  periodSeconds,
  stat: "Average",
});
const metric = (id: string, change: Partial<MetricQuery> = {}): MetricQuery => ({ id, metricStat: stat(id), returnData: false, ...change });
const math = (id: string, expression: string, returnData = false): MetricQuery => ({ id, expression, returnData });

/** A store whose every read is noted. */
function storeOf(datapoints: Readonly<Record<string, Series>> = {}) {
  const reads: string[] = [];
  const store: MetricSource = {
    reader: ({ metric: { metricName }, periodSeconds }) => {
      if (metricName === "secret") throw new Error("the statistic p900 is no percentile");
      return (end, count) => {
        reads.push(`${metricName} ${periodSeconds} ${end} ${count}`);
        return datapoints[metricName] ?? Array.from({ length: count }, () => undefined);
      };
    },
  };
  return { store, reads };
}
const pointsOf = (queries: MetricQuery[], datapoints: Readonly<Record<string, Series>>) =>
  compile(queries, storeOf(datapoints).store).read(100, 2);

describe("the queries of an alarm", () => {
  it("are read for the very minutes that are asked for", () => {
    const { store, reads } = storeOf({ backlog: [3, 4] });
    const source = compile([metric("backlog", { metricStat: stat("backlog", 300), returnData: true })], store);
    reads.length = 0;

    expect([source.periodSeconds, source.pointwise, source.read(29_000_000, 2)]).to.deep.equal([300, true, [3, 4]]);
    expect(reads).to.deep.equal(["backlog 300 29000000 2"]);
  });

  it("are computed one after another, whatever their order in the list", () => {
    const queries = [math("e2", "e1 * 10", true), math("e1", "m1 + m2"), metric("m1"), metric("m2")];

    expect(pointsOf(queries, { m1: [1, 2], m2: [3, 4] })).to.deep.equal([40, 60]);
  });

  it("read a metric once however many expressions name it", () => {
    const { store, reads } = storeOf({ m1: [1, 2] });
    const source = compile([metric("m1"), math("e1", "m1 + 1"), math("e2", "m1 + e1", true)], store);
    reads.length = 0;

    expect(source.read(100, 2)).to.deep.equal([3, 5]);
    expect(reads).to.deep.equal(["m1 60 100 2"]);
  });

  it("give METRICS() every metric, those that no expression names too", () => {
    expect(
      pointsOf([metric("m1"), metric("m2"), math("e1", "m1 * 0"), math("sum", "SUM(METRICS())", true)], { m1: [1, 2], m2: [3, 4] }),
    ).to.deep.equal([4, 6]);
  });

  it("have no datapoint where there is no finite number: an alarm must not fire on infinity", () => {
    const datapoints = { m1: [10, 1000] };

    expect(pointsOf([metric("m1"), math("e1", "10 ^ m1", true)], datapoints)).to.deep.equal([1e10, undefined]);
    expect(pointsOf([metric("m1"), math("e1", "-(10 ^ m1)"), math("e2", "e1 + 1", true)], datapoints)).to.deep.equal([1 - 1e10, undefined]);
  });

  it("can be read in parts only when every expression on the way looks at one period at a time", () => {
    const isPointwise = (...queries: MetricQuery[]) => compile([metric("m1"), ...queries], storeOf().store).pointwise;

    expect(isPointwise(math("e1", "m1 + 1", true))).to.equal(true);
    expect(isPointwise(math("e1", "FILL(m1, REPEAT)"), math("e2", "e1 + 1", true))).to.equal(false);
    expect(isPointwise(math("e1", "m1 + 1"), math("e2", "FILL(e1, REPEAT)", true))).to.equal(false);
  });

  for (const [what, queries, message] of [
    ["return nothing", [metric("m1")], "exactly one metric query must have returnData, got 0"],
    [
      "return two",
      [metric("m1", { returnData: true }), metric("m2", { returnData: true })],
      "exactly one metric query must have returnData, got 2",
    ],
    ["have no metric", [math("e1", "1", true)], "metric queries need at least one metric"],
    [
      "have metrics of two periods",
      [metric("m1"), metric("m2", { metricStat: stat("m2", 300) }), math("e1", "m1 + m2", true)],
      "every metric must have the same period, got 60, 300",
    ],
    [
      "have periods that are no whole minutes",
      [metric("m1", { metricStat: stat("m1", 90), returnData: true })],
      "period: 90 is not supported by the embedded cloud; use a multiple of 60 seconds",
    ],
    [
      "have no period",
      [metric("m1", { metricStat: stat("m1", 0), returnData: true })],
      "period: 0 is not supported by the embedded cloud; use a multiple of 60 seconds",
    ],
    ["go in circles", [metric("m1"), math("a", "b + m1"), math("b", "a + m1", true)], 'metric query "b" refers to itself: b -> a -> b'],
    [
      "name what is not there",
      [metric("m1"), math("e1", "m1 + m9", true)],
      'metric query "e1": "m9" is no id of a metric or of an expression',
    ],
    [
      "ask for what the store can't compute",
      [metric("secret", { returnData: true })],
      'metric query "secret": the statistic p900 is no percentile',
    ],
    [
      "ask for what the store can't compute, of a metric that nothing needs",
      [metric("m1", { returnData: true }), metric("secret")],
      'metric query "secret": the statistic p900 is no percentile',
    ],
  ] as [string, MetricQuery[], string][]) {
    it(`are refused when they ${what}: the alarm could never fire`, () => {
      expect(() => compile(queries, storeOf().store))
        .to.throw(Error)
        .with.property("message", message);
    });
  }

  it("are refused when an expression makes no sense, by its name and before the alarm is registered", () => {
    const refusal = (expression: string | undefined) => {
      const query: MetricQuery = { id: "e1", returnData: true, ...(expression !== undefined && { expression }) };
      expect(() => compile([metric("m1"), query], storeOf().store)).to.throw(/^metric query "e1": /);
    };

    for (const expression of ["m1 +", "NOSUCH(m1)", "METRICS()", undefined]) refusal(expression);
  });
});
