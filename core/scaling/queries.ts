import { parseMath, type MathExpression, type Series } from "./math";

/** One metric of one namespace: every dimension counts, as CloudWatch has it. */
export interface MetricReference {
  namespace: string;
  metricName: string;
  dimensions: Readonly<Record<string, string>>;
}

/** A metric and how its datapoints are computed. */
export interface MetricStat {
  metric: MetricReference;
  /** A multiple of 60. */
  periodSeconds: number;
  /** `Average`, `Sum`, `Minimum`, `Maximum`, `SampleCount` or a percentile such as `p90`. */
  stat: string;
  unit?: string;
}

/** One line of an alarm or of a query: a metric, or an expression over the others. */
export interface MetricQuery {
  id: string;
  metricStat?: MetricStat;
  expression?: string;
  label?: string;
  /** Exactly one query of an alarm returns data: the one that is compared. */
  returnData: boolean;
}

/** Datapoints of what a list of queries returns. */
export interface Source {
  periodSeconds: number;
  /** Whether each datapoint depends on the metrics' datapoints of its own period alone: a stretch can then be read in parts. */
  pointwise: boolean;
  read: Read;
}

/**
 * Prepares the queries of an alarm. Throws an Error that names the query when one can't be evaluated:
 * an alarm must not be registered that could never fire.
 */
export function compile(queries: readonly MetricQuery[], store: MetricSource): Source {
  const returned = queries.filter(({ returnData }) => returnData);
  if (returned.length !== 1) throw new Error(`exactly one metric query must have returnData, got ${returned.length}`);
  const periods = new Set(queries.flatMap(({ metricStat }) => metricStat?.periodSeconds ?? []));
  const [periodSeconds] = periods;
  if (periodSeconds === undefined) throw new Error("metric queries need at least one metric");
  if (periods.size > 1) throw new Error(`every metric must have the same period, got ${[...periods].join(", ")}`);
  if (periodSeconds % 60 !== 0 || periodSeconds < 60) {
    throw new Error(`period: ${periodSeconds} is not supported by the embedded cloud; use a multiple of 60 seconds`);
  }
  const source = { periodSeconds, ...reader(returned[0] as MetricQuery, queries, store, periodSeconds) };
  // Over no datapoints at all, an expression shows whether it makes sense.
  source.read(0, 2);
  return source;
}

/** Datapoints of `count` periods that end with the minute `end` (since the epoch, exclusive), oldest first. */
export type Read = (end: number, count: number) => Series;

/** Where datapoints of metrics come from. */
export interface MetricSource {
  /** Throws an Error when the statistic can't be computed. */
  reader(stat: MetricStat): Read;
}

function reader(
  wanted: MetricQuery,
  queries: readonly MetricQuery[],
  store: MetricSource,
  periodSeconds: number,
): Pick<Source, "pointwise" | "read"> {
  const metrics = new Map<string, Read>();
  const expressions: { id: string; math: MathExpression }[] = [];
  const metricIds = queries.filter(({ metricStat }) => metricStat).map(({ id }) => id);
  /** Puts what an expression needs before it. */
  const add = (query: MetricQuery, path: readonly string[]): void => {
    const { id } = query;
    if (path.includes(id)) throw new Error(`metric query "${id}" refers to itself: ${[...path, id].join(" -> ")}`);
    if (metrics.has(id) || expressions.some((known) => known.id === id)) return;
    if (query.metricStat) {
      const { metricStat } = query;
      return void metrics.set(
        id,
        named(id, () => store.reader(metricStat)),
      );
    }
    const math = named(id, () => parseMath(query.expression ?? ""));
    for (const reference of math.references) {
      const needed = queries.find((other) => other.id === reference);
      if (!needed) throw new Error(`metric query "${id}": "${reference}" is no id of a metric or of an expression`);
      add(needed, [...path, id]);
    }
    expressions.push({ id, math });
  };
  for (const query of queries.filter(({ metricStat }) => metricStat)) add(query, []);
  add(wanted, []);
  if (wanted.metricStat) return { pointwise: true, read: metrics.get(wanted.id) as Read };
  const series = new Map<string, Series>();
  const read: Read = (end, count) => {
    for (const [id, read] of metrics) series.set(id, read(end, count));
    for (const { id, math } of expressions) {
      series.set(
        id,
        named(id, () => finite(math.evaluate({ series, metricIds, length: count, periodSeconds, endMinute: end }))),
      );
    }
    return series.get(wanted.id) as Series;
  };
  return { pointwise: expressions.every(({ math }) => math.pointwise), read };
}

function named<Result>(id: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw new Error(`metric query "${id}": ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** What has no value (a division by zero) is dropped. */
function finite(points: Series): Series {
  const isGap = (point: number | undefined) => point !== undefined && !Number.isFinite(point);
  return points.some(isGap) ? points.map((point) => (isGap(point) ? undefined : point)) : points;
}
