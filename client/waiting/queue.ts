import { partitionOf } from "../../core/partition";
import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import type { JobRecord } from "../../core/records/job";
import { readJobEvent } from "../../core/records/jobEvent";
import type { Log } from "../../core/ports";
import { asyncInferenceError, type AsyncInferenceError } from "../errors";
import { call, passes, pauseAfter } from "./calls";
import type { ServiceClock } from "../../core/serviceClock";
import { Loop } from "./loop";

type Library = typeof import("@aws-sdk/client-sqs");

/** A queue that `service.consumerQueue(…)` declared. */
export interface QueueSettings {
  sqs: SQSClient;
  /** `@aws-sdk/client-sqs`. */
  library: Library;
  queueUrl: string;
  /** Events of other endpoints are not ours, whatever their job ids. */
  endpointName: string;
}

/** What is done with what arrives. */
export interface QueueListener {
  /** Whether somebody waits for the job. */
  follows(jobId: string): boolean;
  /** A job that this client follows or submitted has ended. */
  ended(job: JobRecord): void;
  /** The queue stopped delivering. */
  unhealthy(): void;
  /** The queue refuses for good. */
  failed(error: AsyncInferenceError): void;
}

/** SQS's longest, and its most messages at a time. */
const longPollSeconds = 20;
const messagesPerCall = 10;

/**
 * How often an event that another client may wait for is received before it is deleted. Each return wakes another process
 * that polls the same queue, and none of ours, as we are busy then: twice finds the other one of two, and mostly of three.
 */
const mostReceives = 3;

const firstPauseMilliseconds = 1000;

/** What becomes of a message. */
type Fate = "delete" | "return" | "leave";

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
  /** Whether the last poll was answered. */
  delivers = false;
  private readonly polls: Loop;
  private failures = 0;
  /** How many receives of a message may be followed by another; unknown until the queue was asked. */
  private receives: number | undefined;
  private gone = false;
  private arn = "";

  constructor(
    private readonly settings: QueueSettings & { clock: ServiceClock; waiter: string; log: Log },
    private readonly listener: QueueListener,
  ) {
    this.polls = new Loop(settings.clock, (signal) => this.poll(signal));
  }

  /** Receives until {@link stop}. Calling it again changes nothing. */
  listen(): void {
    if (!this.gone && !this.polls.isRunning) this.polls.within(0);
  }

  stop(): void {
    this.polls.stop();
    this.delivers = false;
  }

  private async poll(signal: AbortSignal): Promise<number> {
    try {
      this.arn ||= queueArn(this.settings.queueUrl, await this.settings.sqs.config.region());
      this.receives ??= await this.askReceives(signal);
      await this.handle(await this.receive(signal));
      this.delivers = true;
      this.failures = 0;
      return 0;
    } catch (thrown) {
      if (signal.aborted) return Infinity;
      return this.failed(asyncInferenceError(thrown));
    }
  }

  private failed(error: AsyncInferenceError): number {
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
  private async askReceives(signal: AbortSignal): Promise<number> {
    const { library, sqs, queueUrl, clock } = this.settings;
    const command = new library.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["RedrivePolicy"] });
    const { Attributes } = await call(clock, signal, this.needs("GetQueueAttributes"), (options) => sqs.send(command, options));
    const policy = JSON.parse(Attributes?.["RedrivePolicy"] ?? "{}") as { maxReceiveCount?: number | string };
    return Math.min(mostReceives, Number(policy.maxReceiveCount ?? mostReceives));
  }

  private async receive(signal: AbortSignal): Promise<Message[]> {
    const { library, sqs, queueUrl, clock } = this.settings;
    const command = new library.ReceiveMessageCommand({
      QueueUrl: queueUrl,
      MaxNumberOfMessages: messagesPerCall,
      WaitTimeSeconds: longPollSeconds,
      MessageSystemAttributeNames: ["ApproximateReceiveCount"],
    });
    const send = (options: { abortSignal: AbortSignal }) => sqs.send(command, options);
    return (await call(clock, signal, this.needs("ReceiveMessage"), send, longPollSeconds * 1000)).Messages ?? [];
  }

  /** Tells of what ended, first of all; then clears the queue, even when the last wait has ended with it. */
  private async handle(messages: readonly Message[]): Promise<void> {
    const fates = messages.map((message) => ({ message, fate: this.fateOf(message) }));
    const of = (wanted: Fate) => fates.flatMap(({ message, fate }) => (fate === wanted ? [message] : []));
    await Promise.all([this.remove(of("delete")), this.giveBack(of("return"))]);
  }

  private fateOf({ Body = "", MessageId, Attributes }: Message): Fate {
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
    const ours =
      job.endpointName === this.settings.endpointName && (job.waiter === this.settings.waiter || this.listener.follows(job.jobId));
    if (ours) {
      this.listener.ended(job);
      return "delete";
    }
    const received = Number(Attributes?.ApproximateReceiveCount ?? mostReceives);
    return job.waiter !== undefined && received < (this.receives ?? 0) ? "return" : "delete";
  }

  private async remove(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { library, sqs, queueUrl, clock } = this.settings;
    const command = new library.DeleteMessageBatchCommand({ QueueUrl: queueUrl, Entries: messages.map(entry) });
    await call(clock, new AbortController().signal, this.needs("DeleteMessage"), (options) => sqs.send(command, options));
  }

  private async giveBack(messages: readonly Message[]): Promise<void> {
    if (messages.length === 0) return;
    const { library, sqs, queueUrl, clock } = this.settings;
    const command = new library.ChangeMessageVisibilityBatchCommand({
      QueueUrl: queueUrl,
      Entries: messages.map((message, index) => ({ ...entry(message, index), VisibilityTimeout: 0 })),
    });
    await call(clock, new AbortController().signal, this.needs("ChangeMessageVisibility"), (options) => sqs.send(command, options));
  }

  private needs(operation: string) {
    return { action: `sqs:${operation}`, resource: this.arn };
  }
}

function entry({ ReceiptHandle }: Message, index: number) {
  return { Id: String(index), ReceiptHandle };
}

/** What a subscription without raw delivery puts around an event. */
function unwrapped(body: string): string {
  try {
    const { Type, Message } = JSON.parse(body) as { Type?: unknown; Message?: unknown };
    return Type === "Notification" && typeof Message === "string" ? Message : body;
  } catch {
    return body;
  }
}

function isGone(thrown: unknown): boolean {
  return /QueueDoesNotExist|NonExistentQueue|QueueDeletedRecently/.test((thrown as Error | undefined)?.name ?? "");
}

/** ARN of the queue at `https://sqs.<region>.amazonaws.com/<account>/<name>`. */
function queueArn(queueUrl: string, region: string): string {
  const [accountId = "", name = ""] = new URL(queueUrl).pathname.split("/").slice(-2);
  return `arn:${partitionOf(region)}:sqs:${region}:${accountId}:${name}`;
}
