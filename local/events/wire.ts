import * as z from "zod";
import { jsonOperation, jsonService } from "../jsonService";
import type { CloudContext } from "../ports";
import { ServiceError, type Service } from "../wire";
import type { Rule, Rules } from "./rules";
import * as shapes from "./shapes";

const onBus = { EventBusName: shapes.busName.optional() };
const named = { Name: shapes.ruleName, ...onBus };
const page = { NextToken: z.string().optional(), Limit: z.int().min(1).max(100).default(100) };
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const target = z.strictObject({ Id: shapes.targetId, Arn: shapes.functionArn, Input: shapes.input.optional() });

/** EventBridge's API as far as schedules go: no patterns, no other buses, and functions as targets. */
export function eventsWire({ accountId }: CloudContext, rules: Rules): Service {
  const described = ({ name, arn, description, scheduleExpression, isEnabled }: Rule) => ({
    Name: name,
    Arn: arn,
    ...(description !== undefined && { Description: description }),
    ScheduleExpression: scheduleExpression,
    State: isEnabled ? "ENABLED" : "DISABLED",
    EventBusName: "default",
  });
  const none = { FailedEntryCount: 0, FailedEntries: [] };

  return jsonService("EventBridge's", "AWSEvents", {
    PutRule: jsonOperation(
      z.strictObject({
        ...named,
        Description: shapes.description.optional(),
        ScheduleExpression: shapes.scheduleExpression,
        State: shapes.state.default("ENABLED"),
        Tags: z.array(tag).default([]),
      }),
      (input) => {
        const { Name: name, Description: description, ScheduleExpression: scheduleExpression, State } = input;
        const rule = rules.put({ name, description, scheduleExpression, isEnabled: State === "ENABLED", tags: record(input.Tags) });
        return { RuleArn: rule.arn };
      },
    ),
    DescribeRule: jsonOperation(z.strictObject(named), ({ Name }) => ({ ...described(rules.find(Name)), CreatedBy: accountId })),
    ListRules: jsonOperation(z.strictObject({ NamePrefix: z.string().default(""), ...onBus, ...page }), ({ NamePrefix, ...paging }) => {
      const wanted = rules.all().filter(({ name }) => name.startsWith(NamePrefix));
      return pageOf("Rules", wanted.map(described), paging);
    }),
    DeleteRule: jsonOperation(z.strictObject({ ...named, Force: z.boolean().optional() }), ({ Name }) => rules.delete(Name)),
    EnableRule: jsonOperation(z.strictObject(named), ({ Name }) => rules.enable(Name, true)),
    DisableRule: jsonOperation(z.strictObject(named), ({ Name }) => rules.enable(Name, false)),

    PutTargets: jsonOperation(
      z.strictObject({ Rule: shapes.ruleName, ...onBus, Targets: z.array(target).min(1).max(100) }),
      ({ Rule: name, Targets }) => {
        const targets = Targets.map(({ Id, Arn, Input }) => ({ id: Id, arn: Arn, ...(Input !== undefined && { input: Input }) }));
        rules.putTargets(name, targets);
        return none;
      },
    ),
    ListTargetsByRule: jsonOperation(z.strictObject({ Rule: shapes.ruleName, ...onBus, ...page }), ({ Rule: name, ...paging }) => {
      const targets = rules
        .find(name)
        .targets.map(({ id, arn, input }) => ({ Id: id, Arn: arn, ...(input !== undefined && { Input: input }) }));
      return pageOf("Targets", targets, paging);
    }),
    RemoveTargets: jsonOperation(
      z.strictObject({ Rule: shapes.ruleName, ...onBus, Ids: z.array(z.string()).min(1).max(100), Force: z.boolean().optional() }),
      ({ Rule: name, Ids }) => {
        rules.removeTargets(name, Ids);
        return none;
      },
    ),

    ListTagsForResource: jsonOperation(z.strictObject({ ResourceARN: z.string() }), ({ ResourceARN }) => ({
      Tags: Object.entries(rules.findByArn(ResourceARN).tags).map(([Key, Value]) => ({ Key, Value })),
    })),
    TagResource: jsonOperation(z.strictObject({ ResourceARN: z.string(), Tags: z.array(tag) }), ({ ResourceARN, Tags }) => {
      const { name, tags } = rules.findByArn(ResourceARN);
      rules.setTags(name, { ...tags, ...record(Tags) });
      return {};
    }),
    UntagResource: jsonOperation(z.strictObject({ ResourceARN: z.string(), TagKeys: z.array(z.string()) }), ({ ResourceARN, TagKeys }) => {
      const { name, tags } = rules.findByArn(ResourceARN);
      rules.setTags(name, Object.fromEntries(Object.entries(tags).filter(([key]) => !TagKeys.includes(key))));
      return {};
    }),
  });
}

/** A page of a list; the token is the number of members before it. */
function pageOf(member: string, all: readonly object[], { NextToken, Limit }: { NextToken?: string | undefined; Limit: number }): object {
  if (NextToken !== undefined && !/^\d{1,9}$/.test(NextToken))
    throw new ServiceError("ValidationException", "Parameter NextToken is not valid.");
  const end = Number(NextToken ?? 0) + Limit;
  return { [member]: all.slice(end - Limit, end), ...(end < all.length && { NextToken: String(end) }) };
}

function record(tags: readonly z.infer<typeof tag>[]): Record<string, string> {
  return Object.fromEntries(tags.map(({ Key, Value }) => [Key, Value]));
}
