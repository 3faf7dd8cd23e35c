import { expect } from "chai";
import { announce, asRead, endAttempt, endJob, type EndPorts, type JobEnd } from "../../../core/lifecycle/end";
import type { Jobs } from "../../../core/ports";
import { codedError } from "../../../core/records/errors";
import type { JobRecord } from "../../../core/records/job";
import { openJob } from "../../../doubles/jobs";
import { suiteJobs, testPorts, testSettings, type TestPorts } from "../../support/jobPorts";

const now = Date.parse("2026-01-25T22:50:00.999Z");
const endedAt = "2026-01-25T22:50:00.999Z";
const failed: JobEnd = { state: "FAILED", error: codedError("MODEL_ERROR", "no page") };

describe("the end of a job", () => {
  const jobs = suiteJobs();
  let count = 0;
  let ports: TestPorts;
  beforeEach(() => {
    ports = testPorts(jobs);
    ports.clock.now = () => now;
  });

  const open = async (changes: Partial<JobRecord> = {}) => {
    const job = openJob({ jobId: `job-${++count}`, ...changes });
    await jobs.create(job);
    return job;
  };
  const get = async ({ jobId }: JobRecord) => (await jobs.get(jobId)) as JobRecord;
  const told = () => ports.published.map(({ job: { jobId, state } }) => `${jobId} ${state}`);
  const endOf = ({ jobId }: JobRecord, attempt: number, end: JobEnd) =>
    endAttempt(ports, testSettings, { attempt, jobId, inferenceId: `${attempt}.${jobId}` }, end);

  it("may be the result of any of its attempts, and the failure of its newest alone", async () => {
    const [first, second, third] = [await open({ attempt: 2 }), await open({ attempt: 2 }), await open({ attempt: 2 })];
    const completed: JobEnd = { state: "COMPLETED", outputLocation: "s3://service/output/1" };

    expect(await endOf(first, 1, failed)).to.equal(undefined);
    expect(await get(first)).to.deep.equal(first);
    expect(await endOf(first, 1, completed)).to.include({ state: "COMPLETED", inferenceId: `1.${first.jobId}` });
    expect(await endOf(second, 3, completed)).to.equal(undefined);
    expect(await endOf(second, 2, failed)).to.include({ state: "FAILED", inferenceId: `2.${second.jobId}` });
    expect(await endOf(third, 3, failed)).to.equal(undefined);
    expect(told()).to.deep.equal([`${first.jobId} COMPLETED`, `${second.jobId} FAILED`]);
  });

  it("is once: a second one neither changes the record nor is told", async () => {
    const job = await open();
    await endOf(job, 1, failed);
    const record = await get(job);

    expect(await endOf(job, 1, { state: "COMPLETED", outputLocation: "s3://late" })).to.equal(undefined);
    expect([await get(job), told()]).to.deep.equal([record, [`${job.jobId} FAILED`]]);
  });

  it("leaves a record of what it was, for as many days as the service keeps it, and of nothing that was still to be done", async () => {
    const refusal = codedError("THROTTLED", "busy");
    const job = await open({ state: "INVOKING", refusal, input: new Uint8Array([1]), inputInCall: true, turn: 7 });
    const ended = await endJob(ports, { retentionDays: 30 }, job.jobId, asRead(job), failed);
    const { refusal: _, input: __, turn: ___, dueAt: ____, dueShard: _____, ...kept } = job;

    const expiresAt = Math.floor(now / 1000) + 30 * 86_400;
    expect(ended).to.deep.equal({ ...kept, ...failed, endedAt, expiresAt, announcedAt: endedAt });
    expect(await get(job)).to.deep.equal(ended);
  });

  it("is counted in the metrics once", async () => {
    const job = await open();
    await endOf(job, 1, failed);
    ports.clock.now = () => now + 1;
    await endOf(job, 1, failed);

    expect(ports.logged.filter((line) => "_aws" in line).map(({ jobId }) => jobId)).to.deep.equal([job.jobId]);
  });

  it("is told by whoever wrote it, also when the answer to the write was lost and it was sent twice", async () => {
    const job = await open();
    const change: Jobs["change"] = async (...given) => {
      const changed = await jobs.change(...given);
      return given[2].set?.state === undefined ? changed : undefined;
    };
    ports.jobs = { ...jobs, change };

    expect((await endOf(job, 1, failed))?.state).to.equal("FAILED");
    expect(told()).to.deep.equal([`${job.jobId} FAILED`]);
  });

  for (const [what, since] of [
    ["as another state", { state: "CANCELLED", endedAt }],
    ["at another time", { state: "FAILED", endedAt: "2026-01-25T22:49:59.000Z" }],
  ] as const) {
    it(`is left to whoever wrote it when that was another: ${what}`, async () => {
      const job = await open(since);

      expect(await endOf(job, 1, failed)).to.equal(undefined);
      expect(told()).to.deep.equal([]);
    });
  }

  it("is none of a job whose record is gone", async () => {
    expect(await endOf(openJob({ jobId: "gone" }), 1, failed)).to.equal(undefined);
  });

  it("of a low job that was invoked makes place for the next, and no other does", async () => {
    const placed: string[] = [];
    const lowEnded = async ({ jobId }: JobRecord) => void placed.push(jobId);
    const end = (job: JobRecord, using: EndPorts) => endJob(using, testSettings, job.jobId, asRead(job), failed);
    const waiting = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined } as const;
    const [low, waits, normal, alone] = [
      await open({ priority: "low" }),
      await open({ priority: "low", ...waiting }),
      await open(),
      await open({ priority: "low" }),
    ];
    for (const job of [low, waits, normal]) await end(job, { ...ports, lowEnded });

    expect(placed).to.deep.equal([low.jobId]);
    expect((await end(alone, ports))?.state).to.equal("FAILED");
  });

  it("that nobody has told is told once, and takes the job out of what is due", async () => {
    const job = await open({ state: "FAILED", endedAt, dueAt: endedAt });
    const announced = await announce(ports, job);
    await announce(ports, announced);
    const { dueAt: _, dueShard: __, ...rest } = job;

    expect([announced, told()]).to.deep.equal([{ ...rest, announcedAt: endedAt }, [`${job.jobId} FAILED`]]);
    const going = await open();
    expect([await announce(ports, going), told().length]).to.deep.equal([going, 1]);
  });
});
