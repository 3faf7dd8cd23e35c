import { unlessAborted } from "./abort";

/** Lets so many works be under way at once. The others wait, in the order in which they came. */
export class Slots {
  private readonly waiting = new Set<() => void>();

  /** @param free how many works may be under way at once */
  constructor(private free: number) {}

  /**
   * Does the work once there is room for it.
   *
   * @param signal whoever aborts it before that leaves the line: the work is never begun
   */
  async run<Result>(work: () => Promise<Result>, signal: AbortSignal | undefined): Promise<Result> {
    await this.enter(signal);
    try {
      return await work();
    } finally {
      this.leave();
    }
  }

  private async enter(signal: AbortSignal | undefined): Promise<void> {
    signal?.throwIfAborted();
    if (this.free > 0) {
      this.free--;
      return;
    }
    let enter = (): void => undefined;
    const entered = new Promise<void>((resolve) => (enter = resolve));
    this.waiting.add(enter);
    await unlessAborted(entered, signal, undefined, () => {
      // The room that was given at the same moment is the next one's.
      if (!this.waiting.delete(enter)) this.leave();
    });
  }

  private leave(): void {
    const [next] = this.waiting;
    if (next === undefined) {
      this.free++;
      return;
    }
    this.waiting.delete(next);
    next();
  }
}
