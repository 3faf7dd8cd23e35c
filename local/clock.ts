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
