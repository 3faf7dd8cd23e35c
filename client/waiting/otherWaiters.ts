import { EndedIndex, type Table } from "./endedIndex";
import { batchSize } from "./records";

/** Longest time between two looks at one index, in looks. */
const looksBetween = 5;

/** Indexes at most in one look, so that the calls per minute have a bound. */
const indexesPerLook = 10;

interface Other {
  /** Handles of its jobs that are waited for here. */
  handles: number;
  /** Where its ends are reported, once that is less work than reading its records. */
  index: EndedIndex | undefined;
  /** Its index may not be read: records alone tell. */
  refused: boolean;
}

/** Waiters of other clients, whose jobs are waited for here too. */
export class OtherWaiters {
  private readonly others = new Map<string, Other>();

  constructor(private readonly table: Table) {}

  /** Whether some of their indexes are followed. Asked for each handle: mostly there is none, for which no iterator is made. */
  get any(): boolean {
    if (this.others.size > 0) for (const { index } of this.others.values()) if (index !== undefined) return true;
    return false;
  }

  /** Whether the waiter's index tells of its ends. */
  follows(waiter: string | undefined): boolean {
    return waiter !== undefined && this.others.get(waiter)?.index !== undefined;
  }

  /** One more handle. Reading a batch costs what a look at the index does: the index is for more handles than one batch has. */
  join(waiter: string): void {
    const other = this.others.get(waiter) ?? { handles: 0, index: undefined, refused: false };
    this.others.set(waiter, other);
    other.handles++;
    if (other.handles > batchSize && !other.refused) other.index ??= new EndedIndex(this.table, waiter);
  }

  leave(waiter: string): void {
    const other = this.others.get(waiter);
    if (other !== undefined && --other.handles === 0) this.others.delete(waiter);
  }

  /** Reads the index no more. */
  refuse(waiter: string): void {
    const other = this.others.get(waiter);
    if (other !== undefined) Object.assign(other, { index: undefined, refused: true });
  }

  /** Indexes to look at now: few of them each time, many in turn. */
  next(): { waiter: string; index: EndedIndex }[] {
    const followed = this.followed();
    const chosen = followed.slice(0, Math.min(indexesPerLook, Math.ceil(followed.length / looksBetween)));
    for (const { waiter } of chosen) {
      // Last in the order from now on.
      const other = this.others.get(waiter) as Other;
      this.others.delete(waiter);
      this.others.set(waiter, other);
    }
    return chosen;
  }

  private followed(): { waiter: string; index: EndedIndex }[] {
    return [...this.others].flatMap(([waiter, { index }]) => (index === undefined ? [] : [{ waiter, index }]));
  }
}
