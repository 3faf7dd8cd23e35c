import { readWarmWindow, weekdays } from "../core/floor/warmHours";
import { periodOf, type Load } from "./load";
import { planned, type PlannedName, type PlanSettings } from "./settings";

/** The values that a search tries for one setting, or for settings that go together, in order. */
type Axis = readonly Partial<PlanSettings>[];

/** What differs, by the program's names, as `pulumi config set` takes it. */
export function changesOf(current: PlanSettings, settings: PlanSettings): Record<string, string> {
  const text = (value: PlanSettings[PlannedName]) => (typeof value === "object" ? JSON.stringify(value) : String(value));
  const changed = planned.filter((name) => text(current[name]) !== text(settings[name]));
  return Object.fromEntries(changed.map((name) => [name, text(settings[name])]));
}

/** Whether the program would take these settings together. components/contradictions.ts has the sentences. */
export function isPossible({ minCapacity, maxCapacity, warmHours, warmMinCapacity, drain, partialScaleIn }: PlanSettings): boolean {
  if (minCapacity > maxCapacity || (drain && partialScaleIn)) return false;
  return warmHours.length === 0 || (warmMinCapacity > minCapacity && warmMinCapacity <= maxCapacity);
}

/** More instances than so many times the present maximum are not proposed: quotas are in the way long before. */
const mostTimesPresent = 10;

/** Settings around the present ones, without any twice. */
export class Candidates {
  private readonly axes: readonly Axis[];
  private readonly seen = new Set<string>();

  /** @param types what else the model could run on: of each, instance type, speed, price and how many requests at once */
  constructor(
    private readonly load: Load,
    private readonly current: PlanSettings,
    types: readonly PlanSettings[],
  ) {
    this.axes = this.axesOf(types);
  }

  /** The present settings, then each of them changed alone, then a spread over all combinations. */
  *spread(): Generator<PlanSettings> {
    yield* this.news(this.current);
    for (const axis of this.axes) for (const change of axis) yield* this.news({ ...this.current, ...change });
    // An additive recurrence leaves no part of the product out for long. Its steps are powers of a root that is not rational.
    const root = rootOf(this.axes.length + 1);
    for (let index = 1; index < 10_000; index++) {
      const parts = this.axes.map((axis, at) => axis[Math.floor((((index * root ** -(at + 1)) % 1) + 1) * axis.length) % axis.length]);
      yield* this.news(Object.assign({ ...this.current }, ...parts) as PlanSettings);
    }
  }

  /** One step from given settings along each axis, and back to the present value. */
  *near(settings: PlanSettings): Generator<PlanSettings> {
    for (const axis of this.axes) {
      const at = axis.findIndex((change) => isSame({ ...settings, ...change }, settings));
      for (const step of [at - 1, at + 1]) if (axis[step]) yield* this.news({ ...settings, ...axis[step] });
      const back = axis.find((change) => isSame({ ...this.current, ...change }, this.current));
      if (back) yield* this.news({ ...settings, ...back });
    }
  }

  private *news(settings: PlanSettings): Generator<PlanSettings> {
    const key = JSON.stringify(settings);
    if (!isPossible(settings) || this.seen.has(key)) return;
    this.seen.add(key);
    yield settings;
  }

  private axesOf(types: readonly PlanSettings[]): Axis[] {
    const { load, current } = this;
    const numbers = (
      name: "minCapacity" | "maxCapacity" | "targetBacklogPerInstance" | "idleSeconds" | "requestTtlSeconds",
      values: number[],
    ) => [...new Set([...values, current[name]])].sort((a, b) => a - b).map((value) => ({ [name]: value }));
    const demand = demandOf(load, current);
    const limit = mostTimesPresent * current.maxCapacity;
    const most = [demand.mean, demand.p95, demand.most, Math.sqrt(demand.most * demand.peak), demand.peak].map((instances) =>
      Math.min(limit, Math.max(1, Math.ceil(instances))),
    );
    const others = types.filter(
      (type) =>
        type.instanceType !== current.instanceType ||
        type.maxConcurrentInvocationsPerInstance !== current.maxConcurrentInvocationsPerInstance,
    );
    return [
      [current, ...others].map(({ instanceType, speedFactor, usdPerHour, maxConcurrentInvocationsPerInstance }) => ({
        instanceType,
        speedFactor,
        maxConcurrentInvocationsPerInstance,
        // Also where it is not known: the present type's would be another's.
        usdPerHour,
      })),
      numbers("maxCapacity", most),
      numbers("targetBacklogPerInstance", [1, 2, 5, 10]),
      numbers("idleSeconds", [60, 300, 600, 1800]),
      [
        { drain: false, partialScaleIn: false },
        { drain: true, partialScaleIn: false },
        { drain: false, partialScaleIn: true },
      ],
      numbers("minCapacity", [0, 1]),
      warmAxis(load, current, demand.mean),
      numbers("requestTtlSeconds", [21_600]),
    ];
  }
}

