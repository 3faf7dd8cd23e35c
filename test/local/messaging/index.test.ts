import {
  CreateTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  PublishBatchCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  ChangeMessageVisibilityBatchCommand,
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
  type ChangeMessageVisibilityBatchRequestEntry,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import * as fc from "fast-check";
import { VirtualClock } from "../../../local/clock";
import { createMessaging } from "../../../local/messaging";
import { readFilterPolicy, type MessageAttribute } from "../../../local/messaging/filterPolicy";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";

const start = Date.UTC(2026, 0, 25, 22, 46);
const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:result";

const openToTopics = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: "*" }],
};

async function refusal(call: Promise<unknown>) {
  try {
    await call;
  } catch (error) {
    const { name, message } = error as Error;
    return { name, message };
  }
  return expect.fail("was accepted");
}

describe("the embedded SNS and SQS", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let sns: SNSClient;
  let sqs: SQSClient;
  let invoked: { functionArn: string; event: unknown }[];
  let unreachable: boolean;

  beforeEach(async () => {
    clock = new VirtualClock(start);
    cloud = await startTestCloud({ clock });
    invoked = [];
    unreachable = false;
    cloud.add(
      await createMessaging(cloud.context, {
        targets: {
          invokeFunction: async (arn, event) => {
            if (unreachable) throw new Error("Function not found");
            invoked.push({ functionArn: arn, event });
          },
          publish: async () => expect.fail("SNS publishes by itself"),
          sendMessage: async () => expect.fail("SQS sends by itself"),
          executePolicy: async () => expect.fail("SNS has no scaling policies"),
        },
      }),
    );
    sns = new SNSClient(cloud.client);
    sqs = new SQSClient(cloud.client);
  });
  afterEach(async () => {
    sns.destroy();
    sqs.destroy();
    await cloud.close();
  });

  const topic = async (name = "jobs") => (await cloud.create("aws:sns/topic:Topic", name, { name })).id;
  const queue = async (name: string, inputs = {}) => {
    const { state } = await cloud.create("aws:sqs/queue:Queue", name, { name, policy: openToTopics, ...inputs });
    return { arn: state["arn"] as string, url: state["url"] as string };
  };
  const subscribe = (inputs: Record<string, unknown>) => cloud.create("aws:sns/topicSubscription:TopicSubscription", "s", inputs);
  const receive = async (QueueUrl: string, more = {}) =>
    (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageAttributeNames: ["All"], ...more }))).Messages ??
    [];
  const bodies = async (url: string) => (await receive(url)).map(({ Body }) => Body);

  describe("topics", () => {
    it("have the outputs and the policy that the program gave", async () => {
      const { id, state } = await cloud.create("aws:sns/topic:Topic", "jobs", { tags: { team: "ml" } });
      await cloud.create("aws:sns/topicPolicy:TopicPolicy", "jobs", { arn: id, policy: JSON.stringify(openToTopics) });

      expect(state).to.deep.equal({
        name: state["name"],
        arn: `arn:aws:sns:us-east-1:000000000000:${state["name"] as string}`,
        owner: "000000000000",
        region: "us-east-1",
        displayName: "",
        fifoTopic: false,
        tags: { team: "ml" },
        tagsAll: { team: "ml" },
      });
      expect(state["name"]).to.match(/^jobs-[0-9a-f]{7}$/);
      expect((await sns.send(new GetTopicAttributesCommand({ TopicArn: id }))).Attributes?.["Policy"]).to.equal(
        JSON.stringify(openToTopics),
      );
    });

    it("deliver to a function what Lambda's runtime would hand to it", async () => {
      const TopicArn = await topic();
      const { id: subscriptionArn } = await subscribe({ topic: TopicArn, protocol: "lambda", endpoint: functionArn });
      const { MessageId } = await sns.send(
        new PublishCommand({
          TopicArn,
          Message: "done",
          Subject: "Job",
          MessageAttributes: {
            state: { DataType: "String", StringValue: "COMPLETED" },
            raw: { DataType: "Binary", BinaryValue: Buffer.from("x") },
          },
        }),
      );

      const [{ functionArn: target, event }] = invoked as [{ functionArn: string; event: { Records: [{ Sns: object }] } }];
      const { UnsubscribeUrl, ...notification } = event.Records[0].Sns as Record<string, unknown>;
      expect({ target, unsubscribe: typeof UnsubscribeUrl, count: invoked.length }).to.deep.equal({
        target: functionArn,
        unsubscribe: "string",
        count: 1,
      });
      expect({ ...event.Records[0], Sns: notification }).to.deep.equal({
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscriptionArn,
        Sns: {
          Type: "Notification",
          MessageId,
          TopicArn,
          Subject: "Job",
          Message: "done",
          Timestamp: "2026-01-25T22:46:00.000Z",
          SignatureVersion: "1",
          Signature: "EXAMPLE",
          SigningCertUrl: "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem",
          MessageAttributes: { state: { Type: "String", Value: "COMPLETED" }, raw: { Type: "Binary", Value: "eA==" } },
        },
      });
    });

    it("give functions a null subject and no attributes when there are none", async () => {
      const TopicArn = await topic();
      await subscribe({ topic: TopicArn, protocol: "lambda", endpoint: functionArn });
      await sns.send(new PublishCommand({ TopicArn, Message: "alarm" }));

      const [{ event }] = invoked as unknown as [{ event: { Records: [{ Sns: Record<string, unknown> }] } }];
      const { Subject, MessageAttributes, Message } = event.Records[0].Sns;
      expect({ Subject, MessageAttributes, Message }).to.deep.equal({ Subject: null, MessageAttributes: {}, Message: "alarm" });
    });

    it("deliver to a queue in SNS's envelope, or raw with the attributes", async () => {
      const TopicArn = await topic();
      const [wrapped, raw] = [await queue("wrapped"), await queue("raw")];
      await subscribe({ topic: TopicArn, protocol: "sqs", endpoint: wrapped.arn });
      await subscribe({ topic: TopicArn, protocol: "sqs", endpoint: raw.arn, rawMessageDelivery: true });
      const MessageAttributes = { state: { DataType: "String", StringValue: "FAILED" } };
      await sns.send(new PublishCommand({ TopicArn, Message: "m", MessageAttributes }));

      const [envelope] = (await bodies(wrapped.url)).map((body) => JSON.parse(body as string) as Record<string, unknown>);
      expect({ type: envelope?.["Type"], message: envelope?.["Message"], attributes: envelope?.["MessageAttributes"] }).to.deep.equal({
        type: "Notification",
        message: "m",
        attributes: { state: { Type: "String", Value: "FAILED" } },
      });
      expect((await receive(raw.url)).map(({ Body, MessageAttributes: attributes }) => ({ Body, attributes }))).to.deep.equal([
        { Body: "m", attributes: MessageAttributes },
      ]);
    });

    it("deliver only what a subscription's filter lets pass, on attributes or on the body, and follow its change", async () => {
      const TopicArn = await topic();
      const [failed, large] = [await queue("failed"), await queue("large")];
      const { id: SubscriptionArn } = await subscribe({
        topic: TopicArn,
        protocol: "sqs",
        endpoint: failed.arn,
        rawMessageDelivery: true,
        filterPolicy: '{"state":["FAILED","EXPIRED"]}',
      });
      await subscribe({
        topic: TopicArn,
        protocol: "sqs",
        endpoint: large.arn,
        rawMessageDelivery: true,
        filterPolicy: '{"job":{"bytes":[{"numeric":[">",100]}]}}',
        filterPolicyScope: "MessageBody",
      });
      const publish = (state: string, bytes: number) =>
        sns.send(
          new PublishCommand({
            TopicArn,
            Message: JSON.stringify({ job: { bytes } }),
            MessageAttributes: { state: { DataType: "String", StringValue: state } },
          }),
        );
      await publish("FAILED", 1);
      await publish("COMPLETED", 101);
      await sns.send(
        new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName: "FilterPolicy", AttributeValue: '{"state":["COMPLETED"]}' }),
      );
      await publish("COMPLETED", 2);

      expect(await bodies(failed.url)).to.deep.equal(['{"job":{"bytes":1}}', '{"job":{"bytes":2}}']);
      expect(await bodies(large.url)).to.deep.equal(['{"job":{"bytes":101}}']);
    });

    it("take batches, and say which entries they refused", async () => {
      const TopicArn = await topic();
      const all = await queue("all");
      await subscribe({ topic: TopicArn, protocol: "sqs", endpoint: all.arn, rawMessageDelivery: true });
      const { Successful, Failed } = await sns.send(
        new PublishBatchCommand({
          TopicArn,
          PublishBatchRequestEntries: [
            { Id: "a", Message: "1" },
            { Id: "b", Message: "x".repeat(262_145) },
            { Id: "c", Message: "3", MessageAttributes: { k: { DataType: "Number", StringValue: "1" } } },
          ],
        }),
      );

      expect(Successful?.map(({ Id }) => Id)).to.deep.equal(["a", "c"]);
      expect(Failed?.map(({ Id, Code }) => ({ Id, Code }))).to.deep.equal([{ Id: "b", Code: "InvalidParameter" }]);
      expect(await bodies(all.url)).to.deep.equal(["1", "3"]);
    });

    it("put what no function takes into the subscription's dead-letter queue", async () => {
      const TopicArn = await topic();
      const dead = await queue("dead");
      await subscribe({
        topic: TopicArn,
        protocol: "lambda",
        endpoint: functionArn,
        redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn }),
      });
      unreachable = true;
      await sns.send(new PublishCommand({ TopicArn, Message: "kept" }));
      await cloud.event(({ kind }) => kind === "warning");

      expect((await bodies(dead.url)).map((body) => (JSON.parse(body as string) as { Message: string }).Message)).to.deep.equal(["kept"]);
      expect(cloud.events).to.deep.equal([
        {
          kind: "warning",
          message: `A message of ${TopicArn} was not delivered to ${functionArn} (Function not found) and went to ${dead.arn}.`,
        },
      ]);
    });

    it("list their subscriptions, those of emails as pending until the owner confirms", async () => {
      const TopicArn = await topic();
      await topic("other");
      const { arn: endpoint } = await queue("work");
      const { id } = await subscribe({ topic: TopicArn, protocol: "sqs", endpoint });
      const email = { TopicArn, Protocol: "email", Endpoint: "ml@example.com" };
      expect((await sns.send(new SubscribeCommand(email))).SubscriptionArn).to.equal("pending confirmation");

      const { Subscriptions } = await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }));
      expect(Subscriptions).to.deep.equal([
        { SubscriptionArn: id, Owner: "000000000000", Protocol: "sqs", Endpoint: endpoint, TopicArn },
        { SubscriptionArn: "PendingConfirmation", Owner: "000000000000", ...email },
      ]);
      expect(await refusal(sns.send(new ListSubscriptionsByTopicCommand({ TopicArn: `${TopicArn}x` })))).to.deep.equal({
        name: "NotFoundException",
        message: "Topic does not exist",
      });
    });

    it("leave email subscriptions pending, and say once that no email is sent", async () => {
      const TopicArn = await topic();
      const { state } = await subscribe({ topic: TopicArn, protocol: "email", endpoint: "ml@example.com" });
      await subscribe({ topic: TopicArn, protocol: "email", endpoint: "ops@example.com" });

      expect(state["pendingConfirmation"]).to.equal(true);
      expect(cloud.events).to.deep.equal([
        { kind: "warning", message: "The embedded cloud sends no email: ml@example.com, and every other address, stays pending." },
      ]);
    });

    it("can be made and subscribed to over the wire", async () => {
      const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: "mine" }));
      const { QueueUrl } = await sqs.send(
        new CreateQueueCommand({ QueueName: "mine", Attributes: { Policy: JSON.stringify(openToTopics) } }),
      );
      expect(QueueUrl).to.equal(`${cloud.client.endpoint}/000000000000/mine`);
      const Endpoint = "arn:aws:sqs:us-east-1:000000000000:mine";
      const { SubscriptionArn } = await sns.send(
        new SubscribeCommand({ TopicArn, Protocol: "sqs", Endpoint, Attributes: { RawMessageDelivery: "true" } }),
      );
      await sns.send(new PublishCommand({ TopicArn, Message: "hello" }));

      expect(await bodies(QueueUrl as string)).to.deep.equal(["hello"]);
      const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }));
      expect({ raw: Attributes?.["RawMessageDelivery"], pending: Attributes?.["PendingConfirmation"] }).to.deep.equal({
        raw: "true",
        pending: "false",
      });
    });

    it("refuse what they would never deliver", async () => {
      const TopicArn = await topic();
      const wire = (Protocol: string, Endpoint: string, Attributes = {}) =>
        refusal(sns.send(new SubscribeCommand({ TopicArn, Protocol, Endpoint, Attributes })));

      expect(await wire("https", "https://example.com")).to.deep.equal({
        name: "NotImplemented",
        message: 'The embedded cloud does not support subscriptions with the protocol "https".',
      });
      expect((await wire("lambda", functionArn, { RawMessageDelivery: "true" })).message).to.contain(
        "does not support raw message delivery",
      );
      expect((await wire("lambda", functionArn, { FilterPolicy: '{"a":[{"wildcard":"x*"}]}' })).message).to.equal(
        'The embedded cloud does not support filter policies with "wildcard".',
      );
      expect((await wire("lambda", functionArn, { DeliveryPolicy: "{}" })).name).to.equal("NotImplemented");
      expect((await refusal(sns.send(new PublishCommand({ PhoneNumber: "+10000000", Message: "m" })))).name).to.equal("NotImplemented");
      expect(await refusal(sns.send(new PublishCommand({ TopicArn: `${TopicArn}x`, Message: "m" })))).to.deep.equal({
        name: "NotFoundException",
        message: "Topic does not exist",
      });
      expect((await refusal(cloud.create("aws:sns/topic:Topic", "t", { tracingConfig: "Active" }))).message).to.equal(
        'aws:sns/topic:Topic "t": tracingConfig: not supported by the embedded cloud',
      );
    });
  });

  describe("filter policies", () => {
    const attribute = (DataType: string, StringValue: string): MessageAttribute => ({ DataType, StringValue });
    const messageAttributes = {
      state: attribute("String", "FAILED"),
      attempts: attribute("Number", "3"),
      tags: attribute("String.Array", '["gpu", "night", 7, true]'),
    };
    const onAttributes = (policy: object) => readFilterPolicy(JSON.stringify(policy))({ message: "", messageAttributes });
    const cases: [object, boolean][] = [
      [{ state: ["FAILED"] }, true],
      [{ state: ["failed"] }, false],
      [{ state: [{ "equals-ignore-case": "failed" }] }, true],
      [{ state: [{ prefix: "FAI" }] }, true],
      [{ state: [{ suffix: "ED" }, "none"] }, true],
      [{ state: [{ "anything-but": ["COMPLETED", "EXPIRED"] }] }, true],
      [{ state: [{ "anything-but": "FAILED" }] }, false],
      [{ state: [{ "anything-but": { prefix: "FA" } }] }, false],
      [{ none: [{ "anything-but": "x" }] }, false],
      [{ none: [{ exists: false }] }, true],
      [{ state: [{ exists: true }], none: [{ exists: true }] }, false],
      [{ attempts: [3] }, true],
      [{ attempts: ["3"] }, false],
      [{ attempts: [{ numeric: [">", 1, "<=", 3] }] }, true],
      [{ attempts: [{ numeric: ["<", 3] }] }, false],
      [{ state: [{ numeric: ["=", 3] }] }, false],
      [{ tags: ["night"] }, true],
      [{ tags: [7] }, true],
      [{ tags: ["day"] }, false],
    ];
    for (const [policy, expected] of cases) {
      it(`${expected ? "pass" : "hold back"} a failed job's event with ${JSON.stringify(policy)}`, () => {
        expect(onAttributes(policy)).to.equal(expected);
      });
    }

    it("look into nested bodies and lists", () => {
      const message = JSON.stringify({ Records: [{ s3: { key: "a.png" } }, { s3: { key: "b.txt" } }], ok: null });
      const passes = (policy: object) => readFilterPolicy(JSON.stringify(policy), "MessageBody")({ message, messageAttributes: {} });

      expect(passes({ Records: { s3: { key: [{ suffix: ".txt" }] } } })).to.equal(true);
      expect(passes({ Records: { s3: { key: [{ suffix: ".pdf" }] } } })).to.equal(false);
      expect(passes({ ok: [null] })).to.equal(true);
      expect(readFilterPolicy('{"a":["x"]}', "MessageBody")({ message: "no JSON", messageAttributes: {} })).to.equal(false);
    });

    it("are either refused or decide, whatever a program writes into them", () => {
      fc.assert(
        fc.property(fc.json(), fc.json(), (policy, message) => {
          let filter;
          try {
            filter = readFilterPolicy(policy, "MessageBody");
          } catch (error) {
            return /^(InvalidParameter|NotImplemented)$/.test((error as { code?: string }).code ?? "");
          }
          return typeof filter({ message, messageAttributes: {} }) === "boolean";
        }),
      );
    });
  });

  describe("queues", () => {
    it("have the outputs, URL and attributes that the program gave", async () => {
      const dead = await queue("dead");
      const redrivePolicy = JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 });
      const { id, state } = await cloud.create("aws:sqs/queue:Queue", "work", {
        name: "work",
        redrivePolicy,
        visibilityTimeoutSeconds: 60,
      });
      await cloud.create("aws:sqs/queuePolicy:QueuePolicy", "work", { queueUrl: id, policy: JSON.stringify(openToTopics) });

      expect({ id, url: state["url"], arn: state["arn"], name: state["name"] }).to.deep.equal({
        id: `${cloud.client.endpoint}/000000000000/work`,
        url: id,
        arn: "arn:aws:sqs:us-east-1:000000000000:work",
        name: "work",
      });
      expect((await sqs.send(new GetQueueUrlCommand({ QueueName: "work" }))).QueueUrl).to.equal(id);
      const { Attributes } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: id, AttributeNames: ["QueueArn", "RedrivePolicy", "VisibilityTimeout", "Policy"] }),
      );
      expect(Attributes).to.deep.equal({
        QueueArn: "arn:aws:sqs:us-east-1:000000000000:work",
        RedrivePolicy: redrivePolicy,
        VisibilityTimeout: "60",
        Policy: JSON.stringify(openToTopics),
      });
    });

    it("hide a message for its visibility timeout by the cloud's clock, then move it to the dead letters", async () => {
      const dead = await queue("dead");
      const { url } = await queue("work", { redrivePolicy: JSON.stringify({ deadLetterTargetArn: dead.arn, maxReceiveCount: 2 }) });
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "poison" }));

      expect(await bodies(url)).to.deep.equal(["poison"]);
      await clock.advance(29_999);
      expect(await bodies(url)).to.deep.equal([]);
      await clock.advance(1);
      const [{ ReceiptHandle } = {}] = await receive(url);
      await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl: url, ReceiptHandle, VisibilityTimeout: 100 }));
      await clock.advance(99_999);
      expect(await bodies(url)).to.deep.equal([]);
      await clock.advance(1);
      expect(await bodies(url)).to.deep.equal([]);
      expect(await bodies(dead.url)).to.deep.equal(["poison"]);
    });

    it("delay, forget and delete by the cloud's clock", async () => {
      const { url } = await queue("work", { delaySeconds: 10, messageRetentionSeconds: 60 });
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "late" }));
      expect(await bodies(url)).to.deep.equal([]);
      await clock.advance(10_000);
      const [{ ReceiptHandle, Body } = {}] = await receive(url);
      expect(Body).to.equal("late");
      await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      await clock.advance(30_000);
      expect(await bodies(url)).to.deep.equal([]);

      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "old", DelaySeconds: 0 }));
      await clock.advance(60_000);
      expect(await bodies(url)).to.deep.equal([]);
    });

    it("delete by the newest receipt, also once its message can be received again: a slow consumer's work is done", async () => {
      const { url } = await queue("work");
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "slow" }));
      const remove = (ReceiptHandle: string | undefined) => sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
      const [first] = await receive(url, { VisibilityTimeout: 0 });
      const [second] = await receive(url, { VisibilityTimeout: 0 });

      expect([first?.Body, second?.Body]).to.deep.equal(["slow", "slow"]);
      await remove(first?.ReceiptHandle);
      const [third] = await receive(url);
      expect(third?.Body).to.equal("slow");
      await clock.advance(30_000);
      await remove(third?.ReceiptHandle);
      expect(await bodies(url)).to.deep.equal([]);
      await remove(third?.ReceiptHandle);
    });

    it("of an order refuse a receipt whose time is over, as SQS does", async () => {
      const url = (await sqs.send(new CreateQueueCommand({ QueueName: "a.fifo", Attributes: { ContentBasedDeduplication: "true" } })))
        .QueueUrl as string;
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "slow", MessageGroupId: "g" }));
      const [{ ReceiptHandle } = {}] = await receive(url, { VisibilityTimeout: 0 });

      expect((await refusal(sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle })))).message).to.match(
        /The receipt handle has expired\.$/,
      );
      expect(await bodies(url)).to.deep.equal(["slow"]);
    });

    it("refuse times and receipts that SQS refuses, and report those of a batch one by one", async () => {
      const { url } = await queue("work");
      const QueueUrl = url;
      const receipt = 'The input receipt handle "none" is not a valid receipt handle.';
      const late = new SendMessageCommand({ QueueUrl, MessageBody: "m", DelaySeconds: 901 });
      expect(await refusal(sqs.send(late))).to.deep.equal({
        name: "InvalidParameterValue",
        message: "Value 901 for parameter DelaySeconds is invalid. Reason: Must be >= 0 and <= 900, if provided.",
      });
      expect((await refusal(receive(url, { VisibilityTimeout: 43_201 }))).name).to.equal("InvalidParameterValue");
      expect((await refusal(receive(url, { MaxNumberOfMessages: 11 }))).name).to.equal("InvalidParameterValue");
      expect(await refusal(sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: "none" })))).to.deep.equal({
        name: "ReceiptHandleIsInvalid",
        message: receipt,
      });
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: "m" }));
      const [{ ReceiptHandle } = {}] = await receive(url);
      const remove = (Entries: { Id: string; ReceiptHandle: string | undefined }[]) =>
        sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
      const { Successful, Failed } = await remove([
        { Id: "a", ReceiptHandle: "none" },
        { Id: "b", ReceiptHandle },
      ]);
      expect([Successful, Failed]).to.deep.equal([
        [{ Id: "b" }],
        [{ Id: "a", Code: "ReceiptHandleIsInvalid", Message: receipt, SenderFault: true }],
      ]);
      const names = [[], ["a", "a"], ["a b"], Array.from({ length: 11 }, (_, index) => String(index))];
      const refused = await Promise.all(names.map((ids) => refusal(remove(ids.map((Id) => ({ Id, ReceiptHandle }))))));
      expect(refused.map(({ name }) => name)).to.deep.equal([
        "EmptyBatchRequest",
        "BatchEntryIdsNotDistinct",
        "InvalidBatchEntryId",
        "TooManyEntriesInBatchRequest",
      ]);
      const AttributeNames = ["Oldest" as "All"];
      expect(await refusal(sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames })))).to.deep.equal({
        name: "InvalidAttributeName",
        message: "Unknown Attribute Oldest.",
      });
    });

    it("take the other entries of a batch of which one is refused: no work is held up by another's mistake", async () => {
      const { url: QueueUrl } = await queue("work");
      const { Successful: sent = [], Failed: unsent } = await sqs.send(
        new SendMessageBatchCommand({
          QueueUrl,
          Entries: [
            { Id: "late", MessageBody: "late", DelaySeconds: 901 },
            { Id: "control", MessageBody: "\0" },
            { Id: "right", MessageBody: "right" },
          ],
        }),
      );
      const of = (reason: string) => ({ Code: "InvalidParameterValue", Message: `${reason}, if provided.`, SenderFault: true });
      expect(sent.map(({ Id, MD5OfMessageBody }) => [Id, MD5OfMessageBody])).to.deep.equal([["right", "7c4f29407893c334a6cb7a87bf045c0d"]]);
      expect(unsent?.[0]).to.deep.equal({
        Id: "late",
        ...of("Value 901 for parameter DelaySeconds is invalid. Reason: Must be >= 0 and <= 900"),
      });
      expect(unsent?.slice(1).map(({ Id, Code }) => [Id, Code])).to.deep.equal([["control", "InvalidMessageContents"]]);

      const [{ ReceiptHandle } = {}, ...others] = await receive(QueueUrl);
      expect(others).to.deep.equal([]);
      const hide = (Entries: ChangeMessageVisibilityBatchRequestEntry[]) =>
        sqs.send(new ChangeMessageVisibilityBatchCommand({ QueueUrl, Entries }));
      const long = { Id: "long", ReceiptHandle, VisibilityTimeout: 43_201 };
      const tooLong = { Id: "long", ...of("Value 43201 for parameter VisibilityTimeout is invalid. Reason: Must be >= 0 and <= 43200") };
      const { Successful: alone, Failed: aloneFailed } = await hide([long]);
      expect([alone, aloneFailed]).to.deep.equal([[], [tooLong]]);
      const { Successful: hidden, Failed: unhidden } = await hide([long, { Id: "now", ReceiptHandle, VisibilityTimeout: 0 }]);
      expect([hidden, unhidden]).to.deep.equal([[{ Id: "now" }], [tooLong]]);
      expect(await bodies(QueueUrl)).to.deep.equal(["right"]);
      expect((await refusal(hide([]))).name).to.equal("EmptyBatchRequest");
    });

    it("wake a long poll at once", async () => {
      const { url } = await queue("work");
      const polled = receive(url, { WaitTimeSeconds: 20 });
      await sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: "now" }));

      expect((await polled).map(({ Body }) => Body)).to.deep.equal(["now"]);
    });

    it("refuse what the emulator would not do", async () => {
      const { url, arn } = await queue("work");

      expect(await refusal(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn })))).to.deep.equal({
        name: "NotImplemented",
        message: "The embedded cloud does not support SQS's StartMessageMoveTask.",
      });
      const traced = new SendMessageCommand({
        QueueUrl: url,
        MessageBody: "m",
        MessageSystemAttributes: { AWSTraceHeader: { DataType: "String", StringValue: "x" } },
      });
      expect((await refusal(sqs.send(traced))).message).to.equal(
        'The embedded cloud does not support the parameter "MessageSystemAttributes" of SQS\'s SendMessage.',
      );
      expect((await refusal(sqs.send(new GetQueueUrlCommand({ QueueName: "none" })))).name).to.equal("QueueDoesNotExist");
    });
  });
});
