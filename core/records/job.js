import { dueShardCount } from "./table";
/** Where a job is. The last four are its end and never change. */
export const jobStates = ["ACCEPTED", "INVOKING", "SUBMITTED", "COMPLETED", "FAILED", "EXPIRED", "CANCELLED"];
/** States that are a job's end. */
export const terminalStates = ["COMPLETED", "FAILED", "EXPIRED", "CANCELLED"];
/** States in which an invocation may be under way. */
export const invokedStates = ["INVOKING", "SUBMITTED"];
/** Times of a job: accepted here, received and finished by the service, recorded here. */
export function timingsOf(job) {
    return {
        acceptedAt: job.createdAt,
        ...(job.receivedAt === undefined ? {} : { receivedAt: job.receivedAt }),
        ...(job.finishedAt === undefined ? {} : { finishedAt: job.finishedAt }),
        ...(job.endedAt === undefined ? {} : { recordedAt: job.endedAt }),
    };
}
/** Whether a job has ended. */
export function isTerminal(state) {
    return terminalStates.includes(state);
}
/** How many of a job's attempts count towards `maxAttempts`: the newest, without those that the container refused. */
export function countedAttempts({ attempt = 0, containerRefusals }) {
    return attempt - (containerRefusals?.count ?? 0);
}
/** The highest number that an attempt can have: it has three digits in an inference id. */
export const mostAttempts = 999;
/** What a job id looks like: safe in keys, URIs and headers, and short enough for an inference id of 64 characters. */
export const jobIdPattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$";
/** Whether `text` can be a job id. */
export function isJobId(text) {
    return new RegExp(jobIdPattern).test(text);
}
/** `<attempt>.<jobId>`: at most 64 printable ASCII characters, which is the service's bound. */
export function inferenceIdOf({ attempt, jobId }) {
    return `${attempt}.${jobId}`;
}
/** Reads `<attempt>.<jobId>`; undefined for an id that isn't ours. */
export function readInferenceId(inferenceId) {
    const match = /^([1-9]\d{0,2})\.(.+)$/s.exec(inferenceId);
    if (!match || !isJobId(match[2]))
        return undefined;
    return { attempt: Number(match[1]), jobId: match[2] };
}
/**
 * A new job id: a ULID, 26 characters of Crockford's Base32, sortable by time.
 *
 * Written here because nothing but the SDK may be in a Lambda's archive. https://github.com/ulid/spec
 *
 * @param now milliseconds since the epoch
 * @param random sixteen or more random bytes
 */
export function newJobId(now, random) {
    const digits = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    let time = "";
    for (let rest = now; time.length < 10; rest = Math.floor(rest / 32))
        time = digits.charAt(rest % 32) + time;
    return time + Array.from(random.subarray(0, 16), (byte) => digits.charAt(byte % 32)).join("");
}
/** Partition of the `due` index that a job is in. */
export function dueShardOf(jobId) {
    // FNV-1a: spreads ids that differ only at their end, and needs no import.
    let hash = 0x811c9dc5;
    for (let index = 0; index < jobId.length; index++)
        hash = Math.imul(hash ^ jobId.charCodeAt(index), 0x01000193) >>> 0;
    return hash % dueShardCount;
}
/**
 * Key of a job's input, the same for every attempt: `<inputPrefix><jobId>/<name>`.
 *
 * InvokeEndpointAsync has refused signatures over locations that aren't ASCII: other characters than
 * letters, digits, `.`, `_` and `-` become `_`.
 */
export function inputKeyOf(inputPrefix, jobId, fileName) {
    const baseName = fileName.slice(fileName.lastIndexOf("/") + 1).replace(/[^A-Za-z0-9._-]/g, "_");
    // S3 clients normalize "." and ".." away.
    return `${inputPrefix}${jobId}/${/^\.*$/.test(baseName) ? "input" : baseName.slice(-128)}`;
}
/** Whether a job failed because the service never accepted it: the call failed, not the model. */
export function wasNeverAccepted({ state, submittedAt, finishedAt }) {
    return state === "FAILED" && submittedAt === undefined && finishedAt === undefined;
}
