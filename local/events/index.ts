import * as z from "zod";
import type { CloudContext, CloudService, EventTargets } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import { Rules, type Rule } from "./rules";
import * as shapes from "./shapes";
import { eventsWire } from "./wire";

const ruleSchema = z.strictObject({
  name: shapes.ruleName.optional(),
  description: shapes.description.optional(),
  scheduleExpression: shapes.scheduleExpression,
  state: shapes.state.default("ENABLED"),
  tags: recorded.tags,
});

const targetSchema = z.strictObject({
  rule: z.string(),
  arn: shapes.functionArn,
  targetId: shapes.targetId.optional(),
  input: shapes.input.optional(),
});

/**
 * EventBridge as far as schedules go: a rule invokes its functions at its times, on the cloud's clock. Events, patterns and
 * other buses are not here.
 */
export function createEvents(context: CloudContext, { targets }: { targets: Pick<EventTargets, "invokeFunction"> }): CloudService {
  const rules = new Rules(context, targets);
  return {
    resources: { "aws:cloudwatch/eventRule:EventRule": ruleType(rules), "aws:cloudwatch/eventTarget:EventTarget": targetType(rules) },
    wire: { events: eventsWire(context, rules) },
    resume: () => rules.goOn(),
    close: async () => rules.close(),
  };
}

function ruleType(rules: Rules): ResourceType {
  const put = (name: string, { description, scheduleExpression, state, tags = {} }: z.infer<typeof ruleSchema>): Rule =>
    rules.put({ name, description, scheduleExpression, isEnabled: state === "ENABLED", tags });
  const created = ({ name, arn, tags }: Rule, inputs: z.infer<typeof ruleSchema>) => ({
    id: name,
    state: { ...inputs, name, arn, eventBusName: "default", tagsAll: tags },
  });
  const type = resourceType(
    ruleSchema,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(logicalName);
      // PutRule would take over a rule of that name, which then had two owners.
      if (rules.has(name)) throw new Error(`the rule ${name} exists already: give it another name, or none`);
      return created(put(name, inputs), inputs);
    },
    async ({ inputs }, { id }) => {
      put(id, inputs);
      rules.setTags(id, inputs.tags ?? {});
      return created(rules.find(id), inputs);
    },
    async ({ id }) => rules.delete(id),
  );
  return updatable(type, ["name"]);
}

function targetType(rules: Rules): ResourceType {
  const put = (id: string, inputs: z.infer<typeof targetSchema>) => {
    const { rule, arn, input } = inputs;
    rules.putTargets(rule, [{ id, arn, ...(input !== undefined && { input }) }]);
    return { id: `${rule}-${id}`, state: { ...inputs, targetId: id, eventBusName: "default" } };
  };
  const type = resourceType(
    targetSchema,
    async ({ name, inputs }) => put(inputs.targetId ?? autoName(name), inputs),
    async ({ inputs }, { state }) => put(state["targetId"] as string, inputs),
    async ({ state }) => rules.removeTargets(state["rule"] as string, [state["targetId"] as string]),
  );
  return updatable(type, ["rule", "targetId"]);
}
