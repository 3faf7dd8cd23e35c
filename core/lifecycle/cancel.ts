import { announce, asRead, endJob, type EndPorts } from "./end";
import { codedError, noJob, thrown } from "../records/errors";
import { isTerminal, type JobRecord } from "../records/job";
import type { JobSettings } from "../ports";

/** What {@link cancelJob} found or did. */
export interface Cancellation {
  /** The job as it is now: CANCELLED, or the other end that it had before. */
  job: JobRecord;
  /** Whether an attempt may still wait or run in the service and cost its time: SageMaker has no way to stop one. */
  computeContinues: boolean;
}

/**
 * Ends a job as CANCELLED and notifies every subscriber; a result that comes later is dropped. A job that was never invoked
 * never will be. Called again, and on a job that has ended, it changes nothing.
 *
 * @throws a coded error: `NOT_FOUND` when there is no such job
 */
export async function cancelJob(ports: EndPorts, settings: Pick<JobSettings, "retentionDays">, jobId: string): Promise<Cancellation> {
  for (;;) {
    const job = await ports.jobs.get(jobId);
    if (!job) throw thrown(noJob(jobId));
    if (isTerminal(job.state)) return { job: await announce(ports, job), computeContinues: job.computeContinues === true };
    const computeContinues = mayBeUnderWay(job);
    const error = codedError("CANCELLED", computeContinues ? "Cancelled after it was invoked." : "Cancelled before it was invoked.");
    const ended = await endJob(ports, settings, jobId, asRead(job), { state: "CANCELLED", error, computeContinues });
    if (ended) return { job: ended, computeContinues };
    // Somebody moved it in between, which a job's few moves end.
  }
}

/** An attempt that was refused is not under way; what came of those before it may be unknown. */
function mayBeUnderWay({ attempt = 0, refusal }: JobRecord): boolean {
  return refusal === undefined ? attempt > 0 : attempt > 1;
}
