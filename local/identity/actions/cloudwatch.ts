import { readCall } from "../../cloudwatch/protocols";
import { anything, judgedBy, text, type Input, type JudgedRequest, type Place } from "./table";

const alarms = (input: Input, place: Place) => {
  const names = Array.isArray(input["AlarmNames"]) && input["AlarmNames"].length > 0 ? (input["AlarmNames"] as string[]) : ["*"];
  return names.map((name) => `arn:aws:cloudwatch:${place.region}:${place.accountId}:alarm:${name}`);
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html */
export const cloudwatch = judgedBy(
  "cloudwatch",
  {
    DescribeAlarms: { on: alarms },
    GetMetricData: { on: anything },
    GetMetricStatistics: { on: anything },
    ListMetrics: { on: anything },
    PutMetricData: { on: anything, keys: (input) => ({ "cloudwatch:namespace": text(input, "Namespace") }) },
  },
  (request: JudgedRequest) => {
    const { operation, input } = readCall({ ...request, body: request.body ?? Buffer.alloc(0) });
    return { operation, input: input as Input };
  },
);
