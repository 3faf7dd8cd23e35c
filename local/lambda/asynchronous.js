import { sleep } from "../../core/sleep";
import { isoNow } from "../clock";
import { sendToDestination } from "./destinations";
/** Waits before the second and the third try. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
const retryDelaysMilliseconds = [60_000, 120_000];
/**
 * Lambda's queue of asynchronous events: each is tried, tried again after 1 and 2 minutes of the clock, and then goes to
 * the on-failure destination, or is discarded with a warning. What was accepted survives a restart with state: an event whose
 * end was not seen is tried again.
 */
export class AsynchronousInvocations {
    ports;
    closing = new AbortController();
    pending;
    constructor(ports) {
        this.ports = ports;
        this.pending = ports.context.keeper.map("lambda.events");
    }
    /** Accepts an event; what becomes of it is nobody's answer. */
    accept({ name: functionName }, invocation) {
        const now = this.ports.context.clock.now();
        const pending = { functionName, invocation, acceptedAt: now, failures: 0, dueAt: now };
        this.pending.set(invocation.requestId, pending);
        this.start(pending);
    }
    /** Takes up what was accepted before the cloud ended the last time. */
    resume() {
        for (const pending of [...this.pending.values()])
            this.start(pending);
    }
    /** Leaves what waits for another try to the next cloud, where something is kept. */
    close() {
        this.closing.abort();
    }
    start(pending) {
        this.deliver(pending).catch((error) => {
            const { requestId } = pending.invocation;
            this.pending.delete(requestId);
            const message = `${pending.functionName}: the asynchronous invocation ${requestId} ended by ${String(error)}`;
            this.ports.context.emit({ kind: "warning", message });
        });
    }
    async deliver({ functionName, invocation, acceptedAt, failures, dueAt }) {
        const { context } = this.ports;
        const { clock } = context;
        const { signal } = this.closing;
        const { requestId } = invocation;
        if (dueAt > clock.now())
            await sleep(clock, dueAt - clock.now(), signal);
        for (let tries = failures + 1;; tries++) {
            if (signal.aborted)
                return;
            const definition = this.ports.find(functionName);
            // AWS drops the events of a function that is gone.
            if (definition === undefined)
                return void this.pending.delete(requestId);
            const outcome = await this.ports.run(definition, invocation);
            if (signal.aborted)
                return;
            const end = async (condition, destination) => {
                await this.end(definition, invocation, outcome, tries, condition, destination);
                this.pending.delete(requestId);
            };
            // It may have been deleted while it ran.
            if (this.ports.find(functionName) === undefined)
                return void this.pending.delete(requestId);
            const settings = this.ports.settings(definition);
            if (!outcome.failed)
                return end("Success", settings.onSuccess);
            if (tries > settings.maximumRetryAttempts)
                return end("RetriesExhausted", settings.onFailure);
            const delay = retryDelaysMilliseconds[tries - 1] ?? 0;
            if (clock.now() + delay - acceptedAt > settings.maximumEventAgeSeconds * 1000)
                return end("EventAgeExceeded", settings.onFailure);
            this.pending.set(requestId, { functionName, invocation, acceptedAt, failures: tries, dueAt: clock.now() + delay });
            context.emit({ kind: "function", functionName, change: "retried", requestId, detail: `in ${delay / 1000} s` });
            await sleep(clock, delay, signal);
        }
    }
    async end(definition, invocation, outcome, tries, condition, destination) {
        const { context, targets } = this.ports;
        const { requestId } = invocation;
        if (condition !== "Success" && !destination) {
            this.ports.count(definition, "AsyncEventsDropped");
            context.emit({ kind: "function", functionName: definition.name, change: "discarded", requestId, detail: condition });
            const message = `${definition.name} failed ${tries} times and has no on-failure destination; its event is discarded: ${outcome.payload}`;
            context.emit({ kind: "warning", message });
        }
        if (!destination)
            return;
        const document = {
            version: "1.0",
            timestamp: isoNow(context.clock),
            requestContext: { requestId, functionArn: `${definition.arn}:$LATEST`, condition, approximateInvokeCount: tries },
            requestPayload: JSON.parse(invocation.event),
            responseContext: {
                statusCode: 200,
                executedVersion: "$LATEST",
                ...(outcome.failed ? { functionError: "Unhandled" } : {}),
            },
            responsePayload: JSON.parse(outcome.payload),
        };
        try {
            await sendToDestination(destination, document, definition, context, targets);
        }
        catch (error) {
            this.ports.count(definition, "DestinationDeliveryFailures");
            const message = `${definition.name}: its ${condition} document did not reach ${destination}: ${String(error)}`;
            context.emit({ kind: "warning", message });
        }
    }
}
