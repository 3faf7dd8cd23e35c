import type { CodedError } from "./records/errors";
import type { JobRecord, JobState } from "./records/job";
import type { JobEvent } from "./records/jobEvent";
import type { BatchRoom, ItemAt, LowRoom, OpenCount } from "./records/items";

/** What a record must be like for a change to happen; all of it, judged by the table in the same write. */
export interface Expected {
  states: readonly JobState[];
  /** The newest attempt is this one. */
  attempt?: number;
  /** The newest attempt is this one or a later one. */
  attemptAtLeast?: number;
  present?: keyof JobRecord;
  absent?: keyof JobRecord;
  /** That many tasks wait for it. */
  taskTokens?: number;
}

/** What a change does to a record. */
export interface Change {
  set: Partial<JobRecord>;
  remove?: readonly (keyof JobRecord)[];
  /** The record as only the caller can have changed it since: the changed one is made of it, and the table sends nothing back. */
  from?: JobRecord;
}

/** The job table. Each call is one single-item operation. */
export interface Jobs {
  /** False when the id is taken. */
  create(record: JobRecord): Promise<boolean>;
  /**
   * The job with an id, or the item that is no job under its own key. Sees every write that was answered before.
   */
  get<Key extends string>(key: Key): Promise<ItemAt<Key> | undefined>;
  /** The changed record; undefined when it was not as expected, and nothing changed. */
  change(jobId: string, expected: Expected, change: Change): Promise<JobRecord | undefined>;
}

/** What is known of an object without reading it. */
export interface ObjectHead {
  bytes: number;
  eTag: string;
  contentType?: string;
  /** When it was written, by S3's clock: milliseconds since the epoch. */
  modifiedAt?: number;
  /** Of an object in a bucket that keeps versions. */
  versionId?: string;
  /** What its writer has said of it: the user metadata, with names in lower case. */
  metadata?: Record<string, string>;
}

/** Objects in S3; locations are `s3://` URIs. */
export interface Objects {
  put(location: string, body: Uint8Array, contentType: string | undefined): Promise<void>;
  /** Undefined when there is no such object. */
  head(location: string): Promise<ObjectHead | undefined>;
  /** Undefined when there is no such object. */
  get(location: string): Promise<{ body: Uint8Array; contentType?: string } | undefined>;
  /** Copies an object with its content type. False when the source is gone or no longer has this ETag. */
  copy(from: string, eTag: string, to: string): Promise<boolean>;
}

/**
 * Largest input that InvokeEndpointAsync takes in the call itself, in bytes.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
 */
export const callInputBytes = 128_000;

/** Where an input is, or the input itself, to go in the call. */
export type InvocationInput =
  | { location: string }
  | {
      /** 1 to {@link callInputBytes} bytes. */
      body: Uint8Array;
      /** Puts it where the service can read it, and says where: for a service that takes none in the call. */
      place: () => Promise<string>;
    };

/** One call of InvokeEndpointAsync. */
export interface Invocation {
  endpointName: string;
  inferenceId: string;
  /** Where the result is asked for, below the endpoint's output path. @default the inference id */
  outputPath?: string;
  input: InvocationInput;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  invocationTimeoutSeconds: number;
  requestTtlSeconds: number;
}

/** How a call of InvokeEndpointAsync ended. */
export type InvokeOutcome =
  | { kind: "taken"; outputLocation?: string; failureLocation?: string }
  /** Certainly not queued. */
  | { kind: "refused"; error: CodedError }
  /** Queued or not: the answer was lost, or says nothing about it. */
  | { kind: "unknown"; error: CodedError };

/** Asynchronous invocation. Each call is sent once: an automatic retry would not be in the record. */
export interface Endpoint {
  invoke(invocation: Invocation): Promise<InvokeOutcome>;
  /** Whether the service has taken an input in a call, or has refused one for that; undefined before either. */
  takesInput(): boolean | undefined;
}

/** The jobs topic. */
export interface Events {
  publish(event: JobEvent): Promise<void>;
}

/**
 * Tasks of workflows that wait for a job, by their token. Each resolves too when nobody waits any more: answered before, timed out, or
 * its workflow was stopped.
 */
export interface Tasks {
  succeed(token: string, output: object): Promise<void>;
  fail(token: string, failure: { error: string; cause: string }): Promise<void>;
  /** Says that the job lives. */
  beat(token: string): Promise<void>;
}

