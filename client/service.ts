import type { JobRecord } from "../core/records/job";
import type { Objects } from "../core/ports";
import type { SubmitRequest } from "../core/messages/request";
import type { AsyncInferenceError } from "./errors";
import type { ExplainSources } from "./explain";
import type { Input } from "./input";
import type { OutputForm } from "./output";
import type { JobLog, JobLogOptions, JobObject, OverviewOptions, ServiceOverview } from "./overview/types";
import type { CancelOutcome, InferenceResult, JobLocations, JobObjectName, JobStatus, ListedJob, ListOptions } from "./types";

/** One job's submission, checked. */
export interface Submission {
  jobId: string;
  /** Whether the caller chose the id, so that a job of this id may exist. */
  named: boolean;
  request: SubmitRequest;
  /** Reads the input anew. */
  input: () => Promise<Input>;
  maxAttempts: number;
  signal: AbortSignal | undefined;
  /** Does a part of it that needs no one's pace but AWS's, when it is its turn among the client's submissions. */
  inTurn: <Result>(work: () => Promise<Result>) => Promise<Result>;
}

/** How a client that was submitted a job, or found one, follows it. */
export interface JobReference extends Partial<JobLocations> {
  jobId: string;
  /** ISO 8601; when it was accepted, as far as this process knows. */
  acceptedAt?: string;
  accept?: string;
  /** Submitted by this client object, so that its end comes to it. */
  own?: boolean;
  /** Once it has ended: what will ever be known of it. */
  record?: JobRecord;
  /** Why the service did not accept it at all. */
  neverTaken?: AsyncInferenceError;
  /** Where results of earlier attempts may be, whose answers were lost. */
  doubtful?: readonly { inferenceId: string; outputLocation: string }[];
}

/** How long to wait, and for what. */
export interface Waiting<Out> extends OutputForm<Out> {
  /** By the clock's `now`. */
  deadline: number;
  /** That of the job's reference. */
  own: boolean;
}

/** A service as the client uses it: with a table of jobs, or with nothing but an endpoint and a bucket. */
export interface Service {
  readonly objects: Objects;
  submit(submission: Submission): Promise<JobReference>;
  result<Out>(job: JobReference, waiting: Waiting<Out>): Promise<InferenceResult<unknown>>;
  status(job: JobReference, signal?: AbortSignal): Promise<JobStatus>;
  cancel(job: JobReference): Promise<CancelOutcome>;
  list(options: ListOptions): AsyncIterable<ListedJob>;
  /** How the service is. */
  overview(options: OverviewOptions): Promise<ServiceOverview>;
  /** Opens one of a job's objects; undefined when there is none. */
  open(job: JobReference, what: JobObjectName): Promise<JobObject | undefined>;
  /** What was printed about a job. */
  logs(job: JobReference, options: JobLogOptions): Promise<JobLog[]>;
  /** The same jobs with all that is recorded of each. */
  statuses(options: ListOptions): AsyncIterable<JobStatus>;
  /** Where what explains its jobs is read. */
  explainSources(): Promise<ExplainSources>;
  /** What time it is for the service, in milliseconds since the epoch. */
  serviceTime(): Promise<number>;
  /** Ends every wait. */
  close(): void;
}

/** A service whose jobs have records, by which they are found. */
export interface FindingService extends Service {
  /** The job of this id; undefined when there is none. */
  find(jobId: string): Promise<JobReference | undefined>;
}
