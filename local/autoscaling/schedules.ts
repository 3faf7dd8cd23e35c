import { randomUUID } from "node:crypto";
import { occurrences, type Occurrences, type Schedule } from "../../core/scaling/schedules";
import type { Timer } from "../clock";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { Registry } from "./registry";

/** What PutScheduledAction is given. */
export interface ScheduledActionRequest extends Partial<Schedule> {
  name: string;
  resourceId: string;
  scalableTargetAction?: { minCapacity?: number | undefined; maxCapacity?: number | undefined } | undefined;
}

/** A scheduled action of a scalable target. */
export interface ScheduledAction extends Schedule {
  name: string;
  resourceId: string;
  arn: string;
  /** Milliseconds since the epoch. */
  creationTime: number;
  scalableTargetAction: { minCapacity?: number | undefined; maxCapacity?: number | undefined };
}

/** Longest wait of a timer; a longer one fires at once. */
const longestWaitMilliseconds = 2 ** 31 - 1;

/** Carries scheduled actions out, on the cloud's clock. Throws {@link ServiceError} as the service words it. */
export class Schedules {
  private readonly actions: Kept<ScheduledAction>;
  private readonly timers = new Map<string, Timer>();

  constructor(
    private readonly context: CloudContext,
    private readonly registry: Registry,
  ) {
    this.actions = context.keeper.map("autoscaling.scheduledActions");
    for (const [key, action] of this.actions.entries()) this.begin(key, action, this.read(action));
  }

  /** PutScheduledAction: creates it, or changes what is given. Start and end of the schedule go when they are not given again. */
  put({ name, resourceId, ...given }: ScheduledActionRequest): ScheduledAction {
    const key = keyOf(resourceId, name);
    const known = this.actions.get(key);
    const { schedule = known?.schedule, scalableTargetAction = known?.scalableTargetAction, timezone = known?.timezone } = given;
    if (schedule === undefined || scalableTargetAction === undefined) {
      throw new ServiceError("ValidationException", "Schedule and ScalableTargetAction are required to create a scheduled action.");
    }
    const { region, accountId, clock } = this.context;
    const action: ScheduledAction = {
      name,
      resourceId,
      schedule,
      scalableTargetAction,
      ...(timezone !== undefined && { timezone }),
      ...(given.startTime !== undefined && { startTime: given.startTime }),
      ...(given.endTime !== undefined && { endTime: given.endTime }),
      arn:
        known?.arn ??
        `arn:aws:autoscaling:${region}:${accountId}:scheduledAction:${randomUUID()}:resource/sagemaker/${resourceId}:` +
          `scheduledActionName/${name}`,
      creationTime: known?.creationTime ?? clock.now(),
    };
    const next = this.read(action);
    if (!this.registry.target(resourceId)) {
      throw new ServiceError("ObjectNotFoundException", `No scalable target registered for resource ID: ${resourceId}`);
    }
    this.actions.set(key, action);
    this.begin(key, action, next);
    return action;
  }

  /** DeleteScheduledAction. */
  delete(resourceId: string, name: string): void {
    if (!this.actions.has(keyOf(resourceId, name))) {
      throw new ServiceError(
        "ObjectNotFoundException",
        `No scheduled action found for scheduled action name: ${name}, resource ID: ${resourceId}`,
      );
    }
    this.actions.delete(keyOf(resourceId, name));
    this.stop(keyOf(resourceId, name));
  }

  /** What a target's deregistration takes along. */
  deleteAllOf(resourceId: string): void {
    for (const { name } of this.list().filter((action) => action.resourceId === resourceId)) this.delete(resourceId, name);
  }

  list(): ScheduledAction[] {
    return [...this.actions.values()];
  }

  close(): void {
    for (const timer of this.timers.values()) this.context.clock.clearTimeout(timer);
    this.timers.clear();
  }

  private read(action: ScheduledAction): Occurrences {
    try {
      return occurrences(action, this.context.clock.now());
    } catch (error) {
      throw new ServiceError("ValidationException", (error as Error).message);
    }
  }

  private begin(key: string, action: ScheduledAction, next: Occurrences): void {
    this.stop(key);
    this.wait(key, action, next, next(this.context.clock.now()));
  }

  private end(key: string): void {
    this.stop(key);
    this.actions.note(key, undefined);
  }

  private stop(key: string): void {
    this.context.clock.clearTimeout(this.timers.get(key));
    this.timers.delete(key);
  }

  private wait(key: string, action: ScheduledAction, next: Occurrences, at: number | undefined): void {
    // One that happens once is gone afterwards, as AWS deletes it.
    if (at === undefined) return this.end(key);
    const { clock } = this.context;
    const milliseconds = Math.min(at - clock.now(), longestWaitMilliseconds);
    const timer = clock.setTimeout(() => {
      if (clock.now() < at) return this.wait(key, action, next, at);
      this.registry.applySchedule(action.resourceId, action.name, action.scalableTargetAction);
      this.wait(key, action, next, next(clock.now()));
    }, milliseconds);
    this.timers.set(key, timer);
  }
}

function keyOf(resourceId: string, name: string): string {
  return `${resourceId} ${name}`;
}
