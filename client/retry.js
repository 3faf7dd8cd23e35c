import { asyncInferenceError, clientError } from "./errors";
/** What a later try may not meet again. Everything else is final, or is waited for by another way. */
const retriedCodes = ["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT"];
const firstPauseMilliseconds = 500;
const longestPauseMilliseconds = 20_000;
/**
 * Does something until it succeeds, with exponential back-off and full jitter in between: callers who were refused together
 * come back one by one.
 *
 * @throws AsyncInferenceError that of the only attempt, or one with all `attempts`
 */
export async function retry(work, options) {
    const { maxAttempts, clock, random, signal, repeatable = () => true } = options;
    const attempts = [];
    for (;;) {
        try {
            return await work();
        }
        catch (thrown) {
            const error = asyncInferenceError(thrown);
            attempts.push(error);
            const again = error.retryable && retriedCodes.includes(error.code) && repeatable() && signal?.aborted !== true;
            if (!again || attempts.length >= maxAttempts)
                throw summary(attempts, error);
        }
        await clock.sleep(random() * Math.min(longestPauseMilliseconds, firstPauseMilliseconds * 2 ** (attempts.length - 1)), signal);
        signal?.throwIfAborted();
    }
}
/** One error for all attempts: the last one's, with those before it. */
function summary(attempts, last) {
    if (attempts.length === 1)
        return last;
    const { code, message, retryable, advice, field, jobId } = last;
    return clientError(code, `${attempts.length} attempts failed, the last one with: ${message}`, {
        retryable,
        advice,
        ...(field === undefined ? {} : { field }),
        jobId,
        cause: last,
        attempts,
    });
}
