import type { CloudContext } from "../ports";
import { autoName, resourceType, updatable, type Created, type ResourceType, type Updatable } from "../resources";
import { policyInputsSchema, scheduledActionInputsSchema, targetInputsSchema } from "./schemas";
import type { Scaling } from "./wire";

/** What addresses a target is never changed. */
const key = ["serviceNamespace", "resourceId", "scalableDimension"];

/** The `aws:appautoscaling/…` types: the same calls that the wire makes. */
export function resourceTypes(context: CloudContext, scaling: Scaling): Record<string, ResourceType> {
  return {
    "aws:appautoscaling/target:Target": updatable(targetType(context, scaling), key),
    "aws:appautoscaling/policy:Policy": updatable(policyType(context, scaling), ["name", ...key]),
    "aws:appautoscaling/scheduledAction:ScheduledAction": updatable(scheduledActionType(context, scaling), ["name", ...key]),
  };
}

function targetType({ region }: CloudContext, { registry, deregister }: Scaling): Updatable {
  return resourceType(
    targetInputsSchema,
    async ({ inputs }) => {
      const { roleArn, ...request } = inputs;
      const { arn, suspendedState, roleARN } = registry.register({ ...request, ...(roleArn !== undefined && { roleARN: roleArn }) });
      return { id: inputs.resourceId, state: { ...request, arn, region, roleArn: roleARN, suspendedState, tagsAll: inputs.tags ?? {} } };
    },
    async ({ inputs }, created) => {
      const { tags = {}, roleArn, ...request } = inputs;
      const {
        arn,
        suspendedState,
        roleARN,
        tags: before,
      } = registry.register({
        ...request,
        ...(roleArn !== undefined && { roleARN: roleArn }),
      });
      registry.changeTags(arn, { put: tags, remove: Object.keys(before) });
      return { id: created.id, state: { ...inputs, arn, region, roleArn: roleARN, suspendedState, tagsAll: tags } };
    },
    async ({ id }) => deregister(id),
  );
}

function policyType({ region }: CloudContext, { registry }: Scaling): Updatable {
  return resourceType(
    policyInputsSchema,
    async ({ name, inputs }) => put(inputs.name ?? autoName(name), inputs),
    async ({ inputs }, { id }) => put(id, inputs),
    async ({ id, state }) => registry.deletePolicy(String(state["resourceId"]), id),
  );

  function put(policyName: string, inputs: (typeof policyInputsSchema)["_output"]): Created {
    const { name: _, ...settings } = inputs;
    const { policyARN, alarms } = registry.putPolicy({ policyName, ...settings });
    const alarmArns = alarms.map(({ alarmARN }) => alarmARN);
    return { id: policyName, state: { ...inputs, name: policyName, arn: policyARN, alarmArns, region } };
  }
}

function scheduledActionType({ region }: CloudContext, { schedules }: Scaling): Updatable {
  return resourceType(
    scheduledActionInputsSchema,
    async ({ name, inputs }) => put(inputs.name ?? autoName(name), inputs),
    async ({ inputs }, { state }) => put(String(state["name"]), inputs),
    async ({ state }) => schedules.delete(String(state["resourceId"]), String(state["name"])),
  );

  function put(name: string, inputs: (typeof scheduledActionInputsSchema)["_output"]): Created {
    const { serviceNamespace, resourceId } = inputs;
    const { arn } = schedules.put({ timezone: "UTC", ...inputs, name });
    return { id: `${name}-${serviceNamespace}-${resourceId}`, state: { timezone: "UTC", ...inputs, name, arn, region } };
  }
}
