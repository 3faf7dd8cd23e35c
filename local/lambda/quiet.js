/** Share of the time that a waiting worker's loop may work: it hears the clock's ticks and the questions after this. */
const waitingShare = 0.1;
/**
 * Since when a worker has had nothing to do but wait. A worker that a busy machine keeps from running says nothing, or that it
 * was active all along: time in which it waits for a processor is not idle to its loop.
 */
export class Quiet {
    /** Real time of the beginning, or undefined while it works, or as long as nothing is known. */
    since;
    last;
    /** @param now real time */
    report(times, now) {
        const { last } = this;
        this.last = { times, at: now };
        if (last === undefined)
            return;
        const active = times.active - last.times.active;
        const idle = times.idle - last.times.idle;
        if (active > waitingShare * (active + idle))
            this.since = undefined;
        else
            this.since ??= last.at;
    }
    /** Forgets what was reported: something else is waited for from now on, or nobody can know for what. */
    reset() {
        this.since = undefined;
        this.last = undefined;
    }
}
