import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricNames, metricNamespace } from "../core/metrics";
import { dashboardBody } from "./dashboard";
import { variantName } from "./endpoint";
import { metricQuery } from "./metricQuery";
import { priceOf } from "./prices";
import { policyDocument, tlsOnly, type Statement } from "./policies";
import { warmCondition } from "./warmSchedule";

/** Arguments of {@link Observability}. */
export interface ObservabilityArgs {
  endpointName: pulumi.Input<string>;
  region: pulumi.Input<string>;
  /** Account whose alarms may publish. */
  accountId: pulumi.Input<string>;
  partition: pulumi.Input<string>;
  /** The queue of dead letters. */
  deadLetterQueueName: pulumi.Input<string>;
  /** Whether alarms and their topic exist. */
  alarmsEnabled: boolean;
  /** Whether the dashboard exists. */
  dashboardEnabled: boolean;
  /** The user's own topic for alarms, which stays as it is. @default a new topic */
  alarmTopicArn?: pulumi.Input<string>;
  /** Email addresses that get every alarm. Each owner must confirm once. */
  alarmEmails: readonly string[];
  /** Key that encrypts the topic; its policy must let CloudWatch use it. @default none: SNS has no encryption of its own */
  kmsKeyArn?: pulumi.Input<string>;
  /** Default of how long a request may wait in the endpoint's queue. */
  requestTtlSeconds: pulumi.Input<number>;
  /** Default of how long one invocation may run. */
  invocationTimeoutSeconds: pulumi.Input<number>;
  /** Instances that always run: more than these with nothing open is an alarm. */
  minCapacity: number;
  /** Hours of the week in which `warmMinCapacity` instances run on purpose. */
  warmHours: readonly string[];
  warmMinCapacity: number;
  /** IANA name. */
  warmTimeZone: string;
  /** How long nothing must have been open before the endpoint goes back to its minimum. */
  idleSeconds: pulumi.Input<number>;
  instanceType: string;
}

/** Namespace of what SageMaker says of asynchronous endpoints. */
const serviceNamespace = "AWS/SageMaker";
/** Namespace of what the endpoint's instances say. */
const hostNamespace = "/aws/sagemaker/Endpoints";
const minuteSeconds = 60;
const hourSeconds = 3600;
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

/** What each alarm watches; its name is also its heading in docs/runbook.md. */
type AlarmArgs = Omit<aws.cloudwatch.MetricAlarmArgs, "alarmDescription" | "alarmActions" | "okActions"> & { says: string };

/**
 * Alarms on what needs a person, on one topic, and a dashboard. Both are optional, and neither changes what the service does.
 *
 * @example
 * ```ts
 * new Observability("ocr", { ...settings, endpointName, region, accountId, partition, deadLetterQueueName });
 * ```
 */
export class Observability extends pulumi.ComponentResource {
  /** ARN of the topic that gets every alarm; undefined without alarms. */
  readonly alarmTopicArn: pulumi.Output<string> | undefined;

  constructor(name: string, args: ObservabilityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Observability", name, {}, opts);

    if (args.alarmsEnabled) {
      const topicArn = args.alarmTopicArn === undefined ? this.topic(`${name}-alarms`, args) : pulumi.output(args.alarmTopicArn);
      this.alarmTopicArn = topicArn;
      for (const endpoint of new Set(args.alarmEmails)) {
        new aws.sns.TopicSubscription(`${name}-alarms-${endpoint}`, { topic: topicArn, protocol: "email", endpoint }, { parent: this });
      }
      for (const [key, { says, ...alarm }] of Object.entries(alarmsOf(args))) {
        new aws.cloudwatch.MetricAlarm(
          `${name}-${key}`,
          {
            ...alarm,
            alarmDescription: `${says} What to do: docs/runbook.md#${key}`,
            alarmActions: [topicArn],
            okActions: [topicArn],
          },
          { parent: this },
        );
      }
    }
    if (args.dashboardEnabled) {
      new aws.cloudwatch.Dashboard(
        name,
        {
          // A dashboard has no generated name: the endpoint's keeps stacks apart.
          dashboardName: args.endpointName,
          dashboardBody: pulumi.jsonStringify(
            pulumi.output(args).apply((known) => dashboardBody({ ...known, variantName, pricePerHourUsd: priceOf(known.instanceType) })),
          ),
        },
        { parent: this },
      );
    }
    this.registerOutputs({ alarmTopicArn: this.alarmTopicArn });
  }

  private topic(name: string, { kmsKeyArn, partition, region, accountId }: ObservabilityArgs): pulumi.Output<string> {
    const { arn } = new aws.sns.Topic(name, kmsKeyArn === undefined ? {} : { kmsMasterKeyId: kmsKeyArn }, { parent: this });
    const publish: Statement = {
      sid: "AlarmsPublish",
      actions: ["sns:Publish"],
      principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
      resources: [arn],
      conditions: [
        { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
        {
          test: "ArnLike",
          variable: "aws:SourceArn",
          values: [pulumi.interpolate`arn:${partition}:cloudwatch:${region}:${accountId}:alarm:*`],
        },
      ],
    };
    new aws.sns.TopicPolicy(name, { arn, policy: policyDocument(this, [publish, tlsOnly(["sns:Publish"], [arn])]) }, { parent: this });
    return arn;
  }
}

function alarmsOf(args: ObservabilityArgs): Record<string, AlarmArgs> {
  const endpoint = { EndpointName: args.endpointName };
  const variant = { ...endpoint, VariantName: variantName };
  const awakeMinutes = pulumi.output(args.idleSeconds).apply((seconds) => Math.ceil(seconds / minuteSeconds) + awakeMarginMinutes);
  // The longest invocations, one after the other, with what lies between them. CloudWatch takes whole minutes; these are whole hours.
  const rowSeconds = pulumi
    .output(args.invocationTimeoutSeconds)
    .apply((seconds) => hourSeconds * Math.ceil((fewestFailures * (seconds + betweenInvocationsSeconds)) / hourSeconds));
  const count = (metricName: string): Omit<AlarmArgs, "says"> => ({
    namespace: serviceNamespace,
    metricName,
    dimensions: variant,
    statistic: "Sum",
    ...atOnce(300),
    threshold: 1,
    // Counts are absent until the first, and between two.
    treatMissingData: "notBreaching",
  });
  return {
    "oldest-job": {
      says: "A request has waited for half of the time after which it expires, or a job has been open for that long and the longest run.",
      metricQueries: [
        metricQuery("waiting", serviceNamespace, "ApproximateAgeOfOldestRequest", "Maximum", endpoint),
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
      ],
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
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
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      threshold: failurePercent,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
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
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      threshold: fewestFailures,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "notBreaching",
    },
    "dead-letters": {
      says: "A message could not be handled.",
      namespace: "AWS/SQS",
      metricName: "ApproximateNumberOfMessagesVisible",
      dimensions: { QueueName: args.deadLetterQueueName },
      statistic: "Maximum",
      ...atOnce(300),
      threshold: 1,
      treatMissingData: "notBreaching",
    },
    expired: { says: "Requests waited longer than they may, and were dropped.", ...count("ExpiredRequests") },
    "notification-failures": {
      says: "SageMaker could not tell the ends of invocations; jobs end by reconciliation.",
      ...count("NotificationFailures"),
    },
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

/** One period at or above the threshold is an alarm. */
function atOnce(periodSeconds: number) {
  return {
    period: periodSeconds,
    evaluationPeriods: 1,
    datapointsToAlarm: 1,
    comparisonOperator: "GreaterThanOrEqualToThreshold",
  };
}
