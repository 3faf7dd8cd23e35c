import type { LowRoom } from "../../core/records/items";
import type { JobRecord, JobState } from "../../core/records/job";

/** Every situation that an explanation can find a job in. */
export const situations = [
  /** No instance exists; one is asked for, or will be. */
  "waiting-for-wake-up",
  /** AWS has no instance of the type to give. */
  "capacity-error",
  /** The endpoint changes to another configuration, or is being created. */
  "endpoint-updating",
  /** The endpoint could not be created or updated, and runs nothing. */
  "endpoint-failed",
  /** Other requests were there first. An estimate. */
  "queued-behind-others",
  /** The request waited longer than its `requestTtlSeconds`. */
  "expired",
  /** The container answered with an error. */
  "model-error",
  /** The model took longer than `invocationTimeoutSeconds`. */
  "invocation-timeout",
  /** The input's object does not exist. */
  "input-missing",
  /** A role lacks a permission: one that runs the job, or the caller's own. */
  "access-denied",
  /** The invocation has ended, and no notification arrived. */
  "notification-lost",
  /** The job completed; its result is gone. */
  "result-deleted",

  /** Recorded; the input is on its way to S3, or the next step is. */
  "accepted",
  /** Recorded; new jobs are held until a fleet that is larger than needed has shrunk. */
  "held-for-scale-in",
  /** Recorded; it waits for its priority, since many others are invoked. */
  "held-for-priority",
  /** The endpoint is being called. */
  "invoking",
  /** The endpoint refused the request for now; it is tried again. */
  "refused-retrying",
  /** Whether an attempt ran can't be known. */
  "in-doubt",
  /** An instance was asked for and its container did not start. */
  "wake-up-failed",
  /** The endpoint does not exist. */
  "endpoint-missing",
  /** Nothing waits before it. An estimate. */
  "running",
  /** Taken by the service; whether it runs or waits can't be known. */
  "in-progress",
  /** The invocation has just ended; its notification is on its way. */
  "recording-end",
  "completed",
  /** Ended without a result, for a reason that has no situation of its own. */
  "failed",
  "cancelled",
  /** There is no record of such a job. */
  "unknown-job",
  /** The record could not be read. */
  "record-unreadable",
] as const;

/** One of {@link situations}. */
export type Situation = (typeof situations)[number];

/** What is going on with a job, in sentences for people, with the facts behind them. Times are ISO 8601 in UTC. */
export interface Explanation {
  jobId: string;
  /** The record's; without a table what the objects tell; else `UNKNOWN`. */
  state: JobState | "UNKNOWN";
  situation: Situation;
  /** What the state is. */
  summary: string;
  why: string;
  /** Since when it is so; absent when that isn't known. */
  since?: string;
  /** What happens next. */
  next: string;
  /** When it happens, or when it has happened at the latest: `next` says which. */
  nextAt?: string;
  whatYouCanDo: string[];
  /** What was read, and under `unknown` what could not be ({@link Unreadable}). */
  facts: Record<string, unknown>;
}

/** Where facts come from. */
export const sourceNames = [
  "record",
  "waiting",
  "input",
  "output",
  "failure",
  "endpoint",
  "endpointConfig",
  "scaling",
  /** Of the overview alone. */
  "schedules",
  "metrics",
  "alarms",
  "deadLetters",
  "resultLog",
  "containerLog",
] as const;

/** One of {@link sourceNames}. */
export type SourceName = (typeof sourceNames)[number];

/** A statement of an IAM policy. */
export interface PolicyStatement {
  Effect: "Allow";
  Action: string | string[];
  Resource: string | string[];
}

/** A source that could not be read, and what would let it be. */
export interface Unreadable {
  source: SourceName;
  /** In the service's words. */
  reason: string;
  /** What to add to the policy of whoever explains; only where a permission is missing. */
  statement?: PolicyStatement;
  /** Whoever explains has no credentials, or none that are valid now: nothing could be asked at all. */
  credentials?: true;
}

/** An object that exists. */
export interface ObjectFacts {
  bytes: number;
  /** When it was written. */
  at: string;
}

/** The object that SageMaker writes when an invocation fails. */
export interface FailureFacts extends ObjectFacts {
  /** Its beginning, when it is text. */
  text: string;
}

/** DescribeEndpoint, as far as it explains. */
export interface EndpointFacts {
  /** As SageMaker spells it: `InService`, `Updating`, … */
  status: string;
  /** When it changed last. */
  since: string;
  failureReason?: string;
  currentInstanceCount: number;
  desiredInstanceCount: number;
  /** Configuration that an update in progress brings. */
  pendingConfig?: string;
  configName: string;
  maxConcurrentInvocationsPerInstance?: number;
}

/** DescribeEndpointConfig, as far as it explains. */
export interface EndpointConfigFacts {
  instanceType?: string;
  containerStartupTimeoutSeconds?: number;
  modelDownloadTimeoutSeconds?: number;
}

/** A change of the instance count. */
export interface ScalingActivity {
  startedAt: string;
  /** As Application Auto Scaling spells it: `InProgress`, `Successful`, `Failed`, … */
  status: string;
  description: string;
  message: string;
}

/** Application Auto Scaling's view of the endpoint. */
export interface ScalingFacts {
  target: { minCapacity: number; maxCapacity: number; scaleOutSuspended: boolean } | "missing";
  /** The newest one. */
  lastActivity?: ScalingActivity;
}

/** The endpoint's metrics; CloudWatch has them one to three minutes late. */
export interface MetricFacts {
  /** Newest backlog; absent when none was published within the last quarter of an hour. */
  backlog?: {
    /** Start of the minute that the values are of. */
    at: string;
    size: number;
    oldestRequestSeconds?: number;
  };
  /** Requests that came to an end a minute, on average over the last quarter of an hour. */
  processedPerMinute?: number;
  /** Requests of this endpoint that expired around the moment at which this job's would have. */
  expiredThen?: number;
}

/** An alarm that is in ALARM and watches this endpoint. */
export interface AlarmFacts {
  name: string;
  since: string;
  reason: string;
}

/** Answer of a source that was asked and found nothing there. */
export type Missing = "missing";

/** Everything that an explanation is decided by. An absent fact was not asked for, or stands in `unreadable`. */
export interface Facts {
  jobId: string;
  /** Milliseconds since the epoch. */
  now: number;
  endpointName: string;
  /** False for a client that knows nothing but bucket and endpoint. */
  hasTable: boolean;
  /** Where a job without a record said that its objects will be. */
  locations?: { outputLocation: string; failureLocation?: string };
  record?: JobRecord | Missing;
  /** Since when new jobs are held while the fleet is emptied; asked for while the job is ACCEPTED. */
  heldSince?: string;
  /** Of a job that waits for its priority: how many low ones are before it, the room that there is, and whether there are more than were counted. */
  line?: { before: number; orMore: boolean; room?: LowRoom };
  input?: ObjectFacts | Missing;
  output?: ObjectFacts | Missing;
  failure?: FailureFacts | Missing;
  endpoint?: EndpointFacts | Missing;
  endpointConfig?: EndpointConfigFacts | Missing;
  scaling?: ScalingFacts;
  metrics?: MetricFacts;
  alarms?: AlarmFacts[];
  /** Messages in the dead-letter queue, whosever. */
  deadLetters?: number;
  /** Newest lines that name the job: of the function that records ends. */
  resultLog?: string[];
  /** Newest lines that name the inference id: of the container and of the service about it. */
  containerLog?: string[];
  unreadable: Unreadable[];
}
