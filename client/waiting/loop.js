/**
 * Does something again and again, one at a time, until it is stopped. Without a step that is due or under way it holds
 * no timer.
 */
export class Loop {
    clock;
    step;
    timer;
    /** When the next step is due; Infinity when none is. */
    dueAt = Infinity;
    running;
    /**
     * @param step does it once and says after how many milliseconds it wants to be done again (Infinity: when asked); never rejects. Its signal
     * aborts when the loop is stopped
     */
    constructor(clock, step) {
        this.clock = clock;
        this.step = step;
    }
    /** Whether a step is due or under way. */
    get isRunning() {
        return this.running !== undefined || this.dueAt < Infinity;
    }
    /** Has the next step begin in so many milliseconds at the latest; after the one that is under way, if one is. */
    within(milliseconds) {
        const time = this.clock.now() + milliseconds;
        if (time >= this.dueAt)
            return;
        this.dueAt = time;
        if (this.running === undefined)
            this.arm();
    }
    /** Ends what is under way and what is due. {@link within} starts again. */
    stop() {
        this.clock.clearTimeout(this.timer);
        this.dueAt = Infinity;
        this.running?.abort();
        this.running = undefined;
    }
    arm() {
        this.clock.clearTimeout(this.timer);
        if (this.dueAt === Infinity)
            return;
        this.timer = this.clock.setTimeout(() => void this.run(), Math.max(0, this.dueAt - this.clock.now()));
    }
    async run() {
        const running = new AbortController();
        this.running = running;
        do {
            this.dueAt = Infinity;
            const pause = await this.step(running.signal);
            // Stopped meanwhile, and perhaps started again.
            if (this.running !== running)
                return;
            this.dueAt = Math.min(this.dueAt, this.clock.now() + Math.max(pause, this.clock.leastPauseMilliseconds));
        } while (this.dueAt <= this.clock.now());
        this.running = undefined;
        this.arm();
    }
}
