import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, tlsOnly, type Statement } from "./policies";

/** Arguments of {@link DeadLetters}. */
export interface DeadLettersArgs {
  /** ARNs of the topics whose messages go here when a function can't be reached. */
  topicArns: pulumi.Input<string>[];
  /** Key that encrypts messages. Its policy must let `sns.amazonaws.com` use it. @default SQS's key, which needs no permission */
  kmsKeyArn?: pulumi.Input<string>;
  /** What must be in force before anything is encrypted with the key: those who use it could not read it else. @default nothing */
  keyPolicies?: pulumi.Input<pulumi.Resource[]>;
}

/** SQS's longest: time to notice, to mend and to put back. Inputs are kept for at least as long. */
const deadLetterRetentionDays = 14;

/**
 * The queue of what could not be handled: what a topic could not deliver, and what a function failed at each time.
 * Encrypted, TLS only. Topics send by the queue's policy, functions by their own roles'.
 */
export class DeadLetters extends pulumi.ComponentResource {
  readonly queueName: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;

  constructor(name: string, args: DeadLettersArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:DeadLetters", name, {}, opts);

    const queue = new aws.sqs.Queue(
      `${name}-dead-letters`,
      {
        ...(args.kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: args.kmsKeyArn }),
        messageRetentionSeconds: deadLetterRetentionDays * 24 * 3600,
      },
      { parent: this, dependsOn: args.keyPolicies },
    );
    const topicsSend: Statement = {
      sid: "TopicsSend",
      actions: ["sqs:SendMessage"],
      principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
      resources: [queue.arn],
      conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: args.topicArns }],
    };
    new aws.sqs.QueuePolicy(
      `${name}-dead-letters`,
      { queueUrl: queue.url, policy: policyDocument(this, [topicsSend, tlsOnly(["sqs:*"], [queue.arn])]) },
      { parent: this },
    );

    this.queueName = queue.name;
    this.queueUrl = queue.url;
    this.queueArn = queue.arn;
    this.registerOutputs({ queueName: this.queueName, queueUrl: this.queueUrl, queueArn: this.queueArn });
  }
}
