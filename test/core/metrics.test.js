import { expect } from "chai";
import { endMetrics, openMetric, openMetrics } from "../../core/metrics";
import { codedError } from "../../core/records/errors";
import { openCountKey } from "../../core/records/items";
import { openJob } from "../../doubles/jobs";
const now = Date.parse("2026-01-25T22:46:30.000Z");
const at = (seconds) => new Date(now - seconds * 1000).toISOString();
const metrics = (Dimensions, ...Metrics) => ({
    Timestamp: now,
    CloudWatchMetrics: [{ Namespace: "SageMakerAsyncInference", Dimensions, Metrics }],
});
const count = (Name) => ({ Name, Unit: "Count" });
const seconds = (Name) => ({ Name, Unit: "Seconds" });
describe("a log line that becomes metrics", () => {
    it("counts a completed job, how long it took and how late its end was known", () => {
        const job = openJob({ jobId: "order-1", state: "COMPLETED", createdAt: at(30), finishedAt: at(2), endedAt: at(0) });
        expect(endMetrics(job, now)).to.deep.equal({
            _aws: metrics([["EndpointName"]], count("JobsCompleted"), seconds("JobSeconds"), seconds("RecordingSeconds")),
            JobsCompleted: 1,
            JobSeconds: 30,
            RecordingSeconds: 2,
            EndpointName: "ocr",
            jobId: "order-1",
            inferenceId: "1.order-1",
            state: "COMPLETED",
        });
    });
    it("counts a failed job by its code too, and no time that is not known", () => {
        const error = codedError("EXPIRED", "late");
        const job = openJob({ jobId: "order-1", state: "EXPIRED", createdAt: at(30), endedAt: at(0), error });
        expect(endMetrics(job, now)).to.deep.equal({
            _aws: metrics([["EndpointName"], ["EndpointName", "ErrorCode"]], count("JobsFailed"), seconds("JobSeconds")),
            JobsFailed: 1,
            JobSeconds: 30,
            EndpointName: "ocr",
            ErrorCode: "EXPIRED",
            jobId: "order-1",
            inferenceId: "1.order-1",
            state: "EXPIRED",
        });
    });
    it("takes no end for earlier than its beginning where two clocks differ", () => {
        const job = openJob({ jobId: "order-1", state: "COMPLETED", createdAt: at(-3), finishedAt: at(-1), endedAt: at(0) });
        expect(endMetrics(job, now)).to.include({ JobSeconds: 0, RecordingSeconds: 0 });
    });
    it("says how many jobs are open, in all and by state, and how old the oldest is", () => {
        const states = { ACCEPTED: 1, INVOKING: 0, SUBMITTED: 4 };
        const open = { jobId: openCountKey, schemaVersion: 1, open: 5, states, countedAt: at(0) };
        const [all, ...byState] = openMetrics("ocr", { ...open, oldestCreatedAt: at(90) }, now);
        expect(all).to.deep.equal({
            _aws: metrics([["EndpointName"]], count("OpenJobs"), seconds("OldestOpenJobSeconds")),
            OpenJobs: 5,
            OldestOpenJobSeconds: 90,
            EndpointName: "ocr",
        });
        expect(byState).to.deep.equal(Object.entries(states).map(([State, OpenJobs]) => ({
            _aws: metrics([["EndpointName", "State"]], count("OpenJobs")),
            OpenJobs,
            EndpointName: "ocr",
            State,
        })));
        expect(openMetrics("ocr", open, now)[0]).to.include({ OldestOpenJobSeconds: 0 });
        expect(openMetrics("ocr", { ...open, oldestCreatedAt: at(-5) }, now)[0]).to.include({ OldestOpenJobSeconds: 0 });
    });
    it("tells scaling at once that a job is open", () => {
        expect(openMetric("ocr", now)).to.deep.equal({
            _aws: metrics([["EndpointName"]], count("OpenJobs")),
            OpenJobs: 1,
            EndpointName: "ocr",
        });
    });
});
