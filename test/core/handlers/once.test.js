import { expect } from "chai";
import * as fc from "fast-check";
import { codedError, codedOf } from "../../../core/records/errors";
import { effectInDoubt, effectKey, runOnce } from "../../../core/handlers/once";
import { startJobTable, testPorts } from "../../support/jobPorts";
describe("an effect that runs once", () => {
    let table;
    let count = 0;
    before(async () => {
        table = await startJobTable();
    });
    after(() => table.close());
    const newKey = () => effectKey("shop/prod/store", `ocr/job-${++count}/2026-01-25T22:46:09.000Z`, "charge");
    const outcome = (work) => work.then(() => "done", (error) => codedOf(error)?.code ?? String(error));
    /** Marks that die at the n-th call, before or after it takes effect. */
    function dying(at, when) {
        let calls = 0;
        const step = async (call) => {
            calls++;
            if (calls > at || (calls === at && when === "before"))
                throw new Error("crash");
            const result = await call();
            if (calls === at)
                throw new Error("crash");
            return result;
        };
        const { marks } = table.handlers;
        return {
            begin: (mark) => step(() => marks.begin(mark)),
            get: (key) => step(() => marks.get(key)),
            finish: (...finish) => step(() => marks.finish(...finish)),
            forget: (...forget) => step(() => marks.forget(...forget)),
        };
    }
    for (const when of ["before", "after"]) {
        it(`is never repeated, and is done or in doubt after a crash ${when} any step`, async () => {
            for (let at = 1; at <= 2; at++) {
                const key = newKey();
                const ports = testPorts(table.jobs);
                let ran = 0;
                const until = ports.clock.now() + 60_000;
                await outcome(runOnce({ ...ports, marks: dying(at, when) }, key, until, () => void ran++));
                ports.pass(120);
                const retried = await outcome(runOnce({ ...ports, ...table.handlers }, key, ports.clock.now() + 60_000, () => void ran++));
                expect(ran).to.be.at.most(1);
                // Begun before it could run, or run before it was marked as done: nobody can tell these two apart.
                const known = (at === 1 && when === "before") || (at === 2 && when === "after");
                expect([at, when, retried]).to.deep.equal([at, when, known ? "done" : "IN_DOUBT"]);
            }
        });
    }
    it("runs once although many deliveries come at the same time, and each knows that it is done", async () => {
        await fc.assert(fc.asyncProperty(fc.scheduler(), fc.integer({ min: 2, max: 4 }), async (scheduler, runs) => {
            const key = newKey();
            const ports = testPorts(table.jobs);
            let ran = 0;
            const effect = async () => {
                await scheduler.schedule(Promise.resolve(), "effect");
                ran++;
            };
            const until = ports.clock.now() + 3_600_000;
            const ends = await scheduler.waitFor(Promise.all(Array.from({ length: runs }, () => outcome(runOnce({ ...ports, ...table.handlers }, key, until, effect)))));
            expect([ran, ...new Set(ends)]).to.deep.equal([1, "done"]);
        }), { numRuns: 20 });
    });
    it("leaves a delivery that can't wait for another one's effect to Lambda's next try", async () => {
        const key = newKey();
        const ports = testPorts(table.jobs);
        const now = ports.clock.now();
        await table.handlers.marks.begin({ jobId: key, schemaVersion: 1, owner: "other", until: now + 900_000, expiresAt: 1 });
        expect(await outcome(runOnce({ ...ports, ...table.handlers }, key, now + 5000, () => undefined))).to.equal("UNAVAILABLE");
    });
    it("is marked for longer than any dead letter is kept, and as done when it was", async () => {
        const key = newKey();
        const ports = testPorts(table.jobs);
        const now = Date.parse("2026-01-25T22:46:00.999Z");
        ports.clock.now = () => now;
        await runOnce({ ...ports, ...table.handlers }, key, now + 60_000, () => undefined);
        const { owner, ...mark } = (await table.handlers.marks.get(key)) ?? { owner: "" };
        expect(mark).to.deep.equal({
            jobId: key,
            schemaVersion: 1,
            until: now + 60_000,
            expiresAt: Math.floor(now / 1000) + 30 * 86_400,
            doneAt: "2026-01-25T22:46:00.999Z",
        });
        expect(owner).to.have.lengthOf(16);
    });
    it("waits for another's a second at a time, and begins no wait that it could not end", async () => {
        const until = 900_000;
        for (const [left, pauses] of [
            [1000, []],
            [1001, [1000]],
            [3500, [1000, 1000, 1000]],
        ]) {
            const key = newKey();
            const ports = testPorts(table.jobs);
            const slept = [];
            let now = 0;
            ports.clock = { now: () => now, sleep: (milliseconds) => (slept.push(milliseconds), (now += milliseconds), Promise.resolve()) };
            await table.handlers.marks.begin({ jobId: key, schemaVersion: 1, owner: "other", until, expiresAt: 1 });
            expect(await outcome(runOnce({ ...ports, ...table.handlers }, key, left, () => undefined))).to.equal("UNAVAILABLE");
            expect(slept).to.deep.equal(pauses);
        }
    });
    it("is run again by one alone of two deliveries whose letters are put back together", async () => {
        const key = newKey();
        const ports = testPorts(table.jobs);
        const run = (effect) => runOnce({ ...ports, ...table.handlers }, key, ports.clock.now() + 60_000, effect);
        const failed = () => {
            throw new Error("crash");
        };
        const interrupted = await run(failed).catch((error) => effectInDoubt(`IN_DOUBT: ${codedOf(error)?.message}`));
        if (!interrupted)
            throw new Error("not in doubt");
        let ran = 0;
        const again = async () => {
            await table.handlers.marks.forget(interrupted.key, interrupted.owner);
            await run(() => void ran++);
        };
        await again();
        await again();
        expect(ran).to.equal(1);
    });
    it("is begun anew by a delivery that waited for a run whose mark was dropped", async () => {
        const key = newKey();
        const ports = testPorts(table.jobs);
        const { marks } = table.handlers;
        const now = ports.clock.now();
        await marks.begin({ jobId: key, schemaVersion: 1, owner: "other", until: now + 900_000, expiresAt: 1 });
        let [looks, ran] = [0, 0];
        const get = async (looked) => {
            if (++looks === 3)
                await marks.forget(looked, "other");
            return marks.get(looked);
        };
        await runOnce({ ...ports, marks: { ...marks, get } }, key, now + 3_600_000, () => void ran++);
        expect([ran, typeof (await marks.get(key))?.doneAt]).to.deep.equal([1, "string"]);
    });
    it("goes on when its mark was written although the answer was lost", async () => {
        const ports = testPorts(table.jobs);
        const { marks } = table.handlers;
        let ran = 0;
        const begin = async (mark) => (await marks.begin(mark)) && marks.begin(mark);
        expect(await outcome(runOnce({ ...ports, marks: { ...marks, begin } }, newKey(), ports.clock.now() + 1000, () => void ran++))).to.equal("done");
        expect(ran).to.equal(1);
    });
    for (const text of ["", "THROTTLED: busy", "IN_DOUBT: Effect #once/a was interrupted", "Effect #once/a was interrupted in run b"]) {
        it(`is not put in doubt by an error that says nothing of it: "${text}"`, () => {
            expect(effectInDoubt(text)).to.equal(undefined);
        });
    }
    it("says what is in doubt, of which run, and what to do, in words that a redrive reads back", async () => {
        const [key, ports] = [newKey(), testPorts(table.jobs)];
        const error = await runOnce({ ...ports, ...table.handlers }, key, ports.clock.now() + 1000, () => Promise.reject(new Error("no"))).catch((thrown) => thrown);
        const { owner } = (await table.handlers.marks.get(key)) ?? {};
        expect(effectInDoubt(error.message)).to.deep.equal({ key, owner });
        expect(codedOf(error)).to.deep.equal(codedError("IN_DOUBT", `Effect ${key} was interrupted in run ${owner}: whether it happened can't be known.`, {
            advice: "Look whether it happened, and say so when you redrive its dead letter.",
        }));
    });
});
