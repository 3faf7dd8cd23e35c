import { expect } from "chai";
import { WallClock } from "../../local/clock";
describe("the wall's clock of an embedded cloud", () => {
    const pending = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    it("ends its timers when it is closed: a message's time-out of hours keeps no process alive", () => {
        const before = pending();
        const clock = new WallClock();
        clock.setTimeout(() => undefined, 43_200_000);
        clock.clearTimeout(clock.setTimeout(() => undefined, 43_200_000));
        expect(pending()).to.equal(before + 1);
        clock.close();
        expect(pending()).to.equal(before);
    });
    it("runs what is due until then", async () => {
        const clock = new WallClock();
        await new Promise((resolve) => clock.setTimeout(resolve, 1));
        clock.close();
    });
});
