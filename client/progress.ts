import { EventEmitter } from "node:events";
import { present } from "../core/present";
import { estimatePhase } from "./explain/estimate";
import type { ExplainSources } from "./explain/sources";
import type { JobProgress, JobStatus } from "./types";

/** What progress is made of. Each wait ends with an error when its caller gives up. @internal */
export interface ProgressDependencies {
  status: () => Promise<JobStatus>;
  /** Where estimates come from. What can't be read is left out: progress goes on without. */
  sources: Pick<ExplainSources, "endpoint" | "metrics">;
  /** Milliseconds since the epoch. */
  now: () => number;
  pause: (seconds: number) => Promise<void>;
  pollIntervalSeconds: number;
}

/** How old an estimate may become: CloudWatch has one datapoint a minute. */
const estimateSeconds = 30;

/**
 * How far a job is, each time that something changes, from its present state to its end.
 *
 * `known` is what is recorded: accepted, invoking, submitted, ended. `estimated` follows from backlog, instances and the job's
 * age, since SageMaker does not tell when a request starts to run.
 *
 * @internal
 */
export async function* progressOf(dependencies: ProgressDependencies): AsyncGenerator<JobProgress, void, void> {
  const { status, sources, now, pause, pollIntervalSeconds } = dependencies;
  let told: string | undefined;
  let estimate: Pick<JobProgress, "estimated"> = {};
  let estimatedFor: string | undefined;
  let estimatedAt = -Infinity;
  for (;;) {
    const job = await status();
    const stale = job.inferenceId !== estimatedFor || now() - estimatedAt >= estimateSeconds * 1000;
    if (job.state !== "SUBMITTED") estimate = {};
    else if (stale) {
      estimate = await estimateOf(sources, job, now());
      estimatedAt = now();
      estimatedFor = job.inferenceId;
    }
    const { jobId, state, timings, attempt } = job;
    const progress: JobProgress = { jobId, state, known: { ...timings, ...present({ attempt }) }, ...estimate };
    // What is the same for people is told once: that an estimate is newer, or its time a little later, is no progress.
    const telling = JSON.stringify({ ...progress, estimated: { ...progress.estimated, asOf: undefined, startsAt: undefined } });
    if (telling !== told) yield progress;
    told = telling;
    if (job.ended) return;
    await pause(pollIntervalSeconds);
  }
}

async function estimateOf(
  sources: ProgressDependencies["sources"],
  { timings }: JobStatus,
  now: number,
): Promise<Pick<JobProgress, "estimated">> {
  const described = await sources.endpoint().catch(() => undefined);
  const endpoint = described === "missing" ? undefined : described;
  const instances = endpoint?.currentInstanceCount;
  const submittedAt = timings.submittedAt ?? timings.acceptedAt;
  // Without an instance the backlog changes nothing.
  const metrics =
    instances === 0 ? undefined : await sources.metrics(present({ variantName: endpoint?.variantName })).catch(() => undefined);
  const estimated = estimatePhase(submittedAt, now, endpoint, metrics);
  return estimated === undefined ? {} : { estimated: { ...estimated, ...present({ instances }) } };
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
