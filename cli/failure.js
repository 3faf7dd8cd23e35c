import { AsyncInferenceError, asyncInferenceError, credentialAdvice, isCredentialError } from "../client/errors";
import { codedError, codedOf } from "../core/records/errors";
/** The command line asks for something that can't be: exit code 2. */
export class UsageError extends Error {}
/** A command ends with an error that it has words for. */
export class CommandError extends Error {
  coded;
  constructor(coded, cause) {
    super(coded.message, { cause });
    this.coded = coded;
  }
}
/** Makes the error of a command that can't go on. */
export function failure(code, message, advice, cause) {
  return new CommandError(codedError(code, message, { advice }), cause);
}
/** What the network says when there is nobody at an address. */
const nobody = ["ECONNREFUSED", "ENOTFOUND", "EAI_AGAIN", "EHOSTUNREACH", "ENETUNREACH"];
/** Whether nobody listens at the address: what was thrown, or a message that was made of it. */
export function isNobodyThere(thrown) {
  if (typeof thrown === "string") return new RegExp(nobody.join("|")).test(thrown);
  const { code, message, cause } = thrown ?? {};
  if (nobody.includes(String(code)) || (code === "UNAVAILABLE" && isNobodyThere(String(message)))) return true;
  return cause !== undefined && isNobodyThere(cause);
}
/** The error of a cloud at whose address nothing answers; undefined when it is AWS's. */
export function nobodyAnswers({ endpointUrl, endpointFrom }) {
  if (endpointUrl === undefined) return undefined;
  return codedError("UNAVAILABLE", `Nothing answers at ${endpointUrl}, which ${endpointFrom ?? "--endpoint-url"} names.`, {
    advice: "Is `npm run cloud` running? Started again, it has another address: npm run cloud -- --outputs outputs.json writes that.",
  });
}
/**
 * Anything thrown as a coded error: one of the client's, of the core's, of AWS, of the network, or an unexpected one.
 *
 * @param place where the calls went. @default AWS
 */
export function codedFrom(thrown, place = {}) {
  if (thrown instanceof CommandError) return thrown.coded;
  const gone = isNobodyThere(thrown) ? nobodyAnswers(place) : undefined;
  if (gone !== undefined) return gone;
  const refused = thrown instanceof AsyncInferenceError ? thrown.cause : thrown;
  if (isCredentialError(refused)) {
    return codedError("ACCESS_DENIED", `AWS credentials are missing or not valid: ${refused.message}`, { advice: credentialAdvice });
  }
  const { message, path } = thrown ?? {};
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
