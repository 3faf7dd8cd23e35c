import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { ServiceError } from "../wire";
import type { AlarmRecord } from "./alarms";
import { alarmOf, alarmSettingsSchema, type AlarmSettings } from "./alarmSettings";
import { statistics } from "./metrics";
import { operation, type Operation } from "./operation";
import { listOf, metric, metricShape, paged, referenceOf, tags } from "./shapes";

const names = z.strictObject({ AlarmNames: listOf(z.string()) });
const {
  alarmDescription,
  actionsEnabled,
  alarmActions,
  comparisonOperator,
  threshold,
  evaluationPeriods,
  datapointsToAlarm,
  treatMissingData,
} = alarmSettingsSchema.shape;
const actions = z.preprocess((value) => (value === "" ? [] : value), alarmActions);

const metricAlarmInput = z.strictObject({
  AlarmName: z.string().min(1).max(255),
  AlarmDescription: alarmDescription,
  ActionsEnabled: actionsEnabled,
  OKActions: actions,
  AlarmActions: actions,
  InsufficientDataActions: actions,
  ...z.object(metric).partial().shape,
  Statistic: z.enum(statistics as [string, ...string[]]).optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number().int().optional(),
  Unit: z.string().optional(),
  EvaluationPeriods: evaluationPeriods,
  DatapointsToAlarm: datapointsToAlarm,
  Threshold: threshold,
  ComparisonOperator: comparisonOperator,
  TreatMissingData: treatMissingData,
  EvaluateLowSampleCountPercentile: alarmSettingsSchema.shape.evaluateLowSampleCountPercentiles,
  Metrics: listOf(
    z.strictObject({
      Id: z.string(),
      Label: z.string().optional(),
      Expression: z.string().optional(),
      MetricStat: z
        .strictObject({ Metric: z.strictObject(metric), Period: z.number(), Stat: z.string(), Unit: z.string().optional() })
        .optional(),
      ReturnData: z.boolean().default(true),
    }),
  ).default([]),
  Tags: tags,
});

const ofMetric = z.strictObject({
  ...metric,
  Statistic: z.enum(statistics as [string, ...string[]]).optional(),
  ExtendedStatistic: z.string().optional(),
  Period: z.number().int().optional(),
  Unit: z.string().optional(),
});

/** Metric alarms. Composite ones are refused. */
export const alarmOperations: Record<string, Operation> = {
  PutMetricAlarm: operation(metricAlarmInput, (input, { alarms }) => {
    try {
      const { alarm, given } = alarmOf(input.AlarmName, settingsOf(input));
      alarms.putMetricAlarm(alarm, given, input.Tags);
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError("ValidationError", inWords(error instanceof Error ? error.message : String(error)));
    }
    return {};
  }),
  DeleteAlarms: operation(names, ({ AlarmNames }, { alarms }) => {
    alarms.deleteAlarms(AlarmNames);
    return {};
  }),
  EnableAlarmActions: operation(names, ({ AlarmNames }, { alarms }) => {
    alarms.enableActions(AlarmNames, true);
    return {};
  }),
  DisableAlarmActions: operation(names, ({ AlarmNames }, { alarms }) => {
    alarms.enableActions(AlarmNames, false);
    return {};
  }),
  DescribeAlarms: operation(
    z.strictObject({
      AlarmNames: listOf(z.string()).optional(),
      AlarmNamePrefix: z.string().default(""),
      AlarmTypes: listOf(z.enum(["MetricAlarm", "CompositeAlarm", "LogAlarm"])).default([]),
      ActionPrefix: z.string().optional(),
      StateValue: z.enum(["OK", "ALARM", "INSUFFICIENT_DATA"]).optional(),
      MaxRecords: z.number().int().min(1).max(100).default(100),
      NextToken: z.string().optional(),
    }),
    ({ AlarmNames, AlarmNamePrefix, AlarmTypes, ActionPrefix, StateValue, MaxRecords, NextToken }, { alarms }) => {
      const isWanted = ({ alarm, state }: AlarmRecord) =>
        (AlarmTypes.length === 0 || AlarmTypes.includes("MetricAlarm")) &&
        (!AlarmNames?.length || AlarmNames.includes(alarm.alarmName)) &&
        alarm.alarmName.startsWith(AlarmNamePrefix) &&
        (ActionPrefix === undefined || actionsOf(alarm).some((action) => action.startsWith(ActionPrefix))) &&
        (StateValue === undefined || state === StateValue);
      const { page, next } = paged(alarms.list().filter(isWanted), {
        list: "DescribeAlarms",
        idOf: ({ alarm }) => alarm.alarmName,
        limit: MaxRecords,
        token: NextToken,
        invalid: "InvalidNextToken",
      });
      return { MetricAlarms: page.map(alarmShape), CompositeAlarms: [], ...next };
    },
  ),
  DescribeAlarmsForMetric: operation(ofMetric, (input, { alarms }) => ({
    MetricAlarms: alarms
      .list()
      .filter((record) => isOf(record, input))
      .map(alarmShape),
  })),
};

