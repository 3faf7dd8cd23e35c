import { expect } from "chai";
import fc from "fast-check";
import { parseMath, type Series } from "../../../core/scaling/math";

const none = undefined;

function evaluate(expression: string, metrics: Record<string, Series>): Series {
  const length = Object.values(metrics)[0]?.length ?? 0;
  return parseMath(expression).evaluate({
    series: new Map(Object.entries(metrics)),
    metricIds: Object.keys(metrics),
    length,
    periodSeconds: 60,
    // Three minutes past midnight of Monday, 5 January 2026.
    endMinute: Date.UTC(2026, 0, 5, 0, 3) / 60_000,
  });
}

describe("metric math", () => {
  const metric1 = [30, 20, 0, 0];
  const metric2 = [20, none, 20, none];
  const guide: [string, Record<string, Series>, Series][] = [
    // The guide's examples, "Using metric math".
    ["metric1 < metric2", { metric1, metric2 }, [0, 0, 1, 0]],
    ["metric1 >= 30", { metric1 }, [1, 0, 0, 0]],
    ["metric1 > 15 AND metric2 > 15", { metric1, metric2 }, [1, 0, 0, 0]],
    ["IF(m1, m2, m3)", { m1: [1, 1, 0, 0, none], m2: [30, none, 0, 0, 30], m3: [0, 0, 20, none, 20] }, [30, 0, 20, none, none]],
    ["IF(m1, 5, m3)", { m1: [1, 1, 0, 0, none], m3: [0, 0, 20, none, 20] }, [5, 5, 20, none, none]],
    ["IF(m1, m2, 5)", { m1: [1, 1, 0, 0, none], m2: [30, none, 0, 0, 30] }, [30, 0, 5, 5, none]],
    ["IF(m1 < 25, m1)", { m1: [30, 20, none] }, [none, 20, none]],
    ["IF(1, m2, m3)", { m2: [30, none], m3: [1, 2] }, [30, none]],
    ["metric1 <= 20", { metric1 }, [0, 1, 1, 1]],
    // What programs write.
    ["IF(wake > 0, backlog, 0)", { wake: [1, 0, none], backlog: [7, 9, 9] }, [7, 0, none]],
    ["IF(FILL(wake, 0) > 0 && backlog >= 2, 1, 0)", { wake: [1, none, 1], backlog: [7, 9, 1] }, [1, 0, 0]],
    ["100 * errors / (errors + good)", { errors: [1, 0, none], good: [3, 0, 2] }, [25, none, 0]],
    ["-m1 + 2 ^ 3 - 4 / 2", { m1: [1, none] }, [5, none]],
    ["m1 != 0 || m2 == 2", { m1: [0, 0, 1], m2: [2, 1, 1] }, [1, 0, 1]],
    ["SUM([m1, m2])", { m1: [1, none, none], m2: [2, 5, none] }, [3, 5, none]],
    ["MAX([m1, m2]) - MIN(METRICS())", { m1: [1, -4], m2: [3, 5] }, [2, 9]],
    ["AVG(METRICS('m'))", { m1: [2, none], m2: [4, 5], other: [100, 100] }, [3, 2.5]],
    ["m1 - MIN(m1)", { m1: [4, 2, none] }, [2, 0, none]],
    ["SUM(100 / [m1, m2])", { m1: [1, 2], m2: [4, 5] }, [125, 70]],
    ["m1 / PERIOD(m1)", { m1: [120, none] }, [2, none]],
    ["TIME_SERIES(3) + m1", { m1: [1, none] }, [4, 3]],
    ["FILL(m1, REPEAT)", { m1: [none, 1, none, none, 4] }, [none, 1, 1, 1, 4]],
    ["FILL(m1, LINEAR)", { m1: [none, 1, none, none, 4] }, [none, 1, 2, 3, 4]],
    ["FILL(m1, m2)", { m1: [1, none], m2: [8, 9] }, [1, 9]],
    ["DAY(m1)", { m1: [1, none, none, 1] }, [7, 1, 1, 1]],
    ["60 * HOUR(m1) + MINUTE(m1)", { m1: [1, none, none, 1] }, [1439, 0, 1, 2]],
    ["IF(DAY(m1) < 6 AND HOUR(m1) < 9, m1)", { m1: [4, none, 5, 6] }, [none, 0, 5, 6]],
    ["SUM(ABS([m1, m2]))", { m1: [-1, none], m2: [-2, -3] }, [3, 3]],
    ["SUM([m1, m2] * m1)", { m1: [2, 3], m2: [4, 5] }, [12, 24]],
    ["SUM([[m1, m2], m2])", { m1: [2, 3], m2: [4, 5] }, [10, 13]],
    ["SUM(FILL([m1, m2], 7))", { m1: [none, 1], m2: [2, none] }, [9, 8]],
    ["m1 + -2", { m1: [5] }, [3]],
    ["FILL(m1, LINEAR)", { m1: [1, none, 5, none] }, [1, 3, 5, none]],
    ["eBacklog * 2", { eBacklog: [4] }, [8]],
    ["ABS(FLOOR(m1)) + CEIL(m2)", { m1: [-1.5], m2: [0.1] }, [3]],
  ];
  for (const [expression, metrics, expected] of guide) {
    it(`means what the guide says: ${expression}`, () => {
      expect(evaluate(expression, metrics)).to.deep.equal(expected);
    });
  }

  const refused: [string, string][] = [
    ["ANOMALY_DETECTION_BAND(m1)", "the function ANOMALY_DETECTION_BAND is not supported by the embedded cloud"],
    ["SEARCH('{AWS/SageMaker}', 'Sum')", "the function SEARCH is not supported by the embedded cloud"],
    ["RATE(m1)", "the function RATE is not supported by the embedded cloud"],
    ["HOUR(3)", "HOUR takes a time series"],
    ["toString(m1)", "the function toString is not supported by the embedded cloud"],
    ["m1 +", '"m1 +" is not an expression: Expected expression after + at character 4'],
    ["m1.constructor", "MemberExpression has no meaning in metric math"],
    ["m9 + 1", '"m9" is no id of a metric or of an expression'],
    ["1 + 1", '"1 + 1" must come to one time series; a number needs TIME_SERIES(), an array SUM(), MAX() or MIN()'],
    ["[m1, m1]", '"[m1, m1]" must come to one time series; a number needs TIME_SERIES(), an array SUM(), MAX() or MIN()'],
    ["SUM(m1)", '"SUM(m1)" must come to one time series; a number needs TIME_SERIES(), an array SUM(), MAX() or MIN()'],
    ["FILL(m1, SOON)", 'FILL takes a number, a time series, REPEAT or LINEAR second, got "SOON"'],
    ["FILL(3, 0)", "FILL takes a time series or an array of them first"],
    ["FILL(m1, [m1])", "FILL takes a number, a time series, REPEAT or LINEAR second"],
    ["TIME_SERIES(m1)", "TIME_SERIES takes a number"],
    ["METRICS(m1)", "METRICS takes a text"],
    ["METRICS(3)", "METRICS takes a text"],
    ["SUM([3])", "an array takes time series only"],
    ["-REPEAT", '"REPEAT" has no value'],
    ["m1 + REPEAT", "an operator takes numbers and time series only"],
    ["SUM(3)", "SUM takes a time series or an array of them"],
    ["IF([m1], m1)", "IF takes numbers and time series only"],
    ["m1.a(m1)", "only a function can be called"],
    ["IF(m1)", "IF takes 2 or 3 arguments, got 1"],
    ["true", "true has no meaning in metric math"],
  ];
  for (const [expression, message] of refused) {
    it(`is refused by name when it can't be evaluated: ${expression}`, () => {
      expect(() => evaluate(expression, { m1: [1, 2] })).to.throw(message);
    });
  }

  it("tells the time at which periods of any length begin", () => {
    const scope = { series: new Map([["m1", [1, none, 1]]]), metricIds: ["m1"], length: 3, periodSeconds: 300 };
    const endMinute = Date.UTC(2026, 0, 5, 0, 3) / 60_000;

    expect(parseMath("MINUTE(m1)").evaluate({ ...scope, endMinute })).to.deep.equal([48, 53, 58]);
  });

  it("names the ids that it refers to, neither its functions nor its words", () => {
    for (const [expression, references] of [
      ["IF(wake > 0, FILL(backlog, REPEAT), -other)", ["wake", "backlog", "other"]],
      ["SUM([m1, m2])", ["m1", "m2"]],
      ["MAX(METRICS('m'))", []],
    ] as const) {
      expect(parseMath(expression).references).to.deep.equal(references);
    }
  });

  it("knows whether a datapoint depends on its own period alone, so that no other need be read", () => {
    const judged = (expressions: string[]) => expressions.map((expression) => [expression, parseMath(expression).pointwise]);
    const alone = ["m1", "SUM([m1, m2])", "IF(m1 > 0, m2, 0)", "FILL(m1, 0)", "FILL(m1, m2)", "-m1", "SUM([m1, -m2])", "ABS(m1) + 1"];
    const not = [
      "SUM(m1)",
      "MAX(METRICS())",
      "FILL(m1, REPEAT)",
      "FILL(m1, LINEAR)",
      "m1 - MIN(m1)",
      "MIN(m1) - m1",
      "-MIN(m1)",
      "ABS(FILL(m1, REPEAT))",
      "IF(m1, MAX(m1), 0)",
      "SUM([m1, FILL(m2, REPEAT)])",
    ];

    expect(judged(alone)).to.deep.equal(alone.map((each) => [each, true]));
    expect(judged(not)).to.deep.equal(not.map((each) => [each, false]));
  });

  it("agrees with arithmetic on any datapoints", () => {
    const point = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: none });
    fc.assert(
      fc.property(fc.array(fc.tuple(point, point), { minLength: 1, maxLength: 8 }), (pairs) => {
        const [a, b] = [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
        expect(evaluate("a - b * 2", { a, b })).to.deep.equal(
          pairs.map(([left, right]) => (left === none && right === none ? none : (left ?? 0) - (right ?? 0) * 2)),
        );
      }),
    );
  });
});
