import { setImmediate } from "node:timers";
import type { Clock } from "../core/ports";
import type { ProcessClock } from "../core/serviceClock";
import { sleep } from "../core/sleep";

/** The real one, whatever fake timers a test puts into its place: those would have this clock wait until the test moves them. */
const afterThisTurn = setImmediate;

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that only moves when a test moves it, or, automatically, when somebody waits for it. */
export class TestClock implements Clock {
  readonly #isAutomatic: boolean;
  #now: number;
  #sleepers: Sleeper[] = [];
  #isStepping = false;

  /** @param isAutomatic goes on to the next time that somebody waits for, once nothing else is left to do in this turn of Node's */
  constructor(startAt: number, isAutomatic: boolean) {
    this.#now = startAt;
    this.#isAutomatic = isAutomatic;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#now;
  }

  /** The same for a client. */
  get processClock(): ProcessClock {
    return {
      now: () => this.now(),
      setTimeout: (callback, milliseconds) => this.#wakeIn(milliseconds, callback),
      clearTimeout: (timer) => this.#forget(timer as Sleeper),
    };
  }

  /** A pause, which an abort ends at once; then it resolves too. */
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return sleep(this.processClock, milliseconds, signal);
  }

  /** Moves time on by so many seconds, from one pause that ends to the next: what follows from each is done at its time. */
  async pass(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    await turn();
    while (this.#wakeNext(end)) await turn();
    this.#now = end;
    await turn();
  }

  #wakeIn(milliseconds: number, wake: () => void): Sleeper {
    const sleeper = { at: this.#now + Math.max(0, milliseconds), wake };
    this.#sleepers.push(sleeper);
    if (this.#isAutomatic) this.#stepLater();
    return sleeper;
  }

  #forget(sleeper: Sleeper): void {
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }

  #stepLater(): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    afterThisTurn(() => {
      this.#isStepping = false;
      this.#wakeNext(Infinity);
      if (this.#sleepers.length > 0) this.#stepLater();
    });
  }

  #wakeNext(until: number): boolean {
    const next = this.#sleepers.reduce<Sleeper | undefined>((first, each) => (first && first.at <= each.at ? first : each), undefined);
    if (next === undefined || next.at > until) return false;
    this.#now = Math.max(this.#now, next.at);
    this.#forget(next);
    next.wake();
    return true;
  }
}

/** Lets promises that have settled go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => afterThisTurn(resolve));
}
