import { isoTime } from "../../core/records/isoTime";
/** `seconds` after an ISO time, as ISO time. */
export function later(time, seconds) {
    return isoTime(Date.parse(time) + seconds * 1000);
}
/** A length of time as people say it: `45 seconds`, `12 minutes`, `1 hour 5 minutes`. */
export function duration(seconds) {
    const whole = Math.max(0, Math.round(seconds));
    if (whole < 120)
        return count(whole, "second");
    const minutes = Math.round(whole / 60);
    if (minutes < 120)
        return count(minutes, "minute");
    const rest = minutes % 60;
    return count(Math.floor(minutes / 60), "hour") + (rest === 0 ? "" : ` ${count(rest, "minute")}`);
}
/** `1 request`, `2 requests`. */
export function count(number, what) {
    return `${number} ${what}${number === 1 ? "" : "s"}`;
}
/** A sentence of somebody else's inside one of ours: one line, no more than `length` characters, without its full stop. */
export function quoted(text, length = 300) {
    // SageMaker's own pointer to the log, as long as the sentence before it; the log's name is among the advice.
    const line = text
        .replace(/\.? See https:\/\/\S+ in account \d+ for more information/, "")
        .replace(/\s+/g, " ")
        .trim();
    return (line.length > length ? `${line.slice(0, length - 1)}…` : line).replace(/\.$/, "");
}
