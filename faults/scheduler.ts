import { seededRandom, type Random } from "../local/faults/random";

/** Something that happens at a time. */
interface Due {
  at: number;
  /** Orders what happens at the same time, by chance. */
  order: number;
  run: () => void;
}

/** A timer of the scheduler: cancelled, it does nothing. */
export interface Timer {
  cancelled: boolean;
}

/**
 * The simulation's only source of time and order: one thing happens at a time, and then every promise settles before
 * the next. Which of several things comes first is drawn from the seed, so a seed repeats a run exactly.
 */
export class Scheduler {
  readonly random: Random;
  private readonly heap: Due[] = [];
  private time: number;

  constructor(
    seed: number,
    readonly start: number,
  ) {
    this.random = seededRandom(seed);
    this.time = start;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.time;
  }

  /** Runs something later. */
  after(milliseconds: number, run: () => void): Timer {
    const timer: Timer = { cancelled: false };
    const due = { at: this.time + Math.max(0, milliseconds), order: this.random.next(), run: () => !timer.cancelled && run() };
    this.heap.push(due);
    this.rise(this.heap.length - 1);
    return timer;
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => void this.after(milliseconds, resolve));
  }

  /** Lets everything happen until nothing is left, or `isOver` says so. */
  async run(isOver: () => boolean): Promise<void> {
    while (this.heap.length > 0 && !isOver()) {
      const due = this.take();
      this.time = Math.max(this.time, due.at);
      due.run();
      await settled();
    }
  }

  private take(): Due {
    const first = this.heap[0] as Due;
    const last = this.heap.pop() as Due;
    if (this.heap.length > 0) {
      this.heap[0] = last;
      this.sink(0);
    }
    return first;
  }

  private rise(from: number): void {
    for (let index = from; index > 0;) {
      const parent = (index - 1) >> 1;
      if (!this.isBefore(index, parent)) return;
      this.swap(index, parent);
      index = parent;
    }
  }

  private sink(from: number): void {
    for (let index = from; ;) {
      const left = 2 * index + 1;
      let least = index;
      if (left < this.heap.length && this.isBefore(left, least)) least = left;
      if (left + 1 < this.heap.length && this.isBefore(left + 1, least)) least = left + 1;
      if (least === index) return;
      this.swap(index, least);
      index = least;
    }
  }

  private isBefore(one: number, other: number): boolean {
    const [a, b] = [this.heap[one] as Due, this.heap[other] as Due];
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  private swap(one: number, other: number): void {
    [this.heap[one], this.heap[other]] = [this.heap[other] as Due, this.heap[one] as Due];
  }
}

/** Every promise that can settle has settled: microtasks end before the event loop goes on. */
function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
