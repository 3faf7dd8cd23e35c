import type { Kept } from "../kept";
import type { CloudContext, EventTargets } from "../ports";
import { sleep } from "../../core/sleep";
import { isoNow } from "../clock";
import type { EventInvokeSettings, FunctionDefinition } from "./definition";
import type { Invocation, Outcome } from "./environment";
import { sendToDestination } from "./destinations";

/** Waits before the second and the third try. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const retryDelaysMilliseconds = [60_000, 120_000];

/** What asynchronous invocations need of the rest. */
export interface AsynchronousPorts {
  context: CloudContext;
  targets: Pick<EventTargets, "invokeFunction">;
  /** Undefined for a function that has been deleted. */
  find(functionName: string): FunctionDefinition | undefined;
  /** How the function's invocations are tried at this moment. */
  settings(definition: FunctionDefinition): EventInvokeSettings;
  run(definition: FunctionDefinition, invocation: Invocation): Promise<Outcome>;
  /** One datapoint of the function in AWS/Lambda. */
  count(definition: FunctionDefinition, metricName: string): void;
}

type Condition = "Success" | "RetriesExhausted" | "EventAgeExceeded";

/** An accepted event that has not come to its end. */
interface Pending {
  functionName: string;
  invocation: Invocation;
  /** Milliseconds since the epoch. */
  acceptedAt: number;
  /** How often it was tried in vain. */
  failures: number;
  /** When it is tried next. */
  dueAt: number;
}

/**
 * Lambda's queue of asynchronous events: each is tried, tried again after 1 and 2 minutes of the clock, and then goes to
 * the on-failure destination, or is discarded with a warning. What was accepted survives a restart with state: an event whose
 * end was not seen is tried again.
 */
export class AsynchronousInvocations {
  private readonly closing = new AbortController();
  private readonly pending: Kept<Pending>;

  constructor(private readonly ports: AsynchronousPorts) {
    this.pending = ports.context.keeper.map<Pending>("lambda.events");
  }

  /** Accepts an event; what becomes of it is nobody's answer. */
  accept({ name: functionName }: FunctionDefinition, invocation: Invocation): void {
    const now = this.ports.context.clock.now();
    const pending = { functionName, invocation, acceptedAt: now, failures: 0, dueAt: now };
    this.pending.set(invocation.requestId, pending);
    this.start(pending);
  }

  /** Takes up what was accepted before the cloud ended the last time. */
  resume(): void {
    for (const pending of [...this.pending.values()]) this.start(pending);
  }

  /** Leaves what waits for another try to the next cloud, where something is kept. */
  close(): void {
    this.closing.abort();
  }

  private start(pending: Pending): void {
    this.deliver(pending).catch((error: unknown) => {
      const { requestId } = pending.invocation;
      this.pending.note(requestId, undefined);
      const message = `${pending.functionName}: the asynchronous invocation ${requestId} ended by ${String(error)}`;
      this.ports.context.emit({ kind: "warning", message });
    });
  }

  private async deliver({ functionName, invocation, acceptedAt, failures, dueAt }: Pending): Promise<void> {
    const { context } = this.ports;
    const { clock } = context;
    const { signal } = this.closing;
    const { requestId } = invocation;
    if (dueAt > clock.now()) await sleep(clock, dueAt - clock.now(), signal);
    for (let tries = failures + 1; ; tries++) {
      if (signal.aborted) return;
      const definition = this.ports.find(functionName);
      // AWS drops the events of a function that is gone.
      if (definition === undefined) return void this.pending.note(requestId, undefined);
      const outcome = await this.ports.run(definition, invocation);
      if (signal.aborted) return;
      const end = async (condition: Condition, destination: string | undefined) => {
        await this.end(definition, invocation, outcome, tries, condition, destination);
        this.pending.note(requestId, undefined);
      };
      // It may have been deleted while it ran.
      if (this.ports.find(functionName) === undefined) return void this.pending.note(requestId, undefined);
      const settings = this.ports.settings(definition);
      if (!outcome.failed) return end("Success", settings.onSuccess);
      if (tries > settings.maximumRetryAttempts) return end("RetriesExhausted", settings.onFailure);
      const delay = retryDelaysMilliseconds[tries - 1] ?? 0;
      if (clock.now() + delay - acceptedAt > settings.maximumEventAgeSeconds * 1000) return end("EventAgeExceeded", settings.onFailure);
      this.pending.note(requestId, { functionName, invocation, acceptedAt, failures: tries, dueAt: clock.now() + delay });
      context.emit({ kind: "function", functionName, change: "retried", requestId, detail: `in ${delay / 1000} s` });
      await sleep(clock, delay, signal);
    }
  }

  private async end(
    definition: FunctionDefinition,
    invocation: Invocation,
    outcome: Outcome,
    tries: number,
    condition: Condition,
    destination: string | undefined,
  ): Promise<void> {
    const { context, targets } = this.ports;
    const { requestId } = invocation;
    if (condition !== "Success" && !destination) {
      this.ports.count(definition, "AsyncEventsDropped");
      context.emit({ kind: "function", functionName: definition.name, change: "discarded", requestId, detail: condition });
      const message = `${definition.name} failed ${tries} times and has no on-failure destination; its event is discarded: ${outcome.payload}`;
      context.emit({ kind: "warning", message });
    }
    if (!destination) return;
    const document = {
      version: "1.0",
      timestamp: isoNow(context.clock),
      requestContext: { requestId, functionArn: `${definition.arn}:$LATEST`, condition, approximateInvokeCount: tries },
      requestPayload: JSON.parse(invocation.event) as unknown,
      responseContext: {
        statusCode: 200,
        executedVersion: "$LATEST",
        ...(outcome.failed ? { functionError: "Unhandled" } : {}),
      },
      responsePayload: JSON.parse(outcome.payload) as unknown,
    };
    try {
      await sendToDestination(destination, document, definition, context, targets);
    } catch (error) {
      this.ports.count(definition, "DestinationDeliveryFailures");
      const message = `${definition.name}: its ${condition} document did not reach ${destination}: ${String(error)}`;
      context.emit({ kind: "warning", message });
    }
  }
}
