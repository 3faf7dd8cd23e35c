import { seededRandom } from "../../local/faults/random";
import { median, table } from "../measure";
import { loads, type Arrival } from "./loads";
import { bounds, scalingPolicies } from "./policies";
import { replay, type Outcome } from "./replay";
import { markdown } from "./report";
import { usualConditions } from "./simulation";

/**
 * When the batch is submitted, how large it is, how fast S3 Batch Operations makes it jobs with a thousand invocations of 0.15 seconds at
 * a time, and how long the model works on each: 22 hours of work.
 */
const batch = { atHours: 9, jobs: 2000, perSecond: 1000 / 0.15, leastSeconds: 20, mostSeconds: 60 };

/** What the component takes when `lowPriorityBacklog` is left out. */
const usualBacklog = bounds.maxCapacity * (usualConditions.maxConcurrentInvocationsPerInstance + bounds.targetBacklogPerInstance);

const subjects = [
  { title: "people alone", hasBatch: false },
  { title: "with a batch behind them, no priorities", hasBatch: true },
  { title: `with a batch of low priority, bound ${usualBacklog} (default)`, hasBatch: true, backlog: usualBacklog },
  { title: "with a batch of low priority, bound 10", hasBatch: true, backlog: 10 },
];

/** Medians over the seeds. */
export interface PriorityRow {
  title: string;
  people: { p50: number; p95: number };
  /** Absent without a batch. */
  batch?: { completed: number; p95: number; endedHours: number };
  killed: number;
  expired: number;
  instanceHours: number;
}

/** Replays people's jobs of two days, with and without a batch in their morning. */
export async function comparePriorities({ seeds, hours }: { seeds: number; hours: number }): Promise<PriorityRow[]> {
  const policy = scalingPolicies.ours;
  const resources = await policy.resources();
  const rows: PriorityRow[] = [];
  for (const { title, hasBatch, backlog } of subjects) {
    const outcomes: Outcome[] = [];
    for (let seed = 1; seed <= seeds; seed++) {
      const { next } = seededRandom(seed);
      const people: Arrival[] = loads.diurnal(next, hours);
      const low = Array.from({ length: hasBatch ? batch.jobs : 0 }, (_, index) => ({
        atSeconds: batch.atHours * 3600 + index / batch.perSecond,
        modelSeconds: batch.leastSeconds + (batch.mostSeconds - batch.leastSeconds) * next(),
        low: true as const,
      }));
      const arrivals = [...people, ...low].sort((a, b) => a.atSeconds - b.atSeconds);
      const lowPriority = backlog === undefined ? {} : { lowPriority: { backlog } };
      outcomes.push(await replay({ ...policy, ...lowPriority }, resources, arrivals, usualConditions, hours));
    }
    const middle = (value: (outcome: Outcome) => number) => median(outcomes.map(value));
    rows.push({
      title,
      people: { p50: middle(({ waitSeconds }) => waitSeconds.p50), p95: middle(({ waitSeconds }) => waitSeconds.p95) },
      ...(hasBatch && {
        batch: {
          completed: middle((outcome) => outcome.batch?.completed ?? 0),
          p95: middle((outcome) => outcome.batch?.waitSeconds.p95 ?? 0),
          endedHours: middle((outcome) => outcome.batch?.endedHours ?? 0),
        },
      }),
      killed: middle(({ killed }) => killed),
      expired: middle(({ expired }) => expired),
      instanceHours: middle(({ instanceHours }) => instanceHours),
    });
  }
  return rows;
}

/** The rows as a table of docs/scaling.md. */
export function priorityTable(rows: readonly PriorityRow[], inMarkdown: boolean): string {
  const head = ["", "people p50 min", "people p95 min", "batch p95 min", "batch done after h", "killed", "expired", "instance hours"];
  const minutes = (seconds: number) => (seconds / 60).toFixed(1);
  const cells = rows.map(({ title, people, batch: low, killed, expired, instanceHours }) => [
    title,
    minutes(people.p50),
    minutes(people.p95),
    low ? minutes(low.p95) : "",
    low ? (low.endedHours - batch.atHours).toFixed(1) : "",
    String(killed),
    String(expired),
    instanceHours.toFixed(0),
  ]);
  return inMarkdown ? markdown([head, ...cells]) : table([head, ...cells]);
}
