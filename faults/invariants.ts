import { readS3Uri } from "../core/records/s3Uri";
import { countedAttempts, inferenceIdOf, isTerminal, type JobRecord, type JobState } from "../core/records/job";
import { jobIdIn } from "../local/faults/jobOf";
import { faultKinds, type FaultKind } from "../local/faults/kinds";
import { isDoubt, whyItIsWrong } from "./ends";
import type { Truth } from "./sagemaker";
import type { World } from "./world";

/** What a run must never show. */
export const violationKinds = [
  "lost",
  "twoEnds",
  "neverEnded",
  "doubled",
  "wrongEnd",
  "ranTwice",
  "repeated",
  "early",
  "record",
  "told",
  "late",
  "scaledIn",
] as const;

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
  /** Jobs that ended in doubt under `onDoubt: "wait"`. */
  inDoubt: number;
  /** Jobs that ended in doubt under `onDoubt: "rerun"`, each after its last attempt. */
  exhausted: number;
  /** Dead letters of deliveries, of executions, and of effects in doubt. */
  deadLetters: number;
  /** How often a dead letter was put back. */
  redriven: number;
  /** Requests that were refused for maxOpenJobs. */
  refused: number;
  attempts: number;
  violations: Violation[];
  injected: Partial<Record<FaultKind, number>>;
}

/** Handlers of each end. */
const handlersOf = (state: JobState) => (state === "COMPLETED" ? ["completed-store", "completed-index"] : ["failed-tell"]);

/** For how long nobody looks for what nobody told: as long again as the attempt took, within these bounds. */
const lookSeconds = { least: 300, most: 1800 };

/** What a sweep a minute, Lambda's tries and a look that fails may take besides. */
const slackSeconds = 600;

/** Faults after which an attempt's end is told as ever, and how soon it then is recorded. */
const plainKinds: ReadonlySet<FaultKind> = new Set(
  faultKinds.filter((kind) => kind.startsWith("invoke-") || kind.startsWith("container-") || kind.endsWith("-in-queue")),
);
const plainSeconds = 20;

/** By how much two clocks may differ. */
const skewSeconds = 900;

