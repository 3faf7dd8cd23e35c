import { expect } from "chai";
import { Slots } from "../../client/slots";

describe("what is under way at once", () => {
  /** Works whose ends a test decides. */
  function works(slots: Slots) {
    const begun: number[] = [];
    const ends = new Map<number, (error?: Error) => void>();
    const start = (name: number, signal?: AbortSignal) =>
      slots.run(() => {
        begun.push(name);
        return new Promise<number>((resolve, reject) => ends.set(name, (error) => (error ? reject(error) : resolve(name))));
      }, signal);
    return { begun, start, end: (name: number, error?: Error) => ends.get(name)?.(error) };
  }

  it("is bounded: the others begin in their order, as those before them end, however they end", async () => {
    const { begun, start, end } = works(new Slots(2));
    const [first, second, third, fourth] = [1, 2, 3, 4].map((name) => start(name).catch(String));
    expect(begun).to.deep.equal([]);
    await Promise.resolve();
    expect(begun).to.deep.equal([1, 2]);

    end(2, new Error("no"));
    expect(await second).to.equal("Error: no");
    await new Promise(setImmediate);
    expect(begun).to.deep.equal([1, 2, 3]);
    end(1);
    end(3);
    expect([await first, await third]).to.deep.equal([1, 3]);
    await new Promise(setImmediate);
    end(4);
    expect([begun, await fourth]).to.deep.equal([[1, 2, 3, 4], 4]);
    // Both rooms are free again.
    void start(5);
    void start(6);
    await Promise.resolve();
    expect(begun).to.deep.equal([1, 2, 3, 4, 5, 6]);
  });

  it("never begins for who gave up before its turn, whose room is the next one's", async () => {
    const { begun, start, end } = works(new Slots(1));
    const [waiting, passing] = [new AbortController(), new AbortController()];
    const first = start(1);
    await Promise.resolve();
    const gaveUp = start(2, waiting.signal).catch(String);
    const atItsTurn = start(3, passing.signal).catch(String);
    const last = start(4);
    const never = start(5, AbortSignal.abort(new Error("before"))).catch(String);
    waiting.abort(new Error("enough"));
    expect([await gaveUp, await never]).to.deep.equal(["Error: enough", "Error: before"]);

    end(1);
    await Promise.resolve();
    // Its room was given a moment ago, and it has not begun.
    passing.abort(new Error("late"));
    expect([await first, await atItsTurn]).to.deep.equal([1, "Error: late"]);
    await new Promise(setImmediate);
    end(4);
    expect([await last, begun]).to.deep.equal([4, [1, 4]]);
  });
});
