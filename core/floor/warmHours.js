/** Minutes of a day. */
export const dayMinutes = 1440;
/** Minutes of a week. */
export const weekMinutes = 7 * dayMinutes;
/** Days of the week as they are written, in JavaScript's order. */
export const weekdays = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
/** What a window looks like: a day or a range of days, and two times; an end that is not later than the beginning is on the next day. */
export const warmHoursPattern = "^(sun|mon|tue|wed|thu|fri|sat)(?:-(sun|mon|tue|wed|thu|fri|sat))? ([01]\\d|2[0-3]):([0-5]\\d)-([01]\\d|2[0-3]):([0-5]\\d)$";
/** Reads one window; undefined when it is none. */
export function readWarmWindow(text) {
    const match = new RegExp(warmHoursPattern).exec(text);
    if (!match)
        return undefined;
    const [, first = "", last = first, ...times] = match;
    const [fromHour = 0, fromMinute = 0, toHour = 0, toMinute = 0] = times.map(Number);
    const start = weekdays.indexOf(first);
    const count = ((weekdays.indexOf(last) - start + 7) % 7) + 1;
    const from = fromHour * 60 + fromMinute;
    const to = toHour * 60 + toMinute;
    return {
        days: Array.from({ length: count }, (_, index) => (start + index) % 7),
        from,
        to: to > from ? to : to + dayMinutes,
    };
}
/** The configured minimum at a time. */
export function minimumAt({ windows, timeZone, minCapacity }, minCapacityElse, now) {
    if (windows.length === 0)
        return minCapacityElse;
    return isWarm(windows, minuteOfWeek(timeZone, now)) ? Math.max(minCapacity, minCapacityElse) : minCapacityElse;
}
/** Whether a minute of the week is in one of the windows. */
export function isWarm(windows, minute) {
    return windows
        .map(readWarmWindow)
        .some((window) => window?.days.some((begin) => minutesAfter(begin * dayMinutes + window.from, minute) < window.to - window.from));
}
/** The minute of the week that a time zone's clocks show, from 0, midnight of a Sunday. */
export function minuteOfWeek(timeZone, now) {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
    const told = {};
    for (const { type, value } of parts.formatToParts(now))
        told[type] = value;
    const day = weekdays.indexOf((told["weekday"] ?? "").toLowerCase());
    return day * dayMinutes + Number(told["hour"]) * 60 + Number(told["minute"]);
}
/** How many minutes of the week one minute is after another. */
export function minutesAfter(earlier, minute) {
    return (minute - earlier + weekMinutes) % weekMinutes;
}
