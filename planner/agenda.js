/** What is going to happen, in order. It is short: jobs have queues of their own. */
export class Agenda {
  entries = [];
  /** The next entry; undefined when there is none. */
  get next() {
    return this.entries[0];
  }
  add(entry) {
    let index = this.entries.length;
    while (index > 0 && isBefore(entry, this.entries[index - 1])) index -= 1;
    this.entries.splice(index, 0, entry);
    return entry;
  }
  /** An entry that isn't there any more is fine. */
  remove(entry) {
    const index = this.entries.indexOf(entry);
    if (index >= 0) this.entries.splice(index, 1);
  }
  shift() {
    return this.entries.shift();
  }
}
function isBefore(one, other) {
  return one.at < other.at || (one.at === other.at && one.createdAt < other.createdAt);
}
