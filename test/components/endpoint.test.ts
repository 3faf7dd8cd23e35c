import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { Endpoint, type EndpointArgs } from "../../components/endpoint";
import { deploy } from "../../doubles/deploy";
import { graphOf, inputsOf, treatmentOf } from "../support/readable";

const args = (more: Partial<EndpointArgs> = {}): EndpointArgs => ({
  modelName: "ocr-model",
  instanceType: "ml.g5.2xlarge",
  minCapacity: 0,
  containerStartupTimeoutSeconds: 600,
  modelDownloadTimeoutSeconds: 900,
  maxConcurrentInvocationsPerInstance: 2,
  bucketName: "scans",
  outputPrefix: "out/",
  failurePrefix: "failed/ocr/",
  successTopicArn: "arn:success",
  errorTopicArn: "arn:error",
  includeInferenceResponse: false,
  requestTtlSeconds: 3600,
  invocationTimeoutSeconds: 900,
  rolePolicies: [new pulumi.Stash("role-policy", { input: "stands for it" })],
  ...more,
});
const configurationOf = async (more: Partial<EndpointArgs> = {}) => {
  const deployment = await deploy(() => void new Endpoint("ocr", args(more)));
  return inputsOf(deployment, "aws:sagemaker/endpointConfiguration:EndpointConfiguration", "ocr-configuration");
};
const variant = {
  variantName: "AllTraffic",
  modelName: "ocr-model",
  instanceType: "ml.g5.2xlarge",
  initialInstanceCount: 1,
  containerStartupHealthCheckTimeoutInSeconds: 600,
  modelDataDownloadTimeoutInSeconds: 900,
};
const outputConfig = {
  s3OutputPath: "s3://scans/out",
  s3FailurePath: "s3://scans/failed/ocr",
  notificationConfig: { successTopic: "arn:success", errorTopic: "arn:error" },
};
const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";

describe("Endpoint", () => {
  it("is one asynchronous variant with its paths and topics, and no fixed name: SageMaker would not see a change", async () => {
    expect(await configurationOf()).to.deep.equal({
      productionVariants: [variant],
      asyncInferenceConfig: { clientConfig: { maxConcurrentInvocationsPerInstance: 2 }, outputConfig },
    });
  });

  it("puts the hardware gate between instance type and scalable target: else a new instance type fails the update", async () => {
    const deployment = await deploy(() => {
      const { scalableResourceId } = new Endpoint("ocr", args({ instanceType: "ml.g6.xlarge" }));
      return { scalableResourceId };
    });

    expect(graphOf(deployment)).to.deep.equal([
      "aws:sagemaker/endpoint:Endpoint ocr-endpoint",
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration ocr-configuration",
      "pulumi:index:Stash ocr-hardware",
      "pulumi:index:Stash role-policy",
    ]);
    const hardware = { instanceType: "ml.g6.xlarge", variantName: "AllTraffic" };
    expect(await inputsOf(deployment, "pulumi:index:Stash", "ocr-hardware")).to.deep.equal({ input: hardware });
    expect(treatmentOf(deployment, "pulumi:index:Stash", "ocr-hardware")).to.deep.equal({
      deleteBeforeReplace: true,
      replacementTrigger: hardware,
    });
    expect(treatmentOf(deployment, "aws:sagemaker/endpoint:Endpoint", "ocr-endpoint")).to.deep.equal({
      dependsOn: ["pulumi:index:Stash ocr-hardware", "pulumi:index:Stash role-policy"],
    });
    expect(treatmentOf(deployment, "aws:sagemaker/endpointConfiguration:EndpointConfiguration", "ocr-configuration")).to.deep.equal({});
    expect(deployment.outputs).to.deep.equal({ scalableResourceId: "endpoint/ocr-endpoint-0a1b2c3/variant/AllTraffic" });
  });

  it("gives the scalable target an edge to endpoint and gate", async () => {
    let edges: string[] = [];
    await deploy(async () => {
      const { scalableResourceId } = new Endpoint("ocr", args());
      const edged = scalableResourceId as unknown as { allResources(): Promise<Set<{ __name: string }>> };
      edges = Array.from(await edged.allResources(), ({ __name }) => __name).sort();
    });

    expect(edges).to.deep.equal(["ocr-endpoint", "ocr-hardware"]);
  });

  it("starts with the instances that always run", async () => {
    expect((await configurationOf({ minCapacity: 3 }))["productionVariants"]).to.deep.equal([{ ...variant, initialInstanceCount: 3 }]);
  });

  it("passes AMI version and volume size only when they are given", async () => {
    const more = { instanceType: "ml.c5.xlarge", inferenceAmiVersion: "ami", volumeSizeGb: 64 };
    expect((await configurationOf(more))["productionVariants"]).to.deep.equal([
      { ...variant, instanceType: "ml.c5.xlarge", inferenceAmiVersion: "ami", volumeSizeInGb: 64 },
    ]);
  });

  it("names no topic when notifications are off", async () => {
    const { asyncInferenceConfig } = await configurationOf({ successTopicArn: undefined, errorTopicArn: undefined });
    expect(asyncInferenceConfig).to.deep.equal({
      clientConfig: { maxConcurrentInvocationsPerInstance: 2 },
      outputConfig: { s3OutputPath: "s3://scans/out", s3FailurePath: "s3://scans/failed/ocr" },
    });
  });

  it("asks for results in notifications on both topics", async () => {
    const { asyncInferenceConfig } = await configurationOf({ includeInferenceResponse: true });
    expect(asyncInferenceConfig).to.deep.equal({
      clientConfig: { maxConcurrentInvocationsPerInstance: 2 },
      outputConfig: {
        ...outputConfig,
        notificationConfig: {
          ...outputConfig.notificationConfig,
          includeInferenceResponseIns: ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"],
        },
      },
    });
  });

  it("encrypts results with the user's key, and volumes only where SageMaker takes a key: not with local disks", async () => {
    const keys = async (instanceType: string) => {
      const { kmsKeyArn: volumes, asyncInferenceConfig } = await configurationOf({ instanceType, kmsKeyArn });
      const results = (asyncInferenceConfig as { outputConfig: { kmsKeyId?: string } }).outputConfig.kmsKeyId;
      return { volumes, results };
    };
    expect(await keys("ml.g5.2xlarge")).to.deep.equal({ volumes: undefined, results: kmsKeyArn });
    expect(await keys("ml.c5.xlarge")).to.deep.equal({ volumes: kmsKeyArn, results: kmsKeyArn });
  });
});
