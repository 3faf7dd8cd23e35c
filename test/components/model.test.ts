import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { executionRole, Model, type ModelArgs } from "../../components/model";
import { deploy, type Deployment } from "../../doubles/deploy";
import { graphOf, inputsOf, statementsOf, treatmentOf } from "../support/readable";

const place = {
  partition: pulumi.output("aws-cn"),
  region: pulumi.output("cn-north-1"),
  accountId: pulumi.output("123456789012"),
  dnsSuffix: pulumi.output("amazonaws.com.cn"),
};
const base = {
  place,
  instanceType: "ml.g5.2xlarge",
  bucketArn: "arn:aws-cn:s3:::scans",
  inputPrefix: "in/",
  outputPrefix: "out/",
  failurePrefix: "failed/",
  former: { input: [], output: [], failure: [] },
  inputBuckets: [],
  family: "own" as const,
  maxConcurrentInvocationsPerInstance: 1,
  containerStartupTimeoutSeconds: 1800,
  topicArns: ["arn:aws-cn:sns:cn-north-1:123456789012:success", "arn:aws-cn:sns:cn-north-1:123456789012:error"],
  rollbackAlarms: [] as string[],
};

function run(more: Partial<ModelArgs>): Promise<Deployment> {
  return deploy(() => {
    const role = executionRole("ocr-execution", place, new pulumi.ComponentResource("test:index:Parent", "parent"));
    new Model("ocr", { ...base, ...more, role });
  });
}
const containerOf = async (more: Partial<ModelArgs>) =>
  (await inputsOf(await run(more), "aws:sagemaker/model:Model", "ocr-model"))["primaryContainer"];
const policyOf = async (more: Partial<ModelArgs>) => statementsOf(await run(more), "aws:iam/rolePolicy:RolePolicy", "ocr-execution");
const keyPolicyOf = async (more: Partial<ModelArgs>) => statementsOf(await run(more), "aws:iam/rolePolicy:RolePolicy", "ocr-execution.key");

const registry = "727897471807.dkr.ecr.cn-north-1.amazonaws.com.cn";

