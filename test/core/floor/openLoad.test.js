import { expect } from "chai";
import { openLoad } from "../../../core/floor/openLoad";
import { openJob } from "../../../doubles/jobs";
const now = Date.UTC(2026, 0, 5, 12);
const ago = (seconds) => new Date(now - seconds * 1000).toISOString();
/** The load, where `open` jobs of ten hours ago were counted, of which one is in the first shard. */
function load(open, { countedAt = ago(0), held = 0, backlog = false, entry = {} } = {}) {
    const job = openJob({ jobId: "in-doubt", createdAt: ago(36_000), submittedAt: ago(36_000) });
    const count = { jobId: "#count", open, states: { ACCEPTED: held, INVOKING: 0, SUBMITTED: open - held }, countedAt };
    const records = { "#count": count, [job.jobId]: job };
    const entries = [{ jobId: job.jobId, state: job.state, createdAt: job.createdAt, ...entry }];
    return openLoad({
        jobs: { get: (jobId) => Promise.resolve(records[jobId]) },
        clock: { now: () => now },
        due: { page: (shard) => Promise.resolve({ entries: shard === 0 ? entries : [] }) },
        hadBacklog: () => Promise.resolve(backlog),
    });
}
describe("the load that instances stay for", () => {
    it("is not known when nobody has counted for more than five minutes: nothing is taken away", async () => {
        expect(await load(1, { countedAt: ago(300.001), backlog: true })).to.equal(undefined);
        expect(await load(1, { countedAt: ago(300), backlog: true })).to.deep.equal({ running: 1, held: 0, countedAt: now - 300_000 });
    });
    it("is what is open, apart from what is held", async () => {
        expect(await load(3, { held: 2 })).to.deep.equal({ running: 1, held: 2, countedAt: now });
        expect(await load(0, { backlog: true })).to.deep.equal({ running: 0, held: 0, countedAt: now });
    });
    it("is nothing when all are in doubt and none can run any more: nobody pays for them for ever", async () => {
        expect(await load(1)).to.deep.equal({ running: 0, held: 0, countedAt: now });
    });
    it("is all of them when one is young, whichever is not known, or there are more than are looked at", async () => {
        const all = (open) => ({ running: open, held: 0, countedAt: now });
        expect(await load(1, { entry: { createdAt: ago(60) } })).to.deep.equal(all(1));
        expect(await load(2)).to.deep.equal(all(2));
        expect(await load(51)).to.deep.equal(all(51));
    });
    it("does not take an ended job that is yet to be told of for an open one", async () => {
        const ended = { state: "COMPLETED", createdAt: ago(60) };
        // The one that is counted is in no page: it may be young.
        expect(await load(1, { entry: ended })).to.deep.equal({ running: 1, held: 0, countedAt: now });
        expect(await load(0, { entry: ended })).to.deep.equal({ running: 0, held: 0, countedAt: now });
    });
    it("is not known before the first count", async () => {
        expect(await openLoad({ jobs: { get: () => Promise.resolve(undefined) }, clock: { now: () => now } })).to.equal(undefined);
    });
    it("is looked up one by one for fifty jobs, and for none or more not at all: the floor function has a minute", async () => {
        for (const [open, pages] of [
            [0, []],
            [50, Array.from({ length: 8 }, (_, shard) => [shard, { limit: 100 }])],
            [51, []],
        ]) {
            const asked = [];
            const jobs = Array.from({ length: open }, (_, index) => openJob({ jobId: `job-${index}`, createdAt: ago(36_000), submittedAt: ago(36_000) }));
            const count = { open, states: { ACCEPTED: 0, INVOKING: 0, SUBMITTED: open }, countedAt: ago(0) };
            const ended = { jobId: "ended", state: "COMPLETED", createdAt: ago(0) };
            const found = await openLoad({
                jobs: { get: (jobId) => Promise.resolve(jobId === "#count" ? count : jobs.find((job) => job.jobId === jobId)) },
                clock: { now: () => now },
                due: {
                    page: (...page) => (asked.push(page), Promise.resolve({ entries: page[0] === 0 ? [...jobs, ended] : [] })),
                },
                hadBacklog: () => Promise.resolve(false),
            });
            expect([asked, found]).to.deep.equal([pages, { running: open === 50 ? 0 : open, held: 0, countedAt: now }]);
        }
    });
});
