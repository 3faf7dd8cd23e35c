const daySeconds = 86_400;
/** How long a time a load stands for, in seconds. */
export function periodOf({ arrivalSeconds, periodSeconds }) {
  return periodSeconds ?? Math.max(daySeconds, Math.ceil((arrivalSeconds.at(-1) ?? 0) / 3600) * 3600);
}
/**
 * Refuses what can't be simulated. Readers of loads say which line of a file is wrong; this is the last guard.
 *
 * @throws Error naming the load, the job and what is expected
 */
export function checkLoad({ name, startsAt, arrivalSeconds, durationSeconds }) {
  const refuse = (what) => new Error(`the load "${name}": ${what}`);
  if (!Number.isFinite(startsAt)) throw refuse(`startsAt: got ${startsAt}, expected milliseconds since the epoch`);
  if (arrivalSeconds.length === 0) throw refuse("it has no jobs");
  if (arrivalSeconds.length !== durationSeconds.length) {
    throw refuse(`it has ${arrivalSeconds.length} arrivals and ${durationSeconds.length} durations, expected one duration per arrival`);
  }
  let before = 0;
  for (let job = 0; job < arrivalSeconds.length; job++) {
    const arrival = arrivalSeconds[job];
    const duration = durationSeconds[job];
    if (!(arrival >= before && arrival < Infinity)) {
      throw refuse(`job ${job + 1} arrives at ${arrival} s, expected a time from ${before} s, at which the one before it arrives`);
    }
    if (!(duration > 0 && duration < Infinity)) throw refuse(`job ${job + 1} takes ${duration} s, expected a time above 0`);
    before = arrival;
  }
}
