import { timingsOf } from "./records/job";
/** Namespace of the metrics that the functions emit. */
export const metricNamespace = "SageMakerAsyncInference";
/** Names of these metrics. Dimension: `EndpointName`; for some also a second one. */
export const metricNames = {
    /** Count of jobs that completed. */
    completed: "JobsCompleted",
    /** Count of jobs that ended without a result; also by `EndpointName` and `ErrorCode`. */
    failed: "JobsFailed",
    /** Seconds from accepted to recorded. */
    jobSeconds: "JobSeconds",
    /** Seconds from finished by the service to recorded: how late the notification was. */
    recordingSeconds: "RecordingSeconds",
    /** Jobs that have not ended: how many there are, each minute, also with `EndpointName` and `State`; at least one, at once when a job is accepted. */
    openJobs: "OpenJobs",
    /** Seconds since the oldest open job was accepted; 0 when none is open. */
    oldestOpenJobSeconds: "OldestOpenJobSeconds",
};
/**
 * The end of a job in CloudWatch's embedded metric format: a log line that becomes metrics without a call.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function endMetrics(job, now) {
    const { acceptedAt, finishedAt, recordedAt } = timingsOf(job);
    const seconds = (from) => from === undefined || recordedAt === undefined ? undefined : Math.max(0, Date.parse(recordedAt) - Date.parse(from)) / 1000;
    return {
        ...metricLine(now, job.error ? [["EndpointName"], ["EndpointName", "ErrorCode"]] : [["EndpointName"]], {
            [job.state === "COMPLETED" ? metricNames.completed : metricNames.failed]: 1,
            [metricNames.jobSeconds]: seconds(acceptedAt),
            [metricNames.recordingSeconds]: seconds(finishedAt),
        }),
        EndpointName: job.endpointName,
        ...(job.error ? { ErrorCode: job.error.code } : {}),
        jobId: job.jobId,
        inferenceId: job.inferenceId,
        state: job.state,
    };
}
/** The open jobs in the same format: a line for all, and one for each state. */
export function openMetrics(endpointName, count, now) {
    const { open, states, oldestCreatedAt } = count;
    const oldest = oldestCreatedAt === undefined ? 0 : Math.max(0, now - Date.parse(oldestCreatedAt)) / 1000;
    return [
        {
            ...metricLine(now, [["EndpointName"]], { [metricNames.openJobs]: open, [metricNames.oldestOpenJobSeconds]: oldest }),
            EndpointName: endpointName,
        },
        ...Object.entries(states).map(([State, value]) => ({
            ...metricLine(now, [["EndpointName", "State"]], { [metricNames.openJobs]: value }),
            EndpointName: endpointName,
            State,
        })),
    ];
}
/** That at least one job is open: what scaling must know before anybody has counted. */
export function openMetric(endpointName, now) {
    return { ...metricLine(now, [["EndpointName"]], { [metricNames.openJobs]: 1 }), EndpointName: endpointName };
}
/** One line's metrics, in seconds when their names say so, and else counts; those that are not known are left out. */
function metricLine(now, dimensions, values) {
    const known = Object.entries(values).filter(([, value]) => Number.isFinite(value));
    const metrics = known.map(([Name]) => ({ Name, Unit: Name.endsWith("Seconds") ? "Seconds" : "Count" }));
    return {
        _aws: { Timestamp: now, CloudWatchMetrics: [{ Namespace: metricNamespace, Dimensions: dimensions, Metrics: metrics }] },
        ...Object.fromEntries(known),
    };
}
