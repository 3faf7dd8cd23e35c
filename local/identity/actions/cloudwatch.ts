import { readCall } from "../../cloudwatch/protocols";
import { anything, judgedBy, text, type Input, type JudgedRequest, type Place } from "./table";

const alarms = (input: Input, place: Place) => {
  const names = Array.isArray(input["AlarmNames"]) && input["AlarmNames"].length > 0 ? (input["AlarmNames"] as string[]) : ["*"];
  return names.map((name) => `arn:aws:cloudwatch:${place.region}:${place.accountId}:alarm:${name}`);
};

const alarm = (input: Input, { region, accountId }: Place) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${text(input, "AlarmName")}`;
const dashboards = (input: Input, { accountId }: Place) => {
  const names = Array.isArray(input["DashboardNames"]) ? (input["DashboardNames"] as string[]) : [text(input, "DashboardName")];
  return names.map((name) => `arn:aws:cloudwatch::${accountId}:dashboard/${name}`);
};
const tagged = (input: Input) => text(input, "ResourceARN");

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudwatch = judgedBy(
  "cloudwatch",
  {
    DeleteAlarms: { on: alarms },
    DeleteDashboards: { on: dashboards },
    DescribeAlarmHistory: { on: (input, place) => ("AlarmName" in input ? alarm(input, place) : alarms(input, place)) },
    DescribeAlarms: { on: alarms },
    DescribeAlarmsForMetric: { on: anything },
    DisableAlarmActions: { on: alarms },
    EnableAlarmActions: { on: alarms },
    GetDashboard: { on: dashboards },
    GetMetricData: { on: anything },
    GetMetricStatistics: { on: anything },
    ListDashboards: { on: anything },
    ListMetrics: { on: anything },
    ListTagsForResource: { on: tagged },
    PutDashboard: { on: dashboards },
    PutMetricAlarm: { on: alarm },
    SetAlarmState: { on: alarm },
    PutMetricData: { on: anything, keys: (input) => ({ "cloudwatch:namespace": text(input, "Namespace") }) },
    TagResource: { on: tagged },
    UntagResource: { on: tagged },
  },
  (request: JudgedRequest) => {
    const { operation, input } = readCall({ ...request, body: request.body ?? Buffer.alloc(0) });
    return { operation, input: input as Input };
  },
);
