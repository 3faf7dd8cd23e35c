import * as z from "zod";
import { compile, type MetricQuery, type MetricSource } from "../../core/scaling/queries";
import type { MetricDatum } from "../ports";
import { notSupported, ServiceError, type Service } from "../wire";
import { alarmOperations } from "./alarmOperations";
import { dashboardOperations } from "./dashboards";
import { historyOperations } from "./historyOperations";
import { checkData, checkQueries, checkStatisticsQuery } from "./metricChecks";
import { retentionMinutes, statistic, statistics } from "./metrics";
import { operation, type Operation, type Shared } from "./operation";
import { readCall } from "./protocols";
import { dimensions, listOf, metric, metricShape, paged, queryOf, referenceOf, time } from "./shapes";
import { tagOperations } from "./tagOperations";

const period = z.number().int();
/** A number, one that CloudWatch then refuses by name included: JSON spells those as text. */
const double = z.union([
  z.number(),
  z.custom<number>((value) => typeof value === "number"),
  z.enum(["NaN", "Infinity", "-Infinity"]).transform(Number),
]);
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_ListMetrics.html */
const metricsPerPage = 500;

const operations: Record<string, Operation> = {
  PutMetricData: operation(
    z.strictObject({
      Namespace: z.string(),
      MetricData: z.array(
        z.strictObject({
          MetricName: z.string(),
          Dimensions: dimensions,
          Timestamp: time.optional(),
          Value: double.optional(),
          Values: listOf(double).optional(),
          Counts: listOf(z.number()).optional(),
          StatisticValues: z.strictObject({ SampleCount: double, Sum: double, Minimum: double, Maximum: double }).optional(),
          Unit: z.string().default("None"),
          StorageResolution: z.literal(60).optional(),
        }),
      ),
    }),
    ({ Namespace: namespace, MetricData }, { context, store }) => {
      checkData(namespace, MetricData, context.clock.now());
      const data = MetricData.flatMap(
        ({ MetricName: metricName, Dimensions, Timestamp, Value, Values, Counts, StatisticValues, Unit: unit }): MetricDatum[] => {
          const timestamp = Timestamp ?? context.clock.now();
          const of = { namespace, metricName, dimensions: Dimensions, unit, timestamp };
          if (!StatisticValues) return (Values ?? [Value as number]).map((value, at) => ({ ...of, ...repeated(value, Counts?.[at]) }));
          const { SampleCount: sampleCount, Sum: value, Minimum: minimum, Maximum: maximum } = StatisticValues;
          return [{ ...of, value, set: { sampleCount, minimum, maximum } }];
        },
      );
      store.put(data);
      return {};
    },
  ),
  GetMetricStatistics: operation(
    z.strictObject({
      ...metric,
      StartTime: time,
      EndTime: time,
      Period: period,
      Statistics: z.array(z.enum(statistics as [string, ...string[]])).default([]),
      ExtendedStatistics: z.array(z.string()).default([]),
      Unit: z.string().optional(),
    }),
    ({ StartTime, EndTime, Period, Statistics, ExtendedStatistics, Unit, ...reference }, { context, store }) => {
      checkStatisticsQuery({ StartTime, EndTime, Period, Statistics, ExtendedStatistics });
      const series = store.find(referenceOf(reference));
      const computed = (names: readonly string[]) => names.map((name) => [name, known(name)] as const);
      const [plain, extended] = [computed(Statistics), computed(ExtendedStatistics)];
      const { starts, minutes, end } = windows(StartTime, EndTime, Period, context.clock.now());
      const Datapoints = starts.flatMap((from) =>
        (Unit === undefined ? series.units() : [Unit]).flatMap((unit) => {
          const aggregate = series.aggregate(from, Math.min(from + minutes, end), unit);
          if (!aggregate) return [];
          const values = (list: typeof plain) =>
            Object.fromEntries(
              list.flatMap(([name, compute]) => {
                const value = compute(aggregate);
                return value === undefined ? [] : [[name, value]];
              }),
            );
          return {
            Timestamp: new Date(from * 60_000),
            ...values(plain),
            ...(extended.length > 0 && { ExtendedStatistics: values(extended) }),
            Unit: unit,
          };
        }),
      );
      return { Label: reference.MetricName, Datapoints };
    },
  ),
  GetMetricData: operation(
    z.strictObject({
      MetricDataQueries: z
        .array(
          z.strictObject({
            Id: z.string(),
            Label: z.string().optional(),
            Expression: z.string().optional(),
            MetricStat: z
              .strictObject({ Metric: z.strictObject(metric), Period: period, Stat: z.string(), Unit: z.string().optional() })
              .optional(),
            ReturnData: z.boolean().default(true),
          }),
        )
        .min(1),
      StartTime: time,
      EndTime: time,
      ScanBy: z.enum(["TimestampDescending", "TimestampAscending"]).default("TimestampDescending"),
      NextToken: z.string().optional(),
    }),
    ({ MetricDataQueries, StartTime, EndTime, ScanBy, NextToken }, { context, store }) => {
      // Answers come whole, so that none leads anywhere.
      if (NextToken !== undefined) throw new ServiceError("InvalidNextToken", "Invalid nextToken", 400);
      checkQueries(MetricDataQueries, StartTime, EndTime);
      const queries = MetricDataQueries.map(queryOf).map(({ metricStat, ...query }) => ({
        ...query,
        ...(metricStat && { metricStat: { ...metricStat, periodSeconds: wholeMinutes(metricStat.periodSeconds) } }),
      }));
      const results = queries
        .filter(({ returnData }) => returnData)
        .map(({ id, label, metricStat }) => {
          const only = queries.map((query) => ({ ...query, returnData: query.id === id }));
          const before = Math.ceil(EndTime / 60_000);
          const source = compiled(only, { reader: (stat) => store.reader(stat, before) });
          const { starts, minutes } = windows(StartTime, EndTime, source.periodSeconds, context.clock.now());
          const points = source
            .read((starts.at(-1) as number) + minutes, starts.length)
            .flatMap((value, at) => (value === undefined ? [] : [{ at: starts[at] as number, value }]));
          if (ScanBy === "TimestampDescending") points.reverse();
          return {
            Id: id,
            Label: label ?? metricStat?.metric.metricName ?? id,
            Timestamps: points.map(({ at }) => new Date(at * 60_000)),
            Values: points.map(({ value }) => value),
            StatusCode: "Complete",
          };
        });
      return { MetricDataResults: results };
    },
  ),
  ListMetrics: operation(
    z.strictObject({
      Namespace: z.string().optional(),
      MetricName: z.string().optional(),
      Dimensions: z.array(z.strictObject({ Name: z.string(), Value: z.string().optional() })).default([]),
      RecentlyActive: z.literal("PT3H").optional(),
      NextToken: z.string().optional(),
    }),
    ({ Namespace, MetricName, Dimensions, RecentlyActive, NextToken }, { context, store }) => {
      const found = store
        .list(RecentlyActive === undefined ? undefined : Math.floor(context.clock.now() / 60_000) - 180)
        .filter(
          (candidate) =>
            (Namespace === undefined || candidate.namespace === Namespace) &&
            (MetricName === undefined || candidate.metricName === MetricName) &&
            Dimensions.every(
              ({ Name, Value }) => Name in candidate.dimensions && (Value === undefined || candidate.dimensions[Name] === Value),
            ),
        );
      const { page, next } = paged(found, {
        list: "ListMetrics",
        idOf: (each) => JSON.stringify(metricShape(each)),
        limit: metricsPerPage,
        token: NextToken,
        invalid: "InvalidParameterValue",
      });
      return { Metrics: page.map(metricShape), ...next };
    },
  ),
  ...alarmOperations,
  ...historyOperations,
  ...dashboardOperations,
  ...tagOperations,
};

