/** The fields that are not undefined: what is absent is left out, and not there as `undefined`. */
export function present(fields) {
    return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
