import { AsyncInferenceError, asyncInferenceError, credentialAdvice, isCredentialError } from "../client/errors";
import { codedError, codedOf, type CodedError, type ErrorCode } from "../core/records/errors";
import { cloudCommand } from "./invokedAs";

/** The command line asks for something that can't be: exit code 2. */
export class UsageError extends Error {
  constructor(
    message: string,
    /** What to do, where the message does not say it. */
    readonly advice = "",
  ) {
    super(message);
  }
}

/** Why a file that the command line names can't be read. */
export function unreadableReason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  const reasons: Record<string, string> = {
    ENOENT: "no such file",
    ENOTDIR: "no such file",
    EACCES: "may not be read",
    EISDIR: "is a folder",
  };
  return reasons[code ?? ""] ?? message;
}

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

/** A cloud that isn't AWS's, and what told where it is. */
export interface Place {
  endpointUrl?: string;
  /** Such as `outputs.json`, or `--endpoint-url`. */
  endpointFrom?: string;
}

/** What the network says when there is nobody at an address. */
const nobody = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];

/** Whether nobody listens at the address: what was thrown, or a message that was made of it. */
export function isNobodyThere(thrown: unknown): boolean {
  if (typeof thrown === "string") return new RegExp(nobody.join("|")).test(thrown);
  const { code, message, cause } = (thrown ?? {}) as { code?: unknown; message?: unknown; cause?: unknown };
  if (nobody.includes(String(code)) || (code === "UNAVAILABLE" && isNobodyThere(String(message)))) return true;
  return cause !== undefined && isNobodyThere(cause);
}

/** The error of a cloud at whose address nothing answers; undefined when it is AWS's. */
export function nobodyAnswers({ endpointUrl, endpointFrom }: Place): CodedError | undefined {
  if (endpointUrl === undefined) return undefined;
  return codedError("UNAVAILABLE", `Nothing answers at ${endpointUrl}, which ${endpointFrom ?? "--endpoint-url"} names.`, {
    advice: `Is the embedded cloud running? Started again, it may have another address: ${cloudCommand()} --outputs outputs.json writes that.`,
  });
}

/**
 * Anything thrown as a coded error: one of the client's, of the core's, of AWS, of the network, or an unexpected one.
 *
 * @param place where the calls went. @default AWS
 */
export function codedFrom(thrown: unknown, place: Place = {}): CodedError {
  if (thrown instanceof CommandError) return thrown.coded;
  const gone = isNobodyThere(thrown) ? nobodyAnswers(place) : undefined;
  if (gone !== undefined) return gone;
  const refused = thrown instanceof AsyncInferenceError ? thrown.cause : thrown;
  if (isCredentialError(refused)) {
    return codedError("ACCESS_DENIED", `AWS credentials are missing or not valid: ${refused.message}`, { advice: credentialAdvice });
  }
  const { message, path } = (thrown ?? {}) as { message?: unknown; path?: unknown };
  // A file that can't be read or written: Node's words name it.
  if (typeof path === "string") return codedError("BAD_INPUT", String(message), { advice: "" });
  const { code, message: text, retryable, advice, field } = asyncInferenceError(thrown);
  // The client's option, by the name that it has here.
  if (field === "toFile") {
    return codedError(code, text.replace(/^toFile: /, "--output: "), { retryable, advice: "Name a place that can be written to." });
  }
  // What the client advises is about jobs; calls of the command line's own can just be made again.
  const isOwnCall = !(thrown instanceof AsyncInferenceError) && codedOf(thrown) === undefined;
  const ownAdvice = retryable ? "Try again after a pause; look at network, region and --endpoint-url." : code === "INTERNAL" ? "" : advice;
  const advised = isOwnCall ? ownAdvice : advice;
  return { code, message: text, retryable, advice: advised, ...(field !== undefined && { field }) };
}
