import { randomUUID } from "node:crypto";
import { isoNow } from "../clock";
import { atOnce } from "../emulatorState";
import type { EmulatorState, SnsStore, SqsStore, SqsStoreClass } from "../fauxqs";
import type { CloudContext, EventTargets } from "../ports";
import { notSupported, ServiceError } from "../wire";
import { readFilterPolicy, type Filter, type Filterable, type MessageAttribute } from "./filterPolicy";
import { defaultTopicPolicy } from "./policies";
import { describedTopic, requireTopicAttribute, requireTopicTags } from "./topicAttributes";

type Subscription = NonNullable<ReturnType<SnsStore["getSubscription"]>>;

/** A message to a topic. */
export interface Publication extends Filterable {
  subject?: string | undefined;
}

/** Largest message with its attributes (SNS quotas). */
const messageLimitBytes = 262_144;

const settable = /^(DeliveryPolicy|FilterPolicy|FilterPolicyScope|RawMessageDelivery|RedrivePolicy|ReplayPolicy|SubscriptionRoleArn)$/;
const subscriptionAttributes = new Set(["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"]);

/** Topics, subscriptions and what goes through them. Kept in the emulator's store; delivered by us, to functions too. */
export class Topics {
  private readonly filters = new Map<string, Filter>();
  private toldOfEmail = false;

  constructor(
    private readonly context: CloudContext,
    private readonly store: SnsStore,
    private readonly queues: SqsStore,
    private readonly Queues: SqsStoreClass,
    private readonly targets: EventTargets,
  ) {}

