import { Alarms } from "./alarms";
import { MetricStore, statistic } from "./metrics";
import { dashboardType, Dashboards } from "./dashboards";
import { metricAlarmType } from "./metricAlarm";
import { wireOf } from "./wire";
/** Creates CloudWatch: metrics per minute, kept 15 days, and alarms that are evaluated each minute of the cloud's clock. */
export async function createCloudWatch(context, { targets, metricDelaySeconds = 120 }) {
    const store = new MetricStore(context.clock, metricDelaySeconds);
    const alarms = new Alarms(context, store, targets);
    const dashboards = new Dashboards(context);
    return {
        put: (data) => store.put(data),
        putMetricAlarm: (...alarm) => alarms.putMetricAlarm(...alarm),
        deleteAlarms: (names) => alarms.deleteAlarms(names),
        alarm: (name) => alarms.alarm(name),
        alarms: () => alarms.list(),
        listMetrics: () => store.list(),
        metricStatistics: ({ stat, periodSeconds = 60, unit, from, to, ...metric }) => {
            const compute = statistic(stat);
            if (!compute)
                throw new Error(`the statistic ${stat} is not supported by the embedded cloud`);
            store.settle();
            const series = store.find(metric);
            const minutes = periodSeconds / 60;
            const datapoints = [];
            const end = Math.ceil(to / 60_000);
            for (let minute = Math.floor(from / 60_000 / minutes) * minutes; minute < end; minute += minutes) {
                const aggregate = series.aggregate(minute, minute + minutes, unit);
                if (aggregate)
                    datapoints.push({ timestamp: minute * 60_000, value: compute(aggregate) });
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
