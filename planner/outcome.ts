import type { Engine } from "./engine";
import { jobStates } from "./jobs";
import { periodOf, type Load } from "./load";
import type { PlanSettings } from "./settings";

/** What has become of a load. */
export interface Outcome {
  jobs: number;
  finished: number;
  /** Jobs that a scale-in hit. */
  killed: number;
  /** Jobs that waited longer than `requestTtlSeconds`. */
  expired: number;
  /** Jobs that ran for `invocationTimeoutSeconds` without an end. */
  timedOut: number;
  /** From submitting a job until it runs, of those that ran, and by how much it then runs longer than in the load; 0 when none did. */
  waitSeconds: { p50: number; p95: number; p99: number; max: number };
  /** How many jobs waited up to so long, and longer than the entry before says. */
  waitHistogram: { upToSeconds: number; jobs: number }[];
  /** Instances that are paid for, from their order until they have ended. */
  instanceHours: number;
  /** Instance hours in which at least one job ran. */
  busyHours: number;
  /** Share of the instance hours in which no job ran: start-up, and waiting for work. */
  idleShare: number;
  /** Undefined without a price. A month is 730 hours. */
  usdPerMonth?: number;
  /** Per job that finished. Undefined without a price, and when none finished. */
  usdPerJob?: number;
  /** The course of it: means of instances, the most of the backlog. */
  series: { secondsPerPoint: number; instances: Float32Array; wanted: Float32Array; backlog: Float32Array };
  /** By the hour of arrival, from second 0 of the load; NaN for an hour in which no job came that ran. */
  hourlyP95WaitSeconds: Float32Array;
  /** The hours whose jobs waited longest, the worst first. `at` is when one begins, in milliseconds since the epoch; `hour` counts from second 0. */
  worstHours: { at: number; hour: number; p95WaitSeconds: number; jobs: number }[];
}

const hourMilliseconds = 3_600_000;
const hoursPerMonth = 730;
const worstHourCount = 3;
/** Points of a course at the most: of a week, one per minute. */
const mostPoints = 7 * 1440;
const bucketSeconds = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 21_600];

/** Instances and backlog by the minute, or coarser. */
export class Series {
  private readonly minutesPerPoint: number;
  private minutes = 0;
  private readonly instances: number[] = [];
  private readonly wanted: number[] = [];
  private readonly backlog: number[] = [];

  constructor(periodMilliseconds: number) {
    this.minutesPerPoint = Math.max(1, Math.ceil(periodMilliseconds / 60_000 / mostPoints));
  }

  /** One minute's. */
  add(instances: number, wanted: number, backlog: number): void {
    const point = Math.floor(this.minutes / this.minutesPerPoint);
    this.instances[point] = (this.instances[point] ?? 0) + instances;
    this.wanted[point] = (this.wanted[point] ?? 0) + wanted;
    this.backlog[point] = Math.max(this.backlog[point] ?? 0, backlog);
    this.minutes += 1;
  }

  /** What was added. */
  read(): Outcome["series"] {
    const mean = (sums: readonly number[]) =>
      Float32Array.from(sums, (sum, point) => sum / Math.min(this.minutesPerPoint, this.minutes - point * this.minutesPerPoint));
    return {
      secondsPerPoint: this.minutesPerPoint * 60,
      instances: mean(this.instances),
      wanted: mean(this.wanted),
      backlog: Float32Array.from(this.backlog),
    };
  }
}

