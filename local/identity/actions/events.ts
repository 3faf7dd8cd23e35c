import { anything, judgedBy, readJson, text, type Input, type Place, type Rule } from "./table";

const arn = (place: Place, resource: string) => `arn:aws:events:${place.region}:${place.accountId}:${resource}`;
const busArn = (place: Place, bus: string) => (bus.startsWith("arn:") ? bus : arn(place, `event-bus/${bus === "" ? "default" : bus}`));
const ruleArn = (input: Input, place: Place, name: string) => {
  const bus = text(input, "EventBusName").replace(/^arn:[^/]*\//, "");
  return arn(place, `rule/${bus === "" || bus === "default" ? "" : `${bus}/`}${name}`);
};
const named: Rule = { on: (input, place) => ruleArn(input, place, text(input, "Name")) };
const onRule = (input: Input, place: Place) => ruleArn(input, place, text(input, "Rule"));
const onBus: Rule = { on: (input, place) => busArn(place, text(input, "Name")) };
const onTagged: Rule = { on: (input) => text(input, "ResourceARN") };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoneventbridge.html */
export const events = judgedBy(
  "events",
  {
    CreateEventBus: onBus,
    DeleteEventBus: onBus,
    DeleteRule: named,
    DescribeEventBus: onBus,
    DescribeRule: named,
    DisableRule: named,
    EnableRule: named,
    ListEventBuses: { on: (_, place) => arn(place, "event-bus/*") },
    ListRuleNamesByTarget: { on: (_, place) => arn(place, "rule/*") },
    ListRules: { on: (_, place) => arn(place, "rule/*") },
    ListTagsForResource: onTagged,
    ListTargetsByRule: { on: onRule },
    PutEvents: {
      on: (input, place) => [...new Set(entriesOf(input).map((entry) => busArn(place, text(entry, "EventBusName"))))],
      keys: (input) => ({
        "events:source": entriesOf(input).map((entry) => text(entry, "Source")),
        "events:detail-type": entriesOf(input).map((entry) => text(entry, "DetailType")),
      }),
    },
    PutRule: named,
    PutTargets: { on: onRule, keys: (input) => ({ "events:targetarn": targetsOf(input) }) },
    RemoveTargets: { on: onRule },
    TagResource: onTagged,
    TestEventPattern: { on: anything },
    UntagResource: onTagged,
  },
  readJson,
);

function targetsOf({ Targets }: Input): string[] {
  return Array.isArray(Targets) ? Targets.map((target) => String((target as { Arn?: unknown }).Arn)) : [];
}

/** What is no list is EventBridge's to refuse, of those who may put events. */
function entriesOf({ Entries }: Input): Input[] {
  return Array.isArray(Entries) && Entries.length > 0 ? (Entries as Input[]) : [{}];
}
