import type { JobRecord } from "./job";

/** What the jobs topic carries when a job has ended: schemas/job-event.schema.json. */
export interface JobEvent {
  schemaVersion: number;
  job: JobRecord;
}
