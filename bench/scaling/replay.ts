import { percentile } from "../measure";
import type { LowPrioritySettings } from "../../core/lifecycle/priority";
import type { Declared } from "./declared";
import type { Arrival } from "./loads";
import { bounds, type ScalingPolicy } from "./policies";
import { Program } from "./program";
import { endpointName, simulate, variantName, type Conditions } from "./simulation";

/** What became of a load under one policy. */
export interface Outcome {
  submitted: number;
  completed: number;
  killed: number;
  expired: number;
  /** Instances that are paid for, from order to end. */
  instanceHours: number;
  /** What the model worked on jobs that completed. */
  completedHours: number;
  /** From submitting to the first instance's start on it, of those that started. */
  waitSeconds: { p50: number; p95: number };
  /** Instances at the end of each hour. */
  instances: number[];
  /** The same of the batch, in a load with one; the wait above is then that of the others. */
  batch?: { completed: number; waitSeconds: { p50: number; p95: number }; endedHours: number };
}

/** Replays a load. Jobs that still wait or run at the end count as submitted only. */
export async function replay(
  policy: Pick<ScalingPolicy, "floor"> & { lowPriority?: LowPrioritySettings },
  resources: readonly Declared[],
  arrivals: readonly Arrival[],
  conditions: Conditions,
  hours: number,
): Promise<Outcome> {
  const simulation = await simulate(conditions, resources);
  const { maxConcurrentInvocationsPerInstance } = conditions;
  const warm = { windows: [], timeZone: "UTC", minCapacity: 0 };
  const floor = { ...bounds, endpointName, variantName, warm, partialScaleIn: false, maxConcurrentInvocationsPerInstance };
  const program = policy.floor && new Program(simulation, { ...floor, ...policy.floor }, policy.lowPriority);
  const outcome: Outcome = {
    submitted: 0,
    completed: 0,
    killed: 0,
    expired: 0,
    instanceHours: 0,
    completedHours: 0,
    waitSeconds: { p50: 0, p95: 0 },
    instances: [],
  };
  const waits: number[] = [];
  const batch = { waits: [] as number[], completed: 0, endedHours: 0 };
  // When each instance was ordered; the one that the endpoint starts with, before anybody listens, at 0.
  const paidSince = new Map<string, number>();
  let instances = 1;
  let firstStopped = false;
  let over = false;
  const pay = (from: number) => (outcome.instanceHours += (simulation.seconds() - from) / 3600);
  simulation.on((event) => {
    if (event.kind === "warning") throw new Error(event.message);
    // What ends with the simulation is no outcome.
    if (over) return;
    if (event.kind === "instance" && event.change === "starting") {
      paidSince.set(event.instanceId, simulation.seconds());
      instances += 1;
    }
    if (event.kind === "instance" && event.change === "stopped") {
      pay(paidSince.get(event.instanceId) ?? 0);
      if (!paidSince.delete(event.instanceId)) firstStopped = true;
      instances -= 1;
    }
    if (event.kind === "invocation") {
      const { atSeconds, modelSeconds, low } = arrivals[Number(event.inferenceId)] as Arrival;
      if (event.change === "completed" && low) {
        batch.completed += 1;
        batch.endedHours = simulation.seconds() / 3600;
      }
      if (event.change === "started") (low ? batch.waits : waits).push(Math.max(0, simulation.seconds() - atSeconds));
      if (event.change === "completed") outcome.completedHours += modelSeconds / 3600;
      if (event.change === "completed" || event.change === "killed" || event.change === "expired") outcome[event.change] += 1;
    }
  });
  arrivals.forEach(({ atSeconds, modelSeconds, low = false }, index) => {
    if (atSeconds >= hours * 3600) return;
    outcome.submitted += 1;
    simulation.clock.setTimeout(
      () => void (program ? program.submit(String(index), modelSeconds, low) : simulation.invoke(String(index), modelSeconds)),
      atSeconds * 1000,
    );
  });
  for (let hour = 1; hour <= hours; hour++) {
    await simulation.runUntil(hour * 3600);
    outcome.instances.push(instances);
  }
  over = true;
  if (!firstStopped) pay(0);
  for (const from of paidSince.values()) pay(from);
  const middle = (of: readonly number[]) => ({ p50: percentile(of, 0.5), p95: percentile(of, 0.95) });
  outcome.waitSeconds = middle(waits);
  const { completed, endedHours } = batch;
  if (batch.waits.length > 0) outcome.batch = { completed, waitSeconds: middle(batch.waits), endedHours };
  await simulation.close();
  return outcome;
}
