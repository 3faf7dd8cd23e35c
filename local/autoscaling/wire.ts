import * as z from "zod";
import { notSupported, ServiceError, type Service } from "../wire";
import type { ScalingActivity } from "./activities";
import type { Registry, ScalableTarget, ScalingPolicy } from "./registry";
import { policySchema, targetKey, targetSchema } from "./schemas";

const page = { maxResults: z.number().int().min(1).max(50).default(50), nextToken: z.string().regex(/^\d+$/).optional() };
const { serviceNamespace, resourceId, scalableDimension } = targetKey;
const of = { serviceNamespace, resourceId: resourceId.optional(), scalableDimension: scalableDimension.optional() };

const operations: Record<string, (input: unknown, registry: Registry) => Record<string, unknown>> = {
  RegisterScalableTarget: operation(targetSchema, (input, registry) => ({ ScalableTargetARN: registry.register(input).arn })),
  DeregisterScalableTarget: operation(z.strictObject(targetKey), (input, registry) => {
    registry.deregister(input.resourceId);
    return {};
  }),
  DescribeScalableTargets: operation(
    z.strictObject({ serviceNamespace, scalableDimension: of.scalableDimension, resourceIds: z.array(z.string()).optional(), ...page }),
    ({ resourceIds, ...paging }, registry) => {
      const targets = registry.targets().filter((target) => !resourceIds?.length || resourceIds.includes(target.resourceId));
      return paged("ScalableTargets", targets.map(targetShape), paging);
    },
  ),
  PutScalingPolicy: operation(policySchema, (input, registry) => {
    const { policyARN, alarms } = registry.putPolicy(input);
    return { PolicyARN: policyARN, Alarms: capitalized(alarms) };
  }),
  DeleteScalingPolicy: operation(z.strictObject({ policyName: z.string(), ...targetKey }), (input, registry) => {
    registry.deletePolicy(input.resourceId, input.policyName);
    return {};
  }),
  DescribeScalingPolicies: operation(
    z.strictObject({ ...of, policyNames: z.array(z.string()).optional(), ...page }),
    ({ policyNames, resourceId: wanted, ...paging }, registry) => {
      const policies = registry
        .policies()
        .filter(
          (policy) =>
            (wanted === undefined || policy.resourceId === wanted) && (!policyNames?.length || policyNames.includes(policy.policyName)),
        );
      return paged("ScalingPolicies", policies.map(policyShape), paging);
    },
  ),
  DescribeScalingActivities: operation(
    // What was not scaled is not recorded here, so that including it changes nothing.
    z.strictObject({ ...of, includeNotScaledActivities: z.boolean().optional(), ...page }),
    ({ resourceId: wanted, ...paging }, registry) =>
      paged("ScalingActivities", registry.activities.list(wanted).map(activityShape), paging),
  ),
};

/** Application Auto Scaling's wire protocol: AWS JSON 1.1. */
export function wireOf(registry: Registry): Service {
  return async ({ headers, body }) => {
    const name = String(headers["x-amz-target"] ?? "").replace("AnyScaleFrontendService.", "");
    const carryOut = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!carryOut) throw notSupported(`the operation ${name} of Application Auto Scaling`);
    const answer = carryOut(uncapitalized(parse(body)), registry);
    return { status: 200, headers: { "content-type": "application/x-amz-json-1.1" }, body: JSON.stringify(answer) };
  };
}

function operation<Schema extends z.ZodType>(
  schema: Schema,
  carryOut: (input: z.infer<Schema>, registry: Registry) => Record<string, unknown>,
): (input: unknown, registry: Registry) => Record<string, unknown> {
  return (input, registry) => {
    const parsed = schema.safeParse(input);
    if (parsed.success) return carryOut(parsed.data, registry);
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

function paged(field: string, items: unknown[], { maxResults, nextToken = "0" }: { maxResults: number; nextToken?: string | undefined }) {
  const from = Number(nextToken);
  const to = from + maxResults;
  return { [field]: items.slice(from, to), ...(to < items.length && { NextToken: String(to) }) };
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

function policyShape({
  policyARN,
  policyName,
  resourceId: id,
  creationTime,
  step,
  tracking,
  alarms,
}: ScalingPolicy): Record<string, unknown> {
  return {
    ...dimension,
    PolicyARN: policyARN,
    PolicyName: policyName,
    ResourceId: id,
    PolicyType: step ? "StepScaling" : "TargetTrackingScaling",
    ...(step && { StepScalingPolicyConfiguration: capitalized(step) }),
    ...(tracking && { TargetTrackingScalingPolicyConfiguration: capitalized(tracking) }),
    Alarms: capitalized(alarms),
    CreationTime: creationTime / 1000,
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
