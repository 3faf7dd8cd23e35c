import type * as aws from "@pulumi/aws";
import type * as pulumi from "@pulumi/pulumi";

/** One metric of an alarm's expression, one value per minute unless another period is given. */
export function metricQuery(
  id: string,
  namespace: string,
  metricName: string,
  stat: string,
  dimensions: Record<string, pulumi.Input<string>>,
  periodSeconds: pulumi.Input<number> = 60,
): aws.types.input.cloudwatch.MetricAlarmMetricQuery {
  return { id, metric: { namespace, metricName, dimensions, period: periodSeconds, stat } };
}
