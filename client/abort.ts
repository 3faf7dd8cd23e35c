/** What is to be called for each signal: one listener a signal, as ten thousand waits may share one. */
const listeners = new WeakMap<AbortSignal, Set<() => void>>();

function callbacksOf(signal: AbortSignal): Set<() => void> {
  const known = listeners.get(signal);
  if (known) return known;
  const callbacks = new Set<() => void>();
  signal.addEventListener("abort", () => callbacks.forEach((each) => each()));
  listeners.set(signal, callbacks);
  return callbacks;
}

/**
 * Rejects with the signal's reason as soon as it is aborted, whatever becomes of the work. Ten thousand of them are pending at
 * a time: each is one promise.
 *
 * @param failure what to reject with. @default what was thrown, and the signal's reason
 * @param gaveUp called when the work is left to itself
 */
export function unlessAborted<Result>(
  work: Promise<Result>,
  signal: AbortSignal | undefined,
  failure: (thrown: unknown) => Error = (thrown) => thrown as Error,
  gaveUp: () => void = () => undefined,
): Promise<Result> {
  if (signal === undefined) return work;
  return new Promise((resolve, reject) => {
    const callbacks = callbacksOf(signal);
    const abort = () => {
      gaveUp();
      reject(failure(signal.reason));
    };
    if (signal.aborted) abort();
    else callbacks.add(abort);
    // Whoever gave up on the work isn't told how it ends.
    work.then(
      (result) => {
        callbacks.delete(abort);
        resolve(result);
      },
      (thrown: unknown) => {
        callbacks.delete(abort);
        reject(failure(thrown));
      },
    );
  });
}
