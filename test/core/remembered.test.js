import { expect } from "chai";
import { remembered } from "../../core/remembered";
describe("what is remembered for those who ask often", () => {
    /** Reads 1, 2, 3 … @param kept whether a value is remembered */
    function counter(kept = () => true) {
        const world = { now: 0, reads: 0, fails: false };
        const read = async () => {
            world.reads++;
            await Promise.resolve();
            if (world.fails)
                throw new Error("no answer");
            return world.reads;
        };
        return { world, ask: remembered({ now: () => world.now }, 5, read, kept) };
    }
    it("is read once by all who ask at once, and again when it is as old as it may be", async () => {
        const { world, ask } = counter();
        const atOnce = await Promise.all([ask(), ask(), ask()]);
        world.now = 4999;
        const later = await ask();
        world.now = 5000;
        expect([atOnce, later, await ask()]).to.deep.equal([[1, 1, 1], 1, 2]);
    });
    it("is read again when the clock was put back: nothing is known of its age", async () => {
        const { world, ask } = counter();
        await ask();
        world.now = -1;
        expect(await ask()).to.equal(2);
    });
    it("is neither a failure nor what must not be remembered", async () => {
        const { world, ask } = counter((value) => value !== 2);
        world.fails = true;
        expect(await ask().catch((error) => error.message)).to.equal("no answer");
        world.fails = false;
        expect([await ask(), await ask(), await ask()]).to.deep.equal([2, 3, 3]);
    });
});
