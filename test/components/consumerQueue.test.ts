import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { consumerQueue, type ConsumerQueueOptions } from "../../components/consumerQueue";
import { asyncInferenceOutputs } from "../../components/stackOutputs";
import { stacks } from "../../testing/awsDouble";
import { deploy } from "../../doubles/deploy";
import { serviceOutputs } from "../support/outputs";
import { graphOf, inputsOf, parentOf, statementsOf, treatmentOf } from "../support/readable";

const stack = "acme/ocr/prod";
const arn = (name: string) => `arn:aws:sqs:eu-west-1:123456789012:${name}-0a1b2c3`;
const url = (name: string) => `https://sqs.eu-west-1.amazonaws.com/123456789012/${name}-0a1b2c3`;
const topic = "arn:aws:sns:eu-west-1:123456789012:ocr-jobs-0a1b2c3";
const tlsOnly = (name: string) => ({
  Sid: "TlsOnly",
  Effect: "Deny",
  Principal: "*",
  Action: "sqs:*",
  Resource: arn(name),
  Condition: { Bool: { "aws:SecureTransport": "false" } },
});
const graph = (name: string) => [
  `aws:sns/topicSubscription:TopicSubscription ${name}`,
  `aws:sqs/queue:Queue ${name}`,
  `aws:sqs/queue:Queue ${name}-dead-letters`,
  `aws:sqs/queuePolicy:QueuePolicy ${name}`,
  `aws:sqs/queuePolicy:QueuePolicy ${name}-dead-letters`,
  `aws:sqs/redriveAllowPolicy:RedriveAllowPolicy ${name}`,
];

/** A queue of another project's service, with a role that consumes it. */
function elsewhere(options?: ConsumerQueueOptions) {
  stacks.set(stack, { ...serviceOutputs });
  return deploy(() => {
    const queue = consumerQueue(asyncInferenceOutputs(new pulumi.StackReference(stack)), "orders", options);
    queue.grantConsume(new aws.iam.Role("worker", { assumeRolePolicy: "{}" }));
    const { queueName, queueUrl, queueArn, deadLetterQueueUrl, deadLetterQueueArn } = queue;
    return { queueName, queueUrl, queueArn, deadLetterQueueUrl, deadLetterQueueArn };
  });
}

