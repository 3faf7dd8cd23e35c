import * as z from "zod";
import { pageOf } from "../pages";
import { notSupported, ServiceError, type Service } from "../wire";
import type { ScalingActivity } from "./activities";
import type { Registry, ScalableTarget, ScalingPolicy } from "./registry";
import type { ScheduledAction, Schedules } from "./schedules";
import { policySchema, scheduledActionSchema, targetKey, targetSchema } from "./schemas";

/** What the operations work on. */
export interface Scaling {
  registry: Registry;
  schedules: Schedules;
  /** Deregisters a target, with all that hangs on it. */
  deregister: (resourceId: string) => void;
}

const page = { maxResults: z.number().int().min(1).max(50).default(50), nextToken: z.string().optional() };
const { serviceNamespace, resourceId, scalableDimension } = targetKey;
const of = { serviceNamespace, resourceId: resourceId.optional(), scalableDimension: scalableDimension.optional() };

const tags = z.record(z.string().min(1).max(128), z.string().max(256));

const operations: Record<string, (input: unknown, scaling: Scaling) => Record<string, unknown>> = {
  RegisterScalableTarget: operation(targetSchema, (input, { registry }) => ({ ScalableTargetARN: registry.register(input).arn })),
  DeregisterScalableTarget: operation(z.strictObject(targetKey), (input, { deregister }) => {
    deregister(input.resourceId);
    return {};
  }),
  DescribeScalableTargets: operation(
    z.strictObject({ serviceNamespace, scalableDimension: of.scalableDimension, resourceIds: z.array(z.string()).optional(), ...page }),
    ({ resourceIds, ...paging }, { registry }) => {
      const targets = registry.targets().filter((target) => !resourceIds?.length || resourceIds.includes(target.resourceId));
      const { page: shown, ...next } = paged("ScalableTargets", targets, (target) => target.resourceId, paging);
      return { ScalableTargets: shown.map(targetShape), ...next };
    },
  ),
  PutScalingPolicy: operation(policySchema, (input, { registry }) => {
    const { policyARN, alarms } = registry.putPolicy(input);
    return { PolicyARN: policyARN, Alarms: capitalized(alarms) };
  }),
  DeleteScalingPolicy: operation(z.strictObject({ policyName: z.string(), ...targetKey }), (input, { registry }) => {
    registry.deletePolicy(input.resourceId, input.policyName);
    return {};
  }),
  DescribeScalingPolicies: operation(
    z.strictObject({ ...of, policyNames: z.array(z.string()).optional(), ...page }),
    ({ policyNames, resourceId: wanted, ...paging }, { registry }) => {
      const policies = registry
        .policies()
        .filter(
          (policy) =>
            (wanted === undefined || policy.resourceId === wanted) && (!policyNames?.length || policyNames.includes(policy.policyName)),
        );
      const { page: shown, ...next } = paged("ScalingPolicies", policies, ({ policyARN }) => policyARN, paging);
      return { ScalingPolicies: shown.map(policyShape), ...next };
    },
  ),
  PutScheduledAction: operation(scheduledActionSchema, ({ scheduledActionName: name, ...request }, { schedules }) => {
    schedules.put({ ...request, name });
    return {};
  }),
  DeleteScheduledAction: operation(z.strictObject({ scheduledActionName: z.string(), ...targetKey }), (input, { schedules }) => {
    schedules.delete(input.resourceId, input.scheduledActionName);
    return {};
  }),
  DescribeScheduledActions: operation(
    z.strictObject({ ...of, scheduledActionNames: z.array(z.string()).optional(), ...page }),
    ({ scheduledActionNames: names, resourceId: wanted, ...paging }, { schedules }) => {
      const actions = schedules
        .list()
        .filter((action) => (wanted === undefined || action.resourceId === wanted) && (!names?.length || names.includes(action.name)));
      const { page: shown, ...next } = paged("ScheduledActions", actions, (action) => `${action.resourceId} ${action.name}`, paging);
      return { ScheduledActions: shown.map(actionShape), ...next };
    },
  ),
  ListTagsForResource: operation(z.strictObject({ resourceARN: z.string() }), ({ resourceARN }, { registry }) => ({
    Tags: registry.tags(resourceARN),
  })),
  TagResource: operation(z.strictObject({ resourceARN: z.string(), tags }), ({ resourceARN, tags: put }, { registry }) => {
    registry.changeTags(resourceARN, { put });
    return {};
  }),
  UntagResource: operation(
    z.strictObject({ resourceARN: z.string(), tagKeys: z.array(z.string()) }),
    ({ resourceARN, tagKeys: remove }, { registry }) => {
      registry.changeTags(resourceARN, { remove });
      return {};
    },
  ),
  DescribeScalingActivities: operation(
    // What was not scaled is not recorded here, so that including it changes nothing.
    z.strictObject({ ...of, includeNotScaledActivities: z.boolean().optional(), ...page }),
    ({ resourceId: wanted, ...paging }, { registry }) => {
      const { page: shown, ...next } = paged("ScalingActivities", registry.activities.list(wanted), ({ activityId }) => activityId, paging);
      return { ScalingActivities: shown.map(activityShape), ...next };
    },
  ),
};

