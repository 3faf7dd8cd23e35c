import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarmsOf } from "./alarms";
import { dashboardBody } from "./dashboard";
import { variantName } from "./endpoint";
import { priceOf } from "./prices";
import { policyDocument, tlsOnly, type Statement } from "./policies";

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
  /** Requests that SageMaker sends to one instance at a time: as many share its cost. */
  maxConcurrentInvocationsPerInstance: pulumi.Input<number>;
  /** What instances without work may cost in a UTC day before an alarm says so. @default no such alarm */
  idleSpendAlarmUsdPerDay?: number;
}

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
