import type { MetricAlarms } from "../cloudwatch";
import type { CloudContext, CloudService, EventTargets, ScalableEndpoints, ScalableTargets } from "../ports";
import type { ScalingActivity } from "./activities";
import { Registry, type ScalableTarget } from "./registry";
import { resourceTypes } from "./resources";
import { Schedules } from "./schedules";
import { wireOf } from "./wire";

export type { ScalingActivity } from "./activities";
export type { ScalableTarget } from "./registry";

/** What {@link createAutoscaling} is told. */
export interface AutoscalingOptions {
  /** SageMaker's variants. */
  endpoints: ScalableEndpoints;
  /** CloudWatch, which evaluates the alarms of target tracking. */
  alarms: MetricAlarms;
  /**
   * Whether target tracking leaves zero once the metric exceeds its target. The documents disagree: the guide to
   * asynchronous endpoints lets a backlog above the target wake one, that of scaling policies asks for step scaling. @default false
   */
  trackingLeavesZero?: boolean;
}

/** Application Auto Scaling for endpoint variants. */
export interface Autoscaling extends CloudService, ScalableTargets, Pick<EventTargets, "executePolicy"> {
  /** Deregisters an endpoint's targets without a word: what deleting the endpoint does. */
  forget(endpointName: string): void;
  targets(): ScalableTarget[];
  /** Newest first. */
  activities(resourceId?: string): ScalingActivity[];
}

/**
 * Creates Application Auto Scaling: scalable targets, step and target tracking policies, scheduled actions.
 * Decisions are made when an alarm asks, on the cloud's clock.
 */
export async function createAutoscaling(
  context: CloudContext,
  { endpoints, alarms, trackingLeavesZero = false }: AutoscalingOptions,
): Promise<Autoscaling> {
  const registry = new Registry(context, endpoints, alarms, trackingLeavesZero);
  const schedules = new Schedules(context, registry);
  const deregister = (resourceId: string) =>
    context.keeper.atOnce(() => {
      registry.deregister(resourceId);
      schedules.deleteAllOf(resourceId);
    });
  return {
    isRegistered: (endpointName, variantName) => registry.isRegistered(endpointName, variantName),
    executePolicy: (policyArn, alarm) => registry.executePolicy(policyArn, alarm),
    forget: (endpointName) => {
      for (const { resourceId } of registry.targets().filter((target) => target.endpointName === endpointName)) deregister(resourceId);
    },
    targets: () => registry.targets(),
    activities: (resourceId) => registry.activities.list(resourceId),
    resources: resourceTypes(context, { registry, schedules, deregister }),
    wire: { "application-autoscaling": wireOf({ registry, schedules, deregister }) },
    close: async () => {
      schedules.close();
      registry.close();
    },
  };
}
