import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { terminalStates } from "../core/records/job";
import { keyStatements, policyDocument, tlsOnly, type Statement } from "./policies";
import type { ServiceOutputs } from "./stackOutputs";
import { requireQueueArgs } from "./nameChecks";

/** Options of a {@link ConsumerQueue}. */
export interface ConsumerQueueOptions {
  /** Ends of jobs that the queue gets. @default every end */
  states?: readonly (typeof terminalStates)[number][];
  /** Seconds, 0 to 43200, for which a message that was received is hidden from others. With a Lambda: six times its timeout. @default 60 */
  visibilityTimeoutSeconds?: number;
  /** How often, 1 to 1000, a message is received before it goes to the dead-letter queue. @default 5 */
  maxReceiveCount?: number;
  /**
   * Your own KMS key for both queues. Its policy must let `sns.amazonaws.com` use `kms:Decrypt` and `kms:GenerateDataKey`, or
   * no message arrives. @default SQS's key, which needs no permission
   */
  kmsKeyArn?: pulumi.Input<string>;
}

/** Arguments of {@link ConsumerQueue}. */
export interface ConsumerQueueArgs extends ConsumerQueueOptions {
  /** The topic of job events: a service's output `jobsTopicArn`. */
  jobsTopicArn: pulumi.Input<string>;
  /** Where job events go that the topic can't hand to the queue: a service's output `deadLetterQueueArn`. `redrive` puts them back. */
  undeliveredQueueArn: pulumi.Input<string>;
}

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
  readonly queueName: pulumi.Output<string>;
  readonly queueUrl: pulumi.Output<string>;
  readonly queueArn: pulumi.Output<string>;
  /** Where messages go that were received `maxReceiveCount` times and never deleted. */
  readonly deadLetterQueueUrl: pulumi.Output<string>;
  readonly deadLetterQueueArn: pulumi.Output<string>;

  private readonly kmsKeyArn: pulumi.Input<string> | undefined;

  /** @throws pulumi.InputPropertiesError naming what is wrong with name, states, time or count */
  constructor(name: string, args: ConsumerQueueArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:ConsumerQueue", name, {}, opts);
    requireQueueArgs(name, args);

    this.kmsKeyArn = args.kmsKeyArn;
    const encryption = args.kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: args.kmsKeyArn };
    const deadLetters = new aws.sqs.Queue(
      `${name}-dead-letters`,
      { ...encryption, messageRetentionSeconds: deadLetterRetentionSeconds },
      { parent: this },
    );
    const queue = new aws.sqs.Queue(
      name,
      {
        ...encryption,
        visibilityTimeoutSeconds: args.visibilityTimeoutSeconds ?? 60,
        receiveWaitTimeSeconds: longPollSeconds,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: args.maxReceiveCount ?? 5 }),
      },
      { parent: this },
    );
    new aws.sqs.RedriveAllowPolicy(
      name,
      {
        queueUrl: deadLetters.url,
        redriveAllowPolicy: pulumi.jsonStringify({ redrivePermission: "byQueue", sourceQueueArns: [queue.arn] }),
      },
      { parent: this },
    );
    this.policy(`${name}-dead-letters`, deadLetters, []);
    const policy = this.policy(name, queue, [topicSends(args.jobsTopicArn, queue.arn)]);
    new aws.sns.TopicSubscription(
      name,
      {
        topic: args.jobsTopicArn,
        protocol: "sqs",
        endpoint: queue.arn,
        rawMessageDelivery: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: args.undeliveredQueueArn }),
        ...(args.states === undefined ? {} : { filterPolicy: JSON.stringify({ state: args.states }) }),
      },
      { parent: this, dependsOn: [policy] },
    );

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
  grantConsume(role: aws.iam.Role): aws.iam.RolePolicy {
    const consume: Statement = {
      sid: "Consume",
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
      resources: [this.queueArn],
    };
    const statements = [consume, ...keyStatements({ kmsKeyArn: this.kmsKeyArn }, ["kms:Decrypt"])];
    return new aws.iam.RolePolicy(
      `${pulumi.resourceName(role)}-${pulumi.resourceName(this)}-consume`,
      { role: role.id, policy: policyDocument(role, statements) },
      { parent: role },
    );
  }

  private policy(name: string, { url, arn }: aws.sqs.Queue, statements: Statement[]): aws.sqs.QueuePolicy {
    return new aws.sqs.QueuePolicy(
      name,
      { queueUrl: url, policy: policyDocument(this, [...statements, tlsOnly(["sqs:*"], [arn])]) },
      { parent: this },
    );
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
export function consumerQueue(
  outputs: ServiceOutputs,
  name: string,
  options: ConsumerQueueOptions = {},
  opts?: pulumi.ComponentResourceOptions,
): ConsumerQueue {
  return new ConsumerQueue(name, { ...options, jobsTopicArn: outputs.jobsTopicArn, undeliveredQueueArn: outputs.deadLetterQueueArn }, opts);
}

/** Lets a topic put messages into a queue. */
export function topicSends(topicArn: pulumi.Input<string>, queueArn: pulumi.Input<string>): Statement {
  return {
    sid: "TopicSends",
    actions: ["sqs:SendMessage"],
    principals: [{ type: "Service", identifiers: ["sns.amazonaws.com"] }],
    resources: [queueArn],
    conditions: [{ test: "ArnEquals", variable: "aws:SourceArn", values: [topicArn] }],
  };
}
