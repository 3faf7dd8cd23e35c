import { sleep } from "../core/sleep";
/** A clock that only moves when a test moves it, or, automatically, when somebody waits for it. */
export class TestClock {
    #isAutomatic;
    #now;
    #sleepers = [];
    #isStepping = false;
    /** @param isAutomatic goes on to the next time that somebody waits for, once nothing else is left to do in this turn of Node's */
    constructor(startAt, isAutomatic) {
        this.#now = startAt;
        this.#isAutomatic = isAutomatic;
    }
    /** Milliseconds since the epoch. */
    now() {
        return this.#now;
    }
    /** The same for a client. */
    get processClock() {
        return {
            now: () => this.now(),
            setTimeout: (callback, milliseconds) => this.#wakeIn(milliseconds, callback),
            clearTimeout: (timer) => this.#forget(timer),
        };
    }
    /** A pause, which an abort ends at once; then it resolves too. */
    sleep(milliseconds, signal) {
        return sleep(this.processClock, milliseconds, signal);
    }
    /** Moves time on by so many seconds, from one pause that ends to the next: what follows from each is done at its time. */
    async pass(seconds) {
        const end = this.#now + seconds * 1000;
        await turn();
        while (this.#wakeNext(end))
            await turn();
        this.#now = end;
        await turn();
    }
    #wakeIn(milliseconds, wake) {
        const sleeper = { at: this.#now + Math.max(0, milliseconds), wake };
        this.#sleepers.push(sleeper);
        if (this.#isAutomatic)
            this.#stepLater();
        return sleeper;
    }
    #forget(sleeper) {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    }
    #stepLater() {
        if (this.#isStepping)
            return;
        this.#isStepping = true;
        setImmediate(() => {
            this.#isStepping = false;
            this.#wakeNext(Infinity);
            if (this.#sleepers.length > 0)
                this.#stepLater();
        });
    }
    #wakeNext(until) {
        const next = this.#sleepers.reduce((first, each) => (first && first.at <= each.at ? first : each), undefined);
        if (next === undefined || next.at > until)
            return false;
        this.#now = Math.max(this.#now, next.at);
        this.#forget(next);
        next.wake();
        return true;
    }
}
/** Lets promises that have settled go on. */
function turn() {
    return new Promise((resolve) => setImmediate(resolve));
}
