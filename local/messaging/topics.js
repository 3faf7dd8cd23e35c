import { randomUUID } from "node:crypto";
import { isoNow } from "../clock";
import { notSupported, ServiceError } from "../wire";
import { readFilterPolicy } from "./filterPolicy";
import { requirePolicy } from "./policies";
/** Largest message with its attributes (SNS quotas). */
const messageLimitBytes = 262_144;
const subscriptionAttributes = new Set(["FilterPolicy", "FilterPolicyScope", "RawMessageDelivery", "RedrivePolicy"]);
/** Topics, subscriptions and what goes through them. Kept in the emulator's store; delivered by us, to functions too. */
export class Topics {
    context;
    store;
    queues;
    Queues;
    targets;
    filters = new Map();
    toldOfEmail = false;
    constructor(context, store, queues, Queues, targets) {
        this.context = context;
        this.store = store;
        this.queues = queues;
        this.Queues = Queues;
        this.targets = targets;
    }
    /** Creates a topic, or finds the one of that name. @returns its ARN */
    create(name, attributes) {
        if (name.endsWith(".fifo") || attributes["FifoTopic"] === "true")
            throw notSupported("FIFO topics");
        if (attributes["Policy"])
            requirePolicy(attributes["Policy"]);
        return this.store.createTopic(name, attributes, {}, this.context.region).arn;
    }
    /** Sets what GetTopicAttributes gives back. */
    setAttribute(topicArn, name, value) {
        if (name === "Policy")
            requirePolicy(value);
        this.topic(topicArn).attributes[name] = value;
    }
    /** Subscribes; the same endpoint again gives the same subscription. @throws ServiceError for what would never be delivered */
    subscribe(topicArn, protocol, endpoint, attributes) {
        this.topic(topicArn);
        if (protocol === "email" || protocol === "email-json") {
            if (!this.toldOfEmail) {
                const message = `The embedded cloud sends no email: ${endpoint}, and every other address, stays pending.`;
                this.context.emit({ kind: "warning", message });
            }
            this.toldOfEmail = true;
        }
        else if (protocol !== "sqs" && protocol !== "lambda") {
            throw notSupported(`subscriptions with the protocol "${protocol}"`);
        }
        else if (endpoint.split(":")[2] !== protocol || endpoint.endsWith(".fifo")) {
            throw new ServiceError("InvalidParameter", `Invalid parameter: ${protocol.toUpperCase()} endpoint ARN: ${endpoint}`);
        }
        requireAttributes(protocol, attributes);
        const subscription = this.store.subscribe(topicArn, protocol, endpoint, attributes);
        subscription.confirmed = protocol === "sqs" || protocol === "lambda";
        return subscription;
    }
    /** Changes one attribute of a subscription. */
    setSubscriptionAttribute(subscriptionArn, name, value) {
        const subscription = this.store.getSubscription(subscriptionArn);
        if (!subscription)
            throw new ServiceError("NotFound", "Subscription does not exist", 404);
        const { [name]: _, ...others } = subscription.attributes;
        const attributes = value === "" ? others : { ...others, [name]: value };
        requireAttributes(subscription.protocol, attributes);
        subscription.attributes = attributes;
    }
    /** Of one topic, or of all. @throws ServiceError for a topic that does not exist */
    subscriptions(topicArn) {
        const topics = topicArn === undefined ? [...this.store.topics.values()] : [this.topic(topicArn)];
        return topics.flatMap(({ subscriptionArns }) => subscriptionArns.flatMap((arn) => this.store.getSubscription(arn) ?? []));
    }
    /** Hands a message to every subscription whose filter lets it pass. @returns the message's id */
    publish(topicArn, publication, structure) {
        const topic = this.topic(topicArn);
        requireSendable(publication);
        const perProtocol = structure === undefined ? undefined : readStructure(structure, publication.message);
        const messageId = randomUUID();
        const timestamp = isoNow(this.context.clock);
        for (const subscriptionArn of topic.subscriptionArns) {
            const subscription = this.store.getSubscription(subscriptionArn);
            if (!subscription?.confirmed || !this.passes(subscription, publication))
                continue;
            const message = perProtocol?.[subscription.protocol] ?? perProtocol?.["default"] ?? publication.message;
            const delivery = { ...publication, message, messageId, timestamp, topicArn };
            if (subscription.protocol === "lambda")
                this.toFunction(subscription, delivery);
            else
                this.toQueue(subscription, delivery);
        }
        return messageId;
    }
    topic(topicArn) {
        const topic = this.store.getTopic(topicArn);
        if (!topic)
            throw new ServiceError("NotFound", "Topic does not exist", 404);
        return topic;
    }
    passes({ attributes }, publication) {
        const { FilterPolicy: policy, FilterPolicyScope: scope } = attributes;
        if (policy === undefined)
            return true;
        const key = `${scope}${policy}`;
        const filter = this.filters.get(key) ?? readFilterPolicy(policy, scope);
        this.filters.set(key, filter);
        return filter(publication);
    }
    toQueue(subscription, delivery) {
        try {
            this.enqueue(subscription.endpoint, subscription, delivery);
        }
        catch (error) {
            this.bury(subscription, delivery, error.message);
        }
    }
    toFunction(subscription, delivery) {
        const event = { Records: [functionRecord(subscription, delivery, this.context)] };
        this.targets
            .invokeFunction(subscription.endpoint, event, { principal: "sns.amazonaws.com", sourceArn: delivery.topicArn })
            .catch((error) => this.bury(subscription, delivery, error.message));
    }
    /** What can't be delivered goes to the subscription's dead-letter queue, and is lost without one. */
    bury(subscription, delivery, reason) {
        const { RedrivePolicy: policy } = subscription.attributes;
        const deadLetterArn = policy === undefined ? undefined : JSON.parse(policy).deadLetterTargetArn;
        let outcome = "is lost: the subscription has no dead-letter queue";
        if (deadLetterArn !== undefined) {
            try {
                this.enqueue(deadLetterArn, subscription, delivery);
                outcome = `went to ${deadLetterArn}`;
            }
            catch (error) {
                outcome = `is lost: its dead-letter queue ${deadLetterArn} did not take it (${error.message})`;
            }
        }
        const message = `A message of ${delivery.topicArn} was not delivered to ${subscription.endpoint} (${reason}) and ${outcome}.`;
        this.context.emit({ kind: "warning", message });
    }
    /** @throws Error when the queue is not there, or its policy does not let the topic in */
    enqueue(queueArn, subscription, delivery) {
        const queue = this.queues.getQueueByArn(queueArn);
        if (!queue)
            throw new Error("the queue does not exist");
        const source = { principal: "sns.amazonaws.com", sourceArn: delivery.topicArn };
        this.context.access.requireService(source, { action: "sqs:SendMessage", resource: queueArn });
        const raw = subscription.attributes["RawMessageDelivery"] === "true";
        const body = raw ? delivery.message : JSON.stringify(envelope(subscription, delivery, this.context));
        const delaySeconds = Number(queue.attributes["DelaySeconds"]);
        const attributes = raw ? delivery.messageAttributes : {};
        queue.enqueue(this.Queues.createMessage(body, attributes, delaySeconds > 0 ? delaySeconds : undefined));
    }
}
function envelope({ arn }, delivery, { region, endpointUrl }) {
    const attributes = shownAttributes(delivery.messageAttributes);
    return {
        Type: "Notification",
        MessageId: delivery.messageId,
        TopicArn: delivery.topicArn,
        ...(delivery.subject !== undefined && { Subject: delivery.subject }),
        Message: delivery.message,
        Timestamp: delivery.timestamp,
        SignatureVersion: "1",
        Signature: "EXAMPLE",
        SigningCertURL: `https://sns.${region}.amazonaws.com/SimpleNotificationService-0000000000000000000000.pem`,
        UnsubscribeURL: `${endpointUrl}/?Action=Unsubscribe&SubscriptionArn=${arn}`,
        ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
    };
}
/** Lambda's document spells some names in its own way, and always has a subject and attributes. */
function functionRecord(subscription, delivery, context) {
    const { SigningCertURL, UnsubscribeURL, Subject = null, MessageAttributes = {}, ...common } = envelope(subscription, delivery, context);
    return {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: { ...common, SigningCertUrl: SigningCertURL, Subject, UnsubscribeUrl: UnsubscribeURL, MessageAttributes },
    };
}
function shownAttributes(attributes) {
    const shown = ({ DataType, StringValue, BinaryValue }) => ({ Type: DataType, Value: StringValue ?? BinaryValue ?? "" });
    return Object.fromEntries(Object.entries(attributes).map(([name, attribute]) => [name, shown(attribute)]));
}
function requireAttributes(protocol, attributes) {
    for (const name of Object.keys(attributes)) {
        if (!subscriptionAttributes.has(name))
            throw notSupported(`the subscription attribute "${name}"`);
    }
    const { FilterPolicy, FilterPolicyScope, RawMessageDelivery, RedrivePolicy } = attributes;
    if (FilterPolicy !== undefined)
        readFilterPolicy(FilterPolicy, FilterPolicyScope);
    if (RawMessageDelivery === "true" && protocol !== "sqs") {
        throw new ServiceError("InvalidParameter", `Invalid parameter: Attributes Reason: Delivery protocol [${protocol}] does not support raw message delivery.`);
    }
    if (RedrivePolicy !== undefined && !/"deadLetterTargetArn"\s*:\s*"arn:[^"]+:sqs:[^"]+"/.test(RedrivePolicy)) {
        throw new ServiceError("InvalidParameter", "Invalid parameter: RedrivePolicy: deadLetterTargetArn is not the ARN of a queue");
    }
}
function requireSendable({ message, subject, messageAttributes }) {
    const bytes = Buffer.byteLength(message) +
        Object.entries(messageAttributes).reduce((sum, [name, { DataType, StringValue = "", BinaryValue = "" }]) => sum + Buffer.byteLength(name + DataType + StringValue) + Buffer.byteLength(BinaryValue, "base64"), 0);
    if (message === "")
        throw new ServiceError("InvalidParameter", "Invalid parameter: Empty message");
    if (bytes > messageLimitBytes)
        throw new ServiceError("InvalidParameter", "Invalid parameter: Message too long");
    if (subject !== undefined && !/^[\x20-\x7e]{1,99}$/.test(subject)) {
        throw new ServiceError("InvalidParameter", "Invalid parameter: Subject");
    }
}
function readStructure(structure, message) {
    if (structure !== "json")
        throw new ServiceError("InvalidParameter", "Invalid parameter: MessageStructure");
    try {
        const parsed = JSON.parse(message);
        if (typeof parsed["default"] === "string")
            return parsed;
    }
    catch {
        throw new ServiceError("InvalidParameter", "Invalid parameter: Message Structure - JSON message body failed to parse");
    }
    throw new ServiceError("InvalidParameter", "Invalid parameter: Message Structure - No default entry in JSON message body");
}
