import type { CodedError } from "./errors";
import type { HandlerFailure } from "../handlers/runHandler";
import type { TraceContext } from "../tracing/traceContext";
import { dueShardCount } from "./table";

/** Where a job is. The last four are its end and never change. */
export const jobStates = ["ACCEPTED", "INVOKING", "SUBMITTED", "COMPLETED", "FAILED", "EXPIRED", "CANCELLED"] as const;

/** One of {@link jobStates}. */
export type JobState = (typeof jobStates)[number];

/** States that are a job's end. */
export const terminalStates = ["COMPLETED", "FAILED", "EXPIRED", "CANCELLED"] as const satisfies readonly JobState[];

/** States of a job that has not ended. */
export const openStates = ["ACCEPTED", "INVOKING", "SUBMITTED"] as const satisfies readonly JobState[];

/** States in which an invocation may be under way. */
export const invokedStates = ["INVOKING", "SUBMITTED"] as const satisfies readonly JobState[];

/** What happens when it can't be known whether an attempt ran. */
export type OnDoubt = "rerun" | "wait";

/** How a job stands beside others: `low` ones wait, accepted and not invoked, while more than a bound are before them. */
export const priorities = ["normal", "low"] as const;

/** One of {@link priorities}. */
export type Priority = (typeof priorities)[number];

/** One job in the table; every attribute is described in schemas/job.schema.json. Times are ISO 8601 in UTC with milliseconds. */
export interface JobRecord {
  schemaVersion: number;
  jobId: string;
  state: JobState;
  endpointName: string;

  /** The object that the model gets; with `inputInCall` where it would be, and no object. */
  inputLocation: string;
  /** Whether the input went to the service in the call, and is nowhere but in `input` until the job has ended. */
  inputInCall?: boolean;
  /** The input itself, for further attempts. Only with `inputInCall`, and only until the job has ended. */
  input?: Uint8Array;
  /** SHA-256 of the input; of URI and ETag when the caller gave a location. */
  inputHash: string;
  inputBytes?: number;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  invocationTimeoutSeconds: number;
  requestTtlSeconds: number;
  onDoubt: OnDoubt;
  maxAttempts: number;
  /** The caller's own words about the job; handed on, never read. */
  metadata?: Record<string, string>;
  /** Only with `low`. */
  priority?: "low";
  /** Its place in the `waiting` index, the lowest first: present only while it waits for its priority. */
  turn?: number;
  /** The client that follows the job's end through the `ended` index. */
  waiter?: string;
  /** Tokens of the Step Functions tasks that the job's end is to answer. In the record alone: no event carries them. */
  taskTokens?: string[];
  /**
   * The trace that the job belongs to: what its container and its handlers are children of. Of a service that exports spans it names the
   * job's own span; of another it is the caller's.
   */
  traceContext?: TraceContext;
  /** Id of the job's own span, 16 hexadecimal digits. Only of a service that exports spans. */
  spanId?: string;
  /** Id of the caller's span, that one's parent; absent where the trace begins with the job. */
  parentSpanId?: string;

  /** The newest attempt, from 1; absent while ACCEPTED. */
  attempt?: number;
  /** `<attempt>.<jobId>` of the newest attempt; of the one that ended the job, once it has ended. */
  inferenceId?: string;
  /** Random mark of the caller who recorded the newest attempt: tells a write of its own, sent twice, from another's. */
  callId?: string;
  /** Where the newest attempt asked for its result: what to look at when the service's answer was lost. */
  expectedOutputLocation?: string;
  /** Why the newest attempt is not under way: the service refused it, or the container the one before. Present only as long. */
  refusal?: CodedError;
  /** Attempts that the container refused without running the model, and when it first did. They don't count towards `maxAttempts`. */
  containerRefusals?: { count: number; since: string };
  /** Where the service says the result will be, and, once COMPLETED, is. */
  outputLocation?: string;
  failureLocation?: string;
  outputContentType?: string;
  outputBytes?: number;
  /** Why the job ended without a result. */
  error?: CodedError;
  /** Only with CANCELLED: an attempt may still wait or run in the service, which has no way to stop one; its result is dropped. */
  computeContinues?: boolean;

  /** UTC day of `createdAt`, such as `2026-01-25`. */
  createdDay: string;
  /** When the job was accepted. */
  createdAt: string;
  /** When the newest attempt was recorded, just before its first call. */
  invokingAt?: string;
  /** When the service accepted the newest attempt. */
  submittedAt?: string;
  /** When the service received the invocation that ended the job, by its own clock. */
  receivedAt?: string;
  /** The date of the result's object, by S3's clock, which tells whole seconds. Only of a service that exports spans. */
  storedAt?: string;
  /** When the service finished it, by its own clock. */
  finishedAt?: string;
  /** When the end was recorded, by the writer's clock. */
  endedAt?: string;
  /** How users' handlers fail at the job's end, by handler; one that gets through is taken out again. */
  handlerFailures?: Record<string, HandlerFailure>;
  /** When the job event was published. */
  announcedAt?: string;

