import type { EndpointHistory } from "../../planner/cost/runs";
import type { AsyncInferenceOutputs } from "../../outputs";
import { asyncInferenceError } from "../../client/errors";
import type { AwsSettings } from "../aws";

/** What CloudWatch said, or why it said nothing. */
export type HistoryAnswer = { history: EndpointHistory; periodSeconds: number } | { history: undefined; reason: string };

const minuteMilliseconds = 60_000;
const dayMilliseconds = 86_400_000;

/**
 * How long CloudWatch keeps datapoints, by their period.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricStatistics.html
 */
const kept = [
  { periodSeconds: 60, days: 15 },
  { periodSeconds: 300, days: 63 },
  { periodSeconds: 3600, days: 455 },
];

/**
 * Instances and processing times of an endpoint from CloudWatch, minute by minute; as old as the times are, in minutes that are alike for
 * five minutes or an hour.
 *
 * @param from milliseconds since the epoch
 * @param now the service's time
 */
export async function readHistory(
  outputs: AsyncInferenceOutputs,
  aws: AwsSettings,
  from: number,
  now: number,
  signal: AbortSignal,
): Promise<HistoryAnswer> {
  const age = (now - from) / dayMilliseconds;
  const periodSeconds = kept.find(({ days }) => age < days)?.periodSeconds ?? 3600;
  const periodMinutes = periodSeconds / 60;
  const startsAt = Math.floor(from / (1000 * periodSeconds)) * 1000 * periodSeconds;
  const minutes = Math.ceil((now - startsAt) / minuteMilliseconds / periodMinutes) * periodMinutes;
  const instances = new Float64Array(Math.max(0, minutes));
  const totals = new Map<number, { average?: number; count?: number }>();
  try {
    await readMetrics(outputs, aws, { startsAt, now, periodSeconds, signal }, (id, at, value) => {
      const minute = Math.round((at - startsAt) / minuteMilliseconds);
      if (id === "instances") instances.fill(value / periodMinutes, minute, minute + periodMinutes);
      else totals.set(minute, { ...totals.get(minute), [id]: value });
    });
  } catch (error) {
    if (signal.aborted) throw error;
    return { history: undefined, reason: asyncInferenceError(error).message };
  }
  const processing = new Map<number, { averageSeconds: number; count: number }>();
  // Coarser than a minute an average says nothing of single runs.
  if (periodSeconds === 60) {
    for (const [minute, { average = 0, count = 0 }] of totals) processing.set(minute, { averageSeconds: average / 1000, count });
  }
  return { history: { startsAt, instances, processing }, periodSeconds };
}

async function readMetrics(
  { endpointName, variantName }: AsyncInferenceOutputs,
  aws: AwsSettings,
  { startsAt, now, periodSeconds, signal }: { startsAt: number; now: number; periodSeconds: number; signal: AbortSignal },
  take: (id: string, at: number, value: number) => void,
): Promise<void> {
  const { CloudWatchClient, paginateGetMetricData } = await import("@aws-sdk/client-cloudwatch");
  const client = new CloudWatchClient(aws);
  const Dimensions = [
    { Name: "EndpointName", Value: endpointName },
    { Name: "VariantName", Value: variantName },
  ];
  const query = (Id: string, Namespace: string, MetricName: string, Stat: string) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: periodSeconds, Stat },
  });
  const MetricDataQueries = [
    // Each instance says its load once a minute: how many said something is how many there were.
    query("instances", "/aws/sagemaker/Endpoints", "CPUUtilization", "SampleCount"),
    query("average", "AWS/SageMaker", "TotalProcessingTime", "Average"),
    query("count", "AWS/SageMaker", "TotalProcessingTime", "SampleCount"),
  ];
  try {
    const input = { MetricDataQueries, StartTime: new Date(startsAt), EndTime: new Date(now), ScanBy: "TimestampAscending" as const };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input, { abortSignal: signal })) {
      for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
        for (const [index, at] of Timestamps.entries()) take(Id, at.getTime(), Values[index] ?? 0);
      }
    }
  } finally {
    client.destroy();
  }
}
