import type { JobRecord } from "../../core/records/job";

/** A job that the service has taken and not ended, as far as anybody knows. */
export interface TakenJob {
  state: JobRecord["state"] | "UNKNOWN";
  /** Known with a record: see {@link RecordedJob}. */
  submittedAt?: string;
  /** When its time in the queue is over. */
  expiresAt?: string;
  /** When it is settled whatever happens: run, late or expired, and its notification overdue. */
  decidedAt?: string;
  record?: JobRecord;
}

/** One with a record, which alone tells when a job was submitted and what its input is. */
export type RecordedJob = Required<TakenJob>;

/** Until when a job can wait. */
export function expiry({ expiresAt }: TakenJob): string {
  return expiresAt === undefined ? "" : ` If it has not started by ${expiresAt}, it expires.`;
}
