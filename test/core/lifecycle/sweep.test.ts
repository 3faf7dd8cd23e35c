import { expect } from "chai";
import * as fc from "fast-check";
import { codedError, thrown } from "../../../core/records/errors";
import { isTerminal, type JobRecord } from "../../../core/records/job";
import type { DueEntry, DueIndex, Jobs, SweepPorts, Tasks } from "../../../core/ports";
import { readOpenCount } from "../../../core/floor/openCount";
import { batchRoomKey, floorKey, lowRoomKey, type Floor } from "../../../core/records/items";
import { recordSchemaVersion, waitingDueAt } from "../../../core/records/table";
import { settle } from "../../../core/lifecycle/settle";
import { answerRequest } from "../../../core/lifecycle/submit";
import { sweep, type SweepSettings } from "../../../core/lifecycle/sweep";
import { violations } from "../../support/conforms";
import { intercepted, startJobTable, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";

const never = Number.MAX_SAFE_INTEGER;
const start = "2026-01-25T22:46:00.000Z";

describe("the sweeper", () => {
  let jobs: Jobs;
  let sweeps: Pick<SweepPorts, "due" | "leases" | "counts" | "low" | "rooms">;
  let table: Awaited<ReturnType<typeof startJobTable>>;

  beforeEach(async () => {
    table = await startJobTable();
    ({ jobs, sweeps } = table);
  });

  afterEach(() => table.close());

  const sweeping = (ports: TestPorts, giveUpAt = never) => sweep({ ...ports, ...sweeps }, testSettings, giveUpAt);
  const get = async (jobId: string) => {
    const job = (await jobs.get(jobId)) as JobRecord;
    expect(violations("job", job)).to.deep.equal([]);
    return job;
  };
  /** A job that is due now, as the test's clock starts. */
  const due = (changes: Partial<JobRecord> & { jobId: string }) => openJob({ dueAt: start, ...changes });
  const accepted = (jobId: string): JobRecord => {
    const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt, ...job } = due({ jobId, state: "ACCEPTED" });
    expect([attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt].length).to.equal(6);
    return job;
  };
  const drained = (setAt = start): JobRecord => {
    const floor: Floor = { jobId: floorKey, schemaVersion: 1, revision: 1, state: "up", instances: 4, setAt, drain: { since: start } };
    return floor as unknown as JobRecord;
  };
  const object = (text: string, contentType = "application/json") => ({ body: Buffer.from(text), contentType });
  const endOf = async (jobId: string) => {
    const { state, error, announcedAt, dueAt } = await get(jobId);
    return { state, ...(error && { code: error.code }), announced: announcedAt !== undefined, due: dueAt !== undefined };
  };
  const minutesUntilDue = async (jobId: string, ports: TestPorts) =>
    Math.round((Date.parse((await get(jobId)).dueAt as string) - ports.clock.now()) / 60_000);
  const inferenceIds = (ports: TestPorts) => ports.invocations.map(({ inferenceId }) => inferenceId);

  it("ends a job that completed although its notification was lost", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "unnoticed", outputLocation: "s3://service/output/uuid.out" }));
    ports.stored.set("s3://service/output/uuid.out", object("[1]"));

    await sweeping(ports);

    const { state, outputLocation, outputBytes, outputContentType } = await get("unnoticed");
    expect({ state, outputLocation, outputBytes, outputContentType }).to.deep.equal({
      state: "COMPLETED",
      outputLocation: "s3://service/output/uuid.out",
      outputBytes: 3,
      outputContentType: "application/json",
    });
    expect(ports.published.map((event) => event.job.jobId)).to.deep.equal(["unnoticed"]);
  });

  describe("while the fleet is emptied", () => {
    const states = async (...jobIds: string[]) => Promise.all(jobIds.map(async (jobId) => (await get(jobId)).state));

    beforeEach(async () => {
      await jobs.create(accepted("held"));
      await jobs.create(due({ jobId: "called", state: "INVOKING" }));
    });

    it("leaves accepted jobs alone, and does all else: a fleet that gets new jobs never gets empty", async () => {
      const ports = testPorts(jobs);
      ports.stored.set("s3://service/input/held/request.json", object("1"));
      await jobs.create(drained(start));
      const report = await sweeping(ports);

      expect(await states("held", "called")).to.deep.equal(["ACCEPTED", "SUBMITTED"]);
      expect([report?.looked, report?.count.states]).to.deep.equal([1, { ACCEPTED: 1, INVOKING: 1, SUBMITTED: 0 }]);
    });

    it("hands them to the endpoint when nobody looks after that any more: they would wait for ever", async () => {
      const ports = testPorts(jobs);
      ports.stored.set("s3://service/input/held/request.json", object("1"));
      await jobs.create(drained("2026-01-25T22:43:30.000Z"));
      await sweeping(ports);

      expect(await states("held", "called")).to.deep.equal(["SUBMITTED", "SUBMITTED"]);
    });
  });

  it("does not put off a job that was refused while it was looked at: it would expire unasked", async () => {
    const world = testPorts(jobs);
    await jobs.create(due({ jobId: "refused", state: "INVOKING", onDoubt: "wait" }));
    const refusal = codedError("UNAVAILABLE", "the endpoint is updating");
    const dueAt = "2026-01-25T22:46:30.000Z";
    const ports = intercepted(world, async (name, call) => {
      const result = await call();
      if (name === "objects.head") await jobs.change("refused", { states: ["INVOKING"], attempt: 1 }, { set: { refusal, dueAt } });
      return result;
    });

    await sweeping(ports);

    expect([(await get("refused")).refusal, (await get("refused")).dueAt]).to.deep.equal([refusal, dueAt]);
  });

  it("finds the result of an attempt whose answer was lost, and runs nothing again", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "lost", state: "INVOKING" }));
    ports.stored.set("s3://service/output/1.lost/result", object("{}"));

    await sweeping(ports);

    expect([await endOf("lost"), ports.invocations]).to.deep.equal([{ state: "COMPLETED", announced: true, due: false }, []]);
  });

  it("completes a job by an older attempt's result while the newest one is still open", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "older", attempt: 3 }));
    ports.stored.set("s3://service/output/2.older/result", object("{}"));

    await sweeping(ports);

    const { state, inferenceId } = await get("older");
    expect([state, inferenceId]).to.deep.equal(["COMPLETED", "2.older"]);
  });

  it("does not take the result of an earlier job of the same id for this one's", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "again" }));
    ports.stored.set("s3://service/output/1.again/result", { ...object("{}"), modifiedAt: Date.parse(start) - 86_400_000 });

    await sweeping(ports);

    expect((await get("again")).state).to.equal("SUBMITTED");
  });

  it("takes what the model said when it failed for data: no word in it has a job run again", async () => {
    const ports = testPorts(jobs);
    const failureLocation = "s3://service/failure/uuid-error.out";
    await jobs.create(due({ jobId: "failed", failureLocation }));
    ports.stored.set(failureLocation, object("token expired, insufficient capacity", "text/plain"));

    await sweeping(ports);

    expect(await endOf("failed")).to.deep.equal({ state: "FAILED", code: "MODEL_ERROR", announced: true, due: false });
    expect([(await get("failed")).error?.message, ports.invocations]).to.deep.equal(["token expired, insufficient capacity", []]);
  });

  it("runs a job again that the service gave up without a word of the model's", async () => {
    const ports = testPorts(jobs);
    const failureLocation = "s3://service/failure/uuid-error.out";
    await jobs.create(due({ jobId: "killed", failureLocation }));
    ports.stored.set(failureLocation, object("InternalServerException", "text/plain"));

    await sweeping(ports);

    expect([(await get("killed")).state, inferenceIds(ports)]).to.deep.equal(["SUBMITTED", ["2.killed"]]);
  });

  it("looks again later at what goes on, ever more rarely, so that 100,000 open jobs are looked after", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "running", submittedAt: start }));
    await jobs.create(due({ jobId: "running-for-long", submittedAt: "2026-01-25T20:46:00.000Z" }));

    await sweeping(ports);

    expect([await minutesUntilDue("running", ports), await minutesUntilDue("running-for-long", ports)]).to.deep.equal([5, 30]);
    expect((await sweeping(ports))?.looked).to.equal(0);
  });

  const pastDeadline = { submittedAt: "2026-01-25T15:20:00.000Z", invokingAt: "2026-01-25T15:20:00.000Z" };
  for (const state of ["INVOKING", "SUBMITTED"] as const) {
    it(`gives up what the service can't end any more: an ${state} job runs again, and expires after its last attempt`, async () => {
      const ports = testPorts(jobs);
      const { submittedAt, ...invoked } = pastDeadline;
      const times = state === "SUBMITTED" ? { submittedAt, ...invoked } : invoked;
      await jobs.create(due({ jobId: "more", state, ...times, attempt: 2 }));
      await jobs.create(due({ jobId: "last", state, ...times, attempt: 3 }));

      await sweeping(ports);

      expect(inferenceIds(ports)).to.deep.equal(["3.more"]);
      expect(await endOf("last")).to.deep.equal({ state: "EXPIRED", code: "EXPIRED", announced: true, due: false });
    });

    it(`ends an ${state} job that must not run twice as in doubt, and not before the service's own deadline`, async () => {
      const ports = testPorts(jobs);
      const early = { submittedAt: "2026-01-25T15:30:00.000Z", invokingAt: "2026-01-25T15:30:00.000Z" };
      const times = (all: typeof early) => (state === "SUBMITTED" ? all : { invokingAt: all.invokingAt });
      await jobs.create(due({ jobId: "early", state, ...times(early), onDoubt: "wait" }));
      await jobs.create(due({ jobId: "late", state, ...times(pastDeadline), onDoubt: "wait" }));

      await sweeping(ports);

      expect(await endOf("early")).to.deep.equal({ state, announced: false, due: true });
      expect(await endOf("late")).to.deep.equal({ state: "FAILED", code: "IN_DOUBT", announced: true, due: false });
      expect(ports.invocations).to.deep.equal([]);
    });
  }

  it("starts the next attempt of a job whose caller died on the call", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "abandoned", state: "INVOKING" }));

    await sweeping(ports);

    expect(inferenceIds(ports)).to.deep.equal(["2.abandoned"]);
  });

  it("has a job go on whose submitter died after it had placed the input", async () => {
    const ports = testPorts(jobs);
    await jobs.create(accepted("placed"));
    ports.stored.set("s3://service/input/placed/request.json", object("1"));

    await sweeping(ports);

    expect([(await get("placed")).state, inferenceIds(ports)]).to.deep.equal(["SUBMITTED", ["1.placed"]]);
  });

  it("has a job go on whose input is its caller's own object, and was there long before", async () => {
    const ports = testPorts(jobs);
    const long = { ...object("1"), modifiedAt: 0 };
    const inputLocation = "s3://service/input/mine.json";
    ports.stored.set(inputLocation, long);
    await jobs.create({ ...accepted("own"), inputLocation, inputHash: ports.hash(`${inputLocation}\n${ports.hash(long.body)}`) });
    await jobs.create({ ...accepted("other"), inputLocation: "s3://scans/other.json" });

    await sweeping(ports);

    expect(inferenceIds(ports).sort()).to.deep.equal(["1.other", "1.own"]);
  });

  for (const [what, stored] of [
    ["never came", undefined],
    ["is an earlier job's", { ...object("1"), modifiedAt: 0 }],
  ] as const) {
    it(`fails a job whose input ${what}, once no submitter can be at it any more`, async () => {
      const ports = testPorts(jobs);
      await jobs.create({ ...accepted("waits"), createdAt: start });
      await jobs.create({ ...accepted("waited"), createdAt: "2026-01-25T21:45:00.000Z" });
      if (stored) for (const jobId of ["waits", "waited"]) ports.stored.set(`s3://service/input/${jobId}/request.json`, stored);

      await sweeping(ports);

      expect([await endOf("waits"), await minutesUntilDue("waits", ports)]).to.deep.equal([
        { state: "ACCEPTED", announced: false, due: true },
        5,
      ]);
      expect((await get("waited")).error).to.deep.equal(
        codedError(
          "NOT_FOUND",
          "The input never arrived at s3://service/input/waited/request.json: the process that submitted the job was interrupted.",
          {
            field: "input",
            advice: "Submit it again as a new job.",
          },
        ),
      );
      expect([await endOf("waited"), ports.invocations]).to.deep.equal([
        { state: "FAILED", code: "NOT_FOUND", announced: true, due: false },
        [],
      ]);
    });
  }

  it("calls again for a job that the service had refused", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "refused", state: "INVOKING", refusal: codedError("THROTTLED", "busy") }));

    await sweeping(ports);

    expect([(await get("refused")).state, inferenceIds(ports)]).to.deep.equal(["SUBMITTED", ["1.refused"]]);
  });

  it("leaves an endpoint in peace that keeps refusing, and comes back to its jobs ever more rarely", async () => {
    const ports = testPorts(jobs);
    const refusal = codedError("THROTTLED", "busy");
    const ids = Array.from({ length: 40 }, (_, index) => `busy-${index}`);
    for (const jobId of ids) await jobs.create(due({ jobId, state: "INVOKING", refusal, invokingAt: "2026-01-25T22:41:00.000Z" }));
    ports.outcomes.push(...ids.map(() => ({ kind: "refused" as const, error: refusal })));

    const report = await sweeping(ports);

    expect([report?.looked, report?.failed, ports.invocations.length < 30]).to.deep.equal([40, 0, true]);
    expect(await minutesUntilDue("busy-0", ports)).to.equal(5);
    expect((await get("busy-0")).invokingAt).to.equal("2026-01-25T22:41:00.000Z");
  });

  it("goes on calling an endpoint that accepts a job between refusals: only refusals in a row leave it in peace", async () => {
    const ports = testPorts(jobs);
    const refusal = codedError("THROTTLED", "busy");
    const ids = Array.from({ length: 60 }, (_, index) => `mixed-${index}`);
    for (const jobId of ids) await jobs.create(due({ jobId, state: "INVOKING", refusal, invokingAt: "2026-01-25T22:41:00.000Z" }));
    const refused = () => Array.from({ length: 4 }, () => ({ kind: "refused" as const, error: refusal }));
    ports.outcomes.push(
      ...Array.from({ length: 12 }, () => [...refused(), { kind: "taken" as const, outputLocation: "s3://service/output/mixed" }]).flat(),
    );

    await sweeping(ports);

    expect(ports.invocations.length).to.equal(60);
  });

  it("expires a job that the service refused for as long as it may wait in the queue", async () => {
    const ports = testPorts(jobs);
    const refusal = codedError("UNAVAILABLE", "Endpoint ocr not found.", { advice: "Wait until the endpoint is InService." });
    await jobs.create(
      due({ jobId: "unwanted", state: "INVOKING", refusal, requestTtlSeconds: 60, invokingAt: "2026-01-25T22:24:00.000Z" }),
    );

    await sweeping(ports);

    expect((await get("unwanted")).error).to.deep.equal(
      codedError("EXPIRED", "The endpoint took no request for 60 seconds: Endpoint ocr not found.", {
        advice: "Wait until the endpoint is InService.",
      }),
    );
    expect([await endOf("unwanted"), ports.invocations]).to.deep.equal([
      { state: "EXPIRED", code: "EXPIRED", announced: true, due: false },
      [],
    ]);
  });

  it("announces the end that somebody recorded and died", async () => {
    const ports = testPorts(jobs);
    const ended = due({ jobId: "silent", state: "COMPLETED", outputLocation: "s3://service/output/x", endedAt: start, expiresAt: 1 });
    await jobs.create(ended);

    await sweeping(ports);

    expect([ports.published.length, await endOf("silent")]).to.deep.equal([1, { state: "COMPLETED", announced: true, due: false }]);
  });

  it("tells how many jobs are open, to alarms and to those who submit", async () => {
    const ports = testPorts(jobs);
    const later = { dueAt: "2026-01-26T00:00:00.000Z" };
    await jobs.create(due({ jobId: "a", ...later, createdAt: "2026-01-25T22:45:00.000Z" }));
    await jobs.create(due({ jobId: "b", ...later }));
    await jobs.create(due({ jobId: "c", ...later, state: "INVOKING" }));
    await jobs.create(due({ jobId: "d", ...later, state: "COMPLETED", outputLocation: "s3://x/y", endedAt: start, expiresAt: 1 }));

    const report = await sweeping(ports);

    const { countedAt, ...count } = (await readOpenCount(jobs)) ?? { countedAt: "" };
    expect(count).to.deep.equal({
      jobId: "#count",
      schemaVersion: 1,
      open: 3,
      states: { ACCEPTED: 0, INVOKING: 1, SUBMITTED: 2 },
      oldestCreatedAt: "2026-01-25T22:45:00.000Z",
    });
    expect(report?.count).to.deep.equal({ ...count, countedAt });
    const metrics = ports.logged.map(({ _aws, OldestOpenJobSeconds: age, ...line }) => ({ ...line, dimensions: dimensionsIn(_aws), age }));
    expect(
      metrics.map(({ age, ...line }) => ({ ...line, ...(age === undefined ? {} : { age: Math.round(age as number) }) })),
    ).to.deep.equal([
      { EndpointName: "ocr", OpenJobs: 3, dimensions: [["EndpointName"]], age: 60 },
      { EndpointName: "ocr", State: "ACCEPTED", OpenJobs: 0, dimensions: [["EndpointName", "State"]] },
      { EndpointName: "ocr", State: "INVOKING", OpenJobs: 1, dimensions: [["EndpointName", "State"]] },
      { EndpointName: "ocr", State: "SUBMITTED", OpenJobs: 2, dimensions: [["EndpointName", "State"]] },
    ]);
  });

  it("forgets the oldest job's age with the last open job", async () => {
    const ports = testPorts(jobs);
    await jobs.create(due({ jobId: "only" }));
    ports.stored.set("s3://service/output/1.only/result", object("{}"));
    await sweeping(ports);

    await sweeping(ports);

    expect(await readOpenCount(jobs))
      .to.include({ open: 0 })
      .and.to.not.have.property("oldestCreatedAt");
  });

  it("works alone, and not for long against one that died", async () => {
    const ports = testPorts(jobs);
    await sweeps.leases.take("sweep", "dead", ports.clock.now(), ports.clock.now() + 60_000);

    expect(await sweeping(ports)).to.equal(undefined);
    ports.pass(60);
    expect((await sweeping(ports))?.looked).to.equal(0);
    expect((await sweeping(ports))?.looked).to.equal(0);
  });

  it("stops when its time is up, having counted, and the next one goes on where it stopped", async () => {
    const ports = testPorts(jobs);
    for (let index = 0; index < 300; index++) await jobs.create(due({ jobId: `many-${index}` }));

    const first = await sweeping(ports, ports.clock.now() + 400);
    const second = await sweeping(ports);

    expect([first?.count.open, first?.unfinished, second?.unfinished]).to.deep.equal([300, true, false]);
    expect([(first?.looked ?? 0) > 0, (first?.looked ?? 0) + (second?.looked ?? 0)]).to.deep.equal([true, 300]);
  });

  it("does not let one job that can't be looked at keep the others waiting, nor come before them for ever", async () => {
    const world = testPorts(jobs);
    await jobs.create(due({ jobId: "forbidden", expectedOutputLocation: "s3://service/output/1.forbidden/result" }));
    await jobs.create(due({ jobId: "fine" }));
    world.stored.set("s3://service/output/1.fine/result", object("{}"));
    const head = world.objects.head.bind(world.objects);
    world.objects.head = (location) => (location.includes("forbidden") ? Promise.reject(new Error("AccessDenied")) : head(location));

    const report = await sweeping(world);

    expect([report?.failed, (await get("fine")).state, await minutesUntilDue("forbidden", world)]).to.deep.equal([1, "COMPLETED", 2]);
    expect(world.logged.filter(({ message }) => message === "look failed")).to.deep.equal([
      { level: "error", message: "look failed", jobId: "forbidden", code: "Error", reason: "AccessDenied" },
    ]);
  });

  describe("over an index of which a test knows each page", () => {
    /** All in the first shard: so one job is looked after at a time where a page has one. */
    const index = (pages: readonly (readonly DueEntry[])[], onPage: (isOfDue: boolean) => void = () => undefined): DueIndex => ({
      page(shard, { until, after = 0 }) {
        if (shard > 0) return Promise.resolve({ entries: [] });
        onPage(until !== undefined);
        const at = after as number;
        return Promise.resolve({ entries: [...(pages[at] ?? [])], ...(at + 1 < pages.length && { next: at + 1 }) });
      },
    });
    const entry = (jobId: string, changes: Partial<DueEntry> = {}): DueEntry => ({
      jobId,
      state: "SUBMITTED",
      createdAt: start,
      dueAt: start,
      ...changes,
    });
    const withBatches = { ...testSettings, batchMaxOpenJobs: 100 };

    it("asks an endpoint that keeps refusing exactly ten times: each answer between them begins the count anew", async () => {
      const ports = testPorts(jobs);
      const refusal = codedError("THROTTLED", "busy");
      const forGood = codedError("BAD_INPUT", "no such variant");
      const ids = Array.from({ length: 32 }, (_, at) => `asked-${String(at).padStart(2, "0")}`);
      for (const jobId of ids) await jobs.create(due({ jobId, state: "INVOKING", refusal, invokingAt: "2026-01-25T22:41:00.000Z" }));
      const nine = Array.from({ length: 9 }, () => ({ kind: "refused" as const, error: refusal }));
      const last = { kind: "refused" as const, error: codedError("CAPACITY", "none left") };
      const taken = { kind: "taken" as const, outputLocation: "s3://service/output/asked" };
      ports.outcomes.push(...nine, taken, ...nine, { kind: "refused", error: forGood }, ...nine, last);

      await sweep({ ...ports, ...sweeps, due: index(ids.map((jobId) => [entry(jobId)])) }, testSettings, never);

      expect(inferenceIds(ports)).to.deep.equal(ids.slice(0, 30).map((jobId) => `1.${jobId}`));
      // The two that were not asked for wait for what the endpoint last said.
      expect((await get("asked-31")).refusal).to.deep.equal(last.error);
      expect([await endOf("asked-31"), await endOf("asked-19")]).to.deep.equal([
        { state: "INVOKING", announced: false, due: true },
        { state: "FAILED", code: "BAD_INPUT", announced: true, due: false },
      ]);
    });

    it("takes its lease anew with the first page after 20 seconds, each time for a minute, and leaves the rest when another sweep has it", async () => {
      const ports = testPorts(jobs);
      const begun = ports.clock.now();
      const leases: string[] = [];
      const lease: SweepPorts["leases"] = {
        take: async (name, _owner, now, until) => {
          leases.push(`${name} at ${Math.floor((now - begun) / 1000)} s for ${(until - now) / 1000} s`);
          return leases.length < 3;
        },
        release: async (name) => void leases.push(`${name} released`),
      };
      let pagesOfDue = 0;
      const pages = Array.from({ length: 9 }, () => []);
      const slow = index(pages, (isOfDue) => {
        if (!isOfDue) return;
        pagesOfDue++;
        ports.pass(12);
      });

      const report = await sweep({ ...ports, ...sweeps, due: slow, leases: lease }, testSettings, never);

      const second = (at: number) => `sweep at ${at} s for 60 s`;
      expect(leases).to.deep.equal([second(0), second(24), second(48), "sweep released"]);
      expect([pagesOfDue, report?.unfinished]).to.deep.equal([4, true]);
    });

    it("reads what is due a hundred at a time, and no more: a hundred thousand jobs fit into its memory", async () => {
      const asked: object[] = [];
      const page: DueIndex["page"] = (shard, where) => {
        if (shard === 0) asked.push(where);
        return Promise.resolve({ entries: [], ...(where.after === undefined && { next: "next" }) });
      };
      await sweep({ ...testPorts(jobs), ...sweeps, due: { page } }, testSettings, never);

      const due = { until: start, limit: 100 };
      expect(asked).to.deep.equal([{}, { after: "next" }, due, { ...due, after: "next" }]);
    });

    it("looks after eight jobs of a shard at once: one slow look holds up no other, and no table is flooded", async () => {
      let [running, most] = [0, 0];
      const get: Jobs["get"] = async (jobId: string) => {
        if (jobId.startsWith("#")) return jobs.get(jobId) as never;
        most = Math.max(most, ++running);
        await new Promise(setImmediate);
        running--;
        return undefined;
      };
      const pages = index([Array.from({ length: 20 }, (_, at) => entry(`job-${at}`))]);
      await sweep({ ...testPorts(jobs), ...sweeps, jobs: { ...jobs, get }, due: pages }, testSettings, never);

      expect(most).to.equal(8);
    });

    it("gives its lease back when it fails: the next one would wait for it", async () => {
      const ports = testPorts(jobs);
      const counts = { put: () => Promise.reject(new Error("the table is away")) };
      const error = await sweep({ ...ports, ...sweeps, counts }, testSettings, never).catch(({ message }: Error) => message);

      expect([error, (await sweeping(ports))?.looked]).to.deep.equal(["the table is away", 0]);
    });

    it("has batches wait for a count that is whole: by a part of it they would use up the room of others", async () => {
      const recounts: unknown[][] = [];
      const rooms: SweepPorts["rooms"] = { ...sweeps.rooms, recount: async (...call) => void recounts.push(call) };
      const ports = testPorts(jobs);
      const begun = ports.clock.now();
      const pages = [[entry("first")], [entry("second")], [entry("third")]];
      // The time is up with the second page.
      const slow = index(pages, () => ports.pass(20));
      const cut = await sweep({ ...ports, ...sweeps, rooms, due: slow }, withBatches, begun + 30_000);
      expect([cut?.count.open, cut?.unfinished, recounts]).to.deep.equal([2, true, []]);

      const room = { jobId: batchRoomKey, free: 1, taken: 5, takenBefore: 0, takenAt: 0, countedAt: 0 };
      await jobs.create(room as never);
      const startedAt = ports.clock.now();
      const whole = await sweep({ ...ports, ...sweeps, rooms, due: slow }, withBatches, never);
      // 90 of 100 are for batches.
      expect([whole?.count.open, recounts]).to.deep.equal([3, [[room, 86, startedAt + 1]]]);

      await sweep({ ...ports, ...sweeps, rooms, due: slow }, testSettings, never);
      expect(recounts).to.have.length(1);
    });

    it("looks after due jobs although no low one could be admitted, and the log says why", async () => {
      const ports = testPorts(jobs);
      await jobs.create(due({ jobId: "done" }));
      ports.stored.set("s3://service/output/1.done/result", object("{}"));
      const low = { ...sweeps.low, first: () => Promise.reject(new Error("x".repeat(501))) };
      const settings: SweepSettings = { ...testSettings, lowPriority: { backlog: 5 } };

      const report = await sweep({ ...ports, ...sweeps, low }, settings, never);

      expect([report?.looked, (await get("done")).state]).to.deep.equal([1, "COMPLETED"]);
      expect(ports.logged.filter(({ level }) => level === "error")).to.deep.equal([
        { level: "error", message: "no low job admitted", reason: "x".repeat(500) },
      ]);
    });

    it("counts no job that is gone, and puts none off that the service asks a pause for: the next sweep looks at it", async () => {
      const ports = testPorts(jobs);
      for (const jobId of ["throttled", "denied"]) await jobs.create(due({ jobId }));
      ports.objects.head = (location) => {
        const code = location.includes("throttled") ? ("THROTTLED" as const) : ("ACCESS_DENIED" as const);
        return Promise.reject(thrown(codedError(code, "m".repeat(501))));
      };
      const entries = [[entry("gone")], [entry("throttled")], [entry("denied")]];

      const report = await sweep({ ...ports, ...sweeps, due: index(entries) }, testSettings, never);

      const { looked, failed, unfinished } = report ?? {};
      expect({ looked, failed, unfinished }).to.deep.equal({ looked: 2, failed: 1, unfinished: false });
      expect((await get("throttled")).dueAt).to.equal(start);
      expect(ports.logged.filter(({ level }) => level === "error").map(({ jobId, code, reason }) => [jobId, code, reason])).to.deep.equal([
        ["denied", "ACCESS_DENIED", `ACCESS_DENIED: ${"m".repeat(485)}`],
      ]);
    });

    it("has the tasks of each job hear that it lives, the held ones' too: Step Functions would give them up for dead", async () => {
      const ports = testPorts(jobs);
      const beats: string[] = [];
      const tasks: Tasks = { succeed: async () => undefined, fail: async () => undefined, beat: async (token) => void beats.push(token) };
      await jobs.create({ ...accepted("held"), taskTokens: ["t-held"] });
      await jobs.create(due({ jobId: "called", taskTokens: ["t-called"] }));
      await jobs.create(drained());
      const pages = index([[entry("held", { state: "ACCEPTED" }), entry("called"), entry("gone", { state: "ACCEPTED" })]]);

      const report = await sweep({ ...ports, ...sweeps, tasks, due: pages }, testSettings, never);
      expect([beats.sort(), report?.looked, ports.invocations]).to.deep.equal([["t-called", "t-held"], 1, []]);

      // When its time is up, held jobs are not read either.
      beats.length = 0;
      const late = await sweep({ ...ports, ...sweeps, tasks, due: pages }, testSettings, 0);
      expect([beats, late?.looked, late?.unfinished]).to.deep.equal([[], 0, true]);
    });

    describe("with priorities", () => {
      const settings: SweepSettings = { ...testSettings, lowPriority: { backlog: 5 } };
      /** The line of low jobs, whose every call is noted; nobody is in it. */
      const line = (calls: unknown[]) => ({
        ...sweeps.low,
        recount: async ({ backlog, free }: { backlog: number; free: number }) => void calls.push({ backlog, free }),
        first: async () => (calls.push("first"), []),
        clear: async () => undefined,
        give: async () => (calls.push("give"), undefined),
      });

      it("counts against their bound what was invoked, not what waits, and admits none while the fleet is emptied", async () => {
        const ports = testPorts(jobs);
        const calls: unknown[] = [];
        const entries = [
          entry("called", { state: "INVOKING" }),
          entry("runs"),
          entry("runs-too"),
          entry("waits", { state: "ACCEPTED", dueAt: waitingDueAt, createdAt: "2026-01-01T00:00:00.000Z" }),
          entry("accepted", { state: "ACCEPTED", createdAt: "2026-01-25T22:00:00.000Z" }),
        ];
        const sweepOf = () => sweep({ ...ports, ...sweeps, low: line(calls), due: index([entries]) }, settings, never);

        const report = await sweepOf();
        expect(calls).to.deep.equal([{ backlog: 5, free: 2 }, "first"]);
        // How long low jobs wait says nothing of the service: the alarm on the oldest job would ring for them.
        expect(report?.count).to.include({ open: 5, oldestCreatedAt: "2026-01-25T22:00:00.000Z" });

        calls.length = 0;
        await jobs.create(drained());
        await sweepOf();
        expect(calls).to.deep.equal([{ backlog: 5, free: 2 }]);
      });

      it("gives the place of a low job to the next one when it finds its end, and none for another's", async () => {
        const ports = testPorts(jobs);
        const calls: unknown[] = [];
        for (const [jobId, priority] of [["low", "low"] as const, ["normal", undefined] as const]) {
          await jobs.create(due({ jobId, ...(priority && { priority }) }));
          ports.stored.set(`s3://service/output/1.${jobId}/result`, object("{}"));
        }
        const pages = index([[entry("low"), entry("normal")]]);

        await sweep({ ...ports, ...sweeps, low: line(calls), due: pages }, settings, never);

        expect([(await get("low")).state, (await get("normal")).state]).to.deep.equal(["COMPLETED", "COMPLETED"]);
        expect(calls.filter((call) => call === "give")).to.have.length(1);
      });
    });

    describe("when priorities were taken away", () => {
      const lined = (jobId: string) => entry(jobId, { state: "ACCEPTED", dueAt: waitingDueAt });
      const waiting = async (jobId: string) => jobs.create({ ...accepted(jobId), priority: "low", turn: 1, dueAt: waitingDueAt });
      const room = () => ({ backlog: 5, free: 0, countedAt: start });

      it("invokes those that wait, whatever becomes of one, and none that waits no more", async () => {
        const ports = testPorts(jobs);
        for (const jobId of ["first", "broken", "last"]) await waiting(jobId);
        await jobs.create({ ...accepted("admitted"), priority: "low", dueAt: waitingDueAt });
        await sweeps.low.recount(room());
        const change: Jobs["change"] = (jobId, ...rest) =>
          jobId === "broken" ? Promise.reject(new Error("no access")) : jobs.change(jobId, ...rest);
        const world = { ...ports, jobs: { ...jobs, change } };
        const pages = index([["first", "broken", "gone", "admitted", "last"].map(lined)]);

        await sweep({ ...world, ...sweeps, due: pages }, testSettings, never);

        expect(inferenceIds(ports).sort()).to.deep.equal(["1.first", "1.last"]);
        expect(ports.logged.filter(({ level }) => level === "error")[0]).to.deep.equal({
          level: "error",
          message: "low job not released",
          reason: "no access",
        });
        expect(await jobs.get(lowRoomKey)).to.include({ backlog: 0, free: 0, schemaVersion: recordSchemaVersion });
      });

      it("invokes a thousand in one sweep at most, and none after its time or while the fleet is emptied", async () => {
        const ports = testPorts(jobs);
        const read: string[] = [];
        const get: Jobs["get"] = async (jobId: string) => (jobId.startsWith("#") ? jobs.get(jobId) : void read.push(jobId)) as never;
        const world = { ...ports, jobs: { ...jobs, get } };
        const pages = index([Array.from({ length: 1001 }, (_, at) => lined(`many-${at}`))]);
        const releasing = async (giveUpAt: number) => {
          read.length = 0;
          // None of them is due.
          const due: DueIndex = {
            page: (shard, where) => (where.until === undefined ? pages.page(shard, where) : Promise.resolve({ entries: [] })),
          };
          await sweep({ ...world, ...sweeps, due }, testSettings, giveUpAt);
          return read.length;
        };

        expect([await releasing(never), read.includes("many-1000")]).to.deep.equal([1000, false]);
        expect(await releasing(0)).to.equal(0);
        await jobs.create(drained());
        expect(await releasing(never)).to.equal(0);
      });
    });
  });

  it("and another one at the same time, notifications and submitters between them, give each job one end and each attempt one call", async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.constantFrom("rerun" as const, "wait" as const), async (scheduler, onDoubt) => {
        const world = testPorts(jobs);
        const id = (await readOpenCount(jobs))?.countedAt.replace(/\D/g, "") ?? "0";
        const ids = ["accepted", "invoking", "submitted", "done"].map((what) => `${what}-${id}-${Math.random().toString(36).slice(2)}`);
        const [first, second, third, fourth] = ids as [string, string, string, string];
        world.stored.set(`s3://service/input/${first}/request.json`, object("1"));
        world.stored.set(`s3://service/output/1.${fourth}/result`, object("{}"));
        await jobs.create({ ...accepted(first), onDoubt, inputHash: world.hash("1") });
        await jobs.create(due({ jobId: second, state: "INVOKING", onDoubt }));
        await jobs.create(due({ jobId: third, ...pastDeadline, onDoubt }));
        await jobs.create(due({ jobId: fourth, onDoubt }));
        const ends = new Set<string>();
        const ports = intercepted(world, async (name, call) => {
          await scheduler.schedule(Promise.resolve(), name);
          const result = await call();
          const job = name === "jobs.change" ? (result as JobRecord | undefined) : undefined;
          if (job && isTerminal(job.state)) ends.add(`${job.jobId} ${job.state} ${job.endedAt}`);
          return result;
        });
        // No lease: what holds must hold without it.
        const leases = { take: () => Promise.resolve(true), release: () => Promise.resolve() };
        const completed = {
          kind: "completed" as const,
          inferenceId: `1.${fourth}`,
          outputLocation: `s3://service/output/1.${fourth}/result`,
        };

        await scheduler.waitFor(
          Promise.all([
            sweep({ ...ports, ...sweeps, leases }, testSettings, never),
            sweep({ ...ports, ...sweeps, leases }, testSettings, never),
            settle(ports, testSettings, completed, never),
            answerRequest(ports, { ...testSettings, onDoubt }, { jobId: first, input: 1 }, never),
          ]),
        );

        const invoked = inferenceIds(world);
        expect(invoked).to.deep.equal([...new Set(invoked)]);
        expect(new Set([...ends].map((end) => end.split(" ")[0])).size).to.equal(ends.size);
        expect((await get(fourth)).state).to.equal("COMPLETED");
        expect(invoked.includes(`1.${first}`)).to.equal(true);
        if (onDoubt === "wait") expect(invoked).to.deep.equal([`1.${first}`]);
      }),
      { numRuns: 25 },
    );
  });

  /** Ports that die at the n-th call, before or after it takes effect, and everything that they do later with them. */
  function dying(world: TestPorts, at: number, when: "before" | "after"): TestPorts {
    let calls = 0;
    return intercepted(world, async (name, call) => {
      calls++;
      if (calls > at || (calls === at && when === "before")) throw new Error(`crash before ${name}`);
      const result = await call();
      if (calls === at) throw new Error(`crash after ${name}`);
      return result;
    });
  }

  /** Sweeps once a minute for as long as the service itself may take. */
  async function sweepForHours(world: TestPorts, jobId: string): Promise<JobRecord> {
    for (let look = 0; look < 60; look++) {
      const job = await get(jobId);
      if (job.dueAt === undefined) return job;
      world.pass(Math.max(60, (Date.parse(job.dueAt) - world.clock.now()) / 1000 + 1));
      await sweeping(world);
    }
    return get(jobId);
  }

  for (const onDoubt of ["rerun", "wait"] as const) {
    for (const when of ["before", "after"] as const) {
      it(`finishes or fails what a submitter left that died ${when} any of its steps (${onDoubt})`, async () => {
        for (let at = 1; at < 20; at++) {
          const jobId = `crash-${at}`;
          const world = testPorts(jobs);
          const request = { jobId, input: 1, onDoubt, requestTtlSeconds: 60, invocationTimeoutSeconds: 60 };
          const crash = await answerRequest(dying(world, at, when), testSettings, request, never).then(
            () => undefined,
            (error: Error) => error.message,
          );
          if (crash === undefined) break;
          if ((await jobs.get(jobId)) === undefined) continue;

          const job = await sweepForHours(world, jobId);

          const wasPlaced = world.stored.has(job.inputLocation);
          const ends = !wasPlaced ? "FAILED NOT_FOUND" : onDoubt === "wait" ? "FAILED IN_DOUBT" : "EXPIRED EXPIRED";
          expect([crash, `${job.state} ${job.error?.code}`]).to.deep.equal([crash, ends]);
          expect(world.published.length).to.equal(1);
          const most = onDoubt === "wait" ? 1 : 3;
          expect(world.invocations.length).to.be.at.most(most);
        }
      });
    }
  }

  it("that dies at any of its steps is followed by one that does the rest", async () => {
    for (const when of ["before", "after"] as const) {
      for (let at = 1; ; at++) {
        const jobId = `swept-${when}-${at}`;
        const world = testPorts(jobs);
        await jobs.create(due({ jobId }));
        world.stored.set(`s3://service/output/1.${jobId}/result`, object("{}"));
        const broken = dying(world, at, when);
        let crashed = false;
        const log: TestPorts["log"] = ({ message }) => void (crashed ||= message === "look failed");
        await sweep({ ...broken, ...sweeps, log }, testSettings, never).catch(() => (crashed = true));

        world.pass(200);
        await sweeping(world);

        expect(await endOf(jobId)).to.deep.equal({ state: "COMPLETED", announced: true, due: false });
        if (!crashed) break;
        expect(at).to.be.lessThan(20);
      }
    }
  });

  for (const minutes of [-15, 15]) {
    it(`ends nothing too early although its clock is ${minutes} minutes off the submitter's`, async () => {
      const world = testPorts(jobs);
      await answerRequest(world, testSettings, { jobId: "skewed", input: 1, requestTtlSeconds: 60, invocationTimeoutSeconds: 60 }, never);
      world.pass(119 + minutes * 60);

      await sweeping(world);

      expect((await get("skewed")).state).to.equal("SUBMITTED");
    });
  }
});

function dimensionsIn(document: unknown): string[][] {
  return (document as { CloudWatchMetrics: { Dimensions: string[][] }[] }).CloudWatchMetrics.flatMap(({ Dimensions }) => Dimensions);
}
