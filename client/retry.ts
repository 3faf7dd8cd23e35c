import type { ErrorCode } from "../core/records/errors";
import type { ServiceClock } from "../core/serviceClock";
import { AsyncInferenceError, asyncInferenceError, clientError } from "./errors";

/** What a later try may not meet again. Everything else is final, or is waited for by another way. */
const retriedCodes: readonly ErrorCode[] = ["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT"];

const firstPauseMilliseconds = 500;
const longestPauseMilliseconds = 20_000;

/** How to try again. */
export interface Retrying {
  maxAttempts: number;
  clock: Pick<ServiceClock, "sleep">;
  /** From 0 to 1. */
  random: () => number;
  signal?: AbortSignal | undefined;
  /** Whether what failed can be done again at all. @default it can */
  repeatable?: () => boolean;
}

/**
 * Does something until it succeeds, with exponential back-off and full jitter in between: callers who were refused together
 * come back one by one.
 *
 * @throws AsyncInferenceError that of the only attempt, or one with all `attempts`
 */
export async function retry<Result>(work: () => Promise<Result>, options: Retrying): Promise<Result> {
  const { maxAttempts, clock, random, signal, repeatable = () => true } = options;
  const attempts: AsyncInferenceError[] = [];
  for (;;) {
    try {
      return await work();
    } catch (thrown) {
      const error = asyncInferenceError(thrown);
      attempts.push(error);
      const again = error.retryable && retriedCodes.includes(error.code) && repeatable() && signal?.aborted !== true;
      if (!again || attempts.length >= maxAttempts) throw summary(attempts, error);
    }
    await clock.sleep(random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (attempts.length - 1)), signal);
    signal?.throwIfAborted();
  }
}

/** One error for all attempts: the last one's, with those before it. */
function summary(attempts: readonly AsyncInferenceError[], last: AsyncInferenceError): AsyncInferenceError {
  if (attempts.length === 1) return last;
  const { code, message, retryable, advice, field, jobId } = last;
  return clientError(code, `${attempts.length} attempts failed, the last one with: ${message}`, {
    retryable,
    advice,
    field,
    jobId,
    cause: last,
    attempts,
  });
}
