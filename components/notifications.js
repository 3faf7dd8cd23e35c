import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { policyDocument, tlsOnly } from "./policies";
/**
 * The two topics on which SageMaker reports the end of an asynchronous invocation, and our own of job events.
 *
 * The first two accept messages from the endpoint's execution role, the third from roles of this account that
 * may publish to it; all over TLS only. A topic of the user's own stays as it is.
 */
export class Notifications extends pulumi.ComponentResource {
    /** ARN of the topic for completed invocations; undefined when notifications are off. */
    successTopicArn;
    /** ARN of the topic for failed invocations; undefined when notifications are off. */
    errorTopicArn;
    /** ARN of the topic of job events. */
    jobsTopicArn;
    constructor(name, args, opts) {
        super("sagemaker-async:index:Notifications", name, {}, opts);
        const publishers = [endpointPublishes(args.publisherRoleArn)];
        const topicArn = (own, topicName) => own === undefined ? this.topic(topicName, args, publishers) : pulumi.output(own);
        this.jobsTopicArn = this.topic(`${name}-jobs`, args, []);
        if (args.enabled) {
            this.successTopicArn = topicArn(args.successTopicArn, `${name}-success`);
            this.errorTopicArn = topicArn(args.errorTopicArn, `${name}-error`);
            this.email(`${name}-success`, this.successTopicArn, args.successEmails);
            this.email(`${name}-failure`, this.errorTopicArn, args.failureEmails);
        }
        this.registerOutputs({ successTopicArn: this.successTopicArn, errorTopicArn: this.errorTopicArn, jobsTopicArn: this.jobsTopicArn });
    }
    topic(name, args, allowed) {
        const encryption = args.kmsKeyArn === undefined ? {} : { kmsMasterKeyId: args.kmsKeyArn };
        const { arn } = new aws.sns.Topic(name, encryption, { parent: this, dependsOn: args.keyPolicies });
        const statements = [...allowed.map((statement) => statement(arn)), tlsOnly(["sns:Publish"], [arn])];
        new aws.sns.TopicPolicy(name, { arn, policy: policyDocument(this, statements) }, { parent: this });
        return arn;
    }
    email(name, topic, addresses) {
        for (const endpoint of new Set(addresses)) {
            new aws.sns.TopicSubscription(`${name}-${endpoint}`, { topic, protocol: "email", endpoint }, { parent: this });
        }
    }
}
/** Statement of a topic to which the endpoint publishes. */
export const endpointPublishes = (publisherRoleArn) => (topicArn) => ({
    sid: "EndpointPublishes",
    actions: ["sns:Publish"],
    principals: [{ type: "AWS", identifiers: [publisherRoleArn] }],
    resources: [topicArn],
});
