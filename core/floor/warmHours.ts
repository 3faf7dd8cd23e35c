/** Hours of the week in which more instances always run. */
export interface WarmHours {
  /** Such as `mon-fri 08:00-18:00`. */
  windows: readonly string[];
  /** IANA name, such as `Europe/Berlin`. */
  timeZone: string;
  minCapacity: number;
}

/** One of {@link WarmHours}. */
export interface WarmWindow {
  /** Days of the week on which it begins, from 0, Sunday. */
  days: readonly number[];
  /** Minute of the day at which it begins. */
  from: number;
  /** The minute before which it ends, counted from the same midnight: from 1440 on it is one of the next day. */
  to: number;
}

/** Minutes of a day. */
export const dayMinutes = 1440;
/** Minutes of a week. */
export const weekMinutes = 7 * dayMinutes;

/** Days of the week as they are written, in JavaScript's order. */
export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"] as const;

/** What a window looks like: a day or a range of days, and two times; an end that is not later than the beginning is on the next day. */
export const warmHoursPattern =
  "^(sun|mon|tue|wed|thu|fri|sat)(?:-(sun|mon|tue|wed|thu|fri|sat))? ([01]\\d|2[0-3]):([0-5]\\d)-([01]\\d|2[0-3]):([0-5]\\d)$";

/** Reads one window; undefined when it is none. */
export function readWarmWindow(text: string): WarmWindow | undefined {
  const match = new RegExp(warmHoursPattern).exec(text);
  if (!match) return undefined;
  const [, first = "", last = first, ...times] = match;
  const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = times.map(Number);
  const start = weekdays.indexOf(first as (typeof weekdays)[number]);
  const count = ((weekdays.indexOf(last as (typeof weekdays)[number]) - start + 7) % 7) + 1;
  const from = fromHour * 60 + fromMinute;
  const to = toHour * 60 + toMinute;
  return {
    days: Array.from({ length: count }, (_, index) => (start + index) % 7),
    from,
    to: to > from ? to : to + dayMinutes,
  };
}

/** The configured minimum at a time. */
export function minimumAt({ windows, timeZone, minCapacity }: WarmHours, minCapacityElse: number, now: number): number {
  if (windows.length === 0) return minCapacityElse;
  return isWarm(windows, minuteOfWeek(timeZone, now)) ? Math.max(minCapacity, minCapacityElse) : minCapacityElse;
}

/** Whether a minute of the week is in one of the windows. */
export function isWarm(windows: readonly string[], minute: number): boolean {
  return windows
    .map(readWarmWindow)
    .some((window) => window?.days.some((begin) => minutesAfter(begin * dayMinutes + window.from, minute) < window.to - window.from));
}

/** The minute of the week that a time zone's clocks show, from 0, midnight of a Sunday. */
export function minuteOfWeek(timeZone: string, now: number): number {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const told: Record<string, string> = {};
  for (const { type, value } of parts.formatToParts(now)) told[type] = value;
  const day = weekdays.indexOf((told["weekday"] ?? "").toLowerCase() as (typeof weekdays)[number]);
  return day * dayMinutes + Number(told["hour"]) * 60 + Number(told["minute"]);
}

/** How many minutes of the week one minute is after another. */
export function minutesAfter(earlier: number, minute: number): number {
  return (minute - earlier + weekMinutes) % weekMinutes;
}
