import { present } from "../core/present";
import { classifyServiceError, isClockRefusal } from "../core/messages/classify";
import { codedError, codedOf, type CodedError, type ErrorCode } from "../core/records/errors";

/** What an error knows besides its code and words. */
export interface ErrorDetails {
  jobId?: string | undefined;
  cause?: unknown;
  /** What each attempt failed with, the first one first. */
  attempts?: readonly AsyncInferenceError[] | undefined;
  /** The bytes of a result that can't be read as asked. */
  raw?: Uint8Array | undefined;
}

const brand: unique symbol = Symbol.for("sagemaker-async-inference.AsyncInferenceError") as never;

/**
 * Everything that the client throws, and what a result that isn't one carries.
 *
 * @example
 * ```ts
 * const result = await client.invoke(input);
 * if (!result.success && result.error.code === "MODEL_ERROR") console.error(result.error.message);
 * ```
 */
export class AsyncInferenceError extends Error {
  /** The package's entries are bundles of their own, each with this class: an error of one is an error of all. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return typeof value === "object" && value !== null && brand in value;
  }

  /** @internal */
  declare readonly [brand]: true;
  override readonly name = "AsyncInferenceError";
  /** What went wrong, for programs. */
  readonly code: ErrorCode;
  /** Whether the same call can succeed later without a change. */
  readonly retryable: boolean;
  /** What to do about it. */
  readonly advice: string;
  /** The job that it is about, when there is one. */
  declare readonly jobId?: string;
  /** The option at fault, such as `metadata.tenant`. */
  declare readonly field?: string;
  /** What each attempt failed with, the first one first; when there was more than one way to fail. */
  declare readonly attempts?: readonly AsyncInferenceError[];
  /** The bytes of the result, when `code` is `BAD_OUTPUT` and there were some. Not printed. */
  declare readonly raw?: Uint8Array;

  constructor(coded: CodedError, { jobId, cause, attempts, raw }: ErrorDetails = {}) {
    super(coded.message, present({ cause }));
    Object.defineProperty(this, brand, { value: true });
    this.code = coded.code;
    this.retryable = coded.retryable;
    this.advice = coded.advice;
    Object.assign(this, present({ jobId, field: coded.field, attempts }));
    // Results are the user's own data: an error that is logged must not carry them into the log.
    Object.defineProperty(this, "raw", { value: raw, enumerable: false });
  }

  /** As plain data, for logs and for `--json`: without cause and result. */
  toJSON(): CodedError & { jobId?: string; attempts?: readonly AsyncInferenceError[] } {
    const { code, message, retryable, advice, field, jobId, attempts } = this;
    return { code, message, retryable, advice, ...present({ field, jobId, attempts }) };
  }
}

/** An error of the client's own. */
export function clientError(
  code: ErrorCode,
  message: string,
  details: ErrorDetails & { field?: string | undefined; advice?: string | undefined; retryable?: boolean } = {},
): AsyncInferenceError {
  return new AsyncInferenceError(codedError(code, message, details), details);
}

/** What a call to AWS needs: what its refusal advises to grant. */
export interface Needed {
  /** IAM action, such as `s3:GetObject`. */
  action: string;
  /** ARN of what it is done to. */
  resource: string;
}

/** The statement that lets a role do something, as it is written into a policy. */
export function statementAdvice({ action, resource }: Needed): string {
  return `Add to the caller's role: {"Effect":"Allow","Action":"${action}","Resource":"${resource}"}`;
}

/**
 * Whatever was thrown, as an {@link AsyncInferenceError}.
 *
 * @param details.needed what the call needs of its caller's role: a refusal says so
 */
export function asyncInferenceError(thrown: unknown, details: ErrorDetails & { needed?: Needed | undefined } = {}): AsyncInferenceError {
  if (thrown instanceof AsyncInferenceError) return thrown;
  const { needed, ...rest } = details;
  const coded = codedOf(thrown) ?? classify(thrown);
  const isUnknownCaller = isCredentialError(thrown) || isClockRefusal(thrown ?? {});
  const lacked = coded.code === "ACCESS_DENIED" && !isUnknownCaller ? (lackedIn(coded.message) ?? needed) : undefined;
  const advised = lacked === undefined ? coded : { ...coded, advice: statementAdvice(lacked) };
  return new AsyncInferenceError(advised, { cause: thrown, ...rest });
}

