import { expect } from "chai";
import { Autoscaling, type AutoscalingArgs } from "../../components/autoscaling";
import { deploy } from "../support/deploy";
import { graphOf, inputsOf, treatmentOf } from "../support/readable";

const args: AutoscalingArgs = {
  endpointName: "ocr",
  resourceId: "endpoint/ocr/variant/AllTraffic",
  minCapacity: 0,
  maxCapacity: 7,
  targetBacklogPerInstance: 3,
  scaleInCooldownSeconds: 900,
  scaleOutCooldownSeconds: 60,
};
const scalable = {
  serviceNamespace: "sagemaker",
  scalableDimension: "sagemaker:variant:DesiredInstanceCount",
  resourceId: "endpoint/ocr/variant/AllTraffic",
};

describe("Autoscaling", () => {
  it("tracks the backlog under the one dimension that SageMaker publishes: with another it never scales", async () => {
    const deployment = await deploy(() => void new Autoscaling("ocr", args));

    expect(await inputsOf(deployment, "aws:appautoscaling/target:Target", "ocr-target")).to.deep.equal({
      ...scalable,
      minCapacity: 0,
      maxCapacity: 7,
    });
    expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-backlog")).to.deep.equal({
      ...scalable,
      policyType: "TargetTrackingScaling",
      targetTrackingScalingPolicyConfiguration: {
        targetValue: 3,
        scaleInCooldown: 900,
        scaleOutCooldown: 60,
        customizedMetricSpecification: {
          namespace: "AWS/SageMaker",
          metricName: "ApproximateBacklogSizePerInstance",
          dimensions: [{ name: "EndpointName", value: "ocr" }],
          statistic: "Average",
        },
      },
    });
  });

  it("wakes a sleeping endpoint when requests wait: without, the first job would expire", async () => {
    const deployment = await deploy(() => void new Autoscaling("ocr", args));

    expect(await inputsOf(deployment, "aws:appautoscaling/policy:Policy", "ocr-wake")).to.deep.equal({
      ...scalable,
      policyType: "StepScaling",
      stepScalingPolicyConfiguration: {
        adjustmentType: "ChangeInCapacity",
        metricAggregationType: "Average",
        cooldown: 300,
        stepAdjustments: [{ metricIntervalLowerBound: "0", scalingAdjustment: 1 }],
      },
    });
    expect(await inputsOf(deployment, "aws:cloudwatch/metricAlarm:MetricAlarm", "ocr-wake")).to.deep.equal({
      alarmDescription: "Requests wait while the endpoint has no instance: starts one.",
      namespace: "AWS/SageMaker",
      metricName: "HasBacklogWithoutCapacity",
      dimensions: { EndpointName: "ocr" },
      statistic: "Average",
      period: 60,
      evaluationPeriods: 2,
      datapointsToAlarm: 2,
      threshold: 1,
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      treatMissingData: "missing",
      alarmActions: ["arn:aws:autoscaling:eu-west-1:123456789012:scalingPolicy:0a1b2c3d:policyName/ocr-wake-0a1b2c3"],
    });
  });

  it("has no wake-up when an instance always runs", async () => {
    const deployment = await deploy(() => void new Autoscaling("ocr", { ...args, minCapacity: 1 }));

    expect(graphOf(deployment)).to.deep.equal([
      "aws:appautoscaling/policy:Policy ocr-backlog",
      "aws:appautoscaling/target:Target ocr-target",
    ]);
  });

  it("protects nothing: the engine must be able to take target and policies away before the hardware changes", async () => {
    const deployment = await deploy(() => void new Autoscaling("ocr", args));

    expect(deployment.resources.flatMap(({ type, name }) => treatmentOf(deployment, type, name)["protect"] ?? [])).to.deep.equal([]);
  });

  it("deletes the target before it registers it again: in the other order a retried update leaves autoscaling off, unseen", async () => {
    const deployment = await deploy(() => void new Autoscaling("ocr", args));

    expect(treatmentOf(deployment, "aws:appautoscaling/target:Target", "ocr-target")).to.deep.equal({ deleteBeforeReplace: true });
  });
});
