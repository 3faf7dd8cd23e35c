import type { SqsBatch, SqsQueue } from "../fauxqs";
import { notSupported, ServiceError } from "../wire";
import { batchInTime, deleteMessage, deleteMessages, requireTimes, type Parameters } from "./messageCalls";
import type { Queues } from "./queues";

/** Parameters that are honoured, by action of SQS. */
const honouredParameters: Record<string, RegExp> = {
  ChangeMessageVisibility: /^(QueueUrl|ReceiptHandle|VisibilityTimeout)$/,
  ChangeMessageVisibilityBatch: /^(QueueUrl|Entries)$/,
  CreateQueue: /^(QueueName|Attributes|tags)$/,
  DeleteMessage: /^(QueueUrl|ReceiptHandle)$/,
  DeleteMessageBatch: /^(QueueUrl|Entries)$/,
  DeleteQueue: /^QueueUrl$/,
  GetQueueAttributes: /^(QueueUrl|AttributeNames)$/,
  GetQueueUrl: /^(QueueName|QueueOwnerAWSAccountId)$/,
  ListDeadLetterSourceQueues: /^(QueueUrl|NextToken|MaxResults)$/,
  ListQueueTags: /^QueueUrl$/,
  ListQueues: /^(QueueNamePrefix|NextToken|MaxResults)$/,
  PurgeQueue: /^QueueUrl$/,
  ReceiveMessage:
    /^(QueueUrl|AttributeNames|MessageSystemAttributeNames|MessageAttributeNames|MaxNumberOfMessages|VisibilityTimeout|WaitTimeSeconds)$/,
  SendMessage: /^(QueueUrl|MessageBody|DelaySeconds|MessageAttributes|MessageDeduplicationId|MessageGroupId)$/,
  SendMessageBatch: /^(QueueUrl|Entries)$/,
  SetQueueAttributes: /^(QueueUrl|Attributes)$/,
  TagQueue: /^(QueueUrl|Tags)$/,
  UntagQueue: /^(QueueUrl|TagKeys)$/,
};

/** How the emulator answers a batch, by its action. */
export type Batches = Record<"SendMessageBatch" | "ChangeMessageVisibilityBatch", (parameters: Parameters) => ReturnType<SqsBatch>>;

/**
 * Answers a call to SQS that is about queues, deletes messages or is a batch; what else is about messages is the emulator's.
 *
 * @param batches those that the emulator answers, once each entry's times are known to be right
 * @param host as the caller has named it: what a new queue's URL begins with
 * @returns undefined for what is the emulator's to answer
 * @throws ServiceError also for a call that nobody honours
 */
export function answerSqs(
  queues: Queues,
  batches: Batches,
  target: string | undefined,
  parameters: Parameters,
  host: string,
): object | undefined {
  if (target === undefined) throw notSupported("SQS's Query protocol; use an SDK of 2024 or later, which speaks JSON");
  const action = target.replace("AmazonSQS.", "");
  const honoured = Object.hasOwn(honouredParameters, action) ? honouredParameters[action] : undefined;
  if (!honoured) throw notSupported(`SQS's ${action}`);
  for (const name of Object.keys(parameters)) {
    if (!honoured.test(name)) throw notSupported(`the parameter "${name}" of SQS's ${action}`);
  }
  switch (action) {
    case "CreateQueue":
      return {
        QueueUrl: queues.create(textOf(parameters, "QueueName"), mapOf(parameters, "Attributes"), mapOf(parameters, "tags"), host).url,
      };
    case "SetQueueAttributes":
      queues.setAttributes(named(queues, parameters), mapOf(parameters, "Attributes"));
      return {};
    case "GetQueueAttributes":
      return { Attributes: queues.attributes(named(queues, parameters), (parameters["AttributeNames"] ?? []) as string[]) };
    case "DeleteQueue":
      queues.delete(named(queues, parameters));
      return {};
    case "TagQueue": {
      const queue = named(queues, parameters);
      queues.setTags(queue, { ...Object.fromEntries(queue.tags), ...mapOf(parameters, "Tags") });
      return {};
    }
    case "UntagQueue": {
      const queue = named(queues, parameters);
      const keys = (parameters["TagKeys"] ?? []) as string[];
      queues.setTags(queue, Object.fromEntries([...queue.tags].filter(([key]) => !keys.includes(key))));
      return {};
    }
    case "ListQueues":
      return queues.list(parameters);
    case "ListDeadLetterSourceQueues":
      return queues.sources(named(queues, parameters), parameters);
    case "DeleteMessage":
      return deleteMessage(named(queues, parameters), parameters);
    case "DeleteMessageBatch":
      return deleteMessages(named(queues, parameters), parameters);
    case "SendMessageBatch":
    case "ChangeMessageVisibilityBatch":
      named(queues, parameters);
      return batchInTime(action, parameters, batches[action]);
    default:
      requireTimes(parameters);
      return undefined;
  }
}

function named(queues: Queues, parameters: Parameters): SqsQueue {
  return queues.at(textOf(parameters, "QueueUrl"));
}

function textOf(parameters: Parameters, name: string): string {
  const value = parameters[name];
  if (typeof value === "string" && value !== "") return value;
  throw new ServiceError("MissingParameter", `The request must contain the parameter ${name}.`);
}

function mapOf(parameters: Parameters, name: string): Record<string, string> {
  return (parameters[name] ?? {}) as Record<string, string>;
}
