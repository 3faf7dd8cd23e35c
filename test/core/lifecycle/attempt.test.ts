import { randomBytes } from "node:crypto";
import { expect } from "chai";
import { advance, callLater, invoke } from "../../../core/lifecycle/attempt";
import { codedError, codedOf } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import type { InvokeOutcome, Jobs } from "../../../core/ports";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";

const now = Date.parse("2026-01-25T22:46:00.000Z");
const never = Number.MAX_SAFE_INTEGER;
const isoAt = (seconds: number) => new Date(now + seconds * 1000).toISOString();
const busy: InvokeOutcome = { kind: "refused", error: codedError("THROTTLED", "busy") };
const wrong: InvokeOutcome = { kind: "refused", error: codedError("BAD_INPUT", "wrong") };
const lost: InvokeOutcome = { kind: "unknown", error: codedError("IN_DOUBT", "reset") };

describe("a call that the service refuses", () => {
  /** Pauses between the calls of one attempt in milliseconds, in a clock that only they move. */
  async function pauses(outcome: InvokeOutcome, giveUpAfterMilliseconds = never, chance: (count: number) => Uint8Array = randomBytes) {
    const slept: number[] = [];
    let time = now;
    const clock = {
      now: () => time,
      sleep: (milliseconds: number) => (slept.push(milliseconds), (time += milliseconds), Promise.resolve()),
    };
    let calls = 0;
    const endpoint = { invoke: () => (calls++, Promise.resolve(outcome)) };
    const ports = { clock, endpoint, randomBytes: chance };
    expect(await invoke(ports, {} as never, now + giveUpAfterMilliseconds)).to.equal(outcome);
    expect(calls).to.equal(slept.length + 1);
    return slept;
  }

  it("is sent six times, after pauses that double and are half of chance: callers must not come back together", async () => {
    const all: number[] = [];
    for (let run = 0; run < 50; run++) {
      const shares = (await pauses(busy)).map((pause, index) => pause / (250 * 2 ** index));

      expect(shares.length).to.equal(5);
      expect(shares.filter((share) => share < 0.5 || share >= 1)).to.deep.equal([]);
      expect(new Set(shares).size).to.equal(5);
      all.push(...shares);
    }
    expect([Math.min(...all) < 0.6, Math.max(...all) > 0.9]).to.deep.equal([true, true]);
  });

  it("is not sent again when nobody waits for it any more, or it was refused for good", async () => {
    const shortest = (count: number) => new Uint8Array(count);

    expect(await pauses(busy, 125, shortest)).to.deep.equal([]);
    expect(await pauses(busy, 126, shortest)).to.deep.equal([125]);
    expect(await pauses(wrong)).to.deep.equal([]);
  });
});

