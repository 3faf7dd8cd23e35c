/** The low alarm is at nine tenths of the target, as the service sets it. */
const scaleInShare = 0.9;
/**
 * The alarms that Application Auto Scaling creates and owns for a target tracking policy: high after three minutes above
 * the target, low after fifteen below nine tenths of it.
 *
 * @param unique what tells the alarms' names from all others
 */
export function managedAlarms(resourceId, policyArn, tracking, unique) {
    const metrics = trackedMetrics(tracking);
    const alarm = (suffix, settings) => ({
        alarmName: `TargetTracking-${resourceId}-${suffix}-${unique()}`,
        alarmDescription: `DO NOT EDIT OR DELETE. For TargetTrackingScaling policy ${policyArn}.`,
        actionsEnabled: true,
        alarmActions: [policyArn],
        okActions: [],
        insufficientDataActions: [],
        treatMissingData: "missing",
        datapointsToAlarm: settings.evaluationPeriods,
        metrics,
        ...settings,
    });
    const { targetValue, disableScaleIn } = tracking;
    return {
        high: alarm("AlarmHigh", { comparisonOperator: "GreaterThanThreshold", threshold: targetValue, evaluationPeriods: 3 }),
        ...(!disableScaleIn && {
            low: alarm("AlarmLow", { comparisonOperator: "LessThanThreshold", threshold: targetValue * scaleInShare, evaluationPeriods: 15 }),
        }),
    };
}
function trackedMetrics({ customizedMetricSpecification: specification }) {
    if (!specification)
        throw new Error("customizedMetricSpecification: required");
    const { metrics, metricName, namespace, statistic, dimensions, unit } = specification;
    if (metrics) {
        if (metricName !== undefined || namespace !== undefined || statistic !== undefined || dimensions !== undefined || unit !== undefined) {
            throw new Error("customizedMetricSpecification: metrics can't be combined with metricName, namespace, statistic, dimensions or unit");
        }
        return metrics.map(({ id, expression, label, returnData = true, metricStat }) => ({
            id,
            returnData,
            ...(expression !== undefined && { expression }),
            ...(label !== undefined && { label }),
            ...(metricStat && { metricStat: metricStatOf(metricStat.metric, metricStat.stat, metricStat.unit) }),
        }));
    }
    if (metricName === undefined || namespace === undefined || statistic === undefined) {
        throw new Error("customizedMetricSpecification: metricName, namespace and statistic are required without metrics");
    }
    return [{ id: "m1", returnData: true, metricStat: metricStatOf({ metricName, namespace, dimensions }, statistic, unit) }];
}
function metricStatOf({ metricName, namespace, dimensions = [] }, stat, unit) {
    return {
        metric: { namespace, metricName, dimensions: Object.fromEntries(dimensions.map(({ name, value }) => [name, value])) },
        periodSeconds: 60,
        stat,
        ...(unit !== undefined && { unit }),
    };
}
