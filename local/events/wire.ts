import * as z from "zod";
import { jsonOperation, jsonService } from "../jsonService";
import type { CloudContext } from "../ports";
import * as pages from "../pages";
import { ServiceError, type Service } from "../wire";
import { nameOf, type Bus, type Buses } from "./buses";
import { matches, readPattern } from "./pattern";
import { busEvent, type Rule, type Rules } from "./rules";
import * as shapes from "./shapes";

const onBus = { EventBusName: shapes.busNameOrArn.optional() };
const named = { Name: shapes.ruleName, ...onBus };
const page = { NextToken: z.string().optional(), Limit: z.int().min(1).max(100).default(100) };
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const target = z.strictObject({ Id: shapes.targetId, Arn: shapes.targetArn, Input: shapes.input.optional() });

/** Most bytes of one entry. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevents.html */
const mostEntryBytes = 1_048_576;

/** One event that is put; what is wrong with it is told for it alone. */
const entry = z.strictObject({
  EventBusName: z.string().optional(),
  Source: z.string().optional(),
  DetailType: z.string().optional(),
  Detail: z.string().optional(),
  Resources: z.array(z.string()).default([]),
  Time: z.number().optional(),
  TraceHeader: z.string().max(500).optional(),
});

/** EventBridge's API: buses, rules by schedule and pattern, and events; no archives, no replays, no connections. */
export function eventsWire(context: CloudContext, rules: Rules, buses: Buses): Service {
  const { accountId } = context;
  const describedBus = ({ name, arn }: Bus) => ({ Name: name, Arn: arn });
  const described = ({ name, arn, busName = "default", description, scheduleExpression, eventPattern, isEnabled }: Rule) => ({
    Name: name,
    Arn: arn,
    ...(description !== undefined && { Description: description }),
    ...(scheduleExpression !== undefined && { ScheduleExpression: scheduleExpression }),
    ...(eventPattern !== undefined && { EventPattern: eventPattern }),
    State: isEnabled ? "ENABLED" : "DISABLED",
    EventBusName: busName,
  });
  const none = { FailedEntryCount: 0, FailedEntries: [] };
  /** Tags of a rule or a bus. */
  const taggedBy = (arn: string): { tags: Record<string, string>; set: (tags: Record<string, string>) => void } => {
    if (!/:rule\//.test(arn)) return { tags: buses.find(arn).tags, set: (tags) => buses.setTags(nameOf(arn), tags) };
    const { name, busName, tags } = rules.findByArn(arn);
    return { tags, set: (now) => rules.setTags(name, now, busName) };
  };

  return jsonService("EventBridge's", "AWSEvents", {
    PutRule: jsonOperation(
      z.strictObject({
        ...named,
        Description: shapes.description.optional(),
        ScheduleExpression: shapes.scheduleExpression.optional(),
        EventPattern: shapes.eventPattern.optional(),
        State: shapes.state.default("ENABLED"),
        Tags: z.array(tag).default([]),
      }),
      (input) => {
        const { Name: name, EventBusName: busName, Description: description, State } = input;
        const { ScheduleExpression: scheduleExpression, EventPattern: eventPattern } = input;
        const tags = record(input.Tags);
        const rule = rules.put({ name, busName, description, scheduleExpression, eventPattern, isEnabled: State === "ENABLED", tags });
        return { RuleArn: rule.arn };
      },
    ),
    DescribeRule: jsonOperation(z.strictObject(named), ({ Name, EventBusName }) => ({
      ...described(rules.find(Name, EventBusName)),
      CreatedBy: accountId,
    })),
    ListRules: jsonOperation(
      z.strictObject({ NamePrefix: z.string().default(""), ...onBus, ...page }),
      ({ NamePrefix, EventBusName, ...paging }) => {
        const wanted = rules.all(EventBusName).filter(({ name }) => name.startsWith(NamePrefix));
        const { page: shown, ...next } = pageOf(`ListRules ${EventBusName}`, wanted, ({ name }) => name, paging);
        return { Rules: shown.map(described), ...next };
      },
    ),
    ListRuleNamesByTarget: jsonOperation(
      z.strictObject({ TargetArn: shapes.targetArn, ...onBus, ...page }),
      ({ TargetArn, EventBusName, ...paging }) => {
        const names = rules.all(EventBusName).flatMap(({ name, targets }) => (targets.some(({ arn }) => arn === TargetArn) ? name : []));
        const { page: shown, ...next } = pageOf(`ListRuleNamesByTarget ${EventBusName} ${TargetArn}`, names, (name) => name, paging);
        return { RuleNames: shown, ...next };
      },
    ),
    DeleteRule: jsonOperation(z.strictObject({ ...named, Force: z.boolean().optional() }), ({ Name, EventBusName }) =>
      rules.delete(Name, EventBusName),
    ),
    EnableRule: jsonOperation(z.strictObject(named), ({ Name, EventBusName }) => rules.enable(Name, true, EventBusName)),
    DisableRule: jsonOperation(z.strictObject(named), ({ Name, EventBusName }) => rules.enable(Name, false, EventBusName)),

    PutTargets: jsonOperation(
      z.strictObject({ Rule: shapes.ruleName, ...onBus, Targets: z.array(target).min(1).max(100) }),
      ({ Rule: name, EventBusName, Targets }) => {
        const targets = Targets.map(({ Id, Arn, Input }) => ({ id: Id, arn: Arn, ...(Input !== undefined && { input: Input }) }));
        rules.putTargets(name, targets, EventBusName);
        return none;
      },
    ),
    ListTargetsByRule: jsonOperation(
      z.strictObject({ Rule: shapes.ruleName, ...onBus, ...page }),
      ({ Rule: name, EventBusName, ...paging }) => {
        const { targets } = rules.find(name, EventBusName);
        const { page: shown, ...next } = pageOf(`ListTargetsByRule ${EventBusName} ${name}`, targets, ({ id }) => id, paging);
        return {
          Targets: shown.map(({ id, arn, input }) => ({ Id: id, Arn: arn, ...(input !== undefined && { Input: input }) })),
          ...next,
        };
      },
    ),
    RemoveTargets: jsonOperation(
      z.strictObject({ Rule: shapes.ruleName, ...onBus, Ids: z.array(z.string()).min(1).max(100), Force: z.boolean().optional() }),
      ({ Rule: name, EventBusName, Ids }) => {
        rules.removeTargets(name, Ids, EventBusName);
        return none;
      },
    ),

    PutEvents: jsonOperation(z.strictObject({ Entries: z.array(entry).min(1).max(10) }), async ({ Entries }) => {
      const answers = await Promise.all(Entries.map((each) => putEvent(context, rules, buses, each)));
      return { FailedEntryCount: answers.filter((each) => "ErrorCode" in each).length, Entries: answers };
    }),
    TestEventPattern: jsonOperation(
      z.strictObject({ EventPattern: shapes.eventPattern, Event: shapes.json }),
      ({ EventPattern, Event }) => ({
        Result: matches(readPattern(EventPattern), JSON.parse(Event)),
      }),
    ),

    CreateEventBus: jsonOperation(z.strictObject({ Name: shapes.busName, Tags: z.array(tag).default([]) }), ({ Name, Tags }) => ({
      EventBusArn: buses.create(Name, record(Tags)).arn,
    })),
    DescribeEventBus: jsonOperation(z.strictObject({ Name: shapes.busNameOrArn.default("default") }), ({ Name }) =>
      describedBus(buses.find(Name)),
    ),
    ListEventBuses: jsonOperation(z.strictObject({ NamePrefix: z.string().default(""), ...page }), ({ NamePrefix, ...paging }) => {
      const wanted = buses.all().filter(({ name }) => name.startsWith(NamePrefix));
      const { page: shown, ...next } = pageOf("ListEventBuses", wanted, ({ name }) => name, paging);
      return { EventBuses: shown.map(describedBus), ...next };
    }),
    DeleteEventBus: jsonOperation(z.strictObject({ Name: shapes.busName }), ({ Name }) => deleteBus(buses, rules, Name)),

    ListTagsForResource: jsonOperation(z.strictObject({ ResourceARN: z.string() }), ({ ResourceARN }) => ({
      Tags: Object.entries(taggedBy(ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    TagResource: jsonOperation(z.strictObject({ ResourceARN: z.string(), Tags: z.array(tag) }), ({ ResourceARN, Tags }) => {
      const { tags, set } = taggedBy(ResourceARN);
      set({ ...tags, ...record(Tags) });
      return {};
    }),
    UntagResource: jsonOperation(z.strictObject({ ResourceARN: z.string(), TagKeys: z.array(z.string()) }), ({ ResourceARN, TagKeys }) => {
      const { tags, set } = taggedBy(ResourceARN);
      set(Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))));
      return {};
    }),
  });
}

/** @throws ServiceError ValidationException while it has rules */
export function deleteBus(buses: Buses, rules: Rules, name: string): void {
  if (rules.all(name).length > 0) throw new ServiceError("ValidationException", "Event bus can't be deleted since it has rules.");
  buses.delete(name);
}

/** Takes one event, or says why not. One for a bus that isn't there is taken and lost, as on AWS. */
async function putEvent(context: CloudContext, rules: Rules, buses: Buses, given: z.infer<typeof entry>): Promise<object> {
  const { Source, DetailType, Detail, Resources, Time, EventBusName = "default" } = given;
  const refused = (ErrorMessage: string, ErrorCode = "InvalidArgument") => ({ ErrorCode, ErrorMessage });
  if (Source === undefined || Source === "") return refused("Parameter Source is not valid. Reason: Source is a required argument.");
  if (Source.startsWith("aws.")) return refused("Not authorized for the source.", "NotAuthorizedForSourceException");
  if (DetailType === undefined || DetailType === "")
    return refused("Parameter DetailType is not valid. Reason: DetailType is a required argument.");
  if (Detail === undefined) return refused("Parameter Detail is not valid. Reason: Detail is a required argument.");
  if (Buffer.byteLength(Source + DetailType + Detail + Resources.join("")) > mostEntryBytes)
    return refused("Total size of the entry is too large.");
  const detail = shapes.readJson(Detail);
  if (typeof detail !== "object" || detail === null) return refused("Detail is malformed.", "MalformedDetail");
  const at = Time === undefined ? undefined : Time * 1000;
  const event = busEvent(context, { "detail-type": DetailType, source: Source, resources: Resources, detail }, at);
  if (buses.has(EventBusName)) await rules.take(event, EventBusName);
  else context.emit({ kind: "warning", message: `There is no event bus ${EventBusName}: an event of ${Source} for it is lost` });
  return { EventId: event.id };
}

/** A page of a list, and EventBridge's token of the next one. */
function pageOf<Item>(
  list: string,
  all: readonly Item[],
  idOf: (item: Item) => string,
  { NextToken: token, Limit: limit }: { NextToken?: string | undefined; Limit: number },
) {
  const invalid = () => new ServiceError("ValidationException", "Parameter NextToken is not valid.");
  const { page, next } = pages.pageOf(all, { list: `EventBridge ${list}`, idOf, limit, token, invalid });
  return { page, ...(next !== undefined && { NextToken: next }) };
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
