import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListTagsForResourceCommand,
  ListTopicsCommand,
  PublishCommand,
  SetSubscriptionAttributesCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  ListDeadLetterSourceQueuesCommand,
  ListQueuesCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  SQSClient,
  TagQueueCommand,
  UntagQueueCommand,
} from "@aws-sdk/client-sqs";
import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { createMessaging } from "../../../local/messaging";
import type { CloudService } from "../../../local/ports";
import { startTestCloud, type TestCloud } from "../../support/cloudContext";
import { refusal } from "../../support/refusal";

const account = "000000000000";
const functionArn = `arn:aws:lambda:us-east-1:${account}:function:result`;

describe("SNS and SQS over the wire, as the AWS provider uses them", () => {
  let cloud: TestCloud;
  let clock: VirtualClock;
  let service: CloudService;
  let sns: SNSClient;
  let sqs: SQSClient;
  let invoked: unknown[];

  before(async () => {
    clock = new VirtualClock(Date.UTC(2026, 0, 25));
    cloud = await startTestCloud({ clock });
    const targets = {
      invokeFunction: async (_: string, event: unknown) => void invoked.push(event),
      publish: async () => expect.fail("SNS publishes by itself"),
      sendMessage: async () => expect.fail("SQS sends by itself"),
      executePolicy: async () => expect.fail("SNS has no scaling policies"),
    };
    service = cloud.add(await createMessaging(cloud.context, { targets }));
    sns = new SNSClient(cloud.client);
    sqs = new SQSClient(cloud.client);
  });
  after(async () => {
    sns.destroy();
    sqs.destroy();
    await cloud.close();
  });
  beforeEach(() => {
    invoked = [];
  });

  const registered = (type: string, inputs: Record<string, unknown>) => ({
    urn: `urn:pulumi:local::test::${type}::x`,
    type,
    name: "x",
    inputs,
    program: { directory: ".", project: "test", stack: "local", localSettings: {} },
  });
  const update = async (type: string, before: Record<string, unknown>, now: Record<string, unknown>) => {
    const made = await cloud.create(type, "x", before);
    const resource = service.resources?.[type];
    return { made, updated: await resource?.update?.(registered(type, now), made, before), resource };
  };

  describe("topics", () => {
    const topic = async (Name: string, more = {}) => (await sns.send(new CreateTopicCommand({ Name, ...more }))).TopicArn as string;
    const attributes = async (TopicArn: string) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes ?? {};
    const set = (TopicArn: string, AttributeName: string, AttributeValue: string) =>
      sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName, AttributeValue }));

    it("have the policy that SNS gives to one that was given none: the provider parses it", async () => {
      const arn = await topic("bare");
      const { Policy, EffectiveDeliveryPolicy, ...others } = await attributes(arn);

      expect(JSON.parse(Policy ?? "")).to.deep.equal({
        Version: "2008-10-17",
        Id: "__default_policy_ID",
        Statement: [
          {
            Sid: "__default_statement_ID",
            Effect: "Allow",
            Principal: { AWS: "*" },
            Action: [
              "SNS:GetTopicAttributes",
              "SNS:SetTopicAttributes",
              "SNS:AddPermission",
              "SNS:RemovePermission",
              "SNS:DeleteTopic",
              "SNS:Subscribe",
              "SNS:ListSubscriptionsByTopic",
              "SNS:Publish",
            ],
            Resource: arn,
            Condition: { StringEquals: { "AWS:SourceOwner": account } },
          },
        ],
      });
      expect(JSON.parse(EffectiveDeliveryPolicy ?? "")).to.have.property("http");
      expect(others).to.deep.equal({
        TopicArn: arn,
        Owner: account,
        DisplayName: "",
        SubscriptionsConfirmed: "0",
        SubscriptionsPending: "0",
        SubscriptionsDeleted: "0",
      });
    });

    it("take every attribute that the provider sets, and refuse what would do nothing here", async () => {
      const arn = await topic("set");
      await set(arn, "ApplicationSuccessFeedbackSampleRate", "0");
      await set(arn, "DisplayName", "Jobs");
      await set(arn, "SignatureVersion", "2");
      await set(arn, "KmsMasterKeyId", "alias/mine");
      const { DisplayName, SignatureVersion, KmsMasterKeyId, ApplicationSuccessFeedbackSampleRate } = await attributes(arn);
      expect([DisplayName, SignatureVersion, KmsMasterKeyId, ApplicationSuccessFeedbackSampleRate]).to.deep.equal([
        "Jobs",
        "2",
        "alias/mine",
        "0",
      ]);
      await sns.send(new SubscribeCommand({ TopicArn: arn, Protocol: "lambda", Endpoint: functionArn }));
      await sns.send(new PublishCommand({ TopicArn: arn, Message: "m" }));
      expect(
        invoked.map((event) => (event as { Records: [{ Sns: { SignatureVersion: string } }] }).Records[0].Sns.SignatureVersion),
      ).to.deep.equal(["2"]);
      await set(arn, "KmsMasterKeyId", "");
      expect(await attributes(arn)).not.to.have.property("KmsMasterKeyId");

      expect(await refusal(set(arn, "LambdaSuccessFeedbackRoleArn", `arn:aws:iam::${account}:role/logs`))).to.contain("NotImplemented");
      expect(await refusal(set(arn, "SQSSuccessFeedbackSampleRate", "101"))).to.contain("InvalidParameter");
      expect(await refusal(set(arn, "Nonsense", "1"))).to.equal("InvalidParameterException: Invalid parameter: AttributeName");
      expect(await refusal(set(arn, "Policy", "{"))).to.match(
        /^InvalidParameterException: Invalid parameter: Policy Error: policy: not JSON/,
      );
      expect(await refusal(topic("a.b"))).to.equal("InvalidParameterException: Invalid parameter: Topic Name");
    });

    it("keep the tags of their creation, and change them", async () => {
      const ResourceArn = await topic("tagged", { Tags: [{ Key: "a", Value: "<1>" }] });
      await sns.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: "b", Value: "2" }] }));
      const tags = async () => (await sns.send(new ListTagsForResourceCommand({ ResourceArn }))).Tags;
      expect(await tags()).to.deep.equal([
        { Key: "a", Value: "<1>" },
        { Key: "b", Value: "2" },
      ]);
      await sns.send(new UntagResourceCommand({ ResourceArn, TagKeys: ["a"] }));
      expect(await tags()).to.deep.equal([{ Key: "b", Value: "2" }]);
      await sns.send(new DeleteTopicCommand({ TopicArn: ResourceArn }));
      expect(await refusal(tags())).to.equal("ResourceNotFoundException: Resource does not exist");
    });

    it("are listed in pages of a hundred, by tokens of this list alone", async () => {
      for (let number = 0; number < 101; number += 1) await cloud.create("aws:sns/topic:Topic", "page", { name: `page-${number}` });
      const first = await sns.send(new ListTopicsCommand());
      const second = await sns.send(new ListTopicsCommand({ NextToken: first.NextToken }));
      const arns = [first, second].flatMap(({ Topics = [] }) => Topics.map(({ TopicArn }) => TopicArn ?? ""));

      expect(first.Topics?.length).to.equal(100);
      expect(second.NextToken).to.equal(undefined);
      expect(new Set(arns.filter((arn) => arn.includes(":page-"))).size).to.equal(101);
      expect(await refusal(sns.send(new ListTopicsCommand({ NextToken: "bm90IG9uZQ" })))).to.equal(
        "InvalidParameterException: Invalid parameter: NextToken",
      );
    });

    it("show a subscription as it was made and changed, until it ends", async () => {
      const TopicArn = await topic("subscribed");
      const FilterPolicy = '{"state":["FAILED"]}';
      const { SubscriptionArn } = await sns.send(
        new SubscribeCommand({ TopicArn, Protocol: "lambda", Endpoint: functionArn, Attributes: { FilterPolicy } }),
      );
      const shown = async () => (await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
      const change = (AttributeName: string, AttributeValue: string) =>
        sns.send(new SetSubscriptionAttributesCommand({ SubscriptionArn, AttributeName, AttributeValue }));
      const fixed = {
        SubscriptionArn,
        TopicArn,
        Owner: account,
        Protocol: "lambda",
        Endpoint: functionArn,
        RawMessageDelivery: "false",
        PendingConfirmation: "false",
        ConfirmationWasAuthenticated: "true",
        SubscriptionPrincipal: `arn:aws:iam::${account}:root`,
      };
      expect(await shown()).to.deep.equal({ ...fixed, FilterPolicy, FilterPolicyScope: "MessageAttributes" });
      await change("FilterPolicy", "{}");
      expect(await shown()).to.deep.equal(fixed);
      expect(await refusal(change("RawMessageDelivery", "true"))).to.contain("does not support raw message delivery");
      await sns.send(new UnsubscribeCommand({ SubscriptionArn }));
      expect(await refusal(shown())).to.equal("NotFoundException: Subscription does not exist");
    });

    it("of a program change and go by the same rules", async () => {
      const { made, updated, resource } = await update(
        "aws:sns/topic:Topic",
        { name: "program", displayName: "a", tags: { a: "1" } },
        { name: "program", tags: { b: "2" } },
      );
      expect((await attributes(made.id))["DisplayName"]).to.equal("");
      expect(updated?.state["tagsAll"]).to.deep.equal({ b: "2" });
      const policy = {
        Statement: [{ Effect: "Allow", Principal: { Service: "s3.amazonaws.com" }, Action: "sns:Publish", Resource: made.id }],
      };
      const policyMade = await cloud.create("aws:sns/topicPolicy:TopicPolicy", "p", { arn: made.id, policy });
      await service.resources?.["aws:sns/topicPolicy:TopicPolicy"]?.delete?.(policyMade);
      expect((await attributes(made.id))["Policy"]).to.contain("__default_policy_ID");
      const type = "aws:sns/topicSubscription:TopicSubscription";
      const before = { topic: made.id, protocol: "lambda", endpoint: functionArn, filterPolicy: '{"a":["1"]}' };
      const subscription = await update(type, before, { ...before, filterPolicy: '{"a":["2"]}' });
      const { Attributes } = await sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn: subscription.made.id }));
      expect(Attributes?.["FilterPolicy"]).to.equal('{"a":["2"]}');
      await subscription.resource?.delete?.(subscription.made);
      expect((await attributes(made.id))["SubscriptionsConfirmed"]).to.equal("0");
      await resource?.delete?.(made);

      expect(await refusal(attributes(made.id))).to.equal("NotFoundException: Topic does not exist");
    });
  });

  describe("queues", () => {
    const create = async (QueueName: string, Attributes = {}, tags = {}) =>
      (await sqs.send(new CreateQueueCommand({ QueueName, Attributes, tags }))).QueueUrl as string;
    const attributes = async (QueueUrl: string) =>
      (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }))).Attributes ?? {};
    const set = (QueueUrl: string, Attributes: Record<string, string>) => sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes }));
    const arn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`;

    it("are made again only as they are", async () => {
      const url = await create("same", { VisibilityTimeout: "60", KmsMasterKeyId: "alias/mine" });
      expect(await create("same", { VisibilityTimeout: "60" })).to.equal(url);
      expect(await refusal(create("same", { VisibilityTimeout: "61" }))).to.equal(
        "QueueNameExists: A queue already exists with the same name and a different value for attribute VisibilityTimeout",
      );
      expect((await attributes(url))["SqsManagedSseEnabled"]).to.equal("false");
      await set(url, { KmsMasterKeyId: "", SqsManagedSseEnabled: "true" });
      expect(await attributes(url))
        .to.include({ SqsManagedSseEnabled: "true" })
        .and.not.to.have.property("KmsMasterKeyId");
    });

    it("refuse values in SQS's words, and change nothing then", async () => {
      const url = await create("bounds");
      expect(await refusal(set(url, { DelaySeconds: "901" }))).to.equal(
        "InvalidAttributeValue: Invalid value for the parameter DelaySeconds. Reason: Must be between 0 and 900.",
      );
      expect(await refusal(set(url, { KmsMasterKeyId: "k", SqsManagedSseEnabled: "true" }))).to.contain(
        "one type of server-side encryption",
      );
      const dead = (maxReceiveCount: unknown, name = "bounds") => ({
        RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn(name), maxReceiveCount }),
      });
      expect(await refusal(set(url, dead(1, "none")))).to.contain("Reason: Dead letter target does not exist.");
      expect(await refusal(set(url, dead(1001)))).to.contain("valid values are from 1 to 1000 both inclusive.");
      expect(await refusal(set(url, { RedriveAllowPolicy: '{"redrivePermission":"byQueue"}' }))).to.contain(
        "RedriveAllowPolicy is invalid",
      );
      expect(await refusal(create("a b"))).to.equal(
        "InvalidParameterValue: Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length",
      );
      // When it was changed, it has changed.
      const settings = async () => ({ ...(await attributes(url)), LastModifiedTimestamp: undefined });
      const before = await settings();
      await set(url, { ...dead("5"), RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' });
      await set(url, { RedrivePolicy: "", RedriveAllowPolicy: "" });

      expect(await settings()).to.deep.equal(before);
    });

    it("rest for a minute after they were deleted, and say so by the name that the provider waits for", async () => {
      const url = await create("resting");
      await sqs.send(new DeleteQueueCommand({ QueueUrl: url }));
      expect(await refusal(attributes(url))).to.equal("QueueDoesNotExist: The specified queue does not exist.");
      expect(await refusal(create("resting"))).to.equal(
        "QueueDeletedRecently: You must wait 60 seconds after deleting a queue before you can create another with the same name.",
      );
      await clock.advance(60_000);
      expect(await create("resting")).to.equal(url);
    });

    it("keep their tags, and are listed in pages", async () => {
      const QueueUrl = await create("list-a", {}, { a: "1" });
      const other = await create("list-b");
      await sqs.send(new TagQueueCommand({ QueueUrl, Tags: { b: "2" } }));
      await sqs.send(new UntagQueueCommand({ QueueUrl, TagKeys: ["a"] }));
      expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags).to.deep.equal({ b: "2" });
      expect((await sqs.send(new ListQueueTagsCommand({ QueueUrl: other }))).Tags ?? {}).to.deep.equal({});
      const first = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "list-", MaxResults: 1 }));
      const second = await sqs.send(new ListQueuesCommand({ QueueNamePrefix: "list-", MaxResults: 1, NextToken: first.NextToken }));

      expect([first.QueueUrls, second.QueueUrls, second.NextToken]).to.deep.equal([[QueueUrl], [other], undefined]);
      const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: (await attributes(other))["QueueArn"], maxReceiveCount: 3 });
      await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { RedrivePolicy } }));
      const sources = async (of: string) =>
        (await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: of, MaxResults: 1 }))).queueUrls;
      expect([await sources(other), await sources(QueueUrl)]).to.deep.equal([[QueueUrl], []]);
      expect(await refusal(sqs.send(new ListQueuesCommand({ MaxResults: 1, NextToken: "eA" })))).to.contain(
        "Invalid or expired next token.",
      );
    });

    it("of a program change and go by the same rules, and leave policies alone that are resources of their own", async () => {
      const type = "aws:sqs/queue:Queue";
      const { made, resource } = await update(type, { name: "program", tags: { a: "1" } }, { name: "program", delaySeconds: 5, tags: {} });
      expect((await attributes(made.id))["DelaySeconds"]).to.equal("5");
      const policy = { Statement: [{ Effect: "Allow", Principal: "*", Action: "sqs:SendMessage", Resource: "*" }] };
      const policyMade = await cloud.create("aws:sqs/queuePolicy:QueuePolicy", "p", { queueUrl: made.id, policy });
      await resource?.update?.(registered(type, { name: "program", delaySeconds: 6 }), made, { name: "program", delaySeconds: 5 });
      expect((await attributes(made.id))["Policy"]).to.equal(JSON.stringify(policy));
      await service.resources?.["aws:sqs/queuePolicy:QueuePolicy"]?.delete?.(policyMade);
      expect(await attributes(made.id)).not.to.have.property("Policy");
      await resource?.delete?.(made);

      expect(await refusal(attributes(made.id))).to.contain("QueueDoesNotExist");
    });
  });
});
