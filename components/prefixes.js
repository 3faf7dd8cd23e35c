/** The prefixes that the settings name. */
export function prefixesOf(settings) {
    const { inputPrefix, outputPrefix, failurePrefix, inboxPrefix } = settings;
    const former = { input: [], output: [], failure: [], inbox: [] };
    for (const [prefix, kind] of Object.entries(settings.formerPrefixes))
        former[kind].push(withSlash(prefix));
    return {
        inputPrefix: withSlash(inputPrefix),
        outputPrefix: withSlash(outputPrefix),
        failurePrefix: withSlash(failurePrefix),
        inboxPrefix: withSlash(inboxPrefix),
        former,
    };
}
/** Days after which objects expire, by prefix: below a former prefix as below the one that it was. 0 keeps them. */
export function expirationDaysOf(settings, prefixes) {
    const daysOf = {
        input: settings.inputExpirationDays,
        output: settings.outputExpirationDays,
        failure: settings.failureExpirationDays,
        inbox: settings.inboxExpirationDays,
    };
    const days = {
        [prefixes.inputPrefix]: daysOf.input,
        [prefixes.outputPrefix]: daysOf.output,
        [prefixes.failurePrefix]: daysOf.failure,
        [prefixes.inboxPrefix]: daysOf.inbox,
    };
    for (const [kind, former] of Object.entries(prefixes.former)) {
        for (const prefix of former)
            days[prefix] ??= daysOf[kind];
    }
    return days;
}
/** A prefix with its one trailing slash. */
export function withSlash(prefix) {
    return prefix.endsWith("/") ? prefix : `${prefix}/`;
}
