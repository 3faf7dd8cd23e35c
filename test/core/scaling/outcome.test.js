import { expect } from "chai";
import { stepCapacity, trackingCapacity } from "../../../core/scaling/outcome";
import { stepScalingSchema } from "../../../local/autoscaling/schemas";
function capacity(adjustmentType, steps, base, metricValue, settings = {}) {
    const policy = stepScalingSchema.parse({
        adjustmentType,
        stepAdjustments: steps.map(([from, to, scalingAdjustment]) => ({
            ...(from !== undefined && { metricIntervalLowerBound: String(from) }),
            ...(to !== undefined && { metricIntervalUpperBound: to }),
            scalingAdjustment,
        })),
        ...settings,
    });
    return stepCapacity(policy, base, { threshold: 60, datapoints: [metricValue] });
}
describe("a step policy", () => {
    // The guide's example: threshold 60, steps from 0, 10 and 20 above it.
    const out = [
        [0, 10, 0],
        [10, 20, 10],
        [20, undefined, 30],
    ];
    // And from 0, 10 and 20 below it.
    const inward = [
        [-10, 0, 0],
        [-20, -10, -10],
        [undefined, -20, -30],
    ];
    const none = undefined;
    const table = [
        ["PercentChangeInCapacity", out, 10, 60, 10],
        ["PercentChangeInCapacity", out, 10, 70, 11],
        ["PercentChangeInCapacity", out, 10, 79.9, 11],
        ["PercentChangeInCapacity", out, 10, 80, 13],
        ["PercentChangeInCapacity", inward, 10, 50, 9],
        ["PercentChangeInCapacity", inward, 10, 50.1, 10],
        ["PercentChangeInCapacity", inward, 10, 40, 7],
        ["PercentChangeInCapacity", inward, 10, 40.1, 9],
        ["PercentChangeInCapacity", inward, 3, 45, 2],
        ["PercentChangeInCapacity", [[0, none, 10]], 3, 60, 4],
        ["PercentChangeInCapacity", [[0, none, 27]], 10, 60, 12],
        ["PercentChangeInCapacity", [[none, 0, -67]], 10, 50, 4],
        ["PercentChangeInCapacity", [[0, none, 25]], 4, 60, 6, { minAdjustmentMagnitude: 2 }],
        ["PercentChangeInCapacity", [[0, none, 50]], 0, 60, 0],
        ["ChangeInCapacity", [[0, none, 1]], 0, 60, 1],
        ["ChangeInCapacity", [[0, none, 2]], 3, 99, 5],
        ["ChangeInCapacity", [[none, 0, -4]], 3, 10, 0],
        ["ChangeInCapacity", [[5, none, 1]], 3, 64, none],
        ["ChangeInCapacity", [[none, 0, -1]], 3, 60, 2],
        [
            "ExactCapacity",
            [
                [0, 10, 2],
                [10, none, 5],
            ],
            9,
            65,
            2,
        ],
        [
            "ExactCapacity",
            [
                [0, 10, 2],
                [10, none, 5],
            ],
            0,
            70,
            5,
        ],
    ];
    for (const [type, steps, base, metricValue, expected, settings] of table) {
        it(`asks for the guide's capacity: ${type} ${JSON.stringify(steps)} of ${base} at ${metricValue}`, () => {
            expect(capacity(type, steps, base, metricValue, settings)).to.equal(expected);
        });
    }
    it("adds up the alarm's datapoints as it is told", () => {
        const asked = ["Average", "Minimum", "Maximum"].map((metricAggregationType) => {
            const policy = stepScalingSchema.parse({
                adjustmentType: "ExactCapacity",
                metricAggregationType,
                stepAdjustments: [1, 2, 3].map((step) => ({
                    metricIntervalLowerBound: step * 10,
                    ...(step < 3 && { metricIntervalUpperBound: step * 10 + 10 }),
                    scalingAdjustment: step,
                })),
            });
            return stepCapacity(policy, 0, { threshold: 0, datapoints: [10, 20, 30] });
        });
        expect(asked).to.deep.equal([2, 1, 3]);
    });
    const refused = [
        [
            [
                [0, 10, 1],
                [5, 20, 2],
            ],
            "steps must follow each other without overlap or gap, got 10 and then 5",
        ],
        [
            [
                [0, 10, 1],
                [20, none, 2],
            ],
            "steps must follow each other without overlap or gap, got 10 and then 20",
        ],
        [[[10, 0, 1]], "the step from 10 to 0 is empty"],
    ];
    for (const [steps, message] of refused) {
        it(`is refused when its steps make no sense: ${JSON.stringify(steps)}`, () => {
            expect(() => capacity("ChangeInCapacity", steps, 1, 60)).to.throw(message);
        });
    }
});
describe("target tracking", () => {
    const table = [
        [1, 15, 5, 3],
        [2, 5.1, 5, 3],
        [3, 5, 5, 3],
        [4, 4, 5, 4],
        [4, 2.5, 5, 2],
        [1, 0.5, 5, 1],
        [5, 0, 5, 0],
        [0, 100, 5, 0],
        [3, 0.3, 0.1, 9],
        // 3 x 1.1 / 1.1 is a bit more than 3 in binary.
        [3, 1.1, 1.1, 3],
    ];
    for (const [base, metricValue, target, expected] of table) {
        it(`never has too few instances: ${base} at ${metricValue} of ${target}`, () => {
            expect(trackingCapacity(base, metricValue, target)).to.equal(expected);
        });
    }
});
