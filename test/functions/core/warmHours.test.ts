import { expect } from "chai";
import { minimumAt, readWarmWindow } from "../../../functions/core/warmHours";

describe("warm hours", () => {
  it("are days and times as people write them", () => {
    expect(
      ["mon-fri 08:00-18:00", "sat 00:00-23:59", "fri-mon 9:00-10:00", "fri-mon 09:00-10:00", "mon 10:00-09:00"].map(readWarmWindow),
    ).to.deep.equal([
      { days: [1, 2, 3, 4, 5], from: 480, to: 1080 },
      { days: [6], from: 0, to: 1439 },
      undefined,
      { days: [5, 6, 0, 1], from: 540, to: 600 },
      undefined,
    ]);
  });

  it("raise the minimum from the first minute to before the last, in their own time zone, summer and winter", () => {
    const warm = { windows: ["mon-fri 08:00-18:00"], timeZone: "Europe/Berlin", minCapacity: 2 };
    const at = (time: string) => minimumAt(warm, 0, Date.parse(time));

    expect(
      ["2026-01-05T06:59:59Z", "2026-01-05T07:00:00Z", "2026-01-05T16:59:59Z", "2026-01-05T17:00:00Z", "2026-07-06T06:00:00Z"].map(at),
    ).to.deep.equal([0, 2, 2, 0, 2]);
    expect(at("2026-01-04T12:00:00Z")).to.equal(0);
  });

  it("never lower it", () => {
    const warm = { windows: ["mon 00:00-23:59"], timeZone: "UTC", minCapacity: 1 };
    expect(minimumAt(warm, 3, Date.parse("2026-01-05T12:00:00Z"))).to.equal(3);
  });
});
