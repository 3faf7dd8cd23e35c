import { stepCapacity, trackingCapacity } from "./outcome";
/** Nothing of a scalable target is suspended. */
export const nothingSuspended = { dynamicScalingInSuspended: false, dynamicScalingOutSuspended: false };
/** A capacity moved into bounds. */
export function within({ minCapacity, maxCapacity }, capacity) {
    return Math.min(maxCapacity, Math.max(minCapacity, capacity));
}
/** The cooldown, unless it is over. */
export function holdingCooldown(cooldown, now) {
    return cooldown?.until !== undefined && cooldown.until <= now ? undefined : cooldown;
}
/** How long a policy's change keeps others back, once it is fulfilled. */
export function cooldownSeconds({ step, tracking }, direction) {
    if (step)
        return step.cooldown;
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
export function decide(standing, calls, allTrackingScalesIn) {
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
    if (!winner || winner.capacity === current)
        return undefined;
    const direction = winner.capacity > current ? "out" : "in";
    if (direction === "out" ? suspended.dynamicScalingOutSuspended : suspended.dynamicScalingInSuspended)
        return undefined;
    return { call: winner.call, capacity: winner.capacity, cooldown: { direction, capacityBefore: base } };
}
function wantedBy({ trackingLeavesZero }, { policy: { step, tracking }, breach }, base) {
    if (step)
        return stepCapacity(step, base, breach);
    if (!tracking)
        return undefined;
    const metricValue = breach.datapoints.at(-1);
    const leavesZero = trackingLeavesZero && metricValue > tracking.targetValue;
    return trackingCapacity(leavesZero ? Math.max(1, base) : base, metricValue, tracking.targetValue);
}
function largest(outcomes) {
    return outcomes.reduce((best, outcome) => (best && best.wanted >= outcome.wanted ? best : outcome), undefined);
}
