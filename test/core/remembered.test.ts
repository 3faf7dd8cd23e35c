import { expect } from "chai";
import { remembered } from "../../core/remembered";

describe("what is remembered for those who ask often", () => {
  /** Reads 1, 2, 3 … @param kept whether a value is remembered */
  function counter(kept: (value: number) => boolean = () => true) {
    const world = { now: 1_000_000, reads: 0, fails: false };
    const read = async () => {
      world.reads++;
      await Promise.resolve();
      if (world.fails) throw new Error("no answer");
      return world.reads;
    };
    return { world, ask: remembered({ now: () => world.now }, 5, read, kept) };
  }

  it("is read once by all who ask at once, and again when it is as old as it may be", async () => {
    const { world, ask } = counter();
    const atOnce = await Promise.all([ask(), ask(), ask()]);
    world.now += 4999;
    const later = await ask();
    world.now += 1;

    expect([atOnce, later, await ask()]).to.deep.equal([[1, 1, 1], 1, 2]);
  });

  it("is shared by who asks while it is being read, however long that takes: a slow service must not be asked by each of them", async () => {
    const { world, ask } = counter();
    const first = ask();
    world.now += 60_000;
    const second = ask();

    expect([await first, await second]).to.deep.equal([1, 1]);
  });

  it("is read again when the clock was put back: nothing is known of its age", async () => {
    const { world, ask } = counter();
    await ask();
    world.now -= 1;

    expect(await ask()).to.equal(2);
  });

  it("is neither a failure nor what must not be remembered", async () => {
    const { world, ask } = counter((value) => value !== 2);
    world.fails = true;
    expect(await ask().catch((error: Error) => error.message)).to.equal("no answer");
    world.fails = false;

    expect([await ask(), await ask(), await ask()]).to.deep.equal([2, 3, 3]);
  });
});
