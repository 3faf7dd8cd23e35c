import { isoTime } from "../core/records/isoTime";
import { dynamoDbHandler } from "../aws/dynamoDbHandler";
import { consoleLog, systemClock, variable, type LambdaContext, type SnsEvent } from "../aws/lambda";
import { s3Objects } from "../aws/s3Objects";
import { readContent } from "../core/messages/content";
import { codedError, thrown } from "../core/records/errors";
import { handleJob } from "../core/handlers/runHandler";
import { idempotencyKeyOf } from "../core/records/jobEvent";
import { effectKey, effectNamePattern, runOnce } from "../core/handlers/once";
import { forEachEndedJob } from "./endedJobs";
import type { ReportedRun } from "./handlerRun";
import type { Objects } from "../core/ports";
import type { JobRecord, JobState } from "../core/records/job";

/** Environment of a function made by {@link handlerFunction}. */
export interface HandlerEnvironment {
  /** Events of other endpoints on the same topic are not handed on. */
  ENDPOINT_NAME: string;
  /** Table of the jobs' records: what effects are marked in. */
  JOB_TABLE_NAME: string;
  /** What tells this handler from every other, also of other programs, and stays the same over deployments. */
  HANDLER_NAME: string;
}

/** What is kept of a function's time to record that the handler did not end within it. */
const recordingMilliseconds = 1500;

/** What a user's handler gets besides the job. */
export interface HandlerContext {
  /**
   * Reads the job's result from S3: parsed when its content type is JSON, a string when it is text, else bytes. Whole numbers beyond
   * 2^53 - 1 lose digits when JSON is parsed: let the model write those as strings, or read the object at `job.outputLocation`.
   *
   * @throws a coded error: `NOT_FOUND` when the job has no result
   */
  readResult<Result = unknown>(): Promise<Result>;
  /** The same for every delivery of this job's end, and for no other: key of what must happen once. */
  idempotencyKey: string;
  /**
   * Runs an effect once, however often this job's end is delivered: for what has no idempotency key of its own. An effect that
   * was interrupted, because it threw or its process died, may have happened: it is not run again, and the event ends in the
   * dead letters as `IN_DOUBT`.
   *
   * @param name tells the effect from the handler's others: up to 64 letters, digits, ".", "_" and "-"
   * @throws a coded error: `IN_DOUBT`, or `BAD_INPUT` for a name that can't be one
   * @example
   * ```ts
   * await context.once("charge", () => charge(job.metadata?.customer));
   * ```
   */
  once: (name: string, effect: () => unknown) => Promise<void>;
}

/** A user's own reaction to the end of a job. What it throws makes Lambda deliver the event again, twice. */
export type JobHandler = (job: JobRecord, context: HandlerContext) => void | Promise<void>;

/**
 * Makes the factory of a function that hands job events to a user's closure. Subscribed to the jobs topic with
 * a filter on the attribute `state`.
 *
 * IAM, exactly:
 * - for completed jobs `s3:GetObject` on `<bucket>/<outputPrefix>*`, `s3:ListBucket` on the bucket
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem` on the job table, of the attributes `jobId`, `endedAt` and `handlerFailures` only
 * - `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:UpdateItem` on the job table, of items `#once/<handler>/*` only
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 * - when its runs are reported `lambda:InvokeFunction` on the tracing function
 *
 * @param states ends of a job that the handler wants
 * @param reported makes what reports its runs; part of the archive only where it is given
 */
export function handlerFunction(
  states: readonly JobState[],
  handler: JobHandler,
  reported?: () => ReportedRun,
): () => (event: SnsEvent, context: LambdaContext) => Promise<void> {
  return () => {
    const s3 = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
    const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
    const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
    const crypto = require("node:crypto") as typeof import("node:crypto");
    const objects = s3Objects(s3, new s3.S3Client({}));
    const endpointName = variable<HandlerEnvironment>("ENDPOINT_NAME");
    const handlerName = variable<HandlerEnvironment>("HANDLER_NAME");
    const ports = {
      ...dynamoDbHandler(documents, new dynamodb.DynamoDBClient({}), variable<HandlerEnvironment>("JOB_TABLE_NAME")),
      clock: systemClock(),
      log: consoleLog,
      randomBytes: (count: number) => crypto.randomBytes(count),
    };
    const report = reported?.();
    return (event, lambda) =>
      forEachEndedJob(event, endpointName, async (job) => {
        if (!states.includes(job.state)) return;
        const idempotencyKey = idempotencyKeyOf(job);
        const until = ports.clock.now() + lambda.getRemainingTimeInMillis();
        const context: HandlerContext = {
          idempotencyKey,
          readResult: <Result>() => readResult(objects, job) as Promise<Result>,
          once: async (name, effect) => {
            if (!new RegExp(effectNamePattern).test(name)) {
              const accepts = '1 to 64 letters, digits, ".", "_" and "-", a letter or digit first';
              throw thrown(codedError("BAD_INPUT", `once: got ${JSON.stringify(name)}, expected ${accepts}`, { field: "name" }));
            }
            await runOnce(ports, effectKey(handlerName, idempotencyKey, name), until, effect);
          },
        };
        // Killed for its time it can't say so any more.
        const error = "It did not end within its time (timeoutSeconds).";
        const overdue = setTimeout(
          () => void ports.records.failed(job, handlerName, { error, at: isoTime(ports.clock.now()) }).catch(() => undefined),
          Math.max(0, until - ports.clock.now() - recordingMilliseconds),
        );
        const run = () => handleJob(ports, handlerName, job, () => handler(job, context)).finally(() => clearTimeout(overdue));
        await (report ? report(job, handlerName, run) : run());
      });
  };
}

async function readResult(objects: Objects, job: JobRecord): Promise<unknown> {
  const output = job.state === "COMPLETED" && job.outputLocation !== undefined ? await objects.get(job.outputLocation) : undefined;
  if (!output)
    throw thrown(codedError("NOT_FOUND", `Job ${job.jobId} is ${job.state} and has no result at ${job.outputLocation ?? "any location"}.`));
  return readContent(output.body, output.contentType ?? job.outputContentType).value;
}
