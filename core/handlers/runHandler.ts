import { isoTime } from "../records/isoTime";
import { codedOf } from "../records/errors";
import type { JobRecord } from "../records/job";
import type { Clock, Log } from "../ports";

/** How a user's handler failed at a job: in its record until the handler gets through. */
export interface HandlerFailure {
  /** What it threw last, cut to 500 characters. */
  error: string;
  /** When that was. */
  at: string;
  /** How often it has failed at this job; three times and the event is among the dead letters. */
  count: number;
}

/** What of a job's record a handler may see and change. */
export interface HandlerRecords {
  /** How the handlers fail at a job now; undefined when none does, or its record is gone. */
  failures(jobId: string): Promise<Record<string, HandlerFailure> | undefined>;
  /** Notes one more failure in the record of this end of the job, if it is still there. */
  failed(job: JobRecord, handlerName: string, failure: Omit<HandlerFailure, "count">): Promise<void>;
  /** Takes the handler's failure out of the record. */
  recovered(job: JobRecord, handlerName: string): Promise<void>;
}

/**
 * Runs a user's handler for one job, and has the job's record say whether it fails. What the record can't be told is
 * logged: it decides neither about the handler's success nor about its next try.
 *
 * @throws what the handler throws
 */
export async function handleJob(
  ports: { records: HandlerRecords; clock: Clock; log: Log },
  handlerName: string,
  job: JobRecord,
  run: () => unknown,
): Promise<void> {
  const told = (work: Promise<unknown>) =>
    work.catch((error: Error) =>
      ports.log({ level: "warn", message: "handler's outcome not recorded", jobId: job.jobId, reason: error.name }),
    );
  try {
    await run();
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    ports.log({ level: "error", message: "handler failed", jobId: job.jobId, handler: handlerName, code: codedOf(error)?.code });
    await told(ports.records.failed(job, handlerName, { error: text.slice(0, 500), at: isoTime(ports.clock.now()) }));
    throw error;
  }
  const recover = async () => {
    const failures = await ports.records.failures(job.jobId);
    if (failures?.[handlerName] !== undefined) await ports.records.recovered(job, handlerName);
  };
  await told(recover());
}
