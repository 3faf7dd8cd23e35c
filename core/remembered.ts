import type { Clock } from "./ports";

/**
 * What was read, for all who ask within a time. Those who ask at once share one read; what fails is read again.
 *
 * @param seconds for how long it is remembered
 * @param isKept whether what was read is remembered at all. @default it is
 */
export function remembered<Value>(
  clock: Pick<Clock, "now">,
  seconds: number,
  read: () => Promise<Value>,
  isKept: (value: Value) => boolean = () => true,
): () => Promise<Value> {
  let known: { value: Promise<Value>; since: number; pending: boolean } | undefined;
  return () => {
    const now = clock.now();
    // A clock that was put back says nothing of an age.
    if (known && (known.pending || (now >= known.since && now - known.since < seconds * 1000))) return known.value;
    const reading = { value: read(), since: now, pending: true };
    known = reading;
    // None is read while this one is: it is still what is known.
    const forget = () => {
      known = undefined;
    };
    reading.value.then((value) => {
      reading.pending = false;
      if (!isKept(value)) forget();
    }, forget);
    return reading.value;
  };
}
