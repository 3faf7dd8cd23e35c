import { randomBytes, randomUUID } from "node:crypto";
import { cooldownSeconds, decide, holdingCooldown, within, type Cooldown } from "../../core/scaling/decide";
import type { Breach } from "../../core/scaling/outcome";
import { managedAlarms, type ManagedAlarms } from "../../core/scaling/tracking";
import type { MetricAlarms } from "../cloudwatch";
import type { Kept } from "../kept";
import type { CloudContext, EventTargets, ScalableEndpoints, ScalableTargets } from "../ports";
import { ServiceError } from "../wire";
import { Activities, type VariantKey } from "./activities";
import {
  stepScalingSchema,
  targetTrackingSchema,
  type PolicyRequest,
  type StepScaling,
  type SuspendedState,
  type TargetRequest,
  type TargetTracking,
} from "./schemas";

/** A registered scalable target. Times in milliseconds. */
export interface ScalableTarget extends VariantKey {
  arn: string;
  minCapacity: number;
  maxCapacity: number;
  roleARN: string;
  suspendedState: Required<SuspendedState>;
  creationTime: number;
  tags: Record<string, string>;
}

/** A scaling policy of a scalable target. */
export interface ScalingPolicy {
  policyARN: string;
  policyName: string;
  resourceId: string;
  creationTime: number;
  /** Exactly one of the two, with the service's defaults for what was not given. */
  step?: StepScaling;
  tracking?: TargetTracking;
  /** The one of the two as it was given. */
  given: Pick<PolicyRequest, "stepScalingPolicyConfiguration" | "targetTrackingScalingPolicyConfiguration">;
  /** Those that target tracking created; none for a step policy. */
  alarms: { alarmName: string; alarmARN: string }[];
}

interface Registered {
  target: ScalableTarget;
  cooldown?: Cooldown | undefined;
}

interface Attached {
  policy: ScalingPolicy;
  managed?: ManagedAlarms;
}

/** One policy that an alarm asked to be carried out. */
interface Request {
  policy: ScalingPolicy;
  alarmName: string;
  breach: Breach;
}

/** Application Auto Scaling's targets and policies. Throws {@link ServiceError} as the service words it. */
export class Registry implements ScalableTargets, Pick<EventTargets, "executePolicy"> {
  /** By resource id. */
  private readonly registered: Kept<Registered>;
  /** By resource id and name. */
  private readonly attached: Kept<Attached>;
  /** What is to be decided together, by resource id. */
  private readonly batches = new Map<string, { requests: Request[]; done: Promise<void> }>();
  readonly activities: Activities;

  constructor(
    private readonly context: CloudContext,
    private readonly endpoints: ScalableEndpoints,
    private readonly alarms: MetricAlarms,
    private readonly trackingLeavesZero: boolean,
  ) {
    this.registered = context.keeper.map("autoscaling.targets");
    this.attached = context.keeper.map("autoscaling.policies");
    this.activities = new Activities(context, endpoints);
    for (const registered of this.registered.values()) {
      // The change that this cooldown waits for was another process's to see through.
      if (registered.cooldown?.until === undefined) this.cool(registered.target.resourceId, undefined);
    }
    this.activities.resume(this.targets());
  }

  isRegistered(endpointName: string, variantName: string): boolean {
    return this.registered.has(`endpoint/${endpointName}/variant/${variantName}`);
  }

  target(resourceId: string): ScalableTarget | undefined {
    return this.registered.get(resourceId)?.target;
  }

  targets(): ScalableTarget[] {
    return [...this.registered.values()].map(({ target }) => target);
  }

  policies(): ScalingPolicy[] {
    return [...this.attached.values()].map(({ policy }) => policy);
  }

