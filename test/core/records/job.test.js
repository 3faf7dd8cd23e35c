import { randomBytes } from "node:crypto";
import { expect } from "chai";
import * as fc from "fast-check";
import { countedAttempts, dueShardOf, inferenceIdOf, inputKeyOf, isJobId, isTerminal, jobIdPattern, jobStates, newJobId, readInferenceId, timingsOf, wasNeverAccepted, } from "../../../core/records/job";
import { dueShardCount } from "../../../core/records/table";
import { openJob } from "../../../doubles/jobs";
const jobIds = fc.stringMatching(new RegExp(jobIdPattern));
describe("a job id", () => {
    it("that is new can be one, and is later than those before it", () => {
        const times = [0, 1, 32, 1_700_000_000_000, 1_700_000_000_001, 2 ** 48 - 1];
        const ids = times.map((time) => newJobId(time, randomBytes(16)));
        expect(ids.map((id) => [id.length, isJobId(id)])).to.deep.equal(times.map(() => [26, true]));
        expect([...ids].sort()).to.deep.equal(ids);
    });
    it("is the ULID that others would write for the same time", () => {
        // The specification's own example of a time: https://github.com/ulid/spec
        expect(newJobId(1469918176385, new Uint8Array(16))).to.equal("01ARYZ6S410000000000000000");
    });
    for (const id of ["", ".a", "-a", "_a", "a/b", "a b", "ü", "a".repeat(61), "a\n", "#a"]) {
        it(`is not ${JSON.stringify(id)}`, () => {
            expect(isJobId(id)).to.equal(false);
        });
    }
    it("falls into each part of the due index about as often", () => {
        const counts = Array.from({ length: dueShardCount }, () => 0);
        for (let index = 0; index < 8000; index++) {
            const shard = dueShardOf(`order-${index}`);
            counts[shard] = (counts[shard] ?? 0) + 1;
        }
        expect(counts.filter((count) => count < 700 || count > 1300)).to.deep.equal([]);
    });
});
describe("an inference id", () => {
    it("names job and attempt, within the service's 64 characters", () => {
        fc.assert(fc.property(jobIds, fc.integer({ min: 1, max: 999 }), (jobId, attempt) => {
            const inferenceId = inferenceIdOf({ attempt, jobId });
            expect(readInferenceId(inferenceId)).to.deep.equal({ attempt, jobId });
            expect(Math.max(0, inferenceId.length - 64)).to.equal(0);
        }));
    });
    for (const id of ["", "order", "0.order", "01.order", "1000.order", "1.", "1.a/b", "1.a\n", "11111111-2222-3333-4444-555555555555"]) {
        it(`of somebody else, such as ${JSON.stringify(id)}, names no job`, () => {
            expect(readInferenceId(id)).to.equal(undefined);
        });
    }
});
describe("an input's key", () => {
    for (const [fileName, key] of [
        ["request.json", "input/j/request.json"],
        ["scans/2026/page 1.png", "input/j/page_1.png"],
        ["Größe.pdf", "input/j/Gr__e.pdf"],
        ["..", "input/j/input"],
        ["folder/", "input/j/input"],
        [`${"x".repeat(200)}.png`, `input/j/${"x".repeat(124)}.png`],
    ]) {
        it(`can be sent to the service: ${fileName.slice(0, 30)}`, () => {
            expect(inputKeyOf("input/", "j", fileName)).to.equal(key);
        });
    }
});
describe("a job's state", () => {
    it("is its end exactly when nothing comes after it", () => {
        expect(jobStates.filter(isTerminal)).to.deep.equal(["COMPLETED", "FAILED", "EXPIRED", "CANCELLED"]);
    });
});
describe("a job's timings", () => {
    it("say what is known", () => {
        const job = openJob({ jobId: "j" });
        expect(timingsOf(job)).to.deep.equal({ acceptedAt: job.createdAt });
        expect(timingsOf({ ...job, receivedAt: "r", finishedAt: "f", endedAt: "e" })).to.deep.equal({
            acceptedAt: job.createdAt,
            receivedAt: "r",
            finishedAt: "f",
            recordedAt: "e",
        });
    });
});
describe("a job's attempts", () => {
    it("count towards the bound but for those that the container refused", () => {
        expect(countedAttempts({})).to.equal(0);
        expect(countedAttempts({ attempt: 3 })).to.equal(3);
        expect(countedAttempts({ attempt: 3, containerRefusals: { count: 2, since: "s" } })).to.equal(1);
    });
    it("never reached the service when the job failed and the service knows of none", () => {
        expect(wasNeverAccepted({ state: "FAILED" })).to.equal(true);
        expect(wasNeverAccepted({ state: "EXPIRED" })).to.equal(false);
        expect(wasNeverAccepted({ state: "FAILED", submittedAt: "s" })).to.equal(false);
        expect(wasNeverAccepted({ state: "FAILED", finishedAt: "f" })).to.equal(false);
    });
});
