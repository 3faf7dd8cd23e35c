import { jobIdIn } from "../local/faults/jobOf";
import { readFilterPolicy } from "../local/messaging/filterPolicy";
import { serviceError } from "./sdk";
/** SNS and SQS in memory: topics lead to functions, queues keep what they get. */
export class MessagingDouble {
    ports;
    queues = new Map();
    /** Everything that any queue ever got. */
    sent = [];
    /** Messages that wait for the next one to overtake them. */
    held = [];
    published = 0;
    /** Messages that are on their way to a function. */
    underWay = 0;
    /** Called with the message and its topic before it goes anywhere. */
    onPublished = () => undefined;
    constructor(ports) {
        this.ports = ports;
    }
    sns = {
        Publish: (input) => {
            const attributes = input["MessageAttributes"];
            return { MessageId: this.publish(String(input["TopicArn"]), String(input["Message"]), attributes) };
        },
    };
    sqs = {
        SendMessage: (input) => {
            this.send(String(input["QueueUrl"]), String(input["MessageBody"]));
            return { MessageId: "sent" };
        },
        DeleteMessage: (input) => {
            const messages = this.queues.get(String(input["QueueUrl"])) ?? [];
            const index = messages.findIndex(({ id }) => id === input["ReceiptHandle"]);
            if (index >= 0)
                messages.splice(index, 1);
            return {};
        },
    };
    /** Queues are known by URL and by ARN: their last part is the same. */
    send(queue, body) {
        const name = queue.split(/[/:]/).at(-1);
        const messages = this.queues.get(name);
        if (!messages)
            throw serviceError("QueueDoesNotExist", `The specified queue ${name} does not exist.`, 400);
        messages.push({ id: `${name}-${this.sent.length}`, at: this.ports.scheduler.now(), body });
        this.sent.push({ name, body });
    }
    publish(topicArn, message, attributes = {}) {
        const { subscriptions, injector, siteOf, scheduler } = this.ports;
        const messageId = `message-${++this.published}`;
        this.onPublished(topicArn, message);
        for (const subscription of subscriptions.filter((one) => one.topicArn === topicArn)) {
            const { filterPolicy, functionArn } = subscription;
            if (filterPolicy !== undefined && !readFilterPolicy(filterPolicy)({ message, messageAttributes: attributes }))
                continue;
            const fault = injector.next(siteOf(topicArn), jobIdIn(message));
            const send = (text) => {
                this.underWay -= 1;
                const Sns = { Type: "Notification", MessageId: messageId, TopicArn: topicArn, Message: text, MessageAttributes: attributes };
                this.ports.deliver(functionArn, { Records: [{ EventSource: "aws:sns", EventVersion: "1.0", Sns }] });
            };
            this.underWay += 1;
            scheduler.after(scheduler.random.integer(5, 500), () => {
                if (fault?.kind !== "delivery-failed")
                    return this.deliver(message, send, fault);
                this.underWay -= 1;
                if (subscription.deadLetterArn !== undefined) {
                    this.send(subscription.deadLetterArn, JSON.stringify(undelivered(subscription, messageId, message, attributes)));
                }
            });
        }
        return messageId;
    }
    deliver(message, send, fault) {
        const { scheduler } = this.ports;
        const overtaken = this.held.splice(0);
        switch (fault?.kind) {
            case "notification-lost":
                this.underWay -= 1;
                break;
            case "notification-doubled":
            case "event-doubled":
                this.underWay += 1;
                send(message);
                scheduler.after(scheduler.random.integer(0, scheduler.random.pick([20, 1000])), () => send(message));
                break;
            case "notification-late":
            case "event-late":
                scheduler.after(fault.delaySeconds * 1000, () => send(message));
                break;
            case "notification-reordered":
                this.hold(() => send(message));
                break;
            case "notification-truncated":
                send(message.slice(0, Math.floor(message.length / 2)));
                break;
            case "notification-unknown-fields":
                send(JSON.stringify({ newField: { nested: [1] }, ...JSON.parse(message), another: "x" }));
                break;
            default:
                send(message);
        }
        for (const later of overtaken)
            later();
    }
    /** Until the next message, or for a minute when none comes. */
    hold(send) {
        const once = () => {
            const index = this.held.indexOf(once);
            if (index >= 0)
                this.held.splice(index, 1);
            if (!timer.cancelled)
                send();
            timer.cancelled = true;
        };
        const timer = this.ports.scheduler.after(60_000, once);
        this.held.push(once);
    }
}
/** SNS's own envelope. https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html */
function undelivered({ arn, topicArn }, messageId, message, attributes) {
    const shown = Object.entries(attributes).map(([name, { DataType, StringValue }]) => [name, { Type: DataType, Value: StringValue }]);
    return {
        Type: "Notification",
        MessageId: messageId,
        TopicArn: topicArn,
        Message: message,
        UnsubscribeURL: `https://sns/?Action=Unsubscribe&SubscriptionArn=${arn}`,
        MessageAttributes: Object.fromEntries(shown),
    };
}
