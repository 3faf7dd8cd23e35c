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
  const isCallers = signal?.aborted === true && !(error instanceof AsyncInferenceError && error.code !== "ABORTED");
  if (isCallers) {
    const about = jobId === undefined ? "The call" : `The call about job ${jobId}`;
    if (error instanceof AsyncInferenceError) return error;
    return clientError("ABORTED", `${about} was aborted.`, { jobId, cause: signal.reason, ...(advice === undefined ? {} : { advice }) });
  }
  const wrapped = asyncInferenceError(error, { jobId });
  if (jobId === undefined || wrapped.jobId !== undefined) return wrapped;
  const { code, message, retryable, field, attempts, raw, cause } = wrapped;
  return new AsyncInferenceError(
    { code, message, retryable, advice: wrapped.advice, ...(field === undefined ? {} : { field }) },
    { jobId, attempts, raw, cause },
  );
}
