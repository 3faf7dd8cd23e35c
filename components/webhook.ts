import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { webhookFunction, type WebhookFunctionSettings } from "../functions/webhook";
import { CallbackLambda } from "./callbackLambda";
import { topicSends } from "./consumerQueue";
import { fail } from "./fail";
import type { Reach } from "./functionPolicies";
import { requireHandlerName } from "./nameChecks";
import { keyStatements, policyDocument, tlsOnly, type Statement } from "./policies";
import type { Hosting } from "./serviceFunctions";
import type { Webhook as WebhookArgs } from "./settings/webhooks";
import { problemsWith } from "./valueChecks";

/** A receiver may take 20 seconds; those of a batch are asked at the same time. */
const timeoutSeconds = 60;
/** https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the function's */
const visibilityTimeoutSeconds = 6 * timeoutSeconds;
/** Ends per invocation, and invocations at a time: a receiver gets no more than their product at once. */
const batchSize = 10;
const maximumConcurrency = 5;
/**
 * The function gives up by itself, after a dozen tries in a day. What goes beyond that are tries that it did not even begin, or that
 * killed it.
 */
const mostReceives = 50;
/** SQS's longest. */
const retentionSeconds = 14 * 24 * 3600;

/** What making a webhook takes. */
export interface WebhookSite {
  /** Name of the service. */
  service: string;
  /** Name of the webhook. */
  name: string;
  reach: Reach;
  hosting: Hosting;
  /** What must be in force before anything is encrypted with the key. */
  keyPolicies: pulumi.Input<pulumi.Resource[]>;
}

/**
 * A receiver of job ends: a queue on the jobs topic, and a function that POSTs each end, signed. The secrets are in an encrypted
 * parameter, which that function alone may read.
 */
export class Webhook extends pulumi.ComponentResource {
  /** The policies with its function's use of keys; none without keys. */
  readonly keyPolicies: readonly pulumi.Resource[];

  /** @throws pulumi.InputPropertiesError when the name is too long with the service's */
  constructor({ service, name: own, reach, hosting, keyPolicies }: WebhookSite, args: WebhookArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = `${service}-webhook-${own}`;
    super("sagemaker-async:index:Webhook", name, {}, opts);
    requireHandlerName(own, name);
    const { endpoint, deadLetters, jobsTopicArn, settings } = reach;
    const { kmsKeyArn } = settings;

    const secrets = new aws.ssm.Parameter(
      name,
      {
        type: "SecureString",
        description: `Secrets of the webhook ${own}, the newest first`,
        value: secretsOf(own, args),
        ...(kmsKeyArn !== undefined && { keyId: kmsKeyArn }),
      },
      { parent: this, dependsOn: keyPolicies },
    );
    const queue = new aws.sqs.Queue(
      name,
      {
        ...(kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKeyArn }),
        visibilityTimeoutSeconds,
        messageRetentionSeconds: retentionSeconds,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: mostReceives }),
      },
      { parent: this, dependsOn: keyPolicies },
    );
    const lambda = new CallbackLambda<WebhookFunctionSettings>(
      name,
      {
        factory: webhookFunction,
        settings: {
          endpointName: endpoint.endpointName,
          url: args.url,
          secretsParameterName: secrets.name,
          queueArn: queue.arn,
          queueUrl: queue.url,
          deadLetterQueueUrl: deadLetters.queueUrl,
        },
        statements: statementsOf(queue.arn, secrets.arn, deadLetters.queueArn),
        keyStatements: keyStatements({ kmsKeyArn }),
        timeoutSeconds,
        memoryMb: 256,
        ...hosting,
      },
      { parent: this },
    );
    lambda.drain(name, queue.arn, batchSize, maximumConcurrency);

    const policy = new aws.sqs.QueuePolicy(
      name,
      { queueUrl: queue.url, policy: policyDocument(this, [topicSends(jobsTopicArn, queue.arn), tlsOnly(["sqs:*"], [queue.arn])]) },
      { parent: this },
    );
    new aws.sns.TopicSubscription(
      name,
      {
        topic: jobsTopicArn,
        protocol: "sqs",
        endpoint: queue.arn,
        rawMessageDelivery: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queueArn }),
        ...(args.states === undefined ? {} : { filterPolicy: JSON.stringify({ state: args.states }) }),
      },
      { parent: this, dependsOn: [policy] },
    );

    this.keyPolicies = lambda.keyPolicies;
    this.registerOutputs({ queueArn: queue.arn });
  }
}

/** The secrets as the function reads them. @throws pulumi.InputPropertiesError for one that resolves to no secret of a webhook */
function secretsOf(name: string, { url, secret, formerSecret }: WebhookArgs): pulumi.Output<string> {
  return pulumi.secret(
    pulumi.all([secret, formerSecret]).apply(([newest, former]) => {
      const known = { url, secret: newest, ...(former !== undefined && { formerSecret: former }) };
      // What the mocks of a unit test leave undefined is told by nobody.
      if (newest !== undefined) fail(`The webhook "${name}"`, problemsWith("webhooks", { [name]: known }));
      return [newest, former].filter((each) => each !== undefined).join(" ");
    }),
  );
}

function statementsOf(queueArn: pulumi.Output<string>, parameterArn: pulumi.Output<string>, deadLetterQueueArn: pulumi.Output<string>) {
  return [
    {
      sid: "ConsumeEnds",
      actions: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
      resources: [queueArn],
    },
    { sid: "ReadSecrets", actions: ["ssm:GetParameter"], resources: [parameterArn] },
    { sid: "DeadLetters", actions: ["sqs:SendMessage"], resources: [deadLetterQueueArn] },
  ] satisfies Statement[];
}
