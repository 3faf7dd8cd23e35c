/** The process's own clock. Its timers keep the process alive: they exist only while somebody waits. */
export const systemClock = {
    now: () => Date.now(),
    setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds),
    clearTimeout: (timer) => clearTimeout(timer),
};
/** Node fires a timer at once that is further away than this. */
const longestTimerMilliseconds = 2 ** 31 - 1;
/** Calls `callback` at a time, however far away, and never in the same turn. Returns how to take it back. */
export function at(clock, time, callback) {
    let timer;
    const arm = () => {
        const rest = time - clock.now();
        timer = clock.setTimeout(() => (clock.now() < time ? arm() : callback()), Math.min(Math.max(rest, 0), longestTimerMilliseconds));
    };
    arm();
    return () => clock.clearTimeout(timer);
}
