import { dayMinutes, minutesAfter, readWarmWindow, weekMinutes } from "../core/floor/warmHours";
/** Whether two windows overlap or one begins when the other ends. */
export function meet(one, other) {
    return spansOf(one).some((a) => spansOf(other).some((b) => minutesAfter(a.begin, b.begin) <= a.minutes || minutesAfter(b.begin, a.begin) <= b.minutes));
}
/** Whether a window leaves no minute of the week out. */
export function isAlways({ days, from, to }) {
    return days.length === 7 && to - from === dayMinutes;
}
/** Most parts of a condition: with 29 characters each it keeps clear of the 2048 that an expression of metric math may have. */
const mostSpans = 40;
/**
 * A condition in metric math that holds during warm hours, over the minute of the week in UTC: the time series `minute`, from 0, midnight of
 * a Monday. Metric math knows no time zones, so it holds by summer and by winter time alike: for an hour longer on one side.
 * Many short windows are joined over the shortest pauses between them.
 */
export function warmCondition(windows, timeZone, year) {
    const shifts = utcOffsets(timeZone, year).map((offset) => -offset - dayMinutes);
    const spans = windows
        .map(readWarmWindow)
        .flatMap((window) => (window ? spansOf(window) : []))
        .flatMap(({ begin, minutes }) => shifts.map((shift) => ({ begin: (begin + shift + 2 * weekMinutes) % weekMinutes, minutes })));
    const parts = joined(spans).map(({ begin, minutes }) => `(minute >= ${begin} AND minute < ${begin + minutes})`);
    return parts.join(" OR ");
}
function spansOf({ days, from, to }) {
    return days.map((day) => ({ begin: day * dayMinutes + from, minutes: to - from }));
}
/** Spans without overlaps, none across the end of the week, in order. */
function joined(spans) {
    const cut = spans.flatMap(({ begin, minutes }) => {
        const rest = Math.max(0, begin + minutes - weekMinutes);
        return [{ begin, minutes: minutes - rest }, ...(rest > 0 ? [{ begin: 0, minutes: rest }] : [])];
    });
    const apart = [];
    for (const span of cut.sort((a, b) => a.begin - b.begin)) {
        const last = apart.at(-1);
        if (last && span.begin <= last.begin + last.minutes)
            last.minutes = Math.max(last.minutes, span.begin + span.minutes - last.begin);
        else
            apart.push({ ...span });
    }
    while (apart.length > mostSpans) {
        const pauses = apart.slice(1).map(({ begin }, index) => begin - apart[index].begin - apart[index].minutes);
        const index = pauses.indexOf(Math.min(...pauses));
        const [from, to] = apart.slice(index, index + 2);
        apart.splice(index, 2, { begin: from.begin, minutes: to.begin + to.minutes - from.begin });
    }
    return apart;
}
/** Minutes that a zone's clocks are ahead of UTC, in the course of a year. */
function utcOffsets(timeZone, year) {
    const parts = new Intl.DateTimeFormat("en-US", { timeZone, timeZoneName: "longOffset" });
    // Half a month is shorter than any stretch of summer or winter time.
    const times = Array.from({ length: 24 }, (_, index) => Date.UTC(year, Math.floor(index / 2), 1 + 14 * (index % 2)));
    const offsets = times.map((time) => {
        const name = parts.formatToParts(time).find(({ type }) => type === "timeZoneName")?.value ?? "";
        const [, sign = "+", hours = "0", minutes = "0"] = /^GMT([+-])(\d{2}):(\d{2})/.exec(name) ?? [];
        return Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes));
    });
    return [...new Set(offsets)].sort((a, b) => a - b);
}
