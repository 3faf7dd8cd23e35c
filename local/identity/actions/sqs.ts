import { judgedBy, keyNeeds, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, name: string) => `arn:aws:sqs:${place.region}:${place.accountId}:${name}`;
const named = (input: Input, place: Place) => arn(place, text(input, "QueueName"));
const queue = (input: Input, place: Place) => arn(place, text(input, "QueueUrl").split("/").at(-1) ?? "");
const one: Rule = { on: queue };
const decrypts = (input: Input, place: Place) => keyNeeds(queue(input, place), place, "sqs", "Decrypt");
const encrypts = (input: Input, place: Place) => keyNeeds(queue(input, place), place, "sqs", "GenerateDataKey", "Decrypt");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html */
export const sqs = judgedBy(
  "sqs",
  {
    ChangeMessageVisibility: one,
    ChangeMessageVisibilityBatch: { on: queue, action: "ChangeMessageVisibility" },
    CreateQueue: { on: named },
    DeleteMessage: one,
    DeleteMessageBatch: { on: queue, action: "DeleteMessage" },
    DeleteQueue: one,
    GetQueueAttributes: one,
    GetQueueUrl: { on: named },
    ListDeadLetterSourceQueues: one,
    ListQueueTags: one,
    ListQueues: { on: (_, place) => arn(place, "*") },
    PurgeQueue: one,
    ReceiveMessage: { on: queue, also: decrypts },
    SendMessage: { on: queue, also: encrypts },
    SendMessageBatch: { on: queue, action: "SendMessage", also: encrypts },
    SetQueueAttributes: one,
    TagQueue: one,
    UntagQueue: one,
  },
  readJson,
);
