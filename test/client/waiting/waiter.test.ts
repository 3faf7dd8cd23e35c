import { expect } from "chai";
import type { AsyncInferenceError } from "../../../client/errors";
import type { ItemReads } from "../../../client/plainItems";
import { openJob } from "../../../doubles/jobs";
import { outcomeOf } from "../../support/steppedTime";
import { failed, TableBench } from "./tableBench";

describe("waiting with the job table", () => {
  const bench = new TableBench();
  const { accept, end, id, soon } = bench;

  it("tells of an end within a second, and of every end of a hundred jobs by one call a second", async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => `job-${index}`);
    for (const job of jobs) await accept(job);
    const outcomes = jobs.map((job) => outcomeOf(bench.waiter.wait(id(job), { own: true, ...soon() })));
    await bench.time.pass(10.5);
    const ends = await Promise.all(jobs.map((job) => end(job)));
    await bench.time.pass(1);

    expect(outcomes).to.deep.equal(ends.map((value) => ({ value })));
    expect(bench.proxy.counted()).to.deep.equal({ Query: 12 });
    await bench.time.pass(60);
    expect(bench.proxy.counted(), "when nobody waits").to.deep.equal({});
  });

  it("finds an end that came before anybody waited, also when other ends came since", async () => {
    await accept("other");
    await accept("early");
    const other = outcomeOf(bench.waiter.wait(id("other"), { own: true, ...soon() }));
    await bench.time.pass(5);
    const early = await end("early");
    await bench.time.pass(300);
    expect(other).to.deep.equal({});

    const late = outcomeOf(bench.waiter.wait(id("early"), { own: true, ...soon() }));
    await bench.time.pass(1);
    expect(late).to.deep.equal({ value: early });
  });

  it("tells each of two callers, and one who asks again", async () => {
    await accept("twice");
    const first = outcomeOf(bench.waiter.wait(id("twice"), { own: true, ...soon() }));
    const second = outcomeOf(bench.waiter.wait(id("twice"), { own: false, ...soon() }));
    const value = await end("twice");
    await bench.time.pass(2);
    const third = outcomeOf(bench.waiter.wait(id("twice"), { own: true, ...soon() }));
    await bench.time.pass(1);

    expect([first, second, third]).to.deep.equal([{ value }, { value }, { value }]);
  });

  for (const skewMinutes of [-15, 15]) {
    it(`learns of an end that a clock ${skewMinutes} minutes off has stamped, and then of right ones within a second`, async () => {
      for (const job of ["before", "skewed", "after"]) await accept(job);
      const outcomes = ["before", "skewed", "after"].map((job) => outcomeOf(bench.waiter.wait(id(job), { own: true, ...soon() })));
      const before = await end("before");
      await bench.time.pass(30);
      const skewed = await end("skewed", skewMinutes * 60);
      await bench.time.pass(61);
      expect(outcomes).to.deep.equal([{ value: before }, { value: skewed }, {}]);

      const after = await end("after");
      await bench.time.pass(1);
      expect(outcomes[2]).to.deep.equal({ value: after });
    });

    it(`works on a machine whose own clock is ${skewMinutes} minutes off`, async () => {
      await accept("first");
      await accept("second");
      const outcomes = ["first", "second"].map((job) => outcomeOf(bench.waiter.wait(id(job), { own: true, ...soon() })));
      const first = await end("first", skewMinutes * 60);
      await bench.time.pass(1);
      const second = await end("second", skewMinutes * 60);
      await bench.time.pass(1);

      expect(outcomes).to.deep.equal([{ value: first }, { value: second }]);
    });
  }

  it("pays for an end a few times, and not every second until the next one", async () => {
    for (const job of ["open", "old"]) await accept(job);
    await end("old");
    void bench.waiter.wait(id("open"), { own: true, ...soon() }).catch(() => undefined);
    await bench.time.pass(20);
    const asked: unknown[] = [];
    bench.client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        if (context["commandName"] === "QueryCommand") asked.push((answer.output as unknown as { Count?: number }).Count);
        return answer;
      },
      { step: "initialize" },
    );
    await bench.time.pass(30);

    expect(asked).to.deep.equal(Array.from({ length: 30 }, () => 0));
    await bench.time.pass(31);
    expect(asked.slice(30), "with the wide look").to.deep.equal([
      ...Array.from({ length: 9 }, () => 0),
      1,
      ...Array.from({ length: 21 }, () => 0),
    ]);
  });

  it("reads every page of more than a megabyte of ends", async () => {
    const jobs = Array.from({ length: 60 }, (_, index) => `big-${index}`);
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, "x".repeat(1024)]));
    const outcomes = jobs.map((job) => outcomeOf(bench.waiter.wait(id(job), { own: true, ...soon() })));
    const ends = await Promise.all(jobs.map((job) => end(job, 0, { metadata })));
    await bench.time.pass(1);

    expect(outcomes).to.deep.equal(ends.map((value) => ({ value })));
    expect(bench.proxy.counted()["Query"]).to.be.greaterThan(1);
  });

  it("reads its open jobs once a minute, for ends that the index does not have", async () => {
    await accept("unindexed");
    const outcome = outcomeOf(bench.waiter.wait(id("unindexed"), { own: true, ...soon() }));
    await bench.time.pass(10);
    const { waiter: _, ...value } = await end("unindexed");
    await bench.services.putJob(value);
    await bench.time.pass(51);

    expect(outcome).to.deep.equal({ value });
    expect(bench.proxy.counted(), "one read finds the end, one gets its record").to.deep.equal({ BatchGetItem: 2, Query: 61 });
  });

  it("ends a wait when its caller says so, whatever is under way", async () => {
    const stops = [
      { at: 0, own: true },
      { at: 0.1, own: true },
      { at: 0.1, own: false },
      { at: 30, own: true },
      { at: 61, own: true },
    ];
    for (const [index, { at, own }] of stops.entries()) {
      const job = `stopped-${index}`;
      await accept(job);
      const controller = new AbortController();
      const settled = failed(bench.waiter.wait(id(job), { own, ...soon(), signal: controller.signal }));
      await bench.time.pass(at);
      controller.abort(new Error("enough"));

      expect(await settled).to.deep.equal({
        code: "ABORTED",
        message: `The wait for the job ${id(job)} was aborted.`,
        retryable: false,
        advice: "The job goes on: ask again later, with its jobId.",
        jobId: id(job),
      });
    }
    await bench.time.settle();
    bench.proxy.counted();
    await bench.time.pass(120);
    expect(bench.proxy.counted(), "when nobody waits").to.deep.equal({});
  });

  it("ends every wait when the client is closed, and those to come", async () => {
    const settled = failed(bench.waiter.wait(id("open"), { own: true, ...soon() }));
    bench.waiter.close();
    const after = failed(bench.waiter.wait(id("open"), { own: true, ...soon() }));

    expect([(await settled)["message"], (await after)["message"]]).to.deep.equal([
      "The client was closed while somebody waited.",
      "The client is closed.",
    ]);
  });

  it("waits for months when it is told to", async () => {
    await accept("long");
    const outcome = outcomeOf(bench.waiter.wait(id("long"), { own: true, ...soon(60 * 86_400) }));
    await bench.time.pass(2);
    expect(outcome).to.deep.equal({});
  });

  it("asks no more often for ten thousand jobs than for one, also as a safety net", async () => {
    const counts: Record<string, number> = {};
    const count = (call: string) => (counts[call] = (counts[call] ?? 0) + 1);
    const items: ItemReads = {
      query: async () => (count("query"), { Items: [] }),
      async batchGet({ Keys }) {
        count("batchGet");
        return { Items: Keys.map((jobId) => ({ ...openJob({ jobId, waiter: bench.name }) })), UnprocessedKeys: [] };
      },
    };
    const many = bench.newWaiter({ items });
    const outcomes = Array.from({ length: 10_000 }, (_, index) => outcomeOf(many.wait(`many-${index}`, { own: true, ...soon() })));
    await bench.time.pass(600.5);

    expect(counts).to.deep.equal({ query: 601, batchGet: 100 });
    many.close();
    await bench.time.settle();
    expect(outcomes.filter(({ error }) => (error as AsyncInferenceError | undefined)?.code === "ABORTED").length).to.equal(10_000);
  });
});
