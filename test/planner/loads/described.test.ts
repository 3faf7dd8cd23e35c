import { expect } from "chai";
import { describedLoad } from "../../../planner/loads/described";
import { LoadProblem } from "../../../planner/loads/problem";

const refusal = (text: string): string => {
  try {
    describedLoad(text);
  } catch (error) {
    if (error instanceof LoadProblem) return error.message;
    throw error;
  }
  return "was read";
};
const perHour = (text: string) => {
  const { arrivalSeconds, startsAt } = describedLoad(text);
  const hours = new Array<number>(24).fill(0);
  for (const at of arrivalSeconds) hours[new Date(startsAt + at * 1000).getUTCHours()]! += 1;
  return hours;
};

describe("a described load", () => {
  it("makes jobs at its rate for a week from a Monday on, with durations between the two, the same each time", () => {
    const load = describedLoad("0.05/s, 20-120 s");
    expect(load.arrivalSeconds.length / (7 * 86_400)).to.be.closeTo(0.05, 0.001);
    expect(Math.min(...load.durationSeconds)).to.be.within(20, 21);
    expect(Math.max(...load.durationSeconds)).to.be.within(119, 120);
    expect(new Date(load.startsAt).getUTCDay()).to.equal(1);
    expect(describedLoad("0.05/s, 20-120 s").arrivalSeconds).to.deep.equal(load.arrivalSeconds);
  });

  it("follows the day: noon has the peak's rate, midnight next to nothing", () => {
    const hours = perHour("peak 0.05/s, day curve, 20-120 s");
    expect(hours[11]! / (7 * 3600)).to.be.closeTo(0.049, 0.005);
    expect(hours[0]! + hours[23]!).to.be.lessThan(hours[11]! / 10);
    expect(perHour("peak 0.05/s, 20-120 s"), "a peak without a curve has a day's").to.deep.equal(hours);
  });

  it("keeps to office hours and weekdays", () => {
    const hours = perHour("60/hour, office hours, 5 min");
    expect(hours.map((jobs) => jobs > 0)).to.deep.equal(hours.map((_, hour) => hour >= 8 && hour < 18));
    const { arrivalSeconds } = describedLoad("60 per hour, weekdays, 5 min each, 2 weeks");
    const days = new Set(Array.from(arrivalSeconds, (at) => Math.floor(at / 86_400)));
    expect([...days]).to.deep.equal([0, 1, 2, 3, 4, 7, 8, 9, 10, 11]);
  });

  it("names each part that it can't read, and what it can", () => {
    expect(refusal("peak 0.05/s, moonlight, -3 s")).to.match(
      /^"peak 0\.05\/s, moonlight, -3 s" describes no load: "moonlight" can't be read; "-3 s" can't be read; there is no duration of a job\. Expected a rate such as "0\.05\/s"/,
    );
    expect(refusal("0/s, 60 s")).to.contain('"0/s": expected a rate above 0');
    expect(refusal("1/min, 120-20 s")).to.contain('"120-20 s": expected a duration above 0, the shorter one first');
    expect(refusal("1/min, 2/min, 60 s, 900 days")).to.contain('"2/min": there is one already; "900 days": expected 1 to 366 days');
    expect(refusal("")).to.contain("there is no rate of jobs; there is no duration of a job");
    expect(refusal("0.000000001/s, 60 s, 1 day")).to.equal(
      '"0.000000001/s, 60 s, 1 day" makes no job in 1 days: give a higher rate or more days.',
    );
  });
});
