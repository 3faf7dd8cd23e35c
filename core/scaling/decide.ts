import { stepCapacity, trackingCapacity, type Breach } from "./outcome";
import type { StepScaling, TargetTracking } from "./policies";

/** A scalable target's bounds. */
export interface Bounds {
  minCapacity: number;
  maxCapacity: number;
}

/** What the last decision keeps others from doing. */
export interface Cooldown {
  direction: "out" | "in";
  /** Milliseconds since the epoch. Undefined until the endpoint has the instances: only then does the cooldown begin. */
  until?: number;
  capacityBefore: number;
}

/** A scaling policy: exactly one of the two. */
export interface Policy {
  step?: StepScaling;
  tracking?: TargetTracking;
}

/** One policy that an alarm asked to be carried out. */
export interface PolicyCall {
  policy: Policy;
  breach: Breach;
}

/** A scalable target at the moment of a decision. */
export interface Standing extends Bounds {
  /** The desired instance count. */
  current: number;
  /** One that still holds. @see holdingCooldown */
  cooldown: Cooldown | undefined;
  suspended: { dynamicScalingInSuspended: boolean; dynamicScalingOutSuspended: boolean };
  /**
   * Whether target tracking leaves zero once the metric exceeds its target. The documents disagree: the guide to
   * asynchronous endpoints lets a backlog above the target wake one, that of scaling policies asks for step scaling.
   */
  trackingLeavesZero: boolean;
}

/** A change of the desired instance count. */
export interface Decision<Call> {
  call: Call;
  capacity: number;
  /** To be kept from now on. Its `until` is to be set when the change has come to an end: {@link cooldownSeconds} later, or at once if it failed. */
  cooldown: Cooldown;
}

/** Nothing of a scalable target is suspended. */
export const nothingSuspended: Standing["suspended"] = { dynamicScalingInSuspended: false, dynamicScalingOutSuspended: false };

/** A capacity moved into bounds. */
export function within({ minCapacity, maxCapacity }: Bounds, capacity: number): number {
  return Math.min(maxCapacity, Math.max(minCapacity, capacity));
}

/** The cooldown, unless it is over. */
export function holdingCooldown(cooldown: Cooldown | undefined, now: number): Cooldown | undefined {
  return cooldown?.until !== undefined && cooldown.until <= now ? undefined : cooldown;
}

/** How long a policy's change keeps others back, once it is fulfilled. */
export function cooldownSeconds({ step, tracking }: Policy, direction: Cooldown["direction"]): number {
  if (step) return step.cooldown;
  return (direction === "out" ? tracking?.scaleOutCooldown : tracking?.scaleInCooldown) ?? 0;
}

/**
 * What policies that were called at one moment come to together: the largest capacity wins, and nothing scales in while another
 * scales out or a cooldown holds. Undefined: everything stays.
 *
 * @param allTrackingScalesIn whether every target tracking policy that may scale in is ready to
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/target-tracking-scaling-policy-overview.html
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export function decide<Call extends PolicyCall>(
  standing: Standing,
  calls: readonly Call[],
  allTrackingScalesIn: () => boolean,
): Decision<Call> | undefined {
  const { current, cooldown, suspended } = standing;
  // What the last scale-out added counts as part of what is asked for now.
  const base = cooldown?.direction === "out" ? cooldown.capacityBefore : current;
  const outcomes = calls.flatMap((call) => {
    const wanted = wantedBy(standing, call, base);
    return wanted === undefined ? [] : [{ call, wanted, capacity: within(standing, wanted) }];
  });
  const outs = outcomes.filter(({ wanted }) => wanted > current);
  const ins = outcomes.filter(({ wanted }) => wanted < current && cooldown === undefined);
  const winner = largest(outs) ?? largest(ins.filter(({ call }) => !call.policy.tracking || allTrackingScalesIn()));
  if (!winner || winner.capacity === current) return undefined;
  const direction = winner.capacity > current ? "out" : "in";
  if (direction === "out" ? suspended.dynamicScalingOutSuspended : suspended.dynamicScalingInSuspended) return undefined;
  return { call: winner.call, capacity: winner.capacity, cooldown: { direction, capacityBefore: base } };
}

function wantedBy({ trackingLeavesZero }: Standing, { policy: { step, tracking }, breach }: PolicyCall, base: number): number | undefined {
  if (step) return stepCapacity(step, base, breach);
  if (!tracking) return undefined;
  const metricValue = breach.datapoints.at(-1) as number;
  const leavesZero = trackingLeavesZero && metricValue > tracking.targetValue;
  return trackingCapacity(leavesZero ? Math.max(1, base) : base, metricValue, tracking.targetValue);
}

function largest<Outcome extends { wanted: number }>(outcomes: readonly Outcome[]): Outcome | undefined {
  return outcomes.reduce<Outcome | undefined>((best, outcome) => (best && best.wanted >= outcome.wanted ? best : outcome), undefined);
}
