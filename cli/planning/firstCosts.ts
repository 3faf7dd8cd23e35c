import { readWarmWindow } from "../../core/floor/warmHours";
import type { PlanSettings } from "../../planner";
import type { CheckResult } from "../checklist";
import { shownUsd } from "./figures";

/** As AWS counts a month. */
const monthHours = 730;
const weekHours = 168;

/** What a deployment costs before anybody knows its load: instances alone, in US dollars. */
export interface FirstCosts {
  /** An hour in which one instance runs: what the first job costs, start and idle time included. */
  hourOfOne: number;
  /** An hour in which all run that may. */
  hourOfAll: number;
  /** A month without a job: the minimum, and warm hours. */
  idleMonth: number;
}

/** The first costs of settings; undefined where the type's price is not known. */
export function firstCosts({ usdPerHour, minCapacity, maxCapacity, warmHours, warmMinCapacity }: PlanSettings): FirstCosts | undefined {
  if (usdPerHour === undefined) return undefined;
  const windows = warmHours.map(readWarmWindow);
  const warmWeekHours = windows.reduce(
    (sum, window) => sum + (window === undefined ? 0 : (window.days.length * (window.to - window.from)) / 60),
    0,
  );
  const warmInstances = Math.max(0, warmMinCapacity - minCapacity) * (warmWeekHours / weekHours);
  return {
    hourOfOne: usdPerHour * Math.max(1, minCapacity),
    hourOfAll: usdPerHour * maxCapacity,
    idleMonth: usdPerHour * monthHours * (minCapacity + warmInstances),
  };
}

/** What `doctor` says of it. @param source where the price comes from */
export function costCheck(settings: PlanSettings, source: string): CheckResult {
  const costs = firstCosts(settings);
  const { instanceType, minCapacity, maxCapacity, idleSeconds } = settings;
  if (costs === undefined) {
    return {
      status: "skipped",
      detail: source,
      request: `Look it up for ${instanceType} on https://aws.amazon.com/sagemaker/ai/pricing/.`,
    };
  }
  const awake = Math.round(idleSeconds / 60);
  const asleep = costs.idleMonth === 0 ? `, which goes ${awake} min after its last job` : "";
  return {
    status: "passed",
    detail:
      `the first hour costs ${shownUsd(costs.hourOfOne)} USD with ${Math.max(1, minCapacity)} ${instanceType}${asleep}, ${shownUsd(costs.hourOfAll)} with all ${maxCapacity}; ` +
      `a month without a job ${costs.idleMonth === 0 ? "nothing: it sleeps" : `${shownUsd(costs.idleMonth)} USD`} (instances alone; ${source})`,
  };
}
