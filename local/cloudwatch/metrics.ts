import type { MetricReference, MetricSource, MetricStat, Read } from "../../core/scaling/queries";
import type { Clock } from "../clock";
import type { MetricDatum, MetricSink } from "../ports";

/** What was published for one metric in one stretch of time. */
export interface Aggregate {
  sampleCount: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Every value, unsorted: percentiles need them. Undefined where a set of different ones was published. */
  values: readonly Valued[] | undefined;
}

/** A value, or one that came several times. */
type Valued = number | readonly [value: number, count: number];

/** Statistics that are more than a field of {@link Aggregate}: `p90`, `p99.9`. */
const percentile = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

const plainStatistics: Record<string, (aggregate: Aggregate) => number> = {
  Average: ({ sum, sampleCount }) => sum / sampleCount,
  Sum: ({ sum }) => sum,
  Minimum: ({ minimum }) => minimum,
  Maximum: ({ maximum }) => maximum,
  SampleCount: ({ sampleCount }) => sampleCount,
};

/** Names of the statistics that are not percentiles. */
export const statistics: readonly string[] = Object.keys(plainStatistics);

/**
 * How to compute a statistic, which may come to nothing: a percentile of values that nobody kept.
 *
 * @returns undefined for one that the embedded cloud does not know, such as `tm90`
 */
export function statistic(name: string): ((aggregate: Aggregate) => number | undefined) | undefined {
  const rank = percentile.exec(name)?.[1];
  return rank === undefined ? plainStatistics[name] : ({ values }) => values && percentileOf(values, Number(rank));
}

function percentileOf(values: readonly Valued[], rank: number): number {
  const counted = values.map((each) => (typeof each === "number" ? ([each, 1] as const) : each)).sort(([a], [b]) => a - b);
  const position = (rank / 100) * (counted.reduce((sum, [, count]) => sum + count, 0) - 1);
  const at = (place: number) => {
    let before = 0;
    return counted.find(([, count]) => (before += count) > place)?.[0] ?? counted.at(-1)?.[0] ?? NaN;
  };
  const [below, above] = [at(Math.floor(position)), at(Math.ceil(position))];
  return below + (above - below) * (position - Math.floor(position));
}

type Minute = Aggregate & { values: Valued[] | undefined };

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch_concepts.html#Percentiles: when those of a set are known. */
function minuteOf({ value, set }: MetricDatum): Minute {
  if (!set) return { sampleCount: 1, sum: value, minimum: value, maximum: value, values: [value] };
  const isKnown = set.sampleCount === 1 || set.minimum === set.maximum;
  return { ...set, sum: value, values: isKnown ? [[set.minimum, set.sampleCount]] : undefined };
}

/** One metric's datapoints, a minute each, by unit. */
export class MetricSeries {
  /** Minutes since the epoch, oldest first except for what is published late. */
  private readonly byUnit = new Map<string, Map<number, Minute>>();

  constructor(readonly reference: MetricReference) {}

  /** True until the first datapoint. */
  get empty(): boolean {
    return this.byUnit.size === 0;
  }

  /** Units of what was published, in the order in which they were first seen. */
  units(): string[] {
    return [...this.byUnit.keys()];
  }

  /** Last minute with a datapoint. */
  lastMinute = -Infinity;

  add(datum: MetricDatum): void {
    const { unit, value, timestamp, set } = datum;
    let minutes = this.byUnit.get(unit);
    if (!minutes) this.byUnit.set(unit, (minutes = new Map<number, Minute>()));
    const minute = Math.floor(timestamp / 60_000);
    const known = minutes.get(minute);
    this.lastMinute = Math.max(this.lastMinute, minute);
    if (!known) return void minutes.set(minute, minuteOf(datum));
    if (set) return void minutes.set(minute, merge(known, minuteOf(datum)));
    known.sampleCount += 1;
    known.sum += value;
    known.minimum = Math.min(known.minimum, value);
    known.maximum = Math.max(known.maximum, value);
    known.values?.push(value);
  }

