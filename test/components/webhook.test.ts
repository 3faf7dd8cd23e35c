import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import type { Reach } from "../../components/functionPolicies";
import type { Webhook as WebhookArgs } from "../../components/settings/webhooks";
import { Webhook } from "../../components/webhook";
import { deploy, type Deployment } from "../../doubles/deploy";
import { graphOf, inputsOf, parentOf, statementsOf, treatmentOf } from "../support/readable";

const account = "eu-west-1:123456789012";
const key = `arn:aws:kms:${account}:key/0a1b2c3d`;
const jobsTopicArn = `arn:aws:sns:${account}:ocr-jobs`;
const deadLetters = { queueArn: `arn:aws:sqs:${account}:ocr-dead-letters`, queueUrl: `https://sqs/ocr-dead-letters` };
const name = "ocr-webhook-orders";
const queueArn = `arn:aws:sqs:${account}:${name}-0a1b2c3`;
const queueUrl = `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}-0a1b2c3`;
const args: WebhookArgs = { url: "https://shop.example.com/jobs", secret: `whsec_${"A".repeat(32)}` };

/** A webhook of a service that is not there itself; with a key, behind a policy for its use. */
function deployed(change: Partial<WebhookArgs> = {}, kmsKeyArn?: string): Promise<Deployment> {
  return deploy(() => {
    const keyPolicies = kmsKeyArn === undefined ? [] : [new aws.iam.RolePolicy("use", { role: "sender", policy: "{}" })];
    const reach = { endpoint: { endpointName: "ocr" }, settings: { kmsKeyArn }, deadLetters, jobsTopicArn } as unknown as Reach;
    const hosting = { logRetentionDays: 7, ...(kmsKeyArn !== undefined && { kmsKeyArn }) };
    const webhook = new Webhook({ service: "ocr", name: "orders", reach, hosting, keyPolicies }, { ...args, ...change });
    return { webhookName: webhook.webhookName, functionArn: webhook.functionArn, policies: webhook.keyPolicies.length };
  });
}
const queue = "aws:sqs/queue:Queue";
const parameter = "aws:ssm/parameter:Parameter";
const subscription = "aws:sns/topicSubscription:TopicSubscription";

