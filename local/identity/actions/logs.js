import { judgedBy, readJson, text } from "./table";
const arn = (place, group, stream) => `arn:aws:logs:${place.region}:${place.accountId}:log-group:${group}:log-stream:${stream}`;
const group = (input) => text(input, "logGroupName") || text(input, "logGroupIdentifier").replace(/^arn:.*?:log-group:|:\*$/g, "");
const onGroup = (input, place) => arn(place, group(input), "");
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export const logs = judgedBy("logs", {
    DescribeLogGroups: { on: (_, place) => arn(place, "", "") },
    DescribeLogStreams: { on: onGroup },
    FilterLogEvents: { on: onGroup },
    GetLogEvents: { on: (input, place) => arn(place, group(input), text(input, "logStreamName")) },
}, readJson);