describe("an attempt whose caller may be alive", () => {
  const jobs = suiteJobs();
  let count = 0;

  it("is left to him for two minutes, and then made again under the next number", async () => {
    const ports = testPorts(jobs);
    ports.clock.now = () => now;
    const old = { outputLocation: "s3://service/old", failureLocation: "s3://service/old-error", submittedAt: isoAt(-9) };
    const job = openJob({ jobId: "called", state: "INVOKING", dueAt: isoAt(0.001), ...old });
    await jobs.create(job);

    expect(await advance(ports, testSettings, job, never)).to.equal(job);
    let leaseUntil: string | undefined;
    let left: string[] = [];
    ports.endpoint.invoke = async () => {
      const record = await jobs.get("called");
      leaseUntil = record?.dueAt;
      left = Object.keys(old).filter((name) => record && name in record);
      return { kind: "taken", outputLocation: undefined, failureLocation: undefined };
    };
    const again = await advance(ports, testSettings, { ...job, dueAt: isoAt(0) }, never);

    expect([again.state, again.inferenceId, leaseUntil]).to.deep.equal(["SUBMITTED", "2.called", isoAt(120)]);
    expect(left).to.deep.equal([]);
    expect([again.attempt, again.expectedOutputLocation, again.invokingAt]).to.deep.equal([
      2,
      "s3://service/output/2.called/result",
      isoAt(0),
    ]);
  });

  it("is not made again of a job that was submitted, whatever is due: the same request again must not run it twice", async () => {
    const ports = testPorts(jobs);
    const job = openJob({ jobId: "submitted", dueAt: isoAt(-3600) });
    await jobs.create(job);

    expect([await advance(ports, testSettings, job, never), ports.invocations]).to.deep.equal([job, []]);
  });

  it("is in doubt for two seconds before the next, unless its function has no time for that", async () => {
    for (const [giveUpAfter, slept, attempts] of [
      [2000, [], [2]],
      [2001, [2000], [2, 3]],
    ] as const) {
      const ports = testPorts(jobs);
      const pauses: number[] = [];
      let time = now;
      ports.clock = { now: () => time, sleep: (milliseconds) => (pauses.push(milliseconds), (time += milliseconds), Promise.resolve()) };
      ports.outcomes.push(lost);
      const job = openJob({ jobId: `doubt-${giveUpAfter}`, state: "INVOKING", dueAt: isoAt(0) });
      await jobs.create(job);

      await advance(ports, testSettings, job, now + giveUpAfter);

      const invoked = ports.invocations.map(({ inferenceId }) => inferenceId);
      expect([pauses, invoked]).to.deep.equal([slept, attempts.map((attempt) => `${attempt}.${job.jobId}`)]);
    }
  });

  it("is not made again after its doubt when its result came meanwhile: a job that has ended stays so", async () => {
    const ports = testPorts(jobs);
    const job = openJob({ jobId: "came", state: "INVOKING", dueAt: isoAt(0) });
    await jobs.create(job);
    ports.clock.sleep = async () => void (await jobs.change("came", { states: ["INVOKING"] }, { set: { state: "COMPLETED" } }));
    ports.outcomes.push(lost);

    expect((await advance(ports, testSettings, job, never)).state).to.equal("COMPLETED");
    expect([(await jobs.get("came"))?.state, ports.invocations.length]).to.deep.equal(["COMPLETED", 1]);
  });

  it("is not made again after its doubt when another has begun the next meanwhile: the model would run once more", async () => {
    const ports = testPorts(jobs);
    const job = openJob({ jobId: "doubted", state: "INVOKING", dueAt: isoAt(0) });
    await jobs.create(job);
    const next = { attempt: 3, inferenceId: "3.doubted", callId: "another" };
    ports.clock.sleep = async () => void (await jobs.change("doubted", { states: ["INVOKING"] }, { set: next }));
    ports.outcomes.push(lost);

    expect(await advance(ports, testSettings, job, never)).to.include({ state: "INVOKING", ...next });
    expect(ports.invocations.map(({ inferenceId }) => inferenceId)).to.deep.equal(["2.doubted"]);
  });

  it("is not called for a job that was cancelled while it was being recorded", async () => {
    const { attempt: _, inferenceId: __, callId: ___, ...job } = openJob({ jobId: "cancelled", state: "ACCEPTED" });
    await jobs.create(job);
    const change: Jobs["change"] = async (...given) => {
      await jobs.change(...given);
      await jobs.change("cancelled", { states: ["INVOKING"] }, { set: { state: "CANCELLED" } });
      // Its answer was lost: the SDK sent the write again, whose condition then failed.
      return undefined;
    };
    const ports = testPorts({ ...jobs, change });

    expect([(await advance(ports, testSettings, job, never)).state, ports.invocations]).to.deep.equal(["CANCELLED", []]);
  });

  const refusal = codedError("THROTTLED", "busy");
  const refused = { state: "INVOKING", refusal } as const;
  for (const [what, asRead, since] of [
    ["is being called by another", { ...refused }, { state: "INVOKING" }],
    ["was given up for the next", { ...refused }, { ...refused, attempt: 2 }],
    ["has been submitted", { ...refused }, {}],
  ] as const) {
    it(`is not called by who has read an older record when it ${what}`, async () => {
      const ports = testPorts(jobs);
      const jobId = `read-${what.replaceAll(" ", "-")}`;
      const record = openJob({ jobId, ...since });
      await jobs.create(record);

      expect(await advance(ports, testSettings, openJob({ jobId, ...asRead }), never)).to.deep.equal(record);
      expect([ports.invocations, await jobs.get(jobId)]).to.deep.equal([[], record]);
    });
  }

  /** Calls a job's refused attempt again at a clock that stands; `during` runs while the service is asked. */
  async function call(jobId: string, outcome: InvokeOutcome, during: () => Promise<unknown> = () => Promise.resolve()) {
    const ports = testPorts(jobs);
    ports.clock.now = () => now;
    ports.endpoint.invoke = async () => {
      await during();
      return outcome;
    };
    const job = openJob({ jobId, ...refused, onDoubt: "wait", invokingAt: isoAt(-60) });
    await jobs.create(job);
    const returned = await advance(ports, testSettings, job, now);
    expect(returned).to.deep.equal(await jobs.get(jobId));
    const { callId, ...record } = returned;
    expect(callId).to.have.lengthOf(16);
    return { job, record, logged: ports.logged };
  }

  it("is recorded with what the service said of it, and with when and where to look for its result", async () => {
    const locations = { outputLocation: "s3://service/output/uuid.out", failureLocation: "s3://service/failure/uuid-error.out" };
    const { job, record, logged } = await call("told", { kind: "taken", ...locations });
    const { callId: _, refusal: __, ...before } = job;

    expect([record, logged]).to.deep.equal([{ ...before, state: "SUBMITTED", ...locations, submittedAt: isoAt(0), dueAt: isoAt(300) }, []]);
  });

  it("that the service refuses for good ends its job, and says so in the log", async () => {
    const { record, logged } = await call("wrong", wrong);

    expect([record.state, record.error]).to.deep.equal(["FAILED", codedError("BAD_INPUT", "wrong")]);
    expect(logged[0]).to.deep.equal({
      level: "warn",
      message: "invocation refused",
      jobId: "wrong",
      inferenceId: "1.wrong",
      code: "BAD_INPUT",
    });
  });

  it("that the service refuses for now is kept, with why, and called again after as long as it has been refused", async () => {
    const { job, record, logged } = await call("busy", busy);
    const { callId: _, ...before } = job;

    expect(record).to.deep.equal({ ...before, dueAt: isoAt(60) });
    expect(logged).to.deep.equal([
      { level: "warn", message: "invocation refused", jobId: "busy", inferenceId: "1.busy", code: "THROTTLED" },
    ]);
  });

  it("whose input the service takes from S3 alone is refused for now where S3 can't be written, and its record says what S3 said", async () => {
    const ports = testPorts(jobs);
    ports.clock.now = () => now;
    ports.objects.put = () => Promise.reject(Object.assign(new Error("not yours"), { name: "AccessDenied" }));
    ports.endpoint.invoke = async ({ input }) => {
      if (!("location" in input)) await input.place();
      return { kind: "taken", outputLocation: undefined, failureLocation: undefined };
    };
    const job = openJob({ jobId: "unplaced", ...refused, invokingAt: isoAt(0), input: new Uint8Array([1]), inputInCall: true });
    await jobs.create(job);
    const message = "The service takes no input in the call, and it can't be put to S3: AccessDenied: not yours";

    expect(await advance(ports, testSettings, job, now)).to.deep.include({
      state: "INVOKING",
      refusal: codedError("UNAVAILABLE", message),
      dueAt: isoAt(30),
    });
  });

  it("that meets a fault of ours fails with it: nobody may take it for a refusal, and call again and again", async () => {
    const ports = testPorts(jobs);
    const fault = new TypeError("our own mistake");
    ports.endpoint.invoke = () => Promise.reject(fault);
    const job = openJob({ jobId: "faulty", ...refused });
    await jobs.create(job);

    expect(await advance(ports, testSettings, job, never).catch((error: unknown) => error)).to.equal(fault);
  });

  it("whose answer is lost says so in the log, and is looked at before the service's own deadline", async () => {
    const { record, logged } = await call("lost", lost);

    expect([record.state, record.dueAt]).to.deep.equal(["INVOKING", isoAt(300)]);
    expect(logged).to.deep.equal([
      { level: "warn", message: "invocation in doubt", jobId: "lost", inferenceId: "1.lost", code: "IN_DOUBT" },
    ]);
  });

  it("leaves the record alone when the next was begun during its call", async () => {
    for (const outcome of [{ kind: "taken", outputLocation: "s3://service/late" }, wrong, busy, lost] as InvokeOutcome[]) {
      const jobId = `overtaken-${++count}`;
      const next = { attempt: 2, inferenceId: `2.${jobId}`, dueAt: isoAt(7) };
      const { record } = await call(jobId, outcome, () => jobs.change(jobId, { states: ["INVOKING"] }, { set: next }));

      expect(record).to.include({ state: "INVOKING", ...next });
      expect(record).to.not.have.any.keys("outputLocation", "refusal", "error");
    }
  });

  it("sends what the job's record says, and all of it", async () => {
    const ports = testPorts(jobs);
    const asked = { accept: "text/plain", customAttributes: "lang=de", invocationTimeoutSeconds: 7, requestTtlSeconds: 77 };
    const job = openJob({ jobId: "whole", ...refused, ...asked });
    await jobs.create(job);

    await advance(ports, testSettings, job, never);

    const { endpointName, inputLocation, contentType } = job;
    expect(ports.invocations).to.deep.equal([
      { endpointName, inferenceId: "1.whole", input: { location: inputLocation }, contentType, ...asked },
    ]);
  });

  it("says so when its record is gone: nobody must take it for a job that goes on", async () => {
    const job = openJob({ jobId: "gone", ...refused });

    expect(await advance(testPorts(jobs), testSettings, job, never).catch(codedOf)).to.deep.equal(
      codedError("NOT_FOUND", "The record of job gone was deleted while it was being moved."),
    );
  });
});

