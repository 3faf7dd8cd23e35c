import { isTerminal, type JobRecord, type JobState } from "../functions/core/job";
import { jobIdIn } from "../local/faults/jobOf";
import { jobFaults, kindOf, type FaultKind, type JobFaultKind } from "../local/faults/kinds";
import type { Truth } from "./sagemaker";
import type { World } from "./world";

/** What a run must never show. */
export const violationKinds = ["lost", "twoEnds", "neverEnded", "doubled", "wrongEnd", "ranTwice"] as const;

/** One of {@link violationKinds}. */
export type ViolationKind = (typeof violationKinds)[number];

/** A broken promise. */
export interface Violation {
  kind: ViolationKind;
  jobId: string;
  detail: string;
}

/** What one run came to. */
export interface Verdict {
  seed: number;
  /** Jobs that were accepted: whose record was written. */
  accepted: number;
  ends: Partial<Record<JobState, number>>;
  /** Jobs that ended as FAILED/IN_DOUBT, each under `onDoubt: "wait"`. */
  inDoubt: number;
  deadLetters: number;
  attempts: number;
  violations: Violation[];
  injected: Partial<Record<FaultKind, number>>;
}

/** Handlers of each end. */
const handlersOf = (state: JobState) => (state === "COMPLETED" ? ["completed-store", "completed-index"] : ["failed-tell"]);

/** Which faults explain an end with an error; what the service says on its own account, such as EXPIRED, is judged by what became of the attempts. */
const causes: Record<string, readonly FaultKind[]> = {
  MODEL_ERROR: ["container-5xx"],
  TIMEOUT: ["container-hang"],
  BAD_OUTPUT: ["container-no-content-length"],
  BAD_INPUT: ["invoke-400"],
};

/** Holds a run that is over to every promise. */
export function judge(world: World): Verdict {
  const jobs = world.jobs();
  const violations = jobs.flatMap((job) => judgeJob(world, job));
  const created = new Set(world.table.history.map(({ key }) => key).filter((key) => !key.startsWith("#")));
  for (const jobId of created) {
    if (!jobs.some((job) => job.jobId === jobId)) violations.push({ kind: "lost", jobId, detail: "its record is gone" });
  }
  const ends: Verdict["ends"] = {};
  for (const { state } of jobs) ends[state] = (ends[state] ?? 0) + 1;
  const injected: Verdict["injected"] = {};
  for (const { kind } of world.injector.injected) injected[kind] = (injected[kind] ?? 0) + 1;
  return {
    seed: world.plan.seed,
    accepted: created.size,
    ends,
    inDoubt: jobs.filter((job) => job.error?.code === "IN_DOUBT").length,
    deadLetters: deadLettersOf(world).length,
    attempts: [...world.sageMaker.truths.values()].reduce((sum, truths) => sum + truths.length, 0),
    violations,
    injected,
  };
}

function judgeJob(world: World, job: JobRecord): Violation[] {
  const { jobId, state } = job;
  const found: Violation[] = [];
  const violated = (kind: ViolationKind, detail: string) => found.push({ kind, jobId, detail });

  const ends = world.table.history.filter(
    ({ key, before, after }) => key === jobId && isEnd(after) && before?.["state"] !== after?.["state"],
  );
  if (!isTerminal(state)) violated("neverEnded", `is ${state}, attempt ${job.attempt ?? 0}`);
  if (ends.length > 1) violated("twoEnds", ends.map(({ by, after }) => `${String(after?.["state"])} by ${by}`).join(", then "));

  const truths = world.sageMaker.truths.get(jobId) ?? [];
  if (job.onDoubt === "wait" && truths.filter(({ runs }) => runs > 0).length > 1) violated("ranTwice", `${truths.length} attempts`);
  if (isTerminal(state)) {
    const wrong = wrongEnd(world, job);
    if (wrong !== undefined) violated("wrongEnd", wrong);
    for (const handler of handlersOf(state)) {
      const effects = effectsOf(world, jobId, handler);
      const dead = deadLettersOf(world).some((body) => jobIdIn(body) === jobId && body.includes(`-${handler}-`));
      if (effects === 0 && !dead) violated("lost", `${handler} never ran, and no dead letter says so`);
      if (dead && !injectedInto(world, jobId).some(isDoubt)) violated("wrongEnd", `a dead letter of ${handler}, which nothing caused`);
      if (effects > 1) violated("doubled", `${handler} had its effect ${effects} times`);
    }
  }
  return found;
}

