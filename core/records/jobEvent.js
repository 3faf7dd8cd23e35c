import { isJobId, isTerminal } from "./job";
/** Reads a job event. Never throws; unknown fields are kept, as a newer writer may have added them. */
export function readJobEvent(text) {
    let event;
    try {
        event = JSON.parse(text);
    }
    catch {
        return { kind: "malformed", problem: "not JSON" };
    }
    const job = typeof event === "object" ? event?.job : undefined;
    if (typeof job !== "object" || job === null)
        return { kind: "malformed", problem: "no job" };
    if (typeof job.jobId !== "string" || !isJobId(job.jobId))
        return { kind: "malformed", problem: "no jobId" };
    if (typeof job.state !== "string" || !isTerminal(job.state))
        return { kind: "malformed", problem: "the job has not ended" };
    if (typeof job.endedAt !== "string" || typeof job.endpointName !== "string") {
        return { kind: "malformed", problem: "no endedAt or endpointName" };
    }
    return { kind: "ended", job: job };
}
/** What tells one end of a job from every other: an id can be used again once its record is gone. */
export function idempotencyKeyOf(job) {
    return `${job.endpointName}/${job.jobId}/${job.endedAt ?? ""}`;
}
