import { EventEmitter } from "node:events";
import { isTerminal, timingsOf, type JobRecord } from "../functions/core/job";
import { clientError } from "./errors";
import { estimatePhase } from "./explain/estimate";
import type { ExplainSources } from "./explain/sources";
import type { JobProgress } from "./types";

/** What progress is made of. */
export interface ProgressDependencies {
  /** The job's record; undefined when there is none. */
  record: (jobId: string) => Promise<JobRecord | undefined>;
  /** Where estimates come from. What can't be read is left out: progress goes on without. @default no estimates */
  sources?: Pick<ExplainSources, "endpoint" | "metrics">;
  clock: { now(): number; sleep(milliseconds: number, signal?: AbortSignal): Promise<void> };
  pollIntervalSeconds: number;
}

/** How old an estimate may become: CloudWatch has one datapoint a minute. */
const estimateSeconds = 30;

/**
 * How far a job is, each time that something changes, from its present state to its end.
 *
 * `known` is what the record has: accepted, invoking, submitted, ended. `estimated` follows from backlog, instances and the
 * job's age, since SageMaker does not tell when a request starts to run.
 *
 * @param signal ends it with `ABORTED`; leaving the loop ends it too
 * @throws AsyncInferenceError `NOT_FOUND` when there is no such job
 */
export async function* progressOf(
  { record, sources, clock, pollIntervalSeconds }: ProgressDependencies,
  jobId: string,
  { signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<JobProgress, void, void> {
  let told = "";
  let estimate: Pick<JobProgress, "estimated"> = {};
  let estimatedFor: string | undefined;
  let estimatedAt = -Infinity;
  for (;;) {
    if (signal?.aborted) {
      throw clientError("ABORTED", `The caller stopped following job ${jobId}.`, { jobId, cause: signal.reason });
    }
    const job = await record(jobId);
    if (job === undefined) throw clientError("NOT_FOUND", `There is no job ${jobId}.`, { jobId, field: "jobId" });
    const stale = job.inferenceId !== estimatedFor || clock.now() - estimatedAt >= estimateSeconds * 1000;
    if (job.state !== "SUBMITTED" || sources === undefined) estimate = {};
    else if (stale) {
      estimate = await estimateOf(sources, job, clock.now());
      estimatedAt = clock.now();
      estimatedFor = job.inferenceId;
    }
    const progress: JobProgress = { jobId, state: job.state, known: knownOf(job), ...estimate };
    // What is the same for people is told once: that an estimate is newer, or its time a little later, is no progress.
    const telling = JSON.stringify({ ...progress, estimated: { ...progress.estimated, asOf: "", startsAt: "" } });
    if (telling !== told) yield progress;
    told = telling;
    if (isTerminal(job.state)) return;
    await clock.sleep(pollIntervalSeconds * 1000, signal);
  }
}

function knownOf(job: JobRecord): JobProgress["known"] {
  const { invokingAt, submittedAt, attempt } = job;
  return {
    ...timingsOf(job),
    ...(invokingAt === undefined ? {} : { invokingAt }),
    ...(submittedAt === undefined ? {} : { submittedAt }),
    ...(attempt === undefined ? {} : { attempt }),
  };
}

async function estimateOf(
  sources: Pick<ExplainSources, "endpoint" | "metrics">,
  job: JobRecord,
  now: number,
): Promise<Pick<JobProgress, "estimated">> {
  const described = await sources.endpoint().catch(() => undefined);
  const endpoint = described === "missing" ? undefined : described;
  const window = endpoint === undefined ? {} : { variantName: endpoint.variantName };
  // Without an instance the backlog changes nothing.
  const metrics = endpoint?.currentInstanceCount === 0 ? undefined : await sources.metrics(window).catch(() => undefined);
  const estimated = estimatePhase(job.submittedAt ?? job.createdAt, now, endpoint, metrics);
  if (estimated === undefined) return {};
  return { estimated: { ...estimated, ...(endpoint === undefined ? {} : { instances: endpoint.currentInstanceCount }) } };
}

/** Events of {@link progressEvents}. */
export interface ProgressEvents {
  progress: [JobProgress];
  /** The last progress; undefined when there was none. */
  end: [JobProgress | undefined];
  error: [unknown];
}

/**
 * The same as events, for code that has no loop to spare. Listeners that are added at once miss nothing; without one for
 * `error`, an error is an unhandled one, as with any emitter.
 *
 * @example
 * ```ts
 * progressEvents(job.progress()).on("progress", ({ state }) => console.log(state)).on("error", console.error);
 * ```
 */
export function progressEvents(progress: AsyncIterable<JobProgress>): EventEmitter<ProgressEvents> {
  const events = new EventEmitter<ProgressEvents>();
  void (async () => {
    // Listeners come after this returned.
    await Promise.resolve();
    let last: JobProgress | undefined;
    try {
      for await (const step of progress) {
        last = step;
        events.emit("progress", step);
      }
    } catch (error) {
      events.emit("error", error);
      return;
    }
    events.emit("end", last);
  })();
  return events;
}
