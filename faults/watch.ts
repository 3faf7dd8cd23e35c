import { countedAttempts, inferenceIdOf, isTerminal, readInferenceId, type JobRecord } from "../core/records/job";
import type { Write } from "./dynamodb";
import { batchLimit } from "../core/floor/batchRoom";
import { batchId, maxOpenJobs } from "./program";
import type { Violation, ViolationKind } from "./invariants";
import type { World } from "./world";

/** Longer than anything between reading a record and acting on it takes. */
const stalenessMilliseconds = 60_000;

/** A count of open jobs that is this old has been seen by every process that accepts a job; one that is older may not be believed any more. */
const countMilliseconds = { seen: 30_000, believed: 500_000 };

/** The longest time until somebody looks again: a deadline, and twice by how much clocks differ. */
const longestPauseSeconds = 1200 + 1800;

/** Watches each step of a run: what must hold at every moment, not only at the end. */
export class Watch {
  readonly violations: Violation[] = [];
  private readonly announced = new Map<string, number>();

  constructor(private readonly world: World) {}

  /** An input is put into the bucket: its job must be in the table. */
  placed(key: string): void {
    const jobId = /^input\/([^/]+)\//.exec(key)?.[1];
    if (jobId !== undefined && !this.world.table.item(jobId)) this.add("early", jobId, "its input was placed before it was recorded");
  }

  /** A request reaches the service: which attempt it is must be in the table, and its input in the bucket. */
  called(inferenceId: string): void {
    const ours = readInferenceId(inferenceId);
    if (!ours) return;
    const record = this.record(ours.jobId);
    if ((record?.attempt ?? 0) < ours.attempt) this.add("early", ours.jobId, `attempt ${ours.attempt} was called before it was recorded`);
    this.requireEnded(ours.jobId, ours.attempt);
    // A job that was cancelled between two tries of a call leaves its input to the call alone.
    const isInCallAlone = record?.inputInCall === true && isTerminal(record.state);
    if (record?.input === undefined && !isInCallAlone && !this.world.s3.objects.has(String(record?.inputLocation))) {
      this.add("early", ours.jobId, `attempt ${ours.attempt} was called before its input was there`);
    }
  }

  /**
   * A further attempt is called although the one before was recorded as taken and still waits, runs, or has a result: the model would
   * run twice for nothing.
   */
  private requireEnded(jobId: string, attempt: number): void {
    const { sageMaker, table } = this.world;
    const inferenceId = inferenceIdOf({ attempt: attempt - 1, jobId });
    const before = sageMaker.truths.get(jobId)?.find((truth) => truth.inferenceId === inferenceId);
    if (before === undefined || !["queued", "running", "completed"].includes(before.end) || this.hasSkew) return;
    const isTaken = table.history.some(
      ({ key, after }) => key === jobId && after?.["state"] === "SUBMITTED" && after["attempt"] === attempt - 1,
    );
    if (isTaken) this.add("repeated", jobId, `attempt ${attempt} was called while attempt ${attempt - 1} was ${before.end}`);
  }

  /** A job event leaves: the end that it tells must be in the table. */
  published(topicArn: string, message: string): void {
    if (topicArn !== this.world.deployment.jobsTopicArn) return;
    const { jobId, state } = (JSON.parse(message) as { job: JobRecord }).job;
    const record = this.record(jobId);
    if (record?.state !== state) this.add("early", jobId, `${state} was told while its record was ${record?.state}`);
    const before = this.announced.get(jobId);
    if (before !== undefined && record?.announcedAt !== undefined && this.now - before > stalenessMilliseconds) {
      this.add("repeated", jobId, "its end was told again long after it had been");
    }
    this.announced.set(jobId, before ?? this.now);
  }

  /** A record is written: somebody must be going to look at it, until there is nothing left to do. */
  written({ key, before, after }: Write): void {
    if (key.startsWith("#") || !after) return;
    const job = after as unknown as JobRecord;
    const wrong = (detail: string) => this.add("record", key, `${detail}; it is ${job.state}, attempt ${job.attempt ?? 0}`);
    if (before === undefined) this.accepted(key);
    if (job.announcedAt !== undefined) {
      if (!this.announced.has(key)) this.add("early", key, "it was marked as announced before that was done");
      return;
    }
    if (job.dueAt === undefined || job.dueShard === undefined) wrong("nobody would look at it again");
    else if (Date.parse(job.dueAt) - this.now > (job.requestTtlSeconds + job.invocationTimeoutSeconds + longestPauseSeconds) * 1000) {
      wrong("nobody would look at it for too long");
    }
    if (job.refusal !== undefined && job.state !== "INVOKING") wrong("it has a refusal");
    if (job.state === "INVOKING" && (job.submittedAt ?? job.outputLocation ?? job.failureLocation) !== undefined) {
      wrong("it has what an earlier attempt was answered");
    }
    if (isTerminal(job.state) && job.input !== undefined) wrong("its input is kept although it has ended");
    if (countedAttempts(job) > job.maxAttempts) wrong(`it may have ${job.maxAttempts} attempts`);
    const ended = isTerminal(job.state) && job.state !== "COMPLETED" && job.inferenceId !== undefined;
    if (ended && readInferenceId(job.inferenceId as string)?.attempt !== job.attempt)
      wrong(`${job.inferenceId} ended it, an older attempt`);
  }

  /** A job is taken: not while more are open than may be, of which a batch leaves a tenth to others. */
  private accepted(jobId: string): void {
    const { table } = this.world;
    const count = table.history.findLast(({ key }) => key === "#count");
    const age = count === undefined ? 0 : this.now - count.at;
    const isSeen = age > countMilliseconds.seen && age < countMilliseconds.believed && !this.hasSkew;
    const open = Number(count?.after?.["open"] ?? 0);
    const most = jobId.startsWith(`${batchId}.`) ? batchLimit(maxOpenJobs) : maxOpenJobs;
    if (isSeen && open >= most) this.add("record", jobId, `it was taken while ${open} jobs were open`);
  }

  private get hasSkew(): boolean {
    return this.world.injector.injected.some(({ kind }) => kind === "clock-skew");
  }

  private get now(): number {
    return this.world.scheduler.now();
  }

  private record(jobId: string): JobRecord | undefined {
    return this.world.table.item(jobId) as unknown as JobRecord | undefined;
  }

  private add(kind: ViolationKind, jobId: string, detail: string): void {
    this.violations.push({ kind, jobId, detail });
  }
}
