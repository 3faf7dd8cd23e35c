import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

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
}

const namespace = "AWS/SageMaker";
/** Pause between two wake-ups: an instance takes minutes to start. Application Auto Scaling's own default. */
const wakeCooldownSeconds = 300;

/**
 * Keeps the instance count between its bounds by the backlog.
 *
 * Target tracking follows the waiting requests an instance. It does not reliably leave zero, where there is no
 * instance to divide by; a step policy does, on the alarm that requests wait while nothing runs.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference-autoscale.html
 */
export class Autoscaling extends pulumi.ComponentResource {
  constructor(name: string, args: AutoscalingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Autoscaling", name, {}, opts);

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
    const scalable = {
      serviceNamespace: target.serviceNamespace,
      scalableDimension: target.scalableDimension,
      resourceId: target.resourceId,
    };
    new aws.appautoscaling.Policy(
      `${name}-backlog`,
      {
        ...scalable,
        policyType: "TargetTrackingScaling",
        targetTrackingScalingPolicyConfiguration: {
          targetValue: args.targetBacklogPerInstance,
          scaleInCooldown: args.scaleInCooldownSeconds,
          scaleOutCooldown: args.scaleOutCooldownSeconds,
          customizedMetricSpecification: {
            namespace,
            metricName: "ApproximateBacklogSizePerInstance",
            // The one dimension under which it is published; with the variant's too, it would never have data.
            dimensions: [{ name: "EndpointName", value: args.endpointName }],
            statistic: "Average",
          },
        },
      },
      { parent: this },
    );
    if (args.minCapacity === 0) this.wakeFromZero(name, args, scalable);

    this.registerOutputs({});
  }

  private wakeFromZero(
    name: string,
    args: AutoscalingArgs,
    scalable: Pick<aws.appautoscaling.PolicyArgs, "serviceNamespace" | "scalableDimension" | "resourceId">,
  ): void {
    const policy = new aws.appautoscaling.Policy(
      `${name}-wake`,
      {
        ...scalable,
        policyType: "StepScaling",
        stepScalingPolicyConfiguration: {
          adjustmentType: "ChangeInCapacity",
          metricAggregationType: "Average",
          cooldown: wakeCooldownSeconds,
          stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
        },
      },
      { parent: this },
    );
    new aws.cloudwatch.MetricAlarm(
      `${name}-wake`,
      {
        alarmDescription: "Requests wait while the endpoint has no instance: starts one.",
        namespace,
        metricName: "HasBacklogWithoutCapacity",
        dimensions: { EndpointName: args.endpointName },
        statistic: "Average",
        period: 60,
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
}