  /** Creates a topic, or finds the one of that name. @returns its ARN */
  create(name: string, attributes: Readonly<Record<string, string>>, tags: Readonly<Record<string, string>> = {}): string {
    if (name.endsWith(".fifo")) throw notSupported("FIFO topics");
    if (!/^[A-Za-z0-9_-]{1,256}$/.test(name)) throw new ServiceError("InvalidParameter", "Invalid parameter: Topic Name");
    for (const [attribute, value] of Object.entries(attributes)) requireTopicAttribute(attribute, value);
    requireTopicTags(tags);
    const known = Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== ""));
    return this.atOnce((state) => {
      const topic = this.store.createTopic(name, known, { ...tags }, this.context.region);
      state?.insertTopic(topic);
      return topic.arn;
    });
  }

  /** Takes a topic and its subscriptions away; one that is not there is gone already. */
  delete(topicArn: string): void {
    this.atOnce(() => this.store.deleteTopic(topicArn));
  }

  /** What GetTopicAttributes answers. */
  attributes(topicArn: string): Record<string, string> {
    return describedTopic(this.topic(topicArn), this.subscriptions(topicArn), defaultTopicPolicy(topicArn));
  }

  /** @param value empty for what the topic would have without it */
  setAttribute(topicArn: string, name: string, value: string): void {
    const topic = this.topic(topicArn);
    requireTopicAttribute(name, value);
    const { [name]: _, ...others } = topic.attributes;
    topic.attributes = value === "" ? others : { ...others, [name]: value };
    this.store.persistence?.insertTopic(topic);
  }

  /** ARNs of all topics, in their order. */
  arns(): string[] {
    return [...this.store.topics.keys()].sort();
  }

  /** @throws ServiceError for a topic that does not exist */
  tags(topicArn: string): Record<string, string> {
    const topic = this.store.getTopic(topicArn);
    if (!topic) throw new ServiceError("ResourceNotFound", "Resource does not exist", 404);
    return Object.fromEntries(topic.tags);
  }

  setTags(topicArn: string, tags: Readonly<Record<string, string>>): void {
    const topic = this.topic(topicArn);
    requireTopicTags(tags);
    topic.tags = new Map(Object.entries(tags));
    this.store.persistence?.insertTopic(topic);
  }

  /** Subscribes; the same endpoint again gives the same subscription. @throws ServiceError for what would never be delivered */
  subscribe(topicArn: string, protocol: string, endpoint: string, attributes: Record<string, string>): Subscription {
    this.topic(topicArn);
    if (protocol === "email" || protocol === "email-json") {
      if (!this.toldOfEmail) {
        const message = `The embedded cloud sends no email: ${endpoint}, and every other address, stays pending.`;
        this.context.emit({ kind: "warning", message });
      }
      this.toldOfEmail = true;
    } else if (protocol !== "sqs" && protocol !== "lambda") {
      throw notSupported(`subscriptions with the protocol "${protocol}"`);
    } else if (endpoint.split(":")[2] !== protocol || endpoint.endsWith(".fifo")) {
      throw new ServiceError("InvalidParameter", `Invalid parameter: ${protocol.toUpperCase()} endpoint ARN: ${endpoint}`);
    }
    requireAttributes(protocol, attributes);
    return this.atOnce((state) => {
      const subscription = this.store.subscribe(topicArn, protocol, endpoint, attributes) as Subscription;
      subscription.confirmed = protocol === "sqs" || protocol === "lambda";
      state?.insertSubscription(subscription);
      return subscription;
    });
  }

  /** What GetSubscriptionAttributes answers. */
  subscriptionAttributes(subscriptionArn: string): Record<string, string> {
    const { arn, topicArn, protocol, endpoint, confirmed, attributes } = this.subscription(subscriptionArn);
    return {
      SubscriptionPrincipal: `arn:aws:iam::${this.context.accountId}:root`,
      Owner: this.context.accountId,
      RawMessageDelivery: "false",
      TopicArn: topicArn,
      Endpoint: endpoint,
      Protocol: protocol,
      PendingConfirmation: String(!confirmed),
      ConfirmationWasAuthenticated: String(confirmed),
      SubscriptionArn: arn,
      ...(attributes["FilterPolicy"] !== undefined && { FilterPolicyScope: "MessageAttributes" }),
      ...attributes,
    };
  }

  /** Ends a subscription; one that is not there has ended already. */
  unsubscribe(subscriptionArn: string): void {
    this.atOnce(() => this.store.unsubscribe(subscriptionArn));
  }

  /** Changes one attribute of a subscription. */
  setSubscriptionAttribute(subscriptionArn: string, name: string, value: string): void {
    const subscription = this.subscription(subscriptionArn);
    const { [name]: _, ...others } = subscription.attributes;
    // An empty filter lets everything pass.
    const taken = value === "" || (name === "FilterPolicy" && /^\s*\{\s*\}\s*$/.test(value));
    const attributes = taken ? others : { ...others, [name]: value };
    if (taken && !settable.test(name)) throw new ServiceError("InvalidParameter", "Invalid parameter: AttributeName");
    requireAttributes(subscription.protocol, attributes);
    subscription.attributes = attributes;
    this.store.persistence?.updateSubscriptionAttributes(subscriptionArn, attributes);
  }

  /** Of one topic, or of all. @throws ServiceError for a topic that does not exist */
  subscriptions(topicArn?: string): Subscription[] {
    const topics = topicArn === undefined ? [...this.store.topics.values()] : [this.topic(topicArn)];
    return topics.flatMap(({ subscriptionArns }) => subscriptionArns.flatMap((arn) => this.store.getSubscription(arn) ?? []));
  }

  /** Hands a message to every subscription whose filter lets it pass. @returns the message's id */
  publish(topicArn: string, publication: Publication, structure?: string): string {
    const topic = this.topic(topicArn);
    requireSendable(publication);
    const perProtocol = structure === undefined ? undefined : readStructure(structure, publication.message);
    const messageId = randomUUID();
    const signatureVersion = topic.attributes["SignatureVersion"] ?? "1";
    const timestamp = isoNow(this.context.clock);
    for (const subscriptionArn of topic.subscriptionArns) {
      const subscription = this.store.getSubscription(subscriptionArn);
      if (!subscription?.confirmed || !this.passes(subscription, publication)) continue;
      const message = perProtocol?.[subscription.protocol] ?? perProtocol?.["default"] ?? publication.message;
      const delivery = { ...publication, message, messageId, timestamp, topicArn, signatureVersion };
      if (subscription.protocol === "lambda") this.toFunction(subscription, delivery);
      else this.toQueue(subscription, delivery);
    }
    return messageId;
  }

  private atOnce<Result>(write: (state: EmulatorState | undefined) => Result): Result {
    const { persistence: state } = this.store;
    return atOnce(state, () => write(state));
  }

  private topic(topicArn: string) {
    const topic = this.store.getTopic(topicArn);
    if (!topic) throw new ServiceError("NotFound", "Topic does not exist", 404);
    return topic;
  }

  private subscription(subscriptionArn: string): Subscription {
    const subscription = this.store.getSubscription(subscriptionArn);
    if (!subscription) throw new ServiceError("NotFound", "Subscription does not exist", 404);
    return subscription;
  }

  private passes({ attributes }: Subscription, publication: Publication): boolean {
    const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
    if (policy === undefined) return true;
    const key = `${scope}${policy}`;
    const filter = this.filters.get(key) ?? readFilterPolicy(policy, scope);
    this.filters.set(key, filter);
    return filter(publication);
  }

  private toQueue(subscription: Subscription, delivery: Delivery): void {
    try {
      this.enqueue(subscription.endpoint, subscription, delivery);
    } catch (error) {
      this.bury(subscription, delivery, (error as Error).message);
    }
  }

  private toFunction(subscription: Subscription, delivery: Delivery): void {
    const event = { Records: [functionRecord(subscription, delivery, this.context)] };
    this.targets
      .invokeFunction(subscription.endpoint, event, { principal: "sns.amazonaws.com", sourceArn: delivery.topicArn })
      .catch((error: Error) => this.bury(subscription, delivery, error.message));
  }

  /** What can't be delivered goes to the subscription's dead-letter queue, and is lost without one. */
  private bury(subscription: Subscription, delivery: Delivery, reason: string): void {
    const { RedrivePolicy: policy } = subscription.attributes;
    const deadLetterArn = policy === undefined ? undefined : (JSON.parse(policy) as { deadLetterTargetArn: string }).deadLetterTargetArn;
    let outcome = "is lost: the subscription has no dead-letter queue";
    if (deadLetterArn !== undefined) {
      try {
        this.enqueue(deadLetterArn, subscription, delivery);
        outcome = `went to ${deadLetterArn}`;
      } catch (error) {
        outcome = `is lost: its dead-letter queue ${deadLetterArn} did not take it (${(error as Error).message})`;
      }
    }
    const message = `A message of ${delivery.topicArn} was not delivered to ${subscription.endpoint} (${reason}) and ${outcome}.`;
    this.context.emit({ kind: "warning", message });
  }

  /** @throws Error when the queue is not there, or its policy does not let the topic in */
  private enqueue(queueArn: string, subscription: Subscription, delivery: Delivery): void {
    const queue = this.queues.getQueueByArn(queueArn);
    if (!queue) throw new Error("the queue does not exist");
    const source = { principal: "sns.amazonaws.com", sourceArn: delivery.topicArn };
    this.context.access.requireService(source, { action: "sqs:SendMessage", resource: queueArn });
    const raw = subscription.attributes["RawMessageDelivery"] === "true";
    const body = raw ? delivery.message : JSON.stringify(envelope(subscription, delivery, this.context));
    const delaySeconds = Number(queue.attributes["DelaySeconds"]);
    const attributes = raw ? (delivery.messageAttributes as Parameters<SqsStoreClass["createMessage"]>[1]) : {};
    queue.enqueue(this.Queues.createMessage(body, attributes, delaySeconds > 0 ? delaySeconds : undefined));
  }
}

