import { codedError, type CodedError, type ErrorCode } from "./errors";

/** What a failed invocation means for its job. */
export interface Failure {
  error: CodedError;
  /** How the job ends when it isn't run again. */
  state: "FAILED" | "EXPIRED";
  /** Whether the same input can succeed in another attempt: what `onDoubt` decides about. */
  inDoubt: boolean;
}

/**
 * Classifies why an invocation failed, from what the service left at the failure location: the container's own answer,
 * whose words are data and decide nothing, or, without one, a sentence of the service's.
 */
export function classifyFailureObject(text: string): Failure {
  const byService = /^(Client|Server|Internal)[A-Za-z]*(Error|Exception|Failure)\b/.test(text);
  return byService ? classifyFailure(text) : failed("MODEL_ERROR", text.slice(0, 1000));
}

/**
 * Classifies why an invocation failed, from the notification's `failureReason`.
 *
 * The service documents no list of reasons: the patterns are those of its messages that are known, and what
 * matches none is in doubt.
 */
export function classifyFailure(reason: string): Failure {
  const message = reason.slice(0, 1000);
  // Names that users choose are in URIs and ARNs: a bucket called "expired" must not decide anything.
  const text = message.replace(/(?:s3:\/\/|https?:\/\/|arn:)\S+/g, "");

  const status = /received (?:server|client) error \((\d+)\)/i.exec(text)?.[1];
  if (status !== undefined && status !== "0") return failed("MODEL_ERROR", message);
  if (status === "0") {
    if (timedOut(text)) return failed("TIMEOUT", message);
    if (/content-length|response|header/i.test(text)) return failed("BAD_OUTPUT", message);
    return failed("IN_DOUBT", message, true);
  }
  if (/\bdownload/i.test(text)) return noInput(text, message);
  if (/\bupload/i.test(text)) return failed(accessDenied(text) ? "ACCESS_DENIED" : "BAD_OUTPUT", message);
  if (/\bexpired?\b|\bTTL\b|RequestTTL/i.test(text)) {
    return { ...failed("EXPIRED", message, true), state: "EXPIRED" };
  }
  if (timedOut(text)) return failed("TIMEOUT", message);
  if (/insufficient\s*(instance\s*)?capacity/i.test(text)) return failed("CAPACITY", message, true);
  if (accessDenied(text)) return failed("ACCESS_DENIED", message);
  if (missing(text)) return failed("NOT_FOUND", message);
  if (/\bModelError\b/.test(text)) return failed("MODEL_ERROR", message);
  return failed("IN_DOUBT", message, true);
}

/** The model never got its input: what is wrong with the input stays wrong, the rest may pass. */
function noInput(text: string, message: string): Failure {
  if (accessDenied(text)) return failed("ACCESS_DENIED", message);
  if (missing(text)) return failed("NOT_FOUND", message);
  if (/\d bytes|too large|exceed/i.test(text)) return failed("BAD_INPUT", message, false, "input");
  return failed("UNAVAILABLE", message, true);
}

function timedOut(text: string): boolean {
  return /\btim(?:ed|e)[ -]?out\b/i.test(text);
}

function accessDenied(text: string): boolean {
  return /access ?denied|not authorized|forbidden|\b403\b/i.test(text);
}

function missing(text: string): boolean {
  return /NoSuchKey|NoSuchBucket|NotFound|not found|does not exist|\b404\b/i.test(text);
}

function failed(code: ErrorCode, message: string, inDoubt = false, field?: string): Failure {
  return { error: codedError(code, message, { field }), state: "FAILED", inDoubt };
}

/** What of a thrown SDK error tells how a call ended. */
interface ServiceFailure {
  name?: unknown;
  message?: unknown;
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
}

/**
 * Whether InvokeEndpointAsync, having thrown, has certainly not queued the request (`refused`) or may have (`unknown`).
 *
 * Refused are 4xx, throttling and 503, and what failed before anything was sent.
 */
export function classifyInvokeError(thrown: unknown): { kind: "refused" | "unknown"; error: CodedError } {
  const { name, message, code, $metadata } = thrown as ServiceFailure;
  const text = `${String(name)}: ${String(message)}`.slice(0, 1000);
  const status = $metadata?.httpStatusCode;
  const refused = (as: ErrorCode, advice?: string) => ({ kind: "refused" as const, error: codedError(as, text, { advice }) });
  if (/throttl|TooManyRequests|LimitExceeded/i.test(String(name)) || status === 429) return refused("THROTTLED");
  if (status === 503) return refused("UNAVAILABLE");
  if (isDenied(name, status)) return refused("ACCESS_DENIED");
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    // Such an endpoint is being created or brought back: the job is kept, and can be sent again.
    const comesBack = /endpoint/i.test(text) && /not found|could not find|not in ?service|creating|updating|does not exist/i.test(text);
    return comesBack ? refused("UNAVAILABLE", "Wait until the endpoint is InService; the job is kept.") : refused("BAD_INPUT");
  }
  if (status === undefined && ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(String(code))) return refused("UNAVAILABLE");
  if (name === "CredentialsProviderError") return refused("ACCESS_DENIED");
  return { kind: "unknown", error: codedError("IN_DOUBT", text) };
}

/** The coded error of an S3, DynamoDB or SNS call that threw; undefined for what nobody but us can mend. */
export function classifyServiceError(thrown: unknown): CodedError | undefined {
  const { name, message, code, $metadata } = thrown as ServiceFailure;
  const status = $metadata?.httpStatusCode;
  const text = `${String(name)}: ${String(message)}`.slice(0, 1000);
  if (/throttl|TooManyRequests|ProvisionedThroughput|SlowDown|RequestLimit/i.test(String(name)) || status === 429) {
    return codedError("THROTTLED", text);
  }
  if (isDenied(name, status)) return codedError("ACCESS_DENIED", text);
  if (status !== undefined && status >= 500) return codedError("UNAVAILABLE", text);
  // No answer at all: a name that doesn't resolve, a connection refused or reset, a time-out.
  const unanswered = status === undefined && (/^E(?!RR_)[A-Z_]+$/.test(String(code)) || /timeout/i.test(String(name)));
  return unanswered ? codedError("UNAVAILABLE", text) : undefined;
}

/** Services that speak JSON, DynamoDB among them, refuse a caller with 400. */
function isDenied(name: unknown, status: number | undefined): boolean {
  return status === 403 || (status === 400 && /^AccessDenied/.test(String(name)));
}
