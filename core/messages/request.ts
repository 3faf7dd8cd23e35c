import type { TraceContext } from "../tracing/traceContext";
import { codedError, type CodedError } from "../records/errors";
import { jobIdPattern, type OnDoubt, type Priority } from "../records/job";

/**
 * A request to run one job: schemas/submit-request.schema.json. Exactly one of `input`, `inputBase64` and
 * `inputLocation` says what the model gets.
 */
export interface SubmitRequest {
  /** JSON that the model gets; its content type is `application/json` unless `contentType` says otherwise. No number beyond 2^53 - 1. */
  input?: unknown;
  /** Bytes that the model gets, in Base64; needs `contentType`. */
  inputBase64?: string;
  /** `s3://bucket/key` of an object in an allowed bucket; read by the endpoint, not copied. */
  inputLocation?: string;
  /** The job's identity. Sending the same again returns the job as it is. @default a ULID */
  jobId?: string;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  /** How long the model may take. 1 to 3600. @default the service's setting */
  invocationTimeoutSeconds?: number;
  /** How long the request may wait in the endpoint's queue. 60 to 21600. @default the service's setting */
  requestTtlSeconds?: number;
  /** Handed on with the job and its events. At most 20 entries of at most 1024 characters. */
  metadata?: Record<string, string>;
  /**
   * Within how many seconds the answer comes, with the result if the job has ended by then. 0 to 840. The wait itself is a tenth shorter, by
   * 5 s at most: a cold start, reading the result and the network need that. A call that the endpoint refuses is repeated for up to ten
   * seconds all the same. The caller's read timeout must be as long, and at least 20 s: boto3's is 60 s, after which it calls again, and
   * without a `jobId` that is another job. @default 0
   */
  waitSeconds?: number;
  /** Whether the model may run again when it can't be known whether it ran. @default the service's setting */
  onDoubt?: OnDoubt;
  /** `low`: the job waits, not invoked, while many others are; for a service with `priorityEnabled`. @default "normal" */
  priority?: Priority;
  /** The client that follows the job's end through the table's `ended` index. */
  waiter?: string;
  /**
   * Token of a Step Functions task that the job's end answers, with a service that has `workflowsEnabled`. A request that is refused
   * answers it too. Without a `jobId` the job's id is made of it, so that the same call twice is one job.
   */
  taskToken?: string;
  /**
   * The trace that the job is to be part of, as a propagator of OpenTelemetry fills a carrier; what else that has is ignored. A traceparent
   * that is not valid is dropped, as W3C Trace Context has it, and is no error. @default none
   */
  traceContext?: TraceContext;
}

/** Bounds of a request; the first seven are InvokeEndpointAsync's own. */
export const requestBounds = {
  /** https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html */
  headerCharacters: 1024,
  inputLocationCharacters: 1024,
  inputBytes: 1024 ** 3,
  minInvocationTimeoutSeconds: 1,
  maxInvocationTimeoutSeconds: 3600,
  minRequestTtlSeconds: 60,
  maxRequestTtlSeconds: 21_600,
  metadataEntries: 20,
  metadataCharacters: 1024,
  maxWaitSeconds: 840,
  /** https://docs.aws.amazon.com/step-functions/latest/apireference/API_SendTaskSuccess.html */
  taskTokenCharacters: 2048,
} as const;

/** Patterns of a request's strings; the schema has the same. */
export const requestPatterns = {
  jobId: jobIdPattern,
  /** Printable ASCII without a leading blank: other characters have broken the request's signature. */
  header: "^[!-~][ -~]*$",
  inputLocation: "^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/[!-~]([ -~]*[!-~])?$",
  taskToken: "^[!-~]+$",
  metadataName: "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$",
  /** Half a surrogate pair can't be stored in DynamoDB, the other two not be sent through a queue. */
  metadataText: "^[^\\ud800-\\udfff\\ufffe\\uffff]*$",
} as const;

const paddedBase64 = "at least one byte in padded Base64";

/** Where each field of a request is checked: a value in, what it should have been out; undefined when it is right. */
const checks: Record<Exclude<keyof SubmitRequest, "input" | "metadata">, (value: unknown) => string | undefined> = {
  jobId: (value) => matches(value, requestPatterns.jobId, 60, '1 to 60 letters, digits, ".", "_" and "-", a letter or digit first'),
  inputBase64: (value) => (isPaddedBase64(value) ? undefined : paddedBase64),
  inputLocation: (value) =>
    matches(
      value,
      requestPatterns.inputLocation,
      requestBounds.inputLocationCharacters,
      "s3://bucket/key of at most 1024 printable ASCII characters",
    ),
  contentType: header,
  accept: header,
  customAttributes: header,
  invocationTimeoutSeconds: (value) => integer(value, requestBounds.minInvocationTimeoutSeconds, requestBounds.maxInvocationTimeoutSeconds),
  requestTtlSeconds: (value) => integer(value, requestBounds.minRequestTtlSeconds, requestBounds.maxRequestTtlSeconds),
  waitSeconds: (value) => integer(value, 0, requestBounds.maxWaitSeconds),
  onDoubt: (value) => (value === "rerun" || value === "wait" ? undefined : '"rerun" or "wait"'),
  priority: (value) => (value === "normal" || value === "low" ? undefined : '"normal" or "low"'),
  taskToken,
  traceContext: (value) => (isCarrier(value) ? undefined : 'an object of strings such as {"traceparent": "00-<trace id>-<span id>-01"}'),
  waiter: (value) => matches(value, requestPatterns.metadataName, 64, '1 to 64 letters, digits, ".", "_" and "-"'),
};

