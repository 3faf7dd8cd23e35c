import { expect } from "chai";
import { submitMany } from "../../client/submitMany";
import { errorOf } from "./support";
/** Jobs whose ends a test decides. */
class Runs {
    started = [];
    aborted = [];
    open = new Set();
    ends = new Map();
    run = (input, _index, signal) => {
        this.started.push(input);
        return new Promise((resolve, reject) => {
            signal.addEventListener("abort", () => {
                if (this.open.has(input))
                    this.aborted.push(input);
                reject(signal.reason);
            });
            const result = { success: true, data: input, jobId: `job-${input}`, inferenceId: "", timings: {} };
            this.ends.set(input, (error) => (error ? reject(error) : resolve(result)));
            this.open.add(input);
        });
    };
    /** Ends a job, once it has started. */
    async end(input, error) {
        while (!this.ends.has(input))
            await turn();
        this.open.delete(input);
        this.ends.get(input)?.(error);
    }
}
const turn = () => new Promise((resolve) => setImmediate(resolve));
describe("submitMany", () => {
    let runs;
    let read;
    let closed;
    beforeEach(() => {
        runs = new Runs();
        read = [];
        closed = false;
    });
    async function* inputs(count) {
        try {
            for (let input = 0; input < count; input++) {
                read.push(input);
                yield input;
            }
        }
        finally {
            closed = true;
        }
    }
    const start = (count, concurrency, signal) => submitMany(inputs(count), { concurrency, signal, run: runs.run });
    it("yields results as they finish, each with its input's place", async () => {
        const results = start(3, 3);
        const first = results.next();
        await runs.end(2);
        const value = (await first).value;
        await runs.end(0);
        await runs.end(1);
        const rest = [await results.next(), await results.next(), await results.next()];
        expect(value).to.include({ index: 2, data: 2, success: true });
        expect(rest.map(({ done, value: next }) => (done ? "done" : next.index))).to.deep.equal([0, 1, "done"]);
    });
    it("reads no more input than is open, and the next only once a result was taken", async () => {
        const results = start(100, 2);
        const first = results.next();
        await runs.end(0);
        await first;
        for (let turns = 0; turns < 10; turns++)
            await turn();
        const before = [...read];
        await runs.end(1);
        await results.next();
        const third = results.next();
        await runs.end(2);
        await third;
        await results.return(undefined);
        expect(before).to.deep.equal([0, 1]);
        expect(read.length).to.be.at.most(4);
    });
    it("yields what one input failed with, and goes on", async () => {
        const results = start(2, 2);
        const first = results.next();
        await runs.end(0, new Error("broken"));
        await runs.end(1);
        const failed = (await first).value;
        expect([failed.success, failed.error?.code, failed.error?.message]).to.deep.equal([false, "INTERNAL", "Error: broken"]);
        expect((await results.next()).value).to.include({ success: true, data: 1 });
        expect((await results.next()).done).to.equal(true);
    });
    it("stops submitting, ends the waits and closes the input when its caller leaves early", async () => {
        const many = start(100, 4);
        void runs.end(0);
        for await (const result of many) {
            expect(result.index).to.equal(0);
            break;
        }
        await turn();
        expect([runs.aborted, closed]).to.deep.equal([[1, 2, 3], true]);
        expect(runs.started.length).to.equal(4);
    });
    it("ends with ABORTED when it is aborted, even while the input stalls", async () => {
        const abort = new AbortController();
        const stalled = { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => undefined) }) };
        const next = submitMany(stalled, { concurrency: 2, signal: abort.signal, run: runs.run }).next();
        abort.abort();
        expect((await errorOf(next)).code).to.equal("ABORTED");
    });
    it("yields the results of what was read before the input failed, and then its error", async () => {
        async function* failing() {
            yield 7;
            throw new RangeError("no more pages");
        }
        const results = submitMany(failing(), { concurrency: 3, signal: undefined, run: runs.run });
        const first = results.next();
        await runs.end(7);
        expect((await first).value).to.include({ data: 7 });
        const error = await results.next().catch((thrown) => thrown);
        expect(error).to.be.instanceOf(RangeError).and.have.property("message", "no more pages");
    });
    it("takes any iterable, and none at all", async () => {
        const empty = await submitMany([], { concurrency: 1, signal: undefined, run: runs.run }).next();
        expect(empty.done).to.equal(true);
    });
});
