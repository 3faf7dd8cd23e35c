import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Endpoint, type EndpointArgs } from "../../components/endpoint";
import { longestReleaseSeconds } from "../../components/deploymentPlan";
import { releasedEndpointName } from "../../components/release";
import { deploy, type Deployment as Deployed } from "../../doubles/deploy";
import { graphOf, inputsOf, treatmentOf } from "../support/readable";

const args = (more: Partial<EndpointArgs> = {}): EndpointArgs => ({
  modelName: "ocr-model",
  instanceType: "ml.g5.2xlarge",
  minCapacity: 4,
  containerStartupTimeoutSeconds: 600,
  modelDownloadTimeoutSeconds: 900,
  maxConcurrentInvocationsPerInstance: 2,
  bucketName: "scans",
  outputPrefix: "out/",
  failurePrefix: "failed/",
  includeInferenceResponse: false,
  requestTtlSeconds: 3600,
  invocationTimeoutSeconds: 900,
  rolePolicies: [],
  ...more,
});
const run = (more: Partial<EndpointArgs>, opts: pulumi.ComponentResourceOptions = {}) =>
  deploy(() => {
    const { endpointConfigName } = new Endpoint("ocr", args(more), opts);
    return { endpointConfigName, name: releasedEndpointName("ocr", more.deployment ?? {}) };
  });
const endpointOf = (deployment: Deployed) => inputsOf(deployment, "aws:sagemaker/endpoint:Endpoint", "ocr-endpoint");
const alarms = ["new-version", "failure-rate", "oldest-job"].map((key) => ({ alarmName: `ocr-rollback-${key}-0a1b2c3` }));

