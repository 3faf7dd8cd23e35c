/**
 * Whether reading a JSON text into JavaScript's numbers, which are doubles, changes what its numbers say: a whole number whose digits
 * a double does not hold, such as most identifiers of 64 bits, or a number beyond the largest double. Fractions are approximations
 * for whoever reads them, and do not count.
 */
export function losesDigits(json) {
    if (!/\d{16}|[eE]\+?\d{3}/.test(json))
        return false;
    // A string or a number; strings are passed over by hand, since a pattern for megabytes of text overflows the stack.
    const next = /"|-?\d[\d.eE+-]*/g;
    for (let found = next.exec(json); found !== null; found = next.exec(json)) {
        const [token] = found;
        if (token === '"')
            next.lastIndex = endOfString(json, next.lastIndex);
        else if (isInexact(token))
            return true;
    }
    return false;
}
/** Whether JavaScript reads the text of a JSON number as another number: see {@link losesDigits}. */
export function isInexact(number) {
    const value = Number(number);
    return !Number.isFinite(value) || (/^-?\d{16,}$/.test(number) && String(value) !== number);
}
/** Behind the quote that ends the string whose text begins at `start`. */
function endOfString(json, start) {
    for (let quote = json.indexOf('"', start); quote !== -1; quote = json.indexOf('"', quote + 1)) {
        let escapes = 0;
        while (json[quote - 1 - escapes] === "\\")
            escapes++;
        if (escapes % 2 === 0)
            return quote + 1;
    }
    return json.length;
}
/**
 * Finds a whole number in a value that was read from JSON, whose last digits may have been lost as it was read: one beyond
 * 2^53 - 1, or an infinite one.
 *
 * @returns where it is, such as `input.ids[3]`, and what was read; undefined when there is none
 */
export function unsafeNumberIn(value, name) {
    // A list instead of recursion: what can be read may be nested deeper than the stack.
    const left = [{ at: name, value }];
    for (let each = left.pop(); each !== undefined; each = left.pop()) {
        const { at, value: found } = each;
        if (typeof found === "number" && Math.abs(found) > Number.MAX_SAFE_INTEGER)
            return { at, value: found };
        if (typeof found !== "object" || found === null)
            continue;
        for (const [field, item] of Object.entries(found)) {
            const isWorthALook = typeof item === "object" || (typeof item === "number" && Math.abs(item) > Number.MAX_SAFE_INTEGER);
            if (isWorthALook)
                left.push({ at: Array.isArray(found) ? `${at}[${field}]` : `${at}.${field}`, value: item });
        }
    }
    return undefined;
}
