import { expect } from "chai";
import { handleJob } from "../../../core/handlers/runHandler";
import { codedError, thrown } from "../../../core/records/errors";
import { openJob } from "../../../doubles/jobs";
describe("a user's handler at work on a job", () => {
    const job = openJob({ jobId: "order-1", state: "COMPLETED" });
    const denied = Object.assign(new Error("no"), { name: "AccessDeniedException" });
    async function handle(run, failing = {}, broken = false) {
        const calls = [];
        const call = (...what) => {
            calls.push(what);
            return broken ? Promise.reject(denied) : Promise.resolve();
        };
        const records = {
            failures: (jobId) => call("failures", jobId).then(() => failing),
            failed: (...args) => call("failed", ...args),
            recovered: (...args) => call("recovered", ...args),
        };
        const clock = { now: () => 0, sleep: () => Promise.resolve() };
        const ended = await handleJob({ records, clock, log: (line) => calls.push(line) }, "store", job, run).then(() => "done", (error) => error);
        return { ended, calls };
    }
    const failure = { error: "no disk", at: "2026-01-25T22:46:09.000Z", count: 1 };
    it("costs one read when it gets through, and writes nothing where it never failed", async () => {
        const written = { ended: "done", calls: [["failures", "order-1"]] };
        expect(await handle(() => "ok")).to.deep.equal(written);
        expect(await handle(() => "ok", { other: failure })).to.deep.equal(written);
        expect(await handle(() => "ok", undefined)).to.deep.equal(written);
    });
    it("no longer shows as failing once it gets through", async () => {
        expect((await handle(() => Promise.resolve(), { store: failure })).calls).to.deep.equal([
            ["failures", "order-1"],
            ["recovered", job, "store"],
        ]);
    });
    it("shows in the job's record why it failed, in so many words, and is tried again", async () => {
        const error = thrown(codedError("THROTTLED", "x".repeat(2000)));
        expect(await handle(() => Promise.reject(error))).to.deep.equal({
            ended: error,
            calls: [
                { level: "error", message: "handler failed", jobId: "order-1", handler: "store", code: "THROTTLED" },
                ["failed", job, "store", { error: `THROTTLED: ${"x".repeat(489)}`, at: "1970-01-01T00:00:00.000Z" }],
            ],
        });
    });
    it("may throw what is no error", async () => {
        const { ended, calls } = await handle(() => {
            throw "no disk";
        });
        expect([ended, calls]).to.deep.equal([
            "no disk",
            [
                { level: "error", message: "handler failed", jobId: "order-1", handler: "store", code: undefined },
                ["failed", job, "store", { error: "no disk", at: "1970-01-01T00:00:00.000Z" }],
            ],
        ]);
    });
    it("succeeds or fails by itself, also when the record can't be written", async () => {
        const unrecorded = { level: "warn", message: "handler's outcome not recorded", jobId: "order-1", reason: "AccessDeniedException" };
        const [done, failed] = [await handle(() => "ok", {}, true), await handle(() => Promise.reject(new Error("no disk")), {}, true)];
        expect([done.ended, done.calls.at(-1)]).to.deep.equal(["done", unrecorded]);
        expect([String(failed.ended), failed.calls.at(-1)]).to.deep.equal(["Error: no disk", unrecorded]);
    });
});
