import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { metricNames, metricNamespace } from "../core/metrics";
import { readWarmWindow, weekdays } from "../core/floor/warmHours";
import { variantName } from "./endpoint";
import { warmEnds } from "./warmSchedule";
import { metricQuery } from "./metricQuery";

/** Arguments of {@link Autoscaling}. */
export interface AutoscalingArgs {
  endpointName: pulumi.Input<string>;
  /** The endpoint's `scalableResourceId`, with its edge to the hardware gate. */
  resourceId: pulumi.Input<string>;
  minCapacity: number;
  maxCapacity: number;
  targetBacklogPerInstance: pulumi.Input<number>;
  scaleInCooldownSeconds: pulumi.Input<number>;
  scaleOutCooldownSeconds: pulumi.Input<number>;
  /** How long nothing must have been open or running before the endpoint goes back to its minimum. */
  idleSeconds: pulumi.Input<number>;
  /** Whether target tracking may also take instances away, with what runs on them. */
  partialScaleIn: boolean;
  /** See {@link readWarmWindow}. */
  warmHours: readonly string[];
  warmMinCapacity: number;
  warmTimeZone: string;
}

/** Namespace of what SageMaker says of asynchronous endpoints. */
const serviceNamespace = "AWS/SageMaker";
/** Namespace of what their instances say. */
const hostNamespace = "/aws/sagemaker/Endpoints";
/** Pause between two wake-ups: an instance takes minutes to start. Application Auto Scaling's own default. */
const wakeCooldownSeconds = 300;
/** https://docs.aws.amazon.com/autoscaling/application/userguide/application-auto-scaling-quotas.html */
const maxSteps = 20;
/** Percent above which a GPU counts as working: drivers and monitoring alone stay below. */
const idleGpuPercent = 5;

type Scalable = Pick<aws.appautoscaling.PolicyArgs, "serviceNamespace" | "scalableDimension" | "resourceId">;

