import {
  CreateTopicCommand,
  DeleteTopicCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  ListSubscriptionsByTopicCommand,
  ListTagsForResourceCommand,
  SetTopicAttributesCommand,
  SubscribeCommand,
  TagResourceCommand,
  UnsubscribeCommand,
} from "@aws-sdk/client-sns";
import {
  CreateQueueCommand,
  DeleteQueueCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueueTagsCommand,
  SetQueueAttributesCommand,
  TagQueueCommand,
} from "@aws-sdk/client-sqs";
import { account, region, type Clients, type WireCase } from "../cloud";

const tags = { team: "ocr" };
export const queueArn = `arn:aws:sqs:${region}:${account}:wire-queue`;
const TopicArn = `arn:aws:sns:${region}:${account}:wire-topic`;

const queueInputs = { name: "wire-queue", messageRetentionSeconds: 86_400, visibilityTimeoutSeconds: 60, tags };
export const queueUrl = async ({ sqs }: Clients) =>
  (await sqs.send(new GetQueueUrlCommand({ QueueName: "wire-queue" }))).QueueUrl as string;

const queue: WireCase = {
  type: "aws:sqs/queue:Queue",
  inputs: queueInputs,
  create: ({ sqs }) =>
    sqs.send(
      new CreateQueueCommand({ QueueName: "wire-queue", Attributes: { MessageRetentionPeriod: "86400", VisibilityTimeout: "60" }, tags }),
    ),
  read: async (clients) => {
    const QueueUrl = await queueUrl(clients);
    const { Attributes } = await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["All"] }));
    return { Attributes, tags: (await clients.sqs.send(new ListQueueTagsCommand({ QueueUrl }))).Tags };
  },
  change: {
    inputs: { ...queueInputs, messageRetentionSeconds: 3600, tags: { ...tags, stage: "dev" } },
    call: async (clients) => {
      const QueueUrl = await queueUrl(clients);
      await clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { MessageRetentionPeriod: "3600" } }));
      await clients.sqs.send(new TagQueueCommand({ QueueUrl, Tags: { stage: "dev" } }));
    },
  },
  delete: async (clients) => clients.sqs.send(new DeleteQueueCommand({ QueueUrl: await queueUrl(clients) })),
  gone: "400 QueueDoesNotExist",
};

const document = (Resource: string, Action: string) =>
  JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Principal: "*", Action, Resource }] });

const queuePolicy: WireCase = {
  type: "aws:sqs/queuePolicy:QueuePolicy",
  inputs: (endpointUrl) => ({ queueUrl: `${endpointUrl}/${account}/wire-queue`, policy: document(queueArn, "sqs:SendMessage") }),
  create: async (clients) => {
    const Attributes = { Policy: document(queueArn, "sqs:SendMessage") };
    return clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: await queueUrl(clients), Attributes }));
  },
  read: async (clients) => {
    const QueueUrl = await queueUrl(clients);
    return (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["Policy"] }))).Attributes ?? {};
  },
  delete: async (clients) =>
    clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: await queueUrl(clients), Attributes: { Policy: "" } })),
  gone: {},
};

/** A resource that sets one attribute of a queue. */
function attribute(type: string, input: string, name: "RedrivePolicy" | "RedriveAllowPolicy", value: (count: number) => object): WireCase {
  const put = (content: string) => async (clients: Clients) =>
    clients.sqs.send(new SetQueueAttributesCommand({ QueueUrl: await queueUrl(clients), Attributes: { [name]: content } }));
  const inputs = (count: number) => (endpointUrl: string) => ({
    queueUrl: `${endpointUrl}/${account}/wire-queue`,
    [input]: JSON.stringify(value(count)),
  });
  return {
    type,
    inputs: inputs(1),
    create: put(JSON.stringify(value(1))),
    read: async (clients) => {
      const QueueUrl = await queueUrl(clients);
      return (await clients.sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }))).Attributes ?? {};
    },
    change: { inputs: inputs(2), call: put(JSON.stringify(value(2))) },
    delete: put(""),
    gone: {},
  };
}

