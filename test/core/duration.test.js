import { expect } from "chai";
import { duration } from "../../core/duration";
describe("a duration for people", () => {
    for (const [milliseconds, words] of [
        [-5, "0 ms"],
        [0, "0 ms"],
        [999.4, "999 ms"],
        [999.6, "1.0 s"],
        [4_540, "4.5 s"],
        [59_949, "59.9 s"],
        [59_950, "1 min 0 s"],
        [119_700, "2 min 0 s"],
        [125_000, "2 min 5 s"],
        [3_599_900, "1 h 0 min"],
        [3_629_999, "1 h 0 min"],
        [7_199_000, "2 h 0 min"],
        [90_061_000, "25 h 1 min"],
    ]) {
        it(`of ${milliseconds} ms reads ${words}, never 60 of a unit`, () => {
            expect(duration(milliseconds)).to.equal(words);
        });
    }
});
