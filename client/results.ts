import { present } from "../core/present";
import { isTerminal, timingsOf, type JobRecord } from "../core/records/job";
import { unlessAborted } from "./abort";
import { AsyncInferenceError, clientError } from "./errors";
import type { Connections } from "./connections";
import { guardedError } from "./guard";
import { openOutput, readOutput, type OutputForm } from "./output";
import type { InferenceResult, JobStatus } from "./types";

/** What is reported of a job however it ended. */
export type Told = Pick<InferenceResult, "inferenceId" | "jobId" | "outputLocation" | "failureLocation" | "timings">;

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
  const { contentType } = output;
  const full = { ...told, ...present({ contentType }), timings: { ...told.timings, ...present({ finishedAt }) } };
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

/** A record in the words of users. */
export function statusOf(record: JobRecord): JobStatus {
  const { jobId, state, endpointName, maxAttempts, invocationTimeoutSeconds, requestTtlSeconds } = record;
  const { inputBytes, contentType, attempt, inferenceId, outputLocation, outputContentType, outputBytes, failureLocation } = record;
  const { error, refusal, metadata, invokingAt, submittedAt } = record;
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
    timings: present({ ...timingsOf(record), invokingAt, submittedAt }),
  });
}
