import { expect } from "chai";
import fc from "fast-check";
import { parseMath } from "../../../core/scaling/math";
const none = undefined;
function evaluate(expression, metrics) {
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
    const guide = [
        // The guide's examples, "Using metric math".
        ["metric1 < metric2", { metric1, metric2 }, [0, 0, 1, 0]],
        ["metric1 >= 30", { metric1 }, [1, 0, 0, 0]],
        ["metric1 > 15 AND metric2 > 15", { metric1, metric2 }, [1, 0, 0, 0]],
        ["IF(m1, m2, m3)", { m1: [1, 1, 0, 0, none], m2: [30, none, 0, 0, 30], m3: [0, 0, 20, none, 20] }, [30, 0, 20, none, none]],
        ["IF(m1, 5, m3)", { m1: [1, 1, 0, 0, none], m3: [0, 0, 20, none, 20] }, [5, 5, 20, none, none]],
        ["IF(m1, m2, 5)", { m1: [1, 1, 0, 0, none], m2: [30, none, 0, 0, 30] }, [30, 0, 5, 5, none]],
        ["IF(m1 < 25, m1)", { m1: [30, 20, none] }, [none, 20, none]],
        ["IF(1, m2, m3)", { m2: [30, none], m3: [1, 2] }, [30, none]],
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
        ["ABS(FLOOR(m1)) + CEIL(m2)", { m1: [-1.5], m2: [0.1] }, [3]],
    ];
    for (const [expression, metrics, expected] of guide) {
        it(`means what the guide says: ${expression}`, () => {
            expect(evaluate(expression, metrics)).to.deep.equal(expected);
        });
    }
    const refused = [
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
        ["IF(m1)", "IF takes 2 or 3 arguments, got 1"],
        ["true", "true has no meaning in metric math"],
    ];
    for (const [expression, message] of refused) {
        it(`is refused by name when it can't be evaluated: ${expression}`, () => {
            expect(() => evaluate(expression, { m1: [1, 2] })).to.throw(message);
        });
    }
    it("agrees with arithmetic on any datapoints", () => {
        const point = fc.option(fc.integer({ min: -1000, max: 1000 }), { nil: none });
        fc.assert(fc.property(fc.array(fc.tuple(point, point), { minLength: 1, maxLength: 8 }), (pairs) => {
            const [a, b] = [pairs.map(([left]) => left), pairs.map(([, right]) => right)];
            expect(evaluate("a - b * 2", { a, b })).to.deep.equal(pairs.map(([left, right]) => (left === none && right === none ? none : (left ?? 0) - (right ?? 0) * 2)));
        }));
    });
});
