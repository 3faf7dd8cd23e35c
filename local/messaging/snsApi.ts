import { randomUUID } from "node:crypto";
import { escapeXml } from "../protocol";
import { pageOf } from "../pages";
import { notSupported, ServiceError } from "../wire";
import type { MessageAttribute } from "./filterPolicy";
import type { Publication, Topics } from "./topics";

/** Parameters of a call in the Query protocol. */
export type QueryParameters = Readonly<Record<string, string>>;

/** Answers a call to SNS. @throws ServiceError */
export function answerSns(topics: Topics, parameters: QueryParameters): string {
  const { Action: action = "" } = parameters;
  const answer = Object.hasOwn(answers, action) ? answers[action] : undefined;
  if (!answer) throw notSupported(`SNS's ${action}`);
  return success(action, answer(topics, parameters) ?? "");
}

/** What each call does; what it answers inside its result, if anything. */
const answers: Readonly<Record<string, (topics: Topics, parameters: QueryParameters) => string | undefined | void>> = {
  Publish: (topics, parameters) => {
    if (parameters["PhoneNumber"] !== undefined) throw notSupported("SNS messages to phones");
    return element("MessageId", topics.publish(topicOf(parameters), readPublication(parameters, ""), parameters["MessageStructure"]));
  },
  PublishBatch: (topics, parameters) => publishBatch(topics, topicOf(parameters), parameters),
  CreateTopic: (topics, parameters) => {
    if (parameters["DataProtectionPolicy"] !== undefined) throw notSupported("data protection policies of topics");
    const attributes = readMap(parameters, "Attributes.entry", "key", "value");
    return element("TopicArn", topics.create(parameters["Name"] ?? "", attributes, readMap(parameters, "Tags.member", "Key", "Value")));
  },
  DeleteTopic: (topics, parameters) => topics.delete(topicOf(parameters)),
  GetTopicAttributes: (topics, parameters) => attributeMap(topics.attributes(topicOf(parameters))),
  SetTopicAttributes: (topics, parameters) =>
    topics.setAttribute(topicOf(parameters), parameters["AttributeName"] ?? "", parameters["AttributeValue"] ?? ""),
  ListTopics: (topics, parameters) =>
    page(
      "ListTopics",
      topics.arns(),
      (arn) => arn,
      parameters,
      "Topics",
      (arn) => element("TopicArn", arn),
    ),
  ListTagsForResource: (topics, { ResourceArn: arn = "" }) => {
    const members = Object.entries(topics.tags(arn)).map(
      ([key, value]) => `<member>${element("Key", key)}${element("Value", value)}</member>`,
    );
    return `<Tags>${members.join("")}</Tags>`;
  },
  TagResource: (topics, parameters) => {
    const { ResourceArn: arn = "" } = parameters;
    topics.setTags(arn, { ...topics.tags(arn), ...readMap(parameters, "Tags.member", "Key", "Value") });
  },
  UntagResource: (topics, parameters) => {
    const { ResourceArn: arn = "" } = parameters;
    const keys = indexes(parameters, "TagKeys.member").map((index) => parameters[`TagKeys.member.${index}`]);
    topics.setTags(arn, Object.fromEntries(Object.entries(topics.tags(arn)).filter(([key]) => !keys.includes(key))));
  },
  Subscribe: (topics, parameters) => {
    const { Protocol = "", Endpoint = "", ReturnSubscriptionArn } = parameters;
    const attributes = readMap(parameters, "Attributes.entry", "key", "value");
    const { arn, confirmed } = topics.subscribe(topicOf(parameters), Protocol, Endpoint, attributes);
    return element("SubscriptionArn", confirmed || ReturnSubscriptionArn === "true" ? arn : "pending confirmation");
  },
  Unsubscribe: (topics, { SubscriptionArn = "" }) => topics.unsubscribe(SubscriptionArn),
  GetSubscriptionAttributes: (topics, { SubscriptionArn = "" }) => attributeMap(topics.subscriptionAttributes(SubscriptionArn)),
  SetSubscriptionAttributes: (topics, { SubscriptionArn = "", AttributeName = "", AttributeValue = "" }) =>
    topics.setSubscriptionAttribute(SubscriptionArn, AttributeName, AttributeValue),
  ListSubscriptions: (topics, parameters) => subscriptionList("ListSubscriptions", topics.subscriptions(), parameters),
  ListSubscriptionsByTopic: (topics, parameters) =>
    subscriptionList(`ListSubscriptionsByTopic ${topicOf(parameters)}`, topics.subscriptions(topicOf(parameters)), parameters),
};

function topicOf({ TopicArn, TargetArn }: QueryParameters): string {
  return TopicArn ?? TargetArn ?? "";
}

