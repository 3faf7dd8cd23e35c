import { expect } from "chai";
import { minimumAt, readWarmWindow } from "../../../core/floor/warmHours";
describe("warm hours", () => {
    it("are days and times as people write them, and last until the next day when they end earlier than they begin", () => {
        const texts = ["mon-fri 08:00-18:00", "sat 00:00-23:59", "fri-mon 09:00-10:00", "sun 22:00-06:00", "sat-sun 00:00-00:00"];
        expect(texts.map(readWarmWindow)).to.deep.equal([
            { days: [1, 2, 3, 4, 5], from: 480, to: 1080 },
            { days: [6], from: 0, to: 1439 },
            { days: [5, 6, 0, 1], from: 540, to: 600 },
            { days: [0], from: 1320, to: 1800 },
            { days: [6, 0], from: 0, to: 1440 },
        ]);
        const none = ["", "mon", "fri-mon 9:00-10:00", "mon 24:00-25:00", "mon 08:00-24:00", "Mon 08:00-18:00", "mon-fri 08:00-18:00 "];
        expect(none.map(readWarmWindow)).to.deep.equal(none.map(() => undefined));
    });
    it("raise the minimum from the first minute to before the last, in their own time zone, summer and winter", () => {
        const warm = { windows: ["mon-fri 08:00-18:00"], timeZone: "Europe/Berlin", minCapacity: 2 };
        const at = (time) => minimumAt(warm, 0, Date.parse(time));
        expect(["2026-01-05T06:59:59Z", "2026-01-05T07:00:00Z", "2026-01-05T16:59:59Z", "2026-01-05T17:00:00Z", "2026-07-06T06:00:00Z"].map(at)).to.deep.equal([0, 2, 2, 0, 2]);
        expect(at("2026-01-04T12:00:00Z")).to.equal(0);
    });
    it("go on past midnight, from the week's last day to its first too", () => {
        const warm = { windows: ["sun 22:00-06:00", "fri-sat 00:00-00:00"], timeZone: "UTC", minCapacity: 2 };
        const minimums = (times, { windows } = warm) => times.map((time) => minimumAt({ ...warm, windows }, 0, Date.parse(time)));
        // 4 January 2026 is a Sunday.
        expect(minimums(["2026-01-04T21:59:59Z", "2026-01-04T22:00:00Z", "2026-01-05T00:00:00Z", "2026-01-05T05:59:59Z"])).to.deep.equal([
            0, 2, 2, 2,
        ]);
        expect(minimums(["2026-01-05T06:00:00Z", "2026-01-06T02:00:00Z"])).to.deep.equal([0, 0]);
        expect(minimums(["2026-01-01T23:59:59Z", "2026-01-02T00:00:00Z", "2026-01-03T00:00:00Z", "2026-01-03T23:59:59Z"])).to.deep.equal([
            0, 2, 2, 2,
        ]);
        expect(minimums(["2026-01-04T00:00:00Z"])).to.deep.equal([0]);
        const weekend = { windows: ["sat 22:00-06:00"] };
        expect(minimums(["2026-01-03T21:59:59Z", "2026-01-04T05:59:59Z", "2026-01-04T06:00:00Z"], weekend)).to.deep.equal([0, 2, 0]);
    });
    it("keep to the clock on the wall on the days on which it is put forward and back", () => {
        const warm = { windows: ["sun 02:30-08:00"], timeZone: "Europe/Berlin", minCapacity: 2 };
        const minimums = (times) => times.map((time) => minimumAt(warm, 0, Date.parse(time)));
        // In March 02:00 is 03:00; in October 03:00 is 02:00 once more.
        expect(minimums(["2026-03-29T00:59:59Z", "2026-03-29T01:00:00Z", "2026-03-29T05:59:59Z", "2026-03-29T06:00:00Z"])).to.deep.equal([
            0, 2, 2, 0,
        ]);
        expect(minimums(["2026-10-25T00:30:00Z", "2026-10-25T01:00:00Z", "2026-10-25T01:30:00Z", "2026-10-25T07:00:00Z"])).to.deep.equal([
            2, 0, 2, 0,
        ]);
    });
    it("never lower it", () => {
        const warm = { windows: ["mon 00:00-23:59"], timeZone: "UTC", minCapacity: 1 };
        expect(minimumAt(warm, 3, Date.parse("2026-01-05T12:00:00Z"))).to.equal(3);
    });
});
