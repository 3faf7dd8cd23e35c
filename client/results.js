import { present } from "../core/present";
import { codedError } from "../core/records/errors";
import { isTerminal, timingsOf } from "../core/records/job";
import { unlessAborted } from "./abort";
import { AsyncInferenceError, clientError } from "./errors";
import { guardedError } from "./guard";
import { openOutput, readOutput } from "./output";
/** The same, as the job's record has it. */
export function toldOf(record) {
    const { jobId, inferenceId = "", outputLocation, failureLocation } = record;
    return { inferenceId, jobId, ...present({ outputLocation, failureLocation }), timings: timingsOf(record) };
}
/** Why a job ended without a result, as its record has it. */
export function endErrorOf({ error, state }) {
    return error ?? codedError("INTERNAL", `The job is ${state}, and its record doesn't say why.`);
}
/** A handle's view of a record. @param own see {@link JobReference.own} */
export function referenceOf({ jobId, inferenceId, outputLocation, failureLocation }, own) {
    return { jobId, own, ...present({ inferenceId, outputLocation, failureLocation }) };
}
/** A record in a list. */
export function listedJob({ jobId, state, endpointName, createdAt, endedAt }) {
    return { jobId, state, endpointName, createdAt, ...present({ endedAt }) };
}
/** What became of a cancellation, in the words of users. */
export function cancelOutcomeOf({ job: { jobId, state }, computeContinues }) {
    if (state !== "CANCELLED") {
        return { jobId, state, cancelled: false, computeContinues: false, message: `The job had ended before: it is ${state}.` };
    }
    const message = computeContinues
        ? "The job is cancelled and its result will be dropped. Compute continues: SageMaker can't stop an invocation that it has taken."
        : "The job is cancelled. It was not invoked and will not be.";
    return { jobId, state, cancelled: true, computeContinues, message };
}
/**
 * The result of a job that completed. What can't be read as asked is a result without success, as the job's end is known.
 *
 * @throws AsyncInferenceError when reading it fails for another reason
 */
export async function readResult(connections, location, told, form, object = {}) {
    const { jobId } = told;
    const { partition } = object;
    const output = await openOutput(connections, location, object.knownType, { signal: form.signal, ...present({ partition }) });
    if (output === undefined) {
        const error = clientError("NOT_FOUND", `The result of job ${jobId} is no longer at ${location}.`, {
            jobId,
            advice: "Keep outputs for longer, or read them sooner.",
        });
        return { ...told, success: false, error };
    }
    const finishedAt = told.timings.finishedAt ?? output.lastModified?.toISOString();
    return resultIn(output, location, { ...told, timings: { ...told.timings, ...present({ finishedAt }) } }, form);
}
/** The same, of an object that is open. */
export async function resultIn(output, location, told, form) {
    const full = { ...told, ...present({ contentType: output.contentType }) };
    try {
        return { ...full, success: true, data: await readOutput(output, location, form) };
    }
    catch (error) {
        if (!(error instanceof AsyncInferenceError) || error.code !== "BAD_OUTPUT")
            throw error;
        return { ...full, success: false, error };
    }
}
/** Ends with what is read of a job's end, or at once by the signal. @throws AsyncInferenceError */
export function reading(work, signal, jobId) {
    return unlessAborted(work, signal, (thrown) => guardedError(thrown, signal, jobId));
}
/** A record in the words of users. */
export function statusOf(record) {
    const { jobId, state, endpointName, maxAttempts, invocationTimeoutSeconds, requestTtlSeconds } = record;
    const { inputBytes, contentType, attempt, inferenceId, outputLocation, outputContentType, outputBytes, failureLocation } = record;
    const { error, refusal, metadata, accept, customAttributes, handlerFailures, invokingAt, submittedAt } = record;
    return present({
        jobId,
        state,
        ended: isTerminal(state),
        endpointName,
        inputLocation: record.inputInCall === true ? undefined : record.inputLocation,
        inputBytes,
        contentType,
        attempt,
        refusedAttempts: record.containerRefusals?.count,
        maxAttempts,
        inferenceId,
        outputLocation,
        outputContentType,
        outputBytes,
        failureLocation,
        error,
        refusal,
        invocationTimeoutSeconds,
        requestTtlSeconds,
        metadata,
        accept,
        customAttributes,
        handlerFailures,
        timings: present({ ...timingsOf(record), invokingAt, submittedAt }),
    });
}