describe("an attempt that the container refused without running the model", () => {
  const jobs = suiteJobs();

  /** Keeps a job for a later call at a clock that stands. */
  async function later(jobId: string, changes: Partial<JobRecord> = {}, since: Partial<JobRecord> = {}) {
    const ports = testPorts(jobs);
    ports.clock.now = () => now;
    const job = openJob({ jobId, ...changes });
    await jobs.create({ ...job, ...since });
    return { job, kept: await callLater(ports, testSettings, job, codedError("THROTTLED", "busy")), record: await jobs.get(jobId) };
  }

  it("leaves nothing in the record that was said of it: its failure would be taken for the next one's", async () => {
    const locations = { outputLocation: "s3://service/output/1", failureLocation: "s3://service/failure/1" };
    const { job, kept, record } = await later("refused", locations);
    const { callId: _, submittedAt: __, outputLocation: ___, failureLocation: ____, ...before } = job;

    expect(kept).to.equal(true);
    expect(record).to.deep.equal({
      ...before,
      state: "INVOKING",
      attempt: 2,
      inferenceId: "2.refused",
      expectedOutputLocation: "s3://service/output/2.refused/result",
      refusal: codedError("THROTTLED", "busy"),
      containerRefusals: { count: 1, since: isoAt(0) },
      invokingAt: isoAt(0),
      dueAt: isoAt(30),
    });
  });

  it("is kept by whoever was faster: the job is not ended for it", async () => {
    const next = { state: "SUBMITTED", attempt: 2, inferenceId: "2.seen-to" } as const;
    const { kept, record } = await later("seen-to", {}, next);

    expect([kept, record?.attempt, record?.refusal]).to.deep.equal([true, 2, undefined]);
  });

  it("has a next one up to the 999th, the last that an inference id can say", async () => {
    const [last, none] = [await later("last", { attempt: 998 }), await later("none", { attempt: 999 })];

    expect([last.kept, last.record?.inferenceId]).to.deep.equal([true, "999.last"]);
    expect([none.kept, none.record]).to.deep.equal([false, none.job]);
  });
});
