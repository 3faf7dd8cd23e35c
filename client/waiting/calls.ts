import { asyncInferenceError, clientError, type AsyncInferenceError, type Needed } from "../errors";
import type { ServiceClock } from "../../core/serviceClock";

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
export async function call<Answer>(
  clock: ServiceClock,
  signal: AbortSignal,
  needed: Needed,
  send: (options: { abortSignal: AbortSignal }) => Promise<Answer>,
  patienceMilliseconds = 0,
): Promise<Answer> {
  const late = new AbortController();
  const limit = answerMilliseconds + patienceMilliseconds;
  const timer = clock.process.setTimeout(() => late.abort(), limit);
  try {
    return await send({ abortSignal: AbortSignal.any([signal, late.signal]) });
  } catch (error) {
    if (late.signal.aborted && !signal.aborted) {
      throw clientError("UNAVAILABLE", `${needed.action}: no answer within ${limit / 1000} s.`, { cause: error });
    }
    throw asyncInferenceError(error, { needed });
  } finally {
    clock.process.clearTimeout(timer);
  }
}

/** Whether the same call may succeed later, with nothing changed. */
export function passes(error: AsyncInferenceError): boolean {
  return error.code === "THROTTLED" || error.code === "UNAVAILABLE";
}

/** How long to pause after so many failures in a row: one interval at first, half a minute in the end. */
export function pauseAfter(failures: number, intervalMilliseconds: number): number {
  return Math.min(intervalMilliseconds * 2 ** (failures - 1), Math.max(longestPauseMilliseconds, intervalMilliseconds));
}
