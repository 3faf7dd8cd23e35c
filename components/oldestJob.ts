import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricNames, metricNamespace } from "../core/metrics";
import { metricQuery } from "./metricQuery";

/** What decides how long a job may take. */
export interface OldestJobArgs {
  /** Default of how long a request may wait in the endpoint's queue. */
  requestTtlSeconds: pulumi.Input<number>;
  /** Default of how long one invocation may run. */
  invocationTimeoutSeconds: pulumi.Input<number>;
}

/** How far the oldest request is to half of its time, or the oldest job to that and the longest run: 1 is there. */
export function oldestJobQueries(
  args: OldestJobArgs,
  endpoint: Record<string, pulumi.Input<string>>,
): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  return [
    metricQuery("waiting", "AWS/SageMaker", "ApproximateAgeOfOldestRequest", "Maximum", endpoint),
    // Sees as well what the endpoint refuses, what is in doubt, and what nobody handed over.
    metricQuery("open", metricNamespace, metricNames.oldestOpenJobSeconds, "Maximum", endpoint),
    {
      id: "share",
      expression: pulumi
        .all([args.requestTtlSeconds, args.invocationTimeoutSeconds])
        .apply(([ttl, timeout]) => `MAX([FILL(waiting, 0) / ${ttl / 2}, FILL(open, 0) / ${ttl / 2 + timeout}])`),
      label: "Share of the longest wait and run",
      returnData: true,
    },
  ];
}
