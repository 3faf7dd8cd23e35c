import { backlogMetrics, type Backlog } from "../../core/scaling/gauges";
import type { CloudContext, MetricDatum, MetricSink } from "../ports";

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

/** One instance's use. */
export interface HostGauge {
  /** From 0 to 100. */
  busyPercent: number;
  hasGpu: boolean;
}

/** Publishes what SageMaker publishes for endpoints, in `AWS/SageMaker` and, of their instances, in `/aws/sagemaker/Endpoints`. */
export class EndpointMetrics {
  constructor(
    private readonly context: CloudContext,
    private readonly sink: MetricSink,
    private readonly endpointName: string,
    /** Configuration of the fleet, while two of them serve. */
    private readonly configName?: string,
  ) {}

  /**
   * The same, and what happens to requests once more with the configuration that they ran under: during a release, to tell the fleets apart.
   * https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails-configuration.html
   */
  ofConfig(configName: string): EndpointMetrics {
    return new EndpointMetrics(this.context, this.sink, this.endpointName, configName);
  }

  /**
   * Once a minute.
   *
   * @param oldestAgeSeconds 0 when nothing waits
   */
  gauges(backlog: Backlog, oldestAgeSeconds: number): void {
    const dimensions = { EndpointName: this.endpointName };
    const counts = Object.entries<number>({ ...backlogMetrics(backlog) }).map(([name, value]) =>
      this.datum(name, value, "Count", dimensions),
    );
    this.sink.put([...counts, this.datum("ApproximateAgeOfOldestRequest", oldestAgeSeconds, "Seconds", dimensions)]);
  }

  /**
   * Once a minute, a value of each instance. How much of it requests take is told, as if a model used all of one CPU and one GPU;
   * of memory and disks nothing is known here, and nothing is said.
   * https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-endpoints
   */
  hosts(variantName: string, instances: readonly HostGauge[]): void {
    const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
    const use = (metricName: string, { busyPercent }: HostGauge): MetricDatum => ({
      ...this.datum(metricName, busyPercent, "Percent", dimensions),
      namespace: "/aws/sagemaker/Endpoints",
    });
    this.sink.put(
      instances.flatMap((instance) => [use("CPUUtilization", instance), ...(instance.hasGpu ? [use("GPUUtilization", instance)] : [])]),
    );
  }

  /** What happened to one request. */
  variant(variantName: string, values: VariantMetric[]): void {
    const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
    const all = [dimensions, ...(this.configName === undefined ? [] : [{ ...dimensions, EndpointConfigName: this.configName }])];
    this.sink.put(values.flatMap(({ name, value }) => all.map((each) => this.datum(name, value, variantUnits[name], each))));
  }

  private datum(metricName: string, value: number, unit: string, dimensions: Record<string, string>): MetricDatum {
    return { namespace: "AWS/SageMaker", metricName, dimensions, value, unit, timestamp: this.context.clock.now() };
  }
}
