import { metricNames, metricNamespace } from "../../core/metrics";
import type { ExplainConnections } from "../explain/sources";
import type { MetricHistory, MetricPoint } from "./types";

type Name = keyof MetricHistory;

/** Namespace of what the endpoint's instances report, each once per minute. */
const hostNamespace = "/aws/sagemaker/Endpoints";

/** GetMetricData: the metrics of the last minutes. @param variantName empty where it is not known */
export async function readHistory(
  { library, client }: ExplainConnections["cloudWatch"],
  { endpointName, variantName }: { endpointName: string; variantName: string },
  now: number,
  minutes: number,
): Promise<MetricHistory> {
  const endpoint = { Name: "EndpointName", Value: endpointName };
  const variant = { Name: "VariantName", Value: variantName };
  const metric = (Id: Name, Namespace: string, MetricName: string, Stat: string, Dimensions = [endpoint]) => ({
    Id,
    MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
  });
  const MetricDataQueries = [
    metric("backlog", "AWS/SageMaker", "ApproximateBacklogSize", "Maximum"),
    // A dimension without a value has CloudWatch refuse all of the queries.
    ...(variantName === "" ? [] : [metric("instances", hostNamespace, "CPUUtilization", "SampleCount", [endpoint, variant])]),
    metric("completed", metricNamespace, metricNames.completed, "Sum"),
    metric("failed", metricNamespace, metricNames.failed, "Sum"),
    metric("open", metricNamespace, metricNames.openJobs, "Maximum"),
  ];
  const history: Record<Name, MetricPoint[]> = { backlog: [], instances: [], completed: [], failed: [], open: [] };
  let NextToken: string | undefined;
  do {
    const answer = await client.send(
      new library.GetMetricDataCommand({
        MetricDataQueries,
        StartTime: new Date(now - minutes * 60_000),
        EndTime: new Date(now),
        ScanBy: "TimestampAscending",
        ...(NextToken !== undefined && { NextToken }),
      }),
    );
    for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
      const series = history[Id as Name];
      Timestamps.forEach((at, index) => series.push([at.getTime(), Values[index] ?? 0]));
    }
    NextToken = answer.NextToken;
  } while (NextToken !== undefined);
  return history;
}