/** Time of the process. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number): Promise<void>;
}

/** Structured log lines, embedded metrics among them. Carries ids, never payloads. */
export type Log = (line: Record<string, unknown>) => void;

/** Low jobs that wait, and the room that is left for them. Each call is one operation of the table. */
export interface LowQueue extends LowEntry {
  /** Says that none waits. */
  clear(): Promise<void>;
  /** Sets what the sweeper knows; who waits and whose turn it is stays. */
  recount(room: Pick<LowRoom, "backlog" | "fairBy" | "free" | "countedAt">): Promise<void>;
  /** Ids of those whose turn is next, as far as the index knows, which follows the table with some delay. */
  first(count: number): Promise<string[]>;
}

/** The line of low jobs, as a new one enters it. */
export interface LowEntry {
  /**
   * Takes a place for one job; false when none is free.
   *
   * @param turn of the job that waited for it; undefined: none must wait
   */
  take(turn?: number): Promise<boolean>;
  /** Gives a place back. The room afterwards; undefined where there are no priorities. */
  give(): Promise<LowRoom | undefined>;
  /** Says that a job waits. The room afterwards; undefined where there are no priorities. */
  line(): Promise<LowRoom | undefined>;
  /**
   * The next turn of whoever has this key, above `least` and all that it was given before.
   *
   * @param expiresAt epoch seconds until which it is remembered
   */
  nextTurn(key: string, least: number, expiresAt: number): Promise<number>;
}

/** Places for objects of batches. Each call is one operation of the table. */
export interface Rooms {
  /** Takes places of the room as it was read; false when so many are not left, or the sweeper has counted since. @param now milliseconds since the epoch */
  take(count: number, room: Pick<BatchRoom, "countedAt">, now: number): Promise<boolean>;
  /**
   * Adds what the sweeper has found to what is free, places that are taken meanwhile included. Nothing happens when another one has
   * counted since `before` was read.
   *
   * @param before the room before counting; undefined: there was none
   * @param countedAt milliseconds since the epoch
   */
  recount(before: BatchRoom | undefined, more: number, countedAt: number): Promise<void>;
}

/** Everything that moves a job. */
export interface JobPorts {
  jobs: Jobs;
  objects: Objects;
  endpoint: Endpoint;
  events: Events;
  clock: Clock;
  /** SHA-256 in hexadecimal digits. */
  hash(data: Uint8Array | string): string;
  randomBytes(count: number): Uint8Array;
  log: Log;
  /** Admits low jobs in the place of one that has ended. Without it the sweeper does. Never throws. */
  lowEnded?: (job: JobRecord) => Promise<void>;
}

/** A job in the due index: open, or its end not announced. */
export interface DueEntry {
  jobId: string;
  dueAt: string;
  state: JobState;
  createdAt: string;
}

/** The table's due index, which follows the table with some delay. */
export interface DueIndex {
  /**
   * A page of one shard in the order of `dueAt`: those due `until` then, or all; at most `limit`, or what fits into an answer.
   *
   * @param where.after the `next` of the page before
   */
  page(shard: number, where: { until?: string; limit?: number; after?: unknown }): Promise<{ entries: DueEntry[]; next?: unknown }>;
}

/** Leases in the table: one holder at a time, until a time. */
export interface Leases {
  /** Takes a lease that is free or over, or keeps one's own. False while another holds it. Times in milliseconds since the epoch. */
  take(name: string, owner: string, now: number, until: number): Promise<boolean>;
  /** Gives one's own back; another's stays. */
  release(name: string, owner: string): Promise<void>;
}

/** Everything that the sweeper needs. */
export interface SweepPorts extends JobPorts {
  /** Without it no task waits for a job. */
  tasks?: Tasks | undefined;
  due: DueIndex;
  leases: Leases;
  low: LowQueue;
  rooms: Rooms;
  counts: { put(count: OpenCount): Promise<void> };
}

/** What moving a job needs to know of the service that it belongs to. */
export interface JobSettings {
  endpointName: string;
  bucketName: string;
  outputPrefix: string;
  /** Whether SageMaker notifies of the end of each invocation; else only looking for its objects finds it. */
  notificationsEnabled: boolean;
  /** How long a record is kept after its job ended. */
  retentionDays: number;
}
