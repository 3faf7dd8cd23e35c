import type { JobRecord, JobState } from "./core/job";

/** Environment of a function made by {@link handlerFunction}. */
export interface HandlerEnvironment {
  /** Events of other endpoints on the same topic are not handed on. */
  ENDPOINT_NAME: string;
}

/** What a user's handler gets besides the job. */
export interface HandlerContext {
  /**
   * Reads the job's result from S3: parsed when its content type is JSON, a string when it is text, else bytes.
   *
   * @throws a coded error: `NOT_FOUND` when the job has no result
   */
  readResult<Result = unknown>(): Promise<Result>;
  /** The same for every delivery of this job's end, and for no other: key of what must happen once. */
  idempotencyKey: string;
}

/** A user's own reaction to the end of a job. What it throws makes Lambda deliver the event again, twice. */
export type JobHandler = (job: JobRecord, context: HandlerContext) => void | Promise<void>;

/**
 * Makes the factory of a function that hands job events to a user's closure. Subscribed to the jobs topic with
 * a filter on the attribute `state`.
 *
 * IAM, exactly:
 * - `s3:GetObject` on `<bucket>/<outputPrefix>*`, `s3:ListBucket` on the bucket
 * - its log group; with customer keys `kms:Decrypt`
 *
 * @param states ends of a job that the handler wants
 */
export function handlerFunction(states: readonly JobState[], handler: JobHandler): () => (event: unknown) => Promise<void> {
  void states;
  void handler;
  throw new Error("not assembled");
}
