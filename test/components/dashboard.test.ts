import { expect } from "chai";
import { dashboardBody, type DashboardSubject } from "../../components/dashboard";

const subject: DashboardSubject = {
  endpointName: "ocr",
  variantName: "AllTraffic",
  region: "eu-west-1",
  instanceType: "ml.g5.2xlarge",
  deadLetterQueueName: "ocr-dead-letters",
  maxConcurrentInvocationsPerInstance: 2,
  pricePerHourUsd: 1.5,
};

interface Widget {
  x: number;
  y: number;
  properties: { title: string; stacked?: boolean; metrics: unknown[][] };
}
const widgetsOf = (changes: Partial<DashboardSubject> = {}) => (dashboardBody({ ...subject, ...changes }) as { widgets: Widget[] }).widgets;

describe("the dashboard of a service", () => {
  const endpoint = ["EndpointName", "ocr"];
  const variant = [...endpoint, "VariantName", "AllTraffic"];
  const own = "SageMakerAsyncInference";
  const state = (name: string) => [own, "OpenJobs", ...endpoint, "State", name, { stat: "Maximum", label: name }];
  const instances = (shown: object) => [
    ...["/aws/sagemaker/Endpoints", "CPUUtilization", ...variant],
    { stat: "SampleCount", period: 60, id: "instances", label: "Instances (ml.g5.2xlarge)", ...shown },
  ];

  it("shows what is waiting, running, ended and lost, by the metrics that SageMaker and the service's functions publish", () => {
    expect(Object.fromEntries(widgetsOf().map(({ properties: { title, metrics } }) => [title, metrics]))).to.deep.equal({
      "Waiting requests": [
        ["AWS/SageMaker", "ApproximateBacklogSize", ...endpoint, { stat: "Maximum", label: "Waiting" }],
        ["AWS/SageMaker", "ApproximateBacklogSizePerInstance", ...endpoint, { stat: "Maximum", label: "Waiting an instance" }],
      ],
      Instances: [instances({})],
      "Open jobs by state": [state("ACCEPTED"), state("INVOKING"), state("SUBMITTED")],
      "Time in the queue, ms": [
        ["AWS/SageMaker", "TimeInBacklog", ...variant, { stat: "p50", label: "Waiting, p50" }],
        ["AWS/SageMaker", "TimeInBacklog", ...variant, { stat: "p95", label: "Waiting, p95" }],
      ],
      "Time in the model, ms": [
        ["AWS/SageMaker", "TotalProcessingTime", ...variant, { stat: "p50", label: "Processing, p50" }],
        ["AWS/SageMaker", "TotalProcessingTime", ...variant, { stat: "p95", label: "Processing, p95" }],
      ],
      "Time from accepted to recorded, s": [
        [own, "JobSeconds", ...endpoint, { stat: "p50", label: "Job, p50" }],
        [own, "JobSeconds", ...endpoint, { stat: "p95", label: "Job, p95" }],
        [own, "RecordingSeconds", ...endpoint, { stat: "p95", label: "Notification, p95" }],
      ],
      "Failures by code": [
        [
          {
            expression: `SEARCH('{${own},EndpointName,ErrorCode} MetricName="JobsFailed" EndpointName="ocr"', 'Sum', 300)`,
            label: "",
          },
        ],
      ],
      "Ends, and what was not delivered": [
        [own, "JobsCompleted", ...endpoint, { stat: "Sum", label: "Completed" }],
        [own, "JobsFailed", ...endpoint, { stat: "Sum", label: "Failed" }],
        ["AWS/SageMaker", "ExpiredRequests", ...variant, { stat: "Sum", label: "Expired" }],
        ["AWS/SageMaker", "NotificationFailures", ...variant, { stat: "Sum", label: "Notifications lost" }],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", "ocr-dead-letters", { stat: "Maximum", label: "Dead letters" }],
      ],
      "Estimated cost, USD (ml.g5.2xlarge)": [
        instances({ visible: false }),
        ["AWS/SageMaker", "TotalProcessingTime", ...variant, { stat: "Sum", period: 60, id: "processing", visible: false }],
        [{ expression: "RUNNING_SUM(FILL(instances, 0)) / 60 * 1.5", label: "Since the left edge" }],
        [
          {
            expression: "RUNNING_SUM(1.5 * (FILL(instances, 0) / 60 - FILL(processing, 0) / 7200000))",
            label: "Of it without work",
          },
        ],
      ],
    });
  });

  it("has three graphs a row, in the service's region, a minute a point", () => {
    const widgets = widgetsOf();
    expect(widgets.map(({ x, y }) => `${x} ${y}`)).to.deep.equal(["0 0", "8 0", "16 0", "0 6", "8 6", "16 6", "0 12", "8 12", "16 12"]);
    for (const widget of widgets) {
      expect(widget).to.include({ type: "metric", width: 8, height: 6 });
      expect(widget.properties).to.include({ region: "eu-west-1", view: "timeSeries", period: 60 });
    }
    const stacked = widgets.flatMap(({ properties }) => (properties.stacked === true ? [properties.title] : []));
    expect(stacked).to.deep.equal(["Open jobs by state", "Failures by code"]);
  });

  it("shows hours where nobody knows the price: an amount of money would be wrong", () => {
    const { title, metrics } = widgetsOf({ pricePerHourUsd: undefined }).at(-1)?.properties ?? {};
    expect(title).to.equal("Instance hours (ml.g5.2xlarge)");
    expect(metrics?.slice(2).map(([shown]) => (shown as { expression: string }).expression)).to.deep.equal([
      "RUNNING_SUM(FILL(instances, 0)) / 60 * 1",
      "RUNNING_SUM(1 * (FILL(instances, 0) / 60 - FILL(processing, 0) / 7200000))",
    ]);
  });
});
