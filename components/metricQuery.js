/** One metric of an alarm's expression, one value per minute unless another period is given. */
export function metricQuery(id, namespace, metricName, stat, dimensions, periodSeconds = 60) {
    return { id, metric: { namespace, metricName, dimensions, period: periodSeconds, stat } };
}
