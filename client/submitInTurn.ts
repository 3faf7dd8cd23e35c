import type { JobInput } from "../core/lifecycle/submit";
import type { Input } from "./input";
import { retry, type Retrying } from "./retry";
import type { Submission } from "./service";

/** How a service submits a job. */
export interface Submitting<Sent> extends Pick<Retrying, "clock" | "random"> {
  /** What comes before each try. @default nothing */
  prepare?: () => Promise<void>;
  /** Puts the input where the service reads it. */
  place: (input: Input) => Promise<JobInput>;
  /** Hands the job over. */
  send: (input: JobInput) => Promise<Sent>;
}

/**
 * Submits a job, with tries as {@link retry} has them. The input is placed once, and each try waits for its turn among the client's
 * submissions.
 *
 * @throws AsyncInferenceError what was refused for good, or was tried too often
 */
export function submitInTurn<Sent>(submission: Submission, { clock, random, prepare, place, send }: Submitting<Sent>): Promise<Sent> {
  const { maxAttempts, signal, inTurn } = submission;
  let placed: JobInput | undefined;
  let replayable = true;
  const attempt = async () => {
    await prepare?.();
    const input = placed === undefined ? await submission.input() : undefined;
    const placeOnce = async (given: Input) => (placed = await place(given));
    if (input?.kind === "stream") {
      replayable = input.replayable;
      // It comes as fast as its source lets it: nobody else is to wait for that.
      await placeOnce(input);
    }
    return inTurn(async () => send(placed ?? (await placeOnce(input as Input))));
  };
  const repeatable = () => placed !== undefined || replayable;
  return retry(attempt, { maxAttempts, clock, random, signal, repeatable });
}
