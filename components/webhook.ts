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
  /** Its name in the setting `webhooks`. */
  readonly webhookName: string;
  readonly functionArn: pulumi.Output<string>;
  /** The policies with its function's use of keys; none without keys. */
  readonly keyPolicies: readonly pulumi.Resource[];

  private readonly name: string;

  /** @throws pulumi.InputPropertiesError when the name is too long with the service's */
  constructor(site: WebhookSite, args: WebhookArgs, opts?: pulumi.ComponentResourceOptions) {
    const name = `${site.service}-webhook-${site.name}`;
    super("sagemaker-async:index:Webhook", name, {}, opts);
    requireHandlerName(site.name, name);
    this.name = name;

    const secrets = this.secrets(site, args);
    const queue = this.queue(site);
    const lambda = this.lambda(site, args, secrets, queue);
    lambda.drain(name, queue.arn, batchSize, maximumConcurrency);
    this.follow(site, args, queue);

    this.webhookName = site.name;
    this.functionArn = lambda.functionArn;
    this.keyPolicies = lambda.keyPolicies;
    this.registerOutputs({ queueArn: queue.arn });
  }

  private secrets({ name: own, reach: { settings }, keyPolicies }: WebhookSite, args: WebhookArgs): aws.ssm.Parameter {
    const { kmsKeyArn } = settings;
    return new aws.ssm.Parameter(
      this.name,
      {
        type: "SecureString",
        description: `Secrets of the webhook ${own}, the newest first`,
        value: secretsOf(own, args),
        ...(kmsKeyArn !== undefined && { keyId: kmsKeyArn }),
      },
      { parent: this, dependsOn: keyPolicies },
    );
  }

  private queue({ reach: { settings, deadLetters }, keyPolicies }: WebhookSite): aws.sqs.Queue {
    const { kmsKeyArn } = settings;
    return new aws.sqs.Queue(
      this.name,
      {
        ...(kmsKeyArn === undefined ? { sqsManagedSseEnabled: true } : { kmsMasterKeyId: kmsKeyArn }),
        visibilityTimeoutSeconds,
        messageRetentionSeconds: retentionSeconds,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: mostReceives }),
      },
      { parent: this, dependsOn: keyPolicies },
    );
  }

  private lambda(
    { reach: { endpoint, settings, deadLetters }, hosting }: WebhookSite,
    { url, privateAllowed }: WebhookArgs,
    secrets: aws.ssm.Parameter,
    queue: aws.sqs.Queue,
  ): CallbackLambda<WebhookFunctionSettings> {
    return new CallbackLambda<WebhookFunctionSettings>(
      this.name,
      {
        factory: webhookFunction,
        isOwn: true,
        settings: {
          endpointName: endpoint.endpointName,
          url,
          ...(privateAllowed === true && { privateAllowed }),
          secretsParameterName: secrets.name,
          queueArn: queue.arn,
          queueUrl: queue.url,
          deadLetterQueueUrl: deadLetters.queueUrl,
        },
        statements: statementsOf(queue.arn, secrets.arn, deadLetters.queueArn),
        keyStatements: keyStatements({ kmsKeyArn: settings.kmsKeyArn }),
        timeoutSeconds,
        memoryMb: 256,
        ...hosting,
      },
      { parent: this },
    );
  }

  /** Has the jobs topic fill the queue. */
  private follow({ reach: { jobsTopicArn, deadLetters } }: WebhookSite, { states }: WebhookArgs, { url, arn }: aws.sqs.Queue): void {
    const policy = new aws.sqs.QueuePolicy(
      this.name,
      { queueUrl: url, policy: policyDocument(this, [topicSends(jobsTopicArn, arn), tlsOnly(["sqs:*"], [arn])]) },
      { parent: this },
    );
    new aws.sns.TopicSubscription(
      this.name,
      {
        topic: jobsTopicArn,
        protocol: "sqs",
        endpoint: arn,
        rawMessageDelivery: true,
        redrivePolicy: pulumi.jsonStringify({ deadLetterTargetArn: deadLetters.queueArn }),
        ...(states === undefined ? {} : { filterPolicy: JSON.stringify({ state: states }) }),
      },
      { parent: this, dependsOn: [policy] },
    );
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
