import * as z from "zod";
import { comparisons } from "../../core/scaling/evaluation";
const operatorNames = Object.keys(comparisons);
const metricSettings = {
    metricName: z.string(),
    namespace: z.string(),
    dimensions: z.record(z.string(), z.string()).optional(),
    unit: z.string().optional(),
};
const metricQuerySchema = z.strictObject({
    id: z.string().regex(/^[a-z]\w*$/, "must begin with a lower-case letter and hold letters, digits and underscores"),
    expression: z.string().optional(),
    label: z.string().optional(),
    returnData: z.boolean().optional(),
    period: z.number().int().optional(),
    metric: z.strictObject({ ...metricSettings, period: z.number().int(), stat: z.string() }).optional(),
});
/** An alarm's settings but its name and tags, by the AWS provider's names: of the resource type, and of PutMetricAlarm. */
export const alarmSettingsSchema = z.strictObject({
    alarmDescription: z.string().max(1024).optional(),
    actionsEnabled: z.boolean().default(true),
    alarmActions: z.array(z.string()).max(5).default([]),
    okActions: z.array(z.string()).max(5).default([]),
    insufficientDataActions: z.array(z.string()).max(5).default([]),
    comparisonOperator: z.enum(operatorNames),
    threshold: z.number(),
    evaluationPeriods: z.number().int().min(1),
    datapointsToAlarm: z.number().int().min(1).optional(),
    treatMissingData: z.enum(["missing", "notBreaching", "breaching", "ignore"]).optional(),
    ...z.object(metricSettings).partial().shape,
    period: z.number().int().optional(),
    statistic: z.string().optional(),
    extendedStatistic: z.string().optional(),
    evaluateLowSampleCountPercentiles: z.literal("evaluate").optional(),
    metricQueries: z.array(metricQuerySchema).min(1).optional(),
});
/** The alarm that settings describe. @throws Error that names what they contradict */
export function alarmOf(alarmName, inputs) {
    const { evaluationPeriods, datapointsToAlarm = evaluationPeriods, metricQueries, alarmDescription } = inputs;
    if (datapointsToAlarm > evaluationPeriods) {
        throw new Error(`datapointsToAlarm: got ${datapointsToAlarm}, accepts 1 to evaluationPeriods (${evaluationPeriods})`);
    }
    const single = ["metricName", "namespace", "period", "statistic", "extendedStatistic", "dimensions", "unit"];
    const mixed = single.filter((key) => inputs[key] !== undefined);
    if (metricQueries && mixed.length > 0)
        throw new Error(`metricQueries can't be combined with ${mixed.join(", ")}`);
    const metrics = metricQueries ? metricQueries.map(queryOf) : [singleMetric(inputs)];
    checkSpan(metrics, evaluationPeriods);
    const alarm = {
        alarmName,
        ...(alarmDescription !== undefined && { alarmDescription }),
        actionsEnabled: inputs.actionsEnabled,
        alarmActions: inputs.alarmActions,
        okActions: inputs.okActions,
        insufficientDataActions: inputs.insufficientDataActions,
        comparisonOperator: inputs.comparisonOperator,
        threshold: inputs.threshold,
        evaluationPeriods,
        datapointsToAlarm,
        treatMissingData: inputs.treatMissingData ?? "missing",
        metrics,
    };
    const { treatMissingData, evaluateLowSampleCountPercentiles: evaluateLowSampleCountPercentile } = inputs;
    const form = metricQueries ? "queries" : "metric";
    return { alarm, given: { form, datapointsToAlarm: inputs.datapointsToAlarm, treatMissingData, evaluateLowSampleCountPercentile } };
}
function singleMetric({ metricName, namespace, dimensions = {}, unit, period, statistic, extendedStatistic }) {
    const stat = statistic ?? extendedStatistic;
    const given = { metricName, namespace, period, "statistic or extendedStatistic": stat };
    const absent = Object.entries(given).filter(([, value]) => value === undefined);
    if (metricName === undefined || namespace === undefined || period === undefined || stat === undefined) {
        throw new Error(`${absent.map(([key]) => key).join(", ")}: required without metricQueries`);
    }
    if (statistic !== undefined && extendedStatistic !== undefined)
        throw new Error("statistic and extendedStatistic exclude each other");
    const metricStat = { metric: { namespace, metricName, dimensions }, periodSeconds: period, stat, ...(unit !== undefined && { unit }) };
    return { id: "m1", metricStat, returnData: true };
}
function queryOf({ id, expression, label, returnData = false, period, metric }) {
    if ((expression === undefined) === (metric === undefined))
        throw new Error(`metricQueries "${id}": either expression or metric`);
    if (period !== undefined)
        throw new Error(`metricQueries "${id}": period is not supported by the embedded cloud beside expression; the metrics have it`);
    return {
        id,
        returnData,
        ...(label !== undefined && { label }),
        ...(expression !== undefined && { expression }),
        ...(metric && {
            metricStat: {
                metric: { namespace: metric.namespace, metricName: metric.metricName, dimensions: metric.dimensions ?? {} },
                periodSeconds: metric.period,
                stat: metric.stat,
                ...(metric.unit !== undefined && { unit: metric.unit }),
            },
        }),
    };
}
/** PutMetricAlarm: a day at most, a week for periods of an hour and more. */
function checkSpan(metrics, evaluationPeriods) {
    const periodSeconds = metrics.find(({ metricStat }) => metricStat)?.metricStat?.periodSeconds ?? 0;
    const limitSeconds = periodSeconds >= 3600 ? 7 * 86_400 : 86_400;
    if (periodSeconds * evaluationPeriods <= limitSeconds)
        return;
    throw new Error(`evaluationPeriods × period: got ${periodSeconds * evaluationPeriods} s, accepts at most ${limitSeconds} s`);
}
