import type { SqsQueue } from "../fauxqs";
import { ServiceError } from "../wire";

/** Parameters of a call to SQS. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Bounds of a message's own times, in seconds. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const bounds = { DelaySeconds: 900, VisibilityTimeout: 43_200 };

const mostEntries = 10;

/** Refuses the times of a call about messages that the emulator would take. @throws ServiceError InvalidParameterValue */
export function requireTimes(parameters: Parameters): void {
  for (const [name, most] of Object.entries(bounds)) {
    for (const { [name]: value } of [parameters, ...entriesIn(parameters)]) {
      if (value === undefined || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most)) continue;
      const message = `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be >= 0 and <= ${most}, if provided.`;
      throw new ServiceError("InvalidParameterValue", message);
    }
  }
}

/** DeleteMessage. A message that is gone already is no error; what can be no receipt is. */
export function deleteMessage(queue: SqsQueue, { ReceiptHandle: handle }: Parameters): object {
  if (handle === undefined) throw new ServiceError("MissingParameter", "The request must contain the parameter ReceiptHandle.");
  requireReceipt(handle);
  queue.deleteMessage(handle);
  return {};
}

/** DeleteMessageBatch: each entry by itself. */
export function deleteMessages(queue: SqsQueue, parameters: Parameters): object {
  const entries = entriesIn(parameters);
  const ids = entries.map(({ Id }) => String(Id));
  if (entries.length === 0)
    throw new ServiceError("EmptyBatchRequest", "There should be at least one DeleteMessageBatchRequestEntry in the request.");
  if (entries.length > mostEntries) {
    const message = `Maximum number of entries per request are ${mostEntries}. You have sent ${entries.length}.`;
    throw new ServiceError("TooManyEntriesInBatchRequest", message);
  }
  if (!ids.every((id) => /^[\w-]{1,80}$/.test(id))) {
    const message =
      "A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.";
    throw new ServiceError("InvalidBatchEntryId", message);
  }
  const twice = ids.find((id, index) => ids.indexOf(id) < index);
  if (twice !== undefined) throw new ServiceError("BatchEntryIdsNotDistinct", `Id ${twice} repeated.`);
  const failures = entries.map((entry) => {
    try {
      deleteMessage(queue, entry);
      return undefined;
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status >= 500) throw error;
      return { Code: error.code, Message: error.message, SenderFault: true };
    }
  });
  return {
    Successful: ids.filter((_, index) => failures[index] === undefined).map((Id) => ({ Id })),
    Failed: failures.flatMap((failure, index) => (failure ? [{ Id: ids[index], ...failure }] : [])),
  };
}

function entriesIn({ Entries }: Parameters): Parameters[] {
  return Array.isArray(Entries) ? (Entries as Parameters[]) : [];
}

/** Receipts are UUIDs here. */
function requireReceipt(handle: unknown): asserts handle is string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(String(handle))) return;
  throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle "${String(handle)}" is not a valid receipt handle.`);
}
