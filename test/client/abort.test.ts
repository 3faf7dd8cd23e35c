import { expect } from "chai";
import { unlessAborted } from "../../client/abort";

describe("work that an abort ends", () => {
  const never = new Promise<string>(() => undefined);
  const worded = (error: unknown) => new Error(`told: ${String((error as Error | undefined)?.message)}`);

  it("is the work itself without a signal", () => {
    expect(unlessAborted(never, undefined)).to.equal(never);
  });

  it("ends as it would, in the caller's words", async () => {
    const { signal } = new AbortController();

    expect(await unlessAborted(Promise.resolve("done"), signal)).to.equal("done");
    const failing = () => Promise.reject(new Error("no"));
    expect(String(await unlessAborted(failing(), signal).catch(String))).to.equal("Error: no");
    expect(String(await unlessAborted(failing(), signal, worded).catch(String))).to.equal("Error: told: no");
  });

  it("ends at once by the abort, for everybody who shares the signal, by one listener", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let listeners = 0;
    const add = signal.addEventListener.bind(signal);
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners++, add(...args));
    let gaveUp = 0;
    const waits = Array.from({ length: 3 }, () => unlessAborted(never, signal, worded, () => gaveUp++).catch(String));
    const done = await unlessAborted(Promise.resolve("done"), signal, worded, () => gaveUp++);
    const failed = await unlessAborted(Promise.reject(new Error("no")), signal, worded, () => gaveUp++).catch(String);
    controller.abort(new Error("enough"));

    expect(failed).to.equal("Error: told: no");
    expect([done, ...(await Promise.all(waits))]).to.deep.equal(["done", ...Array<string>(3).fill("Error: told: enough")]);
    expect([listeners, gaveUp]).to.deep.equal([1, 3]);
  });

  it("does not begin to wait after the abort, and nobody is told how the work ends", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    let gaveUp = 0;
    const work = Promise.reject(new Error("late"));

    expect(await unlessAborted(work, signal, undefined, () => gaveUp++).catch(String)).to.equal("Error: enough");
    expect(gaveUp).to.equal(1);
  });
});
