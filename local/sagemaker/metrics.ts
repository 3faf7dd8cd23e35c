import type { CloudContext, MetricDatum, MetricSink } from "../ports";

/** Metrics of an endpoint: what waits, and whether anybody is there to do it. */
export interface BacklogGauges {
  /** Waiting requests, or waiting and running ones: `SageMakerOptions.backlogCountsInFlight`. */
  backlog: number;
  /** Waiting requests. */
  waiting: number;
  inServiceInstances: number;
  /** 0 when nothing waits. */
  oldestAgeSeconds: number;
}

/** One value of a metric that has the dimensions EndpointName and VariantName. */
export type VariantMetric = { name: VariantMetricName; value: number };

const variantUnits = {
  InvocationsProcessed: "Count",
  InvocationFailures: "Count",
  ExpiredRequests: "Count",
  NotificationFailures: "Count",
  RequestDownloadFailures: "Count",
  ResponseUploadFailures: "Count",
  /** Of real-time endpoints alone. */
  Invocations: "None",
  Invocation4XXErrors: "Count",
  Invocation5XXErrors: "Count",
  TimeInBacklog: "Milliseconds",
  TotalProcessingTime: "Milliseconds",
  RequestDownloadLatency: "Microseconds",
  ResponseUploadLatency: "Microseconds",
  ModelLatency: "Microseconds",
} as const;
type VariantMetricName = keyof typeof variantUnits;

/** One instance's use, from 0 to 1. */
export interface HostGauge {
  busy: number;
  hasGpu: boolean;
}

/** Publishes what SageMaker publishes for endpoints, in `AWS/SageMaker` and, of their instances, in `/aws/sagemaker/Endpoints`. */
export class EndpointMetrics {
  constructor(
    private readonly context: CloudContext,
    private readonly sink: MetricSink,
    private readonly endpointName: string,
  ) {}

  /**
   * Once a minute, zeros included: scaling in to zero needs datapoints that say zero.
   *
   * No document says what ApproximateBacklogSizePerInstance is without an instance. Here it is then the whole backlog:
   * a target is exceeded only by more requests than the target, as field reports of endpoints that don't wake say.
   */
  gauges({ backlog, waiting, inServiceInstances, oldestAgeSeconds }: BacklogGauges): void {
    const dimensions = { EndpointName: this.endpointName };
    this.sink.put([
      this.datum("ApproximateBacklogSize", backlog, "Count", dimensions),
      this.datum("ApproximateBacklogSizePerInstance", backlog / Math.max(1, inServiceInstances), "Count", dimensions),
      this.datum("ApproximateAgeOfOldestRequest", oldestAgeSeconds, "Seconds", dimensions),
      this.datum("HasBacklogWithoutCapacity", waiting > 0 && inServiceInstances === 0 ? 1 : 0, "Count", dimensions),
    ]);
  }

  /**
   * Once a minute, a value of each instance. How much of it requests take is told, as if a model used all of one CPU and one GPU;
   * of memory and disks nothing is known here, and nothing is said.
   * https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-endpoints
   */
  hosts(variantName: string, instances: readonly HostGauge[]): void {
    const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
    const use = (metricName: string, { busy }: HostGauge): MetricDatum => ({
      ...this.datum(metricName, 100 * busy, "Percent", dimensions),
      namespace: "/aws/sagemaker/Endpoints",
    });
    this.sink.put(
      instances.flatMap((instance) => [use("CPUUtilization", instance), ...(instance.hasGpu ? [use("GPUUtilization", instance)] : [])]),
    );
  }

  /** What happened to one request. */
  variant(variantName: string, values: VariantMetric[]): void {
    const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
    this.sink.put(values.map(({ name, value }) => this.datum(name, value, variantUnits[name], dimensions)));
  }

  private datum(metricName: string, value: number, unit: string, dimensions: Record<string, string>): MetricDatum {
    return { namespace: "AWS/SageMaker", metricName, dimensions, value, unit, timestamp: this.context.clock.now() };
  }
}
