import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { alarmsOf } from "./alarms";
import { dashboardBody } from "./dashboard";
import { variantName } from "./endpoint";
import { priceOf } from "./prices";
import { policyDocument, tlsOnly } from "./policies";
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
    alarmTopicArn;
    constructor(name, args, opts) {
        super("sagemaker-async:index:Observability", name, {}, opts);
        if (args.alarmsEnabled) {
            const topicArn = args.alarmTopicArn === undefined ? this.topic(`${name}-alarms`, args) : pulumi.output(args.alarmTopicArn);
            this.alarmTopicArn = topicArn;
            for (const endpoint of new Set(args.alarmEmails)) {
                new aws.sns.TopicSubscription(`${name}-alarms-${endpoint}`, { topic: topicArn, protocol: "email", endpoint }, { parent: this });
            }
            for (const [key, { says, ...alarm }] of Object.entries(alarmsOf(args))) {
                new aws.cloudwatch.MetricAlarm(`${name}-${key}`, {
                    ...alarm,
                    alarmDescription: `${says} What to do: docs/runbook.md#${key}`,
                    alarmActions: [topicArn],
                    okActions: [topicArn],
                }, { parent: this });
            }
        }
        if (args.dashboardEnabled) {
            new aws.cloudwatch.Dashboard(name, {
                // A dashboard has no generated name: the endpoint's keeps stacks apart.
                dashboardName: args.endpointName,
                dashboardBody: pulumi.jsonStringify(pulumi.output(args).apply((known) => dashboardBody({ ...known, variantName, pricePerHourUsd: priceOf(known.instanceType) }))),
            }, { parent: this });
        }
        this.registerOutputs({ alarmTopicArn: this.alarmTopicArn });
    }
    topic(name, { kmsKeyArn, partition, region, accountId }) {
        const { arn } = new aws.sns.Topic(name, kmsKeyArn === undefined ? {} : { kmsMasterKeyId: kmsKeyArn }, { parent: this });
        const publish = {
            sid: "AlarmsPublish",
            actions: ["sns:Publish"],
            principals: [{ type: "Service", identifiers: ["cloudwatch.amazonaws.com"] }],
            resources: [arn],
            conditions: [
                { test: "StringEquals", variable: "aws:SourceAccount", values: [accountId] },
                {
                    test: "ArnLike",
                    variable: "aws:SourceArn",
                    values: [pulumi.interpolate `arn:${partition}:cloudwatch:${region}:${accountId}:alarm:*`],
                },
            ],
        };
        new aws.sns.TopicPolicy(name, { arn, policy: policyDocument(this, [publish, tlsOnly(["sns:Publish"], [arn])]) }, { parent: this });
        return arn;
    }
}