interface Delivery extends Publication {
  messageId: string;
  timestamp: string;
  topicArn: string;
  signatureVersion: string;
}

function envelope({ arn }: Subscription, delivery: Delivery, { region, endpointUrl }: CloudContext) {
  const attributes = shownAttributes(delivery.messageAttributes);
  return {
    Type: "Notification",
    MessageId: delivery.messageId,
    TopicArn: delivery.topicArn,
    ...(delivery.subject !== undefined && { Subject: delivery.subject }),
    Message: delivery.message,
    Timestamp: delivery.timestamp,
    SignatureVersion: delivery.signatureVersion,
    Signature: "EXAMPLE",
    SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
    UnsubscribeURL: `${endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${arn}`,
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}

/** Lambda's document spells some names in its own way, and always has a subject and attributes. */
function functionRecord(subscription: Subscription, delivery: Delivery, context: CloudContext) {
  const { SigningCertURL, UnsubscribeURL, Subject = null, MessageAttributes = {}, ...common } = envelope(subscription, delivery, context);
  return {
    EventSource: "aws:sns",
    EventVersion: "1.0",
    EventSubscriptionArn: subscription.arn,
    Sns: { ...common, SigningCertUrl: SigningCertURL, Subject, UnsubscribeUrl: UnsubscribeURL, MessageAttributes },
  };
}

function shownAttributes(attributes: Publication["messageAttributes"]): Record<string, { Type: string; Value: string }> {
  const shown = ({ DataType, StringValue, BinaryValue }: MessageAttribute) => ({ Type: DataType, Value: StringValue ?? BinaryValue ?? "" });
  return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, shown(attribute)]));
}

function requireAttributes(protocol: string, attributes: Record<string, string>): void {
  for (const name of Object.keys(attributes)) {
    if (!subscriptionAttributes.has(name)) throw notSupported(`the subscription attribute "${name}"`);
  }
  const { FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy } = attributes;
  if (FilterPolicy !== undefined) readFilterPolicy(FilterPolicy, FilterPolicyScope);
  if (RawMessageDelivery === "true" && protocol !== "sqs") {
    throw new ServiceError(
      "InvalidParameter",
      `Invalid parameter: Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`,
    );
  }
  if (RedrivePolicy !== undefined && !/"deadLetterTargetArn"\s*:\s*"arn:[^"]+:sqs:[^"]+"/.test(RedrivePolicy)) {
    throw new ServiceError("InvalidParameter", "Invalid parameter: RedrivePolicy: deadLetterTargetArn is not the ARN of a queue");
  }
}

function requireSendable({ message, subject, messageAttributes }: Publication): void {
  const bytes =
    Buffer.byteLength(message) +
    Object.entries(messageAttributes).reduce(
      (sum, [name, { DataType, StringValue = "", BinaryValue = "" }]) =>
        sum + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, "base64"),
      0,
    );
  if (message === "") throw new ServiceError("InvalidParameter", "Invalid parameter: Empty message");
  if (bytes > messageLimitBytes) throw new ServiceError("InvalidParameter", "Invalid parameter: Message too long");
  if (subject !== undefined && !/^[\x20-\x7e]{1,99}$/.test(subject)) {
    throw new ServiceError("InvalidParameter", "Invalid parameter: Subject");
  }
}

function readStructure(structure: string, message: string): Record<string, string> {
  if (structure !== "json") throw new ServiceError("InvalidParameter", "Invalid parameter: MessageStructure");
  try {
    const parsed = JSON.parse(message) as Record<string, string>;
    if (typeof parsed["default"] === "string") return parsed;
  } catch {
    throw new ServiceError("InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse");
  }
  throw new ServiceError("InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body");
}
