import { expect } from "chai";
import { ServiceError } from "../../../local/wire";
import { configInputs, FakeContainers, modelInputs, roleArn, startSageMaker, type TestSageMaker } from "./support";

const model = "aws:sagemaker/model:Model";
const configuration = "aws:sagemaker/endpointConfiguration:EndpointConfiguration";
const endpoint = "aws:sagemaker/endpoint:Endpoint";
const arn = (kind: string, name: string) => `arn:aws:sagemaker:us-east-1:000000000000:${kind}/${name}`;

describe("SageMaker's resource types", () => {
  let cloud: TestSageMaker;
  let containers: FakeContainers;
  beforeEach(async () => {
    containers = new FakeContainers();
    cloud = await startSageMaker({ startContainer: containers.start });
  });
  afterEach(() => cloud.close());

  const problem = (made: Promise<unknown>): Promise<string> =>
    made.then(
      () => "accepted",
      (error: Error) => error.message,
    );
  const named = { name: "model" };

  it("autonames, and gives a program the provider's outputs", async () => {
    const inputs = {
      ...modelInputs({ TASK: "ocr" }),
      vpcConfig: { subnets: ["subnet-1"], securityGroupIds: ["sg-1"] },
      tags: { team: "ml" },
    };
    const { id, state } = await cloud.create(model, "ocr", inputs);

    expect(id).to.match(/^ocr-[0-9a-f]{7}$/);
    expect(state).to.deep.equal({ ...inputs, name: id, arn: arn("model", id), region: "us-east-1", tagsAll: { team: "ml" } });
  });

  it("knows a configuration's variant by the name that it gave it", async () => {
    await cloud.create(model, "model", { ...modelInputs(), ...named });
    const { productionVariants, ...inputs } = configInputs({ variant: { variantName: undefined } }) as { productionVariants: object[] };
    const { id, state } = await cloud.create(configuration, "ocr", { ...inputs, productionVariants, namePrefix: "ocr-v2" });

    expect(id).to.match(/^ocr-v2-[0-9a-f]{7}$/);
    const [variant] = state["productionVariants"] as { variantName: string; initialVariantWeight: number }[];
    expect(variant?.variantName).to.match(/^variant-[0-9a-f]{7}$/);
    expect({ ...state, productionVariants: undefined }).to.deep.equal({
      ...inputs,
      productionVariants: undefined,
      namePrefix: "ocr-v2",
      name: id,
      arn: arn("endpoint-config", id),
      region: "us-east-1",
      tagsAll: {},
    });
  });

  it("resolves an endpoint when it takes requests", async () => {
    await cloud.create(model, "model", { ...modelInputs(), ...named });
    const config = await cloud.create(configuration, "config", configInputs());
    const { id, state } = await cloud.create(endpoint, "ep", {
      endpointConfigName: config.id,
      deploymentConfig: { blueGreenUpdatePolicy: { trafficRoutingConfiguration: { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 } } },
    });

    expect(cloud.sagemaker.endpoints.variant(id, "AllTraffic")?.endpointStatus).to.equal("InService");
    expect(state["arn"]).to.equal(arn("endpoint", id));
  });

  it("fails a deployment whose role may not publish, as the service's check of the role would", async () => {
    cloud.control.refusal = new ServiceError("AuthorizationError", "not allowed", 403);

    expect(await problem(cloud.deploy())).to.match(
      new RegExp(`^The execution role ${roleArn} must be allowed to publish to arn:aws:sns:.* \\(sns:Publish\\): .*not allowed`),
    );
  });

  it("names a property that means nothing here instead of ignoring it", async () => {
    const variant = { coreDumpConfig: { destinationS3Uri: "s3://bucket" } };

    expect(await problem(cloud.create(configuration, "config", configInputs({ variant })))).to.equal(
      `${configuration} "config": productionVariants.0.coreDumpConfig: not supported by the embedded cloud`,
    );
  });

  it("refuses values outside the service's bounds, each with what it accepts", async () => {
    const variant = { modelDataDownloadTimeoutInSeconds: 30, volumeSizeInGb: 513 };
    const parts = { variant, maxConcurrentInvocationsPerInstance: 1001, outputConfig: { s3OutputPath: "/output" } };

    expect(await problem(cloud.create(configuration, "config", configInputs(parts)))).to.equal(
      '"config" is refused by SageMaker: ProductionVariants.0.VolumeSizeInGB: Too big: expected number to be <=512; ' +
        "ProductionVariants.0.ModelDataDownloadTimeoutInSeconds: Too small: expected number to be >=60; " +
        "AsyncInferenceConfig.ClientConfig.MaxConcurrentInvocationsPerInstance: Too big: expected number to be <=1000; " +
        "AsyncInferenceConfig.OutputConfig.S3OutputPath: Invalid string: must match pattern /^s3:\\/\\/([^/]+)\\/?(.*)$/",
    );
  });

  it("takes every setting of a variant and a model that AWS has for asynchronous endpoints", async () => {
    const container = {
      image: "image:1",
      mode: "SingleModel",
      containerHostname: "main",
      imageConfig: { repositoryAccessMode: "Vpc" },
      modelDataSource: {
        s3DataSources: [
          { s3Uri: "s3://bucket/model/", s3DataType: "S3Prefix", compressionType: "None", modelAccessConfig: { acceptEula: true } },
        ],
      },
    };
    await cloud.create(model, "model", { ...named, executionRoleArn: roleArn, primaryContainer: container, enableNetworkIsolation: true });
    const variant = {
      instanceType: "ml.p3.2xlarge",
      volumeSizeInGb: 100,
      enableSsmAccess: true,
      routingConfigs: [{ routingStrategy: "RANDOM" }],
      inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-2",
    };
    const outputConfig = { kmsKeyId: "alias/key" };
    const inputs = { ...configInputs({ variant, outputConfig }), kmsKeyArn: "alias/key", executionRoleArn: roleArn, tags: { team: "ml" } };

    expect(await problem(cloud.create(configuration, "config", inputs))).to.equal("accepted");
  });

  it("finds a model's files below its prefix, and fails an endpoint that has none: nothing would be served on AWS", async () => {
    const served = async (name: string, s3Uri: string) => {
      const files = { image: "image:1", modelDataSource: { s3DataSources: [{ s3Uri, s3DataType: "S3Prefix", compressionType: "None" }] } };
      await cloud.create(model, name, { name, executionRoleArn: roleArn, primaryContainer: files });
      const inputs = configInputs({ variant: { modelName: name } });
      const { id } = await cloud.create(configuration, `config-${name}`, inputs);
      return problem(cloud.create(endpoint, name, { endpointConfigName: id }));
    };
    await cloud.input("weights", "models/ocr/weights.bin");

    expect([
      await served("model", "s3://bucket/models/ocr/"),
      await served("none", "s3://bucket/models/none/"),
      // What serves here is the program's command: a bucket on AWS does not keep it from running on a laptop.
      await served("elsewhere", "s3://my-models/ocr/"),
    ]).to.deep.equal(["accepted", "Could not find model data at s3://bucket/models/none/.", "accepted"]);
  });

  it("names the setting when the start-up time is no number", async () => {
    expect(await problem(cloud.deploy({ localSettings: { instanceStartupSeconds: "soon" } }))).to.equal(
      'Pulumi.local.yaml: local:instanceStartupSeconds is "soon"; expected a number of seconds from 0',
    );
  });
});

