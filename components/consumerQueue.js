import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyStatements, policyDocument, tlsOnly } from "./policies";
import { requireQueueArgs } from "./nameChecks";
/** What could not be handled stays as long as SQS keeps anything: days count from the first delivery, not from the move. */
const deadLetterRetentionSeconds = 14 * 24 * 3600;
/** SQS's longest: fewer empty answers, and none the later for it. */
const longPollSeconds = 20;
/**
 * An SQS queue on a service's job events: encrypted, TLS only, open to that topic alone, with a dead-letter queue of what its
 * consumers fail at. What does not even reach the queue goes to the service's own dead letters.
 *
 * A message's body is the job event itself (schemas/job-event.schema.json), its attributes are `state`, `jobId` and
 * `endpointName`. Delivery is at least once and in no order.
 */
export class ConsumerQueue extends pulumi.ComponentResource {
    queueName;
    queueUrl;
    queueArn;
    /** Where messages go that were received `maxReceiveCount` times and never deleted. */
    deadLetterQueueUrl;
    deadLetterQueueArn;
    kmsKeyArn;
    /** @throws pulumi.InputPropertiesError naming what is wrong with name, states, time or count */
    constructor(name, args, opts) {
        super("sagemaker-async:index:ConsumerQueue", name, {}, opts);
        requireQueueArgs(name, args);
        this.kmsKeyArn = args.kmsKeyArn;
        const encryption = args.kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: args.kmsKeyArn };
        const deadLetters = new aws.sqs.Queue(`${name}-dead-letters`, { ...encryption, messageRetentionSeconds: deadLetterRetentionSeconds }, { parent: this });
        const queue = new aws.sqs.Queue(name, {
            ...encryption,
            visibilityTimeoutSeconds: args.visibilityTimeoutSeconds ?? 60,
            receiveWaitTimeSeconds: longPollSeconds,
            redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: args.maxReceiveCount ?? 5 }),
        }, { parent: this });
        new aws.sqs.RedriveAllowPolicy(name, {
            queueUrl: deadLetters.url,
            redriveAllowPolicy: pulumi.jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
        }, { parent: this });
        this.policy(`${name}-dead-letters`, deadLetters, []);
        const policy = this.policy(name, queue, [topicSends(args.jobsTopicArn, queue.arn)]);
        new aws.sns.TopicSubscription(name, {
            topic: args.jobsTopicArn,
            protocol: "sqs",
            endpoint: queue.arn,
            rawMessageDelivery: true,
            redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: args.undeliveredQueueArn }),
            ...(args.states === undefined ? {} : { filterPolicy: JSON.stringify({ state: args.states }) }),
        }, { parent: this, dependsOn: [policy] });
        this.queueName = queue.name;
        this.queueUrl = queue.url;
        this.queueArn = queue.arn;
        this.deadLetterQueueUrl = deadLetters.url;
        this.deadLetterQueueArn = deadLetters.arn;
        const { queueName, queueUrl, queueArn, deadLetterQueueUrl, deadLetterQueueArn } = this;
        this.registerOutputs({ queueName, queueUrl, queueArn, deadLetterQueueUrl, deadLetterQueueArn });
    }
    /**
     * Lets a role take messages from the queue.
     *
     * IAM, exactly: `sqs:ReceiveMessage`, `sqs:DeleteMessage`, `sqs:ChangeMessageVisibility` and `sqs:GetQueueAttributes` (Lambda
     * asks for it) on the queue; with `kmsKeyArn` `kms:Decrypt` on it.
     */
    grantConsume(role) {
        const consume = {
            sid: "Consume",
            actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
            resources: [this.queueArn],
        };
        const statements = [consume, ...keyStatements({ kmsKeyArn: this.kmsKeyArn }, ["kms:Decrypt"])];
        return new aws.iam.RolePolicy(`${pulumi.resourceName(role)}-${pulumi.resourceName(this)}-consume`, { role: role.id, policy: policyDocument(role, statements) }, { parent: role });
    }
    policy(name, { url, arn }, statements) {
        return new aws.sqs.QueuePolicy(name, { queueUrl: url, policy: policyDocument(this, [...statements, tlsOnly(["sqs:*"], [arn])]) }, { parent: this });
    }
}
/**
 * A queue of this project's own on the job events of a service that another project deployed, in the same region: as
 * {@link AsyncInference.consumerQueue}.
 *
 * @example
 * ```ts
 * const queue = consumerQueue(outputs, "orders", { states: ["FAILED", "EXPIRED"] });
 * ```
 */
export function consumerQueue(outputs, name, options = {}, opts) {
    return new ConsumerQueue(name, { ...options, jobsTopicArn: outputs.jobsTopicArn, undeliveredQueueArn: outputs.deadLetterQueueArn }, opts);
}
function topicSends(topicArn, queueArn) {
    return {
        sid: "TopicSends",
        actions: ["sqs:SendMessage"],
        principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
        resources: [queueArn],
        conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [topicArn] }],
    };
}
