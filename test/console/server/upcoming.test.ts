import { expect } from "chai";
import { upcoming } from "../../../console/server/upcoming";

/** A Sunday, eight in the evening. */
const now = Date.parse("2026-01-25T20:00:00Z");
const change = (name: string, schedule: string, more: object = {}) => ({ name, schedule, timeZone: "UTC", minCapacity: 1, ...more });

describe("what schedules change next", () => {
  it("stands in the order in which it happens, by the schedule's own clocks", () => {
    const found = upcoming(
      [
        change("day", "cron(0 8 ? * MON-FRI *)", { timeZone: "Europe/Berlin", maxCapacity: 4 }),
        change("night", "cron(0 23 * * ? *)", { minCapacity: 0 }),
      ],
      now,
    );

    expect(found.map(({ name, at }) => [name, new Date(at).toISOString()])).to.deep.equal([
      ["night", "2026-01-25T23:00:00.000Z"],
      ["day", "2026-01-26T07:00:00.000Z"],
    ]);
    expect(found[1]).to.deep.include({ minCapacity: 1, maxCapacity: 4, schedule: "cron(0 8 ? * MON-FRI *)", timeZone: "Europe/Berlin" });
  });

  it("is nothing of a schedule that has ended, or that says what nobody here can read: the others are shown all the same", () => {
    const found = upcoming(
      [
        change("past", "at(2026-01-25T19:00:00)"),
        change("ended", "rate(1 hour)", { startsAt: "2026-01-01T00:00:00Z", endsAt: "2026-01-25T19:30:00Z" }),
        change("odd", "every full moon"),
        change("right", "at(2026-01-25T21:00:00)"),
      ],
      now,
    );

    expect(found.map(({ name }) => name)).to.deep.equal(["right"]);
  });
});