  /** What was published from `from` until before `to`, both minutes since the epoch; of one unit when it is given. */
  aggregate(from: number, to: number, unit?: string): Aggregate | undefined {
    let merged: Aggregate | undefined;
    for (const [name, minutes] of this.byUnit) {
      if (unit !== undefined && unit !== name) continue;
      for (let minute = from; minute < to; minute++) {
        const found = minutes.get(minute);
        if (found) merged = merged ? merge(merged, found) : found;
      }
    }
    return merged;
  }

  /** Drops what is older than `minute`. */
  forget(minute: number): void {
    for (const minutes of this.byUnit.values()) {
      for (const kept of minutes.keys()) {
        if (kept >= minute) break;
        minutes.delete(kept);
      }
    }
  }
}

function merge(a: Aggregate, b: Aggregate): Minute {
  return {
    sampleCount: a.sampleCount + b.sampleCount,
    sum: a.sum + b.sum,
    minimum: Math.min(a.minimum, b.minimum),
    maximum: Math.max(a.maximum, b.maximum),
    values: a.values && b.values && [...a.values, ...b.values],
  };
}

/** CloudWatch keeps datapoints of one minute for 15 days. */
export const retentionMinutes = 15 * 24 * 60;

/** Every metric of the cloud. What a service publishes is seen late, as on AWS; what a program publishes, at once. */
export class MetricStore implements MetricSink, MetricSource {
  private readonly series = new Map<string, MetricSeries>();
  /** Published and not yet to be seen, oldest first. */
  private readonly pending: { visibleAt: number; data: readonly MetricDatum[] }[] = [];
  private prunedAt = 0;

  constructor(
    private readonly clock: Clock,
    /** How much later what the services publish (namespaces of AWS) can be read. */
    private readonly delaySeconds: number,
  ) {}

  put(data: readonly MetricDatum[]): void {
    const late: MetricDatum[] = [];
    for (const datum of data) {
      if (this.delaySeconds > 0 && isService(datum.namespace)) late.push(datum);
      else this.find(datum).add(datum);
    }
    if (late.length > 0) this.pending.push({ visibleAt: this.clock.now() + this.delaySeconds * 1000, data: late });
  }

  /** The metric, which may have no datapoint yet. */
  find(reference: MetricReference): MetricSeries {
    const key = keyOf(reference);
    let series = this.series.get(key);
    if (!series) {
      const { namespace, metricName, dimensions } = reference;
      this.series.set(key, (series = new MetricSeries({ namespace, metricName, dimensions })));
    }
    return series;
  }

  /**
   * Reads a statistic of a metric.
   *
   * @param before minute since the epoch from which on nothing is read
   * @throws Error that names a statistic which the embedded cloud does not know
   */
  reader({ metric, periodSeconds, stat, unit }: MetricStat, before = Infinity): Read {
    const compute = statistic(stat);
    if (!compute) {
      throw new Error(`the statistic ${stat} is not supported by the embedded cloud; use ${statistics.join(", ")} or pNN`);
    }
    const series = this.find(metric);
    const minutes = periodSeconds / 60;
    return (end, count) =>
      Array.from({ length: count }, (_, at) => {
        const from = end - (count - at) * minutes;
        const aggregate: Aggregate | undefined = series.aggregate(from, Math.min(from + minutes, before), unit);
        return aggregate && compute(aggregate);
      });
  }

  /** Every metric that has had a datapoint. @param since minute since the epoch: only those with one from then on. @default all */
  list(since = -Infinity): MetricReference[] {
    this.settle();
    const found = [...this.series.values()].filter((series) => !series.empty && series.lastMinute >= since);
    return found.map(({ reference }) => reference);
  }

  /** Makes visible what is due. To be called before reading. */
  settle(): void {
    const now = this.clock.now();
    let due = 0;
    for (; due < this.pending.length && (this.pending[due]?.visibleAt as number) <= now; due++) {
      for (const datum of this.pending[due]?.data ?? []) this.find(datum).add(datum);
    }
    this.pending.splice(0, due);
    const minute = Math.floor(now / 60_000);
    if (minute - this.prunedAt < 60) return;
    this.prunedAt = minute;
    for (const series of this.series.values()) series.forget(minute - retentionMinutes);
  }
}

function isService(namespace: string): boolean {
  return /^\/?aws\//i.test(namespace);
}

function keyOf({ namespace, metricName, dimensions }: MetricReference): string {
  const named = Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify([namespace, metricName, named]);
}
