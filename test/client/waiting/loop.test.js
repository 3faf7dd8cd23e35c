import { expect } from "chai";
import { Loop } from "../../../client/waiting/loop";
import { createServiceClock } from "../../../core/serviceClock";
import { VirtualClock } from "../../../local/clock";
describe("a loop of looks", () => {
    let own;
    let steps;
    beforeEach(() => {
        own = new VirtualClock(0);
        steps = [];
    });
    /** A loop whose steps take no time, and want to be made again after these pauses. */
    function looping(...pauses) {
        const signals = [];
        const loop = new Loop(createServiceClock(own), async (signal) => {
            steps.push(own.now());
            signals.push(signal);
            return Promise.resolve(pauses.shift() ?? Infinity);
        });
        return { loop, signals };
    }
    it("costs nothing until somebody asks for a look, and after the last", async () => {
        const { loop } = looping();
        await own.advance(60_000);
        expect([steps, loop.isRunning]).to.deep.equal([[], false]);
        loop.within(1000);
        expect(loop.isRunning).to.equal(true);
        await own.advance(60_000);
        expect([steps, loop.isRunning]).to.deep.equal([[61_000], false]);
    });
    it("looks again after as long as the look before it said, or sooner when it is asked to", async () => {
        const { loop } = looping(500, 10_000, 0);
        loop.within(0);
        await own.advance(600);
        expect(steps).to.deep.equal([0, 500]);
        loop.within(20_000);
        loop.within(2000);
        loop.within(3000);
        await own.advance(60_000);
        // The third wanted the next at once.
        expect(steps).to.deep.equal([0, 500, 2600, 2600]);
    });
    it("makes one look at a time: what is asked for meanwhile comes after it", async () => {
        let finish = () => undefined;
        const loop = new Loop(createServiceClock(own), () => {
            steps.push(own.now());
            return new Promise((resolve) => (finish = resolve));
        });
        loop.within(0);
        await own.advance(0);
        loop.within(1000);
        await own.advance(5000);
        expect([steps, loop.isRunning]).to.deep.equal([[0], true]);
        finish(Infinity);
        await own.advance(0);
        expect(steps).to.deep.equal([0, 5000]);
        loop.stop();
    });
    it("stops at once, look under way and all, and can begin again", async () => {
        const { loop, signals } = looping(1000, 1000);
        loop.within(0);
        await own.advance(0);
        loop.stop();
        await own.advance(10_000);
        expect([steps, loop.isRunning]).to.deep.equal([[0], false]);
        const ends = [];
        const slow = new Loop(createServiceClock(own), (signal) => {
            signals.push(signal);
            return new Promise((resolve) => ends.push(() => resolve(0)));
        });
        slow.within(0);
        await own.advance(0);
        slow.stop();
        expect([signals.at(-1)?.aborted, slow.isRunning]).to.deep.equal([true, false]);
        slow.within(0);
        await own.advance(0);
        ends[0]?.();
        await own.advance(10_000);
        expect(ends.length).to.equal(2);
        slow.stop();
    });
});
