import { createClock, type Clock as FakeClock } from "@sinonjs/fake-timers";

/** A timer of a {@link Clock}; opaque. */
export type Timer = unknown;

/**
 * The one source of time of the embedded cloud. Services never touch `Date` or the global timers,
 * so that a cloud can run faster than the wall (`--speed`), or only when a test says so.
 */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  setTimeout(callback: () => void, milliseconds: number): Timer;
  clearTimeout(timer: Timer): void;
  /** How many milliseconds of this clock pass in one of the wall's; 0 when only {@link VirtualClock.advance} moves it. */
  readonly speed: number;
  /** Whether it is the wall's own: a process beside needs to be told nothing of it. */
  readonly isWall: boolean;
  /** Calls `listener` whenever the clock has moved by itself; what keeps Lambda workers in step. Returns how to stop. */
  onTick(listener: (now: number) => void): () => void;
  /** Releases what keeps the clock running. */
  close(): void;
}

/** ISO time of the clock, as AWS writes it: `2026-01-25T22:46:00.608Z`. */
export function isoNow(clock: Clock): string {
  return new Date(clock.now()).toISOString();
}

/** The wall's clock. */
export class WallClock implements Clock {
  readonly speed = 1;
  readonly isWall = true;
  private readonly timers = new Set<NodeJS.Timeout>();

  now(): number {
    return Date.now();
  }
  setTimeout(callback: () => void, milliseconds: number): Timer {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      callback();
    }, milliseconds);
    this.timers.add(timer);
    return timer;
  }
  clearTimeout(timer: Timer): void {
    clearTimeout(timer as NodeJS.Timeout);
    this.timers.delete(timer as NodeJS.Timeout);
  }
  onTick(): () => void {
    return () => undefined;
  }
  close(): void {
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }
}

/** A clock that stands still until {@link VirtualClock.advance} moves it. */
export class VirtualClock implements Clock {
  readonly speed: number = 0;
  readonly isWall: boolean = false;
  protected readonly fake: FakeClock;
  private readonly listeners = new Set<(now: number) => void>();

  /** @param start milliseconds since the epoch. @default the wall's time */
  constructor(start: number = Date.now()) {
    this.fake = createClock(start);
  }
  now(): number {
    return this.fake.now;
  }
  setTimeout(callback: () => void, milliseconds: number): Timer {
    return this.fake.setTimeout(callback, milliseconds);
  }
  clearTimeout(timer: Timer): void {
    this.fake.clearTimeout(timer as number);
  }
  onTick(listener: (now: number) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }
  /** Moves time, firing each timer at its own time and letting promises settle in between. */
  async advance(milliseconds: number): Promise<void> {
    await this.fake.tickAsync(milliseconds);
    this.tell();
  }
  close(): void {
    this.fake.reset();
    this.listeners.clear();
  }
  protected tell(): void {
    for (const listener of this.listeners) listener(this.fake.now);
  }
}

/** How often a {@link ScaledClock} catches up with the wall. */
const tickMilliseconds = 5;

/** A clock that runs `speed` times as fast as the wall. */
export class ScaledClock extends VirtualClock {
  override readonly speed: number;
  private readonly interval: NodeJS.Timeout;
  private readonly wallStart = performance.now();
  private readonly start: number;

  constructor(speed: number, start?: number) {
    super(start);
    this.speed = speed;
    this.start = this.fake.now;
    this.interval = setInterval(() => {
      const due = this.start + (performance.now() - this.wallStart) * speed;
      if (due > this.fake.now) this.fake.tick(due - this.fake.now);
      this.tell();
    }, tickMilliseconds);
  }
  override close(): void {
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
  override speed: number;
  override isWall: boolean;
  private readonly interval: NodeJS.Timeout;
  private since: { wall: number; at: number };
  private run: { to: number; timer: Timer; before: number } | undefined;

  private readonly changed = new Set<(hasLeftWall: boolean) => void>();

  /** @param speed how many times as fast as the wall it begins */
  constructor(speed = 1) {
    super();
    this.speed = speed;
    this.isWall = speed === 1;
    this.since = { wall: performance.now(), at: this.fake.now };
    this.interval = setInterval(() => this.catchUp(), tickMilliseconds);
  }

  override now(): number {
    // Workers on the wall's clock must not be ahead by a tick.
    return this.isWall ? Math.max(this.fake.now, Date.now()) : super.now();
  }

  override setTimeout(callback: () => void, milliseconds: number): Timer {
    return super.setTimeout(callback, milliseconds + (this.now() - this.fake.now));
  }

  /** Tells each time that it runs at another speed, and whether it was the wall's until then. Returns how to stop. */
  onChange(listener: (hasLeftWall: boolean) => void): () => void {
    this.changed.add(listener);
    return () => this.changed.delete(listener);
  }

  /** Until when it runs fast, in milliseconds since the epoch; undefined when it does not. */
  get runningTo(): number | undefined {
    return this.run?.to;
  }

  /** Runs so many times as fast as the wall from now on. @throws Error naming what is accepted */
  setSpeed(speed: number): void {
    if (typeof speed !== "number" || !(speed >= 1 && speed <= mostSpeed)) {
      throw new Error(`speed: got ${JSON.stringify(speed)}, expected a number from 1 to ${mostSpeed}`);
    }
    this.endRun();
    this.change(speed);
  }

  /** Runs as fast as it can until so many seconds of it have passed, and then as before. @throws Error naming what is accepted */
  skip(seconds: number): void {
    const most = 7 * 86_400;
    if (typeof seconds !== "number" || !(seconds >= 1 && seconds <= most)) {
      throw new Error(`seconds: got ${JSON.stringify(seconds)}, expected a number from 1 to ${most}`);
    }
    const before = this.run?.before ?? this.speed;
    this.endRun();
    const arrived = () => {
      this.run = undefined;
      this.change(before);
    };
    const to = Math.round(this.now() + seconds * 1000);
    // By the one reading of the wall: a timer that is later than `to` by a millisecond would never fire.
    this.run = { to, before, timer: super.setTimeout(arrived, to - this.fake.now) };
    this.change(mostSpeed);
  }

  /** The same until a time, in milliseconds since the epoch, at most a week ahead. @throws Error naming what is accepted */
  skipTo(time: number): void {
    const seconds = typeof time === "number" ? (time - this.now()) / 1000 : NaN;
    if (seconds < 1)
      throw new Error(`to: got ${new Date(time).toISOString()}, expected a time after ${new Date(this.now()).toISOString()}`);
    this.skip(seconds);
  }

  override close(): void {
    clearInterval(this.interval);
    super.close();
  }

  private endRun(): void {
    if (this.run !== undefined) this.clearTimeout(this.run.timer);
    this.run = undefined;
  }

  private change(speed: number): void {
    const wasWall = this.isWall;
    this.since = { wall: performance.now(), at: this.now() };
    this.speed = speed;
    this.isWall = wasWall && speed === 1;
    for (const listener of this.changed) listener(wasWall && !this.isWall);
  }

  private catchUp(): void {
    const due = this.isWall ? Date.now() : this.since.at + (performance.now() - this.since.wall) * this.speed;
    // A callback may change the speed: what is due then is another time. A busy process would take a run further than it was to go.
    const to = Math.min(due, this.run?.to ?? Infinity);
    if (to > this.fake.now) this.fake.tick(to - this.fake.now);
    if (!this.isWall) this.tell();
  }
}
