import { judgedBy, keyNeeds, readJson, text } from "./table";
const arn = (place, name) => `arn:aws:sqs:${place.region}:${place.accountId}:${name}`;
const named = (input, place) => arn(place, text(input, "QueueName"));
const queue = (input, place) => arn(place, text(input, "QueueUrl").split("/").at(-1) ?? "");
const one = { on: queue };
const decrypts = (input, place) => keyNeeds(queue(input, place), place, "sqs", "Decrypt");
const encrypts = (input, place) => keyNeeds(queue(input, place), place, "sqs", "GenerateDataKey", "Decrypt");
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsqs.html */
export const sqs = judgedBy("sqs", {
    ChangeMessageVisibility: one,
    ChangeMessageVisibilityBatch: { on: queue, action: "ChangeMessageVisibility" },
    CreateQueue: { on: named },
    DeleteMessage: one,
    DeleteMessageBatch: { on: queue, action: "DeleteMessage" },
    DeleteQueue: one,
    GetQueueAttributes: one,
    GetQueueUrl: { on: named },
    ListQueueTags: one,
    ListQueues: { on: (_, place) => arn(place, "*") },
    PurgeQueue: one,
    ReceiveMessage: { on: queue, also: decrypts },
    SendMessage: { on: queue, also: encrypts },
    SendMessageBatch: { on: queue, action: "SendMessage", also: encrypts },
    SetQueueAttributes: one,
    TagQueue: one,
    UntagQueue: one,
}, readJson);