  /** RegisterScalableTarget: creates it, or changes what is given and moves the capacity into its bounds at once. */
  register(request: TargetRequest): ScalableTarget {
    const known = this.registered.get(request.resourceId);
    const before = known?.target ?? this.newTarget(request);
    const { minCapacity = before.minCapacity, maxCapacity = before.maxCapacity, roleARN = before.roleARN } = request;
    if (minCapacity > maxCapacity) {
      throw new ServiceError(
        "ValidationException",
        `Maximum capacity cannot be less than minimum capacity: got ${minCapacity} to ${maxCapacity}.`,
      );
    }
    const suspendedState = { ...before.suspendedState, ...request.suspendedState } as ScalableTarget["suspendedState"];
    const target = { ...before, minCapacity, maxCapacity, roleARN, suspendedState };
    this.registered.set(target.resourceId, { ...known, target });
    this.moveIntoBounds(target.resourceId);
    return target;
  }

  /** DeregisterScalableTarget: policies and their alarms go with it. */
  deregister(resourceId: string): void {
    this.existing(resourceId);
    this.context.keeper.atOnce(() => {
      for (const { policy } of this.policiesOf(resourceId)) this.deletePolicy(resourceId, policy.policyName);
      this.registered.delete(resourceId);
    });
    this.activities.forget(resourceId);
  }

  /** Tags of the scalable target with this ARN. @throws ServiceError when there is none */
  tags(arn: string): Record<string, string> {
    return this.tagged(arn).target.tags;
  }

  /** TagResource and UntagResource. */
  changeTags(arn: string, change: { put?: Record<string, string>; remove?: readonly string[] }): void {
    const registered = this.tagged(arn);
    const kept = Object.entries(registered.target.tags).filter(([key]) => !change.remove?.includes(key));
    const tags = { ...Object.fromEntries(kept), ...change.put };
    requireTags(tags, registered.target.resourceId);
    this.registered.set(registered.target.resourceId, { ...registered, target: { ...registered.target, tags } });
  }

  /** PutScalingPolicy: creates it, or replaces its settings under the same ARN. */
  putPolicy(request: PolicyRequest): ScalingPolicy {
    const {
      policyName,
      resourceId,
      policyType,
      stepScalingPolicyConfiguration: step,
      targetTrackingScalingPolicyConfiguration: tracking,
    } = request;
    const { target } = this.existing(resourceId);
    const [wanted, other] = policyType === "StepScaling" ? [step, tracking] : [tracking, step];
    if (wanted === undefined || other !== undefined) {
      const field = policyType === "StepScaling" ? "stepScalingPolicyConfiguration" : "targetTrackingScalingPolicyConfiguration";
      throw new ServiceError("ValidationException", `A ${policyType} policy takes ${field}, and only that.`);
    }
    const key = policyKey(resourceId, policyName);
    const known = this.attached.get(key)?.policy;
    const { region, accountId, clock } = this.context;
    const policyARN =
      known?.policyARN ??
      `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/sagemaker/${resourceId}:policyName/${policyName}`;
    const tracked = tracking && targetTrackingSchema.parse(tracking);
    return this.context.keeper.atOnce(() => {
      const managed = tracked && this.manage(target, policyARN, tracked);
      if (known) this.alarms.deleteAlarms(known.alarms.map(({ alarmName }) => alarmName));
      const policy: ScalingPolicy = {
        policyARN,
        policyName,
        resourceId,
        creationTime: known?.creationTime ?? clock.now(),
        ...(step && { step: stepScalingSchema.parse(step) }),
        ...(tracked && { tracking: tracked }),
        given: {
          ...(step && { stepScalingPolicyConfiguration: step }),
          ...(tracking && { targetTrackingScalingPolicyConfiguration: tracking }),
        },
        alarms: managed
          ? [managed.high, managed.low].flatMap((alarm) =>
              alarm ? { alarmName: alarm.alarmName, alarmARN: this.alarms.alarm(alarm.alarmName)?.arn ?? "" } : [],
            )
          : [],
      };
      this.attached.set(key, { policy, ...(managed && { managed }) });
      return policy;
    });
  }