/** Holds a run that is over to every promise. */
export function judge(world: World): Verdict {
  const { people } = world;
  const jobs = world.jobs();
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  const violations: Violation[] = jobs.flatMap((job) => judgeJob(world, job));
  const created = new Set(world.table.history.map(({ key }) => key).filter((key) => !key.startsWith("#")));
  for (const jobId of created) if (!byId.has(jobId)) violations.push({ kind: "lost", jobId, detail: "its record is gone" });
  violations.push(...judgeUploads(world, jobs), ...judgeAnswers(world, byId), ...world.batches.judge(jobs));
  violations.push(...world.watch.violations);
  const ends: Verdict["ends"] = {};
  for (const { state } of jobs) ends[state] = (ends[state] ?? 0) + 1;
  const injected: Verdict["injected"] = {};
  for (const { kind } of world.injector.injected) injected[kind] = (injected[kind] ?? 0) + 1;
  const inDoubt = jobs.filter((job) => job.error?.code === "IN_DOUBT");
  return {
    seed: world.plan.seed,
    accepted: created.size,
    ends,
    inDoubt: inDoubt.filter(({ onDoubt }) => onDoubt === "wait").length,
    exhausted: inDoubt.filter(({ onDoubt }) => onDoubt === "rerun").length,
    deadLetters: world.messaging.sent.filter(({ name }) => !name.includes("effects")).length,
    redriven: people.redriven,
    refused: people.refused,
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
  else if (job.announcedAt === undefined || job.dueAt !== undefined) violated("neverEnded", "its end is not marked as announced");
  if (ends.length > 1) violated("twoEnds", ends.map(({ by, after }) => `${String(after?.["state"])} by ${by}`).join(", then "));

  const truths = world.sageMaker.truths.get(jobId) ?? [];
  if (job.onDoubt === "wait" && truths.filter(({ runs }) => runs > 0).length > 1) violated("ranTwice", `${truths.length} attempts`);
  if (new Set(truths.map(({ inferenceId }) => inferenceId)).size < truths.length) {
    violated("repeated", `the service got one attempt twice: ${truths.map(({ inferenceId }) => inferenceId).join(", ")}`);
  }
  // What the container refused is no doubt: another attempt is its due.
  const attempts = Math.max(truths.filter(({ refused }) => refused !== true).length, countedAttempts(job));
  if (attempts > 1 && !mayBeInDoubt(world, job, truths)) violated("repeated", `${attempts} attempts, and nothing was in doubt`);
  // What still runs of a job that has ended is nobody's loss.
  const killed = truths.filter(({ killedBy, endedAt = 0 }) => killedBy === "policy" && (ends[0]?.at ?? Infinity) > endedAt);
  for (const { inferenceId } of killed) violated("scaledIn", `${inferenceId} was killed by a policy`);
  if (!isTerminal(state)) return found;

  const wrong = whyItIsWrong(world, job);
  if (wrong !== undefined) violated("wrongEnd", wrong);
  const late = lateness(world, job, truths, ends[0]?.at ?? 0);
  if (late !== undefined) violated("late", late);
  for (const handler of handlersOf(state)) {
    const effects = world.effects().filter((effect) => effect.jobId === jobId && effect.handler === handler);
    const letters = world.deadLettersLeft.filter((body) => jobIdIn(body) === jobId && body.includes(`-${handler}-`));
    if (effects.length === 0) violated("lost", `${handler} never ran`);
    if (effects.length > 1) violated("doubled", `${handler} had its effect ${effects.length} times`);
    if (effects.some((effect) => effect.state !== state))
      violated("told", `${handler} was told ${effects.map((effect) => effect.state).join()}`);
    const kinds = injectedInto(world, jobId);
    if (letters.length > 0 && !kinds.some((kind) => isDoubt(kind) || kind === "delivery-failed")) {
      violated("wrongEnd", `a dead letter of ${handler}, which nothing caused`);
    }
  }
  return found;
}

/** Every upload became a job. */
function judgeUploads(world: World, jobs: readonly JobRecord[]): Violation[] {
  const known = new Set(jobs.map(({ metadata }) => metadata?.["inboxKey"]));
  return [...world.s3.objects.keys()].flatMap((location) => {
    const key = readS3Uri(location)?.key;
    return !key?.startsWith("inbox/") || known.has(key)
      ? []
      : [{ kind: "lost" as const, jobId: key, detail: "the upload never became a job" }];
  });
}

/** What callers were told is so. */
function judgeAnswers(world: World, jobs: ReadonlyMap<string, JobRecord>): Violation[] {
  const { told } = world.people;
  return told.flatMap(({ jobId, state }) => {
    const violated = (detail: string) => [{ kind: "told" as const, jobId, detail }];
    const job = jobs.get(jobId);
    if (state === undefined) {
      const taken = told.some((other) => other.jobId === jobId && other.state !== undefined);
      return job && !taken && !world.injector.injected.some((one) => one.jobId === jobId)
        ? violated("refused, and yet there is a record")
        : [];
    }
    if (!job) return violated(`its caller was told ${state}, and there is no record`);
    return isTerminal(state) && job.state !== state ? violated(`its caller was told ${state}, and it is ${job.state}`) : [];
  });
}

function isEnd(item: Record<string, unknown> | undefined): boolean {
  return item !== undefined && isTerminal(item["state"] as JobState);
}

function mayBeInDoubt(world: World, job: JobRecord, truths: readonly Truth[]): boolean {
  const wasKilled = truths.some(({ end }) => end === "killed" || end === "expired");
  return wasKilled || hasSkew(world) || injectedInto(world, job.jobId).some(isDoubt) || wasLeftAlone(world, job, truths);
}

/** Whether an attempt's caller died over another job that it looked after at the same time. */
function wasLeftAlone(world: World, { attempt = 0, jobId }: JobRecord, truths: readonly Truth[]): boolean {
  const isKilled = world.injector.injected.some(({ kind }) => kind.startsWith("lambda-killed") || kind === "lambda-timed-out");
  const isTaken = (number: number) => truths.some(({ inferenceId }) => inferenceId === inferenceIdOf({ attempt: number, jobId }));
  // A refusal is no doubt: the same attempt is called again.
  if (injectedInto(world, jobId).includes("invoke-503")) return false;
  return isKilled && Array.from({ length: attempt - 1 }, (_, index) => index + 1).some((number) => !isTaken(number));
}

function hasSkew(world: World): boolean {
  return world.injector.injected.some(({ kind }) => kind === "clock-skew");
}

/** Why the end of an attempt that completed was recorded too late; undefined when it wasn't, or none did. */
function lateness(world: World, job: JobRecord, truths: readonly Truth[], recordedAt: number): string | undefined {
  const first = job.state === "COMPLETED" ? truths.find(({ end }) => end === "completed") : undefined;
  if (!first) return undefined;
  const endedAt = first.endedAt as number;
  const kinds = injectedInto(world, job.jobId);
  const isPlain = kinds.every((kind) => plainKinds.has(kind)) && !hasSkew(world);
  const tookSeconds = (endedAt - first.queuedAt) / 1000;
  const pauseSeconds = Math.min(Math.max(tookSeconds, lookSeconds.least), lookSeconds.most) + slackSeconds;
  const limitSeconds = isPlain ? plainSeconds : pauseSeconds + (hasSkew(world) ? 2 * skewSeconds : 0);
  const seconds = (recordedAt - endedAt) / 1000;
  return seconds > limitSeconds
    ? `its end was recorded ${Math.round(seconds)} seconds after it, of at most ${Math.round(limitSeconds)}`
    : undefined;
}

function injectedInto(world: World, wanted: string): FaultKind[] {
  return world.injector.injected.flatMap(({ kind, jobId }) => (jobId === wanted ? [kind] : []));
}
