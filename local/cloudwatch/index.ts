import type { MetricReference } from "../../core/scaling/queries";
import type { CloudContext, CloudService, MetricSink } from "../ports";
import type { AlarmWatch } from "../sagemaker/rollout";
import { Alarms, type AlarmRecord, type AlarmTargets, type MetricAlarms } from "./alarms";
import { MetricStore } from "./metrics";
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

/** CloudWatch's metrics and alarms. */
export interface CloudWatch extends CloudService, MetricSink, MetricAlarms {
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
    resources: {
      "aws:cloudwatch/metricAlarm:MetricAlarm": metricAlarmType(context, alarms),
      "aws:cloudwatch/dashboard:Dashboard": dashboardType(context, dashboards),
    },
    wire: { monitoring: wireOf({ context, store, alarms, dashboards }) },
    close: async () => alarms.close(),
  };
}
