import { anything, judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, group: string, stream: string) =>
  `arn:aws:logs:${place.region}:${place.accountId}:log-group:${group}:log-stream:${stream}`;
const identifier = (input: Input) => text(input, "logGroupIdentifier") || text(input, "resourceIdentifier");
const group = (input: Input) => text(input, "logGroupName") || identifier(input).replace(/^arn:.*?:log-group:|:\*$/g, "");
const onGroup = (input: Input, place: Place) => arn(place, group(input), "");

const named = (value: unknown) => (Array.isArray(value) ? value.map(String) : []);
const onEach = (input: Input, place: Place) => {
  const all = [...named(input["logGroupNames"]), ...named(input["logGroupIdentifiers"])].map((name) =>
    name.replace(/^arn:.*?:log-group:|:\*$/g, ""),
  );
  return (all.length > 0 ? all : [group(input)]).map((name) => arn(place, name, ""));
};
const onNamed: Rule = { on: onGroup };
const onTagged: Rule = { on: (input) => text(input, "resourceArn") };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatchlogs.html */
export const logs = judgedBy(
  "logs",
  {
    AssociateKmsKey: onNamed,
    CreateLogGroup: onNamed,
    DeleteLogGroup: onNamed,
    DeleteRetentionPolicy: onNamed,
    DescribeLogGroups: { on: (_, place) => arn(place, "", "") },
    DescribeLogStreams: onNamed,
    DisassociateKmsKey: onNamed,
    FilterLogEvents: onNamed,
    GetLogEvents: { on: (input, place) => arn(place, group(input), text(input, "logStreamName")) },
    GetQueryResults: { on: anything },
    ListTagsForResource: onTagged,
    ListTagsLogGroup: onNamed,
    PutRetentionPolicy: onNamed,
    StartQuery: { on: onEach },
    TagLogGroup: onNamed,
    TagResource: onTagged,
    UntagLogGroup: onNamed,
    UntagResource: onTagged,
  },
  readJson,
);
