import { timingsOf, type JobRecord } from "./job";

/** Namespace of the metrics that the functions emit. */
export const metricNamespace = "SageMakerAsyncInference";

/** Names of these metrics. Dimension: `EndpointName`; for {@link metricNames.failed} also `EndpointName` with `ErrorCode`. */
export const metricNames = {
  /** Count of jobs that completed. */
  completed: "JobsCompleted",
  /** Count of jobs that ended without a result. */
  failed: "JobsFailed",
  /** Seconds from accepted to recorded. */
  jobSeconds: "JobSeconds",
  /** Seconds from finished by the service to recorded: how late the notification was. */
  recordingSeconds: "RecordingSeconds",
  /** Jobs that have not ended: how many there are, each minute; at least one, at once when a job is accepted. */
  openJobs: "OpenJobs",
} as const;

/**
 * The end of a job in CloudWatch's embedded metric format: a log line that becomes metrics without a call.
 *
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function endMetrics(job: JobRecord, now: number): Record<string, unknown> {
  const { acceptedAt, finishedAt, recordedAt } = timingsOf(job);
  const seconds = (from: string | undefined) =>
    from === undefined || recordedAt === undefined ? undefined : Math.max(0, Date.parse(recordedAt) - Date.parse(from)) / 1000;
  const values: Record<string, { value: number | undefined; unit: string }> = {
    [job.state === "COMPLETED" ? metricNames.completed : metricNames.failed]: { value: 1, unit: "Count" },
    [metricNames.jobSeconds]: { value: seconds(acceptedAt), unit: "Seconds" },
    [metricNames.recordingSeconds]: { value: seconds(finishedAt), unit: "Seconds" },
  };
  const known = Object.entries(values).filter(([, { value }]) => value !== undefined && Number.isFinite(value));
  return {
    _aws: {
      Timestamp: now,
      CloudWatchMetrics: [
        {
          Namespace: metricNamespace,
          Dimensions: job.error ? [["EndpointName"], ["EndpointName", "ErrorCode"]] : [["EndpointName"]],
          Metrics: known.map(([Name, { unit }]) => ({ Name, Unit: unit })),
        },
      ],
    },
    EndpointName: job.endpointName,
    ...(job.error ? { ErrorCode: job.error.code } : {}),
    ...Object.fromEntries(known.map(([name, { value }]) => [name, value])),
    jobId: job.jobId,
    inferenceId: job.inferenceId,
    state: job.state,
  };
}
