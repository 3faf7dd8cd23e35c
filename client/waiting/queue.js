import { partitionOf } from "../../core/partition";
import { readJobEvent } from "../../core/records/jobEvent";
import { asyncInferenceError } from "../errors";
import { call, passes, pauseAfter } from "./calls";
import { Loop } from "./loop";
/** SQS's longest, and its most messages at a time. */
const longPollSeconds = 20;
const messagesPerCall = 10;
/**
 * How often an event that another client may wait for is received before it is deleted. Each return wakes another process
 * that polls the same queue, and none of ours, as we are busy then: twice finds the other one of two, and mostly of three.
 */
const mostReceives = 3;
const firstPauseMilliseconds = 1000;
/**
 * Job events from an SQS queue, received by long polls while somebody waits.
 *
 * The queue belongs to its consumers: what nobody will want is deleted, or it would pile up and end as a dead letter.
 * Processes may share it (replicas of one service): an event whose record names another waiter is made visible again for
 * them, at most twice and never so often that SQS takes it for undeliverable. An event without a waiter is deleted: its job
 * was submitted by no client, and whoever holds a handle of it reads its record anyway. What can't be read is left, so that
 * it becomes a dead letter.
 */
export class EventQueue {
    settings;
    listener;
    /** Whether the last poll was answered. */
    delivers = false;
    polls;
    failures = 0;
    /** How many receives of a message may be followed by another; unknown until the queue was asked. */
    receives;
    gone = false;
    arn = "";
    constructor(settings, listener) {
        this.settings = settings;
        this.listener = listener;
        this.polls = new Loop(settings.clock, (signal) => this.poll(signal));
    }
    /** Receives until {@link stop}. Calling it again changes nothing. */
    listen() {
        if (!this.gone && !this.polls.isRunning)
            this.polls.within(0);
    }
    stop() {
        this.polls.stop();
        this.delivers = false;
    }
    async poll(signal) {
        try {
            this.arn ||= queueArn(this.settings.queueUrl, await this.settings.sqs.config.region());
            this.receives ??= await this.askReceives(signal);
            await this.handle(await this.receive(signal));
            this.delivers = true;
            this.failures = 0;
            return 0;
        }
        catch (thrown) {
            if (signal.aborted)
                return Infinity;
            return this.failed(asyncInferenceError(thrown));
        }
    }
    failed(error) {
        const { queueUrl, log } = this.settings;
        this.delivers = false;
        if (isGone(error.cause)) {
            this.gone = true;
            log({ level: "warn", message: "the consumer queue does not exist: ends of jobs are polled for", queueUrl });
            this.listener.unhealthy();
            return Infinity;
        }
        if (!passes(error)) {
            this.listener.failed(error);
            return Infinity;
        }
        this.failures++;
        this.listener.unhealthy();
        return pauseAfter(this.failures, firstPauseMilliseconds);
    }
    /** How often a message may be received without SQS taking it for undeliverable. */
    async askReceives(signal) {
        const { library, sqs, queueUrl, clock } = this.settings;
        const command = new library.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["RedrivePolicy"] });
        const { Attributes } = await call(clock, signal, this.needs("GetQueueAttributes"), (options) => sqs.send(command, options));
        const policy = JSON.parse(Attributes?.["RedrivePolicy"] ?? "{}");
        return Math.min(mostReceives, Number(policy.maxReceiveCount ?? mostReceives));
    }
    async receive(signal) {
        const { library, sqs, queueUrl, clock } = this.settings;
        const command = new library.ReceiveMessageCommand({
            QueueUrl: queueUrl,
            MaxNumberOfMessages: messagesPerCall,
            WaitTimeSeconds: longPollSeconds,
            MessageSystemAttributeNames: ["ApproximateReceiveCount"],
        });
        const send = (options) => sqs.send(command, options);
        return (await call(clock, signal, this.needs("ReceiveMessage"), send, longPollSeconds * 1000)).Messages ?? [];
    }
    /** Tells of what ended, first of all; then clears the queue, even when the last wait has ended with it. */
    async handle(messages) {
        const fates = messages.map((message) => ({ message, fate: this.fateOf(message) }));
        const of = (wanted) => fates.flatMap(({ message, fate }) => (fate === wanted ? [message] : []));
        await Promise.all([this.remove(of("delete")), this.giveBack(of("return"))]);
    }
    fateOf({ Body = "", MessageId, Attributes }) {
        const event = readJobEvent(unwrapped(Body));
        if (event.kind === "malformed") {
            this.settings.log({
                level: "warn",
                message: `a message of the consumer queue is no job event: ${event.problem}`,
                messageId: MessageId,
            });
            return "leave";
        }
        const { job } = event;
        const ours = job.endpointName === this.settings.endpointName && (job.waiter === this.settings.waiter || this.listener.follows(job.jobId));
        if (ours) {
            this.listener.ended(job);
            return "delete";
        }
        const received = Number(Attributes?.ApproximateReceiveCount ?? mostReceives);
        return job.waiter !== undefined && received < (this.receives ?? 0) ? "return" : "delete";
    }
    async remove(messages) {
        if (messages.length === 0)
            return;
        const { library, sqs, queueUrl, clock } = this.settings;
        const command = new library.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: messages.map(entry) });
        await call(clock, new AbortController().signal, this.needs("DeleteMessage"), (options) => sqs.send(command, options));
    }
    async giveBack(messages) {
        if (messages.length === 0)
            return;
        const { library, sqs, queueUrl, clock } = this.settings;
        const command = new library.ChangeMessageVisibilityBatchCommand({
            QueueUrl: queueUrl,
            Entries: messages.map((message, index) => ({ ...entry(message, index), VisibilityTimeout: 0 })),
        });
        await call(clock, new AbortController().signal, this.needs("ChangeMessageVisibility"), (options) => sqs.send(command, options));
    }
    needs(operation) {
        return { action: `sqs:${operation}`, resource: this.arn };
    }
}
function entry({ ReceiptHandle }, index) {
    return { Id: String(index), ReceiptHandle };
}
/** What a subscription without raw delivery puts around an event. */
function unwrapped(body) {
    try {
        const { Type, Message } = JSON.parse(body);
        return Type === "Notification" && typeof Message === "string" ? Message : body;
    }
    catch {
        return body;
    }
}
function isGone(thrown) {
    return /QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently/.test(thrown?.name ?? "");
}
/** ARN of the queue at `https://sqs.<region>.amazonaws.com/<account>/<name>`. */
function queueArn(queueUrl, region) {
    const [accountId = "", name = ""] = new URL(queueUrl).pathname.split("/").slice(-2);
    return `arn:${partitionOf(region)}:sqs:${region}:${accountId}:${name}`;
}