  /** DeleteScalingPolicy. */
  deletePolicy(resourceId: string, policyName: string): void {
    const policy = this.attached.get(policyKey(resourceId, policyName))?.policy;
    if (!policy)
      throw new ServiceError(
        "ObjectNotFoundException",
        `No scaling policy found for policy name: ${policyName}, resource ID: ${resourceId}`,
      );
    this.context.keeper.atOnce(() => {
      this.alarms.deleteAlarms(policy.alarms.map(({ alarmName }) => alarmName));
      this.attached.delete(policyKey(resourceId, policyName));
    });
  }

  /** Sets bounds on a schedule. */
  applySchedule(
    resourceId: string,
    actionName: string,
    bounds: { minCapacity?: number | undefined; maxCapacity?: number | undefined },
  ): void {
    const registered = this.registered.get(resourceId);
    if (!registered || registered.target.suspendedState.scheduledScalingSuspended) return;
    const { target } = registered;
    const { minCapacity = target.minCapacity, maxCapacity = target.maxCapacity } = bounds;
    const words = `min capacity to ${minCapacity} and max capacity to ${maxCapacity}`;
    this.registered.note(resourceId, { ...registered, target: { ...target, minCapacity, maxCapacity } });
    this.activities.note(resourceId, `Setting ${words}`, `scheduled action name ${actionName} was triggered`, `Successfully set ${words}`);
    this.moveIntoBounds(resourceId);
  }

  /** Requests of one moment are decided together: the largest capacity wins. */
  executePolicy(policyArn: string, alarm: { alarmName: string; metricValue: number; threshold: number }): Promise<void> {
    const found = this.find(policyArn);
    if (!found) return Promise.reject(new Error(`there is no scaling policy ${policyArn}`));
    const { resourceId, policy } = found;
    const looked = this.alarms.alarm(alarm.alarmName)?.datapoints ?? [];
    const breach: Breach = { threshold: alarm.threshold, datapoints: looked.length > 0 ? looked : [alarm.metricValue] };
    let batch = this.batches.get(resourceId);
    if (!batch) {
      const requests: Request[] = [];
      const done = Promise.resolve().then(() => {
        this.batches.delete(resourceId);
        const registered = this.registered.get(resourceId);
        if (registered) this.decide(registered, requests);
      });
      this.batches.set(resourceId, (batch = { requests, done }));
    }
    batch.requests.push({ policy, alarmName: alarm.alarmName, breach });
    return batch.done;
  }

  close(): void {
    this.activities.close();
  }

  private newTarget(request: TargetRequest): ScalableTarget {
    const { resourceId, minCapacity, maxCapacity, tags = {} } = request;
    requireTags(tags, resourceId);
    const [, endpointName = "", , variantName = ""] = resourceId.split("/");
    const variant = this.endpoints.variant(endpointName, variantName);
    if (!variant) throw new ServiceError("ValidationException", `SageMaker endpoint variant does not exist: ${resourceId}`);
    if (variant.endpointStatus !== "InService") {
      throw new ServiceError(
        "ValidationException",
        `SageMaker endpoint ${endpointName} is not in service: its status is ${variant.endpointStatus}.`,
      );
    }
    if (minCapacity === undefined || maxCapacity === undefined) {
      throw new ServiceError("ValidationException", "MinCapacity and MaxCapacity are required to register a new scalable target.");
    }
    const { region, accountId, clock } = this.context;
    return {
      resourceId,
      endpointName,
      variantName,
      arn: `arn:aws:application-autoscaling:${region}:${accountId}:scalable-target/${randomBytes(18).toString("hex")}`,
      minCapacity,
      maxCapacity,
      roleARN:
        `arn:aws:iam::${accountId}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/` +
        "AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
      suspendedState: { dynamicScalingInSuspended: false, dynamicScalingOutSuspended: false, scheduledScalingSuspended: false },
      creationTime: clock.now(),
      tags,
    };
  }

  private policiesOf(resourceId: string): Attached[] {
    return [...this.attached.values()].filter(({ policy }) => policy.resourceId === resourceId);
  }

  private tagged(arn: string): Registered {
    const found = [...this.registered.values()].find(({ target }) => target.arn === arn);
    if (found === undefined) throw new ServiceError("ResourceNotFoundException", `Resource not found: ${arn}`);
    return found;
  }