describe("getPrebuiltEcrImage", () => {
  const token = "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage";
  let cloud: TestSageMaker;
  before(async () => (cloud = await startSageMaker({ startContainer: new FakeContainers().start })));
  after(() => cloud.close());

  for (const [inputs, registryPath] of [
    [
      { repositoryName: "huggingface-pytorch-inference", imageTag: "2.6" },
      "763104351884.dkr.ecr.us-east-1.amazonaws.com/huggingface-pytorch-inference:2.6",
    ],
    [{ repositoryName: "pytorch-inference", region: "eu-south-1" }, "692866216735.dkr.ecr.eu-south-1.amazonaws.com/pytorch-inference:1"],
    [{ repositoryName: "djl-inference", region: "ap-southeast-7" }, "590183813437.dkr.ecr.ap-southeast-7.amazonaws.com/djl-inference:1"],
    [{ repositoryName: "tei", imageTag: "2.0.1" }, "683313688378.dkr.ecr.us-east-1.amazonaws.com/tei:2.0.1"],
    [{ repositoryName: "djl-inference", region: "cn-north-1" }, "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn/djl-inference:1"],
    [
      { repositoryName: "sagemaker-tritonserver", dnsSuffix: "example.com" },
      "763104351884.dkr.ecr.us-east-1.example.com/sagemaker-tritonserver:1",
    ],
  ] as const) {
    it(`finds ${registryPath}`, async () => {
      const [registryId = "", , , region] = registryPath.split(".");
      expect(await cloud.call(token, inputs)).to.deep.equal({ imageTag: "1", ...inputs, id: registryId, region, registryId, registryPath });
    });
  }

  it("does not invent a registry where AWS has none", async () => {
    const error = await cloud.call(token, { repositoryName: "tei", region: "mx-central-1" }).then(
      () => "accepted",
      ({ message }: Error) => message,
    );
    expect(error).to.equal('getPrebuiltEcrImage: region: got "mx-central-1", where AWS publishes no tei.');
  });

  it("does not invent an image that it does not know", async () => {
    const error = await cloud.call(token, { repositoryName: "kmeans" }).then(
      () => "accepted",
      ({ message }: Error) => message,
    );
    expect(error).to.equal(
      'getPrebuiltEcrImage: repositoryName: got "kmeans"; the embedded cloud knows AWS\'s deep learning containers, ' +
        'such as "huggingface-pytorch-inference" or "pytorch-inference". Set the image itself instead.',
    );
  });
});
