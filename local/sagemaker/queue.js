/** First in, first out, each request for at most its time to live. */
export class InvocationQueue {
    clock;
    onExpired;
    /** In order of arrival: a Map keeps it, and lets an expired one leave from the middle. */
    waiting = new Map();
    constructor(clock, onExpired) {
        this.clock = clock;
        this.onExpired = onExpired;
    }
    get length() {
        return this.waiting.size;
    }
    /** Age of the one that has waited longest; 0 when none waits. */
    get oldestAgeSeconds() {
        const [oldest] = this.waiting.keys();
        return oldest ? (this.clock.now() - oldest.receivedAt) / 1000 : 0;
    }
    push(invocation) {
        const expire = () => {
            this.waiting.delete(invocation);
            this.onExpired(invocation);
        };
        const left = invocation.receivedAt + invocation.requestTtlSeconds * 1000 - this.clock.now();
        this.waiting.set(invocation, this.clock.setTimeout(expire, Math.max(0, left)));
    }
    /** Takes the one that has waited longest. */
    shift() {
        const [first] = this.waiting;
        if (!first)
            return undefined;
        const [invocation, timer] = first;
        this.waiting.delete(invocation);
        this.clock.clearTimeout(timer);
        return invocation;
    }
    /** Forgets all. */
    clear() {
        for (const timer of this.waiting.values())
            this.clock.clearTimeout(timer);
        this.waiting.clear();
    }
}