  private existing(resourceId: string): Registered {
    const registered = this.registered.get(resourceId);
    if (registered) return registered;
    throw new ServiceError(
      "ObjectNotFoundException",
      `No scalable target registered for service namespace: sagemaker, resource ID: ${resourceId}, ` +
        "scalable dimension: sagemaker:variant:DesiredInstanceCount",
    );
  }

  private find(policyArn: string): { resourceId: string; policy: ScalingPolicy } | undefined {
    const policy = this.policies().find(({ policyARN }) => policyARN === policyArn);
    return policy && this.registered.has(policy.resourceId) ? { resourceId: policy.resourceId, policy } : undefined;
  }

  private manage(target: ScalableTarget, policyARN: string, tracking: TargetTracking): ManagedAlarms {
    try {
      const managed = managedAlarms(target.resourceId, policyARN, tracking, randomUUID);
      this.alarms.putMetricAlarm(managed.high);
      if (managed.low) this.alarms.putMetricAlarm(managed.low);
      return managed;
    } catch (error) {
      if (error instanceof ServiceError) throw error;
      throw new ServiceError("ValidationException", error instanceof Error ? error.message : String(error));
    }
  }

  /** Only for an endpoint in service; otherwise whoever registered must do so again. */
  private moveIntoBounds(resourceId: string): void {
    const { target } = this.existing(resourceId);
    const variant = this.endpoints.variant(target.endpointName, target.variantName);
    if (variant?.endpointStatus !== "InService") return;
    const desired = variant.desiredInstanceCount;
    const capacity = within(target, desired);
    const bound = capacity > desired ? "minimum" : "maximum";
    if (capacity !== desired) this.activities.change(target, capacity, `${bound} capacity was set to ${capacity}`, () => undefined);
  }

  private decide(registered: Registered, requests: readonly Request[]): void {
    const { target } = registered;
    const variant = this.endpoints.variant(target.endpointName, target.variantName);
    if (variant?.endpointStatus !== "InService") return;
    const held = holdingCooldown(registered.cooldown, this.context.clock.now());
    const { minCapacity, maxCapacity, suspendedState: suspended } = target;
    const current = variant.desiredInstanceCount;
    const standing = { minCapacity, maxCapacity, current, cooldown: held, suspended, trackingLeavesZero: this.trackingLeavesZero };
    const decision = decide(standing, requests, () => this.allTrackingScalesIn(registered));
    if (!decision) return;
    const { cooldown, capacity, call } = decision;
    const { policy, alarmName } = call;
    this.cool(target.resourceId, cooldown);
    const cause = `monitor alarm ${alarmName} in state ALARM triggered policy ${policy.policyName}`;
    const accepted = this.activities.change(target, capacity, cause, (fulfilled) => {
      cooldown.until = this.context.clock.now() + (fulfilled ? cooldownSeconds(policy, cooldown.direction) * 1000 : 0);
      if (this.registered.get(target.resourceId)?.cooldown === cooldown) this.cool(target.resourceId, cooldown);
    });
    if (!accepted) this.cool(target.resourceId, undefined);
  }

  private cool(resourceId: string, cooldown: Cooldown | undefined): void {
    this.registered.note(resourceId, { ...this.existing(resourceId), cooldown });
  }

  /** With several tracking policies, all that scale in must be ready to. */
  private allTrackingScalesIn({ target }: Registered): boolean {
    return this.policiesOf(target.resourceId).every(
      ({ managed }) => !managed?.low || this.alarms.alarm(managed.low.alarmName)?.state === "ALARM",
    );
  }
}

/** Tags of one resource. https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TagResource.html */
const mostTags = 50;

function requireTags(tags: Readonly<Record<string, string>>, resourceId: string): void {
  if (Object.keys(tags).length <= mostTags) return;
  throw new ServiceError("TooManyTagsException", `The resource ${resourceId} can have at most ${mostTags} tags.`);
}

function policyKey(resourceId: string, policyName: string): string {
  return `${resourceId} ${policyName}`;
}
