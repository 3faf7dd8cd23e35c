import { expect } from "chai";
import { codedError } from "../../../core/records/errors";
import { lookAfter, lookAgain } from "../../../core/lifecycle/lookAfter";
import { suiteJobs, testPorts, testSettings } from "../../support/jobPorts";
import { openJob } from "../../../doubles/jobs";
const now = Date.parse("2026-01-25T22:46:00.000Z");
const ago = (seconds) => new Date(now - seconds * 1000).toISOString();
const object = { body: Buffer.from("{}"), contentType: "application/json" };
describe("a look at a job, at both sides of each bound,", () => {
    const jobs = suiteJobs();
    let count = 0;
    /** Looks at a job that is due, at a clock that stands at `now`, and tells what became of it. */
    async function look(changes, prepare = () => undefined, settings = {}) {
        const job = openJob({ jobId: `job-${++count}`, dueAt: ago(0), createdAt: ago(86_400), ...changes });
        await jobs.create(job);
        const ports = testPorts(jobs);
        ports.clock.now = () => now;
        prepare(ports, job.jobId);
        await lookAfter(ports, { ...testSettings, notificationsEnabled: true, ...settings }, job);
        const { state, error, dueAt, inferenceId } = (await jobs.get(job.jobId));
        const dueInSeconds = dueAt === undefined ? undefined : (Date.parse(dueAt) - now) / 1000;
        return { state, code: error?.code, dueInSeconds, inferenceId, invocations: ports.invocations.length };
    }
    it("is not made before it is due: a submitter may be at it", async () => {
        const result = (ports, jobId) => void ports.stored.set(`s3://service/output/1.${jobId}/result`, object);
        expect((await look({ dueAt: ago(0) }, result)).state).to.equal("COMPLETED");
        expect((await look({ dueAt: ago(-0.001) }, result)).state).to.equal("SUBMITTED");
        expect((await look({ dueAt: undefined }, result)).state).to.equal("SUBMITTED");
    });
    it("takes a result for an earlier job's when it is twelve hours older than the job: no clocks differ by more", async () => {
        const result = (modifiedAt) => (ports, jobId) => void ports.stored.set(`s3://service/output/1.${jobId}/result`, { ...object, modifiedAt });
        const oldest = now - (86_400 + 43_200) * 1000;
        expect((await look({}, result(oldest))).state).to.equal("COMPLETED");
        expect((await look({}, result(oldest - 1))).state).to.equal("SUBMITTED");
    });
    it("finds the newest attempt's result where it was asked for: the output prefix may be another one since", async () => {
        const expectedOutputLocation = "s3://service/texts/1/result";
        expect((await look({ expectedOutputLocation }, (ports) => void ports.stored.set(expectedOutputLocation, object))).state).to.equal("COMPLETED");
    });
    it("waits for an input below a prefix that was the inputs' before, and takes what is elsewhere as given", async () => {
        const accepted = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined, createdAt: ago(60) };
        const invocations = async (inputLocation, formerInputPrefixes) => (await look({ ...accepted, inputLocation }, undefined, { formerInputPrefixes })).invocations;
        expect(await invocations("s3://service/scans/job/request.json", ["scans/"])).to.equal(0);
        expect(await invocations("s3://service/scans/job/request.json", [])).to.equal(1);
    });
    it("finds the result of any of the ten newest attempts", async () => {
        const result = (attempt) => (ports, jobId) => void ports.stored.set(`s3://service/output/${attempt}.${jobId}/result`, object);
        const newest = { attempt: 12, maxAttempts: 20 };
        expect(await look(newest, result(3))).to.include({ state: "COMPLETED", inferenceId: `3.job-${count}` });
        expect((await look(newest, result(2))).state).to.equal("SUBMITTED");
    });
    it("takes the time at which a result was written for the job's end in the service", async () => {
        const written = (ports, jobId) => void ports.stored.set(`s3://service/output/1.${jobId}/result`, { ...object, modifiedAt: now - 7000 });
        await look({}, written);
        expect((await jobs.get(`job-${count}`))?.finishedAt).to.equal(ago(7));
    });
    it("does not fail on a failure location that can't be one: the job would be looked at in vain for ever", async () => {
        expect((await look({ failureLocation: "https://service/failure" })).state).to.equal("SUBMITTED");
    });
    it("gives an input an hour to come, and looks for it each five minutes", async () => {
        const accepted = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined };
        expect(await look({ ...accepted, createdAt: ago(3599) })).to.deep.include({ state: "ACCEPTED", dueInSeconds: 300 });
        expect(await look({ ...accepted, createdAt: ago(3600) })).to.deep.include({ state: "FAILED", code: "NOT_FOUND" });
    });
    it("calls an endpoint that refuses again for as long as the request could have waited there, and 20 minutes", async () => {
        const refused = { state: "INVOKING", refusal: codedError("THROTTLED", "busy"), requestTtlSeconds: 60 };
        expect(await look({ ...refused, invokingAt: ago(1259) })).to.deep.include({ state: "SUBMITTED", invocations: 1 });
        expect(await look({ ...refused, invokingAt: ago(1260) })).to.deep.include({ state: "EXPIRED", invocations: 0 });
    });
    it("runs a job again once the service can't end its attempt any more, 20 minutes after both of its limits", async () => {
        const limits = { requestTtlSeconds: 60, invocationTimeoutSeconds: 100, attempt: 1 };
        expect(await look({ ...limits, submittedAt: ago(1359) })).to.deep.include({ inferenceId: `1.job-${count}`, invocations: 0 });
        expect(await look({ ...limits, submittedAt: ago(1360) })).to.deep.include({ inferenceId: `2.job-${count}`, invocations: 1 });
    });
    it("ends a job of which nothing comes in words that say what it waited for", async () => {
        const gone = { requestTtlSeconds: 60, invocationTimeoutSeconds: 100, submittedAt: ago(2000) };
        const errorOf = async (changes) => {
            await look(changes);
            return (await jobs.get(`job-${count}`))?.error;
        };
        const waited = "within 60 seconds in the queue and 100 in the model";
        expect(await errorOf({ ...gone, onDoubt: "wait" })).to.deep.equal(codedError("IN_DOUBT", `Neither a result nor a failure came ${waited}: whether the model ran can't be known.`));
        expect(await errorOf({ ...gone, attempt: 3 })).to.deep.equal(codedError("EXPIRED", `Nothing came of the last of 3 attempts ${waited}.`));
        const refusal = codedError("CAPACITY", "no instance");
        expect(await errorOf({ state: "INVOKING", refusal, requestTtlSeconds: 60, invokingAt: ago(2000) })).to.deep.equal(codedError("EXPIRED", "The endpoint took no request for 60 seconds: no instance", { advice: refusal.advice }));
        const inputLocation = "s3://service/input/lost/request.json";
        expect(await errorOf({ state: "ACCEPTED", attempt: undefined, inferenceId: undefined, inputLocation })).to.deep.equal(codedError("NOT_FOUND", `The input never arrived at ${inputLocation}: the process that submitted the job was interrupted.`, {
            field: "input",
            advice: "Submit it again as a new job.",
        }));
    });
    it("comes back in five minutes to a call in doubt that must not be made again, not each minute", async () => {
        const calling = { state: "INVOKING", onDoubt: "wait", invokingAt: ago(120) };
        expect(await look(calling)).to.deep.include({ state: "INVOKING", dueInSeconds: 300, invocations: 0 });
    });
    it("comes back to an endpoint that refuses after as long as it has refused: after half a minute, ten minutes at most", async () => {
        const refusal = codedError("THROTTLED", "busy");
        const again = (seconds) => look({ state: "INVOKING", refusal, invokingAt: ago(seconds) }, (ports) => ports.outcomes.push({ kind: "refused", error: refusal }));
        for (const [refusedSeconds, dueInSeconds] of [
            [1, 30],
            [31, 31],
            [599, 599],
            [700, 600],
        ]) {
            expect(await again(refusedSeconds)).to.deep.include({ state: "INVOKING", dueInSeconds });
        }
    });
    describe("is put off only when the job is still as it was read:", () => {
        const later = new Date(now + 60_000).toISOString();
        const ended = { state: "FAILED", endedAt: ago(0), dueAt: ago(0) };
        const waiting = { state: "ACCEPTED", attempt: undefined, inferenceId: undefined, dueAt: ago(0) };
        for (const [what, asRead, since, dueAt] of [
            ["an end that could not be told is told later", ended, ended, later],
            ["an end that was told meanwhile is not due again", ended, { ...ended, announcedAt: ago(0), dueAt: undefined }, undefined],
            ["a job that ended meanwhile keeps the time of its event", { dueAt: ago(0) }, ended, ended.dueAt],
            ["a job that waits for its input does so", waiting, waiting, later],
            ["a job that was invoked meanwhile keeps the time of its caller", waiting, { state: "INVOKING", dueAt: ago(-120) }, ago(-120)],
            ["another attempt keeps its own time", { dueAt: ago(0) }, { attempt: 2, dueAt: ago(-120) }, ago(-120)],
        ]) {
            it(what, async () => {
                const jobId = `put-off-${++count}`;
                await jobs.create(openJob({ jobId, ...since }));
                await lookAgain({ jobs }, openJob({ jobId, ...asRead }), now + 60_000);
                expect((await jobs.get(jobId))?.dueAt).to.equal(dueAt);
            });
        }
    });
});
