/** Where a fault can happen: what a run meets, and asks about, again and again. */
export type Site =
  /** SageMaker tells how an invocation ended. */
  | "notification"
  /** The jobs topic tells a function that a job has ended. */
  | "event"
  /** A function is invoked. */
  | "invocation"
  /** A function calls DynamoDB to write. */
  | "tableWrite"
  /** A function calls DynamoDB to read. */
  | "tableRead"
  /** A function calls S3. */
  | "objects"
  /** A function calls InvokeEndpointAsync. */
  | "invoke"
  /** A function calls another service. */
  | "otherCall"
  /** A job was accepted: its record was written. */
  | "accepted"
  /** The service has queued a request. */
  | "queue"
  /** The container gets a request. */
  | "container";

/** A function's calls of AWS, each of which may be the last thing that it does. */
const calls = ["tableWrite", "tableRead", "objects", "invoke", "otherCall"] as const satisfies readonly Site[];

interface Kind {
  sites: readonly Site[];
  /** Whether nobody may know afterwards what became of an attempt: what `onDoubt` decides about. */
  doubt?: true;
  what: string;
}

/** Faults that happen to one job, by name. */
export const jobFaults = {
  "notification-lost": { sites: ["notification"], what: "SageMaker's notification never arrives" },
  "notification-doubled": { sites: ["notification"], what: "it arrives twice" },
  "notification-late": { sites: ["notification"], what: "it arrives minutes later" },
  "notification-reordered": { sites: ["notification"], what: "it arrives after the next one" },
  "notification-truncated": { sites: ["notification"], what: "half of its text arrives" },
  "notification-unknown-fields": { sites: ["notification"], what: "it has fields that no document lists" },
  "event-doubled": { sites: ["event"], what: "a job event arrives twice" },
  "event-late": { sites: ["event"], what: "a job event arrives minutes later" },
  "delivery-failed": { sites: ["notification", "event"], what: "SNS can't hand the message to its function: a dead letter" },
  "lambda-killed-before": { sites: calls, doubt: true, what: "the function is killed before a call to AWS leaves it" },
  "lambda-killed-between": { sites: calls, doubt: true, what: "the function is killed after the call took effect, before its answer" },
  "lambda-killed-after": { sites: ["invocation"], doubt: true, what: "the function is killed after all its work, before it has returned" },
  "lambda-throttled": { sites: ["invocation"], what: "Lambda refuses the invocation for now" },
  "lambda-timed-out": { sites: calls, doubt: true, what: "a call to AWS hangs until the function's time is up" },
  "table-throttled": {
    sites: ["tableWrite", "tableRead"],
    doubt: true,
    what: "DynamoDB throttles the call, for longer than the SDK tries",
  },
  "table-conflict": { sites: ["tableWrite"], doubt: true, what: "DynamoDB refuses the write for a transaction on the same item" },
  "table-item-too-large": { sites: ["tableWrite"], doubt: true, what: "DynamoDB refuses the item as too large" },
  "table-answer-lost": { sites: ["tableWrite"], what: "the write takes effect, its answer is lost, and the SDK sends it again" },
  "s3-503": { sites: ["objects"], what: "S3 asks to slow down, for longer than the SDK tries" },
  "s3-slow": { sites: ["objects"], what: "S3 takes twenty seconds" },
  "s3-403": { sites: ["objects"], what: "S3 denies access once" },
  "invoke-503": { sites: ["invoke"], what: "InvokeEndpointAsync is unavailable" },
  "invoke-400": { sites: ["invoke"], what: "InvokeEndpointAsync refuses the request for good" },
  "invoke-answer-lost": { sites: ["invoke"], doubt: true, what: "InvokeEndpointAsync queues the request, and its answer is lost" },
  "container-5xx": { sites: ["container"], what: "the container answers 500" },
  "container-503": { sites: ["container"], what: "the container answers 503 and does not run the model" },
  "container-hang": { sites: ["container"], what: "the container never answers" },
  "container-garbage": { sites: ["container"], what: "the container answers bytes that are not what it claims" },
  "container-no-content-length": { sites: ["container"], what: "the container's answer has no Content-Length" },
  "container-exit": { sites: ["container"], doubt: true, what: "the container exits in the middle of the job" },
  "waits-in-queue": { sites: ["queue"], what: "the request waits for nearly its whole time to live" },
  "expired-in-queue": { sites: ["queue"], doubt: true, what: "the request waits longer than its time to live" },
  cancelled: { sites: ["accepted"], what: "a user cancels the job, whatever runs" },
} as const satisfies Record<string, Kind>;

/** Faults that happen to the service as a whole, at a time. */
export const serviceFaults = {
  "clock-skew": "a function's clock is 15 minutes off",
  "client-clock": "the machine of a client has a clock that is an hour off",
  "two-sweepers": "the sweeper is started twice at once",
  "endpoint-updating": "the endpoint refuses requests while it is updated",
  "scale-in-sigterm": "somebody takes an instance away: SIGTERM, SIGKILL 30 s later",
  "scale-in": "a policy asks for the minimum of instances: it gets what the floor lets it have",
  deployment: "every function and the endpoint's fleet are replaced",
  flood: "more jobs come at once than may be open: the rest is refused",
  batch: "S3 Batch Operations makes objects jobs, calls twice for some, and is resumed until each is one",
  redrive: "an operator puts the dead letters back",
} as const;

export type JobFaultKind = keyof typeof jobFaults;
export type ServiceFaultKind = keyof typeof serviceFaults;
export type FaultKind = JobFaultKind | ServiceFaultKind;

/** Every kind, in the order of the report. */
export const faultKinds = [...Object.keys(jobFaults), ...Object.keys(serviceFaults)] as FaultKind[];

/** The facts of a kind, typed alike for all. */
export function kindOf(kind: JobFaultKind): Kind {
  return jobFaults[kind];
}

/** What happens, in words. */
export function describe(kind: FaultKind): string {
  return kind in jobFaults ? jobFaults[kind as JobFaultKind].what : serviceFaults[kind as ServiceFaultKind];
}
