import { expect } from "chai";
import { lookAfter } from "../../../core/lifecycle/lookAfter";
import { settle } from "../../../core/lifecycle/settle";
import { violations } from "../../support/conforms";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";
const start = Date.parse("2026-01-25T22:46:00.000Z");
const busy = "ClientError: Received server error (503) from model. See the log.";
const answer = JSON.stringify({ code: 503, type: "WlmCapacityException", message: "Worker queue capacity exceeded for model: m" });
const tooSlow = JSON.stringify({ code: 503, type: "TranslateException", message: "java.util.concurrent.TimeoutException" });
describe("a job that the container refuses without running the model", () => {
    const jobs = suiteJobs();
    let count = 0;
    let now;
    let ports;
    beforeEach(() => {
        now = start;
        ports = testPorts(jobs);
        ports.clock.now = () => now;
    });
    const get = async (jobId) => {
        const job = (await jobs.get(jobId));
        expect(violations("job", job)).to.deep.equal([]);
        return job;
    };
    const accepted = async (changes = {}) => {
        const jobId = `job-${++count}`;
        await jobs.create(openJob({ jobId, attempt: 1, failureLocation: `s3://service/failure/${jobId}`, ...changes }));
        return jobId;
    };
    const fails = async (jobId, attempt, reason = busy, said = answer) => {
        const failureLocation = `s3://service/failure/${attempt}.${jobId}`;
        await ports.objects.put(failureLocation, Buffer.from(said), "application/json");
        await settle(ports, testSettings, { kind: "failed", inferenceId: `${attempt}.${jobId}`, reason, failureLocation }, Infinity);
        return get(jobId);
    };
    /** What the sweeper does once the job is due. */
    const due = async (jobId) => {
        const job = await get(jobId);
        now = Date.parse(job.dueAt);
        await lookAfter(ports, testSettings, job);
        return get(jobId);
    };
    for (const onDoubt of ["rerun", "wait"]) {
        it(`gets as many attempts as it needs, each after a longer pause, and loses none of its own (onDoubt: ${onDoubt})`, async () => {
            const jobId = await accepted({ onDoubt, maxAttempts: 1 });
            const pauses = [];
            for (let attempt = 1; attempt <= 8; attempt++) {
                const refused = await fails(jobId, attempt);
                expect([refused.state, refused.attempt, refused.refusal?.code]).to.deep.equal(["INVOKING", attempt + 1, "THROTTLED"]);
                pauses.push((Date.parse(refused.dueAt) - now) / 1000);
                const sent = await due(jobId);
                expect([sent.state, sent.inferenceId, sent.refusal]).to.deep.equal(["SUBMITTED", `${attempt + 1}.${jobId}`, undefined]);
            }
            expect(pauses).to.deep.equal([30, 30, 60, 120, 240, 480, 600, 600]);
            expect((await get(jobId)).containerRefusals).to.deep.equal({ count: 8, since: new Date(start).toISOString() });
            const outputLocation = `s3://service/output/9.${jobId}/result`;
            await settle(ports, testSettings, { kind: "completed", inferenceId: `9.${jobId}`, outputLocation }, Infinity);
            expect((await get(jobId)).state).to.equal("COMPLETED");
        });
    }
    it("ends with what the container said once that has refused it for requestTtlSeconds", async () => {
        const jobId = await accepted({ requestTtlSeconds: 60 });
        await fails(jobId, 1);
        now = start + 59_999;
        expect((await fails(jobId, 2)).state).to.equal("INVOKING");
        now = start + 60_000;
        const { state, error } = await fails(jobId, 3);
        expect([state, error?.code]).to.deep.equal(["FAILED", "THROTTLED"]);
        expect(error?.message).to.equal(`The container refused the job for 60 seconds: ${busy}`);
        expect(error?.advice).to.contain("SERVING_JOB_QUEUE_SIZE");
    });
    it("keeps its attempts in doubt: what the container refused is not counted among them", async () => {
        const jobId = await accepted({ maxAttempts: 2 });
        await fails(jobId, 1);
        await due(jobId);
        const killed = (attempt) => fails(jobId, attempt, "InternalServerException");
        expect([(await killed(2)).state, (await killed(3)).state]).to.deep.equal(["SUBMITTED", "FAILED"]);
    });
    it("is sent once however often the refusal is told", async () => {
        const jobId = await accepted();
        await Promise.all([fails(jobId, 1), fails(jobId, 1)]);
        expect((await get(jobId)).attempt).to.equal(2);
        expect((await due(jobId)).state).to.equal("SUBMITTED");
        expect(ports.invocations.map(({ inferenceId }) => inferenceId)).to.deep.equal([`2.${jobId}`]);
    });
    it("is never run again for a 503 by which the server gave up the model's work", async () => {
        const jobId = await accepted();
        const { state, error } = await fails(jobId, 1, busy, tooSlow);
        expect([state, error?.code, ports.invocations]).to.deep.equal(["FAILED", "TIMEOUT", []]);
    });
    it("is known by the failure object too, when the notification is lost", async () => {
        const jobId = await accepted();
        await ports.objects.put(`s3://service/failure/${jobId}`, Buffer.from(answer), "application/json");
        const { state, attempt, refusal } = await due(jobId);
        expect([state, attempt, refusal?.code]).to.deep.equal(["INVOKING", 2, "THROTTLED"]);
    });
    it("is decided later when the container's answer can't be read now: the model may have run", async () => {
        const jobId = await accepted();
        ports.objects.head = () => Promise.reject(new Error("SlowDown"));
        const settling = settle(ports, testSettings, { kind: "failed", inferenceId: `1.${jobId}`, reason: busy }, Infinity);
        expect(await settling.catch(({ message }) => message)).to.equal("SlowDown");
        expect((await get(jobId)).state).to.equal("SUBMITTED");
    });
});
