import { expect } from "chai";
import type { JobRecord } from "../../../core/records/job";
import { jsonFault } from "../../../doubles/awsProxy";
import { outcomeOf } from "../../support/steppedTime";
import { failed, TableBench } from "./tableBench";

describe("waiting for jobs that somebody else submitted", () => {
  const bench = new TableBench();
  const { accept, end, id, soon } = bench;

  /** Waits for so many jobs that no test has ended, of waiters in turn. */
  async function waitFor(count: number, waiters: readonly (string | undefined)[]) {
    const jobs = Array.from({ length: count }, (_, index) => `there-${index}`);
    const records: JobRecord[] = [];
    // The table's double has so many connections.
    for (let first = 0; first < count; first += 250) {
      const some = jobs.slice(first, first + 250);
      records.push(...(await Promise.all(some.map((job, index) => accept(job, { waiter: waiters[(first + index) % waiters.length] })))));
    }
    return records.map(({ jobId }) => outcomeOf(bench.waiter.wait(jobId, { own: false, ...soon() })));
  }

  /** How many attributes each read of records asks for, from now on. */
  function attributesRead(): number[] {
    const counts: number[] = [];
    bench.client.middlewareStack.add(
      (next) => (args) => {
        const { RequestItems = {} } = args.input as { RequestItems?: Record<string, { ProjectionExpression: string }> };
        for (const { ProjectionExpression } of Object.values(RequestItems)) counts.push(ProjectionExpression.split(",").length);
        return next(args);
      },
      { step: "initialize" },
    );
    return counts;
  }

  it("reads jobs that no client submitted in batches, every second at first and every five in the end", async () => {
    const outcomes = await waitFor(250, [undefined]);
    await bench.time.pass(1);
    expect(bench.proxy.counted()).to.deep.equal({ BatchGetItem: 3 });
    await bench.time.pass(59);
    expect(bench.proxy.counted()["BatchGetItem"]).to.be.within(3 * 12, 3 * 16);

    const { waiter: _, ...value } = await end("there-7", 0, { waiter: undefined });
    await bench.time.pass(5.5);
    expect(outcomes[7]).to.deep.equal({ value });
  });

  it("reads a crowd of them by a bounded number of calls a minute, each in its turn", async () => {
    const outcomes = await waitFor(1500, [undefined]);
    const attributes = attributesRead();
    await bench.time.pass(4);
    expect(bench.proxy.counted(), "each once").to.deep.equal({ BatchGetItem: 15 });
    expect(new Set(attributes.splice(0)), "little of each before it is known whose they are").to.deep.equal(new Set([3]));
    await bench.time.pass(15);
    bench.proxy.counted();
    const calls: (number | undefined)[] = [];
    for (let part = 0; part < 4; part++) {
      await bench.time.pass(15);
      calls.push(bench.proxy.counted()["BatchGetItem"]);
    }
    expect(
      attributes.every((count) => count > 40),
      "then with their ends",
    ).to.equal(true);
    expect(calls, "and never all at once").to.satisfy((counts: number[]) => counts.every((count) => count >= 14 && count <= 20));

    const { waiter: _, ...value } = await end("there-7", 0, { waiter: undefined });
    await bench.time.pass(14);
    expect(outcomes[7]).to.deep.equal({ value });
  });

  it("learns of the ends of another client's many jobs by one call a second, within a second", async () => {
    const outcomes = await waitFor(250, ["another"]);
    await bench.time.pass(2);
    expect(bench.proxy.counted(), "the first hundred were few").to.deep.equal({ BatchGetItem: 4, Query: 2 });
    await bench.time.pass(70);
    expect(bench.proxy.counted(), "with the safety net").to.deep.equal({ BatchGetItem: 3, Query: 70 });

    const value = await end("there-7", 0, { waiter: "another" });
    await bench.time.pass(1);
    expect(outcomes[7]).to.deep.equal({ value });
    bench.waiter.close();
    await bench.time.settle();
    bench.proxy.counted();
    await bench.time.pass(120);
    expect(bench.proxy.counted(), "when nobody waits").to.deep.equal({});
  });

  it("takes jobs for its own that an earlier process submitted under its name", async () => {
    const outcomes = await waitFor(2, [bench.name]);
    await bench.time.pass(30);
    expect(bench.proxy.counted()).to.deep.equal({ BatchGetItem: 1, Query: 30 });

    const value = await end("there-1");
    await bench.time.pass(1);
    expect(outcomes).to.deep.equal([{}, { value }]);
  });

  it("looks at the indexes of many clients in turn, each within five seconds", async () => {
    const waiters = ["a", "b", "c", "d", "e", "f"].map((letter) => `client-of-${letter}`);
    const outcomes = await waitFor(101 * waiters.length, waiters);
    await bench.time.pass(2);
    bench.proxy.counted();
    await bench.time.pass(20);
    expect(bench.proxy.counted(), "and, once a minute, some of what was read before its index was").to.deep.equal({
      BatchGetItem: 1,
      Query: 40,
    });

    const ends = await Promise.all([0, 1, 2, 3, 4, 5].map((index) => end(`there-${index}`, 0, { waiter: waiters[index] })));
    await bench.time.pass(5);
    expect(outcomes.slice(0, 7)).to.deep.equal([...ends.map((value) => ({ value })), {}]);
  });

  it("reads records as before when it may not read the index", async () => {
    bench.proxy.fail("Query", jsonFault(400, "AccessDeniedException", "no"));
    const outcomes = await waitFor(101, ["another"]);
    await bench.time.pass(20);
    const { Query } = bench.proxy.counted();
    const value = await end("there-7", 0, { waiter: "another" });
    await bench.time.pass(5.5);

    expect(Query).to.equal(1);
    expect(outcomes[7]).to.deep.equal({ value });
  });

  it("says at once that a job is unknown, or its record gone", async () => {
    const missing = bench.waiter.wait(id("missing"), { own: false, ...soon() });
    const settled = failed(missing);
    await bench.time.pass(0.1);

    expect(await settled).to.deep.equal({
      code: "NOT_FOUND",
      message: `There is no job ${id("missing")}.`,
      retryable: false,
      advice:
        "Look whether the jobId is spelled right and the service is the right one; a record is dropped some time after its job's end.",
      field: "jobId",
      jobId: id("missing"),
    });
  });

  it("reads again what the table had no time for", async () => {
    await accept("here", { waiter: "somebody-else" });
    const value = await end("there", 0, { waiter: "somebody-else" });
    bench.proxy.fail("BatchGetItem", (body) => {
      const { RequestItems } = JSON.parse(body) as { RequestItems: object };
      return { status: 200, body: JSON.stringify({ Responses: { jobs: [] }, UnprocessedKeys: RequestItems }) };
    });
    const here = outcomeOf(bench.waiter.wait(id("here"), { own: false, ...soon() }));
    const there = outcomeOf(bench.waiter.wait(id("there"), { own: false, ...soon() }));
    await bench.time.pass(1);
    expect([here, there]).to.deep.equal([{}, {}]);
    await bench.time.pass(1.5);
    expect([here, there]).to.deep.equal([{}, { value }]);
  });
});
