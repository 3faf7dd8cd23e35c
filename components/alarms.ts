import type * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricNames, metricNamespace } from "../core/metrics";
import { variantName } from "./endpoint";
import { metricQuery } from "./metricQuery";
import { oldestJobQueries } from "./oldestJob";
import type { ObservabilityArgs } from "./observability";
import { priceOf, pricesAsOf, pricesRegion } from "./prices";
import { warmCondition } from "./warmSchedule";

/** Namespace of what SageMaker says of asynchronous endpoints. */
const serviceNamespace = "AWS/SageMaker";
/** Namespace of what the endpoint's instances say. */
const hostNamespace = "/aws/sagemaker/Endpoints";
const minuteSeconds = 60;
const hourSeconds = 3600;
const daySeconds = 86_400;
/** Over how long losses are counted. */
const countSeconds = 300;
/** Share of ended jobs, in percent, whose failure is an alarm, and how many failed jobs it takes at least. */
const failurePercent = 10;
const fewestFailures = 3;
/** Download, upload and a pause, generously. */
const betweenInvocationsSeconds = 300;
/** A start takes up to half an hour for a large model: if it takes longer, AWS has none available. */
const withoutCapacityMinutes = 30;
/** The sweeper comes each minute; five missing counts in a row are no accident. */
const silentMinutes = 5;

/** What goes back to the minimum takes its idle time and some minutes: half an hour more is money for nothing. */
const awakeMarginMinutes = 30;

/** What an alarm watches, and what it says. */
export type AlarmArgs = Omit<aws.cloudwatch.MetricAlarmArgs, "alarmDescription" | "alarmActions" | "okActions"> & { says: string };

/** Every alarm of a service; its name is also its heading in docs/runbook.md. */
export function alarmsOf(args: ObservabilityArgs): Record<string, AlarmArgs> {
  const endpoint = { EndpointName: args.endpointName };
  const dimensions = { endpoint, variant: { ...endpoint, VariantName: variantName } };
  return {
    ...jobAlarms(args, dimensions),
    ...lossAlarms(args, dimensions),
    ...capacityAlarms(args, dimensions),
    ...spendAlarms(args, dimensions),
  };
}

type Dimensions = Record<"endpoint" | "variant", Record<string, pulumi.Input<string>>>;

/** Jobs that wait for too long, or fail. */
function jobAlarms(args: ObservabilityArgs, { endpoint, variant }: Dimensions): Record<string, AlarmArgs> {
  // The longest invocations, one after the other, with what lies between them. CloudWatch takes whole minutes; these are whole hours.
  const rowSeconds = pulumi
    .output(args.invocationTimeoutSeconds)
    .apply((seconds) => hourSeconds * Math.ceil((fewestFailures * (seconds + betweenInvocationsSeconds)) / hourSeconds));
  return {
    "oldest-job": {
      says: "A request has waited for half of the time after which it expires, or a job has been open for that long and the longest run.",
      metricQueries: oldestJobQueries(args, endpoint),
      ...reached(1),
    },
    "failure-rate": {
      says: `At least ${failurePercent} % of the jobs that ended in a quarter of an hour, and at least ${fewestFailures} of them, have failed.`,
      metricQueries: [
        metricQuery("completed", metricNamespace, metricNames.completed, "Sum", endpoint, 900),
        metricQuery("failed", metricNamespace, metricNames.failed, "Sum", endpoint, 900),
        {
          id: "rate",
          expression: `IF(FILL(failed, 0) >= ${fewestFailures}, 100 * FILL(failed, 0) / (FILL(failed, 0) + FILL(completed, 0)), 0)`,
          label: "Failed jobs, percent",
          returnData: true,
        },
      ],
      ...reached(failurePercent),
    },
    "only-failures": {
      says: `At least ${fewestFailures} invocations in a row have failed, and no job was completed between them: the model may not have loaded.`,
      metricQueries: [
        // Of the service, which counts each attempt; failure-rate counts jobs, and only those of a quarter of an hour.
        metricQuery("failures", serviceNamespace, "InvocationFailures", "Sum", variant, rowSeconds),
        metricQuery("completed", metricNamespace, metricNames.completed, "Sum", endpoint, rowSeconds),
        {
          id: "row",
          expression: "IF(FILL(completed, 0) < 1, FILL(failures, 0), 0)",
          label: "Failed invocations without a completed job",
          returnData: true,
        },
      ],
      ...reached(fewestFailures),
    },
  };
}

/** Messages and requests that were lost on their way. */
function lossAlarms(args: ObservabilityArgs, { variant }: Dimensions): Record<string, AlarmArgs> {
  const count = (metricName: string): Omit<AlarmArgs, "says"> => ({
    namespace: serviceNamespace,
    metricName,
    dimensions: variant,
    statistic: "Sum",
    period: countSeconds,
    // Counts are absent until the first, and between two.
    ...reached(1),
  });
  return {
    "dead-letters": {
      says: "A message could not be handled.",
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: args.deadLetterQueueName },
      statistic: "Maximum",
      period: countSeconds,
      ...reached(1),
    },
    expired: { says: "Requests waited longer than they may, and were dropped.", ...count("ExpiredRequests") },
    "notification-failures": {
      says: "SageMaker could not tell the ends of invocations; jobs end by reconciliation.",
      ...count("NotificationFailures"),
    },
  };
}

