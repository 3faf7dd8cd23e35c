import type { JobStatus, ListedJob } from "../client";
import { isTerminal, jobStates, type JobState } from "../core/records/job";
import type { EndedJob } from "../planner/cost/runs";
import type { CostShares } from "../planner/cost/shares";
import { endedStatuses, type BatchReport } from "./batches";

/** Of so long a time the rate is at which jobs end. */
const recentMilliseconds = 3_600_000;

/** Statuses of S3 in which it comes to no further object. */
const endingStatuses: readonly string[] = [...endedStatuses, "Cancelling", "Failing"];

/** A batch's jobs, counted. */
export interface BatchJobs {
  states: Partial<Record<JobState, number>>;
  ended: number;
  /** Those that ended within the last hour, and how much of that hour there were jobs. */
  recent: { ended: number; milliseconds: number };
}

/** What a batch's jobs have used so far. */
export interface BatchCost {
  instanceHours: number;
  /** Absent without a price. */
  usd?: number;
  usdPerJob?: number;
  /** Jobs whose ends are in it: those with the service's times. */
  jobs: number;
  /**
   * Those of them that ended in minutes of which CloudWatch has no metrics, as they come up to five minutes late. They are in it with the
   * most that `maxCapacity` instances can have run, and without start-up and idle time.
   */
  jobsWithoutMetrics: number;
  /** Where the price comes from. */
  prices: string;
}

/** All that `batch status` says of a batch. */
export type BatchProgress = BatchReport & {
  /** Jobs by state. */
  jobs: Partial<Record<JobState, number>>;
  jobsEnded: number;
  /** At which jobs ended within the last hour. */
  jobsEndedPerHour?: number;
  /** When the last job will have ended, at that rate. ISO 8601. */
  estimatedEnd?: string;
  /** Objects that are folders, which make no job; once the batch is over. */
  folders?: number;
  cost?: BatchCost;
  /** Why there is no `cost`. */
  costUnknown?: string;
};

/**
 * Counts the jobs of a batch among others, by what their ids begin with.
 *
 * @param now the service's time, in milliseconds since the epoch
 */
export async function countJobs(listed: AsyncIterable<ListedJob>, batchId: string, now: number): Promise<BatchJobs> {
  const counted: BatchJobs = { states: {}, ended: 0, recent: { ended: 0, milliseconds: 0 } };
  const since = now - recentMilliseconds;
  let first = now;
  for await (const { jobId, state, createdAt, endedAt } of listed) {
    if (!jobId.startsWith(`${batchId}.`)) continue;
    counted.states[state] = (counted.states[state] ?? 0) + 1;
    first = Math.min(first, Date.parse(createdAt));
    if (!isTerminal(state)) continue;
    counted.ended++;
    if (endedAt !== undefined && Date.parse(endedAt) > since) counted.recent.ended++;
  }
  counted.recent.milliseconds = now - Math.max(first, since);
  return counted;
}

/** A batch with its jobs: how fast they end, and when the last one will have. */
export function progressOf(report: BatchReport, { states, ended, recent }: BatchJobs, now: number): BatchProgress {
  const jobs = Object.fromEntries(jobStates.flatMap((state) => (states[state] ? [[state, states[state]]] : [])));
  const perMillisecond = recent.milliseconds > 0 ? recent.ended / recent.milliseconds : 0;
  const left = jobsLeft(report, states, ended);
  return {
    ...report,
    jobs,
    jobsEnded: ended,
    ...(perMillisecond > 0 && { jobsEndedPerHour: Number((perMillisecond * 3_600_000).toPrecision(3)) }),
    ...(perMillisecond > 0 && left > 0 && { estimatedEnd: new Date(now + left / perMillisecond).toISOString() }),
  };
}

/** Jobs that have yet to end: those that are open, and the objects that S3 will still come to. */
function jobsLeft({ status, objects, succeeded, failed }: BatchReport, states: BatchJobs["states"], ended: number): number {
  const open = Object.values(states).reduce((sum, count) => sum + count, 0) - ended;
  return endingStatuses.includes(status) ? open : open + objects - succeeded - failed;
}

/**
 * How many objects of a batch that is over succeeded without a job: folders. Undefined while it goes on, and when records of its
 * jobs may have expired.
 *
 * @param jobRetentionDays how long a record is kept after its job ended
 */
export function foldersOf(progress: BatchProgress & { at: string }, jobRetentionDays: number): number | undefined {
  const { status, succeeded, jobs, jobsEnded, createdAt, at } = progress;
  const isKept = Date.parse(at) - Date.parse(createdAt) < jobRetentionDays * 86_400_000;
  const made = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  return endedStatuses.includes(status) && jobsEnded === made && isKept ? Math.max(0, succeeded - made) : undefined;
}

/** Whether nothing more will happen to a batch by itself. */
export function isOver({ status, jobs, jobsEnded }: BatchProgress): boolean {
  const all = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  return status === "Suspended" || (endedStatuses.includes(status) && jobsEnded === all);
}

/** Whether each object of a batch that is over has its result, folders aside. One that was stopped has objects that made no job. */
export function isComplete({ status, failed, jobs, jobsEnded }: BatchProgress): boolean {
  return status === "Complete" && failed === 0 && jobsEnded === (jobs.COMPLETED ?? 0);
}

/** Of a service's jobs those that ended with the service's times, in little memory, and which of them are a batch's. */
export async function ranJobs(
  statuses: AsyncIterable<JobStatus>,
  batchId: string,
  seen: (count: number) => void,
): Promise<{ ran: EndedJob[]; own: boolean[] }> {
  const found: { ran: EndedJob[]; own: boolean[] } = { ran: [], own: [] };
  let count = 0;
  for await (const { jobId, ended, timings, metadata } of statuses) {
    seen(++count);
    const { receivedAt, finishedAt } = timings;
    if (!ended || receivedAt === undefined || finishedAt === undefined) continue;
    found.ran.push({ jobId, receivedAt: Date.parse(receivedAt), finishedAt: Date.parse(finishedAt) });
    found.own.push(metadata?.["batch"] === batchId);
  }
  return found;
}

/** What a batch's part of the shares costs. */
export function batchCost(shares: CostShares, own: readonly boolean[], usdPerHour: number | undefined, prices: string): BatchCost {
  let seconds = 0;
  let [jobs, jobsWithoutMetrics] = [0, 0];
  for (const [index, { computeSeconds, startupSeconds, idleSeconds }] of shares.jobs.entries()) {
    if (!own[index]) continue;
    jobs++;
    if (shares.unmeasured.has(index)) jobsWithoutMetrics++;
    seconds += computeSeconds + startupSeconds + idleSeconds;
  }
  const instanceHours = seconds / 3600;
  const usd = usdPerHour === undefined ? undefined : instanceHours * usdPerHour;
  return { instanceHours, ...(usd !== undefined && { usd, ...(jobs > 0 && { usdPerJob: usd / jobs }) }), jobs, jobsWithoutMetrics, prices };
}
