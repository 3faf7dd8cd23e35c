import { AsyncInferenceError, asyncInferenceError, clientError } from "./errors";

/** Something thrown, in the client's words and with the job that it is about. */
export function guardedError(error: unknown, signal: AbortSignal | undefined, jobId: string | undefined): AsyncInferenceError {
  const isCallers = signal?.aborted === true && !(error instanceof AsyncInferenceError && error.code !== "ABORTED");
  if (isCallers) {
    const about = jobId === undefined ? "The call" : `The call about job ${jobId}`;
    return error instanceof AsyncInferenceError ? error : clientError("ABORTED", `${about} was aborted.`, { jobId, cause: signal.reason });
  }
  const wrapped = asyncInferenceError(error, { jobId });
  if (jobId === undefined || wrapped.jobId !== undefined) return wrapped;
  const { code, message, retryable, advice, field, attempts, raw, cause } = wrapped;
  return new AsyncInferenceError(
    { code, message, retryable, advice, ...(field === undefined ? {} : { field }) },
    { jobId, attempts, raw, cause },
  );
}
