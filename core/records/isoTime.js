/** A time in ISO 8601, UTC, from milliseconds since 1970. */
export function isoTime(milliseconds) {
    return new Date(milliseconds).toISOString();
}
