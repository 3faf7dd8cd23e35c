import { sleep } from "../../core/sleep";
import type { Clock } from "../clock";
import type { DeploymentConfig } from "./shapes";

/** The alarms of the cloud, as a release watches them. */
export interface AlarmWatch {
  /** Whether there is such an alarm. */
  exists(alarmName: string): boolean;
  /** The first of these alarms that is in ALARM, now or later; undefined once `signal` aborts. */
  inAlarm(alarmNames: readonly string[], signal: AbortSignal): Promise<string | undefined>;
}

/** What a release moves. */
export interface Rollout {
  /** Instances of the new fleet in the end. */
  instanceCount: number;
  /** Starts instances of the new fleet. Rejects when they can't start. */
  grow(count: number): Promise<void>;
  /** Ends instances of the old fleet, a share, from 0 to 1, of those that it had when the release began. */
  shrinkOld(share: number): Promise<void>;
  /** Gives the new fleet a share of the requests that start from now on, from 0 to 1. */
  route(share: number): void;
  /** Watches the alarms for so long. Rejects when one trips. */
  bake(seconds: number): Promise<void>;
}

/**
 * Carries a release out, up to where the new fleet takes every request. Rejects when it has to be rolled back.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/dg/deployment-guardrails.html
 */
export async function rollOut({ BlueGreenUpdatePolicy, RollingUpdatePolicy }: DeploymentConfig, release: Rollout): Promise<void> {
  const { instanceCount } = release;
  if (RollingUpdatePolicy) {
    const step = instancesOf(RollingUpdatePolicy.MaximumBatchSize, instanceCount);
    for (let started = 0; started < instanceCount;) {
      const batch = Math.min(step, instanceCount - started);
      await release.grow(batch);
      started += batch;
      release.route(started / instanceCount);
      await release.bake(RollingUpdatePolicy.WaitIntervalInSeconds);
      if (started < instanceCount) await release.shrinkOld(batch / instanceCount);
    }
    return;
  }
  await release.grow(instanceCount);
  const routing = BlueGreenUpdatePolicy?.TrafficRoutingConfiguration;
  for (const share of sharesOf(routing, instanceCount)) {
    release.route(share);
    await release.bake(routing?.WaitIntervalInSeconds ?? 0);
  }
}

/** Watches alarms for so long. Rejects when one trips. */
export async function watch(alarms: AlarmWatch, clock: Clock, alarmNames: readonly string[], seconds: number): Promise<void> {
  if (seconds === 0) return;
  const over = new AbortController();
  const tripped = alarms.inAlarm(alarmNames, over.signal);
  const time = sleep(clock, seconds * 1000, over.signal);
  const alarmName = await Promise.race([tripped, time.then(() => undefined)]);
  over.abort();
  if (alarmName !== undefined) throw new Error(`The alarm ${alarmName} tripped while the new version was watched.`);
}

/**
 * Why a fleet can't be released like this; undefined when it can.
 *
 * @param instanceCount of the new fleet
 */
export function unfit({ BlueGreenUpdatePolicy, RollingUpdatePolicy }: DeploymentConfig, instanceCount: number): string | undefined {
  const { CanarySize, LinearStepSize } = BlueGreenUpdatePolicy?.TrafficRoutingConfiguration ?? {};
  const [name, size] = RollingUpdatePolicy
    ? ["MaximumBatchSize", RollingUpdatePolicy.MaximumBatchSize]
    : CanarySize
      ? ["CanarySize", CanarySize]
      : ["LinearStepSize", LinearStepSize];
  if (!size || instancesOf(size, instanceCount) * 2 <= instanceCount) return undefined;
  return `${name} must be at most 50 percent of the instance count of the variant, which is ${instanceCount}.`;
}

type Routing = NonNullable<DeploymentConfig["BlueGreenUpdatePolicy"]>["TrafficRoutingConfiguration"];
type CapacitySize = NonNullable<DeploymentConfig["RollingUpdatePolicy"]>["MaximumBatchSize"];

/** The shares of the requests that the new fleet gets, one after the other. */
function sharesOf(routing: Routing | undefined, instanceCount: number): number[] {
  const { CanarySize, LinearStepSize } = routing ?? {};
  if (CanarySize) return [instancesOf(CanarySize, instanceCount) / instanceCount, 1];
  if (!LinearStepSize) return [1];
  const step = instancesOf(LinearStepSize, instanceCount);
  return Array.from({ length: Math.ceil(instanceCount / step) }, (_, index) => Math.min(1, (step * (index + 1)) / instanceCount));
}

/** How the service rounds is not documented: up, so that a step is at least one instance. */
function instancesOf({ Type, Value }: CapacitySize, instanceCount: number): number {
  return Type === "INSTANCE_COUNT" ? Value : Math.ceil((instanceCount * Value) / 100);
}
