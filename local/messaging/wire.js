import { randomUUID } from "node:crypto";
import { escapeXml } from "../protocol";
import { notSupported, ServiceError } from "../wire";
import { requirePolicy } from "./policies";
/** What of SNS the emulator answers by itself. */
const emulatedSns = new Set([
    "ConfirmSubscription",
    "DeleteTopic",
    "GetSubscriptionAttributes",
    "GetTopicAttributes",
    "ListTagsForResource",
    "ListTopics",
    "TagResource",
    "Unsubscribe",
    "UntagResource",
]);
const createTopicAttributes = /^(DisplayName|Policy|KmsMasterKeyId|FifoTopic)$/;
const setTopicAttributes = /^(DisplayName|Policy|KmsMasterKeyId)$/;
/** Answers a call to SNS; undefined for what the emulator does as it should. @throws ServiceError */
export function answerSns(topics, parameters) {
    const { Action: action = "", TopicArn: topicArn = parameters["TargetArn"] ?? "" } = parameters;
    switch (action) {
        case "Publish": {
            if (parameters["PhoneNumber"] !== undefined)
                throw notSupported("SNS messages to phones");
            const messageId = topics.publish(topicArn, readPublication(parameters, ""), parameters["MessageStructure"]);
            return success(action, `<MessageId>${messageId}</MessageId>`);
        }
        case "PublishBatch":
            return success(action, publishBatch(topics, topicArn, parameters));
        case "CreateTopic": {
            const attributes = readMap(parameters, "Attributes.entry", "key", "value");
            for (const name of Object.keys(attributes)) {
                if (!createTopicAttributes.test(name))
                    throw notSupported(`the topic attribute "${name}"`);
            }
            return success(action, `<TopicArn>${topics.create(parameters["Name"] ?? "", attributes)}</TopicArn>`);
        }
        case "SetTopicAttributes": {
            const name = parameters["AttributeName"] ?? "";
            if (!setTopicAttributes.test(name))
                throw notSupported(`the topic attribute "${name}"`);
            topics.setAttribute(topicArn, name, parameters["AttributeValue"] ?? "");
            return success(action, "");
        }
        case "Subscribe": {
            const attributes = readMap(parameters, "Attributes.entry", "key", "value");
            const { arn, confirmed } = topics.subscribe(topicArn, parameters["Protocol"] ?? "", parameters["Endpoint"] ?? "", attributes);
            const shown = confirmed || parameters["ReturnSubscriptionArn"] === "true" ? arn : "pending confirmation";
            return success(action, `<SubscriptionArn>${shown}</SubscriptionArn>`);
        }
        case "SetSubscriptionAttributes": {
            const { SubscriptionArn = "", AttributeName = "", AttributeValue = "" } = parameters;
            topics.setSubscriptionAttribute(SubscriptionArn, AttributeName, AttributeValue);
            return success(action, "");
        }
        case "ListSubscriptions":
            return success(action, subscriptionList(topics.subscriptions()));
        case "ListSubscriptionsByTopic":
            return success(action, subscriptionList(topics.subscriptions(topicArn)));
        default:
            if (!emulatedSns.has(action))
                throw notSupported(`SNS's ${action}`);
            return undefined;
    }
}
/** Whole: a laptop has few. One that waits for its owner's word has no ARN to show. */
function subscriptionList(subscriptions) {
    const members = subscriptions.map(({ arn, confirmed, protocol, endpoint, topicArn }) => `<member><SubscriptionArn>${confirmed ? arn : "PendingConfirmation"}</SubscriptionArn><Owner>${topicArn.split(":")[4]}</Owner>` +
        `<Protocol>${protocol}</Protocol><Endpoint>${escapeXml(endpoint)}</Endpoint><TopicArn>${topicArn}</TopicArn></member>`);
    return `<Subscriptions>${members.join("")}</Subscriptions>`;
}
function publishBatch(topics, topicArn, parameters) {
    const prefix = "PublishBatchRequestEntries.member";
    const entries = indexes(parameters, prefix).map((index) => `${prefix}.${index}.`);
    const ids = entries.map((entry) => parameters[`${entry}Id`] ?? "");
    if (entries.length === 0)
        throw new ServiceError("EmptyBatchRequest", "The batch request doesn't contain any entries.");
    if (entries.length > 10)
        throw new ServiceError("TooManyEntriesInBatchRequest", "The batch request contains more entries than permissible.");
    if (new Set(ids).size < ids.length)
        throw new ServiceError("BatchEntryIdsNotDistinct", "Two or more batch entries have the same Id.");
    const results = entries.map((entry, index) => {
        const id = `<Id>${escapeXml(ids[index])}</Id>`;
        try {
            const messageId = topics.publish(topicArn, readPublication(parameters, entry), parameters[`${entry}MessageStructure`]);
            return { done: `<member>${id}<MessageId>${messageId}</MessageId></member>`, failed: "" };
        }
        catch (error) {
            if (!(error instanceof ServiceError) || error.code === "NotFound" || error.status === 501)
                throw error;
            const reason = `<Code>${error.code}</Code><Message>${escapeXml(error.message)}</Message><SenderFault>true</SenderFault>`;
            return { done: "", failed: `<member>${id}${reason}</member>` };
        }
    });
    const joined = (kind) => results.map((result) => result[kind]).join("");
    return `<Successful>${joined("done")}</Successful><Failed>${joined("failed")}</Failed>`;
}
function readPublication(parameters, prefix) {
    for (const name of ["MessageGroupId", "MessageDeduplicationId"]) {
        if (parameters[prefix + name] !== undefined)
            throw notSupported(`SNS's ${name}`);
    }
    const messageAttributes = {};
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
function readMap(parameters, prefix, key, value) {
    const entries = indexes(parameters, prefix).map((index) => [
        parameters[`${prefix}.${index}.${key}`] ?? "",
        parameters[`${prefix}.${index}.${value}`] ?? "",
    ]);
    return Object.fromEntries(entries);
}
/** The numbers under which a list or map has its entries. */
function indexes(parameters, prefix) {
    const found = Object.keys(parameters)
        .filter((name) => name.startsWith(`${prefix}.`))
        .map((name) => name.slice(prefix.length + 1).split(".", 1)[0]);
    return [...new Set(found)];
}
function success(action, result) {
    return (`<${action}Response xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><${action}Result>${result}</${action}Result>` +
        `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></${action}Response>`);
}
const queueAttributes = /^(VisibilityTimeout|DelaySeconds|MaximumMessageSize|MessageRetentionPeriod|ReceiveMessageWaitTimeSeconds|RedrivePolicy|RedriveAllowPolicy|Policy|KmsMasterKeyId|KmsDataKeyReusePeriodSeconds|SqsManagedSseEnabled|FifoQueue|ContentBasedDeduplication)$/;
/** Parameters that the emulator honours, by action of SQS. */
const emulatedSqs = {
    ChangeMessageVisibility: /^(QueueUrl|ReceiptHandle|VisibilityTimeout)$/,
    ChangeMessageVisibilityBatch: /^(QueueUrl|Entries)$/,
    CreateQueue: /^(QueueName|Attributes|tags)$/,
    DeleteMessage: /^(QueueUrl|ReceiptHandle)$/,
    DeleteMessageBatch: /^(QueueUrl|Entries)$/,
    DeleteQueue: /^QueueUrl$/,
    GetQueueAttributes: /^(QueueUrl|AttributeNames)$/,
    GetQueueUrl: /^(QueueName|QueueOwnerAWSAccountId)$/,
    ListQueueTags: /^QueueUrl$/,
    ListQueues: /^(QueueNamePrefix|NextToken|MaxResults)$/,
    PurgeQueue: /^QueueUrl$/,
    ReceiveMessage: /^(QueueUrl|AttributeNames|MessageSystemAttributeNames|MessageAttributeNames|MaxNumberOfMessages|VisibilityTimeout|WaitTimeSeconds)$/,
    SendMessage: /^(QueueUrl|MessageBody|DelaySeconds|MessageAttributes|MessageDeduplicationId|MessageGroupId)$/,
    SendMessageBatch: /^(QueueUrl|Entries)$/,
    SetQueueAttributes: /^(QueueUrl|Attributes)$/,
    TagQueue: /^(QueueUrl|Tags)$/,
    UntagQueue: /^(QueueUrl|TagKeys)$/,
};
/** Lets through to the emulator what it honours. @throws ServiceError for the rest */
export function requireEmulatedSqs(target, body) {
    if (target === undefined)
        throw notSupported("SQS's Query protocol; use an SDK of 2024 or later, which speaks JSON");
    const action = target.replace("AmazonSQS.", "");
    const honoured = emulatedSqs[action];
    if (!honoured)
        throw notSupported(`SQS's ${action}`);
    const parameters = body;
    for (const name of Object.keys(parameters)) {
        if (!honoured.test(name))
            throw notSupported(`the parameter "${name}" of SQS's ${action}`);
    }
    if (action !== "CreateQueue" && action !== "SetQueueAttributes")
        return;
    for (const [name, value] of Object.entries(parameters["Attributes"] ?? {})) {
        if (!queueAttributes.test(name))
            throw notSupported(`the queue attribute "${name}"`);
        if (name === "Policy" && value !== "")
            requirePolicy(value);
    }
}
