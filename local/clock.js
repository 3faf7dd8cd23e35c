import { createClock } from "@sinonjs/fake-timers";
/** ISO time of the clock, as AWS writes it: `2026-01-25T22:46:00.608Z`. */
export function isoNow(clock) {
    return new Date(clock.now()).toISOString();
}
/** The wall's clock. */
export class WallClock {
    speed = 1;
    isWall = true;
    timers = new Set();
    now() {
        return Date.now();
    }
    setTimeout(callback, milliseconds) {
        const timer = setTimeout(() => {
            this.timers.delete(timer);
            callback();
        }, milliseconds);
        this.timers.add(timer);
        return timer;
    }
    clearTimeout(timer) {
        clearTimeout(timer);
        this.timers.delete(timer);
    }
    onTick() {
        return () => undefined;
    }
    close() {
        for (const timer of this.timers)
            clearTimeout(timer);
        this.timers.clear();
    }
}
/** A clock that stands still until {@link VirtualClock.advance} moves it. */
export class VirtualClock {
    speed = 0;
    isWall = false;
    fake;
    listeners = new Set();
    /** @param start milliseconds since the epoch. @default the wall's time */
    constructor(start = Date.now()) {
        this.fake = createClock(start);
    }
    now() {
        return this.fake.now;
    }
    setTimeout(callback, milliseconds) {
        return this.fake.setTimeout(callback, milliseconds);
    }
    clearTimeout(timer) {
        this.fake.clearTimeout(timer);
    }
    onTick(listener) {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }
    /** Moves time, firing each timer at its own time and letting promises settle in between. */
    async advance(milliseconds) {
        await this.fake.tickAsync(milliseconds);
        this.tell();
    }
    close() {
        this.fake.reset();
        this.listeners.clear();
    }
    tell() {
        for (const listener of this.listeners)
            listener(this.fake.now);
    }
}
/** How often a {@link ScaledClock} catches up with the wall. */
const tickMilliseconds = 5;
/** A clock that runs `speed` times as fast as the wall. */
export class ScaledClock extends VirtualClock {
    speed;
    interval;
    wallStart = performance.now();
    start;
    constructor(speed, start) {
        super(start);
        this.speed = speed;
        this.start = this.fake.now;
        this.interval = setInterval(() => {
            const due = this.start + (performance.now() - this.wallStart) * speed;
            if (due > this.fake.now)
                this.fake.tick(due - this.fake.now);
            this.tell();
        }, tickMilliseconds);
    }
    close() {
        clearInterval(this.interval);
        super.close();
    }
}
/** The fastest that an {@link AdjustableClock} runs: what a machine keeps up with. */
export const mostSpeed = 1000;
/**
 * A clock whose speed is changed while it runs. It is the wall's until then; a clock that was ever faster stays ahead, since time does not
 * go back.
 */
export class AdjustableClock extends VirtualClock {
    onChange;
    speed;
    isWall;
    interval;
    since;
    run;
    /**
     * @param speed how many times as fast as the wall it begins
     * @param onChange is told when it was set to another speed, or has come to the end of a {@link skip}; and whether it was the wall's before
     */
    constructor(speed = 1, onChange = () => undefined) {
        super();
        this.onChange = onChange;
        this.speed = speed;
        this.isWall = speed === 1;
        this.since = { wall: performance.now(), at: this.fake.now };
        this.interval = setInterval(() => this.catchUp(), tickMilliseconds);
    }
    now() {
        // Workers on the wall's clock must not be ahead by a tick.
        return this.isWall ? Math.max(this.fake.now, Date.now()) : super.now();
    }
    setTimeout(callback, milliseconds) {
        return super.setTimeout(callback, milliseconds + (this.now() - this.fake.now));
    }
    /** Until when it runs fast, in milliseconds since the epoch; undefined when it does not. */
    get runningTo() {
        return this.run?.to;
    }
    /** Runs so many times as fast as the wall from now on. @throws Error naming what is accepted */
    setSpeed(speed) {
        if (typeof speed !== "number" || !(speed >= 1 && speed <= mostSpeed)) {
            throw new Error(`speed: got ${JSON.stringify(speed)}, expected a number from 1 to ${mostSpeed}`);
        }
        this.endRun();
        this.change(speed);
    }
    /** Runs as fast as it can until so many seconds of it have passed, and then as before. @throws Error naming what is accepted */
    skip(seconds) {
        const most = 7 * 86_400;
        if (typeof seconds !== "number" || !(seconds >= 1 && seconds <= most)) {
            throw new Error(`seconds: got ${JSON.stringify(seconds)}, expected a number from 1 to ${most}`);
        }
        const before = this.run?.before ?? this.speed;
        this.endRun();
        this.change(mostSpeed);
        const arrived = () => {
            this.run = undefined;
            this.change(before);
        };
        this.run = { to: this.now() + seconds * 1000, before, timer: this.setTimeout(arrived, seconds * 1000) };
    }
    close() {
        clearInterval(this.interval);
        super.close();
    }
    endRun() {
        if (this.run !== undefined)
            this.clearTimeout(this.run.timer);
        this.run = undefined;
    }
    change(speed) {
        const wasWall = this.isWall;
        this.since = { wall: performance.now(), at: this.now() };
        this.speed = speed;
        this.isWall = wasWall && speed === 1;
        this.onChange(wasWall && !this.isWall);
    }
    catchUp() {
        const due = this.isWall ? Date.now() : this.since.at + (performance.now() - this.since.wall) * this.speed;
        // A callback may change the speed: what is due then is another time.
        if (due > this.fake.now)
            this.fake.tick(due - this.fake.now);
        if (!this.isWall)
            this.tell();
    }
}
