import type { SqsBatch, SqsQueue } from "../fauxqs";
import { ServiceError } from "../wire";

/** Parameters of a call to SQS. */
export type Parameters = Readonly<Record<string, unknown>>;

/** Bounds of a message's own times, in seconds. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html */
const bounds = { DelaySeconds: 900, VisibilityTimeout: 43_200 };

const mostEntries = 10;

/** Refuses the times of one message that the emulator would take. @throws ServiceError InvalidParameterValue */
export function requireTimes(parameters: Parameters): void {
  for (const [name, most] of Object.entries(bounds)) {
    const { [name]: value } = parameters;
    if (value === undefined || (Number.isInteger(value) && Number(value) >= 0 && Number(value) <= most)) continue;
    const message = `Value ${JSON.stringify(value)} for parameter ${name} is invalid. Reason: Must be >= 0 and <= ${most}, if provided.`;
    throw new ServiceError("InvalidParameterValue", message);
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
  const { done, failed } = eachEntry("DeleteMessageBatch", parameters, (entry) => void deleteMessage(queue, entry));
  return { Successful: done.map(({ Id }) => ({ Id })), Failed: failed };
}

/**
 * A batch whose answer is the emulator's, for the entries whose times SQS takes: the others fail by themselves.
 *
 * @param answerOthers for a batch of at least one entry
 */
export function batchInTime(
  action: string,
  parameters: Parameters,
  answerOthers: (parameters: Parameters) => ReturnType<SqsBatch>,
): ReturnType<SqsBatch> {
  const { done, failed } = eachEntry(action, parameters, requireTimes);
  if (done.length === 0) return { Successful: [], Failed: failed };
  const { Successful, Failed } = answerOthers({ ...parameters, Entries: done });
  return { Successful, Failed: [...failed, ...Failed] };
}

/** Does the same for each entry of a batch. @throws ServiceError for what is wrong with the batch as a whole, and for a failure of the cloud */
function eachEntry(action: string, parameters: Parameters, act: (entry: Parameters) => void): { done: Parameters[]; failed: object[] } {
  const done: Parameters[] = [];
  const failed: object[] = [];
  for (const entry of entriesOf(action, parameters)) {
    try {
      act(entry);
      done.push(entry);
    } catch (error) {
      if (!(error instanceof ServiceError) || error.status >= 500) throw error;
      failed.push({ Id: entry["Id"], Code: error.code, Message: error.message, SenderFault: true });
    }
  }
  return { done, failed };
}

function entriesOf(action: string, { Entries }: Parameters): Parameters[] {
  const entries = Array.isArray(Entries) ? (Entries as Parameters[]) : [];
  const ids = entries.map(({ Id }) => String(Id));
  if (entries.length === 0)
    throw new ServiceError("EmptyBatchRequest", `There should be at least one ${action}RequestEntry in the request.`);
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
  return entries;
}

/** Receipts are UUIDs here. */
function requireReceipt(handle: unknown): asserts handle is string {
  if (/^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/.test(String(handle))) return;
  throw new ServiceError("ReceiptHandleIsInvalid", `The input receipt handle "${String(handle)}" is not a valid receipt handle.`);
}
