import {
  differs,
  retag,
  tagList,
  tagMap,
  tagRecord,
  tagsOf,
  text,
  textOrNone,
  type Properties,
  type ProviderTypes,
  type Services,
} from "./resource";

/** Topics and queues. */
export function messagingTypes({ sns, sqs }: Services): ProviderTypes {
  const attributesOfQueue = async (QueueUrl: string) =>
    (await sqs.getQueueAttributes({ QueueUrl, AttributeNames: ["All"] })).Attributes ?? {};
  return {
    "aws:sns/topic:Topic": {
      replacedBy: ["name"],
      create: async (Name, inputs) => {
        const { TopicArn = "" } = await sns.createTopic({ Name, Attributes: given(inputs, topicAttributes), Tags: tagList(inputs) });
        return { id: TopicArn, outputs: { name: Name, arn: TopicArn } };
      },
      read: async (TopicArn) => {
        const { Attributes = {} } = await sns.getTopicAttributes({ TopicArn });
        const { Tags } = await sns.listTagsForResource({ ResourceArn: TopicArn });
        return { ...seen(Attributes, topicAttributes), tags: tagMap(Tags) };
      },
      update: async (TopicArn, now, before) => {
        for (const [AttributeName, AttributeValue] of changed(now, before, topicAttributes)) {
          await sns.setTopicAttributes({ TopicArn, AttributeName, AttributeValue });
        }
        await retag(
          now,
          before,
          (tags) => sns.tagResource({ ResourceArn: TopicArn, Tags: tagList({ tags }) }),
          (TagKeys) => sns.untagResource({ ResourceArn: TopicArn, TagKeys }),
        );
      },
      delete: (TopicArn) => sns.deleteTopic({ TopicArn }),
    },

    "aws:sns/topicPolicy:TopicPolicy": {
      replacedBy: ["arn"],
      create: async (_name, { arn, policy }) => {
        await sns.setTopicAttributes({ TopicArn: String(arn), AttributeName: "Policy", AttributeValue: text(policy) });
        return { id: String(arn) };
      },
      read: async (TopicArn) => ({ policy: (await sns.getTopicAttributes({ TopicArn })).Attributes?.["Policy"] }),
      update: async (TopicArn, { policy }) =>
        void (await sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: text(policy) })),
      // A topic always has one: the provider puts back the one that lets only the owner in.
      delete: (TopicArn) => sns.setTopicAttributes({ TopicArn, AttributeName: "Policy", AttributeValue: ownersPolicy(TopicArn) }),
    },

    "aws:sns/topicSubscription:TopicSubscription": {
      replacedBy: ["topic", "protocol", "endpoint"],
      create: async (_name, inputs) => {
        const { topic, protocol, endpoint } = inputs as Record<string, string>;
        const { SubscriptionArn = "" } = await sns.subscribe({
          TopicArn: topic,
          Protocol: protocol,
          Endpoint: endpoint,
          Attributes: given(inputs, subscriptionAttributes),
          ReturnSubscriptionArn: true,
        });
        return { id: SubscriptionArn, outputs: { arn: SubscriptionArn } };
      },
      read: async (SubscriptionArn) => {
        const { Attributes = {} } = await sns.getSubscriptionAttributes({ SubscriptionArn });
        const { TopicArn: topic, Protocol: protocol, Endpoint: endpoint } = Attributes;
        return { topic, protocol, endpoint, ...seen(Attributes, subscriptionAttributes) };
      },
      update: async (SubscriptionArn, now, before) => {
        for (const [AttributeName, AttributeValue] of changed(now, before, subscriptionAttributes)) {
          await sns.setSubscriptionAttributes({ SubscriptionArn, AttributeName, AttributeValue });
        }
      },
      delete: (SubscriptionArn) => sns.unsubscribe({ SubscriptionArn }),
    },

    "aws:sqs/queue:Queue": {
      replacedBy: ["name"],
      create: async (QueueName, inputs) => {
        const { QueueUrl = "" } = await sqs.createQueue({
          QueueName,
          Attributes: given(inputs, queueAttributes),
          tags: { ...tagsOf(inputs) },
        });
        return { id: QueueUrl, outputs: { url: QueueUrl, name: QueueName, arn: (await attributesOfQueue(QueueUrl))["QueueArn"] } };
      },
      read: async (QueueUrl) => ({
        ...seen(await attributesOfQueue(QueueUrl), queueAttributes),
        tags: tagRecord((await sqs.listQueueTags({ QueueUrl })).Tags),
      }),
      update: async (QueueUrl, now, before) => {
        // The provider leaves SQS's own encryption as it is when it is not given: a key of one's own switches it off.
        const { sqsManagedSseEnabled: _, ...others } = queueAttributes;
        const names = now["sqsManagedSseEnabled"] === undefined ? others : queueAttributes;
        const Attributes = Object.fromEntries(changed(now, before, names));
        if (Object.keys(Attributes).length > 0) await sqs.setQueueAttributes({ QueueUrl, Attributes });
        await retag(
          now,
          before,
          (Tags) => sqs.tagQueue({ QueueUrl, Tags: { ...Tags } }),
          (TagKeys) => sqs.untagQueue({ QueueUrl, TagKeys }),
        );
      },
      delete: (QueueUrl) => sqs.deleteQueue({ QueueUrl }),
    },

    "aws:sqs/queuePolicy:QueuePolicy": {
      replacedBy: ["queueUrl"],
      create: async (_name, { queueUrl, policy }) => {
        await sqs.setQueueAttributes({ QueueUrl: String(queueUrl), Attributes: { Policy: text(policy) } });
        return { id: String(queueUrl) };
      },
      read: async (QueueUrl) => ({ policy: (await attributesOfQueue(QueueUrl))["Policy"] }),
      update: async (QueueUrl, { policy }) => void (await sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy: text(policy) } })),
      delete: (QueueUrl) => sqs.setQueueAttributes({ QueueUrl, Attributes: { Policy: "" } }),
    },
  };
}

