import { metricNames, metricNamespace } from "../core/metrics";

/** What a dashboard shows the numbers of; all known. */
export interface DashboardSubject {
  endpointName: string;
  variantName: string;
  region: string;
  instanceType: string;
  deadLetterQueueName: string;
  /** US dollars per hour for one instance; undefined when unknown: hours are shown. */
  pricePerHourUsd: number | undefined;
}

/** Columns of a dashboard: 24. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const width = 8;
const height = 6;

type MetricRow = readonly unknown[];

/** Body of the CloudWatch dashboard of one service, three graphs per row. */
export function dashboardBody({
  endpointName,
  variantName,
  region,
  instanceType,
  deadLetterQueueName,
  pricePerHourUsd,
}: DashboardSubject): object {
  const endpoint = ["EndpointName", endpointName];
  const variant = [...endpoint, "VariantName", variantName];
  const service = (metricName: string, dimensions: readonly string[], stat: string, label: string): MetricRow => [
    "AWS/SageMaker",
    metricName,
    ...dimensions,
    { stat, label },
  ];
  const own = (metricName: string, dimensions: readonly string[], stat: string, label: string): MetricRow => [
    metricNamespace,
    metricName,
    ...dimensions,
    { stat, label },
  ];
  const percentiles = (metricName: string, what: string) => [
    service(metricName, variant, "p50", `${what}, p50`),
    service(metricName, variant, "p95", `${what}, p95`),
  ];
  // Each instance says its load once a minute: how many said something is how many there were.
  const instances: (string | object)[] = [
    "/aws/sagemaker/Endpoints",
    "CPUUtilization",
    ...variant,
    { stat: "SampleCount", period: 60, id: "instances", label: `Instances (${instanceType})` },
  ];
  const graphs = [
    {
      title: "Waiting requests",
      metrics: [
        service("ApproximateBacklogSize", endpoint, "Maximum", "Waiting"),
        service("ApproximateBacklogSizePerInstance", endpoint, "Maximum", "Waiting an instance"),
      ],
    },
    { title: "Instances", metrics: [instances] },
    {
      title: "Open jobs by state",
      stacked: true,
      metrics: ["ACCEPTED", "INVOKING", "SUBMITTED"].map((state) =>
        own(metricNames.openJobs, [...endpoint, "State", state], "Maximum", state),
      ),
    },
    { title: "Time in the queue, ms", metrics: percentiles("TimeInBacklog", "Waiting") },
    { title: "Time in the model, ms", metrics: percentiles("TotalProcessingTime", "Processing") },
    {
      title: "Time from accepted to recorded, s",
      metrics: [
        own(metricNames.jobSeconds, endpoint, "p50", "Job, p50"),
        own(metricNames.jobSeconds, endpoint, "p95", "Job, p95"),
        own(metricNames.recordingSeconds, endpoint, "p95", "Notification, p95"),
      ],
    },
    {
      title: "Failures by code",
      stacked: true,
      metrics: [
        [
          {
            expression: `SEARCH('{${metricNamespace},EndpointName,ErrorCode} MetricName="${metricNames.failed}" EndpointName="${endpointName}"', 'Sum', 300)`,
            label: "",
          },
        ],
      ],
    },
    {
      title: "Ends, and what was not delivered",
      metrics: [
        own(metricNames.completed, endpoint, "Sum", "Completed"),
        own(metricNames.failed, endpoint, "Sum", "Failed"),
        service("ExpiredRequests", variant, "Sum", "Expired"),
        service("NotificationFailures", variant, "Sum", "Notifications lost"),
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", deadLetterQueueName, { stat: "Maximum", label: "Dead letters" }],
      ],
    },
    {
      title: pricePerHourUsd === undefined ? `Instance hours (${instanceType})` : `Estimated cost, USD (${instanceType})`,
      metrics: [
        [...instances.slice(0, -1), { ...(instances.at(-1) as object), visible: false }],
        [{ expression: `RUNNING_SUM(FILL(instances, 0)) / 60 * ${pricePerHourUsd ?? 1}`, label: "Since the left edge" }],
      ],
    },
  ];
  return {
    widgets: graphs.map(({ title, metrics, ...shown }, index) => ({
      type: "metric",
      x: (index % 3) * width,
      y: Math.floor(index / 3) * height,
      width,
      height,
      properties: { title, region, view: "timeSeries", period: 60, ...shown, metrics },
    })),
  };
}
