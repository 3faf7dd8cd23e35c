import { age, duration } from "../../core/duration";
export { age, duration };
/** How long ago, for people. */
export function ago(now, at) {
    if (at === undefined)
        return "";
    const time = typeof at === "number" ? at : Date.parse(at);
    return `${age(now - time)} ago`;
}
/** A size for people. */
export function size(bytes) {
    if (bytes === undefined)
        return "";
    if (bytes < 1000)
        return `${bytes} B`;
    const units = ["kB", "MB", "GB", "TB"];
    let value = bytes / 1000;
    let unit = 0;
    while (value >= 999.5 && unit < units.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${value < 10 ? value.toFixed(1) : Math.round(value)} ${units[unit]}`;
}
/** US dollars, with as many digits as say something. */
export function dollars(usd) {
    if (usd === undefined)
        return "—";
    if (usd === 0)
        return "$0";
    if (usd >= 100)
        return `$${Math.round(usd).toLocaleString("en-US")}`;
    return usd >= 0.01 ? `$${usd.toFixed(2)}` : usd >= 0.0001 ? `$${usd.toFixed(4)}` : "under $0.0001";
}
/** A number for people. */
export function count(value) {
    if (value === undefined)
        return "—";
    return Number.isInteger(value) ? value.toLocaleString("en-US") : value.toLocaleString("en-US", { maximumFractionDigits: 2 });
}
/** A time of day, with the day when it is another one. */
export function clock(at, now) {
    if (at === undefined)
        return "";
    const time = new Date(at);
    const isToday = time.toDateString() === new Date(now).toDateString();
    const hours = time.toLocaleTimeString("en-GB");
    return isToday ? hours : `${time.toLocaleDateString("en-GB", { day: "numeric", month: "short" })}, ${hours}`;
}
/** How a job's state looks, and is called. */
export const states = {
    ACCEPTED: { label: "Accepted", tone: "wait" },
    INVOKING: { label: "Invoking", tone: "go" },
    SUBMITTED: { label: "Submitted", tone: "go" },
    COMPLETED: { label: "Completed", tone: "good" },
    FAILED: { label: "Failed", tone: "bad" },
    EXPIRED: { label: "Expired", tone: "warn" },
    CANCELLED: { label: "Cancelled", tone: "off" },
};
/** Whether a job has ended. */
export function isOver(state) {
    return ["COMPLETED", "FAILED", "EXPIRED", "CANCELLED"].includes(state);
}
/** JSON with two spaces; the text itself where it is none. */
export function pretty(text) {
    try {
        return JSON.stringify(JSON.parse(text), null, 2);
    }
    catch {
        return text;
    }
}
