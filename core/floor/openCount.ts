import { codedError, type CodedError } from "../records/errors";
import type { JobRecord, JobState, terminalStates } from "../records/job";
import type { JobPorts, Jobs } from "../ports";
import { remembered } from "../remembered";

/** How many jobs are open, as the sweeper counted them: one item of the job table. */
export interface OpenCount {
  /** The item's key. */
  jobId: typeof openCountKey;
  schemaVersion: number;
  /** Open jobs in all. */
  open: number;
  /** Open jobs by their state. */
  states: Record<Exclude<JobState, (typeof terminalStates)[number]>, number>;
  /** When the oldest of them was accepted; absent when none is open. */
  oldestCreatedAt?: string;
  /** When they were counted. */
  countedAt: string;
}

/** Key of the one {@link OpenCount} in the job table; no job id begins with `#`. */
export const openCountKey = "#count";

/** For how long a count is believed: a sweeper that has died must not refuse jobs for ever. */
const believedSeconds = 600;

/** The sweeper's newest count; undefined before its first. */
export async function readOpenCount(jobs: Pick<Jobs, "get">): Promise<OpenCount | undefined> {
  return (await jobs.get(openCountKey)) as (JobRecord & OpenCount) | undefined;
}

/** For how long a caller that submits many jobs goes by one reading of the count, which is made once per minute. */
const rememberedSeconds = 5;

/** {@link readOpenCount} for a caller that asks often. */
export function openCountReader({ jobs, clock }: Pick<JobPorts, "jobs" | "clock">): () => Promise<OpenCount | undefined> {
  return remembered(
    clock,
    rememberedSeconds,
    () => readOpenCount(jobs),
    (count) => count !== undefined,
  );
}

/**
 * Why no further job is taken: `LIMIT` when as many as may be were open at the last count; undefined when one is.
 *
 * @param read {@link readOpenCount}, or what it said a moment ago
 */
export async function limitReached(
  read: () => Promise<OpenCount | undefined>,
  clock: Pick<JobPorts["clock"], "now">,
  maxOpenJobs: number,
): Promise<CodedError | undefined> {
  if (maxOpenJobs === 0) return undefined;
  const count = await read();
  if (!count || count.open < maxOpenJobs) return undefined;
  if (clock.now() - Date.parse(count.countedAt) > believedSeconds * 1000) return undefined;
  return codedError("LIMIT", `${count.open} jobs were open at ${count.countedAt}, of at most ${maxOpenJobs} (maxOpenJobs).`);
}
