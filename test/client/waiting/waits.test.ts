import { expect } from "chai";
import { AsyncInferenceError, clientError } from "../../../client/errors";
import { lookingFails, lookingWorksAgain, Waits, type Patience, type Wanted } from "../../../client/waiting/waits";
import { createServiceClock } from "../../../core/serviceClock";
import { VirtualClock } from "../../../local/clock";

describe("waits", () => {
  const start = 1_000_000;
  let own: VirtualClock;
  let left: string[];
  /** A caller's own form of the result; without one it is given as it is. */
  type Formed = Patience & { form?: string };
  let waits: Waits<string, Wanted, Formed, string>;

  beforeEach(() => {
    own = new VirtualClock(start);
    left = [];
    waits = new Waits(
      createServiceClock(own),
      (result, { form }) => {
        if (form === "broken") return Promise.reject(new Error("can't be read"));
        return form === undefined ? result : Promise.resolve(`${result} as ${form}`);
      },
      (key) => `the job ${key}`,
      (key) => ({ jobId: key }),
      ({ key }) => left.push(key),
    );
  });

  const add = (key: string, patience: Formed) => waits.add(key, patience, () => ({ key, callers: undefined }));
  const isWanted = (key: string) => waits.get(key) !== undefined;

  /** How a wait ends: its result, or what its caller is told. */
  const end = (key: string, deadline = start + 60_000, signal?: AbortSignal) =>
    add(key, { deadline, signal }).catch((error: unknown) => {
      if (!(error instanceof AsyncInferenceError)) throw error;
      return [error.code, error.jobId, error.message];
    });

  it("of several callers for one job all get its result, and nobody else's", async () => {
    const [first, second, other] = [end("a"), end("a"), end("b")];
    waits.resolve("a", "done");
    waits.resolve("none", "lost");

    expect([await first, await second, left]).to.deep.equal(["done", "done", ["a"]]);
    expect([isWanted("a"), isWanted("b")]).to.deep.equal([false, true]);
    waits.resolve("b", "done too");
    expect([await other, left]).to.deep.equal(["done too", ["a", "b"]]);
  });

  it("give each caller what it has made of the result, by how it waits, and a failure of that to it alone", async () => {
    const [text, broken, plain] = [
      add("a", { deadline: start + 1, form: "text" }),
      add("a", { deadline: start + 1, form: "broken" }).catch(String),
      end("a", start + 1),
    ];
    waits.resolve("a", "done");

    expect([await text, await broken, await plain]).to.deep.equal(["done as text", "Error: can't be read", "done"]);
  });

  it("share no form with who waited just before, whichever of them has one", async () => {
    const forms = [{}, { form: "text" }, { form: "text" }, {}, { form: "bytes" }];
    const ends = forms.map((form) => add("a", { deadline: start + 1, ...form }));
    waits.resolve("a", "done");

    expect(await Promise.all(ends)).to.deep.equal(["done", "done as text", "done as text", "done", "done as bytes"]);
  });

  it("end each at its own deadline, with the last trouble, while those of others go on", async () => {
    const [short, alike, long] = [end("a", start + 1000), end("b", start + 1000), end("a", start + 2000)];
    await own.advance(999);
    expect([isWanted("a"), isWanted("b")]).to.deep.equal([true, true]);
    await own.advance(1);

    const late = (key: string) => ["WAIT_TIMEOUT", key, `The wait for the job ${key} took as long as it may.`];
    expect([await short, await alike]).to.deep.equal([late("a"), late("b")]);
    expect([isWanted("a"), left]).to.deep.equal([true, ["b"]]);
    waits.trouble = clientError("THROTTLED", "busy");
    await own.advance(1000);
    expect(await long).to.deep.equal(["WAIT_TIMEOUT", "a", "The wait for the job a took as long as it may. The last look failed: busy"]);
    expect(left).to.deep.equal(["b", "a"]);
  });

  it("end by their signal, before they begin too, and leave no listener behind", async () => {
    const controller = new AbortController();
    const listeners = { added: 0, removed: 0 };
    const { signal } = controller;
    const [add, remove] = [signal.addEventListener.bind(signal), signal.removeEventListener.bind(signal)];
    signal.addEventListener = (...args: Parameters<typeof add>) => (listeners.added++, add(...args));
    signal.removeEventListener = (...args: Parameters<typeof remove>) => (listeners.removed++, remove(...args));
    const ends = [end("a", undefined, signal), end("b", undefined, signal), end("c")];
    waits.resolve("b", "done");
    controller.abort();
    const aborted = (key: string) => ["ABORTED", key, `The wait for the job ${key} was aborted.`];

    expect([await ends[0], await ends[1], await end("d", undefined, signal)]).to.deep.equal([aborted("a"), "done", aborted("d")]);
    expect([left, isWanted("c"), isWanted("d"), listeners]).to.deep.equal([["b", "a"], true, false, { added: 1, removed: 1 }]);
  });

  it("have a timer for each deadline and none when nobody waits; who waits until the same moment later gets one again", async () => {
    const [set, clear, live] = [own.setTimeout.bind(own), own.clearTimeout.bind(own), new Set<unknown>()];
    own.setTimeout = (callback, milliseconds) => {
      const timer = set(callback, milliseconds);
      live.add(timer);
      return timer;
    };
    own.clearTimeout = (timer) => (live.delete(timer), clear(timer));
    const timers = () => live.size;
    const [first, second] = [end("a"), end("b")];
    expect(timers()).to.equal(1);
    waits.resolve("a", "done");
    expect(timers()).to.equal(1);
    waits.resolve("b", "done");
    expect([timers(), await first, await second]).to.deep.equal([0, "done", "done"]);

    const { signal, abort } = ((controller) => ({ signal: controller.signal, abort: () => controller.abort() }))(new AbortController());
    const again = end("a");
    const before = end("b", start + 90_000, signal);
    waits.resolve("b", "done");
    const signalled = end("b", start + 90_000, signal);
    abort();
    await own.advance(60_000);
    expect([await before, (await signalled)[0], (await again)[0]]).to.deep.equal(["done", "ABORTED", "WAIT_TIMEOUT"]);
  });

  it("log that looking fails, and that it works again where somebody still waits for that, each once", () => {
    const lines: object[] = [];
    const one = new Waits<string, Wanted, Formed, string>(
      createServiceClock(own),
      (result) => result,
      (key) => key,
      () => ({}),
      () => undefined,
      (line) => lines.push(line),
    );
    const busy = clientError("THROTTLED", "busy");
    const told = () => lines.splice(0);
    one.trouble = undefined;
    one.trouble = busy;
    one.trouble = clientError("THROTTLED", "still busy");
    expect(told()).to.deep.equal([{ level: "warn", message: lookingFails, code: "THROTTLED", reason: "busy" }]);
    one.trouble = undefined;
    expect(told(), "nobody waits").to.deep.equal([]);
    one.trouble = busy;
    void one.add("a", { deadline: start + 1 }, () => ({ key: "a", callers: undefined }));
    one.trouble = undefined;
    one.trouble = undefined;
    expect(told().slice(1)).to.deep.equal([{ level: "info", message: lookingWorksAgain }]);
    one.resolve("a", "done");
  });

  it("of one job can be left in any order", async () => {
    for (const order of [
      [0, 1, 2],
      [1, 0, 2],
      [2, 1, 0],
      [1, 2, 0],
    ]) {
      const signals = [0, 1, 2].map(() => new AbortController());
      const ends = signals.map(({ signal }) => end("a", undefined, signal));
      for (const index of order) {
        expect(isWanted("a")).to.equal(true);
        signals[index]?.abort();
      }
      expect(isWanted("a")).to.equal(false);
      for (const each of ends) expect((await each)[0]).to.equal("ABORTED");
    }
    expect(left).to.deep.equal(["a", "a", "a", "a"]);
  });

  it("for one job end by one error, each with the job's id", async () => {
    const ends = [end("a"), end("a"), end("b")];
    waits.reject("a", clientError("NOT_FOUND", "There is no job."));

    expect([await ends[0], await ends[1], isWanted("b")]).to.deep.equal([
      ["NOT_FOUND", "a", "There is no job."],
      ["NOT_FOUND", "a", "There is no job."],
      true,
    ]);
  });

  it("end all with their client, and none begins after it", async () => {
    const ends = [end("a"), end("b")];
    waits.close();

    expect(await Promise.all([...ends, end("c")])).to.deep.equal([
      ["ABORTED", "a", "The client was closed while somebody waited."],
      ["ABORTED", "b", "The client was closed while somebody waited."],
      ["ABORTED", "c", "The client is closed."],
    ]);
  });
});
