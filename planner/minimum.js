import { isWarm, minuteOfWeek, weekMinutes } from "../core/floor/warmHours";
const minute = 60_000;
/** Clocks are changed by whole quarters of an hour, at the beginning of one. */
const quarter = 15 * minute;
/**
 * The configured minimum at a time, as core/floor has it, for somebody who asks each minute of weeks: what a zone's clocks show is
 * looked up once per quarter of an hour.
 */
export function configuredMinimum({ warmHours, warmTimeZone, warmMinCapacity, minCapacity }) {
  if (warmHours.length === 0) return () => minCapacity;
  let known = { from: Number.NaN, minuteOfWeek: 0 };
  const warm = new Map();
  return (now) => {
    const from = Math.floor(now / quarter) * quarter;
    if (known.from !== from) known = { from, minuteOfWeek: minuteOfWeek(warmTimeZone, from) };
    const shown = (known.minuteOfWeek + Math.floor((now - from) / minute)) % weekMinutes;
    let isNow = warm.get(shown);
    if (isNow === undefined) warm.set(shown, (isNow = isWarm(warmHours, shown)));
    return isNow ? Math.max(warmMinCapacity, minCapacity) : minCapacity;
  };
}