describe("the release of an endpoint", () => {
  it("shifts the canary first, watches three alarms of its own, and keeps the old fleet for as long as its last job may run", async () => {
    const deployment = await run({
      deployment: { strategy: "blueGreen", canaryPercent: 25, bakeSeconds: 300, rollbackAlarms: ["accuracy"] },
    });

    expect(await endpointOf(deployment)).to.deep.equal({
      name: deployment.outputs["name"],
      endpointConfigName: "ocr-configuration-0a1b2c3",
      deploymentConfig: {
        autoRollbackConfiguration: { alarms: [...alarms, { alarmName: "accuracy" }] },
        blueGreenUpdatePolicy: {
          trafficRoutingConfiguration: { type: "CANARY", canarySize: { type: "INSTANCE_COUNT", value: 1 }, waitIntervalInSeconds: 300 },
          terminationWaitInSeconds: 600,
          maximumExecutionTimeoutInSeconds: 3600,
        },
      },
    });
    expect(graphOf(deployment).filter((line) => line.includes("Alarm"))).to.deep.equal([
      "aws:cloudwatch/metricAlarm:MetricAlarm ocr-rollback-failure-rate",
      "aws:cloudwatch/metricAlarm:MetricAlarm ocr-rollback-new-version",
      "aws:cloudwatch/metricAlarm:MetricAlarm ocr-rollback-oldest-job",
    ]);
  });

  it("is all at once, or a step at a time, as the strategy says", async () => {
    const policyOf = async (strategy: "allAtOnce" | "rolling") => {
      const { deploymentConfig } = await endpointOf(await run({ deployment: { strategy, bakeSeconds: 60 } }));
      const { autoRollbackConfiguration: _, ...policy } = deploymentConfig as Record<string, unknown>;
      return policy;
    };
    expect(await policyOf("allAtOnce")).to.deep.equal({
      blueGreenUpdatePolicy: {
        trafficRoutingConfiguration: { type: "ALL_AT_ONCE", waitIntervalInSeconds: 60 },
        terminationWaitInSeconds: 840,
        maximumExecutionTimeoutInSeconds: 3600,
      },
    });
    expect(await policyOf("rolling")).to.deep.equal({
      rollingUpdatePolicy: {
        maximumBatchSize: { type: "INSTANCE_COUNT", value: 1 },
        waitIntervalInSeconds: 60,
        maximumExecutionTimeoutInSeconds: 3600,
      },
    });
  });

  it("watches server errors of the new version alone, and failures of both with half of what it gets at first as the limit", async () => {
    const deployment = await run({ deployment: { strategy: "blueGreen", bakeSeconds: 300 }, minCapacity: 20 });
    const alarm = (key: string) => inputsOf(deployment, "aws:cloudwatch/metricAlarm:MetricAlarm", `ocr-rollback-${key}`);
    const EndpointName = deployment.outputs["name"];

    const common = {
      comparisonOperator: "GreaterThanOrEqualToThreshold",
      evaluationPeriods: 1,
      datapointsToAlarm: 1,
      treatMissingData: "notBreaching",
    };
    const end = " It rolls a release back: docs/releases.md";
    const metric = (metricName: string) => ({
      metric: { namespace: "AWS/SageMaker", metricName, dimensions: { EndpointName, VariantName: "AllTraffic" }, period: 300, stat: "Sum" },
    });
    expect(await alarm("new-version")).to.deep.equal({
      ...common,
      alarmDescription: `The new version answered at least 3 requests with a server error.${end}`,
      namespace: "AWS/SageMaker",
      metricName: "Invocation5XXErrors",
      dimensions: { EndpointName, VariantName: "AllTraffic", EndpointConfigName: "ocr-configuration-0a1b2c3" },
      statistic: "Sum",
      period: 300,
      threshold: 3,
    });
    expect(await alarm("failure-rate")).to.deep.equal({
      ...common,
      alarmDescription: `At least 5 % of the endpoint's invocations, and at least 3, have failed.${end}`,
      metricQueries: [
        { id: "failures", ...metric("InvocationFailures") },
        { id: "processed", ...metric("InvocationsProcessed") },
        {
          id: "rate",
          expression: "IF(FILL(failures, 0) >= 3, 100 * FILL(failures, 0) / MAX([FILL(failures, 0), FILL(processed, 0)]), 0)",
          label: "Failed invocations, percent",
          returnData: true,
        },
      ],
      threshold: 5,
    });
    expect(await alarm("oldest-job")).to.deep.include({
      ...common,
      threshold: 1,
      alarmDescription: `A request has waited for half of the time after which it expires, or a job has been open for that long and the longest run.${end}`,
    });
  });

  it("keeps the old fleet for no longer than the AWS provider waits for an update", async () => {
    const { deploymentConfig } = await endpointOf(
      await run({ deployment: { strategy: "blueGreen", bakeSeconds: 1200 }, invocationTimeoutSeconds: 3600 }),
    );
    const { blueGreenUpdatePolicy } = deploymentConfig as { blueGreenUpdatePolicy: Record<string, unknown> };
    expect(blueGreenUpdatePolicy["terminationWaitInSeconds"]).to.equal(longestReleaseSeconds - 2 * 1200);
  });

  it("takes another endpoint for another list of alarms, under another name: the provider replaces it, and both exist for a while", async () => {
    const nameOf = async (rollbackAlarms?: string[]) =>
      (await run({ deployment: { ...(rollbackAlarms && { rollbackAlarms }) } })).outputs["name"];
    const [none, one, again] = [await nameOf(), await nameOf(["accuracy"]), await nameOf()];
    expect(await nameOf(["b", "a"])).to.equal(await nameOf(["a", "b"]));

    expect(none).to.match(/^ocr-endpoint-[0-9a-f]{8}$/);
    expect([again === none, one === none]).to.deep.equal([true, false]);
  });

  it("makes another configuration when the way of releasing changes: SageMaker takes no other policy without one", async () => {
    const deployment = await run({ deployment: { bakeSeconds: 60 } });
    expect(treatmentOf(deployment, "aws:sagemaker/endpointConfiguration:EndpointConfiguration", "ocr-configuration")).to.deep.equal({
      replacementTrigger: {
        strategy: "allAtOnce",
        canaryPercent: 10,
        bakeSeconds: 60,
        rollbackAlarms: [],
        instances: 4,
        stepInstances: 4,
        bakes: 1,
      },
    });
  });

  it("fails the program when SageMaker has rolled a release back, before the configuration that still serves is deleted", async () => {
    const rolledBack: pulumi.ResourceTransformation = ({ type, props, opts }) =>
      type === "aws:sagemaker/endpoint:Endpoint" ? { props: { ...props, endpointConfigName: "ocr-configuration-old" }, opts } : undefined;
    const message = await run({}, { transformations: [rolledBack] }).then(
      () => "no error",
      (error: Error) => error.message,
    );

    expect(message).to.include(
      "SageMaker rolled the release of the endpoint ocr-endpoint-0a1b2c3 back: it serves ocr-configuration-old and not " +
        "ocr-configuration-0a1b2c3. Nothing was deleted, and jobs run on the old version. `sagemaker-async endpoint` and the log of the endpoint " +
        "say why; correct the settings and run pulumi up again: docs/releases.md",
    );
  });
});
