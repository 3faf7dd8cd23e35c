import { Cron } from "croner";
import type { Timer } from "../clock";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import type { Registry } from "./registry";

/** A scheduled action of a scalable target. */
export interface ScheduledAction {
  name: string;
  resourceId: string;
  /** `cron(…)`, `rate(…)` or `at(…)`. */
  schedule: string;
  /** Of cron and at expressions. @default "UTC" */
  timezone?: string | undefined;
  /** ISO time. */
  startTime?: string | undefined;
  /** ISO time. */
  endTime?: string | undefined;
  scalableTargetAction: { minCapacity?: number | undefined; maxCapacity?: number | undefined };
}

const unitMilliseconds: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

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
    const next = occurrences(action, this.context.clock.now());
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

/** The first occurrence after a time, both in milliseconds; undefined when there is none left. */
type Occurrences = (after: number) => number | undefined;

/**
 * Reads `cron(minutes hours day-of-month month day-of-week year)`, `rate(value unit)` and `at(yyyy-mm-ddThh:mm:ss)`.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
 */
export function occurrences({ schedule, timezone = "UTC", startTime, endTime }: ScheduledAction, now: number): Occurrences {
  const from = startTime === undefined ? now : Date.parse(startTime);
  const to = endTime === undefined ? Infinity : Date.parse(endTime);
  const within = (at: number | undefined): number | undefined => (at !== undefined && at <= to ? at : undefined);
  const [, kind, text = ""] = /^(cron|rate|at)\((.+)\)$/.exec(schedule) ?? [];
  if (kind === "rate") {
    const step = rateMilliseconds(text);
    // The first occurrence is the start itself.
    const first = startTime === undefined ? from + step : from;
    return (after) => within(after < first ? first : first + (Math.floor((after - first) / step) + 1) * step);
  }
  if (kind === "at" || kind === "cron") {
    const cron = cronOf(kind === "at" ? text : sixFields(text), timezone, schedule);
    return (after) => within(cron.nextRun(new Date(Math.max(after, from - 1)))?.getTime());
  }
  throw refused(schedule);
}

function rateMilliseconds(text: string): number {
  const [, value, unit = ""] = /^(\d+) (minute|hour|day)s?$/.exec(text) ?? [];
  const milliseconds = Number(value) * (unitMilliseconds[unit] ?? Number.NaN);
  if (!(milliseconds > 0)) throw refused(`rate(${text})`);
  return milliseconds;
}

/** The parser's fields begin with the second, and it writes "any" in one way only. */
function sixFields(text: string): string {
  const fields = text.trim().split(/\s+/);
  if (fields.length !== 6) throw refused(`cron(${text})`);
  return ["0", ...fields.map((field) => (field === "?" ? "*" : field))].join(" ");
}

function cronOf(pattern: string, timezone: string, schedule: string): Cron {
  try {
    // AWS counts weekdays from 1, Sunday, and writes 0/20 for every 20th from 0.
    return new Cron(pattern, { timezone, alternativeWeekdays: true, sloppyRanges: true });
  } catch (error) {
    throw refused(schedule, error instanceof Error ? error.message : String(error));
  }
}

function refused(schedule: string, detail = ""): ServiceError {
  const reason = detail === "" ? "" : ` (${detail})`;
  return new ServiceError(
    "ValidationException",
    `Schedule: got "${schedule}"${reason}; accepts cron(minutes hours day-of-month month day-of-week year), ` +
      "rate(value minutes|hours|days) or at(yyyy-mm-ddThh:mm:ss)",
  );
}