describe("a webhook", () => {
  let plain: Deployment;
  let encrypted: Deployment;
  beforeEach(async () => {
    plain = await deployed();
    encrypted = await deployed({ formerSecret: `whsec_${"B".repeat(32)}`, states: ["FAILED", "EXPIRED"], privateAllowed: true }, key);
  });

  it("keeps each end until its receiver has it: a fortnight, fifty tries, and then among the dead letters", async () => {
    expect(await inputsOf(plain, queue, name)).to.deep.equal({
      sqsManagedSseEnabled: true,
      // Six times what the function may take, as Lambda's guide has it.
      visibilityTimeoutSeconds: 360,
      messageRetentionSeconds: 14 * 24 * 3600,
      redrivePolicy: { deadLetterTargetArn: deadLetters.queueArn, maxReceiveCount: 50 },
    });
  });

  it("hears every end from the jobs topic alone, and nobody in the clear; what can't be handed over is a dead letter", async () => {
    expect(Object.values(await statementsOf(plain, "aws:sqs/queuePolicy:QueuePolicy", name))).to.deep.equal([
      {
        Sid: "TopicSends",
        Effect: "Allow",
        Principal: { Service: "sns.amazonaws.com" },
        Action: "sqs:SendMessage",
        Resource: queueArn,
        Condition: { ArnEquals: { "aws:SourceArn": jobsTopicArn } },
      },
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "sqs:*",
        Resource: queueArn,
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
    expect((await inputsOf(plain, "aws:sqs/queuePolicy:QueuePolicy", name))["queueUrl"]).to.equal(queueUrl);
    const whole = {
      topic: jobsTopicArn,
      protocol: "sqs",
      endpoint: queueArn,
      rawMessageDelivery: true,
      redrivePolicy: { deadLetterTargetArn: deadLetters.queueArn },
    };
    expect(await inputsOf(plain, subscription, name)).to.deep.equal(whole);
    expect(await inputsOf(encrypted, subscription, name)).to.deep.equal({ ...whole, filterPolicy: { state: ["FAILED", "EXPIRED"] } });
    expect(treatmentOf(plain, subscription, name)).to.deep.equal({ dependsOn: [`aws:sqs/queuePolicy:QueuePolicy ${name}`] });
  });

  it("asks no receiver for more than fifty ends at once, and gives each a minute in all", async () => {
    const { batchSize, scalingConfig, eventSourceArn } = await inputsOf(plain, "aws:lambda/eventSourceMapping:EventSourceMapping", name);
    expect([batchSize, scalingConfig, eventSourceArn]).to.deep.equal([10, { maximumConcurrency: 5 }, queueArn]);
    const { timeout, memorySize } = await inputsOf(plain, "aws:lambda/function:Function", name);
    expect([timeout, memorySize]).to.deep.equal([60, 256]);
  });

  it("gives its function the settings that it reads, a private network only where that is allowed", async () => {
    const settingsOf = async (deployment: Deployment) => (await inputsOf(deployment, "aws:lambda/function:Function", name))["environment"];
    const settings = {
      endpointName: "ocr",
      url: args.url,
      secretsParameterName: `${name}-0a1b2c3`,
      queueArn,
      queueUrl,
      deadLetterQueueUrl: deadLetters.queueUrl,
    };

    expect(await settingsOf(plain)).to.deep.equal({ variables: { SETTINGS: settings } });
    expect(await settingsOf(encrypted)).to.deep.equal({ variables: { SETTINGS: { ...settings, privateAllowed: true } } });
  });

  it("lets its function take ends, read the secrets and give up, and nothing more", async () => {
    const { WriteLog: _, ...own } = await statementsOf(plain, "aws:iam/rolePolicy:RolePolicy", name);

    expect(own).to.deep.equal({
      ConsumeEnds: {
        Sid: "ConsumeEnds",
        Effect: "Allow",
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"],
        Resource: queueArn,
      },
      ReadSecrets: {
        Sid: "ReadSecrets",
        Effect: "Allow",
        Action: "ssm:GetParameter",
        Resource: `arn:aws:ssm:${account}:parameter/${name}-0a1b2c3`,
      },
      DeadLetters: { Sid: "DeadLetters", Effect: "Allow", Action: "sqs:SendMessage", Resource: deadLetters.queueArn },
    });
    expect(graphOf(plain).filter((line) => line.includes(".key"))).to.deep.equal([]);
  });

  it("keeps its secrets in an encrypted parameter, the newest first", async () => {
    expect(await inputsOf(plain, parameter, name)).to.deep.equal({
      type: "SecureString",
      description: "Secrets of the webhook orders, the newest first",
      value: { secret: args.secret },
    });
    const { value } = await inputsOf(encrypted, parameter, name);
    expect(value).to.deep.equal({ secret: `whsec_${"A".repeat(32)} whsec_${"B".repeat(32)}` });
  });

  it("encrypts with the customer's key, once those who use it may", async () => {
    const { keyId } = await inputsOf(encrypted, parameter, name);
    const { kmsMasterKeyId, sqsManagedSseEnabled } = await inputsOf(encrypted, queue, name);
    expect([keyId, kmsMasterKeyId, sqsManagedSseEnabled]).to.deep.equal([key, key, undefined]);
    for (const type of [parameter, queue]) {
      expect(treatmentOf(encrypted, type, name)["dependsOn"]).to.deep.equal(["aws:iam/rolePolicy:RolePolicy use"]);
    }
    expect(await statementsOf(encrypted, "aws:iam/rolePolicy:RolePolicy", `${name}.key`)).to.deep.equal({
      UseKey: { Sid: "UseKey", Effect: "Allow", Action: ["kms:Decrypt", "kms:GenerateDataKey"], Resource: key },
    });
    expect([plain.outputs["policies"], encrypted.outputs["policies"]]).to.deep.equal([0, 1]);
  });

  it("is named after its service and keeps all of it below itself", () => {
    const own = `sagemaker-async:index:Webhook ${name}`;
    const lambda = `sagemaker-async:index:CallbackLambda ${name}`;
    const parents = new Set([...graphOf(plain), lambda].map((line) => parentOf(plain, line)));
    expect([...parents].sort()).to.deep.equal([lambda, own]);
    expect(plain.registeredOutputs.get(own)).to.deep.equal(["queueArn"]);
    expect(plain.outputs).to.include({ webhookName: "orders", functionArn: `arn:aws:lambda:${account}:function:${name}-0a1b2c3` });
  });

  it("can't take a name that leaves no room for its function's, which is said before it has any resource", async () => {
    const registered: string[] = [];
    const reach = { endpoint: { endpointName: "ocr" }, settings: {}, deadLetters, jobsTopicArn } as unknown as Reach;
    const site = { service: "ocr", name: "orders_1", reach, hosting: { logRetentionDays: 7 }, keyPolicies: [] };
    const message = await deploy(() => void new Webhook(site, args), {}, registered).then(String, (error: Error) => error.message);

    expect(message).to.contain('name: got "orders_1", expected letters, digits and single hyphens');
    expect(registered.filter((line) => line.startsWith("aws:"))).to.deep.equal([]);
  });

  it("is registered in a unit test whose mocks know no secret", async () => {
    const { resources } = await deployed({ secret: pulumi.output(undefined as unknown as string) });

    expect(resources.find(({ type }) => type === parameter)?.inputs["value"]).to.deep.equal({ secret: "" });
  });

  it("can't be set up with a secret that turns out to be none, and does not show it", async () => {
    const message = await deployed({ secret: pulumi.secret("hunter2"), formerSecret: pulumi.secret("hunter3") }).then(
      () => "deployed",
      (error: Error) => error.message,
    );

    // Pulumi names before it every property that the value was for.
    expect(message).to.match(
      /: The webhook "orders" can't be set up:\n {2}webhooks\.orders\.secret: got a value that is not shown, .*\n {2}webhooks\.orders\.formerSecret: got /,
    );
    expect(message).to.not.match(/hunter/);
  });
});
