import { occurrences, type Occurrences, type Schedule } from "../../core/scaling/schedules";
import type { Timer } from "../clock";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { Registry } from "./registry";

/** A scheduled action of a scalable target. */
export interface ScheduledAction extends Schedule {
  name: string;
  resourceId: string;
  scalableTargetAction: { minCapacity?: number | undefined; maxCapacity?: number | undefined };
}

/** Longest wait of a timer; a longer one fires at once. */
const longestWaitMilliseconds = 2 ** 31 - 1;

/** Carries scheduled actions out, on the cloud's clock. */
export class Schedules {
  private readonly timers = new Map<string, Timer>();

  constructor(
    private readonly context: CloudContext,
    private readonly registry: Registry,
  ) {}

  /** Creates or replaces an action. Throws {@link ServiceError} for a schedule that can't be read. */
  put(action: ScheduledAction): void {
    const next = this.read(action);
    if (!this.registry.target(action.resourceId)) {
      throw new ServiceError("ObjectNotFoundException", `No scalable target registered for resource ID: ${action.resourceId}`);
    }
    const key = `${action.resourceId} ${action.name}`;
    this.context.clock.clearTimeout(this.timers.get(key));
    this.wait(key, action, next, next(this.context.clock.now()));
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

  private wait(key: string, action: ScheduledAction, next: Occurrences, at: number | undefined): void {
    if (at === undefined) return void this.timers.delete(key);
    const { clock } = this.context;
    const milliseconds = Math.min(at - clock.now(), longestWaitMilliseconds);
    const timer = clock.setTimeout(() => {
      if (clock.now() < at) return this.wait(key, action, next, at);
      // A target that was deregistered took its actions along.
      if (!this.registry.target(action.resourceId)) return void this.timers.delete(key);
      this.registry.applySchedule(action.resourceId, action.name, action.scalableTargetAction);
      this.wait(key, action, next, next(clock.now()));
    }, milliseconds);
    this.timers.set(key, timer);
  }
}
