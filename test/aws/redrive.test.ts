import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { openJob } from "../../doubles/jobs";
import { redrivePorts } from "../../aws/redrive";

const topicArn = "arn:aws:sns:eu-west-1:123456789012:jobs";
const queueArn = (name: string) => `arn:aws:sqs:eu-west-1:210987654321:${name}`;
const settings = { region: "eu-west-1", credentials: { accessKeyId: "a", secretAccessKey: "s" } };

describe("what putting dead letters back asks of AWS", () => {
  /** @param answer to each call: what AWS says, or the name of its error */
  function asking(answer: (what: string, input: Record<string, unknown>) => object | string) {
    const asked: object[] = [];
    const answering = <Client extends object>(client: Client): Client =>
      Object.assign(client, {
        send: async (command: { constructor: { name: string }; input: Record<string, unknown> }) => {
          const what = command.constructor.name.replace("Command", "");
          asked.push({ what, ...command.input });
          const said = answer(what, command.input);
          if (typeof said === "string") throw Object.assign(new Error(said), { name: said });
          return said;
        },
      });
    const ports = redrivePorts({
      lambda: answering(new LambdaClient(settings)),
      sns: answering(new SNSClient(settings)),
      sqs: answering(new SQSClient(settings)),
      dynamodb: new DynamoDBClient(settings),
      tableName: "jobs",
      topicArn,
    });
    return { ports, asked };
  }
  const failure = (work: Promise<unknown>) => work.catch(({ message }: Error) => message);

  it("has a function called with its event, without waiting for its end", async () => {
    const { ports, asked } = asking(() => ({}));
    await ports.invoke("arn:f", { Records: [1] });

    expect(asked).to.deep.equal([{ what: "Invoke", FunctionName: "arn:f", InvocationType: "Event", Payload: '{"Records":[1]}' }]);
  });

  it("finds the function behind a subscription; none where it is gone, or is no function's", async () => {
    const { ports } = asking((_, { SubscriptionArn }) => {
      if (SubscriptionArn === "gone") return "NotFoundException";
      if (SubscriptionArn === "denied") return "AuthorizationErrorException";
      return { Attributes: { Protocol: SubscriptionArn, Endpoint: "arn:f" } };
    });

    expect([await ports.subscriber("lambda"), await ports.subscriber("sqs"), await ports.subscriber("gone")]).to.deep.equal([
      "arn:f",
      undefined,
      undefined,
    ]);
    expect(await failure(ports.subscriber("denied"))).to.equal("AuthorizationErrorException");
  });

  it("finds the queues of consumers that want such an end, over all pages of the topic's subscriptions", async () => {
    const filters: Record<string, object | undefined> = {
      all: {},
      failed: { FilterPolicy: '{"state":["FAILED","EXPIRED"]}' },
      completed: { FilterPolicy: '{"state":["COMPLETED"]}' },
      gone: undefined,
    };
    const of = (name: string, Protocol = "sqs") => ({ Protocol, SubscriptionArn: name, Endpoint: queueArn(name) });
    const { ports, asked } = asking((what, { NextToken, SubscriptionArn }) => {
      if (what === "GetSubscriptionAttributes") {
        const Attributes = filters[SubscriptionArn as string];
        return Attributes ? { Attributes } : "NotFoundException";
      }
      return NextToken === undefined
        ? { Subscriptions: [of("all"), of("mail", "email"), of("completed")], NextToken: "more" }
        : { Subscriptions: [of("failed"), of("gone")] };
    });

    expect(await ports.followers("FAILED")).to.deep.equal([queueArn("all"), queueArn("failed")]);
    expect(asked[0]).to.include({ what: "ListSubscriptionsByTopic", TopicArn: topicArn });
    expect(asked.map((each) => (each as { SubscriptionArn?: string }).SubscriptionArn)).not.to.include("mail");
  });

  it("sends an event to its queue as the topic does, marked as put back; and says that there is no such queue any more", async () => {
    const { ports, asked } = asking((_, { QueueName }) => {
      if (QueueName === "gone") return "QueueDoesNotExist";
      if (QueueName === "denied") return "AccessDenied";
      return { QueueUrl: "https://sqs/orders" };
    });
    const job = openJob({ jobId: "page-1", state: "FAILED" });

    expect([await ports.send(queueArn("orders"), "{}", job), await ports.send(queueArn("gone"), "{}", job)]).to.deep.equal([true, false]);
    const text = (StringValue: string) => ({ DataType: "String", StringValue });
    expect(asked.slice(0, 2)).to.deep.equal([
      { what: "GetQueueUrl", QueueName: "orders", QueueOwnerAWSAccountId: "210987654321" },
      {
        what: "SendMessage",
        QueueUrl: "https://sqs/orders",
        MessageBody: "{}",
        MessageAttributes: { state: text("FAILED"), jobId: text("page-1"), endpointName: text("ocr"), redriven: text("true") },
      },
    ]);
    expect(await failure(ports.send(queueArn("denied"), "{}", job))).to.equal("AccessDenied");
  });
});
