import { asyncInferenceError, clientError } from "../errors";
/** How long an answer may take: a connection that died without a word would hold up every wait. */
const answerMilliseconds = 10_000;
/** Longest pause between two tries of what fails. */
const longestPauseMilliseconds = 30_000;
/**
 * One call to AWS, which is given up when `signal` aborts or its answer takes too long.
 *
 * @param needed what the call needs of its caller's role
 * @param patienceMilliseconds time that the service itself takes before it answers. @default 0
 * @throws AsyncInferenceError of what went wrong; see {@link passes}
 */
export async function call(clock, signal, needed, send, patienceMilliseconds = 0) {
    const late = new AbortController();
    const limit = answerMilliseconds + patienceMilliseconds;
    const timer = clock.process.setTimeout(() => late.abort(), limit);
    try {
        return await send({ abortSignal: AbortSignal.any([signal, late.signal]) });
    }
    catch (error) {
        if (late.signal.aborted && !signal.aborted) {
            throw clientError("UNAVAILABLE", `${needed.action}: no answer within ${limit / 1000} s.`, { cause: error });
        }
        throw asyncInferenceError(error, { needed });
    }
    finally {
        clock.process.clearTimeout(timer);
    }
}
/** Whether the same call may succeed later, with nothing changed. */
export function passes(error) {
    return error.code === "THROTTLED" || error.code === "UNAVAILABLE";
}
/** How long to pause after so many failures in a row: one interval at first, half a minute in the end. */
export function pauseAfter(failures, intervalMilliseconds) {
    return Math.min(intervalMilliseconds * 2 ** (failures - 1), Math.max(longestPauseMilliseconds, intervalMilliseconds));
}
