import type { SqsQueue, SqsStore } from "../fauxqs";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { pageOf } from "../pages";
import { notSupported, ServiceError } from "../wire";
import { readPolicyAttribute } from "./policies";

/** After a queue was deleted, as long its name is taken. */
const nameRestMilliseconds = 60_000;

/** Bounds of what is a number. https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html */
const bounds: Readonly<Record<string, readonly [least: number, most: number]>> = {
  DelaySeconds: [0, 900],
  KmsDataKeyReusePeriodSeconds: [60, 86_400],
  MaximumMessageSize: [1024, 1_048_576],
  MessageRetentionPeriod: [60, 1_209_600],
  ReceiveMessageWaitTimeSeconds: [0, 20],
  VisibilityTimeout: [0, 43_200],
};
const flags = ["ContentBasedDeduplication", "FifoQueue", "SqsManagedSseEnabled"];
/** Of queues that keep the order of their messages: only what SQS has when nobody says anything. */
const fifoDefaults: Readonly<Record<string, string>> = { DeduplicationScope: "queue", FifoThroughputLimit: "perQueue" };

const policies = ["KmsMasterKeyId", "Policy", "RedriveAllowPolicy", "RedrivePolicy"];
const readOnly = new Set([
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesDelayed",
  "ApproximateNumberOfMessagesNotVisible",
  "CreatedTimestamp",
  "LastModifiedTimestamp",
  "QueueArn",
]);

/** How a list of queues is asked for. */
interface ListPaging {
  MaxResults?: number;
  NextToken?: string;
}

/** The queues of one embedded cloud: the one place that has rules for them, whoever asks. Their messages are the emulator's. */
export class Queues {
  private readonly deleted: Kept<number>;

  constructor(
    private readonly context: CloudContext,
    private readonly store: SqsStore,
  ) {
    this.deleted = context.keeper.map<number>("sqs.deleted");
  }

  /** @throws ServiceError as SQS does when there is no such queue */
  at(url: string): SqsQueue {
    const queue = this.store.getQueue(url);
    if (!queue) throw new ServiceError("QueueDoesNotExist", "The specified queue does not exist.");
    return queue;
  }

  byArn(arn: string): SqsQueue | undefined {
    return this.store.getQueueByArn(arn);
  }

  arnOf(name: string): string {
    return `arn:aws:sqs:${this.context.region}:${this.context.accountId}:${name}`;
  }

  /** Makes a queue, or finds the one that is so already. @param host that its URL begins with */
  create(
    name: string,
    given: Readonly<Record<string, string>>,
    tags: Readonly<Record<string, string>>,
    host = new URL(this.context.endpointUrl).host,
  ): SqsQueue {
    const attributes: Record<string, string> = { ...given, ...(name.endsWith(".fifo") && { FifoQueue: "true" }) };
    requireName(name, attributes);
    this.requireAttributes(attributes);
    requireTags(tags);
    const existing = this.byArn(this.arnOf(name));
    if (existing) {
      const differing = Object.keys(attributes).find(
        (attribute) => (existing.getAttribute(attribute as "Policy") ?? "") !== attributes[attribute],
      );
      if (differing === undefined) return existing;
      throw new ServiceError(
        "QueueNameExists",
        `A queue already exists with the same name and a different value for attribute ${differing}`,
      );
    }
    this.requireRested(name);
    const url = `http://${host}/${this.context.accountId}/${name}`;
    const fifo = attributes["FifoQueue"] === "true" ? { ContentBasedDeduplication: "false", ...fifoDefaults } : {};
    return this.store.createQueue(name, url, this.arnOf(name), settled({ ...fifo }, attributes), { ...tags });
  }

  /** @param names `All`, or some; none gives none @throws ServiceError InvalidAttributeName for a name that SQS does not know */
  attributes(queue: SqsQueue, names: readonly string[]): Record<string, string> {
    const unknown = names.find((name) => name !== "All" && !readOnly.has(name) && !isSettable(name));
    if (unknown !== undefined) throw unknownAttribute(unknown);
    return queue.getAllAttributes([...names]);
  }

