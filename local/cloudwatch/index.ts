import type { MetricReference } from "../../core/scaling/queries";
import type { CloudContext, CloudService, MetricSink } from "../ports";
import type { AlarmWatch } from "../sagemaker/rollout";
import { Alarms, type AlarmRecord, type AlarmTargets, type MetricAlarms } from "./alarms";
import { MetricStore, statistic } from "./metrics";
import { dashboardType, Dashboards } from "./dashboards";
import { metricAlarmType } from "./metricAlarm";
import { wireOf } from "./wire";

export type { AlarmRecord, MetricAlarms } from "./alarms";
export type { MetricReference } from "../../core/scaling/queries";

/** What {@link createCloudWatch} is told. */
export interface CloudWatchOptions {
  /** Where alarm actions go. */
  targets: AlarmTargets;
  /**
   * Seconds until what an AWS service publishes (namespaces `AWS/…` and `/aws/…`) can be read; what programs publish
   * themselves is read at once. The documentation gives no number; field reports have two to three minutes.
   * @default 120
   */
  metricDelaySeconds?: number;
}

/** A question for datapoints. Times in milliseconds since the epoch; a period begins at a multiple of itself. */
export interface StatisticsQuery extends MetricReference {
  /** Such as `Average` or `p90`. */
  stat: string;
  /** A multiple of 60. @default 60 */
  periodSeconds?: number;
  unit?: string;
  from: number;
  /** Exclusive. */
  to: number;
}

/** CloudWatch's metrics and alarms. */
export interface CloudWatch extends CloudService, MetricSink, MetricAlarms {
  /** Datapoints that can be read by now, oldest first; periods without one are left out. */
  metricStatistics(query: StatisticsQuery): { timestamp: number; value: number }[];
  /** Every metric that has had a datapoint. */
  listMetrics(): MetricReference[];
  /** Every alarm, the ones that target tracking manages included. */
  alarms(): AlarmRecord[];
  /** The alarms, for a release that they may roll back. */
  watch: AlarmWatch;
}

/** Creates CloudWatch: metrics per minute, kept 15 days, and alarms that are evaluated each minute of the cloud's clock. */
export async function createCloudWatch(
  context: CloudContext,
  { targets, metricDelaySeconds = 120 }: CloudWatchOptions,
): Promise<CloudWatch> {
  const store = new MetricStore(context.clock, metricDelaySeconds);
  const alarms = new Alarms(context, store, targets);
  const dashboards = new Dashboards(context);
  return {
    put: (data) => store.put(data),
    putMetricAlarm: (...alarm) => alarms.putMetricAlarm(...alarm),
    deleteAlarms: (names) => alarms.deleteAlarms(names),
    alarm: (name) => alarms.alarm(name),
    alarms: () => alarms.list(),
    watch: {
      exists: (name) => alarms.alarm(name) !== undefined,
      inAlarm: (names, signal) => alarms.inAlarm(names, signal),
    },
    listMetrics: () => store.list(),
    metricStatistics: ({ stat, periodSeconds = 60, unit, from, to, ...metric }) => {
      const compute = statistic(stat);
      if (!compute) throw new Error(`the statistic ${stat} is not supported by the embedded cloud`);
      store.settle();
      const series = store.find(metric);
      const minutes = periodSeconds / 60;
      const datapoints: { timestamp: number; value: number }[] = [];
      const end = Math.ceil(to / 60_000);
      for (let minute = Math.floor(from / 60_000 / minutes) * minutes; minute < end; minute += minutes) {
        const aggregate = series.aggregate(minute, minute + minutes, unit);
        const value = aggregate && compute(aggregate);
        if (value !== undefined) datapoints.push({ timestamp: minute * 60_000, value });
      }
      return datapoints;
    },
    resources: {
      "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarmType(context, alarms),
      "aws:cloudwatch/dashboard:Dashboard": dashboardType(context, dashboards),
    },
    wire: { monitoring: wireOf({ context, store, alarms, dashboards }) },
    close: async () => alarms.close(),
  };
}