/**
 * Keeps the instance count between its bounds without ever taking an instance away from a job that it knows of.
 *
 * - Target tracking follows the waiting requests per instance, and only adds instances.
 * - It does not reliably leave zero, where there is no instance to divide by: a step policy does, at once to as many as
 *   the backlog needs.
 * - Instances go only when nothing has been open or running for `idleSeconds`, and then all above the minimum together:
 *   which instance the service would take otherwise, and whether a job runs on it, nobody knows.
 *
 * What an alarm sees is minutes old. That no job is hit in between is the work of the functions, which keep the target's
 * minimum at the present capacity for as long as a job is open (core/floor/floor.ts). Nothing here, and no
 * `pulumi up`, depends on that minimum.
 *
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
 */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Autoscaling", name, {}, opts);

    const scalable = this.target(name, args);
    this.followBacklog(name, args, scalable);
    if (args.minCapacity === 0) this.wakeFromZero(name, args, scalable);
    this.returnToMinimum(name, args, scalable);
    this.keepWarm(name, args, scalable);

    this.registerOutputs({});
  }

  private target(name: string, args: AutoscalingArgs): Scalable {
    const target = new aws.appautoscaling.Target(
      `${name}-target`,
      {
        serviceNamespace: "sagemaker",
        scalableDimension: "sagemaker:variant:DesiredInstanceCount",
        resourceId: args.resourceId,
        minCapacity: args.minCapacity,
        maxCapacity: args.maxCapacity,
      },
      // A retry after a failed update would otherwise register the target and then delete "the old one", which has
      // the same id: autoscaling would be off, and no preview would say so.
      { parent: this, deleteBeforeReplace: true },
    );
    // From the target, so that the engine deletes policies before it.
    return { serviceNamespace: target.serviceNamespace, scalableDimension: target.scalableDimension, resourceId: target.resourceId };
  }

  private followBacklog(name: string, args: AutoscalingArgs, scalable: Scalable): void {
    new aws.appautoscaling.Policy(
      `${name}-backlog`,
      {
        ...scalable,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          targetValue: args.targetBacklogPerInstance,
          disableScaleIn: !args.partialScaleIn,
          scaleInCooldown: args.scaleInCooldownSeconds,
          scaleOutCooldown: args.scaleOutCooldownSeconds,
          customizedMetricSpecification: {
            namespace: serviceNamespace,
            metricName: "ApproximateBacklogSizePerInstance",
            // The one dimension under which it is published; with the variant's too, it would never have data.
            dimensions: [{ name: "EndpointName", value: args.endpointName }],
            statistic: "Average",
          },
        },
      },
      { parent: this },
    );
  }

  /**
   * On the plain backlog this would scale in: the alarm repeats while it lasts, and asks for few instances as soon as
   * few requests wait. It therefore sees a backlog only while there is no instance.
   */
  private wakeFromZero(name: string, args: AutoscalingArgs, scalable: Scalable): void {
    const policy = new aws.appautoscaling.Policy(
      `${name}-wake`,
      {
        ...scalable,
        policyType: "StepScaling",
        stepScalingPolicyConfiguration: {
          adjustmentType: "ExactCapacity",
          metricAggregationType: "Maximum",
          cooldown: wakeCooldownSeconds,
          stepAdjustments: pulumi.output(args.targetBacklogPerInstance).apply((target) => wakeSteps(target, args.maxCapacity)),
        },
      },
      { parent: this },
    );
    const endpoint = { EndpointName: args.endpointName };
    new aws.cloudwatch.MetricAlarm(
      `${name}-wake`,
      {
        alarmDescription: "Requests wait while the endpoint has no instance: starts as many as they need.",
        metricQueries: [
          metricQuery("backlog", serviceNamespace, "ApproximateBacklogSize", "Maximum", endpoint),
          metricQuery("asleep", serviceNamespace, "HasBacklogWithoutCapacity", "Maximum", endpoint),
          // Only the backlog is filled, and only where the other has a value: a filled `asleep` would be 0 in the
          // newest minutes, whose values come late, and the alarm would never be raised.
          { id: "waiting", expression: "IF(asleep > 0, FILL(backlog, 1), 0)", label: "Waiting without an instance", returnData: true },
        ],
        evaluationPeriods: 2,
        datapointsToAlarm: 2,
        threshold: 1,
        comparisonOperator: "GreaterThanOrEqualToThreshold",
        treatMissingData: "missing",
        alarmActions: [policy.arn],
      },
      { parent: this },
    );
  }

  private returnToMinimum(name: string, args: AutoscalingArgs, scalable: Scalable): void {
    const policy = new aws.appautoscaling.Policy(
      `${name}-idle`,
      {
        ...scalable,
        policyType: "StepScaling",
        stepScalingPolicyConfiguration: {
          adjustmentType: "ExactCapacity",
          metricAggregationType: "Maximum",
          cooldown: args.scaleInCooldownSeconds,
          stepAdjustments: [{ metricIntervalUpperBound: "0", scalingAdjustment: args.minCapacity }],
        },
      },
      { parent: this },
    );
    const endpoint = { EndpointName: args.endpointName };
    const variant = { ...endpoint, VariantName: variantName };
    const periods = pulumi.output(args.idleSeconds).apply((seconds) => Math.ceil(seconds / 60));
    new aws.cloudwatch.MetricAlarm(
      `${name}-idle`,
      {
        alarmDescription: "Nothing is open, waiting or running: takes the endpoint back to its minimum.",
        metricQueries: [
          metricQuery("open", metricNamespace, metricNames.openJobs, "Maximum", endpoint),
          // What was not submitted here shows in these three, as late as the service publishes them.
          metricQuery("backlog", serviceNamespace, "ApproximateBacklogSize", "Maximum", endpoint),
          metricQuery("processed", serviceNamespace, "InvocationsProcessed", "Sum", variant),
          metricQuery("gpu", hostNamespace, "GPUUtilization", "Maximum", variant),
          {
            id: "busy",
            // No value without `open`: when nobody counts jobs any more, the endpoint stays up.
            expression: `IF(open >= 0, open + FILL(backlog, 0) + FILL(processed, 0) + IF(FILL(gpu, 0) > ${idleGpuPercent}, 1, 0), 0)`,
            label: "Open, waiting or running",
            returnData: true,
          },
        ],
        evaluationPeriods: periods,
        datapointsToAlarm: periods,
        threshold: 1,
        comparisonOperator: "LessThanThreshold",
        // "notBreaching" would keep an endpoint awake for good whose metrics come later than expected.
        treatMissingData: "missing",
        alarmActions: [policy.arn],
      },
      { parent: this },
    );
  }

  /** Both ends, so that the minimum goes back on time also when no function runs. */
  private keepWarm(name: string, args: AutoscalingArgs, scalable: Scalable): void {
    for (const [index, text] of args.warmHours.entries()) {
      const window = readWarmWindow(text);
      if (!window) throw new Error(`warmHours[${index}]: ${text} was not checked`);
      const { begin, end } = warmEnds(window);
      const action = (which: string, { days, minute }: typeof begin, minCapacity: number) =>
        new aws.appautoscaling.ScheduledAction(
          `${name}-warm-${index}-${which}`,
          {
            ...scalable,
            schedule: `cron(${minute % 60} ${Math.floor(minute / 60)} ? * ${days.map((day) => weekdays[day]?.toUpperCase()).join(",")} *)`,
            timezone: args.warmTimeZone,
            scalableTargetAction: { minCapacity, maxCapacity: args.maxCapacity },
          },
          { parent: this },
        );
      action("begin", begin, args.warmMinCapacity);
      action("end", end, args.minCapacity);
    }
  }
}

/**
 * As many instances as a backlog needs, counted from the alarm's threshold of 1: one for up to `target` requests, two
 * for up to twice as many, and so on; in coarser steps where the service's number of steps does not suffice.
 */
function wakeSteps(
  target: number,
  maxCapacity: number,
): aws.types.input.appautoscaling.PolicyStepScalingPolicyConfigurationStepAdjustment[] {
  const count = Math.min(maxCapacity, maxSteps);
  const capacities = Array.from({ length: count }, (_, index) => Math.ceil(((index + 1) * maxCapacity) / count));
  return capacities.map((capacity, index) => ({
    metricIntervalLowerBound: String((capacities[index - 1] ?? 0) * target),
    ...(index === count - 1 ? {} : { metricIntervalUpperBound: String(capacity * target) }),
    scalingAdjustment: capacity,
  }));
}
