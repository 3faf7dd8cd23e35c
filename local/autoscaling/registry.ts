import { randomBytes, randomUUID } from "node:crypto";
import { cooldownSeconds, decide, holdingCooldown, within, type Cooldown } from "../../core/scaling/decide";
import type { Breach } from "../../core/scaling/outcome";
import { managedAlarms, type ManagedAlarms } from "../../core/scaling/tracking";
import type { MetricAlarms } from "../cloudwatch";
import type { CloudContext, EventTargets, ScalableEndpoints, ScalableTargets } from "../ports";
import { ServiceError } from "../wire";
import { Activities, type VariantKey } from "./activities";
import type { PolicyRequest, StepScaling, SuspendedState, TargetRequest, TargetTracking } from "./schemas";

/** A registered scalable target. Times in milliseconds. */
export interface ScalableTarget extends VariantKey {
  arn: string;
  minCapacity: number;
  maxCapacity: number;
  roleARN: string;
  suspendedState: Required<SuspendedState>;
  creationTime: number;
}

/** A scaling policy of a scalable target. */
export interface ScalingPolicy {
  policyARN: string;
  policyName: string;
  resourceId: string;
  creationTime: number;
  /** Exactly one of the two. */
  step?: StepScaling;
  tracking?: TargetTracking;
  /** Those that target tracking created; none for a step policy. */
  alarms: { alarmName: string; alarmARN: string }[];
}

interface Registered {
  target: ScalableTarget;
  policies: Map<string, { policy: ScalingPolicy; managed?: ManagedAlarms }>;
  cooldown?: Cooldown | undefined;
}

/** One policy that an alarm asked to be carried out. */
interface Request {
  policy: ScalingPolicy;
  alarmName: string;
  breach: Breach;
}

/** Application Auto Scaling's targets and policies. Throws {@link ServiceError} as the service words it. */
export class Registry implements ScalableTargets, Pick<EventTargets, "executePolicy"> {
  private readonly registered = new Map<string, Registered>();
  private readonly batches = new Map<Registered, { requests: Request[]; done: Promise<void> }>();
  readonly activities: Activities;

  constructor(
    private readonly context: CloudContext,
    private readonly endpoints: ScalableEndpoints,
    private readonly alarms: MetricAlarms,
    private readonly trackingLeavesZero: boolean,
  ) {
    this.activities = new Activities(context, endpoints);
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
    return [...this.registered.values()].flatMap(({ policies }) => [...policies.values()].map(({ policy }) => policy));
  }

  /** RegisterScalableTarget: creates it, or changes what is given and moves the capacity into its bounds at once. */
  register(request: TargetRequest): ScalableTarget {
    const known = this.registered.get(request.resourceId);
    const target = known?.target ?? this.newTarget(request);
    const { minCapacity = target.minCapacity, maxCapacity = target.maxCapacity } = request;
    if (minCapacity > maxCapacity) {
      throw new ServiceError(
        "ValidationException",
        `Maximum capacity cannot be less than minimum capacity: got ${minCapacity} to ${maxCapacity}.`,
      );
    }
    Object.assign(target, { minCapacity, maxCapacity });
    if (request.roleARN !== undefined) target.roleARN = request.roleARN;
    Object.assign(target.suspendedState, request.suspendedState);
    if (!known) this.registered.set(target.resourceId, { target, policies: new Map() });
    this.moveIntoBounds(target.resourceId);
    return target;
  }

  /** DeregisterScalableTarget: policies and their alarms go with it. */
  deregister(resourceId: string): void {
    const registered = this.existing(resourceId);
    for (const { policy } of registered.policies.values()) this.alarms.deleteAlarms(policy.alarms.map(({ alarmName }) => alarmName));
    this.registered.delete(resourceId);
    this.activities.forget(resourceId);
  }

  /** What happens to an endpoint's targets when it is deleted. */
  forget(endpointName: string): void {
    for (const { target } of [...this.registered.values()]) if (target.endpointName === endpointName) this.deregister(target.resourceId);
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
    const { target, policies } = this.existing(resourceId);
    const [wanted, other] = policyType === "StepScaling" ? [step, tracking] : [tracking, step];
    if (wanted === undefined || other !== undefined) {
      const field = policyType === "StepScaling" ? "stepScalingPolicyConfiguration" : "targetTrackingScalingPolicyConfiguration";
      throw new ServiceError("ValidationException", `A ${policyType} policy takes ${field}, and only that.`);
    }
    const known = policies.get(policyName)?.policy;
    const { region, accountId, clock } = this.context;
    const policyARN =
      known?.policyARN ??
      `arn:aws:autoscaling:${region}:${accountId}:scalingPolicy:${randomUUID()}:resource/sagemaker/${resourceId}:policyName/${policyName}`;
    const managed = policyType === "TargetTrackingScaling" && tracking ? this.manage(target, policyARN, tracking) : undefined;
    if (known) this.alarms.deleteAlarms(known.alarms.map(({ alarmName }) => alarmName));
    const policy: ScalingPolicy = {
      policyARN,
      policyName,
      resourceId,
      creationTime: known?.creationTime ?? clock.now(),
      ...(step && { step }),
      ...(tracking && { tracking }),
      alarms: managed
        ? [managed.high, managed.low].flatMap((alarm) =>
            alarm ? { alarmName: alarm.alarmName, alarmARN: this.alarms.alarm(alarm.alarmName)?.arn ?? "" } : [],
          )
        : [],
    };
    policies.set(policyName, { policy, ...(managed && { managed }) });
    return policy;
  }

