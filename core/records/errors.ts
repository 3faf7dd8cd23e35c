/** Every code that an error of this project can have. */
export const errorCodes = [
  /** The request is wrong; `field` names where. */
  "BAD_INPUT",
  /** A notification or event that can't be read. */
  "BAD_MESSAGE",
  /** The model's answer can't be stored or read. */
  "BAD_OUTPUT",
  /** The endpoint, the input or the result does not exist, or no longer. */
  "NOT_FOUND",
  /** The job id is taken by a job with another input. */
  "CONFLICT",
  /** A role may not do what is asked, or a location is outside the allowed buckets. */
  "ACCESS_DENIED",
  /** The service asked for a pause, and several tries did not outlast it. */
  "THROTTLED",
  /** A service did not answer, or the endpoint is being created. */
  "UNAVAILABLE",
  /** AWS had no instance available. */
  "CAPACITY",
  /** The container answered with an error of the model; it is never run again. */
  "MODEL_ERROR",
  /** The model took longer than `invocationTimeoutSeconds`, or than its server's own limit: the advice says which. */
  "TIMEOUT",
  /** The request waited in the endpoint's queue for longer than `requestTtlSeconds`. */
  "EXPIRED",
  /** Somebody cancelled the job. */
  "CANCELLED",
  /** Whether the model ran can't be known. */
  "IN_DOUBT",
  /** Too many open jobs. */
  "LIMIT",
  /** The caller's own wait ended. */
  "WAIT_TIMEOUT",
  /** The caller ended its own wait. */
  "ABORTED",
  /** A fault of this project. */
  "INTERNAL",
] as const;

/** One of {@link errorCodes}. */
export type ErrorCode = (typeof errorCodes)[number];

/** What went wrong, as plain data: it is stored in records, sent in answers and events, and survives serialization. */
export interface CodedError {
  code: ErrorCode;
  message: string;
  /** Whether the same call can succeed later without a change. */
  retryable: boolean;
  /** What to do about it. */
  advice: string;
  /** The request's field at fault, such as `metadata.tenant`. */
  field?: string;
}

/** What a user can do about each code, unless the place that fails knows better. */
const advices: Record<ErrorCode, string> = {
  BAD_INPUT: "Correct the request and send it again.",
  BAD_MESSAGE: "Find out who publishes to this topic. The message was dropped.",
  BAD_OUTPUT: "Make the model answer with a Content-Length and at most 1 GB.",
  NOT_FOUND: "Look whether the object or endpoint still exists and the name is spelled right.",
  CONFLICT: "Use another jobId for another input; the same jobId with the same input returns the job.",
  ACCESS_DENIED: "Grant the named role the missing action.",
  THROTTLED: "Send the same request with the same jobId again, after a pause.",
  UNAVAILABLE: "Send the same request with the same jobId again, after a pause.",
  CAPACITY: "Try another instance type or Availability Zone, or ask for a higher quota.",
  MODEL_ERROR: "Read the container's log and the failure object; the input may be one that the model can't take.",
  TIMEOUT:
    "Raise invocationTimeoutSeconds (at most 3600), use a faster instance, or lower maxConcurrentInvocationsPerInstance to the " +
    "container's workers: what waits inside the container uses up this time.",
  EXPIRED: "Raise requestTtlSeconds (at most 21600) or maxCapacity, then submit it as a new job.",
  CANCELLED: "Nothing: it was asked for.",
  IN_DOUBT: "Look at the output location; submit a new job when the model may run twice.",
  LIMIT: "Wait until jobs have ended, or raise the limit.",
  WAIT_TIMEOUT: "The job goes on: ask again later, with its jobId.",
  ABORTED: "The job goes on: ask again later, with its jobId.",
  INTERNAL: "Look into the function's log for the jobId. Report it to the project if it repeats.",
};

const retryableCodes: readonly ErrorCode[] = ["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT", "WAIT_TIMEOUT"];

/**
 * Makes a coded error.
 *
 * @example
 * ```ts
 * codedError("BAD_INPUT", "waitSeconds: got 1000, expected an integer from 0 to 840", { field: "waitSeconds" })
 * ```
 */
export function codedError(
  code: ErrorCode,
  message: string,
  details: { field?: string | undefined; advice?: string | undefined; retryable?: boolean } = {},
): CodedError {
  return {
    code,
    message,
    retryable: details.retryable ?? retryableCodes.includes(code),
    advice: details.advice ?? advices[code],
    ...(details.field === undefined ? {} : { field: details.field }),
  };
}

/** What needs packages that are not installed is refused with this. @param what such as `explain` */
export function packagesMissing(what: string, names: readonly string[]): CodedError {
  const [packages, are] = names.length === 1 ? ["package", "is"] : ["packages", "are"];
  const message = `${what} needs the ${packages} ${names.join(", ")}, which ${are} not installed.`;
  return codedError("BAD_INPUT", message, { advice: `npm install ${names.join(" ")}` });
}

/** Nobody knows a job of this id: one wording, whoever was asked. */
export function noJob(jobId: string): CodedError {
  return codedError("NOT_FOUND", `There is no job ${jobId}.`, {
    field: "jobId",
    advice: "Look whether the jobId is spelled right and the service is the right one; a record is dropped some time after its job's end.",
  });
}

/** Code, message and advice as one text. A message that ends with a value gets the full stop that separates it from the advice. */
export function errorText({ code, message, advice }: CodedError): string {
  if (advice === "") return `${code}: ${message}`;
  return `${code}: ${message}${/[.!?\u2026]$/.test(message) ? "" : "."} ${advice}`;
}

/** An Error that carries a coded one: what the core throws, since a class that extends Error would not survive serialization. */
export function thrown(coded: CodedError, cause?: unknown): Error & { coded: CodedError } {
  return Object.assign(new Error(errorText(coded), { cause }), { coded });
}

/** The coded error that something thrown carries; undefined when it carries none. */
export function codedOf(error: unknown): CodedError | undefined {
  return error instanceof Error && "coded" in error ? (error.coded as CodedError) : undefined;
}
