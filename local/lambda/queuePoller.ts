import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { atAddress } from "../../aws/atAddress";
import type { CloudContext } from "../ports";
import { sleep } from "../../core/sleep";
import type { FunctionDefinition } from "./definition";
import type { Invocation, Outcome } from "./environment";
import type { EventSource } from "./eventSources";

/** How many batches of one queue are under way at once, where nothing else is said: what Lambda begins with. */
const firstConcurrency = 5;
/** SQS's longest. */
const longPollSeconds = 20;
/** Most messages that SQS gives or deletes at once. */
const mostMessages = 10;
/** Pause after a call to SQS that failed. */
const pauseMilliseconds = 10_000;

/** What polling needs of the rest. */
export interface PollerPorts {
  context: CloudContext;
  /** The function as it is now; undefined once it is deleted. */
  find: () => FunctionDefinition | undefined;
  run: (definition: FunctionDefinition, invocation: Invocation) => Promise<Outcome>;
}

/**
 * Lambda's poller of one queue: receives as the function's role, invokes the function, and deletes what it did not fail at. What
 * it failed at comes again when its visibility timeout is over, and goes where the queue's redrive policy says.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html
 */
export class QueuePoller {
  private readonly closing = new AbortController();
  private readonly closed = new Promise<void>((resolve) => this.closing.signal.addEventListener("abort", () => resolve(), { once: true }));
  private readonly running = new Set<Promise<void>>();
  private readonly polling: Promise<void>;

  constructor(
    private readonly source: EventSource,
    private readonly ports: PollerPorts,
  ) {
    this.polling = this.poll();
  }

  /** Receives no more; what a function was invoked with goes on, and stays undeleted. */
  async close(): Promise<void> {
    this.closing.abort();
    await this.polling;
  }

  private get queueUrl(): string {
    const [, , , , account, name] = this.source.eventSourceArn.split(":");
    return `${this.ports.context.endpointUrl}/${account}/${name}`;
  }

  private async poll(): Promise<void> {
    const { context, find } = this.ports;
    const { signal } = this.closing;
    const { maximumConcurrency = firstConcurrency } = this.source;
    let told = "";
    while (!signal.aborted) {
      const definition = find();
      if (definition === undefined) return;
      try {
        const messages = await this.receive(definition);
        told = "";
        if (messages.length === 0 || signal.aborted) continue;
        const batch = this.handle(definition, messages).catch((error: unknown) => this.warn(String(error)));
        this.running.add(batch);
        void batch.finally(() => this.running.delete(batch));
        while (this.running.size >= maximumConcurrency && !signal.aborted) await Promise.race([...this.running, this.closed]);
      } catch (error) {
        if (signal.aborted) return;
        if (told !== String(error)) this.warn(`${String(error)}; it is asked again`);
        told = String(error);
        await sleep(context.clock, pauseMilliseconds, signal);
      }
    }
  }

  private async receive({ roleArn, name }: FunctionDefinition): Promise<Message[]> {
    const { ReceiveMessageCommand } = await import("@aws-sdk/client-sqs");
    const command = new ReceiveMessageCommand({
      QueueUrl: this.queueUrl,
      MaxNumberOfMessages: Math.min(this.source.batchSize, mostMessages),
      WaitTimeSeconds: longPollSeconds,
      MessageSystemAttributeNames: ["All"],
      MessageAttributeNames: ["All"],
    });
    const { Messages = [] } = await this.with(roleArn, name, (sqs) => sqs.send(command, { abortSignal: this.closing.signal }));
    return Messages;
  }

  private async handle(definition: FunctionDefinition, messages: readonly Message[]): Promise<void> {
    const { context, run } = this.ports;
    const { eventSourceArn, reportsItemFailures } = this.source;
    const event = JSON.stringify({ Records: messages.map((message) => recordOf(message, eventSourceArn, context.region)) });
    const outcome = await run(definition, { requestId: crypto.randomUUID(), event });
    if (outcome.failed || this.closing.signal.aborted) return;
    const failed = reportsItemFailures ? failedItems(outcome.payload, messages) : new Set<string>();
    const done = messages.filter(({ MessageId }) => !failed.has(MessageId ?? ""));
    if (done.length > 0) await this.delete(definition, done);
  }

  private async delete({ roleArn, name }: FunctionDefinition, messages: readonly Message[]): Promise<void> {
    const { DeleteMessageBatchCommand } = await import("@aws-sdk/client-sqs");
    const Entries = messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }));
    await this.with(roleArn, name, (sqs) => sqs.send(new DeleteMessageBatchCommand({ QueueUrl: this.queueUrl, Entries })));
  }

  private async with<Answer>(roleArn: string, sessionName: string, call: (sqs: SQSClient) => Promise<Answer>): Promise<Answer> {
    const { SQSClient } = await import("@aws-sdk/client-sqs");
    const { context } = this.ports;
    const { region, endpointUrl } = context;
    const sqs = new SQSClient({ region, ...atAddress(endpointUrl), credentials: context.credentialsFor(roleArn, sessionName) });
    return call(sqs).finally(() => sqs.destroy());
  }

  private warn(problem: string): void {
    const message = `${this.source.functionName}: polling ${this.source.eventSourceArn}: ${problem}`;
    this.ports.context.emit({ kind: "warning", message });
  }
}

/** https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html#example-standard-queue-message-event */
function recordOf(message: Message, eventSourceARN: string, awsRegion: string) {
  return {
    messageId: message.MessageId,
    receiptHandle: message.ReceiptHandle,
    body: message.Body,
    attributes: message.Attributes ?? {},
    messageAttributes: Object.fromEntries(
      Object.entries(message.MessageAttributes ?? {}).map(([name, { DataType, StringValue }]) => [
        name,
        { stringValue: StringValue, stringListValues: [], binaryListValues: [], dataType: DataType },
      ]),
    ),
    md5OfBody: message.MD5OfBody,
    eventSource: "aws:sqs",
    eventSourceARN,
    awsRegion,
  };
}

/**
 * Messages that the function's answer says it failed at; all of them when it can't be read or names none that there is.
 *
 * https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html#services-sqs-batchfailurereporting
 */
export function failedItems(payload: string, messages: readonly Pick<Message, "MessageId">[]): ReadonlySet<string> {
  const ids = new Set(messages.map(({ MessageId }) => MessageId ?? ""));
  const answer = JSON.parse(payload) as { batchItemFailures?: unknown } | null;
  if (answer === null || typeof answer !== "object") return answer === null ? new Set() : ids;
  const { batchItemFailures: failures = [] } = answer;
  if (failures === null) return new Set();
  if (!Array.isArray(failures)) return ids;
  const named = failures.map((failure) => (failure as { itemIdentifier?: unknown } | null)?.itemIdentifier);
  return named.every((id): id is string => typeof id === "string" && ids.has(id)) ? new Set(named) : ids;
}
