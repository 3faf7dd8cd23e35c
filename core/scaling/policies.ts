/** One step of {@link StepScaling}: bounds are differences to the alarm's threshold; one that isn't given is infinite. */
export interface StepAdjustment {
  metricIntervalLowerBound?: number | undefined;
  metricIntervalUpperBound?: number | undefined;
  scalingAdjustment: number;
}

/**
 * A step scaling policy's configuration.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_StepScalingPolicyConfiguration.html
 */
export interface StepScaling {
  adjustmentType: "ChangeInCapacity" | "ExactCapacity" | "PercentChangeInCapacity";
  /** Seconds. */
  cooldown: number;
  metricAggregationType: "Average" | "Minimum" | "Maximum";
  minAdjustmentMagnitude?: number | undefined;
  stepAdjustments: readonly StepAdjustment[];
}

/** A metric as target tracking's customized specification has it. */
export interface TrackedMetric {
  metricName: string;
  namespace: string;
  dimensions?: readonly { name: string; value: string }[] | undefined;
}

/** One line of metric math in target tracking's customized specification. */
export interface TrackedQuery {
  id: string;
  expression?: string | undefined;
  label?: string | undefined;
  returnData?: boolean | undefined;
  metricStat?: { metric: TrackedMetric; stat: string; unit?: string | undefined } | undefined;
}

/**
 * A target tracking policy's configuration. Cooldowns are seconds.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
 */
export interface TargetTracking {
  targetValue: number;
  disableScaleIn: boolean;
  scaleInCooldown: number;
  scaleOutCooldown: number;
  customizedMetricSpecification?:
    | {
        metricName?: string | undefined;
        namespace?: string | undefined;
        dimensions?: readonly { name: string; value: string }[] | undefined;
        statistic?: string | undefined;
        unit?: string | undefined;
        metrics?: readonly TrackedQuery[] | undefined;
      }
    | undefined;
}
