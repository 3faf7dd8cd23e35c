import { expect } from "chai";
import { occurrences, type Schedule } from "../../../core/scaling/schedules";

/** The first occurrences after `from`, as ISO minutes. */
function next(schedule: string, settings: Partial<Schedule> = {}, count = 3, from = Date.UTC(2026, 0, 5)): string[] {
  const after = occurrences({ schedule, ...settings }, from);
  const found: string[] = [];
  for (let at = after(from); at !== undefined && found.length < count; at = after(at)) found.push(new Date(at).toISOString().slice(0, 16));
  return found;
}

const escaped = (text: string) => text.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&");

describe("a scheduled action", () => {
  it("comes when its cron expression says, weekdays from Sunday as AWS counts them", () => {
    expect(next("cron(30 8 ? * 2-6 *)", {}, 6)).to.deep.equal(["05", "06", "07", "08", "09", "12"].map((day) => `2026-01-${day}T08:30`));
    expect(next("cron(0 0 ? * SUN *)", {}, 1)).to.deep.equal(["2026-01-11T00:00"]);
    expect(next("cron(15 10 L * ? *)", {}, 2)).to.deep.equal(["2026-01-31T10:15", "2026-02-28T10:15"]);
    expect(next("cron(0/20 9 5 1 ? 2026-2027)", {}, 4)).to.deep.equal([
      "2026-01-05T09:00",
      "2026-01-05T09:20",
      "2026-01-05T09:40",
      "2027-01-05T09:00",
    ]);
  });

  it("follows its time zone, also over the change of the clocks", () => {
    const around = Date.UTC(2026, 2, 28);
    expect(next("cron(0 8 * * ? *)", { timezone: "Europe/Berlin" }, 3, around)).to.deep.equal([
      "2026-03-28T07:00",
      "2026-03-29T06:00",
      "2026-03-30T06:00",
    ]);
  });

  it("comes at its rate, from its start until its end", () => {
    expect(next("rate(12 hours)")).to.deep.equal(["2026-01-05T12:00", "2026-01-06T00:00", "2026-01-06T12:00"]);
    expect(next("rate(1 day)", { startTime: "2026-01-06T09:00:00Z", endTime: "2026-01-08T08:00:00Z" })).to.deep.equal([
      "2026-01-06T09:00",
      "2026-01-07T09:00",
    ]);
  });

  it("comes at its start and at its end too, when they are times of its own", () => {
    const span = { startTime: "2026-01-06T09:00:00Z", endTime: "2026-01-07T09:00:00Z" };
    for (const schedule of ["cron(0 9 * * ? *)", "rate(1 day)"]) {
      expect(next(schedule, span)).to.deep.equal(["2026-01-06T09:00", "2026-01-07T09:00"]);
    }
  });

  it("may have more blanks than it needs between its fields", () => {
    expect(next("cron( 30  8 ? * 2-6 * )", {}, 1)).to.deep.equal(["2026-01-05T08:30"]);
  });

  it("comes once at its time, and never when that is past", () => {
    expect(next("at(2026-01-05T06:30:00)")).to.deep.equal(["2026-01-05T06:30"]);
    expect(next("at(2025-12-31T00:00:00)")).to.deep.equal([]);
  });

  const forms =
    "accepts cron(minutes hours day-of-month month day-of-week year), rate(value minutes|hours|days) or at(yyyy-mm-ddThh:mm:ss)";
  for (const schedule of [
    "cron(0 8 * * *)",
    "rate(0 minutes)",
    "rate(5 weeks)",
    "rate(about 2 hours)",
    "rate(2 hours or so)",
    "every day",
    "at(tomorrow)",
    "at(0 8 * * *)",
    "at(2026-01-05T06:30)",
    "at(on 2026-01-05T06:30:00)",
    "daily cron(0 8 * * ? *)",
    "cron(0 8 * * ? *) or so",
  ]) {
    it(`is refused, as it was written, when nobody can tell when it would come: ${schedule}`, () => {
      expect(() => next(schedule)).to.throw(new RegExp(`^Schedule: got "${escaped(schedule)}"; ${escaped(forms)}$`));
    });
  }

  for (const [schedule, why] of [
    ["cron(99 8 * * ? *)", "minute"],
    ["at(2026-13-05T00:00:00)", "ISO8601"],
  ] as const) {
    it(`is refused with what is wrong with it: ${schedule}`, () => {
      expect(() => next(schedule)).to.throw(new RegExp(`^Schedule: got "${escaped(schedule)}" \\(.*${why}.*\\); ${escaped(forms)}$`, "i"));
    });
  }
});
