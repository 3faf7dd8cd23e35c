import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { settle } from "../../../core/lifecycle/settle";
import type { Notification } from "../../../core/messages/notification";
import type { JobPorts } from "../../../core/ports";
import { openJob } from "../../../doubles/jobs";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

type Ended = Extract<Notification, { inferenceId: string }>;

describe("a notification", () => {
  const jobs = suiteJobs();
  let count = 0;

  /** Settles a job by a notification of its first attempt, and gives the log, and its record. */
  async function settled(changes: Partial<JobRecord>, notification: object, prepare: (ports: TestPorts) => void = () => undefined) {
    const jobId = `settled-${++count}`;
    await jobs.create(openJob({ jobId, ...changes }));
    const ports = testPorts(jobs);
    prepare(ports);
    const told = { inferenceId: `1.${jobId}`, ...notification } as Ended;
    const error = await settle(ports, testSettings, told, Number.MAX_SAFE_INTEGER).catch((thrown: unknown) => thrown);
    const lines = ports.logged.filter(({ level }) => level !== undefined);
    return { jobId, ports, lines, error, job: (await jobs.get(jobId)) as JobRecord };
  }

  const failed = { kind: "failed", reason: "InternalServerException" };
  for (const [what, changes, notification, reason, as] of [
    ["of somebody else's invocation", {}, { ...failed, inferenceId: "theirs" }, "of another invoker or endpoint", "theirs"],
    ["of another endpoint", {}, { ...failed, endpointName: "other" }, "of another invoker or endpoint", undefined],
    ["of a job that is not here", {}, { ...failed, inferenceId: "1.gone" }, "of no job here", "1.gone"],
    ["of a job that was not invoked", { state: "ACCEPTED", attempt: undefined }, failed, "of no job here", undefined],
    ["of a job that has ended", { state: "FAILED", endedAt: "2026-01-25T22:46:09.000Z" }, failed, "the job is FAILED", undefined],
  ] as const) {
    it(`${what} changes nothing, and the log says why`, async () => {
      const { jobId, lines, job } = await settled(changes, notification);

      expect(lines).to.deep.equal([{ level: "info", message: "notification ignored", inferenceId: as ?? `1.${jobId}`, reason }]);
      expect(job.state).to.equal("state" in changes ? changes.state : "SUBMITTED");
    });
  }

  it("of an attempt that was never made changes nothing: its id was given by somebody else", async () => {
    const next = `2.settled-${count + 1}`;
    const { lines, job } = await settled({}, { ...failed, inferenceId: next });

    expect(lines).to.deep.equal([{ level: "info", message: "notification ignored", inferenceId: next, reason: "of no job here" }]);
    expect(job).to.include({ state: "SUBMITTED", attempt: 1 });
  });

  it("is this service's in whatever case it writes the endpoint's name, as SageMaker does", async () => {
    const { job } = await settled(
      {},
      { kind: "failed", reason: "ModelError: no page", endpointName: testSettings.endpointName.toUpperCase() },
    );

    expect(job.state).to.equal("FAILED");
  });

  it("of an attempt that was given up starts the next again, whose caller may have died on it, and ends nothing", async () => {
    const died = { attempt: 2, state: "INVOKING", dueAt: "2026-01-25T22:45:00.000Z" } as const;
    const { jobId, job, error } = await settled(died, { kind: "failed", reason: "ModelError: no page" });

    expect(error).to.equal(undefined);
    expect(job).to.include({ state: "SUBMITTED", inferenceId: `3.${jobId}` });
    expect(job).not.to.have.property("error");
  });

  it("completes a job although its result's size can't be read, and the log says so", async () => {
    const { jobId, lines, job } = await settled(
      {},
      { kind: "completed", outputLocation: "s3://b/k", outputContentType: "a/b" },
      (ports) => {
        ports.objects.head = () => Promise.reject(Object.assign(new Error("no"), { name: "AccessDenied" }));
      },
    );

    expect(lines).to.deep.equal([{ level: "warn", message: "result's size not known", inferenceId: `1.${jobId}`, reason: "AccessDenied" }]);
    expect(job).to.deep.include({ state: "COMPLETED", outputLocation: "s3://b/k", outputContentType: "a/b" });
    expect(job).not.to.have.property("outputBytes");
  });

  it("keeps the result's date for the spans of a traced job, and of no other: their records stay as they were", async () => {
    const head = (ports: TestPorts) => {
      ports.objects.head = () => Promise.resolve({ bytes: 3, eTag: "e", modifiedAt: Date.UTC(2026, 0, 25, 22, 46, 7) });
    };
    const end = { kind: "completed", outputLocation: "s3://b/k" } as const;
    const traced = await settled({ spanId: "b7ad6b7169203331" }, end, head);
    const plain = await settled({}, end, head);

    expect([traced.job.storedAt, plain.job.storedAt, plain.job.outputBytes]).to.deep.equal(["2026-01-25T22:46:07.000Z", undefined, 3]);
  });

  it("of a failure is in the record with its place and times, as the service gave them", async () => {
    const times = { receivedAt: "2026-01-25T22:46:01.000Z", finishedAt: "2026-01-25T22:46:02.000Z" };
    const reason = "ModelError: no page";
    const { job } = await settled({}, { kind: "failed", reason, failureLocation: "s3://b/f", ...times });

    expect(job).to.deep.include({ state: "FAILED", error: codedError("MODEL_ERROR", reason), failureLocation: "s3://b/f", ...times });
  });

  it("of an attempt that failed before its caller recorded it as submitted starts the next all the same", async () => {
    const { job, error } = await settled({ state: "INVOKING" }, failed, (ports) => {
      const get: JobPorts["jobs"]["get"] = async (key) => {
        const before = await jobs.get(key);
        await jobs.change(key, { states: ["INVOKING"], attempt: 1 }, { set: { state: "SUBMITTED" } });
        return before;
      };
      ports.jobs = { ...jobs, get };
    });

    expect(error).to.equal(undefined);
    expect(job).to.include({ state: "SUBMITTED", attempt: 2 });
  });

  it("of a failure that was faster than its caller's record has the place of the model's words all the same", async () => {
    const pauses: number[] = [];
    const { job } = await settled({ state: "INVOKING" }, { kind: "failed", reason: "ModelError: no page" }, (ports) => {
      const sleep = async (milliseconds: number) => {
        pauses.push(milliseconds);
        if (pauses.length < 3) return;
        const set = { state: "SUBMITTED", failureLocation: "s3://service/failures/1" } as const;
        await jobs.change(`settled-${count}`, { states: ["INVOKING"], attempt: 1 }, { set });
      };
      ports.clock = { ...ports.clock, sleep };
    });

    expect(job).to.include({ state: "FAILED", failureLocation: "s3://service/failures/1" });
    expect(pauses).to.deep.equal([100, 200, 400]);
  });

  it("of a failure whose caller died before it recorded where is settled after two seconds", async () => {
    const { job } = await settled({ state: "INVOKING" }, { kind: "failed", reason: "ModelError: no page" });

    expect([job.state, job.failureLocation]).to.deep.equal(["FAILED", undefined]);
  });

  it("of a killed attempt is in the log before another one is made", async () => {
    const { jobId, lines, job, error } = await settled({}, failed);

    expect(error).to.equal(undefined);
    expect(lines).to.deep.equal([
      { level: "warn", message: "attempt failed, running again", jobId, inferenceId: `1.${jobId}`, code: "IN_DOUBT" },
    ]);
    expect(job).to.include({ state: "SUBMITTED", attempt: 2 });
  });

  it("of a killed attempt is delivered again while the service refuses the next one", async () => {
    const refusal = codedError("THROTTLED", "busy");
    const { error, job } = await settled({}, failed, (ports) => {
      ports.outcomes.push(...Array.from({ length: 6 }, () => ({ kind: "refused" as const, error: refusal })));
    });

    expect((error as { coded: unknown }).coded).to.deep.equal(refusal);
    expect(job).to.deep.include({ state: "INVOKING", attempt: 2, refusal });
  });

  describe("that the container has refused a request", () => {
    const reason = "ClientError: Received server error (503) from model. See the log.";
    const answer = JSON.stringify({ code: 503, type: "WlmCapacityException", message: "Worker queue capacity exceeded" });
    const at = "s3://service/failure/a";
    const stored =
      (text: string, bytes = text.length) =>
      (ports: TestPorts) => {
        ports.objects.head = () => Promise.resolve({ bytes, eTag: "e" });
        ports.objects.get = (location) => Promise.resolve(location === at ? { body: Buffer.from(text) } : undefined);
      };

    it("has another attempt recorded, by the answer at the notification's location or the record's", async () => {
      for (const [changes, notification] of [
        [{}, { kind: "failed", reason, failureLocation: at }],
        [{ failureLocation: at }, { kind: "failed", reason }],
      ] as const) {
        const { jobId, lines, job } = await settled(changes, notification, stored(answer));

        expect(lines).to.deep.equal([
          { level: "warn", message: "refused by the container", jobId, inferenceId: `1.${jobId}`, code: "THROTTLED" },
        ]);
        expect(job).to.deep.include({ state: "INVOKING", attempt: 2 });
      }
    });

    it("is judged by the answer's words where they are a server's own, and by the status alone where they are too long, gone, or nowhere", async () => {
      const late = JSON.stringify({ code: 503, type: "TranslateException", message: "java.util.concurrent.TimeoutException" });
      const none = { kind: "failed", reason };
      const told = { ...none, failureLocation: at };
      const states = [];
      for (const [notification, prepare] of [
        [told, stored(late, 65_536)],
        [told, stored(late, 65_537)],
        [told, () => undefined],
        [none, stored(late)],
      ] as const) {
        const { job } = await settled({}, notification, prepare);
        states.push([job.state, job.error?.code ?? job.refusal?.code]);
      }

      expect(states).to.deep.equal([["FAILED", "TIMEOUT"], ...Array.from({ length: 3 }, () => ["INVOKING", "UNAVAILABLE"])]);
    });

    it("ends the job in the end, in words that fit a record and say for how long", async () => {
      const since = "2026-01-25T00:00:00.000Z";
      const long = JSON.stringify({ code: 503, type: "WlmCapacityException", message: "x".repeat(2000) });
      const { job } = await settled(
        { containerRefusals: { count: 9, since }, requestTtlSeconds: 60 },
        { kind: "failed", reason: long, isObject: true },
      );

      expect(job.state).to.equal("FAILED");
      expect(job.error?.message).to.equal(
        `The container refused the job for 60 seconds: ${"x".repeat(300)} … ${"x".repeat(697)}`.slice(0, 1000),
      );
    });
  });
});