  /** Empty values take away what has no default. */
  setAttributes(queue: SqsQueue, attributes: Readonly<Record<string, string>>): void {
    this.requireAttributes(attributes);
    if (attributes["FifoQueue"] !== undefined && attributes["FifoQueue"] !== String(queue.isFifo())) {
      throw invalid("Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.");
    }
    const { attributes: before } = queue;
    queue.attributes = settled(before, attributes);
    try {
      queue.setAttributes({});
    } catch (error) {
      queue.attributes = before;
      throw error;
    }
  }

  setTags(queue: SqsQueue, tags: Readonly<Record<string, string>>): void {
    requireTags(tags);
    const { tags: before } = queue;
    queue.tags = new Map(Object.entries(tags));
    try {
      queue.persistence?.insertQueue(queue);
    } catch (error) {
      queue.tags = before;
      throw error;
    }
  }

  delete(queue: SqsQueue): void {
    // Whoever is not answered deletes it again.
    this.deleted.set(queue.name, this.context.clock.now());
    this.store.deleteQueue(queue.url);
  }

  /** ListQueues. */
  list({ QueueNamePrefix: prefix = "", ...paging }: ListPaging & { QueueNamePrefix?: string }) {
    const { page, next } = this.page("ListQueues", ({ name }) => name.startsWith(prefix), paging);
    return { QueueUrls: page, ...next };
  }

  /** ListDeadLetterSourceQueues: the queues whose messages end in this one. SQS spells its answer in lower case. */
  sources(queue: SqsQueue, paging: ListPaging) {
    const leadsHere = ({ attributes }: SqsQueue) => {
      const { RedrivePolicy: policy } = attributes as Record<string, string | undefined>;
      return policy !== undefined && (JSON.parse(policy) as { deadLetterTargetArn?: string }).deadLetterTargetArn === queue.arn;
    };
    const { page, next } = this.page(`ListDeadLetterSourceQueues ${queue.name}`, leadsHere, paging);
    return { queueUrls: page, ...next };
  }

  private page(list: string, isWanted: (queue: SqsQueue) => boolean, { MaxResults: limit, NextToken: token }: ListPaging) {
    const queues = [...this.store.allQueues()].filter(isWanted).sort((a, b) => (a.name < b.name ? -1 : 1));
    if (limit !== undefined && !(Number.isInteger(limit) && limit >= 1 && limit <= 1000)) {
      throw new ServiceError(
        "InvalidParameterValue",
        "Value for parameter MaxResults is invalid. Reason: Must be between 1 and 1000, if provided.",
      );
    }
    const invalid = () => new ServiceError("InvalidParameterValue", "Invalid or expired next token.");
    const idOf = ({ name }: SqsQueue) => name;
    const { page, next } = pageOf(queues, { list, idOf, limit: limit ?? 1000, token, invalid });
    // Whoever asks for no pages gets the first thousand alone.
    return { page: page.map(({ url }) => url), next: limit !== undefined && next !== undefined ? { NextToken: next } : {} };
  }

  private requireRested(name: string): void {
    const deletedAt = this.deleted.get(name);
    if (deletedAt === undefined) return;
    if (this.context.clock.now() - deletedAt < nameRestMilliseconds) {
      const message = "You must wait 60 seconds after deleting a queue before you can create another with the same name.";
      throw new ServiceError("QueueDeletedRecently", message);
    }
    this.deleted.delete(name);
  }

  private requireAttributes(attributes: Readonly<Record<string, string>>): void {
    for (const [name, value] of Object.entries(attributes)) this.requireAttribute(name, value);
    if (attributes["KmsMasterKeyId"] && attributes["SqsManagedSseEnabled"] === "true") {
      throw invalid("You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.");
    }
  }