/**
 * Checks a request and finds all that is wrong with it.
 *
 * @returns the request, or one `BAD_INPUT` for each problem, each with its field
 */
export function readRequest(event: unknown): { request: SubmitRequest } | { problems: CodedError[] } {
  if (typeof event !== "object" || event === null || Array.isArray(event)) {
    return { problems: [problem("request", event, 'a JSON object such as {"input": {"text": "hello"}}')] };
  }
  const fields = event as Record<string, unknown>;
  const problems: CodedError[] = [];
  for (const [name, value] of Object.entries(fields)) {
    if (name === "input") continue;
    if (name === "metadata") problems.push(...metadataProblems(value));
    else if (!Object.hasOwn(checks, name)) {
      problems.push(
        codedError("BAD_INPUT", `${name}: not a field; expected ${Object.keys(checks).join(", ")}, input or metadata`, { field: name }),
      );
    } else {
      const expected = checks[name as keyof typeof checks](value);
      if (expected !== undefined) problems.push(problem(name, value, expected));
    }
  }
  const sources = ["input", "inputBase64", "inputLocation"].filter((name) => Object.hasOwn(fields, name));
  if (sources.length !== 1) {
    const got = sources.length === 0 ? "none" : sources.join(" and ");
    problems.push(
      codedError("BAD_INPUT", `input: got ${got}, expected exactly one of input, inputBase64 and inputLocation`, {
        field: sources[1] ?? "input",
      }),
    );
  }
  if (Object.hasOwn(fields, "inputBase64") && !Object.hasOwn(fields, "contentType")) {
    problems.push(problem("contentType", undefined, 'what inputBase64 is, such as "image/png"'));
  }
  return problems.length === 0 ? { request: fields } : { problems };
}

/** The task that waits for the answer to a request, however wrong the rest of it is. */
export function taskTokenIn(event: unknown): string | undefined {
  if (typeof event !== "object" || event === null || !("taskToken" in event)) return undefined;
  return taskToken(event.taskToken) === undefined ? (event.taskToken as string) : undefined;
}

/** One error that reports all problems of a request. */
export function joinProblems(problems: readonly CodedError[]): CodedError {
  const [first] = problems;
  return codedError("BAD_INPUT", problems.map(({ message }) => message).join("; "), { field: first?.field });
}

function metadataProblems(value: unknown): CodedError[] {
  const { metadataEntries, metadataCharacters } = requestBounds;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return [problem("metadata", value, 'an object of strings such as {"tenant": "acme"}')];
  }
  const entries = Object.entries(value);
  const tooMany = entries.length > metadataEntries ? [problem("metadata", `${entries.length} entries`, `at most ${metadataEntries}`)] : [];
  const wrong = entries.flatMap(([name, text]: [string, unknown]) => {
    const field = `metadata.${name.slice(0, 64)}`;
    if (!new RegExp(requestPatterns.metadataName).test(name)) {
      return [problem(field, name, 'a name of 1 to 64 letters, digits, ".", "_" and "-", a letter or digit first')];
    }
    const sound =
      typeof text === "string" && length(text) <= metadataCharacters && new RegExp(requestPatterns.metadataText, "u").test(text);
    return sound ? [] : [problem(field, text, `a string of at most ${metadataCharacters} characters, all of them valid Unicode`)];
  });
  return [...tooMany, ...wrong];
}

function header(value: unknown): string | undefined {
  return matches(value, requestPatterns.header, requestBounds.headerCharacters, "1 to 1024 printable ASCII characters, no leading blank");
}

function taskToken(value: unknown): string | undefined {
  const { taskTokenCharacters } = requestBounds;
  return matches(value, requestPatterns.taskToken, taskTokenCharacters, "1 to 2048 printable ASCII characters without blanks");
}

/** Looks for what does not belong: an expression over the whole keeps a place to return to per character, more than its stack may hold. */
function isPaddedBase64(value: unknown): boolean {
  if (typeof value !== "string" || value.length === 0 || value.length % 4 !== 0) return false;
  return !/[^A-Za-z0-9+/]/.test(value.replace(/={1,2}$/, ""));
}

function isCarrier(value: unknown): boolean {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  const { traceparent = "", tracestate = "" } = value as Record<string, unknown>;
  return typeof traceparent === "string" && typeof tracestate === "string";
}

function matches(value: unknown, pattern: string, characters: number, expected: string): string | undefined {
  return typeof value === "string" && value.length <= characters && new RegExp(pattern).test(value) ? undefined : expected;
}

function integer(value: unknown, least: number, most: number): string | undefined {
  const right = typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
  return right ? undefined : `an integer from ${least} to ${most}`;
}

/** Characters as JSON Schema counts them: code points. */
function length(text: string): number {
  return Array.from(text).length;
}

/** A value as JSON; undefined when it is nested too deep to be written, though not to be read. */
export function jsonOf(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    return undefined;
  }
}

function problem(field: string, value: unknown, expected: string): CodedError {
  const got = value === undefined ? "nothing" : (jsonOf(value) ?? "a value nested too deep");
  const shown = got.length > 80 ? `${got.slice(0, 77)}...` : got;
  return codedError("BAD_INPUT", `${field}: got ${shown}, expected ${expected}`, { field });
}
