import { dueShardOf, inferenceIdOf } from "../core/records/job";
/** A job that was submitted, or is about to be: what a test changes is what it is about. */
export function openJob(changes) {
    const { jobId, attempt = 1, state = "SUBMITTED" } = changes;
    const inferenceId = inferenceIdOf({ attempt, jobId });
    return {
        schemaVersion: 1,
        state,
        endpointName: "ocr",
        inputLocation: `s3://service/input/${jobId}/request.json`,
        inputHash: "0".repeat(64),
        contentType: "application/json",
        invocationTimeoutSeconds: 3600,
        requestTtlSeconds: 21_600,
        onDoubt: "rerun",
        maxAttempts: 3,
        attempt,
        inferenceId,
        callId: "call",
        expectedOutputLocation: `s3://service/output/${inferenceId}/result`,
        createdDay: "2026-01-25",
        createdAt: "2026-01-25T22:46:00.000Z",
        invokingAt: "2026-01-25T22:46:00.100Z",
        ...(state === "SUBMITTED" ? { submittedAt: "2026-01-25T22:46:00.200Z" } : {}),
        dueShard: dueShardOf(jobId),
        dueAt: "2126-01-25T22:46:00.000Z",
        ...changes,
    };
}
