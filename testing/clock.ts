import { unlessAborted, type ClientClock } from "../client/abort";

interface Sleeper {
  at: number;
  wake: () => void;
}

/** A clock that only moves when a test moves it, or, automatically, when somebody waits for it. */
export class TestClock implements ClientClock {
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

  async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return;
    let sleeper: Sleeper | undefined;
    const slept = new Promise<void>((resolve) => {
      sleeper = { at: this.#now + Math.max(0, milliseconds), wake: resolve };
      this.#sleepers.push(sleeper);
    });
    if (this.#isAutomatic) this.#stepLater();
    // As with the client's own clock an abort ends the pause, and is reported by what comes next.
    await unlessAborted(slept, signal).catch(() => undefined);
    this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
  }

  /** Moves time on by so many seconds, from one pause that ends to the next: what follows from each is done at its time. */
  async pass(seconds: number): Promise<void> {
    const end = this.#now + seconds * 1000;
    await turn();
    while (this.#wakeNext(end)) await turn();
    this.#now = end;
    await turn();
  }

  #stepLater(): void {
    if (this.#isStepping) return;
    this.#isStepping = true;
    setImmediate(() => {
      this.#isStepping = false;
      this.#wakeNext(Infinity);
      if (this.#sleepers.length > 0) this.#stepLater();
    });
  }

  #wakeNext(until: number): boolean {
    const next = this.#sleepers.reduce<Sleeper | undefined>((first, each) => (first && first.at <= each.at ? first : each), undefined);
    if (next === undefined || next.at > until) return false;
    this.#now = Math.max(this.#now, next.at);
    this.#sleepers = this.#sleepers.filter((other) => other !== next);
    next.wake();
    return true;
  }
}

/** Lets promises that have settled go on. */
function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