/** Pulumi's names of what is an attribute to the API. */
type AttributeNames = Readonly<Record<string, string>>;

const topicAttributes: AttributeNames = { displayName: "DisplayName", kmsMasterKeyId: "KmsMasterKeyId", policy: "Policy" };
const subscriptionAttributes: AttributeNames = {
  filterPolicy: "FilterPolicy",
  filterPolicyScope: "FilterPolicyScope",
  rawMessageDelivery: "RawMessageDelivery",
  redrivePolicy: "RedrivePolicy",
};
const queueAttributes: AttributeNames = {
  delaySeconds: "DelaySeconds",
  kmsMasterKeyId: "KmsMasterKeyId",
  messageRetentionSeconds: "MessageRetentionPeriod",
  redrivePolicy: "RedrivePolicy",
  sqsManagedSseEnabled: "SqsManagedSseEnabled",
  visibilityTimeoutSeconds: "VisibilityTimeout",
};

function given(inputs: Properties, names: AttributeNames): Record<string, string> {
  const all = Object.entries(names).map(([name, attribute]) => [attribute, textOrNone(inputs[name])] as const);
  return Object.fromEntries(all.filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** What is not given any more is taken back by an empty text. */
function changed(now: Properties, before: Properties, names: AttributeNames): [string, string][] {
  const different = Object.entries(names).filter(([name]) => differs(now, before, name));
  return different.map(([name, attribute]) => [attribute, textOrNone(now[name]) ?? ""]);
}

function seen(attributes: Readonly<Record<string, string>>, names: AttributeNames): Properties {
  return Object.fromEntries(Object.entries(names).map(([name, attribute]) => [name, attributes[attribute] || undefined]));
}

function ownersPolicy(topicArn: string): string {
  return JSON.stringify({
    Version: "2008-10-17",
    Id: "__default_policy_ID",
    Statement: [
      {
        Sid: "__default_statement_ID",
        Effect: "Allow",
        Principal: { AWS: "*" },
        Action: ["SNS:GetTopicAttributes", "SNS:SetTopicAttributes", "SNS:Subscribe", "SNS:Publish"],
        Resource: topicArn,
        Condition: { StringEquals: { "AWS:SourceOwner": topicArn.split(":")[4] } },
      },
    ],
  });
}
