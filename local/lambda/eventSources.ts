import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import { requireReceivable } from "./checks";
import type { FunctionDefinition } from "./definition";
import { QueuePoller, type PollerPorts } from "./queuePoller";

/** What can be changed of an event source mapping. */
export interface EventSourceSettings {
  functionName: string;
  enabled: boolean;
  /** Messages of one invocation, at most. */
  batchSize: number;
  /** Seconds for which messages are gathered; the embedded cloud does not wait. */
  batchingWindowSeconds: number;
  /** Whether the function's answer names the messages that failed. */
  reportsItemFailures: boolean;
  /** Invocations at a time; undefined for Lambda's own measure. */
  maximumConcurrency: number | undefined;
}

/** A queue whose messages invoke a function. */
export interface EventSource extends EventSourceSettings {
  uuid: string;
  eventSourceArn: string;
  tags: Record<string, string>;
  /** Milliseconds since the epoch. */
  lastModified: number;
}

/** What event sources need of the rest. */
export interface EventSourcePorts extends Omit<PollerPorts, "find"> {
  context: CloudContext;
  find: (functionName: string) => FunctionDefinition;
  /** Seconds for which a queue hides what was received; undefined when there is no such queue. */
  visibilitySecondsOf: (queueArn: string) => number | undefined;
}

/** The event source mappings of one embedded cloud, and what polls their queues. */
export class EventSources {
  private readonly kept: Kept<EventSource>;
  private readonly pollers = new Map<string, QueuePoller>();

  constructor(private readonly ports: EventSourcePorts) {
    this.kept = ports.context.keeper.map<EventSource>("lambda.eventSources");
  }

  /** @throws ServiceError what Lambda refuses */
  create(eventSourceArn: string, settings: EventSourceSettings, tags: Record<string, string>): EventSource {
    const { name } = this.checked(eventSourceArn, settings);
    const twin = this.all().find((known) => known.eventSourceArn === eventSourceArn && known.functionName === name);
    if (twin) {
      const words = `An event source mapping with SQS arn (" ${eventSourceArn} ") and function (" ${name} ") already exists. Please update or delete the existing mapping with UUID ${twin.uuid}`;
      throw new ServiceError("ResourceConflictException", words, 409);
    }
    return this.keep({ ...settings, functionName: name, uuid: crypto.randomUUID(), eventSourceArn, tags, lastModified: 0 });
  }

  /** What is under way goes on as before. */
  update(uuid: string, changes: Partial<EventSourceSettings>): EventSource {
    const changed = { ...this.find(uuid), ...changes };
    return this.keep({ ...changed, functionName: this.checked(changed.eventSourceArn, changed).name });
  }

  setTags(uuid: string, tags: Record<string, string>): void {
    this.kept.set(uuid, { ...this.find(uuid), tags });
  }

  /** @throws ServiceError ResourceNotFoundException */
  find(uuid: string): EventSource {
    const found = this.kept.get(uuid);
    if (found) return found;
    throw new ServiceError("ResourceNotFoundException", "The resource you requested does not exist.", 404);
  }

  /** In the order of their making. */
  all(): EventSource[] {
    return [...this.kept.values()];
  }

  delete(uuid: string): EventSource {
    const source = this.find(uuid);
    this.stop(uuid);
    this.kept.delete(uuid);
    return source;
  }

  arnOf({ uuid }: EventSource): string {
    const { region, accountId } = this.ports.context;
    return `arn:aws:lambda:${region}:${accountId}:event-source-mapping:${uuid}`;
  }

  functionArnOf({ functionName }: EventSource): string {
    const { region, accountId } = this.ports.context;
    return `arn:aws:lambda:${region}:${accountId}:function:${functionName}`;
  }

  /** Polls the queues that were polled before. */
  resume(): void {
    for (const source of this.all()) this.start(source);
  }

  /** Ends polling; what a function was invoked with stays hidden in its queue for its time. */
  async close(): Promise<void> {
    await Promise.all([...this.pollers.values()].map((poller) => poller.close()));
  }

  private keep(source: EventSource): EventSource {
    const kept = { ...source, lastModified: this.ports.context.clock.now() };
    this.kept.set(kept.uuid, kept);
    this.stop(kept.uuid);
    this.start(kept);
    return kept;
  }

  private start(source: EventSource): void {
    if (!source.enabled) return;
    const { find, ...ports } = this.ports;
    this.pollers.set(source.uuid, new QueuePoller(source, { ...ports, find: () => found(() => find(source.functionName)) }));
  }

  private stop(uuid: string): void {
    void this.pollers.get(uuid)?.close();
    this.pollers.delete(uuid);
  }

  private checked(eventSourceArn: string, { functionName }: EventSourceSettings): FunctionDefinition {
    const { context, find, visibilitySecondsOf } = this.ports;
    const definition = find(functionName);
    const visibilitySeconds = visibilitySecondsOf(eventSourceArn);
    if (visibilitySeconds === undefined) {
      const words =
        "Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: The specified queue does not exist.";
      throw new ServiceError("InvalidParameterValueException", words);
    }
    requireReceivable(context, definition, eventSourceArn);
    if (visibilitySeconds < definition.timeoutSeconds) {
      const words = `Queue visibility timeout: ${visibilitySeconds} seconds is less than Function timeout: ${definition.timeoutSeconds} seconds`;
      throw new ServiceError("InvalidParameterValueException", words);
    }
    return definition;
  }
}

function found(find: () => FunctionDefinition): FunctionDefinition | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}
