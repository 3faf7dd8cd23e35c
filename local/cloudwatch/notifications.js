import { comparisons } from "../../core/scaling/evaluation";
/** Why the state changed, in CloudWatch's words. */
export function alarmReason(alarm, from, { state, points }) {
    const { evaluationPeriods, treatMissingData, threshold, comparisonOperator, datapointsToAlarm } = alarm;
    if (state === "INSUFFICIENT_DATA")
        return `Insufficient Data: ${plural(evaluationPeriods, "datapoint")} ${be(evaluationPeriods)} unknown.`;
    if (points.length === 0) {
        const treated = treatMissingData === "breaching" ? "Breaching" : "NonBreaching";
        return (`Threshold Crossed: no datapoints were received for ${plural(evaluationPeriods, "period")} and ` +
            `${plural(evaluationPeriods, "missing datapoint")} ${be(evaluationPeriods)} treated as [${treated}].`);
    }
    const { holds, words } = comparisons[comparisonOperator];
    const deciding = points.filter(({ value }) => holds(value, threshold) === (state === "ALARM"));
    const needed = state === "ALARM" ? datapointsToAlarm : evaluationPeriods - datapointsToAlarm + 1;
    const listed = deciding.map(({ at, value }) => `${decimal(value)} (${europeanTime(at)})`).join(", ");
    return (`Threshold Crossed: ${deciding.length} out of the last ${evaluationPeriods} datapoints [${listed}] ` +
        `${be(deciding.length)} ${state === "ALARM" ? "" : "not "}${words} the threshold (${decimal(threshold)}) ` +
        `(minimum ${plural(needed, "datapoint")} for ${from} -> ${state} transition).`);
}
/** The same for programs, as JSON. */
export function reasonData(alarm, { points, periodSeconds }, now) {
    const [first] = points;
    const stat = alarm.metrics.length === 1 ? alarm.metrics[0]?.metricStat?.stat : undefined;
    return JSON.stringify({
        version: "1.0",
        queryDate: offsetTime(now),
        ...(first && { startDate: offsetTime(first.at) }),
        ...(stat !== undefined && { statistic: stat }),
        period: periodSeconds,
        recentDatapoints: points.map(({ value }) => value),
        threshold: alarm.threshold,
        evaluatedDatapoints: points.toReversed().map(({ at, value }) => ({ timestamp: offsetTime(at), value })),
    });
}
/**
 * What a topic gets when an alarm changes its state.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Notify_Users_Alarm_Changes.html
 */
export function alarmMessage(context, { alarm, arn, configuredAt, state, reason, updatedAt }, before) {
    const message = {
        AlarmName: alarm.alarmName,
        AlarmDescription: alarm.alarmDescription ?? null,
        AWSAccountId: context.accountId,
        AlarmConfigurationUpdatedTimestamp: offsetTime(configuredAt),
        NewStateValue: state,
        NewStateReason: reason,
        StateChangeTime: offsetTime(updatedAt),
        Region: context.region,
        AlarmArn: arn,
        OldStateValue: before.state,
        OKActions: alarm.okActions,
        AlarmActions: alarm.alarmActions,
        InsufficientDataActions: alarm.insufficientDataActions,
        Trigger: trigger(alarm),
    };
    return { subject: `${state}: "${alarm.alarmName}" in ${context.region}`, message: JSON.stringify(message) };
}
/**
 * What a function gets when an alarm changes its state.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
 */
export function alarmEvent(context, record, before) {
    const { alarm } = record;
    const status = ({ state, reason, reasonData, updatedAt }) => ({
        value: state,
        reason,
        ...(reasonData !== "" && { reasonData }),
        timestamp: offsetTime(updatedAt),
    });
    return {
        source: "aws.cloudwatch",
        alarmArn: record.arn,
        accountId: context.accountId,
        time: offsetTime(record.updatedAt),
        region: context.region,
        alarmData: {
            alarmName: alarm.alarmName,
            state: status(record),
            previousState: status(before),
            configuration: {
                ...(alarm.alarmDescription !== undefined && { description: alarm.alarmDescription }),
                metrics: alarm.metrics.map(({ id, metricStat, expression, label, returnData }) => ({
                    id,
                    ...(metricStat && {
                        metricStat: {
                            metric: {
                                namespace: metricStat.metric.namespace,
                                name: metricStat.metric.metricName,
                                dimensions: metricStat.metric.dimensions,
                            },
                            period: metricStat.periodSeconds,
                            stat: metricStat.stat,
                            ...(metricStat.unit !== undefined && { unit: metricStat.unit }),
                        },
                    }),
                    ...(expression !== undefined && { expression }),
                    ...(label !== undefined && { label }),
                    returnData,
                })),
            },
        },
    };
}
/** The alarm's settings, in the two shapes that the message has for one metric and for metric math. */
function trigger(alarm) {
    const rule = {
        EvaluationPeriods: alarm.evaluationPeriods,
        DatapointsToAlarm: alarm.datapointsToAlarm,
        ComparisonOperator: alarm.comparisonOperator,
        Threshold: alarm.threshold,
        TreatMissingData: alarm.treatMissingData,
        EvaluateLowSampleCountPercentile: "",
    };
    const only = alarm.metrics.length === 1 ? alarm.metrics[0]?.metricStat : undefined;
    if (!only)
        return { ...rule, Metrics: alarm.metrics.map(metricOf) };
    const { metric, periodSeconds, stat, unit } = only;
    return {
        MetricName: metric.metricName,
        Namespace: metric.namespace,
        ...(stat.startsWith("p")
            ? { StatisticType: "ExtendedStatistic", ExtendedStatistic: stat }
            : { StatisticType: "Statistic", Statistic: statisticWords[stat] ?? stat.toUpperCase() }),
        Unit: unit ?? null,
        Dimensions: dimensionsOf(metric.dimensions),
        Period: periodSeconds,
        ...rule,
    };
}
const statisticWords = { SampleCount: "SAMPLE_COUNT" };
function metricOf({ id, metricStat, expression, label, returnData }) {
    return {
        ...(expression !== undefined && { Expression: expression }),
        Id: id,
        ...(label !== undefined && { Label: label }),
        ...(metricStat && {
            MetricStat: {
                Metric: {
                    Dimensions: dimensionsOf(metricStat.metric.dimensions),
                    MetricName: metricStat.metric.metricName,
                    Namespace: metricStat.metric.namespace,
                },
                Period: metricStat.periodSeconds,
                Stat: metricStat.stat,
                ...(metricStat.unit !== undefined && { Unit: metricStat.unit }),
            },
        }),
        ReturnData: returnData,
    };
}
/** Only this message writes a dimension in lower case, its value first. */
function dimensionsOf(dimensions) {
    return Object.entries(dimensions).map(([name, value]) => ({ value, name }));
}
function plural(count, noun) {
    return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
function be(count) {
    return count === 1 ? "was" : "were";
}
function decimal(value) {
    return Number.isInteger(value) ? value.toFixed(1) : String(value);
}
/** `18/09/26 23:29:00`, UTC. */
function europeanTime(at) {
    const [date = "", time = ""] = new Date(at).toISOString().split("T");
    const [year = "", month = "", day = ""] = date.split("-");
    return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
/** ISO time with the offset written as CloudWatch writes it: `2026-01-25T22:46:00.608+0000`. */
function offsetTime(at) {
    return new Date(at).toISOString().replace("Z", "+0000");
}
