import * as z from "zod";
import { readPolicy } from "../identity/policyDocument";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import type { Queues } from "./queues";
import { defaultTopicPolicy } from "./policies";
import type { Topics } from "./topics";

const policyDocument = z
  .union([z.string(), z.record(z.string(), z.unknown())])
  .transform((policy) => (typeof policy === "string" ? policy : JSON.stringify(policy)));

/** The same for policies: what nobody can read would open or close something that it doesn't say. */
const accessPolicy = policyDocument.superRefine((text, context) => {
  try {
    readPolicy(text);
  } catch (error) {
    context.addIssue((error as Error).message);
  }
});

const named = { name: z.string().optional(), namePrefix: z.string().optional() };

function nameOf(logicalName: string, { name, namePrefix }: { name?: string | undefined; namePrefix?: string | undefined }): string {
  return name ?? (namePrefix === undefined ? autoName(logicalName) : autoName(namePrefix.replace(/-$/, "")));
}

/** The resource types of SNS and SQS, by Pulumi token. */
export function messagingResources(context: CloudContext, topics: Topics, queues: Queues): Record<string, ResourceType> {
  return { ...topicResources(context, topics), ...queueResources(context, queues) };
}

function topicResources({ region: here, accountId }: CloudContext, topics: Topics): Record<string, ResourceType> {
  const region = regionArgument(here);
  const topicSchema = z.strictObject({
    ...named,
    displayName: recorded.description,
    kmsMasterKeyId: recorded.kmsKey,
    policy: accessPolicy.optional(),
    tags: recorded.tags,
    tagsAll: recorded.tags,
    region,
  });
  const topicState = (name: string, inputs: z.infer<typeof topicSchema>) => ({
    ...inputs,
    name,
    arn: `arn:aws:sns:${here}:${accountId}:${name}`,
    owner: accountId,
    region: here,
    displayName: inputs.displayName ?? "",
    fifoTopic: false,
    tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
  });
  const topicAttributes = ({ displayName, kmsMasterKeyId, policy }: z.infer<typeof topicSchema>) => ({
    DisplayName: displayName ?? "",
    KmsMasterKeyId: kmsMasterKeyId ?? "",
    Policy: policy ?? "",
  });
  const topic = resourceType(
    topicSchema,
    async ({ name: logicalName, inputs }) => {
      const state = topicState(nameOf(logicalName, inputs), inputs);
      return { id: topics.create(state.name, topicAttributes(inputs), state.tagsAll), state };
    },
    async ({ inputs }, { id, state }, before) => {
      const now = topicState(state["name"] as string, inputs);
      for (const [attribute, value] of Object.entries(topicAttributes(inputs))) {
        // A policy that is a resource of its own stays as it is.
        if (attribute !== "Policy" || value !== "" || before["policy"] !== undefined) topics.setAttribute(id, attribute, value);
      }
      topics.setTags(id, now.tagsAll);
      return { id, state: now };
    },
    async ({ id }) => topics.delete(id),
  );

  const putPolicy = (arn: string, policy: string) => {
    topics.setAttribute(arn, "Policy", policy);
    return { id: arn, state: { arn, policy, owner: accountId, region: here } };
  };
  const topicPolicy = resourceType(
    z.strictObject({ arn: z.string(), policy: accessPolicy, region }),
    async ({ inputs }) => putPolicy(inputs.arn, inputs.policy),
    async ({ inputs }) => putPolicy(inputs.arn, inputs.policy),
    // As the provider does, which has nothing to delete.
    async ({ id }) => topics.setAttribute(id, "Policy", JSON.stringify(defaultTopicPolicy(id))),
  );

  return {
    "aws:sns/topic:Topic": updatable(topic as Required<ResourceType>, ["name", "namePrefix"]),
    "aws:sns/topicPolicy:TopicPolicy": updatable(topicPolicy as Required<ResourceType>, ["arn"]),
    "aws:sns/topicSubscription:TopicSubscription": subscriptionResource(here, accountId, topics),
  };
}

function subscriptionResource(here: string, accountId: string, topics: Topics): ResourceType {
  const schema = z.strictObject({
    topic: z.string(),
    protocol: z.string(),
    endpoint: z.string(),
    filterPolicy: z.string().optional(),
    filterPolicyScope: z.string().optional(),
    rawMessageDelivery: z.boolean().optional(),
    redrivePolicy: z.string().optional(),
    region: regionArgument(here),
  });
  type Inputs = z.infer<typeof schema>;
  const attributesOf = (inputs: Inputs) => ({
    RawMessageDelivery: inputs.rawMessageDelivery === true ? "true" : "",
    FilterPolicyScope: inputs.filterPolicyScope ?? "",
    FilterPolicy: inputs.filterPolicy ?? "",
    RedrivePolicy: inputs.redrivePolicy ?? "",
  });
  const stateOf = (inputs: Inputs, arn: string, confirmed: boolean) => ({
    ...inputs,
    arn,
    ownerId: accountId,
    pendingConfirmation: !confirmed,
    confirmationWasAuthenticated: confirmed,
    confirmationTimeoutInMinutes: 1,
    endpointAutoConfirms: false,
    rawMessageDelivery: inputs.rawMessageDelivery ?? false,
    filterPolicyScope: inputs.filterPolicyScope ?? (inputs.filterPolicy === undefined ? "" : "MessageAttributes"),
    region: here,
  });
  const subscription = resourceType(
    schema,
    async ({ inputs }) => {
      const { topic, protocol, endpoint } = inputs;
      const { arn, confirmed } = topics.subscribe(topic, protocol, endpoint, withoutEmpty(attributesOf(inputs)));
      return { id: arn, state: stateOf(inputs, arn, confirmed) };
    },
    async ({ inputs }, { id, state }) => {
      const known = topics.subscriptionAttributes(id);
      for (const [attribute, value] of Object.entries(attributesOf(inputs))) {
        if ((known[attribute] ?? "") !== value) topics.setSubscriptionAttribute(id, attribute, value);
      }
      return { id, state: stateOf(inputs, id, state["pendingConfirmation"] === false) };
    },
    async ({ id }) => topics.unsubscribe(id),
  );
  return updatable(subscription as Required<ResourceType>, ["topic", "protocol", "endpoint"]);
}