/** Names of the operations that are answered. */
export const operationNames = Object.keys(operations);

/** Application Auto Scaling's wire protocol: AWS JSON 1.1. */
export function wireOf(scaling: Scaling): Service {
  return async ({ headers, body }) => {
    const name = String(headers["x-amz-target"] ?? "").replace("AnyScaleFrontendService.", "");
    const carryOut = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!carryOut) throw notSupported(`the operation ${name} of Application Auto Scaling`);
    const answer = carryOut(uncapitalized(parse(body)), scaling);
    return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(answer) };
  };
}

function operation<Schema extends z.ZodType>(
  schema: Schema,
  carryOut: (input: z.infer<Schema>, scaling: Scaling) => Record<string, unknown>,
): (input: unknown, scaling: Scaling) => Record<string, unknown> {
  return (input, scaling) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return carryOut(parsed.data, scaling);
    const problems = parsed.error.issues.map((issue) => {
      const at = issue.path.map((part) => (typeof part === "string" ? capital(part) : String(part))).join(".");
      if (issue.code !== "unrecognized_keys") return `${at}: ${issue.message}`;
      return issue.keys.map((key) => `${at ? `${at}.` : ""}${capital(key)}: not supported by the embedded cloud`).join("; ");
    });
    throw new ServiceError("ValidationException", problems.join("; "));
  };
}

function parse(body: Buffer): unknown {
  try {
    return body.length === 0 ? {} : JSON.parse(body.toString());
  } catch {
    throw new ServiceError("SerializationException", "The request's body is not JSON.");
  }
}

/** A page of a list, and Application Auto Scaling's token of the next one. */
function paged<Item>(
  list: string,
  items: readonly Item[],
  idOf: (item: Item) => string,
  { maxResults: limit, nextToken: token }: { maxResults: number; nextToken?: string | undefined },
) {
  const invalid = (given: string) => new ServiceError("InvalidNextTokenException", `The NextToken supplied was invalid: ${given}`);
  const { page, next } = pageOf(items, { list: `ApplicationAutoScaling ${list}`, idOf, limit, token, invalid });
  return { page, ...(next !== undefined && { NextToken: next }) };
}

const dimension = { ServiceNamespace: "sagemaker", ScalableDimension: "sagemaker:variant:DesiredInstanceCount" };

function targetShape(target: ScalableTarget): Record<string, unknown> {
  return {
    ...dimension,
    ResourceId: target.resourceId,
    MinCapacity: target.minCapacity,
    MaxCapacity: target.maxCapacity,
    RoleARN: target.roleARN,
    CreationTime: target.creationTime / 1000,
    SuspendedState: capitalized(target.suspendedState),
    ScalableTargetARN: target.arn,
  };
}

function policyShape({ policyARN, policyName, resourceId: id, creationTime, step, given, alarms }: ScalingPolicy): Record<string, unknown> {
  return {
    ...dimension,
    PolicyARN: policyARN,
    PolicyName: policyName,
    ResourceId: id,
    PolicyType: step ? "StepScaling" : "TargetTrackingScaling",
    ...(capitalized(given) as Record<string, unknown>),
    Alarms: capitalized(alarms),
    CreationTime: creationTime / 1000,
  };
}

function actionShape({
  name,
  resourceId: id,
  arn,
  schedule,
  creationTime,
  startTime,
  endTime,
  ...action
}: ScheduledAction): Record<string, unknown> {
  return {
    ...dimension,
    ...(capitalized(action) as Record<string, unknown>),
    ScheduledActionName: name,
    ScheduledActionARN: arn,
    ResourceId: id,
    Schedule: schedule,
    CreationTime: creationTime / 1000,
    ...(startTime !== undefined && { StartTime: Date.parse(startTime) / 1000 }),
    ...(endTime !== undefined && { EndTime: Date.parse(endTime) / 1000 }),
  };
}

function activityShape({ startTime, endTime, ...activity }: ScalingActivity): Record<string, unknown> {
  return {
    ...dimension,
    ...(capitalized(activity) as Record<string, unknown>),
    StartTime: startTime / 1000,
    ...(endTime !== undefined && { EndTime: endTime / 1000 }),
  };
}

function capital(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The API's names differ from ours in their first letter only. */
function capitalized(value: unknown): unknown {
  return renamed(value, capital);
}

function uncapitalized(value: unknown): unknown {
  return renamed(value, (name) => name.charAt(0).toLowerCase() + name.slice(1));
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (value === null || typeof value !== "object") return value;
  // The keys of tags are the user's.
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [rename(key), key === "Tags" ? item : renamed(item, rename)]));
}
