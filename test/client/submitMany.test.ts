import { getEventListeners } from "node:events";
import { expect } from "chai";
import { submitMany } from "../../client/submitMany";
import type { InferenceResult } from "../../client";
import { errorOf } from "./support";

/** Jobs whose ends a test decides. */
class Runs {
  readonly started: number[] = [];
  readonly aborted: number[] = [];
  private readonly open = new Set<number>();
  private readonly ends = new Map<number, (error?: Error) => void>();

  readonly run = (input: number, _index: number, signal: AbortSignal): Promise<InferenceResult<number>> => {
    this.started.push(input);
    return new Promise((resolve, reject) => {
      signal.addEventListener("abort", () => {
        if (this.open.has(input)) this.aborted.push(input);
        reject(signal.reason as Error);
      });
      const result = { success: true as const, data: input, jobId: `job-${input}`, inferenceId: "", timings: {} };
      this.ends.set(input, (error) => (error ? reject(error) : resolve(result)));
      this.open.add(input);
    });
  };

  /** Ends a job, once it has started. */
  async end(input: number, error?: Error): Promise<void> {
    while (!this.ends.has(input)) await turn();
    this.open.delete(input);
    this.ends.get(input)?.(error);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("submitMany", () => {
  let runs: Runs;
  let read: number[];
  let closed: boolean;

  beforeEach(() => {
    runs = new Runs();
    read = [];
    closed = false;
  });

  async function* inputs(count: number): AsyncGenerator<number> {
    try {
      for (let input = 0; input < count; input++) {
        read.push(input);
        yield input;
      }
    } finally {
      closed = true;
    }
  }

  const start = (count: number, concurrency: number, signal?: AbortSignal) =>
    submitMany(inputs(count), { concurrency, signal, run: runs.run });

  it("yields results as they finish, each with its input's place", async () => {
    const results = start(3, 3);
    const first = results.next();
    await runs.end(2);
    const value = (await first).value;
    await runs.end(0);
    await runs.end(1);
    const rest = [await results.next(), await results.next(), await results.next()];

    expect(value).to.include({ index: 2, data: 2, success: true });
    expect(rest.map(({ done, value: next }) => (done ? "done" : next.index))).to.deep.equal([0, 1, "done"]);
  });

  it("reads no more input than is open, and the next only once a result was taken", async () => {
    const results = start(100, 2);
    const first = results.next();
    await runs.end(0);
    await first;
    for (let turns = 0; turns < 10; turns++) await turn();
    const before = [...read];
    await runs.end(1);
    await results.next();
    const third = results.next();
    await runs.end(2);
    await third;
    await results.return(undefined);

    expect(before).to.deep.equal([0, 1]);
    expect(read.length).to.be.at.most(4);
  });

  it("yields what one input failed with, and goes on", async () => {
    const results = start(2, 2);
    const first = results.next();
    await runs.end(0, new Error("broken"));
    await runs.end(1);

    const { error, ...failed } = (await first).value as InferenceResult;
    expect([error?.code, error?.message]).to.deep.equal(["INTERNAL", "Error: broken"]);
    expect(failed).to.deep.equal({ success: false, index: 0, jobId: "", inferenceId: "", timings: {} });
    expect((await results.next()).value).to.include({ success: true, data: 1 });
    expect((await results.next()).done).to.equal(true);
  });

  it("stops submitting, ends the waits and closes the input when its caller leaves early", async () => {
    const many = start(100, 4);
    void runs.end(0);
    for await (const result of many) {
      expect(result.index).to.equal(0);
      break;
    }
    await turn();

    expect([runs.aborted, closed]).to.deep.equal([[1, 2, 3], true]);
    expect(runs.started.length).to.equal(4);
  });

  it("ends the waits by an abort while its caller is busy with a result", async () => {
    const abort = new AbortController();
    const results = start(3, 3, abort.signal);
    const first = results.next();
    await runs.end(0);
    await first;
    abort.abort();

    expect(runs.aborted).to.deep.equal([1, 2]);
    expect((await errorOf(results.next())).code).to.equal("ABORTED");
  });

  it("asks an input that stalls for one item at a time, and lets go of the signal and an input that has ended", async () => {
    const { signal } = new AbortController();
    const asked: ((item: IteratorResult<number>) => void)[] = [];
    let returned = 0;
    const next = () => new Promise<IteratorResult<number>>((resolve) => asked.push(resolve));
    const source: AsyncIterable<number> = {
      [Symbol.asyncIterator]: () => ({ next, return: async () => (returned++, { done: true, value: undefined }) }),
    };
    const results = submitMany(source, { concurrency: 3, signal, run: async (input, index) => runs.run(input, index, signal) });
    const first = results.next();
    asked[0]?.({ done: false, value: 7 });
    await runs.end(7);
    await first;
    const second = results.next();
    for (let turns = 0; turns < 3; turns++) await turn();

    expect([asked.length, getEventListeners(signal, "abort").length]).to.deep.equal([2, 2]);
    asked[1]?.({ done: true, value: undefined });
    expect([(await second).done, returned]).to.deep.equal([true, 0]);
    // That of the job itself, which is the test's own.
    expect(getEventListeners(signal, "abort").length).to.equal(1);
  });

  it("ends with ABORTED when it is aborted, even while the input stalls", async () => {
    const abort = new AbortController();
    const stalled: AsyncIterable<number> = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
    const next = submitMany(stalled, { concurrency: 2, signal: abort.signal, run: runs.run }).next();
    abort.abort();

    expect((await errorOf(next)).code).to.equal("ABORTED");
  });

  it("yields the results of what was read before the input failed, and then its error", async () => {
    async function* failing() {
      yield 7;
      throw new RangeError("no more pages");
    }
    const results = submitMany(failing(), { concurrency: 3, signal: undefined, run: runs.run });
    const first = results.next();
    await runs.end(7);

    expect((await first).value).to.include({ data: 7 });
    const error = await results.next().catch((thrown: unknown) => thrown);
    expect(error).to.be.instanceOf(RangeError).and.have.property("message", "no more pages");
  });

  it("takes any iterable, and none at all", async () => {
    const empty = await submitMany<number, number>([], { concurrency: 1, signal: undefined, run: runs.run }).next();

    expect(empty.done).to.equal(true);
  });
});
