/** A queue of numbers, first in, first out, without an object per number. */
export class NumberQueue {
  items = new Int32Array(1024);
  first = 0;
  length = 0;
  push(item) {
    if (this.length === this.items.length) this.grow();
    this.items[(this.first + this.length) & (this.items.length - 1)] = item;
    this.length += 1;
  }
  /** The one that has waited longest. Only where there is one. */
  get head() {
    return this.items[this.first];
  }
  shift() {
    const item = this.head;
    this.first = (this.first + 1) & (this.items.length - 1);
    this.length -= 1;
    return item;
  }
  grow() {
    const larger = new Int32Array(this.items.length * 2);
    for (let index = 0; index < this.length; index++) larger[index] = this.items[(this.first + index) & (this.items.length - 1)];
    this.items = larger;
    this.first = 0;
  }
}
/** Numbers of which the least, by an order of the caller's, comes first: a binary heap. */
export class NumberHeap {
  isBefore;
  items = [];
  constructor(isBefore) {
    this.isBefore = isBefore;
  }
  get length() {
    return this.items.length;
  }
  /** Only where there is one. */
  get head() {
    return this.items[0];
  }
  push(item) {
    const { items } = this;
    let at = items.length;
    items.push(item);
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!this.isBefore(item, items[parent])) break;
      items[at] = items[parent];
      at = parent;
    }
    items[at] = item;
  }
  shift() {
    const { items } = this;
    const least = items[0];
    const last = items.pop();
    if (items.length > 0) this.sink(last);
    return least;
  }
  /** Takes out what a condition holds for. */
  removeAll(condition) {
    const removed = this.items.filter(condition);
    const kept = this.items.filter((item) => !condition(item));
    this.items = [];
    for (const item of kept) this.push(item);
    return removed;
  }
  sink(item) {
    const { items } = this;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= items.length) break;
      if (child + 1 < items.length && this.isBefore(items[child + 1], items[child])) child += 1;
      if (!this.isBefore(items[child], item)) break;
      items[at] = items[child];
      at = child;
    }
    items[at] = item;
  }
}
