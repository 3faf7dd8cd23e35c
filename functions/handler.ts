import { consoleLog, variable, type SnsEvent } from "./adapters/lambda";
import { s3Objects } from "./adapters/s3Objects";
import { readContent } from "./core/content";
import { codedError, thrown } from "./core/errors";
import { forEach } from "./core/forEach";
import { idempotencyKeyOf, readJobEvent } from "./core/jobEvent";
import type { Objects } from "./core/ports";
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
export function handlerFunction(states: readonly JobState[], handler: JobHandler): () => (event: SnsEvent) => Promise<void> {
  return () => {
    const s3 = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
    const objects = s3Objects(s3, new s3.S3Client({}));
    const endpointName = variable<HandlerEnvironment>("ENDPOINT_NAME");
    return (event) =>
      forEach(event.Records, async ({ Sns }) => {
        const message = readJobEvent(Sns.Message);
        if (message.kind === "malformed") {
          consoleLog({
            level: "error",
            message: "job event dropped",
            code: "BAD_MESSAGE",
            problem: message.problem,
            messageId: Sns.MessageId,
          });
          return;
        }
        const { job } = message;
        if (job.endpointName !== endpointName || !states.includes(job.state)) return;
        await handler(job, {
          idempotencyKey: idempotencyKeyOf(job),
          readResult: <Result>() => readResult(objects, job) as Promise<Result>,
        });
      });
  };
}

async function readResult(objects: Objects, job: JobRecord): Promise<unknown> {
  const output = job.state === "COMPLETED" && job.outputLocation !== undefined ? await objects.get(job.outputLocation) : undefined;
  if (!output)
    throw thrown(codedError("NOT_FOUND", `Job ${job.jobId} is ${job.state} and has no result at ${job.outputLocation ?? "any location"}.`));
  return readContent(output.body, output.contentType ?? job.outputContentType).value;
}
