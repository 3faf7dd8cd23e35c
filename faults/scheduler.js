import { seededRandom } from "../local/faults/random";
/**
 * The simulation's only source of time and order: one thing happens at a time, and then every promise settles before
 * the next. Which of several things comes first is drawn from the seed, so a seed repeats a run exactly.
 */
export class Scheduler {
    start;
    random;
    heap = [];
    time;
    constructor(seed, start) {
        this.start = start;
        this.random = seededRandom(seed);
        this.time = start;
    }
    /** Milliseconds since the epoch. */
    now() {
        return this.time;
    }
    /** Runs something later. */
    after(milliseconds, run) {
        const timer = { cancelled: false };
        const due = { at: this.time + Math.max(0, milliseconds), order: this.random.next(), run: () => !timer.cancelled && run() };
        this.heap.push(due);
        this.rise(this.heap.length - 1);
        return timer;
    }
    sleep(milliseconds) {
        return new Promise((resolve) => void this.after(milliseconds, resolve));
    }
    /** Lets everything happen until nothing is left, or `isOver` says so. */
    async run(isOver) {
        while (this.heap.length > 0 && !isOver()) {
            const due = this.take();
            this.time = Math.max(this.time, due.at);
            due.run();
            await settled();
        }
    }
    take() {
        const first = this.heap[0];
        const last = this.heap.pop();
        if (this.heap.length > 0) {
            this.heap[0] = last;
            this.sink(0);
        }
        return first;
    }
    rise(from) {
        for (let index = from; index > 0;) {
            const parent = (index - 1) >> 1;
            if (!this.isBefore(index, parent))
                return;
            this.swap(index, parent);
            index = parent;
        }
    }
    sink(from) {
        for (let index = from;;) {
            const left = 2 * index + 1;
            let least = index;
            if (left < this.heap.length && this.isBefore(left, least))
                least = left;
            if (left + 1 < this.heap.length && this.isBefore(left + 1, least))
                least = left + 1;
            if (least === index)
                return;
            this.swap(index, least);
            index = least;
        }
    }
    isBefore(one, other) {
        const [a, b] = [this.heap[one], this.heap[other]];
        return a.at < b.at || (a.at === b.at && a.order < b.order);
    }
    swap(one, other) {
        [this.heap[one], this.heap[other]] = [this.heap[other], this.heap[one]];
    }
}
/** Every promise that can settle has settled: microtasks end before the event loop goes on. */
function settled() {
    return new Promise((resolve) => setImmediate(resolve));
}