/** Instances that are missing, or stay for nothing, and the sweeper, which the floor goes by. */
function capacityAlarms(args: ObservabilityArgs, { endpoint, variant }: Dimensions): Record<string, AlarmArgs> {
  const awakeMinutes = pulumi.output(args.idleSeconds).apply((seconds) => Math.ceil(seconds / minuteSeconds) + awakeMarginMinutes);
  return {
    "backlog-without-capacity": {
      says: `Requests have waited for ${withoutCapacityMinutes} minutes, and no instance runs.`,
      namespace: serviceNamespace,
      metricName: "HasBacklogWithoutCapacity",
      dimensions: endpoint,
      statistic: "Minimum",
      period: minuteSeconds,
      evaluationPeriods: withoutCapacityMinutes,
      datapointsToAlarm: withoutCapacityMinutes,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
    },
    "awake-with-nothing-open": {
      says: "More instances run than the minimum although nothing is open: the floor stayed up, or nothing scales in.",
      metricQueries: [
        metricQuery("open", metricNamespace, metricNames.openJobs, "Maximum", endpoint),
        metricQuery("backlog", serviceNamespace, "ApproximateBacklogSize", "Maximum", endpoint),
        // Each instance says its load once a minute: how many said something is how many there are.
        metricQuery("instances", hostNamespace, "CPUUtilization", "SampleCount", variant),
        ...warmInstances(args),
        {
          id: "idle",
          expression: `IF(FILL(open, 0) + FILL(backlog, 0) < 1, FILL(instances, 0)${args.warmHours.length > 0 ? " - warm" : ""}, 0)`,
          label: "Instances with nothing open",
          returnData: true,
        },
      ],
      evaluationPeriods: awakeMinutes,
      datapointsToAlarm: awakeMinutes,
      threshold: args.minCapacity,
      comparisonOperator: "GreaterThanThreshold",
      treatMissingData: "notBreaching",
    },
    "sweeper-silent": {
      says: `Nobody has counted the open jobs for ${silentMinutes} minutes: lost notifications are not made good, and the endpoint stays up.`,
      namespace: metricNamespace,
      metricName: metricNames.oldestOpenJobSeconds,
      dimensions: endpoint,
      statistic: "SampleCount",
      period: minuteSeconds,
      evaluationPeriods: silentMinutes,
      datapointsToAlarm: silentMinutes,
      threshold: 1,
      comparisonOperator: "LessThanThreshold",
      treatMissingData: "breaching",
    },
  };
}

/** Money for instances that do nothing, for whatever reason: a minimum, warm hours and start-ups count too. */
function spendAlarms(args: ObservabilityArgs, { variant }: Dimensions): Record<string, AlarmArgs> {
  const { idleSpendAlarmUsdPerDay: limit, instanceType } = args;
  const price = priceOf(instanceType);
  if (limit === undefined || price === undefined) return {};
  return {
    "idle-spend": {
      says: `Instances without work have cost as much today as idleSpendAlarmUsdPerDay allows, at ${price} USD an hour (${pricesRegion}, ${pricesAsOf}).`,
      metricQueries: [
        metricQuery("instances", hostNamespace, "CPUUtilization", "SampleCount", variant, daySeconds),
        metricQuery("processing", serviceNamespace, "TotalProcessingTime", "Sum", variant, daySeconds),
        {
          id: "idle",
          expression: pulumi.output(args.maxConcurrentInvocationsPerInstance).apply((concurrency) => idleUsd(price, concurrency)),
          label: "Idle today, USD",
          returnData: true,
        },
      ],
      ...reached(limit),
    },
  };
}

/**
 * What instances have cost while nothing ran on them, in metric math over `instances` (each says its load once a minute) and `processing`
 * (milliseconds), as `sagemaker-async cost` shares it: of an instance that takes several requests at once each has its part.
 */
export function idleUsd(pricePerHourUsd: number, concurrency: number): string {
  return `${pricePerHourUsd} * (FILL(instances, 0) / 60 - FILL(processing, 0) / ${3_600_000 * concurrency})`;
}

/**
 * How many instances above the minimum run on purpose: `warm`, by the minute of the week. By the calendar and not by a metric of
 * the functions, since their failure is what keeps instances up.
 */
function warmInstances({
  warmHours,
  warmTimeZone,
  warmMinCapacity,
  minCapacity,
}: ObservabilityArgs): aws.types.input.cloudwatch.MetricAlarmMetricQuery[] {
  if (warmHours.length === 0) return [];
  const condition = warmCondition(warmHours, warmTimeZone, new Date().getUTCFullYear());
  return [
    { id: "minute", expression: "1440 * (DAY(instances) - 1) + 60 * HOUR(instances) + MINUTE(instances)", returnData: false },
    { id: "warm", expression: `IF(${condition}, ${warmMinCapacity - minCapacity}, 0)`, returnData: false },
  ];
}

/** One value at or above the threshold is an alarm, and none is none. */
function reached(threshold: number) {
  return {
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    threshold,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
    treatMissingData: "notBreaching",
  };
}
