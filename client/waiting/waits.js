import { AsyncInferenceError, clientError } from "../errors";
import { at } from "./clock";
/** What is logged when jobs are waited for and nothing can be asked about them any more; the line has `code` and `reason`. */
export const lookingFails = "looking for the ends of jobs fails, and goes on";
/** What is logged when something can be asked again. */
export const lookingWorksAgain = "looking for the ends of jobs works again";
/** Callers that wait, by the key of what they wait for. Each of them gets an answer, whatever happens. */
export class Waits {
    clock;
    what;
    details;
    onLeft;
    log;
    lastTrouble;
    /** Those of one key are in a row: nearly always it is one alone, which a list of its own would be much for. */
    waiting = new Map();
    deadlines = new Map();
    signals = new Map();
    closed = false;
    /**
     * @param what what a key is, as a sentence names it: `the job order-17`
     * @param details what every error about a key carries
     * @param onLeft called with a key that nobody waits for any more
     */
    constructor(clock, what, details, onLeft, log = () => undefined) {
        this.clock = clock;
        this.what = what;
        this.details = details;
        this.onLeft = onLeft;
        this.log = log;
    }
    /** What the last call failed with that is tried again: what a wait that runs out of time tells. That it begins or ends is logged. */
    get trouble() {
        return this.lastTrouble;
    }
    set trouble(error) {
        const before = this.lastTrouble;
        this.lastTrouble = error;
        if (before === undefined && error !== undefined) {
            this.log({ level: "warn", message: lookingFails, code: error.code, reason: error.message });
        }
        else if (before !== undefined && error === undefined && this.waiting.size > 0) {
            this.log({ level: "info", message: lookingWorksAgain });
        }
    }
    has(key) {
        return this.waiting.has(key);
    }
    /** @throws AsyncInferenceError (as a rejection) `WAIT_TIMEOUT`, `ABORTED`, or what {@link reject} gives */
    add(key, { deadline, signal }) {
        const details = this.details(key);
        if (this.closed)
            return Promise.reject(clientError("ABORTED", "The client is closed.", details));
        if (signal?.aborted)
            return Promise.reject(this.aborted(key, signal));
        return new Promise((resolve, reject) => {
            const waiting = { key, deadline, signal, resolve, reject, next: this.waiting.get(key) };
            this.waiting.set(key, waiting);
            if (!join(this.deadlines, deadline, waiting))
                this.expireAt(deadline, waiting);
            if (signal !== undefined && !join(this.signals, signal, waiting))
                this.endBy(signal, waiting);
        });
    }
    expireAt(deadline, first) {
        const members = new Set([first]);
        const release = at(this.clock, deadline, () => [...members].forEach((one) => this.fail(one, this.timedOut(one.key))));
        this.deadlines.set(deadline, { members, release });
    }
    endBy(signal, first) {
        const members = new Set([first]);
        const onAbort = () => [...members].forEach((one) => this.fail(one, this.aborted(one.key, signal)));
        signal.addEventListener("abort", onAbort);
        this.signals.set(signal, { members, release: () => signal.removeEventListener("abort", onAbort) });
    }
    /** Tells everybody who waits for the key; nobody, when nobody does. */
    resolve(key, result) {
        for (const waiting of this.of(key)) {
            this.drop(waiting);
            waiting.resolve(result);
        }
    }
    /** Ends every wait for the key by an error. */
    reject(key, error) {
        for (const waiting of this.of(key)) {
            this.fail(waiting, new AsyncInferenceError(error, { ...this.details(key), cause: error.cause }));
        }
    }
    /** Ends every wait, and those to come. */
    close() {
        this.closed = true;
        const error = clientError("ABORTED", "The client was closed while somebody waited.");
        for (const key of [...this.waiting.keys()])
            this.reject(key, error);
    }
    fail(waiting, error) {
        this.drop(waiting);
        waiting.reject(error);
    }
    drop(waiting) {
        const { key, deadline, signal } = waiting;
        leave(this.deadlines, deadline, waiting);
        if (signal !== undefined)
            leave(this.signals, signal, waiting);
        const first = this.waiting.get(key);
        if (first !== waiting) {
            for (let one = first; one !== undefined; one = one.next)
                if (one.next === waiting)
                    one.next = waiting.next;
        }
        else if (waiting.next !== undefined)
            this.waiting.set(key, waiting.next);
        else {
            this.waiting.delete(key);
            this.onLeft(key);
        }
    }
    /** The callers that wait for a key now, first come first. */
    of(key) {
        const all = [];
        for (let one = this.waiting.get(key); one !== undefined; one = one.next)
            all.unshift(one);
        return all;
    }
    aborted(key, signal) {
        return clientError("ABORTED", `The wait for ${this.what(key)} was aborted.`, { ...this.details(key), cause: signal.reason });
    }
    timedOut(key) {
        const seen = this.trouble === undefined ? "" : ` The last look failed: ${this.trouble.message}`;
        return clientError("WAIT_TIMEOUT", `The wait for ${this.what(key)} took as long as it may.${seen}`, {
            ...this.details(key),
            cause: this.trouble,
        });
    }
}
/** Adds a wait to those that end together; false when there are none yet. */
function join(bounds, key, waiting) {
    return bounds.get(key)?.members.add(waiting) !== undefined;
}
function leave(bounds, key, waiting) {
    const bound = bounds.get(key);
    bound?.members.delete(waiting);
    if (bound?.members.size !== 0)
        return;
    bounds.delete(key);
    bound.release();
}
