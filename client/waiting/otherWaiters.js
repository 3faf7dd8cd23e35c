import { EndedIndex } from "./endedIndex";
import { batchSize } from "./records";
/** Longest time between two looks at one index, in looks. */
const looksBetween = 5;
/** Indexes at most in one look, so that the calls per minute have a bound. */
const indexesPerLook = 10;
/** Waiters of other clients, whose jobs are waited for here too. */
export class OtherWaiters {
    table;
    others = new Map();
    constructor(table) {
        this.table = table;
    }
    /** Whether some of their indexes are followed. */
    get any() {
        for (const { index } of this.others.values())
            if (index !== undefined)
                return true;
        return false;
    }
    /** Whether the waiter's index tells of its ends. */
    follows(waiter) {
        return waiter !== undefined && this.others.get(waiter)?.index !== undefined;
    }
    /** One more handle. Reading a batch costs what a look at the index does: the index is for more handles than one batch has. */
    join(waiter) {
        const other = this.others.get(waiter) ?? { handles: 0, index: undefined, refused: false };
        this.others.set(waiter, other);
        other.handles++;
        if (other.handles > batchSize && !other.refused)
            other.index ??= new EndedIndex(this.table, waiter);
    }
    leave(waiter) {
        const other = this.others.get(waiter);
        if (other !== undefined && --other.handles === 0)
            this.others.delete(waiter);
    }
    /** Reads the index no more. */
    refuse(waiter) {
        const other = this.others.get(waiter);
        if (other !== undefined)
            Object.assign(other, { index: undefined, refused: true });
    }
    /** Indexes to look at now: few of them each time, many in turn. */
    next() {
        const followed = this.followed();
        const chosen = followed.slice(0, Math.min(indexesPerLook, Math.ceil(followed.length / looksBetween)));
        for (const { waiter } of chosen) {
            // Last in the order from now on.
            const other = this.others.get(waiter);
            this.others.delete(waiter);
            this.others.set(waiter, other);
        }
        return chosen;
    }
    followed() {
        return [...this.others].flatMap(([waiter, { index }]) => (index === undefined ? [] : [{ waiter, index }]));
    }
}
