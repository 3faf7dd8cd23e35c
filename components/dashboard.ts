import { metricNames, metricNamespace } from "../core/metrics";
import { idleUsd } from "./alarms";

/** What a dashboard shows the numbers of; all known. */
export interface DashboardSubject {
  endpointName: string;
  variantName: string;
  region: string;
  instanceType: string;
  deadLetterQueueName: string;
  /** Requests that one instance gets at a time. */
  maxConcurrentInvocationsPerInstance: number;
  /** US dollars per hour for one instance; undefined when unknown: hours are shown. */
  pricePerHourUsd: number | undefined;
}

/** Columns of a dashboard: 24. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html */
const width = 8;
const height = 6;

type MetricRow = readonly unknown[];

interface Graph {
  title: string;
  metrics: readonly MetricRow[];
  stacked?: boolean;
}

type Statistic = "p50" | "p95" | "Maximum" | "Sum";

/** Body of the CloudWatch dashboard of one service, three graphs per row. */
export function dashboardBody(subject: DashboardSubject): object {
  return {
    widgets: graphsOf(subject).map(({ title, metrics, ...shown }, index) => ({
      type: "metric",
      x: (index % 3) * width,
      y: Math.floor(index / 3) * height,
      width,
      height,
      properties: { title, region: subject.region, view: "timeSeries", period: 60, ...shown, metrics },
    })),
  };
}

function graphsOf(subject: DashboardSubject): Graph[] {
  const { instanceType } = subject;
  const endpoint = ["EndpointName", subject.endpointName];
  const variant = [...endpoint, "VariantName", subject.variantName];
  const service = metricOf("AWS/SageMaker");
  const own = metricOf(metricNamespace);
  const percentiles = (metricName: string, what: string) => [
    service(metricName, variant, "p50", `${what}, p50`),
    service(metricName, variant, "p95", `${what}, p95`),
  ];
  return [
    {
      title: "Waiting requests",
      metrics: [
        service("ApproximateBacklogSize", endpoint, "Maximum", "Waiting"),
        service("ApproximateBacklogSizePerInstance", endpoint, "Maximum", "Waiting an instance"),
      ],
    },
    { title: "Instances", metrics: [instancesOf(variant, { label: `Instances (${instanceType})` })] },
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
    failuresByCode(subject),
    {
      title: "Ends, and what was not delivered",
      metrics: [
        own(metricNames.completed, endpoint, "Sum", "Completed"),
        own(metricNames.failed, endpoint, "Sum", "Failed"),
        service("ExpiredRequests", variant, "Sum", "Expired"),
        service("NotificationFailures", variant, "Sum", "Notifications lost"),
        metricOf("AWS/SQS")("ApproximateNumberOfMessagesVisible", ["QueueName", subject.deadLetterQueueName], "Maximum", "Dead letters"),
      ],
    },
    cost(subject, variant),
  ];
}

function metricOf(namespace: string) {
  return (metricName: string, dimensions: readonly string[], stat: Statistic, label: string): MetricRow => [
    namespace,
    metricName,
    ...dimensions,
    { stat, label },
  ];
}

/** Each instance says its load once a minute: how many said something is how many there were. */
function instancesOf(variant: readonly string[], shown: object): MetricRow {
  return ["/aws/sagemaker/Endpoints", "CPUUtilization", ...variant, { stat: "SampleCount", period: 60, id: "instances", ...shown }];
}

function failuresByCode({ endpointName }: DashboardSubject): Graph {
  const search = `{${metricNamespace},EndpointName,ErrorCode} MetricName="${metricNames.failed}" EndpointName="${endpointName}"`;
  return { title: "Failures by code", stacked: true, metrics: [[{ expression: `SEARCH('${search}', 'Sum', 300)`, label: "" }]] };
}

function cost({ instanceType, pricePerHourUsd, maxConcurrentInvocationsPerInstance }: DashboardSubject, variant: readonly string[]): Graph {
  const idle = `RUNNING_SUM(${idleUsd(pricePerHourUsd ?? 1, maxConcurrentInvocationsPerInstance)})`;
  const processing = { stat: "Sum", period: 60, id: "processing", visible: false };
  return {
    title: pricePerHourUsd === undefined ? `Instance hours (${instanceType})` : `Estimated cost, USD (${instanceType})`,
    metrics: [
      instancesOf(variant, { label: `Instances (${instanceType})`, visible: false }),
      ["AWS/SageMaker", "TotalProcessingTime", ...variant, processing],
      [{ expression: `RUNNING_SUM(FILL(instances, 0)) / 60 * ${pricePerHourUsd ?? 1}`, label: "Since the left edge" }],
      [{ expression: idle, label: "Of it without work" }],
    ],
  };
}
