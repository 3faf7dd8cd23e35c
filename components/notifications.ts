import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, tlsOnly, type Statement } from "./policies";

/** Arguments of {@link Notifications}. */
export interface NotificationsArgs {
  /** ARN of the role under which SageMaker publishes: the endpoint's execution role. */
  publisherRoleArn: pulumi.Input<string>;
  /** Whether SageMaker tells the end of each invocation. Without, only the jobs topic exists. */
  enabled: boolean;
  /** The user's own topic for completed invocations, which stays as it is. @default a new topic */
  successTopicArn?: pulumi.Input<string>;
  /** The user's own topic for failed invocations, which stays as it is; may be the same. @default a new topic */
  errorTopicArn?: pulumi.Input<string>;
  /** Email addresses that receive every completed invocation. Each owner must confirm once. */
  successEmails: readonly string[];
  /** Email addresses that receive every failed invocation. Each owner must confirm once. */
  failureEmails: readonly string[];
  /** Key that encrypts messages. @default none: SNS has no encryption of its own */
  kmsKeyArn?: pulumi.Input<string>;
  /** What must be in force before anything is encrypted with the key: those who use it could not read it else. @default nothing */
  keyPolicies?: pulumi.Input<pulumi.Resource[]>;
}

/**
 * The two topics on which SageMaker reports the end of an asynchronous invocation, and our own of job events.
 *
 * The first two accept messages from the endpoint's execution role, the third from roles of this account that
 * may publish to it; all over TLS only. A topic of the user's own stays as it is.
 */
export class Notifications extends pulumi.ComponentResource {
  /** ARN of the topic for completed invocations; undefined when notifications are off. */
  readonly successTopicArn: pulumi.Output<string> | undefined;
  /** ARN of the topic for failed invocations; undefined when notifications are off. */
  readonly errorTopicArn: pulumi.Output<string> | undefined;
  /** ARN of the topic of job events. */
  readonly jobsTopicArn: pulumi.Output<string>;

  constructor(name: string, args: NotificationsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Notifications", name, {}, opts);

    const publishers = [endpointPublishes(args.publisherRoleArn)];
    const topicArn = (own: pulumi.Input<string> | undefined, topicName: string) =>
      own === undefined ? this.topic(topicName, args, publishers) : pulumi.output(own);
    this.jobsTopicArn = this.topic(`${name}-jobs`, args, []);
    if (args.enabled) {
      this.successTopicArn = topicArn(args.successTopicArn, `${name}-success`);
      this.errorTopicArn = topicArn(args.errorTopicArn, `${name}-error`);
      this.email(`${name}-success`, this.successTopicArn, args.successEmails);
      this.email(`${name}-failure`, this.errorTopicArn, args.failureEmails);
    }

    this.registerOutputs({ successTopicArn: this.successTopicArn, errorTopicArn: this.errorTopicArn, jobsTopicArn: this.jobsTopicArn });
  }

  private topic(name: string, args: NotificationsArgs, allowed: ((topicArn: pulumi.Input<string>) => Statement)[]): pulumi.Output<string> {
    const encryption = args.kmsKeyArn === undefined ? {} : { kmsMasterKeyId: args.kmsKeyArn };
    const { arn } = new aws.sns.Topic(name, encryption, { parent: this, dependsOn: args.keyPolicies });
    const statements = [...allowed.map((statement) => statement(arn)), tlsOnly(["sns:Publish"], [arn])];
    new aws.sns.TopicPolicy(name, { arn, policy: policyDocument(this, statements) }, { parent: this });
    return arn;
  }

  private email(name: string, topic: pulumi.Input<string>, addresses: readonly string[]): void {
    for (const endpoint of new Set(addresses)) {
      new aws.sns.TopicSubscription(`${name}-${endpoint}`, { topic, protocol: "email", endpoint }, { parent: this });
    }
  }
}

/** Statement of a topic to which the endpoint publishes. */
export const endpointPublishes =
  (publisherRoleArn: pulumi.Input<string>) =>
  (topicArn: pulumi.Input<string>): Statement => ({
    sid: "EndpointPublishes",
    actions: ["sns:Publish"],
    principals: [{ type: "AWS", identifiers: [publisherRoleArn] }],
    resources: [topicArn],
  });
