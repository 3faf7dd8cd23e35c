import * as z from "zod";
/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html */
const metadata = z.object({
    Timestamp: z.number(),
    CloudWatchMetrics: z.array(z.object({
        Namespace: z.string().min(1).max(1024),
        Dimensions: z.array(z.array(z.string()).max(30)),
        Metrics: z.array(z.object({ Name: z.string().min(1), Unit: z.string().optional(), StorageResolution: z.number().optional() })),
    })),
});
const values = z.union([z.number().transform((value) => [value]), z.array(z.number()).max(100)]);
/**
 * The metrics in a log line, which is JSON by itself or behind Lambda's `time, request, level` prefix.
 * A line that isn't in embedded metric format has none; a metric or dimension that the line does not hold is left out, as CloudWatch does.
 */
export function embeddedMetrics(line) {
    if (!line.includes('"_aws"') || !line.includes('"CloudWatchMetrics"'))
        return [];
    const document = parseObject(line.slice(line.indexOf("{")));
    const parsed = metadata.safeParse(document?.["_aws"]);
    if (!document || !parsed.success)
        return [];
    const { Timestamp: timestamp, CloudWatchMetrics: directives } = parsed.data;
    return directives.flatMap((directive) => {
        const sets = directive.Dimensions.filter((names) => names.every((name) => document[name] !== undefined));
        return directive.Metrics.flatMap((metric) => (values.safeParse(document[metric.Name]).data ?? []).flatMap((value) => sets.map((names) => ({
            namespace: directive.Namespace,
            metricName: metric.Name,
            dimensions: Object.fromEntries(names.map((name) => [name, String(document[name])])),
            value,
            unit: metric.Unit ?? "None",
            timestamp,
        }))));
    });
}
function parseObject(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