describe("Model", () => {
  it("is a role that only SageMaker of this account and region can assume, its policy, and a model that waits for it", async () => {
    const deployment = await run({ image: "ocr:1" });

    expect(graphOf(deployment)).to.deep.equal([
      "aws:iam/role:Role ocr-execution",
      "aws:iam/rolePolicy:RolePolicy ocr-execution",
      "aws:sagemaker/model:Model ocr-model",
    ]);
    expect(await inputsOf(deployment, "aws:iam/role:Role", "ocr-execution")).to.deep.equal({
      assumeRolePolicy: {
        Version: "2012-10-17",
        Statement: [
          {
            Sid: "SageMakerAssumes",
            Effect: "Allow",
            Principal: { Service: "sagemaker.amazonaws.com" },
            Action: "sts:AssumeRole",
            Condition: { ArnLike: { "aws:SourceArn": "arn:aws-cn:sagemaker:cn-north-1:123456789012:*" } },
          },
        ],
      },
    });
    expect(treatmentOf(deployment, "aws:sagemaker/model:Model", "ocr-model")).to.deep.equal({
      dependsOn: ["aws:iam/rolePolicy:RolePolicy ocr-execution"],
    });
  });

  it("adds the new permissions before the old ones go: in between, and after a failed update, the old endpoint runs on them", async () => {
    expect(treatmentOf(await run({ image: "ocr:1" }), "aws:iam/rolePolicy:RolePolicy", "ocr-execution")).to.deep.equal({
      replaceOnChanges: ["policy"],
    });
  });

  it("lets the endpoint do exactly what it must: read inputs, write results, notify, pull its image, log, publish metrics", async () => {
    expect(await policyOf({ image: "ocr:1" })).to.deep.equal({
      ReadInputs: { Sid: "ReadInputs", Effect: "Allow", Action: "s3:GetObject", Resource: "arn:aws-cn:s3:::scans/in/*" },
      WriteResults: {
        Sid: "WriteResults",
        Effect: "Allow",
        Action: ["s3:PutObject", "s3:AbortMultipartUpload"],
        Resource: ["arn:aws-cn:s3:::scans/out/*", "arn:aws-cn:s3:::scans/failed/*"],
      },
      ListBuckets: { Sid: "ListBuckets", Effect: "Allow", Action: "s3:ListBucket", Resource: "arn:aws-cn:s3:::scans" },
      LogInToRegistry: { Sid: "LogInToRegistry", Effect: "Allow", Action: "ecr:GetAuthorizationToken", Resource: "*" },
      PullImage: {
        Sid: "PullImage",
        Effect: "Allow",
        Action: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
        Resource: "arn:aws-cn:ecr:cn-north-1:123456789012:repository/ocr",
      },
      WriteLogs: {
        Sid: "WriteLogs",
        Effect: "Allow",
        Action: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
        Resource: "arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/sagemaker/Endpoints/*",
      },
      PublishMetrics: {
        Sid: "PublishMetrics",
        Effect: "Allow",
        Action: "cloudwatch:PutMetricData",
        Resource: "*",
        Condition: { StringLike: { "cloudwatch:namespace": ["AWS/SageMaker", "/aws/sagemaker/*"] } },
      },
      Notify: { Sid: "Notify", Effect: "Allow", Action: "sns:Publish", Resource: base.topicArns },
    });
  });

  it("lets SageMaker look at the alarms of a release, and at no others: without, it can't watch a release", async () => {
    const policy = await policyOf({ image: "ocr:1", rollbackAlarms: ["ocr-rollback-*", "accuracy"] });

    expect(policy["WatchReleases"]).to.deep.equal({
      Sid: "WatchReleases",
      Effect: "Allow",
      Action: "cloudwatch:DescribeAlarms",
      Resource: [
        "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:ocr-rollback-*",
        "arn:aws-cn:cloudwatch:cn-north-1:123456789012:alarm:accuracy",
      ],
    });
  });

  it("reads the artifact, further input buckets, and uses the key, only when there are any", async () => {
    const kmsKeyArn = "arn:aws-cn:kms:cn-north-1:123456789012:key/0a1b2c3d";
    const policy = await policyOf({ modelDataUrl: "s3://models/ocr/model.tar.gz", inputBuckets: ["uploads"], kmsKeyArn, topicArns: [] });

    expect(Object.keys(policy)).to.deep.equal([
      "ReadInputs",
      "WriteResults",
      "ListBuckets",
      "LogInToRegistry",
      "PullImage",
      "WriteLogs",
      "PublishMetrics",
      "ReadModel",
    ]);
    expect(policy["ReadInputs"]?.["Resource"]).to.deep.equal(["arn:aws-cn:s3:::scans/in/*", "arn:aws-cn:s3:::uploads/*"]);
    expect(policy["ListBuckets"]?.["Resource"]).to.deep.equal(["arn:aws-cn:s3:::scans", "arn:aws-cn:s3:::uploads"]);
    const keys = await keyPolicyOf({ image: "ocr:1", kmsKeyArn });
    expect(Object.keys(keys)).to.deep.equal(["UseKey"]);
    expect(keys["UseKey"]).to.deep.equal({
      Sid: "UseKey",
      Effect: "Allow",
      Action: ["kms:Decrypt", "kms:GenerateDataKey"],
      Resource: kmsKeyArn,
    });
    expect(policy["ReadModel"]).to.deep.equal({
      Sid: "ReadModel",
      Effect: "Allow",
      Action: "s3:GetObject",
      Resource: "arn:aws-cn:s3:::models/ocr/model.tar.gz",
    });
  });

  it("reads what is below a model's prefix, and lists its bucket without a condition: with one SageMaker refuses the endpoint", async () => {
    const policy = await policyOf({ image: "ocr:1", modelDataUrl: "s3://models/ocr/" });

    expect([policy["ReadModel"]?.["Resource"], policy["ListBuckets"]]).to.deep.equal([
      "arn:aws-cn:s3:::models/ocr/*",
      { Sid: "ListBuckets", Effect: "Allow", Action: "s3:ListBucket", Resource: ["arn:aws-cn:s3:::scans", "arn:aws-cn:s3:::models"] },
    ]);
  });

  it("may hand the user's key to the volumes of instances that have no local disks", async () => {
    const kmsKeyArn = "arn:aws-cn:kms:cn-north-1:123456789012:key/0a1b2c3d";
    const policy = await keyPolicyOf({ image: "ocr:1", instanceType: "ml.c5.xlarge", kmsKeyArn });

    expect(policy["EncryptVolumes"]).to.deep.equal({
      Sid: "EncryptVolumes",
      Effect: "Allow",
      Action: "kms:CreateGrant",
      Resource: kmsKeyArn,
    });
  });

  it("joins a VPC with rights on exactly its subnets and security groups", async () => {
    const network = { vpcSubnetIds: ["subnet-1", pulumi.output("subnet-2")], vpcSecurityGroupIds: pulumi.output(["sg-1"]) };
    const deployment = await run({ image: "ocr:1", ...network });

    const { vpcConfig } = await inputsOf(deployment, "aws:sagemaker/model:Model", "ocr-model");
    expect(vpcConfig).to.deep.equal({ subnets: ["subnet-1", "subnet-2"], securityGroupIds: ["sg-1"] });
    const policy = await statementsOf(deployment, "aws:iam/rolePolicy:RolePolicy", "ocr-execution");
    const ec2 = "arn:aws-cn:ec2:cn-north-1:123456789012";
    expect([policy["JoinVpc"], policy["ManageInterfaces"], policy["DescribeVpc"]]).to.deep.equal([
      {
        Sid: "JoinVpc",
        Effect: "Allow",
        Action: "ec2:CreateNetworkInterface",
        Resource: [`${ec2}:network-interface/*`, `${ec2}:subnet/subnet-1`, `${ec2}:subnet/subnet-2`, `${ec2}:security-group/sg-1`],
      },
      {
        Sid: "ManageInterfaces",
        Effect: "Allow",
        Action: ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"],
        Resource: `${ec2}:network-interface/*`,
      },
      {
        Sid: "DescribeVpc",
        Effect: "Allow",
        Action: [
          "ec2:DescribeDhcpOptions",
          "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSecurityGroups",
          "ec2:DescribeSubnets",
          "ec2:DescribeVpcs",
        ],
        Resource: "*",
      },
    ]);
  });

  const multiModelServer = {
    MMS_MAX_REQUEST_SIZE: "1073741824",
    MMS_MAX_RESPONSE_SIZE: "1073741824",
    MMS_DEFAULT_RESPONSE_TIMEOUT_SECONDS: "3660",
    SAGEMAKER_MODEL_SERVER_WORKERS: "1",
  };
  const artifact = "s3://models/model.tar.gz";
  const containers: [title: string, more: Partial<ModelArgs>, container: unknown][] = [
    [
      "an artifact in AWS's PyTorch image, for which TorchServe is told what the service allows",
      { modelDataUrl: artifact, framework: "pytorch", family: "torchserve", maxConcurrentInvocationsPerInstance: 4 },
      {
        image: `${registry}/pytorch-inference:2.6.0-gpu-py312-cu124-ubuntu22.04-sagemaker`,
        modelDataUrl: artifact,
        environment: {
          TS_MAX_REQUEST_SIZE: "1073741824",
          TS_MAX_RESPONSE_SIZE: "1073741824",
          TS_DEFAULT_RESPONSE_TIMEOUT: "3660",
          TS_DEFAULT_STARTUP_TIMEOUT: "1800",
          SAGEMAKER_MODEL_SERVER_WORKERS: "4",
        },
      },
    ],
    [
      "the files below a prefix, as they are",
      { image: `${registry}/ray:1`, modelDataUrl: pulumi.output("s3://models/ocr/"), family: "ray" },
      {
        image: `${registry}/ray:1`,
        modelDataSource: { s3DataSources: [{ s3Uri: "s3://models/ocr/", s3DataType: "S3Prefix", compressionType: "None" }] },
        environment: { RAYSERVE_BACKEND_TIMEOUT: "3660" },
      },
    ],
    [
      "an artifact in AWS's Hugging Face image on a CPU, the default",
      { modelDataUrl: artifact, family: "multi-model-server", instanceType: "ml.c5.xlarge" },
      {
        image: `${registry}/huggingface-pytorch-inference:2.6.0-transformers5.5.3-cpu-py312-ubuntu22.04`,
        modelDataUrl: artifact,
        environment: multiModelServer,
      },
    ],
    [
      "a Hugging Face id, with another tag and the user's environment on top",
      {
        huggingFaceModelId: "gpt2",
        huggingFaceTask: "text-generation",
        imageTag: pulumi.output("9.9"),
        family: "multi-model-server",
        environment: { HF_TASK: "x", A: pulumi.output("1"), MMS_MAX_RESPONSE_SIZE: "2000000000" },
      },
      {
        image: `${registry}/huggingface-pytorch-inference:9.9`,
        environment: { ...multiModelServer, HF_MODEL_ID: "gpt2", HF_TASK: "x", A: "1", MMS_MAX_RESPONSE_SIZE: "2000000000" },
      },
    ],
    [
      "a language model in vLLM, under the name that its image reads",
      {
        huggingFaceModelId: "openai/gpt-oss-20b",
        framework: "vllm",
        family: "vllm",
        inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1",
      },
      { image: `${registry}/vllm:server-sagemaker-cuda-v2.3`, environment: { SM_VLLM_MODEL: "openai/gpt-oss-20b" } },
    ],
    [
      "embeddings from an artifact, from the registry of SageMaker's algorithms",
      { modelDataUrl: artifact, framework: "tei", family: "tei", instanceType: "ml.c7i.2xlarge" },
      {
        image: "450853457545.dkr.ecr.cn-north-1.amazonaws.com.cn/tei-cpu:2.0.1-tei1.9.3-cpu-py310-ubuntu24.04",
        modelDataUrl: artifact,
        environment: { PAYLOAD_LIMIT: "1073741824", HF_MODEL_ID: "/opt/ml/model" },
      },
    ],
    [
      "an image of this account, by its short name",
      { image: "team/ray:1", family: "ray" },
      {
        image: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/ray:1",
        environment: { RAYSERVE_BACKEND_TIMEOUT: "3660" },
      },
    ],
    [
      "an image of another account with an artifact, and settings that are known later",
      {
        image: pulumi.output(`${registry}/ray:1`),
        modelDataUrl: pulumi.output(artifact),
        family: pulumi.output("ray" as const),
        environment: pulumi.output({ A: "1" }),
      },
      { image: `${registry}/ray:1`, modelDataUrl: artifact, environment: { RAYSERVE_BACKEND_TIMEOUT: "3660", A: "1" } },
    ],
  ];
  for (const [title, more, container] of containers) {
    it(`serves ${title}`, async () => {
      expect(await containerOf(more)).to.deep.equal(container);
    });
  }

  it("refuses what turns out to be another region's, or void, once it is known", async () => {
    const why = (more: Partial<ModelArgs>) =>
      run(more).then(
        () => "deployed",
        ({ message }: Error) => message,
      );
    expect(await why({ image: pulumi.output("123456789012.dkr.ecr.eu-west-1.amazonaws.com/ocr:1") })).to.contain(
      "image: got an image of eu-west-1, expected one of cn-north-1",
    );
    expect(await why({ image: "ocr:1", family: "torchserve", environment: pulumi.output({ SAGEMAKER_TS_BATCH_SIZE: "4" }) })).to.contain(
      "environment.SAGEMAKER_TS_BATCH_SIZE: makes TorchServe end each job after 60 seconds",
    );
  });

  it("keeps a secret environment secret in the state", async () => {
    const container = await containerOf({ image: "ocr:1", family: "vllm", environment: pulumi.secret({ TOKEN: "t" }) });

    expect(container).to.deep.equal({
      secret: { image: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/ocr:1", environment: { TOKEN: "t" } },
    });
  });

  it("hands a token to the container only, encrypted in the state, what the provider gives back included", async () => {
    const deployment = await run({
      huggingFaceModelId: "gpt2",
      huggingFaceToken: "hf_plain",
      family: "multi-model-server",
      environment: { HF_HOME: "/tmp" },
    });

    const { primaryContainer } = await inputsOf(deployment, "aws:sagemaker/model:Model", "ocr-model");
    expect(primaryContainer).to.deep.equal({
      secret: {
        image: `${registry}/huggingface-pytorch-inference:2.6.0-transformers5.5.3-gpu-py312-cu124-ubuntu22.04`,
        environment: { ...multiModelServer, HF_MODEL_ID: "gpt2", HF_TOKEN: "hf_plain", HF_API_TOKEN: "hf_plain", HF_HOME: "/tmp" },
      },
    });
    expect(treatmentOf(deployment, "aws:sagemaker/model:Model", "ocr-model")).to.deep.equal({
      dependsOn: ["aws:iam/rolePolicy:RolePolicy ocr-execution"],
      additionalSecretOutputs: ["primaryContainer"],
    });
  });
});
