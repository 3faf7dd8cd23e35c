import type { JobRecord } from "./job";
import { idempotencyKeyOf } from "./jobEvent";
import { recordSchemaVersion } from "./table";

/** The `source` of a job's end on an event bus. */
export const jobEndedSource = "sagemaker-async-inference";

/** The `detail-type` of a job's end on an event bus. */
export const jobEndedDetailType = "Asynchronous Inference Job Ended";

/** The `detail` of a job's end on an event bus: schemas/job-ended.schema.json has the whole event. */
export interface JobEnded {
  schemaVersion: number;
  /** The same for every delivery of this end, and for no other. */
  idempotencyKey: string;
  job: JobRecord;
}

/** What an event bus gets of a job that has ended. */
export function jobEndedOf(job: JobRecord): JobEnded {
  return { schemaVersion: recordSchemaVersion, idempotencyKey: idempotencyKeyOf(job), job };
}
