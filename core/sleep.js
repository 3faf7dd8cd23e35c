/** Resolves after `milliseconds` of a clock; at once, without error, when `signal` aborts. */
export function sleep(clock, milliseconds, signal) {
    return new Promise((resolve) => {
        if (signal?.aborted)
            return resolve();
        const done = () => {
            clock.clearTimeout(timer);
            signal?.removeEventListener("abort", done);
            resolve();
        };
        const timer = clock.setTimeout(done, milliseconds);
        signal?.addEventListener("abort", done);
    });
}
