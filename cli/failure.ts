import { AsyncInferenceError, asyncInferenceError } from "../client/errors";
import { codedError, codedOf, type CodedError, type ErrorCode } from "../core/records/errors";

/** The command line asks for something that can't be: exit code 2. */
export class UsageError extends Error {}

/** A command ends with an error that it has words for. */
export class CommandError extends Error {
  constructor(
    readonly coded: CodedError,
    cause?: unknown,
  ) {
    super(coded.message, { cause });
  }
}

/** Makes the error of a command that can't go on. */
export function failure(code: ErrorCode, message: string, advice: string, cause?: unknown): CommandError {
  return new CommandError(codedError(code, message, { advice }), cause);
}

/** Errors of a caller whose identity AWS can't establish. */
const badCredentials =
  /^(CredentialsProviderError|TokenProviderError|ExpiredToken(Exception)?|InvalidClientTokenId|UnrecognizedClientException|SignatureDoesNotMatch|InvalidAccessKeyId)$/;

/** Anything thrown as a coded error: one of the client's, of the core's, of AWS, of the network, or an unexpected one. */
export function codedFrom(thrown: unknown): CodedError {
  if (thrown instanceof CommandError) return thrown.coded;
  const { name, message, path } = (thrown ?? {}) as { name?: unknown; message?: unknown; path?: unknown };
  if (badCredentials.test(String(name))) {
    return codedError("ACCESS_DENIED", `AWS credentials are missing or not valid: ${String(message)}`, {
      advice: "Sign in, or set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    });
  }
  // A file that can't be read or written: Node's words name it.
  if (typeof path === "string") return codedError("BAD_INPUT", String(message), { advice: "" });
  const { code, message: text, retryable, advice, field } = asyncInferenceError(thrown);
  // What the client advises is about jobs; calls of the command line's own can just be made again.
  const isOwnCall = !(thrown instanceof AsyncInferenceError) && codedOf(thrown) === undefined;
  const ownAdvice = retryable ? "Try again after a pause; look at network, region and --endpoint-url." : code === "INTERNAL" ? "" : advice;
  const advised = isOwnCall ? ownAdvice : advice;
  return { code, message: text, retryable, advice: advised, ...(field !== undefined && { field }) };
}
