import { Engine } from "./engine";
import { checkLoad, periodOf } from "./load";
import { outcomeOf, Series } from "./outcome";
/** How long after the last job's end, beyond `idleSeconds`, the endpoint may take to go back to its minimum. */
const settleMilliseconds = 2 * 3_600_000;
/**
 * What becomes of a load under a program with these settings: the same rules that the embedded cloud runs, in virtual time.
 * It lasts until the load's period is over, every job has ended and the endpoint is back at its minimum.
 *
 * @throws what the signal was aborted with; Error for a load that can't be simulated
 */
export async function simulate(load, settings, unknowns, options = {}) {
  checkLoad(load);
  const periodMilliseconds = periodOf(load) * 1000;
  const series = options.withSeries === false ? undefined : new Series(periodMilliseconds);
  const engine = new Engine(load, settings, unknowns, {
    signal: options.signal,
    ...(options.trackingLeavesZero !== undefined && { trackingLeavesZero: options.trackingLeavesZero }),
    ...(series && { onMinute: ({ fleet, backlog }) => series.add(fleet.paidCount, fleet.desired, backlog) }),
  });
  await engine.run(Math.max(engine.start, load.startsAt) + periodMilliseconds);
  for (let deadline = Infinity; !engine.atRest && engine.now < deadline;) {
    await engine.run(engine.now + 60_000);
    if (engine.over && deadline === Infinity) deadline = engine.now + settings.idleSeconds * 1000 + settleMilliseconds;
  }
  return outcomeOf(load, settings, engine, series);
}