/** One that waits for its owner's word has no ARN to show. */
function subscriptionList(list: string, subscriptions: ReturnType<Topics["subscriptions"]>, parameters: QueryParameters): string {
  return page(
    list,
    subscriptions,
    ({ arn }) => arn,
    parameters,
    "Subscriptions",
    ({ arn, confirmed, protocol, endpoint, topicArn }) =>
      element("SubscriptionArn", confirmed ? arn : "PendingConfirmation") +
      element("Owner", topicArn.split(":")[4] ?? "") +
      element("Protocol", protocol) +
      element("Endpoint", endpoint) +
      element("TopicArn", topicArn),
  );
}

const pageLength = 100;

/** A list in pages as SNS has them. @param parameters of the call, with the token of the page before */
function page<Item>(
  name: string,
  items: readonly Item[],
  idOf: (item: Item) => string,
  { NextToken: token }: QueryParameters,
  list: string,
  write: (item: Item) => string,
): string {
  const invalid = () => new ServiceError("InvalidParameter", "Invalid parameter: NextToken");
  const { page: shown, next } = pageOf(items, { list: `SNS ${name}`, idOf, limit: pageLength, token, invalid });
  const members = shown.map((item) => `<member>${write(item)}</member>`);
  return `<${list}>${members.join("")}</${list}>${next === undefined ? "" : element("NextToken", next)}`;
}

function attributeMap(attributes: Readonly<Record<string, string>>): string {
  const entries = Object.entries(attributes).map(([key, value]) => `<entry>${element("key", key)}${element("value", value)}</entry>`);
  return `<Attributes>${entries.join("")}</Attributes>`;
}

function element(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

function publishBatch(topics: Topics, topicArn: string, parameters: QueryParameters): string {
  const prefix = "PublishBatchRequestEntries.member";
  const entries = indexes(parameters, prefix).map((index) => `${prefix}.${index}.`);
  const ids = entries.map((entry) => parameters[`${entry}Id`] ?? "");
  if (entries.length === 0) throw new ServiceError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
  if (entries.length > 10)
    throw new ServiceError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
  if (new Set(ids).size < ids.length) throw new ServiceError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
  const results = entries.map((entry, index) => {
    const id = `<Id>${escapeXml(ids[index] as string)}</Id>`;
    try {
      const messageId = topics.publish(topicArn, readPublication(parameters, entry), parameters[`${entry}MessageStructure`]);
      return { done: `<member>${id}<MessageId>${messageId}</MessageId></member>`, failed: "" };
    } catch (error) {
      if (!(error instanceof ServiceError) || error.code === "NotFound" || error.status === 501) throw error;
      const reason = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><SenderFault>true</SenderFault>`;
      return { done: "", failed: `<member>${id}${reason}</member>` };
    }
  });
  const joined = (kind: "done" | "failed") => results.map((result) => result[kind]).join("");
  return `<Successful>${joined("done")}</Successful><Failed>${joined("failed")}</Failed>`;
}

function readPublication(parameters: QueryParameters, prefix: string): Publication {
  for (const name of ["MessageGroupId", "MessageDeduplicationId"]) {
    if (parameters[prefix + name] !== undefined) throw notSupported(`SNS's ${name}`);
  }
  const messageAttributes: Record<string, MessageAttribute> = {};
  for (const index of indexes(parameters, `${prefix}MessageAttributes.entry`)) {
    const at = `${prefix}MessageAttributes.entry.${index}`;
    const { [`${at}.Value.StringValue`]: StringValue, [`${at}.Value.BinaryValue`]: BinaryValue } = parameters;
    const DataType = parameters[`${at}.Value.DataType`] ?? "";
    if (!/^(String|String\.Array|Number|Binary)(\.|$)/.test(DataType) || (StringValue ?? BinaryValue) === undefined) {
      throw new ServiceError("InvalidParameterValue", "The message attribute must have a non-empty type and value.");
    }
    messageAttributes[parameters[`${at}.Name`] ?? ""] = {
      DataType,
      ...(StringValue !== undefined && { StringValue }),
      ...(BinaryValue !== undefined && { BinaryValue }),
    };
  }
  return { message: parameters[`${prefix}Message`] ?? "", subject: parameters[`${prefix}Subject`], messageAttributes };
}

function readMap(parameters: QueryParameters, prefix: string, key: string, value: string): Record<string, string> {
  const entries = indexes(parameters, prefix).map((index) => [
    parameters[`${prefix}.${index}.${key}`] ?? "",
    parameters[`${prefix}.${index}.${value}`] ?? "",
  ]);
  return Object.fromEntries(entries) as Record<string, string>;
}

/** The numbers under which a list or map has its entries. */
function indexes(parameters: QueryParameters, prefix: string): string[] {
  const found = Object.keys(parameters)
    .filter((name) => name.startsWith(`${prefix}.`))
    .map((name) => name.slice(prefix.length + 1).split(".", 1)[0] as string);
  return [...new Set(found)];
}

function success(action: string, result: string): string {
  return (
    `<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${result}</${action}Result>` +
    `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`
  );
}