describe("ConsumerQueue", () => {
  afterEach(() => stacks.clear());

  it("is two encrypted queues, of which only the topic of the service may fill the first, and nobody in the clear", async () => {
    const deployment = await elsewhere();

    expect(graphOf(deployment)).to.deep.equal([
      "aws:iam/role:Role worker",
      "aws:iam/rolePolicy:RolePolicy worker-orders-consume",
      ...graph("orders"),
      `pulumi:pulumi:StackReference ${stack}`,
    ]);
    expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "orders")).to.deep.equal({
      sqsManagedSseEnabled: true,
      visibilityTimeoutSeconds: 60,
      receiveWaitTimeSeconds: 20,
      redrivePolicy: { deadLetterTargetArn: arn("orders-dead-letters"), maxReceiveCount: 5 },
    });
    expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "orders-dead-letters")).to.deep.equal({
      sqsManagedSseEnabled: true,
      messageRetentionSeconds: 1_209_600,
    });
    expect(await inputsOf(deployment, "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy", "orders")).to.deep.equal({
      queueUrl: url("orders-dead-letters"),
      redriveAllowPolicy: { redrivePermission: "byQueue", sourceQueueArns: [arn("orders")] },
    });
    expect(await inputsOf(deployment, "aws:sqs/queuePolicy:QueuePolicy", "orders")).to.deep.equal({
      queueUrl: url("orders"),
      policy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "TopicSends",
            Effect: "Allow",
            Principal: { Service: "sns.amazonaws.com" },
            Action: "sqs:SendMessage",
            Resource: arn("orders"),
            Condition: { ArnEquals: { "aws:SourceArn": topic } },
          },
          tlsOnly("orders"),
        ],
      },
    });
    expect(await inputsOf(deployment, "aws:sqs/queuePolicy:QueuePolicy", "orders-dead-letters")).to.deep.equal({
      queueUrl: url("orders-dead-letters"),
      policy: { Version: "2012-10-17", Statement: [tlsOnly("orders-dead-letters")] },
    });
    expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "orders")).to.deep.equal({
      topic,
      protocol: "sqs",
      endpoint: arn("orders"),
      rawMessageDelivery: true,
      redrivePolicy: { deadLetterTargetArn: serviceOutputs.deadLetterQueueArn },
    });
    expect(treatmentOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "orders")).to.deep.equal({
      dependsOn: ["aws:sqs/queuePolicy:QueuePolicy orders"],
    });
    const queue = "sagemaker-async:index:ConsumerQueue orders";
    const parents = graph("orders").map((line) => parentOf(deployment, line));
    expect(parents, "in the queue's account and region, and named below it").to.deep.equal(parents.map(() => queue));
    expect(parentOf(deployment, "aws:iam/rolePolicy:RolePolicy worker-orders-consume")).to.equal("aws:iam/role:Role worker");
    expect(deployment.registeredOutputs.get(queue)).to.deep.equal(Object.keys(deployment.outputs));
    expect(deployment.outputs).to.deep.equal({
      queueName: "orders-0a1b2c3",
      queueUrl: url("orders"),
      queueArn: arn("orders"),
      deadLetterQueueUrl: url("orders-dead-letters"),
      deadLetterQueueArn: arn("orders-dead-letters"),
    });
  });

  it("gets the ends that were asked for, under the customer's key, with the customer's bounds", async () => {
    const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
    const deployment = await elsewhere({
      states: ["FAILED", "EXPIRED"],
      kmsKeyArn,
      visibilityTimeoutSeconds: 360,
      maxReceiveCount: 1,
    });

    const subscription = await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "orders");
    expect(subscription["filterPolicy"]).to.deep.equal({ state: ["FAILED", "EXPIRED"] });
    expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "orders")).to.deep.equal({
      kmsMasterKeyId: kmsKeyArn,
      visibilityTimeoutSeconds: 360,
      receiveWaitTimeSeconds: 20,
      redrivePolicy: { deadLetterTargetArn: arn("orders-dead-letters"), maxReceiveCount: 1 },
    });
    expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "orders-dead-letters")).to.deep.equal({
      kmsMasterKeyId: kmsKeyArn,
      messageRetentionSeconds: 1_209_600,
    });
    const consume = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "worker-orders-consume");
    expect(Object.keys(consume)).to.deep.equal(["Consume", "UseKey"]);
    expect(consume["UseKey"]).to.deep.equal({ Sid: "UseKey", Effect: "Allow", Action: "kms:Decrypt", Resource: kmsKeyArn });
  });

  it("lets a role take messages, and send none", async () => {
    const consume = await statementsOf(await elsewhere(), "aws:iam/rolePolicy:RolePolicy", "worker-orders-consume");

    expect(Object.values(consume)).to.deep.equal([
      {
        Sid: "Consume",
        Effect: "Allow",
        Action: ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes"],
        Resource: arn("orders"),
      },
    ]);
  });

  it("is the same on the component, which names and tags it", async () => {
    const plain = await deploy(() => void new AsyncInference("ocr", { image: "ocr:1", tags: { team: "pages" } }));
    const deployment = await deploy(() => {
      new AsyncInference("ocr", { image: "ocr:1", tags: { team: "pages" } }).consumerQueue("orders", { states: ["COMPLETED"] });
    });

    const before = new Set(graphOf(plain));
    expect(graphOf(deployment).filter((line) => !before.has(line))).to.deep.equal(graph("ocr-orders"));
    expect(deployment.components.filter((line) => line.includes("Queue"))).to.deep.equal([
      "sagemaker-async:index:ConsumerQueue ocr-orders",
    ]);
    expect((await inputsOf(deployment, "aws:sqs/queue:Queue", "ocr-orders"))["tags"]).to.deep.equal({
      project: "sagemaker-async-inference",
      stack: "test",
      team: "pages",
    });
    expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "ocr-orders")).to.deep.equal({
      topic,
      protocol: "sqs",
      endpoint: arn("ocr-orders"),
      rawMessageDelivery: true,
      redrivePolicy: { deadLetterTargetArn: arn("ocr-dead-letters") },
      filterPolicy: { state: ["COMPLETED"] },
    });
  });

  it("tells everything that is wrong at once", async () => {
    const options = { states: ["DONE"], visibilityTimeoutSeconds: 50_000, maxReceiveCount: 0 } as unknown as ConsumerQueueOptions;
    const failed = await elsewhere(options).then(String, ({ message }: Error) => message);

    expect(failed).to.equal(
      [
        'queue "orders" can\'t be set up:',
        '  states: got ["DONE"], expected a list of one or more of COMPLETED, FAILED, EXPIRED, CANCELLED',
        "  visibilityTimeoutSeconds: got 50000, expected a whole number from 0 to 43200",
        "  maxReceiveCount: got 0, expected a whole number from 1 to 1000",
      ].join("\n"),
    );
    expect(await elsewhere({ states: [] }).then(String, ({ message }: Error) => message)).to.contain("states: got [], expected");
  });
});
