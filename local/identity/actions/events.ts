import { judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, name: string) => `arn:aws:events:${place.region}:${place.accountId}:rule/${name}`;
const named: Rule = { on: (input, place) => arn(place, text(input, "Name")) };
const onRule = (input: Input, place: Place) => arn(place, text(input, "Rule"));
const onTagged: Rule = { on: (input) => text(input, "ResourceARN") };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
export const events = judgedBy(
  "events",
  {
    DeleteRule: named,
    DescribeRule: named,
    DisableRule: named,
    EnableRule: named,
    ListRules: { on: (_, place) => arn(place, "*") },
    ListTagsForResource: onTagged,
    ListTargetsByRule: { on: onRule },
    PutRule: named,
    PutTargets: { on: onRule, keys: (input) => ({ "events:targetarn": targetsOf(input) }) },
    RemoveTargets: { on: onRule },
    TagResource: onTagged,
    UntagResource: onTagged,
  },
  readJson,
);

function targetsOf({ Targets }: Input): string[] {
  return Array.isArray(Targets) ? Targets.map((target) => String((target as { Arn?: unknown }).Arn)) : [];
}
