import type { Readable } from "node:stream";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import type { S3Client } from "@aws-sdk/client-s3";
import type { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import type { SNSClient } from "@aws-sdk/client-sns";
import type { SQSClient } from "@aws-sdk/client-sqs";
import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@aws-sdk/types";
import type { HandlerFailure } from "../core/handlers/runHandler";
import type { CodedError } from "../core/records/errors";
import type { JobState, JobTimings, OnDoubt, Priority } from "../core/records/job";
import type { TraceContext } from "../core/tracing/traceContext";
import type { AsyncInferenceOutputs } from "../outputs";
import type { AsyncInferenceError } from "./errors";
import type { PhaseEstimate } from "./explain/estimate";
import type { StandardSchemaV1 } from "./standardSchema";

export type { PhaseEstimate } from "./explain/estimate";
export type { Explanation, PolicyStatement, Situation, Unreadable } from "./explain/types";

/** A client of an SDK package that need not be installed; its own type would have to be. */
export interface OptionalClient {
  send(...call: never[]): unknown;
  destroy(): void;
}

/** SDK clients that the client uses. Each is made when it is first needed, unless it is given. */
export interface SdkClients {
  s3: S3Client;
  dynamodb: DynamoDBClient;
  sns: SNSClient;
  sqs: SQSClient;
  /** Must be made with `maxAttempts: 1`: a call that the SDK sends again is a second job. */
  runtime: SageMakerRuntimeClient;
  lambda: LambdaClient;
  /** A `SageMakerClient`. It and the three below are `explain`'s, whose packages are optional. */
  sagemaker: OptionalClient;
  /** A `CloudWatchClient`. */
  cloudWatch: OptionalClient;
  /** A `CloudWatchLogsClient`. */
  logs: OptionalClient;
  /** An `ApplicationAutoScalingClient`. */
  autoscaling: OptionalClient;
}

/** Options of every client, whichever way it knows its service. */
export interface ClientSettings {
  /**
   * Where all AWS services are, for a cloud that isn't AWS's.
   *
   * @default `AWS_ENDPOINT_URL`; else, for outputs of an embedded cloud, where that was when it deployed them; else AWS's own
   */
  endpointUrl?: string;
  /** @default the SDK's own chain: environment, profile, container, instance */
  credentials?: AwsCredentialIdentity | AwsCredentialIdentityProvider;
  /** Clients of your own in the place of those that would be made; `close()` leaves them open. */
  clients?: Partial<SdkClients>;
  /** URL of a queue that `service.consumerQueue(…)` declared: ends of jobs arrive through it within milliseconds. @default none */
  consumerQueueUrl?: string;
  /** Refuses a job with `LIMIT` while the service has this many open ones, as the sweeper counts them. Needs outputs. @default the service's */
  maxOpenJobs?: number;
  /** What an instance costs, in US dollars per hour: with it, a job's status has dollars. @default none: it has instance time alone */
  usdPerInstanceHour?: number;
  /** How often the table or the bucket is asked for ends of jobs, in seconds. 0.1 to 60. @default 1 */
  pollIntervalSeconds?: number;
  /** How long `result` and `invoke` wait unless their options say so, in seconds. @default 1200 */
  timeoutSeconds?: number;
  /** How often `invoke` and `invokeWithRetry` try to have a job taken, the first time included. 1 to 10. @default 3 */
  maxAttempts?: number;
  /** This client's name in the table's index of ended jobs; without a table, in the paths of its results. One name per process. @default `client-` and random characters */
  waiter?: string;
  /** Gets structured log lines: ids and codes, never payloads. @default none */
  logger?: (line: Record<string, unknown>) => void;
}

/** A client of a service whose outputs are known: jobs have records. */
export interface StackClientOptions extends ClientSettings {
  /** Outputs of the stack, bare or as `npm run cloud -- --outputs FILE` writes them. */
  outputs: AsyncInferenceOutputs | { endpointUrl: string; outputs: AsyncInferenceOutputs };
}

/** A client of any asynchronous endpoint and a bucket: no table, the job lives on its two locations. */
export interface EndpointClientOptions extends ClientSettings {
  /** Bucket for inputs. */
  bucket: string;
  endpointName: string;
  /** @default the SDK's own chain: `AWS_REGION`, then the profile */
  region?: string;
  /** @default "input/" */
  inputPrefix?: string;
  /** Where the endpoint writes results: path of its S3OutputPath in `bucket`. @default "output/" */
  outputPrefix?: string;
  /** Where the endpoint writes failures: path of its S3FailurePath in `bucket`. @default "failure/" */
  failurePrefix?: string;
  /** Buckets from which `s3:` URLs may come, besides `bucket`. @default none */
  inputBuckets?: readonly string[];
  /** Whether the model may run again when it can't be known whether it ran; a job's own option wins. @default "rerun" */
  onDoubt?: OnDoubt;
}

/** How a client gets to know its service. */
export type ClientOptions = StackClientOptions | EndpointClientOptions;

/** Turns inputs into bytes and results into values. */
export interface Codec<Out = unknown, In = unknown> {
  /** Of the input, such as `image/png`. */
  contentType: string;
  encode(input: In): Uint8Array | string | Promise<Uint8Array | string>;
  /** What it throws makes the result a `BAD_OUTPUT`. */
  decode(bytes: Uint8Array, contentType: string | undefined): Out | Promise<Out>;
}

/**
 * What a model can be given: a JSON value; a string, which is the payload; bytes; a stream of bytes; a `URL` of a file
 * (`file:`), of an object that stays where it is (`s3:`), or of something to fetch (`https:`).
 */
export type InferenceInput = unknown;

/** Options of one job. */
export interface SubmitOptions<Out = unknown, In = unknown> {
  /** The job's identity: the same again returns the same job. @default a ULID */
  jobId?: string;
  /** Of the input. @default by the input: JSON, text, or by the file's name or the response's header; else application/octet-stream */
  contentType?: string;
  /** What the model should answer with. */
  accept?: string;
  /** Handed to the container. At most 1024 printable ASCII characters. */
  customAttributes?: string;
  /** How long the model may take, in seconds. 1 to 3600. @default the service's */
  invocationTimeoutSeconds?: number;
  /** How long the request may wait in the endpoint's queue, in seconds. 60 to 21600. @default the service's */
  requestTtlSeconds?: number;
  /** Handed on with the job and its events. At most 20 entries of at most 1024 characters. Needs outputs. */
  metadata?: Record<string, string>;
  /** `low`: the job waits, not invoked, while many others are: for batches. Needs outputs, and a service with `priorityEnabled`. @default "normal" */
  priority?: Priority;
  /** Whether the model may run again when it can't be known whether it ran. @default the client's */
  onDoubt?: OnDoubt;
  /**
   * The trace that the job is to be part of: a carrier that a propagator of OpenTelemetry has filled. A traceparent that is not valid is
   * dropped, as W3C Trace Context has it. False: none. @default the active one, where the application uses OpenTelemetry
   */
  traceContext?: TraceContext | false;
  /** Name of the input's object, and what its content type is inferred from. @default the file's; `request.json` for JSON; `input` */
  fileName?: string;
  /** Checks the input, whose parsed form is what the model gets. */
  inputSchema?: StandardSchemaV1<In>;
  /** Checks and types the result. */
  outputSchema?: StandardSchemaV1<unknown, Out>;
  /** Encodes the input and decodes the result. */
  codec?: Codec<Out, In>;
  /** Ends the upload and every pause; a job that the service has taken goes on. */
  signal?: AbortSignal;
}

/** How to wait for a result, and in which form. */
export interface WaitOptions<Out = unknown> {
  /** @default the client's `timeoutSeconds` */
  timeoutSeconds?: number;
  /** Ends the wait; the job goes on. */
  signal?: AbortSignal;
  /**
   * `auto`: by content type, JSON, text or bytes. JSON becomes JavaScript's numbers, which hold whole numbers up to 2^53 - 1: results
   * with larger ones, such as identifiers of 64 bits, keep their digits as `text` or `bytes`, or through a `codec` of your own.
   * @default "auto"
   */
  as?: "auto" | "json" | "text" | "bytes" | "stream";
  /** Writes the result to this file: whole, or not at all. `data` says what was written. */
  toFile?: string;
  /** Checks and types the result. @default the job's `outputSchema` */
  schema?: StandardSchemaV1<unknown, Out>;
}

/** Options of a job that is waited for. */
export interface InvokeOptions<Out = unknown, In = unknown> extends SubmitOptions<Out, In>, Omit<WaitOptions<Out>, "schema"> {
  /** How often it is tried to have the job taken. @default the client's */
  maxAttempts?: number;
}

/** Options of many jobs. */
export interface SubmitManyOptions<Out = unknown, In = unknown> extends Omit<InvokeOptions<Out, In>, "jobId" | "toFile" | "fileName"> {
  /**
   * How many jobs may be open at once. 1 to 10000. Of all that a client submits at once, 64 are under way, and the others wait in it for
   * their turn; streams and `https:` URLs are read and stored before it. @default 32
   */
  concurrency?: number;
  /** Options of one input's own, such as its `jobId`; `index` counts from 0. */
  each?: (input: In, index: number) => Pick<InvokeOptions<Out, In>, "jobId" | "metadata" | "fileName" | "toFile" | "contentType">;
}

/** A result that was written to a file. */
export interface SavedResult {
  path: string;
  bytes: number;
  contentType?: string;
}

/** How a job ended: well, with `data`, or badly, with `error`. */
export type InferenceResult<Data = unknown> = {
  /** `<attempt>.<jobId>` of the attempt that ended it; empty when none was taken. */
  inferenceId: string;
  jobId: string;
  outputLocation?: string;
  failureLocation?: string;
  /** Content type of the result. */
  contentType?: string;
  /** Without a table: only what this process and the objects tell. */
  timings: Partial<JobTimings>;
} & ({ success: true; data: Data; error?: undefined } | { success: false; data?: undefined; error: AsyncInferenceError });

/** One of many results: `index` is its input's place, from 0. */
export type ManyResult<Data = unknown> = InferenceResult<Data> & { index: number };

/** Where a job that has no record lives. */
export interface JobLocations {
  outputLocation: string;
  failureLocation?: string;
  /** What the job is called in results. @default the output's name */
  jobId?: string;
  inferenceId?: string;
}

/** A job as it is now, in the words of users. */
export interface JobStatus {
  jobId: string;
  state: JobState;
  /** Whether `state` is its end. */
  ended: boolean;
  endpointName: string;
  /** Here and below: absent without a table. */
  inputLocation?: string;
  inputBytes?: number;
  contentType?: string;
  /** The newest attempt, from 1; absent before the first. */
  attempt?: number;
  /** How many attempts the container refused without running the model; they don't count towards `maxAttempts`. */
  refusedAttempts?: number;
  maxAttempts?: number;
  inferenceId?: string;
  outputLocation?: string;
  outputContentType?: string;
  outputBytes?: number;
  failureLocation?: string;
  /** Why it ended without a result. */
  error?: CodedError;
  /** Why the service refused it for now. */
  refusal?: CodedError;
  invocationTimeoutSeconds?: number;
  requestTtlSeconds?: number;
  metadata?: Record<string, string>;
  /** What the model should answer with. */
  accept?: string;
  /** What was handed to the container. */
  customAttributes?: string;
  /** The trace that it belongs to. */
  traceContext?: TraceContext;
  /** How handlers fail at the job's end, by handler; one that gets through is taken out again. */
  handlerFailures?: Record<string, HandlerFailure>;
  timings: Partial<JobTimings> & { invokingAt?: string; submittedAt?: string };
  /** What it cost; absent before the service has said when it finished, and for a job that never ran. */
  cost?: JobCost;
}

/**
 * What a job used of an instance, as far as its record knows it. A record has no beginning of the run, so that waiting in the queue is
 * in it, and a share of start-up and idle time is not: `sagemaker-async cost --by job` has both, from CloudWatch.
 */
export interface JobCost {
  /** From the service's receipt of the invocation to its end, divided by `maxConcurrentInvocationsPerInstance`: its run took no longer. */
  instanceSecondsAtMost: number;
  /** The same in US dollars; absent without `usdPerInstanceHour`. */
  usdAtMost?: number;
}

/** What `cancel` did. */
export interface CancelOutcome {
  jobId: string;
  /** The job's state now: `CANCELLED`, or the end that it had come to before. */
  state: JobState;
  /** Whether this call, or one before it, cancelled the job. */
  cancelled: boolean;
  /** Whether the service computes on, as it has no way to stop an invocation that it has taken. */
  computeContinues: boolean;
  /** The same in a sentence. */
  message: string;
}

/** One of the objects that belong to a job: what the model was given, its result, or what it said when it failed. */
export type JobObjectName = "input" | "output" | "failure";

/** Which jobs to list. */
export interface ListOptions {
  state?: JobState;
  /** The earliest acceptance: a time, or ISO 8601. @default 24 hours ago */
  since?: Date | string;
  /** The latest acceptance, itself included: the `createdAt` of a list's last job goes on from there. @default now */
  until?: Date | string;
  /** At most so many. @default all */
  limit?: number;
  signal?: AbortSignal;
}

/** A job in a list. */
export interface ListedJob {
  jobId: string;
  state: JobState;
  endpointName: string;
  createdAt: string;
  endedAt?: string;
}

/** How far a job is: what is known, and what is estimated. */
export interface JobProgress {
  jobId: string;
  state: JobState;
  /** From the job's record. */
  known: JobStatus["timings"] & { attempt?: number };
  /** From backlog, instances and the job's age; only while the service has the job, and when something is known to estimate from. */
  estimated?: PhaseEstimate & { instances?: number };
}

/** A stream of bytes as Node has it: what `as: "stream"` gives. */
export type ResultStream = Readable;
