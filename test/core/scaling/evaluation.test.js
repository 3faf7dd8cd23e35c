import { expect } from "chai";
import fc from "fast-check";
import { evaluate } from "../../../core/scaling/evaluation";
const treatments = ["missing", "ignore", "breaching", "notBreaching"];
const kept = "kept";
/** `0` is within the threshold, `X` breaches it, `-` is missing; the newest is on the right. */
function datapoints(text) {
    return text.split(" ").map((mark) => ({ "0": false, X: true })[mark]);
}
function states(text, datapointsToAlarm) {
    return treatments.map((treatMissingData) => evaluate(datapoints(text), { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }).state ?? kept);
}
describe("an alarm's evaluation", () => {
    // The two tables of the CloudWatch guide, "Configuring how CloudWatch alarms treat missing data".
    const guide = [
        ["0 - X - X", 3, ["OK", "OK", "OK", "OK"]],
        ["0 - - - -", 3, ["OK", "OK", "OK", "OK"]],
        ["- - - - -", 3, ["INSUFFICIENT_DATA", kept, "ALARM", "OK"]],
        ["0 X X - X", 3, ["ALARM", "ALARM", "ALARM", "ALARM"]],
        ["- - X - -", 3, ["ALARM", kept, "ALARM", "OK"]],
        ["0 - X - X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
        ["0 0 X 0 X", 2, ["ALARM", "ALARM", "ALARM", "ALARM"]],
        ["0 - X - -", 2, ["OK", "OK", "ALARM", "OK"]],
        ["- - - - 0", 2, ["OK", "OK", "ALARM", "OK"]],
        ["- - - X -", 2, ["ALARM", kept, "ALARM", "OK"]],
    ];
    for (const [text, datapointsToAlarm, expected] of guide) {
        it(`fires and rests as the guide's example: ${text}, ${datapointsToAlarm} of 3`, () => {
            expect(states(text, datapointsToAlarm)).to.deep.equal(expected);
        });
    }
    for (const text of ["- - - - X", "- - - X -"]) {
        it(`does not fire on a first datapoint that the next may take back: ${text}, 3 of 3`, () => {
            expect(states(text, 3).slice(0, 2)).to.deep.equal(["OK", kept]);
        });
    }
    it("does not need to know how missing data counts once enough datapoints exist", () => {
        fc.assert(fc.property(fc.array(fc.constantFrom(true, false, undefined), { minLength: 5, maxLength: 5 }), fc.integer({ min: 1, max: 3 }), (points, datapointsToAlarm) => {
            fc.pre(points.filter((point) => point !== undefined).length >= 3);
            const answers = treatments.map((treatMissingData) => evaluate(points, { evaluationPeriods: 3, datapointsToAlarm, treatMissingData }).state);
            expect(new Set(answers).size).to.equal(1);
        }));
    });
    it("never fires later because one more datapoint breaches", () => {
        const order = { OK: 0, INSUFFICIENT_DATA: 0, kept: 0, ALARM: 1 };
        fc.assert(fc.property(fc.array(fc.constantFrom(true, false), { minLength: 5, maxLength: 5 }), fc.nat({ max: 4 }), fc.constantFrom(...treatments), fc.integer({ min: 1, max: 3 }), (points, at, treatMissingData, datapointsToAlarm) => {
            const rule = { evaluationPeriods: 3, datapointsToAlarm, treatMissingData };
            const worse = points.with(at, true);
            expect(order[evaluate(worse, rule).state ?? kept]).to.be.at.least(order[evaluate(points, rule).state ?? kept]);
        }));
    });
});
