import { readContent } from "./content";
import { losesDigits } from "./numbers";
import { codedError } from "../records/errors";
import { isTerminal, wasNeverAccepted } from "../records/job";
/** A Lambda's answer has at most 6 MB (6,291,556 bytes); this leaves room for the rest of it. */
export const maxBodyBytes = 6_000_000;
/** The answer that a job's record gives, without its result. */
function answerOf(job) {
    const told = {
        jobId: job.jobId,
        ...(job.inferenceId === undefined ? {} : { inferenceId: job.inferenceId }),
        state: job.state,
        ...(job.outputLocation === undefined ? {} : { outputLocation: job.outputLocation }),
        ...(job.failureLocation === undefined ? {} : { failureLocation: job.failureLocation }),
    };
    if (job.refusal)
        return { ...answerOfError(job.refusal), ...told };
    if (!isTerminal(job.state))
        return { statusCode: 202, ...told };
    if (wasNeverAccepted(job) && job.error)
        return { ...answerOfError(job.error), ...told };
    return { statusCode: 200, ...told, ...(job.error ? { error: job.error } : {}) };
}
/** The answer to a request that made no job. */
export function answerOfError(error) {
    switch (error.code) {
        case "ACCESS_DENIED":
            return { statusCode: 403, error };
        case "CONFLICT":
            return { statusCode: 409, error };
        case "THROTTLED":
        case "LIMIT":
            return { statusCode: 429, error };
        case "UNAVAILABLE":
        case "CAPACITY":
            return { statusCode: 503, error };
        default:
            return { statusCode: 400, error };
    }
}
/**
 * Waits until a job has ended.
 *
 * @param until milliseconds since the epoch at which the wait ends anyhow
 * @returns the newest record
 */
export async function waitForEnd(jobs, clock, job, until) {
    let current = job;
    // A job of a second is told within a fifth of it; one of minutes costs a read every two seconds.
    for (let pause = 200; !isTerminal(current.state) && clock.now() < until; pause = Math.min(pause * 1.3, 2000)) {
        await clock.sleep(Math.min(pause, until - clock.now()));
        current = (await jobs.get(job.jobId)) ?? current;
    }
    return current;
}
/** The answer for a job as it is: with its result, once it has one, if that fits. */
export async function answerWithBody(objects, job) {
    const answer = answerOf(job);
    if (job.state !== "COMPLETED" || job.outputLocation === undefined)
        return answer;
    const omitted = (bytes) => ({
        ...answer,
        bodyOmitted: `The result has ${bytes} bytes, and an answer at most ${maxBodyBytes}: read it from outputLocation.`,
    });
    const bytes = job.outputBytes ?? (await objects.head(job.outputLocation))?.bytes ?? 0;
    if (bytes > maxBodyBytes)
        return omitted(bytes);
    const output = await objects.get(job.outputLocation);
    if (!output) {
        const message = `The result of job ${job.jobId} is no longer at ${job.outputLocation}.`;
        return { ...answer, error: codedError("NOT_FOUND", message, { advice: "Keep outputs for longer, or read them sooner." }) };
    }
    const contentType = output.contentType ?? job.outputContentType;
    const content = readContent(output.body, contentType);
    // Lambda writes the answer with JavaScript's numbers.
    const inBase64 = content.kind === "bytes" || (content.kind === "json" && losesDigits(Buffer.from(output.body).toString()));
    const full = {
        ...answer,
        ...(contentType === undefined ? {} : { contentType }),
        ...(inBase64 ? { bodyBase64: Buffer.from(output.body).toString("base64") } : { body: content.value }),
    };
    // JSON text is escaped and Base64 is a third longer: only the answer itself tells whether it fits.
    return Buffer.byteLength(JSON.stringify(full)) > maxBodyBytes ? omitted(bytes) : full;
}
