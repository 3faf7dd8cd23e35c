import { expect } from "chai";
import * as fc from "fast-check";
import { cancelJob } from "../../../core/lifecycle/cancel";
import { codedError, codedOf, noJob } from "../../../core/records/errors";
import { settle } from "../../../core/lifecycle/settle";
import { answerRequest } from "../../../core/lifecycle/submit";
import { violations } from "../../support/conforms";
import { intercepted, suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";
const never = Number.MAX_SAFE_INTEGER;
describe("a job that is cancelled", () => {
    const jobs = suiteJobs();
    let count = 0;
    const newId = () => `cancel-${++count}`;
    const get = async (jobId) => {
        const job = (await jobs.get(jobId));
        expect(violations("job", job)).to.deep.equal([]);
        return job;
    };
    const completed = (jobId) => ({
        kind: "completed",
        inferenceId: `1.${jobId}`,
        outputLocation: `s3://service/output/1.${jobId}/result`,
    });
    const refusal = codedError("THROTTLED", "busy");
    const accepted = (jobId) => {
        const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt, ...job } = openJob({ jobId });
        expect([attempt, inferenceId, callId, expectedOutputLocation, invokingAt, submittedAt]).to.not.contain(undefined);
        return { ...job, state: "ACCEPTED" };
    };
    const cases = [
        ["waits for its input", accepted, false, "Cancelled before it was invoked."],
        ["the service refuses for now", (jobId) => openJob({ jobId, state: "INVOKING", refusal }), false, "Cancelled before it was invoked."],
        [
            "is refused after an attempt whose answer was lost",
            (jobId) => openJob({ jobId, state: "INVOKING", attempt: 2, refusal }),
            true,
            "Cancelled after it was invoked.",
        ],
        ["is being invoked", (jobId) => openJob({ jobId, state: "INVOKING" }), true, "Cancelled after it was invoked."],
        ["was submitted", (jobId) => openJob({ jobId }), true, "Cancelled after it was invoked."],
    ];
    for (const [what, made, computeContinues, message] of cases) {
        it(`ends at once while it ${what}, and its owner learns ${computeContinues ? "that compute goes on" : "that nothing runs"}`, async () => {
            const jobId = newId();
            const ports = testPorts(jobs);
            await jobs.create(made(jobId));
            const cancelled = await cancelJob(ports, testSettings, jobId);
            const job = await get(jobId);
            expect(cancelled).to.deep.equal({ job, computeContinues });
            expect([job.state, job.error, job.computeContinues]).to.deep.equal(["CANCELLED", codedError("CANCELLED", message), computeContinues]);
            expect([job.dueAt, job.dueShard, job.refusal, typeof job.announcedAt]).to.deep.equal([undefined, undefined, undefined, "string"]);
            expect(ports.published.map((event) => event.job.state)).to.deep.equal(["CANCELLED"]);
            expect(ports.invocations).to.deep.equal([]);
        });
    }
    it("stays cancelled when its result comes later, and tells the same when it is cancelled again", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        await jobs.create(openJob({ jobId }));
        const first = await cancelJob(ports, testSettings, jobId);
        await settle(ports, testSettings, completed(jobId), never);
        expect(await cancelJob(ports, testSettings, jobId)).to.deep.equal(first);
        expect(ports.published.length).to.equal(1);
    });
    it("keeps the end that it had before", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        await jobs.create(openJob({ jobId }));
        await settle(ports, testSettings, completed(jobId), never);
        const { job, computeContinues } = await cancelJob(ports, testSettings, jobId);
        expect([job.state, computeContinues, ports.published.length]).to.deep.equal(["COMPLETED", false, 1]);
    });
    it("is announced by who cancels it again, when the one before died on the way", async () => {
        const jobId = newId();
        const ports = testPorts(jobs);
        await jobs.create(openJob({ jobId }));
        const dying = {
            ...ports,
            events: {
                publish: async () => {
                    throw new Error("interrupted");
                },
            },
        };
        await cancelJob(dying, testSettings, jobId).catch(() => undefined);
        const { job } = await cancelJob(ports, testSettings, jobId);
        expect([job.state, typeof job.announcedAt]).to.deep.equal(["CANCELLED", "string"]);
        expect(ports.published.map((event) => event.job.state)).to.deep.equal(["CANCELLED"]);
    });
    it("is told as running when another attempt was refused since it was read: what came of the first is unknown", async () => {
        const jobId = newId();
        const world = testPorts(jobs);
        await jobs.create(openJob({ jobId, state: "INVOKING", refusal }));
        let reads = 0;
        const ports = intercepted(world, async (name, call) => {
            const read = await call();
            if (name === "jobs.get" && ++reads === 1) {
                await jobs.change(jobId, { states: ["INVOKING"] }, { set: { attempt: 2, inferenceId: `2.${jobId}` } });
            }
            return read;
        });
        const { computeContinues } = await cancelJob(ports, testSettings, jobId);
        expect([computeContinues, (await get(jobId)).computeContinues]).to.deep.equal([true, true]);
    });
    it("that nobody knows is told by its id", async () => {
        const error = await cancelJob(testPorts(jobs), testSettings, "nobody").catch((reason) => reason);
        expect(codedOf(error)).to.deep.equal(noJob("nobody"));
    });
    it("is told as running exactly when it was invoked, whatever the order of cancelling and submitting", async () => {
        await fc.assert(fc.asyncProperty(fc.scheduler(), async (scheduler) => {
            const jobId = newId();
            const world = testPorts(jobs);
            await jobs.create({ ...accepted(jobId), inputHash: world.hash("1") });
            const ports = intercepted(world, async (name, call) => {
                await scheduler.schedule(Promise.resolve(), name);
                return call();
            });
            const [{ computeContinues }] = await scheduler.waitFor(Promise.all([cancelJob(ports, testSettings, jobId), answerRequest(ports, testSettings, { jobId, input: 1 }, never)]));
            expect([(await get(jobId)).state, computeContinues]).to.deep.equal(["CANCELLED", world.invocations.length > 0]);
            expect(new Set(world.published.map((event) => event.job.endedAt)).size).to.equal(1);
        }), { numRuns: 40 });
    });
});
