import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { lookAfter, lookAgain, type LookPorts, type LookSettings } from "../../../core/lifecycle/lookAfter";
import { lowRoomKey } from "../../../core/records/items";
import type { Jobs, LowQueue } from "../../../core/ports";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";

const now = Date.parse("2026-01-25T22:46:00.000Z");
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();
const unreadable = () => Promise.reject(new Error("it is no place in S3"));
const object = { body: Buffer.from("{}"), contentType: "application/json" };

describe("a look at a job, at both sides of each bound,", () => {
  const jobs = suiteJobs();
  let count = 0;

  /** Looks at a job that is due, at a clock that stands at `now`, and tells what became of it. */
  async function look(
    changes: Partial<JobRecord>,
    prepare: (ports: TestPorts & LookPorts, jobId: string) => void = () => undefined,
    settings: Partial<LookSettings> = {},
  ) {
    const job = openJob({ jobId: `job-${++count}`, dueAt: ago(0), createdAt: ago(86_400), ...changes });
    await jobs.create(job);
    const ports: TestPorts & LookPorts = testPorts(jobs);
    ports.clock.now = () => now;
    prepare(ports, job.jobId);
    await lookAfter(ports, { ...testSettings, notificationsEnabled: true, ...settings }, job);
    const { state, error, dueAt, inferenceId } = (await jobs.get(job.jobId)) as JobRecord;
    const dueInSeconds = dueAt === undefined ? undefined : (Date.parse(dueAt) - now) / 1000;
    const told = ports.published.map(({ job: { jobId } }) => jobId);
    return { state, code: error?.code, dueInSeconds, inferenceId, invocations: ports.invocations.length, told };
  }

  it("is not made before it is due: a submitter may be at it", async () => {
    const result = (ports: TestPorts, jobId: string) => void ports.stored.set(`s3://service/output/1.${jobId}/result`, object);

    expect((await look({ dueAt: ago(0) }, result)).state).to.equal("COMPLETED");
    expect((await look({ dueAt: ago(-0.001) }, result)).state).to.equal("SUBMITTED");
    expect((await look({ dueAt: undefined }, result)).state).to.equal("SUBMITTED");
  });

  it("takes a result for an earlier job's when it is twelve hours older than the job: no clocks differ by more", async () => {
    const result = (modifiedAt: number) => (ports: TestPorts, jobId: string) =>
      void ports.stored.set(`s3://service/output/1.${jobId}/result`, { ...object, modifiedAt });
    const oldest = now - (86_400 + 43_200) * 1000;

    expect((await look({}, result(oldest))).state).to.equal("COMPLETED");
    expect((await look({}, result(oldest - 1))).state).to.equal("SUBMITTED");
  });

  it("finds the newest attempt's result where it was asked for: the output prefix may be another one since", async () => {
    const expectedOutputLocation = "s3://service/texts/1/result";

    expect((await look({ expectedOutputLocation }, (ports) => void ports.stored.set(expectedOutputLocation, object))).state).to.equal(
      "COMPLETED",
    );
  });

  it("waits for an input below a prefix that was the inputs' before, and takes what is elsewhere as given", async () => {
    const accepted = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined, createdAt: ago(60) } as const;
    const invocations = async (inputLocation: string, formerInputPrefixes: string[]) =>
      (await look({ ...accepted, inputLocation }, undefined, { formerInputPrefixes })).invocations;

    expect(await invocations("s3://service/scans/job/request.json", ["scans/"])).to.equal(0);
    expect(await invocations("s3://service/scans/job/request.json", [])).to.equal(1);
  });

  it("finds the result of any of the ten newest attempts", async () => {
    const result = (attempt: number) => (ports: TestPorts, jobId: string) =>
      void ports.stored.set(`s3://service/output/${attempt}.${jobId}/result`, object);
    const newest = { attempt: 12, maxAttempts: 20 };

    expect(await look(newest, result(3))).to.include({ state: "COMPLETED", inferenceId: `3.job-${count}` });
    expect((await look(newest, result(2))).state).to.equal("SUBMITTED");
  });

  it("takes the time at which a result was written for the job's end in the service", async () => {
    const written = (ports: TestPorts, jobId: string) =>
      void ports.stored.set(`s3://service/output/1.${jobId}/result`, { ...object, modifiedAt: now - 7000 });
    await look({}, written);

    expect((await jobs.get(`job-${count}`))?.finishedAt).to.equal(ago(7));
  });

  it("tells of an end that was recorded and not told, and of no other", async () => {
    expect((await look({ state: "FAILED", endedAt: ago(60) })).told).to.deep.equal([`job-${count}`]);
    expect((await look({})).told).to.deep.equal([]);
  });

  it("finds the newest attempt's result where the service said that it is, though it was asked for elsewhere", async () => {
    const outputLocation = "s3://service/output/uuid.out";

    expect(await look({ outputLocation }, (ports) => void ports.stored.set(outputLocation, object))).to.include({ state: "COMPLETED" });
    expect((await jobs.get(`job-${count}`))?.outputLocation).to.equal(outputLocation);
  });

  it("ends a job by its failure object, by the words of the model: they don't say that the service lost it, whatever they are", async () => {
    const failureLocation = "s3://service/failure/uuid-error.out";
    const said = (text: string) => (ports: TestPorts) => void ports.stored.set(failureLocation, { body: Buffer.from(text) });
    const lostBy = "the model server said InternalServerException";

    expect(await look({ failureLocation }, said(lostBy))).to.include({ state: "FAILED", code: "MODEL_ERROR", invocations: 0 });
    expect((await jobs.get(`job-${count}`))?.error?.message).to.contain(lostBy);
    expect(await look({ failureLocation })).to.include({ state: "SUBMITTED", invocations: 0 });
    expect((await look({}, (ports) => void (ports.objects.get = unreadable))).state).to.equal("SUBMITTED");
  });

  it("does not fail on a failure location that can't be one: the job would be looked at in vain for ever", async () => {
    const result = await look({ failureLocation: "https://service/failure" }, (ports) => void (ports.objects.get = unreadable));

    expect(result.state).to.equal("SUBMITTED");
  });

  it("runs a job again whose caller died on its attempt, and never one that the service has", async () => {
    const died = await look({ state: "INVOKING", invokingAt: ago(120) });
    expect(died).to.deep.include({ state: "SUBMITTED", inferenceId: `2.job-${count}`, invocations: 1 });

    expect(await look({ submittedAt: ago(120) })).to.deep.include({ inferenceId: `1.job-${count}`, dueInSeconds: 300, invocations: 0 });
  });

  describe("at an accepted job goes on with it", () => {
    const accepted = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined, createdAt: ago(60) } as const;
    const inputHash = testPorts(jobs).hash(`s3://service/input/given/scan.png\n${testPorts(jobs).hash(object.body)}`);

    for (const [what, changes, writtenAgoSeconds, invocations] of [
      ["when its record holds the input", { input: new Uint8Array([1]), inputInCall: true }, undefined, 1],
      ["not before its input is in S3", {}, undefined, 0],
      ["when its input is in S3", {}, 0, 1],
      ["when its input is twelve hours older: no clocks differ by more", {}, 60 + 43_200, 1],
      ["not with an input that an earlier job of the same id has left", {}, 61 + 43_200, 0],
      ["with an old input that it was given as it is", { inputHash, inputLocation: "s3://service/input/given/scan.png" }, 90_000, 1],
    ] as const) {
      it(what, async () => {
        const written = (ports: TestPorts, jobId: string) => {
          if (writtenAgoSeconds === undefined) return;
          const location = "inputLocation" in changes ? changes.inputLocation : `s3://service/input/${jobId}/request.json`;
          ports.stored.set(location, { ...object, modifiedAt: now - writtenAgoSeconds * 1000 });
        };
        const result = await look({ ...accepted, ...changes }, written);

        expect(result).to.deep.include({ state: invocations === 1 ? "SUBMITTED" : "ACCEPTED", invocations });
      });
    }

    it("in its turn when it is a low one and the service has priorities, at once in any other case", async () => {
      const room = { jobId: lowRoomKey, backlog: 2, free: 0, waiting: true, turn: 5 };
      const prioritized = (ports: TestPorts & LookPorts) => {
        ports.jobs = { ...jobs, get: (key: string) => (key === lowRoomKey ? Promise.resolve(room) : jobs.get(key)) } as Jobs;
        ports.low = { nextTurn: () => Promise.resolve(6) } as unknown as LowQueue;
      };
      const elsewhere = { ...accepted, inputLocation: "s3://scans/a.png" };
      const turnOf = async (changes: Partial<JobRecord>, prepare?: (ports: TestPorts & LookPorts) => void) => {
        const { state } = await look({ ...elsewhere, ...changes }, prepare);
        return [state, (await jobs.get(`job-${count}`))?.turn];
      };

      expect(await turnOf({ priority: "low" }, prioritized)).to.deep.equal(["ACCEPTED", 6]);
      expect(await turnOf({}, prioritized)).to.deep.equal(["SUBMITTED", undefined]);
      expect(await turnOf({ priority: "low" })).to.deep.equal(["SUBMITTED", undefined]);
    });
  });

  it("gives an input an hour to come, and looks for it each five minutes", async () => {
    const accepted = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined } as const;

    expect(await look({ ...accepted, createdAt: ago(3599) })).to.deep.include({ state: "ACCEPTED", dueInSeconds: 300 });
    expect(await look({ ...accepted, createdAt: ago(3600) })).to.deep.include({ state: "FAILED", code: "NOT_FOUND" });
  });

  it("calls an endpoint that refuses again for as long as the request could have waited there, and 20 minutes", async () => {
    const refused = { state: "INVOKING", refusal: codedError("THROTTLED", "busy"), requestTtlSeconds: 60 } as const;

    expect(await look({ ...refused, invokingAt: ago(1259) })).to.deep.include({ state: "SUBMITTED", invocations: 1 });
    expect(await look({ ...refused, invokingAt: ago(1260) })).to.deep.include({ state: "EXPIRED", invocations: 0 });
  });

  it("runs a job again once the service can't end its attempt any more, 20 minutes after both of its limits", async () => {
    const limits = { requestTtlSeconds: 60, invocationTimeoutSeconds: 100, attempt: 1 };

    expect(await look({ ...limits, submittedAt: ago(1359) })).to.deep.include({ inferenceId: `1.job-${count}`, invocations: 0 });
    expect(await look({ ...limits, submittedAt: ago(1360) })).to.deep.include({ inferenceId: `2.job-${count}`, invocations: 1 });
  });

  it("ends a job of which nothing comes in words that say what it waited for", async () => {
    const gone = { requestTtlSeconds: 60, invocationTimeoutSeconds: 100, submittedAt: ago(2000) };
    const endOf = async (changes: Partial<JobRecord>) => {
      await look(changes);
      const { state, error } = (await jobs.get(`job-${count}`)) as JobRecord;
      return [state, error];
    };
    const waited = "within 60 seconds in the queue and 100 in the model";

    expect(await endOf({ ...gone, onDoubt: "wait" })).to.deep.equal([
      "FAILED",
      codedError("IN_DOUBT", `Neither a result nor a failure came ${waited}: whether the model ran can't be known.`),
    ]);
    expect(await endOf({ ...gone, attempt: 3 })).to.deep.equal([
      "EXPIRED",
      codedError("EXPIRED", `Nothing came of the last of 3 attempts ${waited}.`),
    ]);
    const refusal = codedError("CAPACITY", "no instance");
    expect(await endOf({ state: "INVOKING", refusal, requestTtlSeconds: 60, invokingAt: ago(2000) })).to.deep.equal([
      "EXPIRED",
      codedError("EXPIRED", "The endpoint took no request for 60 seconds: no instance", { advice: refusal.advice }),
    ]);
    const inputLocation = "s3://service/input/lost/request.json";
    expect(await endOf({ state: "ACCEPTED", attempt: undefined, inferenceId: undefined, inputLocation })).to.deep.equal([
      "FAILED",
      codedError("NOT_FOUND", `The input never arrived at ${inputLocation}: the process that submitted the job was interrupted.`, {
        field: "input",
        advice: "Submit it again as a new job.",
      }),
    ]);
  });

  it("comes back in five minutes to a call in doubt that must not be made again, not each minute", async () => {
    const calling = { state: "INVOKING", onDoubt: "wait", invokingAt: ago(120) } as const;

    expect(await look(calling)).to.deep.include({ state: "INVOKING", dueInSeconds: 300, invocations: 0 });
  });

  it("comes back to an endpoint that refuses after as long as it has refused: after half a minute, ten minutes at most", async () => {
    const refusal = codedError("THROTTLED", "busy");
    const again = (seconds: number) =>
      look({ state: "INVOKING", refusal, invokingAt: ago(seconds) }, (ports) => ports.outcomes.push({ kind: "refused", error: refusal }));

    for (const [refusedSeconds, dueInSeconds] of [
      [1, 30],
      [31, 31],
      [599, 599],
      [700, 600],
    ] as const) {
      expect(await again(refusedSeconds)).to.deep.include({ state: "INVOKING", dueInSeconds });
    }
  });

  describe("is put off only when the job is still as it was read:", () => {
    const later = new Date(now + 60_000).toISOString();
    const ended = { state: "FAILED", endedAt: ago(0), dueAt: ago(0) } as const;
    const calling = { state: "INVOKING", dueAt: ago(0) } as const;
    const busy = { refusal: codedError("THROTTLED", "busy") };
    const waiting = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined, dueAt: ago(0) } as const;

    for (const [what, asRead, since, dueAt] of [
      ["an end that could not be told is told later", ended, ended, later],
      ["an end that was told meanwhile is not due again", ended, { ...ended, announcedAt: ago(0), dueAt: undefined }, undefined],
      ["a job that ended meanwhile keeps the time of its event", { dueAt: ago(0) }, ended, ended.dueAt],
      ["a job that waits for its input does so", waiting, waiting, later],
      ["a job that was invoked meanwhile keeps the time of its caller", waiting, { state: "INVOKING", dueAt: ago(-120) }, ago(-120)],
      ["a job that was refused meanwhile keeps its own, earlier time", calling, { ...calling, ...busy, dueAt: ago(-30) }, ago(-30)],
      ["a refused job that is called again keeps the time of its caller", { ...calling, ...busy }, calling, calling.dueAt],
      ["another attempt keeps its own time", { dueAt: ago(0) }, { attempt: 2, dueAt: ago(-120) }, ago(-120)],
    ] as const) {
      it(what, async () => {
        const jobId = `put-off-${++count}`;
        await jobs.create(openJob({ jobId, ...since }));

        await lookAgain({ jobs }, openJob({ jobId, ...asRead }), now + 60_000);

        expect((await jobs.get(jobId))?.dueAt).to.equal(dueAt);
      });
    }
  });
});
