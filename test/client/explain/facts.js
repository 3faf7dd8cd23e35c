import { codedError } from "../../../core/records/errors";
import { openJob } from "../../../doubles/jobs";
/** When the tests' jobs were submitted. */
export const submittedAt = "2026-01-25T12:00:00.000Z";
/** An ISO time so many minutes after {@link submittedAt}. */
export function minute(minutes) {
    return new Date(Date.parse(submittedAt) + minutes * 60_000).toISOString();
}
/** A submitted job, with what a test changes. */
export function job(changes = {}) {
    return openJob({
        jobId: "order-17",
        outputLocation: "s3://service/output/1.order-17/result",
        failureLocation: "s3://service/failure/1.order-17-error.out",
        createdAt: minute(-0.01),
        invokingAt: minute(-0.005),
        submittedAt,
        dueAt: minute(30),
        ...changes,
    });
}
/** An ended job, ten minutes after its submission. */
export function endedJob(changes) {
    const { dueAt: _, dueShard: __, ...record } = job({ endedAt: minute(10), ...changes });
    return record;
}
/** A job that failed. */
export function failedJob(code, message, changes = {}) {
    return endedJob({ state: "FAILED", error: codedError(code, message), ...changes });
}
/** What was read of a job five minutes after its submission: its record, and of the rest what a test says. */
export function facts(changes = {}) {
    return { jobId: "order-17", now: Date.parse(minute(5)), endpointName: "ocr", hasTable: true, record: job(), unreadable: [], ...changes };
}
/** An endpoint that runs one instance. */
export function endpoint(changes = {}) {
    return {
        status: "InService",
        since: minute(-60),
        currentInstanceCount: 1,
        desiredInstanceCount: 1,
        configName: "ocr-config-1",
        maxConcurrentInvocationsPerInstance: 4,
        ...changes,
    };
}
/** Metrics with a backlog of `size`, as published three minutes after the submission. */
export function backlog(size, oldestRequestSeconds, at = minute(3)) {
    return { backlog: { at, size, ...(oldestRequestSeconds === undefined ? {} : { oldestRequestSeconds }) } };
}
/** An object, written four minutes after the submission. */
export function object(changes = {}) {
    return { bytes: 1204, at: minute(4), ...changes };
}
/** A job that was recorded and not handed on. */
export const accepted = (changes) => {
    const { attempt: _, inferenceId: __, invokingAt: ___, submittedAt: ____, ...record } = job({ state: "ACCEPTED", dueAt: minute(15) });
    return { ...record, ...changes };
};
/** A job whose call was recorded and not answered. */
export const invoking = (changes) => {
    const { submittedAt: _, outputLocation: __, failureLocation: ___, ...record } = job({ state: "INVOKING" });
    return { ...record, ...changes };
};
/** A job that the service refused for now. */
export const refused = (message, code = "UNAVAILABLE") => invoking({ dueAt: minute(6), refusal: codedError(code, message) });
/** An endpoint without an instance. */
export const asleep = (changes = {}) => endpoint({ currentInstanceCount: 0, desiredInstanceCount: 0, ...changes });
/** A scalable target from 0 to 5. */
export const scalable = (changes = {}) => ({
    target: { minCapacity: 0, maxCapacity: 5, scaleOutSuspended: false },
    ...changes,
});
/** The configuration of the endpoint. */
export const config = { instanceType: "ml.g5.2xlarge", containerStartupTimeoutSeconds: 1800, modelDownloadTimeoutSeconds: 1800 };
/** What was read of a job that has no record, but locations. */
export const located = (changes) => facts({
    record: undefined,
    hasTable: false,
    locations: { outputLocation: "s3://other/out/a.out", failureLocation: "s3://other/failed/a.out" },
    ...changes,
});