  dueShard?: number;
  /** When somebody should look again: absent once the end is announced. */
  dueAt?: string;
  /** Epoch seconds after which the table drops the record. */
  expiresAt?: number;
}

/** Where a job's time went, in the words of users. */
export interface JobTimings {
  acceptedAt: string;
  receivedAt?: string;
  finishedAt?: string;
  recordedAt?: string;
}

/** Times of a job: accepted here, received and finished by the service, recorded here. */
export function timingsOf(job: JobRecord): JobTimings {
  return {
    acceptedAt: job.createdAt,
    ...(job.receivedAt === undefined ? {} : { receivedAt: job.receivedAt }),
    ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
    ...(job.endedAt === undefined ? {} : { recordedAt: job.endedAt }),
  };
}

/** Whether a job has ended. */
export function isTerminal(state: JobState): boolean {
  return (terminalStates as readonly JobState[]).includes(state);
}

/** How many of a job's attempts count towards `maxAttempts`: the newest, without those that the container refused. */
export function countedAttempts({ attempt = 0, containerRefusals }: Pick<JobRecord, "attempt" | "containerRefusals">): number {
  return attempt - (containerRefusals?.count ?? 0);
}

/** The highest number that an attempt can have: it has three digits in an inference id. */
export const mostAttempts = 999;

/** What a job id looks like: safe in keys, URIs and headers, and short enough for an inference id of 64 characters. */
export const jobIdPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$";

/** Whether `text` can be a job id. */
export function isJobId(text: string): boolean {
  return new RegExp(jobIdPattern).test(text);
}

/** Identity of one attempt at a job, as the service carries it. */
export interface Attempt {
  /** Starts at 1. */
  attempt: number;
  jobId: string;
}

/** `<attempt>.<jobId>`: at most 64 printable ASCII characters, which is the service's bound. */
export function inferenceIdOf({ attempt, jobId }: Attempt): string {
  return `${attempt}.${jobId}`;
}

/** Reads `<attempt>.<jobId>`; undefined for an id that isn't ours. */
export function readInferenceId(inferenceId: string): Attempt | undefined {
  const match = /^([1-9]\d{0,2})\.(.+)$/s.exec(inferenceId);
  if (!match || !isJobId(match[2] as string)) return undefined;
  return { attempt: Number(match[1]), jobId: match[2] as string };
}

/**
 * A new job id: a ULID, 26 characters of Crockford's Base32, sortable by time.
 *
 * Written here because nothing but the SDK may be in a Lambda's archive. https://github.com/ulid/spec
 *
 * @param now milliseconds since the epoch
 * @param random sixteen or more random bytes
 */
export function newJobId(now: number, random: Uint8Array): string {
  const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  let time = "";
  for (let rest = now; time.length < 10; rest = Math.floor(rest / 32)) time = digits.charAt(rest % 32) + time;
  return time + Array.from(random.subarray(0, 16), (byte) => digits.charAt(byte % 32)).join("");
}

/** Partition of the `due` index that a job is in. */
export function dueShardOf(jobId: string): number {
  // FNV-1a: spreads ids that differ only at their end, and needs no import.
  let hash = 0x811c9dc5;
  for (let index = 0; index < jobId.length; index++) hash = Math.imul(hash ^ jobId.charCodeAt(index), 0x01000193) >>> 0;
  return hash % dueShardCount;
}

/**
 * Key of a job's input, the same for every attempt: `<inputPrefix><jobId>/<name>`.
 *
 * InvokeEndpointAsync has refused signatures over locations that aren't ASCII: other characters than
 * letters, digits, `.`, `_` and `-` become `_`.
 */
export function inputKeyOf(inputPrefix: string, jobId: string, fileName: string): string {
  const baseName = fileName.slice(fileName.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9._-]/g, "_");
  // S3 clients normalize "." and ".." away.
  return `${inputPrefix}${jobId}/${/^\.*$/.test(baseName) ? "input" : baseName.slice(-128)}`;
}

/** Whether a job failed because the service never accepted it: the call failed, not the model. */
export function wasNeverAccepted({ state, submittedAt, finishedAt }: Pick<JobRecord, "state" | "submittedAt" | "finishedAt">): boolean {
  return state === "FAILED" && submittedAt === undefined && finishedAt === undefined;
}
