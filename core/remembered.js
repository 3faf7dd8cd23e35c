/**
 * What was read, for all who ask within a time. Those who ask at once share one read; what fails is read again.
 *
 * @param seconds for how long it is remembered
 * @param isKept whether what was read is remembered at all
 */
export function remembered(clock, seconds, read, isKept) {
    let known;
    return () => {
        const now = clock.now();
        const age = known === undefined ? NaN : now - known.since;
        // A clock that was put back says nothing of an age.
        if (known && (known.pending || (age >= 0 && age < seconds * 1000)))
            return known.value;
        const reading = { value: read(), since: now, pending: true };
        known = reading;
        const forget = () => {
            if (known === reading)
                known = undefined;
        };
        reading.value.then((value) => {
            reading.pending = false;
            if (!isKept(value))
                forget();
        }, forget);
        return reading.value;
    };
}
