/** What of the program's settings decides waiting and cost. The names are the program's, and so are the units. */
export interface PlanSettings {
  instanceType: string;
  /** How much faster a job runs than on the instances that the load was recorded on; 1 is as fast. */
  speedFactor: number;
  minCapacity: number;
  maxCapacity: number;
  targetBacklogPerInstance: number;
  maxConcurrentInvocationsPerInstance: number;
  scaleInCooldownSeconds: number;
  scaleOutCooldownSeconds: number;
  idleSeconds: number;
  drain: boolean;
  partialScaleIn: boolean;
  /** Such as `mon-fri 08:00-18:00`. */
  warmHours: readonly string[];
  warmMinCapacity: number;
  warmTimeZone: string;
  requestTtlSeconds: number;
  invocationTimeoutSeconds: number;
  /** Price of one instance. Undefined: not known, and then no cost is. */
  usdPerHour?: number;
}

/** The program's settings that decide how long jobs wait and what that costs. */
export const planned = [
  "instanceType",
  "minCapacity",
  "maxCapacity",
  "targetBacklogPerInstance",
  "maxConcurrentInvocationsPerInstance",
  "scaleInCooldownSeconds",
  "scaleOutCooldownSeconds",
  "idleSeconds",
  "drain",
  "partialScaleIn",
  "warmHours",
  "warmMinCapacity",
  "warmTimeZone",
  "requestTtlSeconds",
  "invocationTimeoutSeconds",
] as const satisfies readonly (keyof PlanSettings)[];

/** One of {@link planned}. */
export type PlannedName = (typeof planned)[number];

/** What no document of the service says, and what the hardware needs. */
export interface Unknowns {
  /** Whether ApproximateBacklogSize counts running requests too: documents disagree. */
  backlogCounts: "waiting" | "waitingAndRunning";
  /** How late SageMaker's metrics can be read. */
  metricDelaySeconds: number;
  /** From the order of an instance to its first request; it is paid for. */
  startupSeconds: number;
}
