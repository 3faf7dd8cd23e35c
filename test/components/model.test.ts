import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { executionRole, Model, type ModelArgs } from "../../components/model";
import { deploy, type Deployment } from "../support/deploy";
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
  inputBuckets: [],
  family: "own" as const,
  maxConcurrentInvocationsPerInstance: 1,
  containerStartupTimeoutSeconds: 1800,
  topicArns: ["arn:aws-cn:sns:cn-north-1:123456789012:success", "arn:aws-cn:sns:cn-north-1:123456789012:error"],
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

const registry = "763104351884.dkr.ecr.eu-west-1.amazonaws.com";

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
      "UseKey",
      "ReadModel",
    ]);
    expect(policy["ReadInputs"]?.["Resource"]).to.deep.equal(["arn:aws-cn:s3:::scans/in/*", "arn:aws-cn:s3:::uploads/*"]);
    expect(policy["ListBuckets"]?.["Resource"]).to.deep.equal(["arn:aws-cn:s3:::scans", "arn:aws-cn:s3:::uploads"]);
    expect(policy["UseKey"]).to.deep.equal({
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

  it("may hand the user's key to the volumes of instances that have no local disks", async () => {
    const kmsKeyArn = "arn:aws-cn:kms:cn-north-1:123456789012:key/0a1b2c3d";
    const policy = await policyOf({ image: "ocr:1", instanceType: "ml.c5.xlarge", kmsKeyArn });

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

  const containers: [title: string, more: Partial<ModelArgs>, container: unknown][] = [
    [
      "an artifact in AWS's PyTorch image",
      { modelDataUrl: "s3://models/model.tar.gz" },
      {
        image: `${registry}/pytorch-inference:2.6.0-gpu-py312-cu124-ubuntu22.04-sagemaker`,
        modelDataUrl: "s3://models/model.tar.gz",
        environment: {},
      },
    ],
    [
      "an artifact in AWS's Hugging Face image on a CPU",
      { modelDataUrl: "s3://models/model.tar.gz", framework: "huggingface", instanceType: "ml.c5.xlarge" },
      {
        image: `${registry}/huggingface-pytorch-inference:2.6.0-transformers4.49.0-cpu-py312-ubuntu22.04`,
        modelDataUrl: "s3://models/model.tar.gz",
        environment: {},
      },
    ],
    [
      "a Hugging Face id, with another tag and the user's environment on top",
      {
        huggingFaceModelId: "gpt2",
        huggingFaceTask: "text-generation",
        imageTag: "9.9",
        environment: { HF_TASK: "x", A: pulumi.output("1") },
      },
      {
        image: `${registry}/huggingface-pytorch-inference:9.9`,
        environment: { HF_MODEL_ID: "gpt2", HF_TASK: "x", A: "1" },
      },
    ],
    [
      "a Hugging Face id for the one of its tasks that was named",
      { huggingFaceModelId: "gpt2", huggingFaceTask: "text-generation", imageTag: "9.9" },
      {
        image: `${registry}/huggingface-pytorch-inference:9.9`,
        environment: { HF_MODEL_ID: "gpt2", HF_TASK: "text-generation" },
      },
    ],
    [
      "an image of this account, by its short name",
      { image: "team/ocr:1" },
      { image: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/team/ocr:1", environment: {} },
    ],
    [
      "an image of another account with an artifact",
      { image: `${registry}/x:1`, modelDataUrl: pulumi.output("s3://models/model.tar.gz") },
      { image: `${registry}/x:1`, modelDataUrl: "s3://models/model.tar.gz", environment: {} },
    ],
  ];
  for (const [title, more, container] of containers) {
    it(`serves ${title}`, async () => {
      expect(await containerOf(more)).to.deep.equal(container);
    });
  }

  it("keeps a secret environment secret in the state", async () => {
    const container = await containerOf({ image: "ocr:1", environment: pulumi.secret({ TOKEN: "t" }) });

    expect(container).to.deep.equal({
      secret: { image: "123456789012.dkr.ecr.cn-north-1.amazonaws.com.cn/ocr:1", environment: { TOKEN: "t" } },
    });
  });
});
