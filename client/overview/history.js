import { metricNames, metricNamespace } from "../../core/metrics";
/** Namespace of what the endpoint's instances report, each once per minute. */
const hostNamespace = "/aws/sagemaker/Endpoints";
/** GetMetricData: the metrics of the last minutes. */
export async function readHistory({ library, client }, { endpointName, variantName }, now, minutes) {
    const endpoint = { Name: "EndpointName", Value: endpointName };
    const metric = (Id, Namespace, MetricName, Stat, Dimensions = [endpoint]) => ({
        Id,
        MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat },
    });
    const MetricDataQueries = [
        metric("backlog", "AWS/SageMaker", "ApproximateBacklogSize", "Maximum"),
        metric("instances", hostNamespace, "CPUUtilization", "SampleCount", [endpoint, { Name: "VariantName", Value: variantName }]),
        metric("completed", metricNamespace, metricNames.completed, "Sum"),
        metric("failed", metricNamespace, metricNames.failed, "Sum"),
        metric("open", metricNamespace, metricNames.openJobs, "Maximum"),
    ];
    const history = { backlog: [], instances: [], completed: [], failed: [], open: [] };
    let NextToken;
    do {
        const answer = await client.send(new library.GetMetricDataCommand({
            MetricDataQueries,
            StartTime: new Date(now - minutes * 60_000),
            EndTime: new Date(now),
            ScanBy: "TimestampAscending",
            ...(NextToken !== undefined && { NextToken }),
        }));
        for (const { Id, Timestamps = [], Values = [] } of answer.MetricDataResults ?? []) {
            const series = history[Id];
            Timestamps.forEach((at, index) => series.push([at.getTime(), Values[index] ?? 0]));
        }
        NextToken = answer.NextToken;
    } while (NextToken !== undefined);
    return history;
}