  /** DeleteScalingPolicy. */
  deletePolicy(resourceId: string, policyName: string): void {
    const { policies } = this.existing(resourceId);
    const policy = policies.get(policyName)?.policy;
    if (!policy)
      throw new ServiceError(
        "ObjectNotFoundException",
        `No scaling policy found for policy name: ${policyName}, resource ID: ${resourceId}`,
      );
    this.alarms.deleteAlarms(policy.alarms.map(({ alarmName }) => alarmName));
    policies.delete(policyName);
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
    Object.assign(target, { minCapacity, maxCapacity });
    this.activities.note(resourceId, `Setting ${words}`, `scheduled action name ${actionName} was triggered`, `Successfully set ${words}`);
    this.moveIntoBounds(resourceId);
  }

  /** Requests of one moment are decided together: the largest capacity wins. */
  executePolicy(policyArn: string, alarm: { alarmName: string; metricValue: number; threshold: number }): Promise<void> {
    const found = this.find(policyArn);
    if (!found) return Promise.reject(new Error(`there is no scaling policy ${policyArn}`));
    const { registered, policy } = found;
    const looked = this.alarms.alarm(alarm.alarmName)?.datapoints ?? [];
    const breach: Breach = { threshold: alarm.threshold, datapoints: looked.length > 0 ? looked : [alarm.metricValue] };
    let batch = this.batches.get(registered);
    if (!batch) {
      const requests: Request[] = [];
      const done = Promise.resolve().then(() => {
        this.batches.delete(registered);
        this.decide(registered, requests);
      });
      this.batches.set(registered, (batch = { requests, done }));
    }
    batch.requests.push({ policy, alarmName: alarm.alarmName, breach });
    return batch.done;
  }

  close(): void {
    this.activities.close();
  }

  private newTarget(request: TargetRequest): ScalableTarget {
    const { resourceId, minCapacity, maxCapacity } = request;
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
    };
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

  private find(policyArn: string): { registered: Registered; policy: ScalingPolicy } | undefined {
    for (const registered of this.registered.values()) {
      for (const { policy } of registered.policies.values()) if (policy.policyARN === policyArn) return { registered, policy };
    }
    return undefined;
  }

  private manage(target: ScalableTarget, policyARN: string, tracking: TargetTracking): ManagedAlarms {
    try {
      const managed = managedAlarms(target.resourceId, policyARN, tracking, randomUUID);
      this.alarms.putMetricAlarm(managed.high);
      if (managed.low) this.alarms.putMetricAlarm(managed.low);
      return managed;
    } catch (error) {
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
    registered.cooldown = holdingCooldown(registered.cooldown, this.context.clock.now());
    const { minCapacity, maxCapacity, suspendedState: suspended } = target;
    const { cooldown: held } = registered;
    const current = variant.desiredInstanceCount;
    const standing = { minCapacity, maxCapacity, current, cooldown: held, suspended, trackingLeavesZero: this.trackingLeavesZero };
    const decision = decide(standing, requests, () => this.allTrackingScalesIn(registered));
    if (!decision) return;
    const { cooldown, capacity, call } = decision;
    const { policy, alarmName } = call;
    registered.cooldown = cooldown;
    const cause = `monitor alarm ${alarmName} in state ALARM triggered policy ${policy.policyName}`;
    const accepted = this.activities.change(target, capacity, cause, (fulfilled) => {
      cooldown.until = this.context.clock.now() + (fulfilled ? cooldownSeconds(policy, cooldown.direction) * 1000 : 0);
    });
    if (!accepted) registered.cooldown = undefined;
  }

  /** With several tracking policies, all that scale in must be ready to. */
  private allTrackingScalesIn({ policies }: Registered): boolean {
    return [...policies.values()].every(({ managed }) => !managed?.low || this.alarms.alarm(managed.low.alarmName)?.state === "ALARM");
  }
}
