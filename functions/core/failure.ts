import { codedError, type CodedError } from "./errors";

/** What a failed invocation means for its job. */
export interface Failure {
  error: CodedError;
  /** How the job ends when it isn't run again. */
  state: "FAILED" | "EXPIRED";
  /** Whether the same input can succeed in another attempt: what `onDoubt` decides about. */
  inDoubt: boolean;
}

/**
 * Classifies why an invocation failed, from the notification's `failureReason` or the text of the failure object.
 *
 * The service documents no list of reasons: the patterns are those of its messages that are known, and what
 * matches none is in doubt. Order matters: a time-out is also reported as "server error (0) from model".
 */
export function classifyFailure(reason: string): Failure {
  const text = reason.slice(0, 1000);
  if (/\bexpired?\b|\bTTL\b|RequestTTL/i.test(text)) {
    return { error: codedError("EXPIRED", text), state: "EXPIRED", inDoubt: true };
  }
  if (/tim(ed|e)[ -]?out/i.test(text)) return final(codedError("TIMEOUT", text));
  const status = /received (?:server|client) error \((\d+)\)/i.exec(text)?.[1];
  // Status 0 is no answer at all: the container was killed or closed the connection.
  if (status !== undefined && status !== "0") return final(codedError("MODEL_ERROR", text));
  if (/insufficient.*capacity|capacity.*(error|exceeded)/i.test(text)) return doubtful(codedError("CAPACITY", text));
  if (/access ?denied|not authorized|forbidden|\(403\)/i.test(text)) return final(codedError("ACCESS_DENIED", text));
  if (/NoSuchKey|NoSuchBucket|not found|does not exist|\(404\)/i.test(text)) return final(codedError("NOT_FOUND", text));
  if (/upload|content-length|response.*(too large|exceed)/i.test(text)) return final(codedError("BAD_OUTPUT", text));
  if (/download|too large|exceeds/i.test(text)) return final(codedError("BAD_INPUT", text, { field: "inputLocation" }));
  if (/ModelError|from (model|primary|container)\b/i.test(text) && status === undefined) return final(codedError("MODEL_ERROR", text));
  return doubtful(codedError("IN_DOUBT", text));
}

function final(error: CodedError): Failure {
  return { error, state: "FAILED", inDoubt: false };
}

function doubtful(error: CodedError): Failure {
  return { error, state: "FAILED", inDoubt: true };
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
  if (/throttl|TooManyRequests|LimitExceeded/i.test(String(name)) || status === 429) {
    return { kind: "refused", error: codedError("THROTTLED", text) };
  }
  if (status === 503) return { kind: "refused", error: codedError("UNAVAILABLE", text) };
  if (status === 403) return { kind: "refused", error: codedError("ACCESS_DENIED", text) };
  if (status !== undefined && status >= 400 && status < 500 && status !== 408) {
    // Such an endpoint is being created or brought back: the job is kept, and can be sent again.
    if (/endpoint/i.test(text) && /not found|could not find|not in ?service|creating|updating|does not exist/i.test(text)) {
      return {
        kind: "refused",
        error: codedError("UNAVAILABLE", text, { advice: "Wait until the endpoint is InService; the job is kept." }),
      };
    }
    return { kind: "refused", error: codedError("BAD_INPUT", text) };
  }
  if (status === undefined && ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN"].includes(String(code))) {
    return { kind: "refused", error: codedError("UNAVAILABLE", text) };
  }
  if (name === "CredentialsProviderError") return { kind: "refused", error: codedError("ACCESS_DENIED", text) };
  return { kind: "unknown", error: codedError("IN_DOUBT", text) };
}

/** The coded error of an S3, DynamoDB or SNS call that threw; undefined for what nobody but us can mend. */
export function classifyServiceError(thrown: unknown): CodedError | undefined {
  const { name, message, $metadata } = thrown as ServiceFailure;
  const status = $metadata?.httpStatusCode;
  const text = `${String(name)}: ${String(message)}`.slice(0, 1000);
  if (/throttl|TooManyRequests|ProvisionedThroughput|SlowDown|RequestLimit/i.test(String(name)) || status === 429) {
    return codedError("THROTTLED", text);
  }
  if (status === 403) return codedError("ACCESS_DENIED", text);
  if (status !== undefined && status >= 500) return codedError("UNAVAILABLE", text);
  return undefined;
}