function queueResources({ region: here }: CloudContext, queues: Queues): Record<string, ResourceType> {
  const region = regionArgument(here);
  const schema = z.strictObject({
    ...named,
    visibilityTimeoutSeconds: z.number().int().min(0).max(43_200).default(30),
    delaySeconds: z.number().int().min(0).max(900).default(0),
    maxMessageSize: z.number().int().min(1024).max(1_048_576).default(1_048_576),
    messageRetentionSeconds: z.number().int().min(60).max(1_209_600).default(345_600),
    receiveWaitTimeSeconds: z.number().int().min(0).max(20).default(0),
    redrivePolicy: policyDocument.optional(),
    redriveAllowPolicy: policyDocument.optional(),
    policy: accessPolicy.optional(),
    fifoQueue: z.boolean().default(false),
    contentBasedDeduplication: z.boolean().default(false),
    sqsManagedSseEnabled: z.boolean().default(true),
    kmsMasterKeyId: recorded.kmsKey,
    kmsDataKeyReusePeriodSeconds: z.number().default(300),
    tags: recorded.tags,
    tagsAll: recorded.tags,
    region,
  });
  type Inputs = z.infer<typeof schema>;
  const attributesOf = (inputs: Inputs): Record<string, string> => ({
    VisibilityTimeout: String(inputs.visibilityTimeoutSeconds),
    DelaySeconds: String(inputs.delaySeconds),
    MaximumMessageSize: String(inputs.maxMessageSize),
    MessageRetentionPeriod: String(inputs.messageRetentionSeconds),
    ReceiveMessageWaitTimeSeconds: String(inputs.receiveWaitTimeSeconds),
    RedrivePolicy: inputs.redrivePolicy ?? "",
    RedriveAllowPolicy: inputs.redriveAllowPolicy ?? "",
    Policy: inputs.policy ?? "",
    KmsMasterKeyId: inputs.kmsMasterKeyId ?? "",
    ...(inputs.fifoQueue && { FifoQueue: "true", ContentBasedDeduplication: String(inputs.contentBasedDeduplication) }),
  });
  const stateOf = (inputs: Inputs, { name, arn, url }: { name: string; arn: string; url: string }) => ({
    ...inputs,
    name,
    arn,
    url,
    region: here,
    tagsAll: inputs.tagsAll ?? inputs.tags ?? {},
  });
  const queue = resourceType(
    schema,
    async ({ name: logicalName, inputs }) => {
      const name = nameOf(logicalName, inputs) + (inputs.fifoQueue && inputs.name === undefined ? ".fifo" : "");
      if (queues.byArn(queues.arnOf(name))) throw new Error(`the queue ${name} exists already: give it another name, or none`);
      const made = queues.create(name, attributesOf(inputs), inputs.tagsAll ?? inputs.tags ?? {});
      return { id: made.url, state: stateOf(inputs, made) };
    },
    async ({ inputs }, { id }, before) => {
      const made = queues.at(id);
      // What is a resource of its own stays as it is.
      const own = Object.entries({ redrivePolicy: "RedrivePolicy", redriveAllowPolicy: "RedriveAllowPolicy", policy: "Policy" });
      const others = own
        .filter(([input]) => before[input] === undefined && inputs[input as "policy"] === undefined)
        .map(([, name]) => name);
      queues.setAttributes(made, Object.fromEntries(Object.entries(attributesOf(inputs)).filter(([name]) => !others.includes(name))));
      queues.setTags(made, inputs.tagsAll ?? inputs.tags ?? {});
      return { id, state: stateOf(inputs, made) };
    },
    async ({ id }) => queues.delete(queues.at(id)),
  );

  function setting(input: "policy" | "redrivePolicy" | "redriveAllowPolicy", attribute: string): ResourceType {
    const shape: Record<string, z.ZodType<string | undefined>> = {
      queueUrl: z.string(),
      [input]: input === "policy" ? accessPolicy : policyDocument,
      region,
    };
    const put = (inputs: Record<string, string | undefined>) => {
      const queueUrl = inputs["queueUrl"] as string;
      queues.setAttributes(queues.at(queueUrl), { [attribute]: inputs[input] as string });
      return { id: queueUrl, state: { ...inputs, region: here } };
    };
    const type = resourceType(
      z.strictObject(shape),
      async ({ inputs }) => put(inputs),
      async ({ inputs }) => put(inputs),
      async ({ id }) => queues.setAttributes(queues.at(id), { [attribute]: "" }),
    );
    return updatable(type as Required<ResourceType>, ["queueUrl"]);
  }

  return {
    "aws:sqs/queue:Queue": updatable(queue as Required<ResourceType>, ["name", "namePrefix", "fifoQueue"]),
    "aws:sqs/queuePolicy:QueuePolicy": setting("policy", "Policy"),
    "aws:sqs/redrivePolicy:RedrivePolicy": setting("redrivePolicy", "RedrivePolicy"),
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy": setting("redriveAllowPolicy", "RedriveAllowPolicy"),
  };
}

function withoutEmpty(attributes: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
}
