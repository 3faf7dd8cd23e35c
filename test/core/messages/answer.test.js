import { expect } from "chai";
import { answerOfError, answerWithBody, maxBodyBytes, waitForEnd } from "../../../core/messages/answer";
import { codedError, errorCodes } from "../../../core/records/errors";
import { openJob } from "../../../doubles/jobs";
const outputLocation = "s3://service/output/1.done/result";
const done = openJob({ jobId: "done", state: "COMPLETED", outputLocation });
/** Objects of which one is there. */
function objectsWith(body, contentType = "text/plain") {
    let reads = 0;
    const object = body === undefined ? undefined : { body: Buffer.from(body), contentType };
    const objects = {
        head: () => Promise.resolve(object && { bytes: object.body.byteLength, eTag: "e" }),
        get: () => (reads++, Promise.resolve(object)),
    };
    return { objects, reads: () => reads };
}
describe("an answer", () => {
    it("has the status of what a caller can do about it", () => {
        const statusOf = Object.fromEntries(errorCodes.map((code) => [code, answerOfError(codedError(code, "m")).statusCode]));
        const others = Object.entries(statusOf).filter(([, status]) => status !== 400);
        expect(Object.fromEntries(others)).to.deep.equal({
            ACCESS_DENIED: 403,
            CONFLICT: 409,
            THROTTLED: 429,
            LIMIT: 429,
            UNAVAILABLE: 503,
            CAPACITY: 503,
        });
    });
    const inferenceId = "1.order";
    const error = codedError("MODEL_ERROR", "too dark");
    const refusal = codedError("THROTTLED", "busy");
    const locations = { outputLocation: "s3://service/out", failureLocation: "s3://service/error" };
    const untouched = openJob({ jobId: "order", state: "ACCEPTED", inferenceId: undefined });
    const denied = codedError("ACCESS_DENIED", "no");
    for (const [what, job, answer] of [
        ["is accepted", untouched, { statusCode: 202 }],
        ["is submitted", openJob({ jobId: "order", ...locations }), { statusCode: 202, inferenceId, ...locations }],
        ["is refused for now", openJob({ jobId: "order", state: "INVOKING", refusal }), { statusCode: 429, inferenceId, error: refusal }],
        [
            "failed in the model",
            openJob({ jobId: "order", ...locations, submittedAt: "2026-01-25T22:46:00.000Z", state: "FAILED", error }),
            { statusCode: 200, inferenceId, ...locations, error },
        ],
        [
            "failed in the model although the answer to its call was lost",
            openJob({ jobId: "order", state: "FAILED", finishedAt: "2026-01-25T22:46:00.000Z", error }),
            { statusCode: 200, inferenceId, error },
        ],
        ["was never taken", openJob({ jobId: "order", state: "FAILED", error: denied }), { statusCode: 403, inferenceId, error: denied }],
        ["was cancelled", openJob({ jobId: "order", state: "CANCELLED", error }), { statusCode: 200, inferenceId, error }],
    ]) {
        it(`tells of a job that ${what} all that is known, and nothing that isn't`, async () => {
            const told = await answerWithBody(objectsWith("").objects, job);
            expect(told).to.deep.equal({ jobId: "order", state: job.state, ...answer });
            expect(Object.values(told)).to.not.include(undefined);
        });
    }
    it("gives what a result is with it: parsed, as text, or in Base64", async () => {
        const { body, contentType } = await answerWithBody(objectsWith("[1]", "application/json").objects, done);
        const bytes = await answerWithBody(objectsWith("[1]", "image/png").objects, done);
        const source = objectsWith("[1]").objects;
        const unnamed = { ...source, get: async (at) => ({ ...(await source.get(at)), contentType: undefined }) };
        const recorded = await answerWithBody(unnamed, { ...done, outputContentType: "application/json" });
        expect([body, contentType, bytes.bodyBase64, "body" in bytes]).to.deep.equal([[1], "application/json", "WzFd", false]);
        expect([recorded.body, recorded.contentType]).to.deep.equal([[1], "application/json"]);
    });
    it("keeps the digits of whole numbers that JavaScript can't hold: in Base64, as the model wrote them", async () => {
        const json = '{"id":12345678901234567890}';
        const told = await answerWithBody(objectsWith(json, "application/json").objects, done);
        expect([told.contentType, "body" in told]).to.deep.equal(["application/json", false]);
        expect(Buffer.from(told.bodyBase64 ?? "", "base64").toString()).to.equal(json);
    });
    it("does not ask for a size that the record knows", async () => {
        const huge = objectsWith("x");
        const { bodyOmitted } = await answerWithBody(huge.objects, { ...done, outputBytes: maxBodyBytes + 1 });
        expect([typeof bodyOmitted, huge.reads()]).to.deep.equal(["string", 0]);
    });
    it("holds a result of as many bytes as fit with the rest of it, and reads none that can't", async () => {
        const empty = JSON.stringify(await answerWithBody(objectsWith("").objects, done)).length;
        const fits = objectsWith("x".repeat(maxBodyBytes - empty));
        const short = await answerWithBody(fits.objects, done);
        const long = await answerWithBody(objectsWith("x".repeat(maxBodyBytes - empty + 1)).objects, done);
        const huge = objectsWith("x".repeat(maxBodyBytes + 1));
        const { bodyOmitted } = await answerWithBody(huge.objects, done);
        expect([JSON.stringify(short).length, "body" in long, huge.reads()]).to.deep.equal([maxBodyBytes, false, 0]);
        expect([long.bodyOmitted, bodyOmitted]).to.deep.equal([maxBodyBytes - empty + 1, maxBodyBytes + 1].map((bytes) => `The result has ${bytes} bytes, and an answer at most 6000000: read it from outputLocation.`));
    });
    it("says that a result is gone, and what to do", async () => {
        const { statusCode, error } = await answerWithBody(objectsWith(undefined).objects, done);
        expect([statusCode, error]).to.deep.equal([
            200,
            codedError("NOT_FOUND", `The result of job done is no longer at ${outputLocation}.`, {
                advice: "Keep outputs for longer, or read them sooner.",
            }),
        ]);
    });
});
describe("a wait for the end", () => {
    /** Waits for a job that ends after some milliseconds; the reads' times, and whether its end was seen. */
    async function wait(endsAfter, untilAfter, record = done) {
        let now = 0;
        const reads = [];
        const open = openJob({ jobId: "done" });
        const jobs = {
            get: () => (reads.push(Math.round(now)), Promise.resolve(now < endsAfter ? open : record)),
        };
        const clock = { now: () => now, sleep: (milliseconds) => ((now += milliseconds), Promise.resolve()) };
        const { state } = await waitForEnd(jobs, clock, open, untilAfter);
        return { reads, state };
    }
    it("looks soon and ever more rarely, each two seconds at last: an hour's job must not cost thousands of reads", async () => {
        const { reads, state } = await wait(20_000, 60_000);
        const pauses = reads.map((time, index) => time - (reads[index - 1] ?? 0));
        expect(pauses.slice(0, 4)).to.deep.equal([200, 260, 338, 439]);
        expect([...new Set(pauses.slice(10))].sort()).to.deep.equal([2000]);
        expect(state).to.equal("COMPLETED");
    });
    it("ends at its time with what is known then, and at once when the job has ended", async () => {
        expect(await wait(20_000, 1000)).to.deep.equal({ reads: [200, 460, 798, 1000], state: "SUBMITTED" });
        expect(await wait(0, 0)).to.deep.equal({ reads: [], state: "SUBMITTED" });
    });
});
