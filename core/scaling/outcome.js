/** Adds up what an alarm looked at. */
const aggregations = {
    Average: (values) => values.reduce((a, b) => a + b, 0) / values.length,
    Minimum: (values) => Math.min(...values),
    Maximum: (values) => Math.max(...values),
};
/**
 * The capacity that a step policy asks for, before the target's bounds; undefined when no step fits.
 *
 * @param base capacity that the adjustment is added to
 * @see https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html
 */
export function stepCapacity(policy, base, { threshold, datapoints }) {
    const step = stepFor(policy, aggregations[policy.metricAggregationType](datapoints) - threshold);
    if (!step)
        return undefined;
    const { adjustmentType, minAdjustmentMagnitude = 0 } = policy;
    const { scalingAdjustment } = step;
    if (adjustmentType === "ExactCapacity")
        return scalingAdjustment;
    if (adjustmentType === "ChangeInCapacity")
        return Math.max(0, base + scalingAdjustment);
    const change = wholeInstances((base * scalingAdjustment) / 100);
    const atLeast = Math.max(Math.abs(change), scalingAdjustment === 0 ? 0 : minAdjustmentMagnitude);
    return Math.max(0, base + Math.sign(scalingAdjustment) * atLeast);
}
/** Above the threshold a step's lower bound belongs to it, below the threshold its upper bound. */
function stepFor({ stepAdjustments }, difference) {
    const fits = (inclusive) => stepAdjustments.find(({ metricIntervalLowerBound: from = -Infinity, metricIntervalUpperBound: to = Infinity }) => inclusive === "lower" ? from <= difference && difference < to : from < difference && difference <= to);
    if (difference > 0)
        return fits("lower");
    if (difference < 0)
        return fits("upper");
    return fits("lower") ?? fits("upper");
}
/** Parts of an instance: between 0 and 1 one, else towards zero. */
function wholeInstances(change) {
    return change !== 0 && Math.abs(change) < 1 ? Math.sign(change) : Math.trunc(change);
}
/**
 * The capacity that keeps a metric per instance at its target, rounded up: never too few instances.
 * From zero it stays zero: the reason why an endpoint needs a step policy to wake.
 */
export function trackingCapacity(base, metricValue, targetValue) {
    // What is whole but for the last bit is whole.
    return Math.max(0, Math.ceil((base * metricValue) / targetValue - 1e-9));
}
