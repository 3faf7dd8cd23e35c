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
  /** How the function's invocations are tried at this moment. */
  settings(definition: FunctionDefinition): EventInvokeSettings;
  run(definition: FunctionDefinition, invocation: Invocation): Promise<Outcome>;
  /** One datapoint of the function in AWS/Lambda. */
  count(definition: FunctionDefinition, metricName: string): void;
}

/**
 * Lambda's queue of asynchronous events: each is tried, tried again after 1 and 2 minutes of the clock, and then goes to
 * the on-failure destination, or is discarded with a warning.
 */
export class AsynchronousInvocations {
  private readonly closing = new AbortController();

  constructor(private readonly ports: AsynchronousPorts) {}

  /** Accepts an event; what becomes of it is nobody's answer. */
  accept(definition: FunctionDefinition, invocation: Invocation): void {
    this.deliver(definition, invocation).catch((error: unknown) => {
      const message = `${definition.name}: the asynchronous invocation ${invocation.requestId} ended by ${String(error)}`;
      this.ports.context.emit({ kind: "warning", message });
    });
  }

  /** Forgets what waits for another try. */
  close(): void {
    this.closing.abort();
  }

  private async deliver(definition: FunctionDefinition, invocation: Invocation): Promise<void> {
    const { context } = this.ports;
    const { clock } = context;
    const { signal } = this.closing;
    const acceptedAt = clock.now();
    const { requestId } = invocation;
    const functionName = definition.name;
    for (let tries = 1; ; tries++) {
      const outcome = await this.ports.run(definition, invocation);
      if (signal.aborted) return;
      const settings = this.ports.settings(definition);
      if (!outcome.failed) return this.end(definition, invocation, outcome, tries, "Success", settings.onSuccess);
      if (tries > settings.maximumRetryAttempts) {
        return this.end(definition, invocation, outcome, tries, "RetriesExhausted", settings.onFailure);
      }
      const delay = retryDelaysMilliseconds[tries - 1] ?? 0;
      if (clock.now() + delay - acceptedAt > settings.maximumEventAgeSeconds * 1000) {
        return this.end(definition, invocation, outcome, tries, "EventAgeExceeded", settings.onFailure);
      }
      context.emit({ kind: "function", functionName, change: "retried", requestId, detail: `in ${delay / 1000} s` });
      await sleep(clock, delay, signal);
      if (signal.aborted) return;
    }
  }

  private async end(
    definition: FunctionDefinition,
    invocation: Invocation,
    outcome: Outcome,
    tries: number,
    condition: "Success" | "RetriesExhausted" | "EventAgeExceeded",
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