/** Names of the operations that are answered. */
export const operationNames = Object.keys(operations);

/** CloudWatch's API, in the protocols of {@link readCall}. What is no list comes whole. */
export function wireOf(shared: Shared): Service {
  return async (request) => {
    const { operation: name, input, answer } = readCall(request);
    const carryOut = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!carryOut) throw notSupported(`the operation ${name} of CloudWatch`);
    shared.store.settle();
    return answer(carryOut(input, shared));
  };
}

/** A value that came several times. */
function repeated(value: number, sampleCount = 1): Pick<MetricDatum, "value" | "set"> {
  return sampleCount === 1 ? { value } : { value: value * sampleCount, set: { sampleCount, minimum: value, maximum: value } };
}

function known(name: string): NonNullable<ReturnType<typeof statistic>> {
  const compute = statistic(name);
  if (!compute)
    throw new ServiceError(
      "InvalidParameterValue",
      `The statistic ${name} is not supported by the embedded cloud.`,
      400,
      "InvalidParameterValueException",
    );
  return compute;
}

function compiled(queries: readonly MetricQuery[], store: MetricSource): ReturnType<typeof compile> {
  try {
    return compile(queries, store);
  } catch (error) {
    throw new ServiceError("ValidationError", error instanceof Error ? error.message : String(error));
  }
}

/** Datapoints here are of a minute, and of a minute a shorter period comes to. */
function wholeMinutes(periodSeconds: number): number {
  return Math.max(60, periodSeconds);
}

/** Nobody publishes for later: CloudWatch takes data of the next two hours. */
const aheadMinutes = 180;

/**
 * Periods from a time, rounded down to its minute, until before another: as on AWS they begin with the question and not at multiples
 * of themselves. Those of which nothing is kept at `now` are left out: one from 1970 to 2100 has 68 million.
 */
function windows(from: number, to: number, periodSeconds: number, now: number): { starts: number[]; minutes: number; end: number } {
  const minutes = wholeMinutes(periodSeconds) / 60;
  const asked = Math.floor(from / 60_000);
  const oldest = Math.floor(now / 60_000) - retentionMinutes;
  const end = Math.max(asked + 1, Math.min(Math.ceil(to / 60_000), oldest + retentionMinutes + aheadMinutes));
  const first = asked + Math.max(0, Math.floor((Math.min(oldest, end - 1) - asked) / minutes)) * minutes;
  const starts = Array.from({ length: Math.ceil((end - first) / minutes) }, (_, at) => first + at * minutes);
  return { starts, minutes, end };
}
