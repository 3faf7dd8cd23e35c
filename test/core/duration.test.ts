import { expect } from "chai";
import { duration, moment, relative, withMoment } from "../../core/duration";

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
  ] as const) {
    it(`of ${milliseconds} ms reads ${words}, never 60 of a unit`, () => {
      expect(duration(milliseconds)).to.equal(words);
    });
  }
});

describe("a time as seen from now", () => {
  for (const [past, words] of [
    [0, "just now"],
    [-999, "just now"],
    [1000, "1 s ago"],
    [-1000, "in 1 s"],
    [59_999, "59 s ago"],
    [60_000, "1 min ago"],
    [125_000, "2 min ago"],
    [3_600_000, "1 h ago"],
    [86_400_000, "1 d ago"],
    [-7_300_000, "in 2 h"],
    [200_000_000, "2 d ago"],
  ] as const) {
    it(`${past} ms past reads ${words}`, () => {
      expect(relative(1_000_000_000_000 - past, 1_000_000_000_000)).to.equal(words);
    });
  }

  it("stands beside the exact one, which logs are compared by", () => {
    expect(moment("2026-01-25T08:00:00.123Z", Date.parse("2026-01-25T08:02:10Z"))).to.equal("2 min ago (2026-01-25T08:00:00Z)");
  });
});

describe("a sentence about what happens at a time", () => {
  const now = Date.parse("2026-01-25T08:00:00Z");
  const at = "2026-01-25T08:04:30.000Z";
  for (const [sentence, words] of [
    ["The sweeper looks at it.", "The sweeper looks at it: in 4 min (2026-01-25T08:04:30Z)"],
    ["It is asked again", "It is asked again in 4 min (2026-01-25T08:04:30Z)"],
    [`It expires at ${at}, unrun.`, `It expires at ${at} (in 4 min), unrun.`],
  ] as const) {
    it(`reads ${words}`, () => {
      expect(withMoment(sentence, at, now)).to.equal(words);
    });
  }
});
