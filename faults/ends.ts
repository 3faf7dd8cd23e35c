import { countedAttempts, inferenceIdOf, type JobRecord } from "../core/records/job";
import { jobFaults, kindOf, type FaultKind, type JobFaultKind } from "../local/faults/kinds";
import type { Truth } from "./sagemaker";
import type { World } from "./world";

/** Which faults explain an end with an error; what is in doubt or expired is judged by what became of the attempts. */
const causes: Record<string, readonly FaultKind[]> = {
  MODEL_ERROR: ["container-5xx"],
  TIMEOUT: ["container-hang"],
  BAD_OUTPUT: ["container-no-content-length"],
  BAD_INPUT: ["invoke-400"],
  CANCELLED: ["cancelled"],
  THROTTLED: ["container-503"],
};

/** For how long an accepted job's input may take to come, and by how much clocks differ. */
const inputSeconds = 3600;
const skewSeconds = 900;

/** For how long a function that makes calls for several jobs runs on after one of them. */
const callerSeconds = 60;

/** Why a job's end is not what happened to it; undefined when it is. */
export function whyItIsWrong(world: World, job: JobRecord): string | undefined {
  const { jobId, state, error } = job;
  const truths = world.sageMaker.truths.get(jobId) ?? [];
  const completed = truths.some(({ end }) => end === "completed");
  if (state === "COMPLETED" && world.injector.injected.some((one) => one.jobId === jobId && one.kind === "invoke-400")) {
    // Refused for good, unless nobody was left to record it.
    const mayBeAgain = world.injector.injected.some((one) => one.jobId === jobId && isDoubt(one.kind));
    if (!mayBeAgain && !isCallerKilled(world, jobId)) return "COMPLETED, although its call was refused for good";
  }
  if (state === "COMPLETED") {
    return completed && world.s3.objects.has(job.outputLocation as string) ? undefined : "COMPLETED, but no attempt of it did";
  }
  const code = error?.code ?? "no code";
  const kinds = world.injector.injected.flatMap((one) => (one.jobId === jobId ? [one.kind] : []));
  const injected = `injected: ${kinds.join(", ")}`;
  // Who submitted it died before its input was there, and did not come back.
  const openSeconds = (Date.parse(job.endedAt as string) - Date.parse(job.createdAt)) / 1000;
  const hadItsHour = openSeconds > inputSeconds - skewSeconds;
  if (code === "NOT_FOUND" && truths.length === 0 && hadItsHour && kinds.some((kind) => isDoubt(kind) || kind.startsWith("s3-")))
    return undefined;
  if (state === "CANCELLED" && job.computeContinues !== true && truths.length > 0) return "CANCELLED as not invoked, but it was";
  if (code !== "IN_DOUBT" && code !== "EXPIRED") {
    return causes[code]?.some((kind) => kinds.includes(kind)) ? undefined : `${code}, which nothing caused; ${injected}`;
  }
  // A result that was named by nobody who could be heard can't be found: the answer and the notification were lost.
  const isThere = [job.outputLocation, job.expectedOutputLocation].some((location) => world.s3.objects.has(location as string));
  if (completed && isThere) return `${code}, but an attempt completed and its result is there`;
  const { attempt = 0, maxAttempts } = job;
  const newest = inferenceIdOf({ attempt, jobId });
  const isRefused = kinds.includes("invoke-503") && !truths.some(({ inferenceId }) => inferenceId === newest);
  if (code === "EXPIRED" && isRefused) return undefined;
  if (job.onDoubt === "rerun" && countedAttempts(job) < maxAttempts)
    return `${code} although it may run again: attempt ${attempt} of ${maxAttempts}`;
  for (let number = 1; number <= attempt; number++) {
    const truth = truths.find(({ inferenceId }) => inferenceId === inferenceIdOf({ attempt: number, jobId }));
    if (code === "EXPIRED" && job.onDoubt === "wait" && number === attempt && truth?.end !== "expired")
      return "EXPIRED, but its attempt did not";
    if (truth?.refused !== true && !isExplained(world, truth, kinds)) {
      return `${code}, and nothing explains attempt ${number}: ${truth?.end ?? "never taken"}; ${injected}`;
    }
  }
  return undefined;
}

/** What ends a function before it could record what came of its call. */
const killedCaller: readonly FaultKind[] = ["lambda-killed-before", "lambda-killed-between", "lambda-timed-out"];

/** Whether a function was killed, over whatever job, so soon after it was refused a call of this one that it may not have recorded that. */
function isCallerKilled(world: World, jobId: string): boolean {
  const refusedAt = world.injections.filter((one) => one.jobId === jobId && one.kind === "invoke-400").map(({ at }) => at);
  return world.injections.some(
    ({ kind, at }) =>
      (kind === "lambda-killed-after" || killedCaller.includes(kind)) &&
      refusedAt.some((from) => at >= from && at - from <= callerSeconds * 1000),
  );
}

/** Whether something was injected after which nobody can know what became of an attempt. */
function isExplained(world: World, truth: Truth | undefined, kinds: readonly FaultKind[]): boolean {
  const injected = (wanted: readonly FaultKind[]) => world.injector.injected.some(({ kind }) => wanted.includes(kind));
  // Neither an answer nor a notification told where its objects are.
  const isUnheard =
    kinds.some(isDoubt) && kinds.some((kind) => ["notification-lost", "notification-truncated", "delivery-failed"].includes(kind));
  switch (truth?.end) {
    case undefined:
      // Its caller died on the way, perhaps over another job that it looked after at the same time.
      return kinds.some(isDoubt) || injected(killedCaller);
    case "killed":
      return injected(["scale-in-sigterm", "deployment"]);
    case "failed":
      return kinds.includes("container-exit") || isUnheard;
    case "expired":
      // More requests came than the largest fleet of the settings can take.
      return (
        truth.crowded === true || kinds.includes("expired-in-queue") || kinds.includes("waits-in-queue") || injected(["flood", "batch"])
      );
    case "completed":
      return isUnheard;
    case "queued":
    case "running":
      return false;
  }
}

/** Whether nobody may know after a fault what became of an attempt. */
export function isDoubt(kind: FaultKind): boolean {
  return kind in jobFaults && kindOf(kind as JobFaultKind).doubt === true;
}
