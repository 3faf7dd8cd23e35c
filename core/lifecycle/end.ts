import { isoTime } from "../records/isoTime";
import { recordSchemaVersion } from "../records/table";
import { invokedStates, isTerminal, type JobRecord, type terminalStates } from "../records/job";
import { endMetrics } from "../metrics";
import type { Expected, JobPorts, JobSettings } from "../ports";

/** How a job ends, apart from when. */
export type JobEnd = Pick<JobRecord, "inferenceId" | "outputLocation" | "outputContentType" | "outputBytes" | "failureLocation"> &
  Pick<JobRecord, "error" | "receivedAt" | "storedAt" | "finishedAt" | "computeContinues"> & { state: (typeof terminalStates)[number] };

/** What ending a job takes. */
export type EndPorts = Pick<JobPorts, "jobs" | "events" | "clock" | "log" | "lowEnded">;

/**
 * Ends a job by one of its attempts, once: any attempt, old or new, may complete a job; only the newest may fail it.
 *
 * @returns the ended record; undefined when it had ended before, or the failed attempt is not its newest
 */
export function endAttempt(
  ports: EndPorts,
  settings: JobSettings,
  { attempt, jobId, inferenceId }: { attempt: number; jobId: string; inferenceId: string },
  end: JobEnd,
): Promise<JobRecord | undefined> {
  const by = end.state === "COMPLETED" ? { attemptAtLeast: attempt } : { attempt };
  return endJob(ports, settings, jobId, { states: invokedStates, ...by }, { ...end, inferenceId });
}

/**
 * Ends a job that is as expected, once: records the end, counts it, notifies every subscriber.
 *
 * @returns the ended record; undefined when it was not as expected
 */
export async function endJob(
  ports: EndPorts,
  settings: Pick<JobSettings, "retentionDays">,
  jobId: string,
  expected: Expected,
  end: JobEnd,
): Promise<JobRecord | undefined> {
  const now = ports.clock.now();
  const endedAt = isoTime(now);
  const expiresAt = Math.floor(now / 1000) + settings.retentionDays * 86_400;
  const set = { ...end, endedAt, dueAt: endedAt, expiresAt };
  const ended = await ports.jobs.change(jobId, expected, { set, remove: ["refusal", "input", "turn"] });
  const job = ended ?? (await ownEnd(ports, jobId, end.state, endedAt));
  if (!job) return undefined;
  ports.log(endMetrics(job, now));
  const announced = await announce(ports, job);
  if (job.priority === "low" && job.attempt !== undefined) await ports.lowEnded?.(job);
  return announced;
}

/** The end that a write of ours made whose answer was lost: the SDK sent it again, and then its own condition failed. */
async function ownEnd(ports: EndPorts, jobId: string, state: string, endedAt: string): Promise<JobRecord | undefined> {
  const job = await ports.jobs.get(jobId);
  return job?.state === state && job.endedAt === endedAt ? job : undefined;
}

/** The condition that a job is still as it was read: whoever moves it, or tells its end, in between changes one of these. */
export function asRead({ state, attempt, refusal }: JobRecord): Expected {
  if (isTerminal(state)) return { states: [state], absent: "announcedAt" };
  if (attempt === undefined) return { states: [state], absent: "attempt" };
  // A refusal has its own, earlier time to look again.
  return { states: [state], attempt, ...(refusal === undefined ? { absent: "refusal" } : { present: "refusal" }) };
}

/**
 * Publishes the job event of an ended job unless that was done, and takes the record out of the due index.
 * A crash between the two publishes it again: handlers have a key for that.
 */
export async function announce(ports: Pick<JobPorts, "jobs" | "events" | "clock">, job: JobRecord): Promise<JobRecord> {
  if (!isTerminal(job.state) || job.announcedAt !== undefined) return job;
  await ports.events.publish({ schemaVersion: recordSchemaVersion, job });
  const announced = await ports.jobs.change(
    job.jobId,
    { states: [job.state], absent: "announcedAt" },
    { set: { announcedAt: isoTime(ports.clock.now()) }, remove: ["dueAt", "dueShard"] },
  );
  return announced ?? job;
}
