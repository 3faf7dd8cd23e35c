import { readS3Uri, s3Uri } from "../core/records/s3Uri";
import type { Objects } from "../core/ports";
import type { ServiceClock } from "../core/serviceClock";
import type { Connections } from "./connections";
import { AsyncInferenceError, clientError } from "./errors";
import { failureError, readFailure } from "./output";
import { readResult } from "./results";
import type { InferenceResult } from "./types";

/** An invocation of which only the location of its result is known, and how often to look there. */
export interface Poll {
  inferenceId: string;
  jobId: string;
  outputLocation: string;
  outputPrefix: string;
  failurePrefix: string;
  /** By the clock's `now`. */
  deadline: number;
  initialPollIntervalMs: number;
  maxPollIntervalMs: number;
  /** That the advice on a refusal is for. */
  partition: string;
  clock: Pick<ServiceClock, "now" | "sleep">;
  signal: AbortSignal;
}

/** Each pause is so much longer than the one before. */
const growth = 1.5;

/** Looks for a result, and for the failure beside it, until one of them is there. */
export async function pollForResult(connections: Connections, objects: Objects, poll: Poll): Promise<InferenceResult<unknown>> {
  const { inferenceId, jobId, outputLocation, deadline, partition, clock, signal } = poll;
  const failureLocation = failureLocationOf(poll);
  const told = { inferenceId, jobId, outputLocation, ...(failureLocation === undefined ? {} : { failureLocation }), timings: {} };
  for (let pause = poll.initialPollIntervalMs; ; pause = Math.min(pause * growth, poll.maxPollIntervalMs)) {
    signal.throwIfAborted();
    if (await objects.head(outputLocation)) return readResult(connections, outputLocation, told, { signal }, { partition });
    if (failureLocation !== undefined && (await objects.head(failureLocation))) {
      const error = failureError(await readFailure(connections, failureLocation, signal));
      return { ...told, success: false, error: new AsyncInferenceError(error, { jobId }) };
    }
    const left = deadline - clock.now();
    if (left <= 0) throw clientError("WAIT_TIMEOUT", `There is nothing at ${outputLocation} yet.`, { jobId });
    await clock.sleep(Math.min(pause, left), signal);
  }
}

/** SageMaker writes `<id>.out` below one path and `<id>-error.out` below the other; undefined for a result of another name. */
function failureLocationOf({ outputLocation, outputPrefix, failurePrefix }: Poll): string | undefined {
  const { bucket, key } = readS3Uri(outputLocation) as { bucket: string; key: string };
  const id = key.startsWith(outputPrefix) ? /([^/]+)\.out$/.exec(key)?.[1] : undefined;
  return id === undefined ? undefined : s3Uri({ bucket, key: `${failurePrefix}${id}-error.out` });
}
