import * as z from "zod";
import type { CloudContext, CloudService, EventTargets } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import { Buses, nameOf, type Bus } from "./buses";
import { Rules, type Rule } from "./rules";
import * as shapes from "./shapes";
import { deleteBus, eventsWire } from "./wire";

const ruleSchema = z.strictObject({
  name: shapes.ruleName.optional(),
  eventBusName: shapes.busNameOrArn.optional(),
  description: shapes.description.optional(),
  scheduleExpression: shapes.scheduleExpression.optional(),
  eventPattern: shapes.eventPattern.optional(),
  state: shapes.state.default("ENABLED"),
  tags: recorded.tags,
});

const targetSchema = z.strictObject({
  rule: z.string(),
  eventBusName: shapes.busNameOrArn.optional(),
  arn: shapes.targetArn,
  targetId: shapes.targetId.optional(),
  input: shapes.input.optional(),
});

const busSchema = z.strictObject({ name: shapes.busName.optional(), tags: recorded.tags });

/**
 * EventBridge: a rule hands events of its bus, or its own event at its times, to its functions, queues and topics, on the cloud's
 * clock. What a target does not take is told, not tried again.
 */
export function createEvents(
  context: CloudContext,
  { targets }: { targets: Pick<EventTargets, "invokeFunction" | "sendMessage" | "publish"> },
): CloudService {
  const buses = new Buses(context);
  const rules = new Rules(context, targets, buses);
  return {
    resources: {
      "aws:cloudwatch/eventBus:EventBus": busType(buses, rules),
      "aws:cloudwatch/eventRule:EventRule": ruleType(rules),
      "aws:cloudwatch/eventTarget:EventTarget": targetType(rules),
    },
    wire: { events: eventsWire(context, rules, buses) },
    resume: () => rules.goOn(),
    close: async () => rules.close(),
  };
}

function busType(buses: Buses, rules: Rules): ResourceType {
  const created = ({ name, arn, tags }: Bus) => ({ id: name, state: { name, arn, tags, tagsAll: tags } });
  const type = resourceType(
    busSchema,
    async ({ name, inputs }) => created(buses.create(inputs.name ?? autoName(name), inputs.tags ?? {})),
    async ({ inputs }, { id }) => {
      buses.setTags(id, inputs.tags ?? {});
      return created(buses.find(id));
    },
    async ({ id }) => deleteBus(buses, rules, id),
  );
  return updatable(type, ["name"]);
}

function ruleType(rules: Rules): ResourceType {
  const put = (
    name: string,
    { eventBusName, description, scheduleExpression, eventPattern, state, tags = {} }: z.infer<typeof ruleSchema>,
  ) => rules.put({ name, busName: eventBusName, description, scheduleExpression, eventPattern, isEnabled: state === "ENABLED", tags });
  const created = ({ name, arn, busName = "default", tags }: Rule, inputs: z.infer<typeof ruleSchema>) => ({
    id: name,
    state: { ...inputs, name, arn, eventBusName: busName, tagsAll: tags },
  });
  const type = resourceType(
    ruleSchema,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(logicalName);
      // PutRule would take over a rule of that name, which then had two owners.
      if (rules.has(name, nameOf(inputs.eventBusName ?? "default")))
        throw new Error(`the rule ${name} exists already: give it another name, or none`);
      return created(put(name, inputs), inputs);
    },
    async ({ inputs }, { id }) => {
      put(id, inputs);
      rules.setTags(id, inputs.tags ?? {}, inputs.eventBusName);
      return created(rules.find(id, inputs.eventBusName), inputs);
    },
    async ({ id, state }) => rules.delete(id, state["eventBusName"] as string),
  );
  return updatable(type, ["name", "eventBusName"]);
}

function targetType(rules: Rules): ResourceType {
  const put = (id: string, inputs: z.infer<typeof targetSchema>) => {
    const { rule, arn, input, eventBusName } = inputs;
    rules.putTargets(rule, [{ id, arn, ...(input !== undefined && { input }) }], eventBusName);
    return { id: `${rule}-${id}`, state: { ...inputs, targetId: id, eventBusName: nameOf(eventBusName ?? "default") } };
  };
  const type = resourceType(
    targetSchema,
    async ({ name, inputs }) => put(inputs.targetId ?? autoName(name), inputs),
    async ({ inputs }, { state }) => put(state["targetId"] as string, inputs),
    async ({ state }) => rules.removeTargets(state["rule"] as string, [state["targetId"] as string], state["eventBusName"] as string),
  );
  return updatable(type, ["rule", "targetId", "eventBusName"]);
}
