import { expect } from "chai";
import { warmCondition } from "../../components/warmSchedule";
import { parseMath } from "../../local/cloudwatch/math";

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
