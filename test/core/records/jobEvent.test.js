import { expect } from "chai";
import { idempotencyKeyOf, readJobEvent } from "../../../core/records/jobEvent";
import { openJob } from "../../../doubles/jobs";
const ended = { ...openJob({ jobId: "j" }), state: "COMPLETED", endedAt: "2026-01-01T00:00:00.000Z", newer: 1 };
const event = (job) => JSON.stringify({ schemaVersion: 2, job });
describe("a job event", () => {
    it("is read with what a newer writer has added", () => {
        expect(readJobEvent(event(ended))).to.deep.equal({ kind: "ended", job: ended });
    });
    for (const [text, problem] of [
        ["{", "not JSON"],
        ["null", "no job"],
        ['"job"', "no job"],
        ["{}", "no job"],
        ['{"job":null}', "no job"],
        ['{"job":"j"}', "no job"],
        [event({ ...ended, jobId: 1 }), "no jobId"],
        [event({ ...ended, jobId: "a/b" }), "no jobId"],
        [event({ ...ended, state: 1 }), "the job has not ended"],
        [event({ ...ended, state: "SUBMITTED" }), "the job has not ended"],
        [event({ ...ended, endedAt: undefined }), "no endedAt or endpointName"],
        [event({ ...ended, endpointName: 1 }), "no endedAt or endpointName"],
    ]) {
        it(`is malformed, with its problem: ${text.slice(0, 20)}, ${problem}`, () => {
            expect(readJobEvent(text)).to.deep.equal({ kind: "malformed", problem });
        });
    }
    it("is told from every other by endpoint, job and time: an id can be used again", () => {
        const { endpointName } = ended;
        expect(idempotencyKeyOf(ended)).to.equal(`${endpointName}/j/2026-01-01T00:00:00.000Z`);
        expect(idempotencyKeyOf(openJob({ jobId: "j" }))).to.equal(`${endpointName}/j/`);
    });
});
