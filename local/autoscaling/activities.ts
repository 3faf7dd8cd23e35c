import { randomUUID } from "node:crypto";
import { fulfilmentOf, fulfilmentPollMilliseconds } from "../../core/scaling/fulfilment";
import type { Timer } from "../clock";
import type { Kept } from "../kept";
import type { CloudContext, ScalableEndpoints } from "../ports";

/** What was done to a scalable target, as DescribeScalingActivities has it. Times in milliseconds. */
export interface ScalingActivity {
  activityId: string;
  resourceId: string;
  description: string;
  cause: string;
  startTime: number;
  endTime?: number;
  statusCode: "InProgress" | "Successful" | "Failed" | "Overridden";
  statusMessage: string;
}

/** An activity, and the instance count that one in progress waits for. */
interface KeptActivity {
  activity: ScalingActivity;
  count?: number;
}

/** The variant that a scalable target stands for. */
export interface VariantKey {
  resourceId: string;
  endpointName: string;
  variantName: string;
}

/** Activities can be asked for during six weeks. */
const retentionMilliseconds = 6 * 7 * 86_400_000;

/** Changes capacity, sees each change through, and remembers. */
export class Activities {
  /** By id, oldest first. */
  private readonly all: Kept<KeptActivity>;
  private readonly inProgress = new Map<string, { activity: ScalingActivity; timer: Timer; ended: (fulfilled: boolean) => void }>();

  constructor(
    private readonly context: CloudContext,
    private readonly endpoints: ScalableEndpoints,
  ) {
    this.all = context.keeper.map("autoscaling.activities");
  }

  /** Sees through what another process began. */
  resume(variants: readonly VariantKey[]): void {
    for (const { activity, count } of this.all.values()) {
      const variant = variants.find(({ resourceId }) => resourceId === activity.resourceId);
      if (activity.statusCode === "InProgress" && variant && count !== undefined) this.watch(variant, activity, count, () => undefined);
    }
  }

  /**
   * Sets the desired instance count.
   *
   * @param ended is told whether the endpoint got that many instances; not when SageMaker refused
   * @returns false when SageMaker refused, which the activity then says
   */
  change(variant: VariantKey, count: number, cause: string, ended: (fulfilled: boolean) => void): boolean {
    const { resourceId, endpointName, variantName } = variant;
    this.end(resourceId, "Overridden", `Setting desired instance count to ${count} took its place.`);
    const activity = this.record(resourceId, `Setting desired instance count to ${count}.`, cause);
    try {
      this.endpoints.setDesiredInstanceCount(endpointName, variantName, count, cause);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.finish(activity, "Failed", `Failed to set desired instance count to ${count}. Reason: ${reason}`);
      return false;
    }
    activity.statusMessage = `Successfully set desired instance count to ${count}. Waiting for change to be fulfilled by sagemaker.`;
    this.all.note(activity.activityId, { activity, count });
    this.watch(variant, activity, count, ended);
    return true;
  }

  /** Notes what needs no waiting. */
  note(resourceId: string, description: string, cause: string, statusMessage: string): void {
    this.finish(this.record(resourceId, description, cause), "Successful", statusMessage);
  }

  /** Newest first. */
  list(resourceId?: string): ScalingActivity[] {
    this.prune();
    const activities = [...this.all.values()].map(({ activity }) => activity);
    return activities.filter((activity) => resourceId === undefined || activity.resourceId === resourceId).reverse();
  }

  /** Stops watching the target's change. */
  forget(resourceId: string): void {
    this.end(resourceId, "Overridden", "The scalable target was deregistered.");
  }

  close(): void {
    for (const { timer } of this.inProgress.values()) this.context.clock.clearTimeout(timer);
    this.inProgress.clear();
  }

  private watch(variant: VariantKey, activity: ScalingActivity, count: number, ended: (fulfilled: boolean) => void): void {
    const { resourceId, endpointName, variantName } = variant;
    const timer = this.context.clock.setTimeout(() => {
      const fulfilment = fulfilmentOf(count, this.endpoints.variant(endpointName, variantName));
      if (!fulfilment) return this.watch(variant, activity, count, ended);
      this.end(resourceId, fulfilment.statusCode, fulfilment.statusMessage);
    }, fulfilmentPollMilliseconds);
    this.inProgress.set(resourceId, { activity, timer, ended });
  }

  private end(resourceId: string, statusCode: ScalingActivity["statusCode"], statusMessage: string): void {
    const running = this.inProgress.get(resourceId);
    if (!running) return;
    this.context.clock.clearTimeout(running.timer);
    this.inProgress.delete(resourceId);
    this.finish(running.activity, statusCode, statusMessage);
    running.ended(statusCode === "Successful");
  }

  private record(resourceId: string, description: string, cause: string): ScalingActivity {
    this.prune();
    const activity: ScalingActivity = {
      activityId: randomUUID(),
      resourceId,
      description,
      cause,
      startTime: this.context.clock.now(),
      statusCode: "InProgress",
      statusMessage: "",
    };
    this.all.note(activity.activityId, { activity });
    return activity;
  }

  private finish(activity: ScalingActivity, statusCode: ScalingActivity["statusCode"], statusMessage: string): void {
    Object.assign(activity, { statusCode, statusMessage, endTime: this.context.clock.now() });
    this.all.note(activity.activityId, { activity });
  }

  private prune(): void {
    const oldest = this.context.clock.now() - retentionMilliseconds;
    for (const [id, { activity }] of this.all.entries()) {
      if (activity.startTime >= oldest) return;
      this.all.note(id, undefined);
    }
  }
}
