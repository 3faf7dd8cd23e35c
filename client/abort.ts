import { setTimeout } from "node:timers/promises";
import type { Clock } from "../functions/core/ports";

/** What is to be called for each signal: one listener a signal, as ten thousand waits may share one. */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls back when the signal is aborted, or at once when it is. Returns how to take that back. */
function onAbort(signal: AbortSignal, callback: () => void): () => void {
  if (signal.aborted) callback();
  let callbacks = listeners.get(signal);
  if (callbacks === undefined) {
    const all = new Set<() => void>();
    signal.addEventListener("abort", () => all.forEach((each) => each()), { once: true });
    listeners.set(signal, (callbacks = all));
  }
  const own = callbacks.add(callback);
  return () => void own.delete(callback);
}

/** Rejects with the signal's reason as soon as it is aborted, whatever becomes of the work. */
export function unlessAborted<Result>(work: Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const stop = onAbort(signal, () => reject(signal.reason as Error));
    // Whoever gave up on the work isn't told how it ends.
    work.then(resolve, reject).finally(stop);
  });
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