/** Sums a simulation up. @param series undefined: its course was not kept */
export function outcomeOf(load: Load, settings: PlanSettings, engine: Engine, series: Series | undefined): Outcome {
  const { jobs, fleet } = engine;
  const counts = new Uint32Array(Object.keys(jobStates).length);
  for (const state of jobs.state) counts[state] = (counts[state] as number) + 1;
  const of = (state: keyof typeof jobStates) => counts[jobStates[state]] as number;
  const waits = waitsOf(load, engine, settings);
  const sorted = known(waits).sort();
  const instanceHours = engine.instanceMilliseconds / hourMilliseconds;
  const busyHours = fleet.busyMilliseconds / hourMilliseconds;
  const usd = settings.usdPerHour === undefined ? undefined : instanceHours * settings.usdPerHour;
  const finished = of("finished");
  return {
    jobs: jobs.length,
    finished,
    killed: engine.killed,
    expired: engine.expired,
    timedOut: of("timedOut"),
    waitSeconds: { p50: quantile(sorted, 0.5), p95: quantile(sorted, 0.95), p99: quantile(sorted, 0.99), max: quantile(sorted, 1) },
    waitHistogram: histogram(sorted),
    instanceHours,
    busyHours,
    idleShare: instanceHours === 0 ? 0 : Math.max(0, 1 - busyHours / instanceHours),
    ...(usd !== undefined && { usdPerMonth: (usd * hoursPerMonth * 3600) / periodOf(load) }),
    ...(usd !== undefined && finished > 0 && { usdPerJob: usd / finished }),
    series: series?.read() ?? {
      secondsPerPoint: 60,
      instances: new Float32Array(),
      wanted: new Float32Array(),
      backlog: new Float32Array(),
    },
    ...byHour(load, waits),
  };
}

/** In seconds; NaN for a job that has never run. They take the place of the engine's beginnings. Slower runs are waited for too: else a slow instance without a queue were the best. */
function waitsOf({ durationSeconds }: Load, { jobs }: Engine, { speedFactor }: PlanSettings): Float64Array {
  const { arrival, started, duration } = jobs;
  // Nobody needs the beginnings any more, and of a million jobs each array counts.
  const waits = started;
  for (let job = 0; job < waits.length; job++) {
    const longer = speedFactor >= 1 ? 0 : Math.max(0, (duration[job] as number) / 1000 - (durationSeconds[job] as number));
    waits[job] = ((waits[job] as number) - (arrival[job] as number)) / 1000 + longer;
  }
  return waits;
}

/** The smallest value that at least so many values are not above. @param sorted ascending */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function histogram(sorted: Float64Array): Outcome["waitHistogram"] {
  const buckets: Outcome["waitHistogram"] = [];
  let below = 0;
  const longest = sorted.at(-1) ?? 0;
  for (const upToSeconds of longest > (bucketSeconds.at(-1) as number) ? [...bucketSeconds, Math.ceil(longest)] : bucketSeconds) {
    let upTo = below;
    while (upTo < sorted.length && (sorted[upTo] as number) <= upToSeconds) upTo += 1;
    buckets.push({ upToSeconds, jobs: upTo - below });
    below = upTo;
    if (below === sorted.length) break;
  }
  return buckets;
}

/** Jobs come sorted by arrival, so that an hour's stand together. */
function byHour({ arrivalSeconds, startsAt }: Load, waits: Float64Array): Pick<Outcome, "hourlyP95WaitSeconds" | "worstHours"> {
  const hourOf = (job: number) => Math.floor((arrivalSeconds[job] as number) / 3600);
  const count = waits.length;
  const hourly = new Float32Array(hourOf(count - 1) + 1).fill(Number.NaN);
  const hours: Outcome["worstHours"] = [];
  for (let from = 0; from < count;) {
    const hour = hourOf(from);
    let to = from;
    while (to < count && hourOf(to) === hour) to += 1;
    const sorted = known(waits.subarray(from, to)).sort();
    if (sorted.length > 0) {
      const p95WaitSeconds = quantile(sorted, 0.95);
      hourly[hour] = p95WaitSeconds;
      hours.push({ at: startsAt + hour * hourMilliseconds, hour, p95WaitSeconds, jobs: to - from });
    }
    from = to;
  }
  const worst = hours.sort((one, other) => other.p95WaitSeconds - one.p95WaitSeconds || one.hour - other.hour);
  return { hourlyP95WaitSeconds: hourly, worstHours: worst.slice(0, worstHourCount) };
}

/** Without those that are NaN. */
function known(waits: Float64Array): Float64Array {
  const all = new Float64Array(waits.length);
  let count = 0;
  for (const wait of waits) if (!Number.isNaN(wait)) all[count++] = wait;
  return all.subarray(0, count);
}
