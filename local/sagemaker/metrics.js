import { backlogMetrics } from "../../core/scaling/gauges";
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
};
/** Publishes what SageMaker publishes for endpoints, in `AWS/SageMaker` and, of their instances, in `/aws/sagemaker/Endpoints`. */
export class EndpointMetrics {
    context;
    sink;
    endpointName;
    constructor(context, sink, endpointName) {
        this.context = context;
        this.sink = sink;
        this.endpointName = endpointName;
    }
    /**
     * Once a minute.
     *
     * @param oldestAgeSeconds 0 when nothing waits
     */
    gauges(backlog, oldestAgeSeconds) {
        const dimensions = { EndpointName: this.endpointName };
        const counts = Object.entries({ ...backlogMetrics(backlog) }).map(([name, value]) => this.datum(name, value, "Count", dimensions));
        this.sink.put([...counts, this.datum("ApproximateAgeOfOldestRequest", oldestAgeSeconds, "Seconds", dimensions)]);
    }
    /**
     * Once a minute, a value of each instance. How much of it requests take is told, as if a model used all of one CPU and one GPU;
     * of memory and disks nothing is known here, and nothing is said.
     * https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html#cloudwatch-metrics-endpoints
     */
    hosts(variantName, instances) {
        const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
        const use = (metricName, { busyPercent }) => ({
            ...this.datum(metricName, busyPercent, "Percent", dimensions),
            namespace: "/aws/sagemaker/Endpoints",
        });
        this.sink.put(instances.flatMap((instance) => [use("CPUUtilization", instance), ...(instance.hasGpu ? [use("GPUUtilization", instance)] : [])]));
    }
    /** What happened to one request. */
    variant(variantName, values) {
        const dimensions = { EndpointName: this.endpointName, VariantName: variantName };
        this.sink.put(values.map(({ name, value }) => this.datum(name, value, variantUnits[name], dimensions)));
    }
    datum(metricName, value, unit, dimensions) {
        return { namespace: "AWS/SageMaker", metricName, dimensions, value, unit, timestamp: this.context.clock.now() };
    }
}