/** Whether an alarm is of this one metric, and of the statistic, the period and the unit that are named. */
function isOf(
  { alarm, given }: AlarmRecord,
  { Dimensions, Statistic, ExtendedStatistic, Period, Unit, ...named }: z.infer<typeof ofMetric>,
): boolean {
  const only = given.form === "metric" ? alarm.metrics[0]?.metricStat : undefined;
  if (!only) return false;
  const { metric: its, stat, periodSeconds, unit } = only;
  const wanted = Statistic ?? ExtendedStatistic;
  return (
    isDeepStrictEqual({ ...its }, referenceOf({ ...named, Dimensions })) &&
    (wanted === undefined || wanted === stat) &&
    (Period === undefined || Period === periodSeconds) &&
    (Unit === undefined || Unit === unit)
  );
}

type PutMetricAlarm = Omit<z.infer<typeof metricAlarmInput>, "AlarmName" | "Tags">;

/** PutMetricAlarm by the provider's names, which the rules are about. */
function settingsOf({ OKActions, Metrics, EvaluateLowSampleCountPercentile, Dimensions, ...input }: PutMetricAlarm): AlarmSettings {
  const isSingle = Metrics.length === 0;
  return {
    okActions: OKActions,
    alarmActions: input.AlarmActions,
    insufficientDataActions: input.InsufficientDataActions,
    actionsEnabled: input.ActionsEnabled,
    comparisonOperator: input.ComparisonOperator,
    threshold: input.Threshold,
    evaluationPeriods: input.EvaluationPeriods,
    alarmDescription: input.AlarmDescription,
    datapointsToAlarm: input.DatapointsToAlarm,
    treatMissingData: input.TreatMissingData,
    evaluateLowSampleCountPercentiles: EvaluateLowSampleCountPercentile,
    metricName: input.MetricName,
    namespace: input.Namespace,
    period: input.Period,
    statistic: input.Statistic,
    extendedStatistic: input.ExtendedStatistic,
    unit: input.Unit,
    ...((isSingle || Object.keys(Dimensions ?? {}).length > 0) && { dimensions: Dimensions }),
    ...(!isSingle && { metricQueries: Metrics.map(querySettings) }),
  };
}

function querySettings({ Id, Label, Expression, MetricStat, ReturnData }: PutMetricAlarm["Metrics"][number]) {
  const { Metric, Period, Stat, Unit } = MetricStat ?? {};
  return {
    id: Id,
    label: Label,
    expression: Expression,
    returnData: ReturnData,
    ...(Metric &&
      Period !== undefined &&
      Stat !== undefined && {
        metric: {
          metricName: Metric.MetricName,
          namespace: Metric.Namespace,
          dimensions: Metric.Dimensions,
          period: Period,
          stat: Stat,
          unit: Unit,
        },
      }),
  };
}

/** The rules' words with the API's names. */
function inWords(message: string): string {
  const renamed = message.replaceAll("metricQueries", "Metrics");
  return renamed.replace(
    /\b(datapointsToAlarm|evaluationPeriods|metricName|extendedStatistic|returnData)\b/g,
    (name) => name.charAt(0).toUpperCase() + name.slice(1),
  );
}

function actionsOf({ alarmActions: alarm, okActions, insufficientDataActions }: AlarmRecord["alarm"]): string[] {
  return [...alarm, ...okActions, ...insufficientDataActions];
}

function alarmShape({ alarm, given, arn, state, reason, reasonData, updatedAt, configuredAt }: AlarmRecord): Record<string, unknown> {
  const only = given.form === "metric" ? alarm.metrics[0]?.metricStat : undefined;
  const { datapointsToAlarm: datapoints, treatMissingData: missing, evaluateLowSampleCountPercentile: lowSamples } = given;
  const unit = (name: string | undefined) => name !== undefined && { Unit: name };
  return {
    AlarmName: alarm.alarmName,
    AlarmArn: arn,
    ...(alarm.alarmDescription !== undefined && { AlarmDescription: alarm.alarmDescription }),
    AlarmConfigurationUpdatedTimestamp: new Date(configuredAt),
    ActionsEnabled: alarm.actionsEnabled,
    OKActions: alarm.okActions,
    AlarmActions: alarm.alarmActions,
    InsufficientDataActions: alarm.insufficientDataActions,
    StateValue: state,
    StateReason: reason,
    ...(reasonData !== "" && { StateReasonData: reasonData }),
    StateUpdatedTimestamp: new Date(updatedAt),
    StateTransitionedTimestamp: new Date(updatedAt),
    EvaluationPeriods: alarm.evaluationPeriods,
    ...(datapoints !== undefined && { DatapointsToAlarm: datapoints }),
    Threshold: alarm.threshold,
    ComparisonOperator: alarm.comparisonOperator,
    ...(missing !== undefined && { TreatMissingData: missing }),
    ...(lowSamples !== undefined && { EvaluateLowSampleCountPercentile: lowSamples }),
    ...(only
      ? {
          ...metricShape(only.metric),
          ...(statistics.includes(only.stat) ? { Statistic: only.stat } : { ExtendedStatistic: only.stat }),
          Period: only.periodSeconds,
          ...unit(only.unit),
        }
      : {
          Metrics: alarm.metrics.map(({ id, expression, label, metricStat, returnData }) => ({
            Id: id,
            ...(expression !== undefined && { Expression: expression }),
            ...(label !== undefined && { Label: label }),
            ...(metricStat && {
              MetricStat: {
                Metric: metricShape(metricStat.metric),
                Period: metricStat.periodSeconds,
                Stat: metricStat.stat,
                ...unit(metricStat.unit),
              },
            }),
            ReturnData: returnData,
          })),
        }),
  };
}
