import type { ScheduledChange } from "../../client/overview/types";
import { occurrences } from "../../core/scaling/schedules";
import type { UpcomingChange } from "../contract";

/** When each schedule acts the next time, the soonest first; one that has ended, or that can't be read, is left out. */
export function upcoming(scheduled: readonly ScheduledChange[], now: number): UpcomingChange[] {
  return scheduled.flatMap((change) => nextOf(change, now) ?? []).sort((a, b) => a.at - b.at || (a.name < b.name ? -1 : 1));
}

function nextOf({ startsAt, endsAt, ...change }: ScheduledChange, now: number): UpcomingChange | undefined {
  const { schedule, timeZone: timezone } = change;
  try {
    const at = occurrences({ schedule, timezone, startTime: startsAt, endTime: endsAt }, now)(now);
    return at === undefined ? undefined : { ...change, at };
  } catch {
    // AWS knows expressions that this does not.
    return undefined;
  }
}
