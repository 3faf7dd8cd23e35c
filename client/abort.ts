import { setTimeout } from "node:timers/promises";
import type { Clock } from "../functions/core/ports";

/** Rejects with the signal's reason as soon as it is aborted, whatever becomes of the work. */
export async function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  // Whoever gave up on the work isn't told how it ends.
  work.catch(() => undefined);
  signal.throwIfAborted();
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener("abort", stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

/** A clock whose pauses an abort ends at once: they resolve, and the next thing that looks at the signal ends. */
export interface ClientClock extends Clock {
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

/** The process's own clock. A pause keeps the process alive, as somebody awaits it. */
export const systemClientClock: ClientClock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await setTimeout(milliseconds, undefined, signal === undefined ? {} : { signal });
    } catch {
      // Only an abort rejects it.
    }
  },
};