const redrivePolicy = attribute("aws:sqs/redrivePolicy:RedrivePolicy", "redrivePolicy", "RedrivePolicy", (maxReceiveCount) => ({
  deadLetterTargetArn: queueArn,
  maxReceiveCount,
}));
const redriveAllowPolicy = attribute(
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  "redriveAllowPolicy",
  "RedriveAllowPolicy",
  (count) => ({ redrivePermission: count === 1 ? "denyAll" : "allowAll" }),
);

const topic: WireCase = {
  type: "aws:sns/topic:Topic",
  inputs: { name: "wire-topic", displayName: "one", tags },
  create: ({ sns }) =>
    sns.send(new CreateTopicCommand({ Name: "wire-topic", Attributes: { DisplayName: "one" }, Tags: [{ Key: "team", Value: "ocr" }] })),
  read: async ({ sns }) => ({
    attributes: (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes,
    tags: (await sns.send(new ListTagsForResourceCommand({ ResourceArn: TopicArn }))).Tags,
  }),
  change: {
    inputs: { name: "wire-topic", displayName: "two", tags: { ...tags, stage: "dev" } },
    call: async ({ sns }) => {
      await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "DisplayName", AttributeValue: "two" }));
      await sns.send(new TagResourceCommand({ ResourceArn: TopicArn, Tags: [{ Key: "stage", Value: "dev" }] }));
    },
  },
  delete: ({ sns }) => sns.send(new DeleteTopicCommand({ TopicArn })),
  gone: "404 NotFoundException",
};

const firstPolicy = JSON.stringify({
  Version: "2008-10-17",
  Id: "__default_policy_ID",
  Statement: [
    {
      Sid: "__default_statement_ID",
      Effect: "Allow",
      Principal: { AWS: "*" },
      Action: "GetTopicAttributes SetTopicAttributes AddPermission RemovePermission DeleteTopic Subscribe ListSubscriptionsByTopic Publish"
        .split(" ")
        .map((action) => `SNS:${action}`),
      Resource: TopicArn,
      Condition: { StringEquals: { "AWS:SourceOwner": account } },
    },
  ],
});

const topicPolicy: WireCase = {
  type: "aws:sns/topicPolicy:TopicPolicy",
  inputs: { arn: TopicArn, policy: document(TopicArn, "sns:Publish") },
  create: ({ sns }) =>
    sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue: document(TopicArn, "sns:Publish") })),
  read: async ({ sns }) => (await sns.send(new GetTopicAttributesCommand({ TopicArn }))).Attributes?.["Policy"],
  // Deleting it is putting back what every topic begins with.
  delete: ({ sns }) => sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: "Policy", AttributeValue: firstPolicy })),
  gone: firstPolicy,
};

const subscriptionArn = async ({ sns }: Clients) =>
  (await sns.send(new ListSubscriptionsByTopicCommand({ TopicArn }))).Subscriptions?.[0]?.SubscriptionArn;
const subscriptionInputs = { topic: TopicArn, protocol: "sqs", endpoint: queueArn, rawMessageDelivery: true };
const subscription: WireCase = {
  type: "aws:sns/topicSubscription:TopicSubscription",
  inputs: subscriptionInputs,
  create: ({ sns }) =>
    sns.send(
      new SubscribeCommand({
        TopicArn,
        Protocol: "sqs",
        Endpoint: queueArn,
        Attributes: { RawMessageDelivery: "true" },
        ReturnSubscriptionArn: true,
      }),
    ),
  read: async (clients) => {
    const SubscriptionArn = await subscriptionArn(clients);
    if (SubscriptionArn === undefined) return {};
    return (await clients.sns.send(new GetSubscriptionAttributesCommand({ SubscriptionArn }))).Attributes;
  },
  delete: async (clients) => clients.sns.send(new UnsubscribeCommand({ SubscriptionArn: await subscriptionArn(clients) })),
  gone: {},
};

export const messagingCases = [queue, queuePolicy, redrivePolicy, redriveAllowPolicy, topic, topicPolicy, subscription];
