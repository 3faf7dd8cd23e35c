import { expect } from "chai";
import { mayRun } from "../../../core/floor/running";
import { openJob } from "../../../doubles/jobs";
const now = Date.UTC(2026, 0, 5, 12);
const ago = (minutes) => new Date(now - minutes * 60_000).toISOString();
/** Asks about jobs of which all are known. */
async function ask(jobs, hadBacklog = false, open = jobs.length) {
    const records = jobs.map((job, index) => openJob({ jobId: `job-${index}`, createdAt: ago(600), submittedAt: ago(600), ...job }));
    const entries = records.map(({ jobId, state, createdAt }) => ({ jobId, state, createdAt }));
    const ports = {
        jobs: { get: (jobId) => Promise.resolve(records.find((record) => record.jobId === jobId)) },
        hadBacklog: (seconds) => Promise.resolve(hadBacklog && seconds === 3900),
    };
    return mayRun(ports, entries, open, now);
}
describe("jobs in doubt", () => {
    it("hold instances no longer than an invocation can take with nothing waiting: nobody would pay for them for ever", async () => {
        expect(await ask([{}, {}])).to.equal(false);
        expect(await ask([])).to.equal(false);
        expect(await ask([], true)).to.equal(false);
    });
    it("do not hold them when their records are gone by the time that they are looked up", async () => {
        const ports = { jobs: { get: () => Promise.resolve(undefined) }, hadBacklog: () => Promise.resolve(false) };
        expect(await mayRun(ports, [{ jobId: "gone", state: "SUBMITTED", createdAt: ago(600) }], 1, now)).to.equal(false);
    });
    it("hold them while requests wait, or that isn't known: one may have begun to run just now", async () => {
        expect(await ask([{}], true)).to.equal(true);
    });
    it("hold them when any is young, has a young attempt or none yet, or there are more than can be looked up", async () => {
        expect(await ask([{}, { createdAt: ago(60) }])).to.equal(true);
        expect(await ask([{}, { submittedAt: ago(60) }])).to.equal(true);
        const { submittedAt: _, invokingAt: __, ...accepted } = openJob({ jobId: "job-0", createdAt: ago(600) });
        // An invocation may run for an hour, and clocks differ by some minutes.
        expect(await ask([{ createdAt: ago(65 - 1 / 60_000) }])).to.equal(true);
        expect(await ask([{ createdAt: ago(65), submittedAt: ago(65 - 1 / 60_000) }])).to.equal(true);
        expect(await ask([{ createdAt: ago(65), submittedAt: ago(65) }])).to.equal(false);
        expect(await ask([{ submittedAt: undefined, invokingAt: ago(65) }])).to.equal(false);
        expect(await ask([{ ...accepted, submittedAt: undefined, invokingAt: undefined }])).to.equal(true);
        expect(await ask([{}], false, 2)).to.equal(true);
    });
});