  private requireAttribute(name: string, value: string): void {
    const { [name]: bound } = bounds;
    if (bound) {
      const [least, most] = bound;
      if (/^\d+$/.test(value) && Number(value) >= least && Number(value) <= most) return;
      throw invalid(`Invalid value for the parameter ${name}. Reason: Must be between ${least} and ${most}.`);
    }
    if (flags.includes(name)) {
      if (value !== "true" && value !== "false") throw invalid(`Invalid value for the parameter ${name}. Reason: Must be true or false.`);
      return;
    }
    if (fifoDefaults[name] !== undefined) {
      if (value !== fifoDefaults[name]) throw notSupported(`the queue attribute "${name}" with the value ${value}`);
      return;
    }
    switch (name) {
      case "KmsMasterKeyId":
        return;
      case "Policy":
        if (value !== "") readPolicyAttribute("sqs", value);
        return;
      case "RedrivePolicy":
        if (value !== "") this.requireRedrive(value);
        return;
      case "RedriveAllowPolicy":
        if (value !== "") requireRedriveAllow(value);
        return;
      default:
        throw unknownAttribute(name);
    }
  }

  private requireRedrive(text: string): void {
    const refused = (reason: string) =>
      new ServiceError("InvalidParameterValue", `Value ${text} for parameter RedrivePolicy is invalid. Reason: ${reason}`);
    const { deadLetterTargetArn: arn, maxReceiveCount: count } = readObject(text) ?? {};
    if (typeof arn !== "string") throw refused("Redrive policy does not contain mandatory attribute: deadLetterTargetArn.");
    if (count === undefined) throw refused("Redrive policy does not contain mandatory attribute: maxReceiveCount.");
    const times = Number(count);
    if (!Number.isInteger(times) || times < 1 || times > 1000) {
      throw refused("Invalid value for maxReceiveCount: " + JSON.stringify(count) + ", valid values are from 1 to 1000 both inclusive.");
    }
    if (!this.byArn(arn)) throw refused("Dead letter target does not exist.");
  }
}

/** Attributes after a change; of the two ways to encrypt the later one is in force. */
function settled(before: Readonly<Record<string, string>>, change: Readonly<Record<string, string>>): Record<string, string> {
  const after = { ...before, ...change };
  if (change["KmsMasterKeyId"]) after["SqsManagedSseEnabled"] = "false";
  else if (change["SqsManagedSseEnabled"] === "true") after["KmsMasterKeyId"] = "";
  return Object.fromEntries(Object.entries(after).filter(([, value]) => value !== ""));
}

function requireName(name: string, { FifoQueue: fifo }: Readonly<Record<string, string>>): void {
  const isFifo = name.endsWith(".fifo");
  if (!/^[A-Za-z0-9_-]+(\.fifo)?$/.test(name) || name.length > 80) {
    const message = "Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length";
    throw new ServiceError("InvalidParameterValue", message);
  }
  if (fifo === "true" && !isFifo) {
    const message =
      "The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.";
    throw new ServiceError("InvalidParameterValue", message);
  }
}

function requireRedriveAllow(text: string): void {
  const { redrivePermission: permission, sourceQueueArns: sources } = readObject(text) ?? {};
  if (["allowAll", "denyAll"].includes(permission as string) && sources === undefined) return;
  if (permission === "byQueue" && Array.isArray(sources) && sources.length >= 1 && sources.length <= 10) return;
  throw new ServiceError("InvalidParameterValue", `Value ${text} for parameter RedriveAllowPolicy is invalid.`);
}

/** https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-queue-tags.html */
function requireTags(tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags);
  if (pairs.length > 50) throw new ServiceError("InvalidParameterValue", "Too many tags added for queue.");
  const wrong = pairs.find(([key, value]) => key === "" || key.length > 128 || key.startsWith("aws:") || value.length > 256);
  if (wrong) throw new ServiceError("InvalidParameterValue", `Tag keys or values are invalid: ${JSON.stringify(wrong[0])}`);
}

function readObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

function isSettable(name: string): boolean {
  return name in bounds || name in fifoDefaults || flags.includes(name) || policies.includes(name);
}

function unknownAttribute(name: string): ServiceError {
  return new ServiceError("InvalidAttributeName", `Unknown Attribute ${name}.`);
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidAttributeValue", message);
}