/** What a refusal says that was missing, which may be another permission than the call's own: that of a key, say. */
function lackedIn(message: string): Needed | undefined {
  const told = /not authorized to perform: ([\w-]+:\w+) on resource: "?(arn:[^\s"]+)/.exec(message);
  return told === null ? undefined : { action: told[1] as string, resource: told[2] as string };
}

/** Network errors that a later try may not meet. */
const transient = /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH|ENOTFOUND|EAI_AGAIN|UND_ERR_\w+)$/;

const credentialErrors =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|UnrecognizedClientException|InvalidClientTokenId|InvalidAccessKeyId|InvalidToken|(InvalidSignature|SignatureDoesNotMatch)(Exception)?)$/;

/** What is advised then. */
export const credentialAdvice = "Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.";

/** What is advised when a call was signed at another time than the service's. */
const clockAdvice = "Set this machine's clock: AWS refuses what is signed more than five minutes off its own.";

/** What is advised when the SDK finds no address to call. */
const addressAdvice =
  "Look at the region, at AWS_ENDPOINT_URL and its like, and at AWS_USE_FIPS_ENDPOINT and AWS_USE_DUALSTACK_ENDPOINT, in the environment and the profile.";

/** Whether AWS, or the SDK before it asks, does not know who calls: no statement of a policy helps. */
export function isCredentialError(thrown: unknown): thrown is Error {
  return thrown instanceof Error && credentialErrors.test(thrown.name) && !isClockRefusal(thrown);
}

/** DynamoDB, SQS and KMS refuse with 400. */
const refusals = /^(AccessDenied|AccessDeniedException|KmsAccessDenied|KMS\.AccessDeniedException|AWS\.SimpleQueueService\.AccessDenied)$/;

/** What something thrown by the SDK or by Node means. */
function classify(thrown: unknown): CodedError {
  const {
    name = "Error",
    message: words = String(thrown),
    code,
    $metadata,
  } = (thrown ?? {}) as {
    name?: string;
    message?: string;
    code?: string;
    $metadata?: { httpStatusCode?: number };
  };
  // An AggregateError of the network, one try for each address of a name, has a code and no words.
  const message = words === "" ? String(code ?? "no message") : words;
  const text = `${name}: ${message}`.slice(0, 1000);
  if (name === "AbortError") return codedError("ABORTED", message);
  if (isClockRefusal({ name, message })) return codedError("ACCESS_DENIED", text, { advice: clockAdvice });
  if (credentialErrors.test(name)) {
    return codedError("ACCESS_DENIED", text, { advice: credentialAdvice });
  }
  if (refusals.test(name)) return codedError("ACCESS_DENIED", text);
  const known = classifyServiceError({ name, message, code, $metadata });
  if (known) return known;
  if (name === "EndpointError") return codedError("BAD_INPUT", text, { advice: addressAdvice });
  const status = $metadata?.httpStatusCode;
  if (transient.test(String(code))) return codedError("UNAVAILABLE", text);
  if (name === "PermanentRedirect" || name === "AuthorizationHeaderMalformed" || status === 301) {
    // HEAD is answered without a body: the SDK has no words for it but "Unknown: UnknownError".
    const words = /^Unknown/.test(name) ? "S3 answered with a redirection to another region." : text;
    return codedError("NOT_FOUND", words, { advice: "The bucket is in another region: give the region of the service." });
  }
  if (name === "NoSuchBucket" || name === "ResourceNotFoundException" || status === 404) {
    return codedError("NOT_FOUND", text, { advice: "Look whether bucket, table and region are those of the deployed service." });
  }
  if ((status ?? 0) >= 400) return codedError("BAD_INPUT", text);
  return codedError("INTERNAL", text);
}
