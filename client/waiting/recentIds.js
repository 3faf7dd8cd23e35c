/** Remembers the ids that were added last, up to a bound: memory stays flat however many come. */
export class RecentIds {
    most;
    /** Oldest first. */
    ids = new Set();
    constructor(most) {
        this.most = most;
    }
    get size() {
        return this.ids.size;
    }
    add(id) {
        this.ids.delete(id);
        this.ids.add(id);
        if (this.ids.size <= this.most)
            return;
        const [oldest] = this.ids;
        this.ids.delete(oldest);
    }
    has(id) {
        return this.ids.has(id);
    }
}