function isSame(one: PlanSettings, other: PlanSettings): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The one real root above 1 of x^n = x + 1. */
function rootOf(n: number): number {
  let root = 2;
  for (let step = 0; step < 50; step++) root = (1 + root) ** (1 / n);
  return root;
}

/** How many instances a load keeps busy: per hour of arrival, and in the ten minutes in which most comes. */
export function demandOf(load: Load, settings: PlanSettings): { mean: number; p95: number; most: number; peak: number } {
  const hours = busyPer(3600, load, settings).sort();
  const mean = hours.reduce((sum, hour) => sum + hour, 0) / hours.length;
  const peak = busyPer(600, load, settings).reduce((most, instances) => Math.max(most, instances), 0);
  return { mean, p95: hours[Math.floor(0.95 * (hours.length - 1))] as number, most: hours.at(-1) as number, peak };
}

/** How many instances the jobs that come in each stretch of time keep busy for as long as it lasts. */
function busyPer(seconds: number, load: Load, { speedFactor, maxConcurrentInvocationsPerInstance: slots }: PlanSettings): Float64Array {
  const { arrivalSeconds, durationSeconds } = load;
  const busy = new Float64Array(Math.ceil(Math.max(periodOf(load), (arrivalSeconds.at(-1) ?? 0) + 1) / seconds));
  arrivalSeconds.forEach((at, job) => {
    const part = Math.floor(at / seconds);
    busy[part] = (busy[part] as number) + (durationSeconds[job] as number) / speedFactor / slots / seconds;
  });
  return busy;
}

/** None, and the hours in which nearly all jobs come, if they have any, with one instance and with as many as the load needs on average. */
function warmAxis(load: Load, current: PlanSettings, meanInstances: number): Axis {
  const none = { warmHours: [], warmMinCapacity: 1, warmTimeZone: "UTC" };
  const present = { warmHours: current.warmHours, warmMinCapacity: current.warmMinCapacity, warmTimeZone: current.warmTimeZone };
  const zone = current.warmTimeZone;
  const window = busyWindow(load, zone);
  const warm = window === undefined ? [] : [...new Set([1, Math.max(1, Math.round(meanInstances))])];
  const derived = warm.map((warmMinCapacity) => ({ warmHours: [window as string], warmMinCapacity, warmTimeZone: zone }));
  // Without warm hours, the program refuses what only belongs to them.
  return current.warmHours.length === 0 ? [present, ...derived] : [none, present, ...derived];
}

/** Share of the jobs that must come in the hours. */
const mostJobs = 0.9;
/** Longer hours than these are nearly always. */
const longestHours = 16;

/** The shortest hours of the day, of working days or of all, in which nearly all jobs come. */
export function busyWindow({ arrivalSeconds, startsAt }: Load, timeZone: string): string | undefined {
  const byHour = new Float64Array(24);
  let onWeekend = 0;
  const offsets = new Map<number, { hour: number; day: number }>();
  for (const at of arrivalSeconds) {
    // A local hour begins at a quarter of UTC's, everywhere.
    const quarter = Math.floor((startsAt + at * 1000) / 900_000);
    let local = offsets.get(quarter);
    if (!local) offsets.set(quarter, (local = localHour(quarter * 900_000, timeZone)));
    byHour[local.hour] = (byHour[local.hour] as number) + 1;
    if (local.day === 0 || local.day === 6) onWeekend += 1;
  }
  const needed = mostJobs * arrivalSeconds.length;
  for (let hours = 1; hours <= longestHours; hours++) {
    for (let from = 0; from < 24; from++) {
      let jobs = 0;
      for (let hour = from; hour < from + hours; hour++) jobs += byHour[hour % 24] as number;
      if (jobs < needed) continue;
      const days = onWeekend <= (1 - mostJobs) * arrivalSeconds.length ? "mon-fri" : "sun-sat";
      const time = (hour: number) => `${String(hour % 24).padStart(2, "0")}:00`;
      const text = `${days} ${time(from)}-${time(from + hours)}`;
      return readWarmWindow(text) && text;
    }
  }
  return undefined;
}

function localHour(time: number, timeZone: string): { hour: number; day: number } {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone, weekday: "short", hour: "2-digit", hourCycle: "h23" }).formatToParts(time);
  const part = (type: string) => parts.find((one) => one.type === type)?.value ?? "";
  return { hour: Number(part("hour")), day: weekdays.indexOf(part("weekday").toLowerCase() as (typeof weekdays)[number]) };
}
