import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, tlsOnly } from "./policies";
/** SQS's longest: time to notice, to mend and to put back. Inputs are kept for at least as long. */
const deadLetterRetentionDays = 14;
/**
 * The queue of what could not be handled: what a topic could not deliver, and what a function failed at each time.
 * Encrypted, TLS only. Topics send by the queue's policy, functions by their own roles'.
 */
export class DeadLetters extends pulumi.ComponentResource {
    queueName;
    queueUrl;
    queueArn;
    constructor(name, args, opts) {
        super("sagemaker-async:index:DeadLetters", name, {}, opts);
        const queue = new aws.sqs.Queue(`${name}-dead-letters`, {
            ...(args.kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: args.kmsKeyArn }),
            messageRetentionSeconds: deadLetterRetentionDays * 24 * 3600,
        }, { parent: this, dependsOn: args.keyPolicies });
        const topicsSend = {
            sid: "TopicsSend",
            actions: ["sqs:SendMessage"],
            principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
            resources: [queue.arn],
            conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: args.topicArns }],
        };
        new aws.sqs.QueuePolicy(`${name}-dead-letters`, { queueUrl: queue.url, policy: policyDocument(this, [topicsSend, tlsOnly(["sqs:*"], [queue.arn])]) }, { parent: this });
        this.queueName = queue.name;
        this.queueUrl = queue.url;
        this.queueArn = queue.arn;
        this.registerOutputs({ queueName: this.queueName, queueUrl: this.queueUrl, queueArn: this.queueArn });
    }
}
