import { AsyncInferenceError, asyncInferenceError, clientError } from "./errors";

/**
 * Something thrown, in the client's words and with the job that it is about.
 *
 * @param advice what to do when it is the caller's own abort. @default the job goes on
 */
export function guardedError(
  error: unknown,
  signal: AbortSignal | undefined,
  jobId: string | undefined,
  advice?: string,
): AsyncInferenceError {
  if (signal?.aborted === true && !(error instanceof AsyncInferenceError)) {
    const about = jobId === undefined ? "The call" : `The call about job ${jobId}`;
    return clientError("ABORTED", `${about} was aborted.`, { jobId, cause: signal.reason, advice });
  }
  const known = asyncInferenceError(error);
  if (jobId === undefined || known.jobId !== undefined) return known;
  const { attempts, raw, cause } = known;
  return new AsyncInferenceError(known, { jobId, attempts, raw, cause });
}
