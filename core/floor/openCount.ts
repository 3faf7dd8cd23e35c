import { codedError, type CodedError } from "../records/errors";
import { openCountKey, type OpenCount } from "../records/items";
import type { JobPorts, Jobs } from "../ports";
import { remembered } from "../remembered";

/** For how long a count is believed: a sweeper that has died must not refuse jobs for ever. */
const believedSeconds = 600;

/** The sweeper's newest count; undefined before its first. */
export function readOpenCount(jobs: Pick<Jobs, "get">): Promise<OpenCount | undefined> {
  return jobs.get(openCountKey);
}

/** For how long a caller that submits many jobs goes by one reading of the count, which is made once per minute. */
const rememberedSeconds = 5;

/** {@link readOpenCount} for a caller that asks often. That there is none yet is remembered too: nobody waits for it before each job. */
export function openCountReader({ jobs, clock }: Pick<JobPorts, "jobs" | "clock">): () => Promise<OpenCount | undefined> {
  return remembered(clock, rememberedSeconds, () => readOpenCount(jobs));
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
