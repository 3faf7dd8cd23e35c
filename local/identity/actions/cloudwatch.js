import { readCall } from "../../cloudwatch/protocols";
import { anything, judgedBy, text } from "./table";
const alarms = (input, place) => {
    const names = Array.isArray(input["AlarmNames"]) && input["AlarmNames"].length > 0 ? input["AlarmNames"] : ["*"];
    return names.map((name) => `arn:aws:cloudwatch:${place.region}:${place.accountId}:alarm:${name}`);
};
const alarm = (input, { region, accountId }) => `arn:aws:cloudwatch:${region}:${accountId}:alarm:${text(input, "AlarmName")}`;
const dashboards = (input, { accountId }) => {
    const names = Array.isArray(input["DashboardNames"]) ? input["DashboardNames"] : [text(input, "DashboardName")];
    return names.map((name) => `arn:aws:cloudwatch::${accountId}:dashboard/${name}`);
};
const tagged = (input) => text(input, "ResourceARN");
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudwatch = judgedBy("cloudwatch", {
    DeleteAlarms: { on: alarms },
    DeleteDashboards: { on: dashboards },
    DescribeAlarms: { on: alarms },
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
    PutMetricData: { on: anything, keys: (input) => ({ "cloudwatch:namespace": text(input, "Namespace") }) },
    TagResource: { on: tagged },
    UntagResource: { on: tagged },
}, (request) => {
    const { operation, input } = readCall({ ...request, body: request.body ?? Buffer.alloc(0) });
    return { operation, input: input };
});
