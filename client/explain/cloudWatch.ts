import type { Dimension, MetricAlarm } from "@aws-sdk/client-cloudwatch";
import type { ExplainConnections } from "./sources";
import { present } from "../../core/present";
import { isoTime } from "../../core/records/isoTime";
import type { AlarmFacts, MetricFacts } from "./types";

/** Which metrics to read. */
export interface MetricWindow {
  /** The variant, for metrics of single requests; without it they are not read. */
  variantName?: string;
  /** When the job's time in the queue is over; once it is, expired requests of that time are counted. */
  expiresAt?: string;
}

/** How far back the newest backlog and the pace are looked for. */
const recentSeconds = 900;
/** Requests that expired within these bounds of a moment may be the one that was due then. */
const aroundExpiry = { beforeSeconds: 60, afterSeconds: 240 };
/** How late metrics may come: earlier, that nothing was counted says nothing. */
const lateSeconds = 180;
/** Alarms in ALARM are few; a page has 50 or more. */
const mostAlarmPages = 5;

/** GetMetricData: backlog, pace, and whether requests expired when the job's time in the queue was over. */
export async function readMetrics(
  { library, client }: ExplainConnections["cloudWatch"],
  endpointName: string,
  now: number,
  { variantName, expiresAt }: MetricWindow,
): Promise<MetricFacts> {
  const variant = variantName === undefined || variantName === "" ? [] : [variantName];
  const metric = (Id: string, MetricName: string, Stat: string, Period: number, variants: string[] = []) => {
    const Dimensions: Dimension[] = [
      { Name: "EndpointName", Value: endpointName },
      ...variants.map((Value) => ({ Name: "VariantName", Value })),
    ];
    return { Id, MetricStat: { Metric: { Namespace: "AWS/SageMaker", MetricName, Dimensions }, Period, Stat } };
  };
  const read = async (MetricDataQueries: ReturnType<typeof metric>[], from: number, to: number) => {
    const { MetricDataResults = [] } = await client.send(
      new library.GetMetricDataCommand({ MetricDataQueries, StartTime: new Date(from), EndTime: new Date(to) }),
    );
    return (id: string) => {
      const found = MetricDataResults.find(({ Id }) => Id === id);
      return (found?.Timestamps ?? []).map((at, index) => ({ at: at.toISOString(), value: found?.Values?.[index] ?? 0 }));
    };
  };

  const queries = [
    metric("backlog", "ApproximateBacklogSize", "Maximum", 60),
    metric("oldest", "ApproximateAgeOfOldestRequest", "Maximum", 60),
    ...variant.map((name) => metric("processed", "InvocationsProcessed", "Sum", 60, [name])),
  ];
  const dueAt = expiresAt === undefined ? Infinity : Date.parse(expiresAt);
  const [recent, then] = await Promise.all([
    read(queries, now - recentSeconds * 1000, now),
    variant.length === 0 || now < dueAt + lateSeconds * 1000
      ? undefined
      : read(
          variant.map((name) => metric("expired", "ExpiredRequests", "Sum", 60, [name])),
          dueAt - aroundExpiry.beforeSeconds * 1000,
          Math.min(dueAt + aroundExpiry.afterSeconds * 1000, now),
        ),
  ]);

  // Newest first, as GetMetricData gives them when it isn't asked otherwise.
  const [backlog] = recent("backlog");
  const oldest = recent("oldest").find(({ at }) => at === backlog?.at);
  const processed = recent("processed");
  return {
    ...(backlog === undefined
      ? {}
      : { backlog: { at: backlog.at, size: backlog.value, ...present({ oldestRequestSeconds: oldest?.value }) } }),
    ...(processed.length === 0 ? {} : { processedPerMinute: Math.round((total(processed) / (recentSeconds / 60)) * 100) / 100 }),
    ...present({ expiredThen: then && total(then("expired")) }),
  };
}

function total(points: { value: number }[]): number {
  return points.reduce((sum, { value }) => sum + value, 0);
}

/** DescribeAlarms: those in ALARM of which a metric is the endpoint's. */
export async function readAlarms({ library, client }: ExplainConnections["cloudWatch"], endpointName: string): Promise<AlarmFacts[]> {
  const found: AlarmFacts[] = [];
  let NextToken: string | undefined;
  for (let page = 0; page < mostAlarmPages; page++) {
    const answer = await client.send(
      new library.DescribeAlarmsCommand({
        StateValue: "ALARM",
        AlarmTypes: ["MetricAlarm"],
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    for (const alarm of answer.MetricAlarms ?? []) {
      if (!watches(alarm, endpointName)) continue;
      found.push({
        name: alarm.AlarmName ?? "",
        since: (alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp)?.toISOString() ?? isoTime(0),
        reason: alarm.StateReason ?? "",
      });
    }
    NextToken = answer.NextToken;
    if (NextToken === undefined) break;
  }
  return found;
}

/** Whether a metric of an alarm is the endpoint's. */
export function watches({ Dimensions = [], Metrics = [] }: MetricAlarm, endpointName: string): boolean {
  const all = [...Dimensions, ...Metrics.flatMap(({ MetricStat }) => MetricStat?.Metric?.Dimensions ?? [])];
  return all.some(({ Name, Value }) => Name === "EndpointName" && Value === endpointName);
}
