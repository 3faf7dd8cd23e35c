import type { Load } from "../planner/load";
import type { PlanSettings, Unknowns } from "../planner/settings";

/** Midnight of a Monday. */
export const monday = Date.UTC(2026, 0, 5);

/** The program's defaults. */
export const usualSettings: PlanSettings = {
  instanceType: "ml.g5.2xlarge",
  speedFactor: 1,
  minCapacity: 0,
  maxCapacity: 5,
  targetBacklogPerInstance: 5,
  maxConcurrentInvocationsPerInstance: 1,
  scaleInCooldownSeconds: 600,
  scaleOutCooldownSeconds: 120,
  idleSeconds: 600,
  drain: false,
  partialScaleIn: false,
  warmHours: [],
  warmMinCapacity: 1,
  warmTimeZone: "UTC",
  requestTtlSeconds: 21_600,
  invocationTimeoutSeconds: 3600,
  usdPerHour: 2,
};

/** The middle of the band. */
export const usualUnknowns: Unknowns = { backlogCounts: "waiting", metricDelaySeconds: 120, startupSeconds: 240 };

/** A load of jobs given as arrival and duration in seconds. */
export function loadOf(jobs: readonly (readonly [arrivalSeconds: number, durationSeconds: number])[], name = "load"): Load {
  return {
    name,
    startsAt: monday,
    arrivalSeconds: Float64Array.from(jobs, ([arrival]) => arrival),
    durationSeconds: Float64Array.from(jobs, ([, duration]) => duration),
  };
}
