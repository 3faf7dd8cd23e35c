import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as library from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import { AsyncInferenceError } from "../../../client/errors";
import { createJobWaiter, type JobWaiter, type JobWaiterDependencies } from "../../../client/waiting/waiter";
import type { JobRecord } from "../../../functions/core/job";
import { AwsProxy, jsonFault } from "../../support/awsProxy";
import { startJobServices, type JobServices } from "../../support/jobServices";
import { openJob } from "../../support/jobs";
import { outcomeOf, SteppedTime } from "../../support/steppedTime";

const tableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs";

describe("waiting with the job table", () => {
  let services: JobServices;
  let proxy: AwsProxy;

  before(async () => {
    services = await startJobServices();
    proxy = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"] as string);
  });
  after(async () => {
    await proxy.close();
    await services.close();
  });

  let time: SteppedTime;
  let client: DynamoDBClient;
  let waiter: JobWaiter;
  let name: string;
  let tests = 0;

  beforeEach(() => {
    time = new SteppedTime(Date.parse("2026-01-25T22:46:00.000Z"));
    name = `client-${++tests}`;
    client = time.watch(new DynamoDBClient({ endpoint: proxy.url, maxAttempts: 1 }));
    waiter = newWaiter();
    proxy.counted();
    proxy.faults.splice(0);
  });
  afterEach(() => {
    waiter.close();
    client.destroy();
  });

  function newWaiter(changes: Partial<JobWaiterDependencies> = {}): JobWaiter {
    const documents = library.DynamoDBDocumentClient.from(client);
    const { tableName } = services;
    return createJobWaiter({
      documents,
      library,
      tableName,
      tableArn,
      waiter: name,
      pollIntervalSeconds: 1,
      clock: time,
      log: () => undefined,
      ...changes,
    });
  }

  const soon = (seconds = 1200) => ({ deadline: time.now() + seconds * 1000 });
  const id = (job: string) => `${name}-${job}`;

  async function accept(job: string, changes: Partial<JobRecord> = {}): Promise<JobRecord> {
    const record = openJob({ jobId: id(job), waiter: name, ...changes });
    await services.putJob(record);
    return record;
  }

  /** Ends a job by a writer whose clock is off by so much. */
  async function end(job: string, skewSeconds = 0, changes: Partial<JobRecord> = {}): Promise<JobRecord> {
    const endedAt = new Date(time.now() + skewSeconds * 1000).toISOString();
    const ended = openJob({ jobId: id(job), waiter: name, state: "COMPLETED", outputLocation: `s3://service/${job}`, endedAt, ...changes });
    await services.putJob(ended);
    return ended;
  }

  async function failed(promise: Promise<unknown>): Promise<Record<string, unknown>> {
    const error = await promise.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).to.be.instanceOf(AsyncInferenceError);
    return { ...(error as AsyncInferenceError).toJSON() };
  }

  it("tells of an end within a second, and of every end of a hundred jobs by one call a second", async () => {
    const jobs = Array.from({ length: 100 }, (_, index) => `job-${index}`);
    for (const job of jobs) await accept(job);
    const outcomes = jobs.map((job) => outcomeOf(waiter.wait(id(job), { own: true, ...soon() })));
    await time.pass(10.5);
    const ends = await Promise.all(jobs.map((job) => end(job)));
    await time.pass(1);

    expect(outcomes).to.deep.equal(ends.map((value) => ({ value })));
    expect(proxy.counted()).to.deep.equal({ Query: 12 });
    await time.pass(60);
    expect(proxy.counted(), "when nobody waits").to.deep.equal({});
  });

  it("finds an end that came before anybody waited, also when other ends came since", async () => {
    await accept("other");
    await accept("early");
    const other = outcomeOf(waiter.wait(id("other"), { own: true, ...soon() }));
    await time.pass(5);
    const early = await end("early");
    await time.pass(300);
    expect(other).to.deep.equal({});

    const late = outcomeOf(waiter.wait(id("early"), { own: true, ...soon() }));
    await time.pass(1);
    expect(late).to.deep.equal({ value: early });
  });

  it("tells each of two callers, and one who asks again", async () => {
    await accept("twice");
    const first = outcomeOf(waiter.wait(id("twice"), { own: true, ...soon() }));
    const second = outcomeOf(waiter.wait(id("twice"), { own: false, ...soon() }));
    const value = await end("twice");
    await time.pass(2);
    const third = outcomeOf(waiter.wait(id("twice"), { own: true, ...soon() }));
    await time.pass(1);

    expect([first, second, third]).to.deep.equal([{ value }, { value }, { value }]);
  });

  for (const skewMinutes of [-15, 15]) {
    it(`learns of an end that a clock ${skewMinutes} minutes off has stamped, and then of right ones within a second`, async () => {
      for (const job of ["before", "skewed", "after"]) await accept(job);
      const outcomes = ["before", "skewed", "after"].map((job) => outcomeOf(waiter.wait(id(job), { own: true, ...soon() })));
      const before = await end("before");
      await time.pass(30);
      const skewed = await end("skewed", skewMinutes * 60);
      await time.pass(61);
      expect(outcomes).to.deep.equal([{ value: before }, { value: skewed }, {}]);

      const after = await end("after");
      await time.pass(1);
      expect(outcomes[2]).to.deep.equal({ value: after });
    });

    it(`works on a machine whose own clock is ${skewMinutes} minutes off`, async () => {
      await accept("first");
      await accept("second");
      const outcomes = ["first", "second"].map((job) => outcomeOf(waiter.wait(id(job), { own: true, ...soon() })));
      const first = await end("first", skewMinutes * 60);
      await time.pass(1);
      const second = await end("second", skewMinutes * 60);
      await time.pass(1);

      expect(outcomes).to.deep.equal([{ value: first }, { value: second }]);
    });
  }

  it("pays for an end a few times, and not every second until the next one", async () => {
    for (const job of ["open", "old"]) await accept(job);
    await end("old");
    void waiter.wait(id("open"), { own: true, ...soon() }).catch(() => undefined);
    await time.pass(20);
    const asked: unknown[] = [];
    client.middlewareStack.add(
      (next, context) => async (args) => {
        const answer = await next(args);
        if (context["commandName"] === "QueryCommand") asked.push((answer.output as unknown as { Count?: number }).Count);
        return answer;
      },
      { step: "initialize" },
    );
    await time.pass(30);

    expect(asked).to.deep.equal(Array.from({ length: 30 }, () => 0));
    await time.pass(31);
    expect(asked.slice(30), "with the wide look").to.deep.equal([
      ...Array.from({ length: 9 }, () => 0),
      1,
      ...Array.from({ length: 21 }, () => 0),
    ]);
  });

  it("reads every page of more than a megabyte of ends", async () => {
    const jobs = Array.from({ length: 60 }, (_, index) => `big-${index}`);
    const metadata = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`key${index}`, "x".repeat(1024)]));
    const outcomes = jobs.map((job) => outcomeOf(waiter.wait(id(job), { own: true, ...soon() })));
    const ends = await Promise.all(jobs.map((job) => end(job, 0, { metadata })));
    await time.pass(1);

    expect(outcomes).to.deep.equal(ends.map((value) => ({ value })));
    expect(proxy.counted()["Query"]).to.be.greaterThan(1);
  });

  it("reads handles from elsewhere in batches, every second at first and every five in the end", async () => {
    const jobs = Array.from({ length: 250 }, (_, index) => `there-${index}`);
    await Promise.all(jobs.map((job) => accept(job, { waiter: "somebody-else" })));
    const outcomes = jobs.map((job) => outcomeOf(waiter.wait(id(job), { own: false, ...soon() })));
    await time.pass(1);
    expect(proxy.counted()).to.deep.equal({ BatchGetItem: 3 });
    await time.pass(59);
    expect(proxy.counted()["BatchGetItem"]).to.be.within(3 * 12, 3 * 16);

    const value = await end("there-7", 0, { waiter: "somebody-else" });
    await time.pass(5.5);
    expect(outcomes[7]).to.deep.equal({ value });
  });

  it("reads its open jobs once a minute, for ends that the index does not have", async () => {
    await accept("unindexed");
    const outcome = outcomeOf(waiter.wait(id("unindexed"), { own: true, ...soon() }));
    await time.pass(10);
    const { waiter: _, ...value } = await end("unindexed");
    await services.putJob(value);
    await time.pass(51);

    expect(outcome).to.deep.equal({ value });
    expect(proxy.counted()).to.deep.equal({ BatchGetItem: 1, Query: 61 });
  });

  it("says at once that a job is unknown, or its record gone", async () => {
    const missing = waiter.wait(id("missing"), { own: false, ...soon() });
    const settled = failed(missing);
    await time.pass(0.1);

    expect(await settled).to.deep.equal({
      code: "NOT_FOUND",
      message: `No record of the job ${id("missing")} is in the table.`,
      retryable: false,
      advice: "Look whether the jobId is spelled right; records are dropped some time after the end of their jobs.",
      jobId: id("missing"),
    });
  });

  it("reads again what the table had no time for", async () => {
    await accept("here", { waiter: "somebody-else" });
    const value = await end("there", 0, { waiter: "somebody-else" });
    proxy.fail("BatchGetItem", (body) => {
      const { RequestItems } = JSON.parse(body) as { RequestItems: object };
      return { status: 200, body: JSON.stringify({ Responses: { jobs: [] }, UnprocessedKeys: RequestItems }) };
    });
    const here = outcomeOf(waiter.wait(id("here"), { own: false, ...soon() }));
    const there = outcomeOf(waiter.wait(id("there"), { own: false, ...soon() }));
    await time.pass(1);
    expect([here, there]).to.deep.equal([{}, {}]);
    await time.pass(1.5);
    expect([here, there]).to.deep.equal([{}, { value }]);
  });

  const throttled = jsonFault(400, "ThrottlingException", "Rate exceeded");
  const broken = jsonFault(500, "InternalServerError");
  for (const [what, fault] of [
    ["throttling", throttled],
    ["server errors", broken],
    ["connections that are reset", "reset"],
  ] as const) {
    it(`outlasts a burst of ${what}`, async () => {
      await accept("own");
      await accept("foreign");
      for (const operation of ["Query", "BatchGetItem"]) proxy.fail(operation, fault, 3);
      const own = outcomeOf(waiter.wait(id("own"), { own: true, ...soon() }));
      const foreign = outcomeOf(waiter.wait(id("foreign"), { own: false, ...soon() }));
      const ends = [await end("own"), await end("foreign")];
      await time.pass(12);
      expect([own, foreign]).to.deep.equal([{ value: ends[0] }, { value: ends[1] }]);
    });
  }

  it("pauses longer and longer while nothing but errors come, and tells of them when the time is up", async () => {
    await accept("late");
    proxy.fail("Query", throttled, 100);
    const settled = failed(waiter.wait(id("late"), { own: true, ...soon(300) }));
    await time.pass(300);

    expect(await settled).to.deep.equal({
      code: "WAIT_TIMEOUT",
      message: `The wait for the job ${id("late")} took as long as it may. The last look failed: ThrottlingException: Rate exceeded`,
      retryable: true,
      advice: "The job goes on: ask again later, with its jobId.",
      jobId: id("late"),
    });
    expect(proxy.counted()["Query"]).to.be.lessThan(16);
  });

  const refusal = "User: arn:aws:sts::123456789012:assumed-role/app/1 is not authorized to perform";
  for (const [operation, own, resource] of [
    ["Query", true, `${tableArn}/index/ended`],
    ["BatchGetItem", false, tableArn],
  ] as const) {
    it(`names the statement to add, at once, when ${operation} is refused`, async () => {
      proxy.fail(operation, jsonFault(400, "AccessDeniedException", "no"));
      const settled = failed(waiter.wait(id("refused"), { own, ...soon() }));
      await time.pass(1);

      expect(await settled).to.deep.equal({
        code: "ACCESS_DENIED",
        message: "AccessDeniedException: no",
        retryable: false,
        advice: `Add to the caller's role: {"Effect":"Allow","Action":"dynamodb:${operation}","Resource":"${resource}"}`,
        jobId: id("refused"),
      });
    });
  }

  it("names the key's permission when that is what lacks", async () => {
    const key = "arn:aws:kms:eu-west-1:123456789012:key/1";
    const message = `${refusal}: kms:Decrypt on resource: ${key} because no identity-based policy allows it`;
    proxy.fail("Query", jsonFault(400, "AccessDeniedException", message));
    const settled = failed(waiter.wait(id("key"), { own: true, ...soon() }));
    await time.pass(1);

    expect((await settled)["advice"]).to.equal(`Add to the caller's role: {"Effect":"Allow","Action":"kms:Decrypt","Resource":"${key}"}`);
  });

  it("says at once that the table does not exist, or that credentials have expired", async () => {
    const elsewhere = newWaiter({ tableName: "nowhere" });
    const gone = failed(elsewhere.wait(id("gone"), { own: true, ...soon() }));
    await time.pass(1);
    expect((await gone)["code"]).to.equal("NOT_FOUND");

    proxy.fail("Query", jsonFault(400, "ExpiredTokenException", "The security token included in the request is expired"));
    const expired = failed(waiter.wait(id("expired"), { own: true, ...soon() }));
    await time.pass(1);
    const { code, advice } = await expired;
    expect({ code, advice }).to.deep.equal({ code: "ACCESS_DENIED", advice: "Give the process credentials that are valid now." });
  });

  it("gives a call up that is never answered, and makes it again", async () => {
    await accept("silent");
    const deaf = new DynamoDBClient({ endpoint: proxy.url, maxAttempts: 1 });
    const patient = newWaiter({ documents: library.DynamoDBDocumentClient.from(deaf) });
    const received = new Promise<void>((resolve) => {
      deaf.middlewareStack.add(
        (next) => (args) => {
          resolve();
          return next(args);
        },
        { step: "initialize" },
      );
    });
    proxy.fail("Query", "silence");
    const settled = patient.wait(id("silent"), { own: true, ...soon() });
    await time.advance(0);
    await received;
    const value = await end("silent");
    await time.advance(9_900);
    expect(proxy.calls.filter((operation) => operation === "Query").length).to.be.lessThan(2);
    const ticking = setInterval(() => void time.advance(100), 5);

    expect(await settled).to.deep.equal(value);
    clearInterval(ticking);
    patient.close();
    deaf.destroy();
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
      const settled = failed(waiter.wait(id(job), { own, ...soon(), signal: controller.signal }));
      await time.pass(at);
      controller.abort(new Error("enough"));

      expect(await settled).to.deep.equal({
        code: "ABORTED",
        message: `The wait for the job ${id(job)} was aborted.`,
        retryable: false,
        advice: "The job goes on: ask again later, with its jobId.",
        jobId: id(job),
      });
    }
    await time.settle();
    proxy.counted();
    await time.pass(120);
    expect(proxy.counted(), "when nobody waits").to.deep.equal({});
  });

  it("ends every wait when the client is closed, and those to come", async () => {
    const settled = failed(waiter.wait(id("open"), { own: true, ...soon() }));
    waiter.close();
    const after = failed(waiter.wait(id("open"), { own: true, ...soon() }));

    expect([(await settled)["message"], (await after)["message"]]).to.deep.equal([
      "The client was closed while somebody waited.",
      "The client is closed.",
    ]);
  });

  it("waits for months when it is told to", async () => {
    await accept("long");
    const outcome = outcomeOf(waiter.wait(id("long"), { own: true, ...soon(60 * 86_400) }));
    await time.pass(2);
    expect(outcome).to.deep.equal({});
  });

  it("asks no more often for ten thousand jobs than for one, also as a safety net", async () => {
    const counts: Record<string, number> = {};
    const documents = {
      send: async (command: library.QueryCommand | library.BatchGetCommand) => {
        counts[command.constructor.name] = (counts[command.constructor.name] ?? 0) + 1;
        if (command instanceof library.QueryCommand) return { Items: [] };
        const { Keys = [] } = command.input.RequestItems?.[services.tableName] ?? {};
        return { Responses: { [services.tableName]: Keys.map(({ jobId }) => openJob({ jobId: jobId as string, waiter: name })) } };
      },
    } as unknown as library.DynamoDBDocumentClient;
    const many = newWaiter({ documents });
    const outcomes = Array.from({ length: 10_000 }, (_, index) => outcomeOf(many.wait(`many-${index}`, { own: true, ...soon() })));
    await time.pass(600.5);

    expect(counts).to.deep.equal({ QueryCommand: 601, BatchGetCommand: 100 });
    many.close();
    await time.settle();
    expect(outcomes.filter(({ error }) => (error as AsyncInferenceError | undefined)?.code === "ABORTED").length).to.equal(10_000);
  });
});
