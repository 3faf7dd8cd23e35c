import { expect } from "chai";
import { isAlways, meet, warmCondition } from "../../components/warmSchedule";
import { readWarmWindow, type WarmWindow } from "../../core/floor/warmHours";
import { warmEnds } from "../../core/scaling/declaration";
import { parseMath } from "../../core/scaling/math";

/** Minutes of the week from Monday that a condition holds for, as `from-to`. */
function minutesOf(condition: string): string[] {
  const length = 7 * 1440;
  const minute = Array.from({ length }, (_, index) => index);
  const holds = parseMath(`IF(${condition}, 1, 0)`).evaluate({
    series: new Map([["minute", minute]]),
    metricIds: [],
    length,
    periodSeconds: 60,
    endMinute: 0,
  });
  const begins = minute.filter((at) => holds[at] === 1 && holds[at - 1] !== 1);
  return begins.map((begin) => {
    const end = holds.findIndex((value, at) => at > begin && value !== 1);
    return `${begin}-${end < 0 ? length : end}`;
  });
}

describe("warm hours in metric math", () => {
  it("count from Monday, over the end of the week too", () => {
    expect(minutesOf(warmCondition(["mon-tue 08:00-18:00", "sun 22:00-06:00"], "UTC", 2026))).to.deep.equal([
      "0-360",
      "480-1080",
      "1920-2520",
      "9960-10080",
    ]);
  });

  it("are no more than forty parts: of many short ones those are joined between which the pause is shortest", () => {
    const hour = (at: number) => String(at).padStart(2, "0");
    const monday = Array.from({ length: 24 }, (_, at) => `mon ${hour(at)}:00-${hour(at)}:30`);
    const tuesday = Array.from({ length: 17 }, (_, at) => `tue ${hour(at)}:00-${hour(at)}:${at === 3 ? 50 : 30}`);
    const parts = minutesOf(warmCondition([...monday, ...tuesday], "UTC", 2026));
    expect(parts).to.have.length(40);
    expect(parts.slice(26, 29)).to.deep.equal(["1560-1590", "1620-1710", "1740-1770"]);
  });

  it("hold by summer and by winter time, east and west of Greenwich", () => {
    expect(minutesOf(warmCondition(["mon 08:00-18:00"], "Europe/Berlin", 2026))).to.deep.equal(["360-1020"]);
    expect(minutesOf(warmCondition(["mon 20:00-22:00"], "America/New_York", 2026))).to.deep.equal(["1440-1620"]);
    expect(minutesOf(warmCondition(["mon 05:00-06:00"], "Asia/Kolkata", 2026))).to.deep.equal(["0-30", "10050-10080"]);
  });

  it("fit into an expression, however many there are: short pauses are left out", () => {
    const windows = Array.from(
      { length: 8 },
      (_, index) => `mon-sun ${String(index * 3).padStart(2, "0")}:00-${String(index * 3 + 2).padStart(2, "0")}:0${index}`,
    );
    const condition = warmCondition(windows, "UTC", 2026);

    expect(condition.length).to.be.at.most(2000);
    expect(minutesOf(condition)).to.have.length(40);
    expect(minutesOf(condition)[0]).to.equal("0-120");
  });
});

describe("warm hours as a schedule", () => {
  const window = (text: string) => readWarmWindow(text) as WarmWindow;

  for (const [one, other, meets] of [
    ["mon 08:00-18:00", "mon 18:00-20:00", true],
    ["mon 08:00-18:00", "mon 18:01-20:00", false],
    ["mon 08:00-18:00", "mon 09:00-10:00", true],
    ["mon-fri 08:00-18:00", "fri 07:00-08:00", true],
    ["mon-fri 08:00-18:00", "sat 08:00-18:00", false],
    ["sat 22:00-00:00", "sun 00:00-01:00", true],
    ["sat 22:00-23:59", "sun 00:00-01:00", false],
    ["sun 00:00-01:00", "sat 22:00-04:00", true],
  ] as const) {
    it(`${meets ? "are one" : "stay two"} when they are ${one} and ${other}: the end of one would undo the beginning of the other`, () => {
      expect([meet(window(one), window(other)), meet(window(other), window(one))]).to.deep.equal([meets, meets]);
    });
  }

  it("that leave no minute out need no schedule", () => {
    const texts = ["mon-sun 00:00-00:00", "wed-tue 08:00-08:00", "mon-sat 00:00-00:00", "mon-sun 00:00-23:59"];

    expect(texts.map((text) => isAlways(window(text)))).to.deep.equal([true, true, false, false]);
  });

  it("begin and end on the days that they are written for, or on the next", () => {
    const ends = (text: string) => warmEnds(window(text));

    expect(ends("mon-wed 08:00-18:30")).to.deep.equal({ begin: { days: [1, 2, 3], minute: 480 }, end: { days: [1, 2, 3], minute: 1110 } });
    expect(ends("fri-sat 22:00-04:00")).to.deep.equal({ begin: { days: [5, 6], minute: 1320 }, end: { days: [6, 0], minute: 240 } });
    // Whole days are one from the first to the last.
    expect(ends("fri-sun 06:00-06:00")).to.deep.equal({ begin: { days: [5], minute: 360 }, end: { days: [1], minute: 360 } });
  });

  it("are written as metric math, each part once", () => {
    expect(warmCondition(["mon-tue 08:00-18:00", "tue 18:00-19:00", "mon 09:00-10:00"], "UTC", 2026)).to.equal(
      "(minute >= 480 AND minute < 1080) OR (minute >= 1920 AND minute < 2580)",
    );
    expect(warmCondition(["sun 23:00-00:00"], "UTC", 2026)).to.equal("(minute >= 10020 AND minute < 10080)");
  });
});