function isEnd(item: Record<string, unknown> | undefined): boolean {
  return item !== undefined && isTerminal(item["state"] as JobState);
}

/** Why an end is not what happened; undefined when it is. */
function wrongEnd(world: World, job: JobRecord): string | undefined {
  const truths = world.sageMaker.truths.get(job.jobId) ?? [];
  const completed = truths.some(({ end }) => end === "completed");
  const code = job.error?.code;
  if (job.state === "COMPLETED") {
    return completed && world.s3.objects.has(job.outputLocation as string) ? undefined : "COMPLETED, but no attempt of it did";
  }
  // A result that was named by nobody who could be heard can't be found: the answer and the notification were lost.
  const isThere = [job.outputLocation, job.expectedOutputLocation].some((location) => world.s3.objects.has(location as string));
  if (completed && isThere && (code === "IN_DOUBT" || job.state === "EXPIRED"))
    return `${code}, but an attempt completed and its result is there`;
  if (code === "IN_DOUBT" && job.onDoubt === "rerun")
    return `in doubt although it may run again: attempt ${job.attempt} of ${job.maxAttempts}`;
  const kinds = injectedInto(world, job.jobId);
  if (job.state === "EXPIRED" && !truths.some(({ end }) => end === "expired")) return "EXPIRED, but no attempt of it did";
  if (code === "IN_DOUBT" && !isExplained(world, truths.at(-1), kinds)) {
    return `IN_DOUBT, which nothing caused; its attempt: ${truths.at(-1)?.end ?? "never taken"}, injected: ${kinds.join(", ")}`;
  }
  const expected = causes[code ?? ""];
  if (expected && !expected.some((kind) => kinds.includes(kind))) return `${code}, which nothing caused; injected: ${kinds.join(", ")}`;
  return undefined;
}

/** Whether something was injected after which nobody can know what became of the last attempt. */
function isExplained(world: World, last: Truth | undefined, kinds: readonly FaultKind[]): boolean {
  const injected = (wanted: readonly FaultKind[]) => world.injector.injected.some(({ kind }) => wanted.includes(kind));
  // Neither an answer nor a notification told where its objects are.
  const isUnheard = kinds.some(isDoubt) && (kinds.includes("notification-lost") || kinds.includes("notification-truncated"));
  switch (last?.end) {
    case undefined:
      // Its caller died on the way, perhaps over another job that it looked after at the same time.
      return kinds.some(isDoubt) || injected(["lambda-killed-before", "lambda-killed-between", "lambda-timed-out"]);
    case "killed":
      return injected(["scale-in-sigterm", "deployment"]);
    case "failed":
      return kinds.includes("container-exit") || isUnheard;
    case "expired":
      return kinds.includes("expired-in-queue");
    case "completed":
      return isUnheard;
    case "queued":
    case "running":
      return false;
  }
}

function injectedInto(world: World, wanted: string): FaultKind[] {
  return world.injector.injected.flatMap(({ kind, jobId }) => (jobId === wanted ? [kind] : []));
}

function isDoubt(kind: FaultKind): boolean {
  return kind in jobFaults && kindOf(kind as JobFaultKind).doubt === true;
}

function effectsOf(world: World, jobId: string, handler: string): number {
  const queue = [...world.messaging.queues].find(([name]) => name.includes("effects"))?.[1] ?? [];
  return queue.filter(({ body }) => {
    const effect = JSON.parse(body) as { jobId: string; handler: string };
    return effect.jobId === jobId && effect.handler === handler;
  }).length;
}

function deadLettersOf(world: World): string[] {
  return [...world.messaging.queues]
    .filter(([name]) => !name.includes("effects"))
    .flatMap(([, messages]) => messages.map(({ body }) => body));
}
