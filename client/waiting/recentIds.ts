/** Remembers the ids that were added last, up to a bound: memory stays flat however many come. */
export class RecentIds {
  /** Oldest first. */
  private readonly ids = new Set<string>();

  constructor(private readonly most: number) {}

  get size(): number {
    return this.ids.size;
  }

  add(id: string): void {
    this.ids.delete(id);
    this.ids.add(id);
    if (this.ids.size <= this.most) return;
    const [oldest] = this.ids;
    this.ids.delete(oldest as string);
  }

  has(id: string): boolean {
    return this.ids.has(id);
  }
}
