import { randomUUID } from "node:crypto";
import type { CloudContext } from "../ports";
import { autoName, resourceType, type ResourceType } from "../resources";
import type { Registry } from "./registry";
import type { Schedules } from "./schedules";
import { policyInputsSchema, scheduledActionInputsSchema, targetInputsSchema } from "./schemas";

/** The `aws:appautoscaling/…` types: the same calls that the wire makes. */
export function resourceTypes(context: CloudContext, registry: Registry, schedules: Schedules): Record<string, ResourceType> {
  const { region, accountId } = context;
  return {
    "aws:appautoscaling/target:Target": resourceType(targetInputsSchema, async ({ inputs: { roleArn, ...inputs } }) => {
      const target = registry.register({ ...inputs, ...(roleArn !== undefined && { roleARN: roleArn }) });
      const { arn, suspendedState, roleARN } = target;
      return { id: inputs.resourceId, state: { ...inputs, arn, region, roleArn: roleARN, suspendedState, tagsAll: inputs.tags ?? {} } };
    }),
    "aws:appautoscaling/policy:Policy": resourceType(policyInputsSchema, async ({ name, inputs }) => {
      const policyName = inputs.name ?? autoName(name);
      const { name: _, ...settings } = inputs;
      const { policyARN, alarms } = registry.putPolicy({ policyName, ...settings });
      return {
        id: policyName,
        state: { ...inputs, name: policyName, arn: policyARN, alarmArns: alarms.map(({ alarmARN }) => alarmARN), region },
      };
    }),
    "aws:appautoscaling/scheduledAction:ScheduledAction": resourceType(scheduledActionInputsSchema, async ({ name, inputs }) => {
      const actionName = inputs.name ?? autoName(name);
      const { resourceId, serviceNamespace } = inputs;
      schedules.put({ ...inputs, name: actionName });
      const arn =
        `arn:aws:autoscaling:${region}:${accountId}:scheduledAction:${randomUUID()}:` +
        `resource/${serviceNamespace}/${resourceId}:scheduledActionName/${actionName}`;
      return {
        id: `${actionName}-${serviceNamespace}-${resourceId}`,
        state: { timezone: "UTC", ...inputs, name: actionName, arn, region },
      };
    }),
  };
}
