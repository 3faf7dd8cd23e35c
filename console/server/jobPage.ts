import type { JobStatus } from "../../client/types";
import type { JobAnswer, JobLogsAnswer, JobObjectsAnswer, ShownAttempt } from "../contract";
import { showObject } from "./objects";
import { messageIn } from "./problems";
import type { ApiService, SeenJob } from "./services";
import { awakeAfter, phasesOf } from "./timeline";

/** What a job's page begins with. @throws AsyncInferenceError `NOT_FOUND` when there is no such job */
export async function jobAnswer({ client, live, outputs, seen }: ApiService, jobId: string): Promise<JobAnswer> {
  const job = client.job(jobId);
  const [status, explained] = await Promise.all([job.status(), settled(job.explain())]);
  const overview = live.newestOverview ?? (await client.overview().catch(() => undefined));
  const now = (await client.serviceTime()).getTime();
  const { endpoint, steps = [], instanceType } = overview ?? {};
  const isAsleep = endpoint !== undefined && endpoint !== "missing" && endpoint.currentInstanceCount === 0;
  // Where every invocation is seen, one that was not seen to start did not.
  const saw = seen?.(jobId);
  const awakeAt = awakeAfter(steps, status.timings.submittedAt);
  const phases = phasesOf(status, {
    now,
    isAsleep,
    neverRan: status.ended && (status.state === "EXPIRED" || (saw !== undefined && saw.startedAt === undefined)),
    ...(awakeAt !== undefined && { awakeAt }),
    ...(saw?.startedAt !== undefined && { startedAt: saw.startedAt }),
    ...(saw?.handledAt !== undefined && { handledAt: saw.handledAt }),
  });
  const running = phases.find(({ name }) => name === "running");
  const price = instanceType === undefined ? undefined : live.priceOf(instanceType);
  const seconds = running === undefined ? undefined : ((running.to ?? now) - running.from) / 1000;
  const share = Math.max(1, outputs.maxConcurrentInvocationsPerInstance);
  const cost = price !== undefined && seconds !== undefined && { costUsd: (price * seconds) / 3600 / share };
  return {
    status,
    ...("value" in explained ? { explanation: explained.value } : { explanationProblem: explained.problem }),
    phases,
    attempts: attemptsOf(status, saw),
    ...cost,
    ...(status.ended && seconds !== undefined && { again: { seconds, ...cost, wakesFirst: isAsleep } }),
    now,
  };
}

/** Attempts, as far as they are known: a record has the newest only. */
export function attemptsOf({ attempt = 0, state, refusedAttempts = 0, ended, error }: JobStatus, saw?: SeenJob): ShownAttempt[] {
  return Array.from({ length: attempt }, (_, index) => {
    const number = index + 1;
    const isNewest = number === attempt;
    const known = saw?.attempts.find((each) => each.number === number)?.outcome;
    const earlier = refusedAttempts >= number ? "refused by the container" : "its end is not known, or it was lost";
    const newest = ended ? (error === undefined ? state.toLowerCase() : `${state.toLowerCase()}: ${error.code}`) : "under way";
    return { number, isNewest, outcome: known ?? (isNewest ? newest : earlier) };
  });
}

/** Its input, result and failure. */
export async function jobObjects({ client }: ApiService, jobId: string): Promise<JobObjectsAnswer> {
  const job = client.job(jobId);
  const status = await job.status();
  const wanted = ["input", ...(status.state === "COMPLETED" ? ["output"] : []), ...(status.state === "FAILED" ? ["failure"] : [])] as const;
  const objects = await Promise.all(wanted.map((what) => showObject(job, what as "input" | "output" | "failure")));
  // A record names no object for an input that went to the service in the call.
  const wasInCall = status.ended && status.inputLocation === undefined;
  return {
    objects: objects.map((each) => (each.what === "input" && wasInCall && each.bytes === undefined ? { ...each, problem: inCall } : each)),
  };
}

const inCall = "It was small enough for the call to the service itself, and was kept until the job's end only.";

/** What its container, the service's function and its handlers printed. */
export async function jobLogs({ client, handlerLogGroups }: ApiService, jobId: string): Promise<JobLogsAnswer> {
  const groups = await settled(handlerLogGroups());
  const logs = await client.job(jobId).logs("value" in groups ? { logGroups: groups.value } : {});
  return { logs, ...("problem" in groups && { handlersProblem: groups.problem }) };
}

async function settled<Value>(work: Promise<Value>): Promise<{ value: Value } | { problem: string }> {
  try {
    return { value: await work };
  } catch (error) {
    return { problem: messageIn(error) };
  }
}
