/** Something that happens at a time, in milliseconds since the epoch. */
export interface Entry {
  at: number;
  /** When it was put down: of entries of one time, the one that has been known for longest comes first. */
  createdAt: number;
  work: () => void | Promise<void>;
}

/** What is going to happen, in order. It is short: jobs have queues of their own. */
export class Agenda {
  private readonly entries: Entry[] = [];

  /** The next entry; undefined when there is none. */
  get next(): Entry | undefined {
    return this.entries[0];
  }

  add(entry: Entry): Entry {
    let index = this.entries.length;
    while (index > 0 && isBefore(entry, this.entries[index - 1] as Entry)) index -= 1;
    this.entries.splice(index, 0, entry);
    return entry;
  }

  /** An entry that isn't there any more is fine. */
  remove(entry: Entry): void {
    const index = this.entries.indexOf(entry);
    if (index >= 0) this.entries.splice(index, 1);
  }

  shift(): Entry | undefined {
    return this.entries.shift();
  }
}

function isBefore(one: Entry, other: Entry): boolean {
  return one.at < other.at || (one.at === other.at && one.createdAt < other.createdAt);
}
