import type { Cancellation } from "../core/lifecycle/cancel";
import { present } from "../core/present";
import { codedError, type CodedError } from "../core/records/errors";
import { isTerminal, timingsOf, type JobRecord } from "../core/records/job";
import { unlessAborted } from "./abort";
import { AsyncInferenceError, clientError } from "./errors";
import type { Connections } from "./connections";
import { guardedError } from "./guard";
import { openOutput, readOutput, type OutputForm, type OutputObject } from "./output";
import type { JobReference } from "./service";
import type { CancelOutcome, InferenceResult, JobCost, JobStatus, ListedJob } from "./types";

/** What is reported of a job however it ended. */
export type Told = Pick<InferenceResult, "inferenceId" | "jobId" | "outputLocation" | "failureLocation" | "timings">;

/** The same, as the job's record has it. */
export function toldOf(record: JobRecord): Told {
  const { jobId, inferenceId = "", outputLocation, failureLocation } = record;
  return { inferenceId, jobId, ...present({ outputLocation, failureLocation }), timings: timingsOf(record) };
}

/** Why a job ended without a result, as its record has it. */
export function endErrorOf({ error, state }: JobRecord): CodedError {
  return error ?? codedError("INTERNAL", `The job is ${state}, and its record doesn't say why.`);
}

/** A handle's view of a record. @param own see {@link JobReference.own} */
export function referenceOf({ jobId, inferenceId, outputLocation, failureLocation }: JobRecord, own: boolean): JobReference {
  return { jobId, own, ...present({ inferenceId, outputLocation, failureLocation }) };
}

/** A record in a list. */
export function listedJob({ jobId, state, endpointName, createdAt, endedAt }: JobRecord): ListedJob {
  return { jobId, state, endpointName, createdAt, ...present({ endedAt }) };
}

/** What became of a cancellation, in the words of users. */
export function cancelOutcomeOf({ job: { jobId, state }, computeContinues }: Cancellation): CancelOutcome {
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
export async function readResult<Out>(
  connections: Connections,
  location: string,
  told: Told,
  form: OutputForm<Out>,
  object: { knownType?: string | undefined; partition?: string | undefined } = {},
): Promise<InferenceResult<unknown>> {
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
export async function resultIn<Out>(
  output: OutputObject,
  location: string,
  told: Told,
  form: OutputForm<Out>,
): Promise<InferenceResult<unknown>> {
  const full = { ...told, ...present({ contentType: output.contentType }) };
  try {
    return { ...full, success: true, data: await readOutput(output, location, form) };
  } catch (error) {
    if (!(error instanceof AsyncInferenceError) || error.code !== "BAD_OUTPUT") throw error;
    return { ...full, success: false, error };
  }
}

/** Ends with what is read of a job's end, or at once by the signal. @throws AsyncInferenceError */
export function reading<Result>(work: Promise<Result>, signal: AbortSignal | undefined, jobId: string): Promise<Result> {
  return unlessAborted(work, signal, (thrown) => guardedError(thrown, signal, jobId));
}

/** What decides what a job cost. */
export interface Rates {
  /** Requests that an instance gets at a time. */
  concurrency: number;
  usdPerInstanceHour?: number | undefined;
}

/** What a job's run cost at the most; undefined for one that is not known to have run. */
export function costOf({ state, receivedAt, finishedAt }: JobRecord, { concurrency, usdPerInstanceHour }: Rates): JobCost | undefined {
  if (receivedAt === undefined || finishedAt === undefined || state === "EXPIRED") return undefined;
  const milliseconds = Math.max(0, Date.parse(finishedAt) - Date.parse(receivedAt));
  const instanceSecondsAtMost = milliseconds / 1000 / Math.max(1, concurrency);
  return present({
    instanceSecondsAtMost,
    usdAtMost: usdPerInstanceHour === undefined ? undefined : (usdPerInstanceHour * instanceSecondsAtMost) / 3600,
  });
}

/** A record in the words of users. */
export function statusOf(record: JobRecord, rates: Rates = { concurrency: 1 }): JobStatus {
  const { jobId, state, endpointName, maxAttempts, invocationTimeoutSeconds, requestTtlSeconds } = record;
  const { inputBytes, contentType, attempt, inferenceId, outputLocation, outputContentType, outputBytes, failureLocation } = record;
  const { error, refusal, metadata, accept, customAttributes, traceContext, handlerFailures, invokingAt, submittedAt } = record;
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
    traceContext,
    handlerFailures,
    timings: present({ ...timingsOf(record), invokingAt, submittedAt }),
    cost: costOf(record, rates),
  });
}
