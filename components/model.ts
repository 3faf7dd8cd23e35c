import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AsyncInferenceArgs } from "./args";
import { containerEnvironment, judgeEnvironment } from "./containerEnvironment";
import { hasLocalDisk } from "./instanceTypes";
import { imageProblems } from "./imageChecks";
import { imageAddress, prebuiltImage, repositoryArn, type Place } from "./images";
import { keyStatements, policyDocument, type Statement } from "./policies";
import type { Framework } from "./servingImages";
import { frameworkOf, modelVariables, tokenVariables, type Serving } from "./serving";
import { fail, isLater } from "./validate";

/** Arguments of {@link Model}. */
export interface ModelArgs
  extends
    Serving,
    Pick<
      AsyncInferenceArgs,
      | "modelDataUrl"
      | "image"
      | "framework"
      | "imageTag"
      | "huggingFaceModelId"
      | "huggingFaceTask"
      | "huggingFaceToken"
      | "environment"
      | "vpcSubnetIds"
      | "vpcSecurityGroupIds"
      | "kmsKeyArn"
      | "inferenceAmiVersion"
    > {
  place: Place;
  /** The endpoint's execution role, made by {@link executionRole}. */
  role: aws.iam.Role;
  /** Decides between AWS's GPU and CPU images. */
  instanceType: string;
  containerStartupTimeoutSeconds: pulumi.Input<number>;
  bucketArn: pulumi.Input<string>;
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  /** Further buckets from which inputs may come. */
  inputBuckets: readonly string[];
  /** Topics to which the endpoint publishes; none when notifications are off. */
  topicArns: pulumi.Input<string>[];
}

/** Role that SageMaker assumes for the endpoints of this account and region. What it may do is added by {@link Model}. */
export function executionRole(name: string, place: Place, parent: pulumi.Resource): aws.iam.Role {
  const trust: Statement = {
    sid: "SageMakerAssumes",
    actions: ["sts:AssumeRole"],
    principals: [{ type: "Service", identifiers: ["sagemaker.amazonaws.com"] }],
    conditions: [
      {
        test: "ArnLike",
        variable: "aws:SourceArn",
        values: [pulumi.interpolate`arn:${place.partition}:sagemaker:${place.region}:${place.accountId}:*`],
      },
    ],
  };
  return new aws.iam.Role(name, { assumeRolePolicy: policyDocument(parent, [trust]) }, { parent });
}

/** What serves requests: an image, perhaps an artifact or a Hugging Face model, and the execution role's exact policy. */
export class Model extends pulumi.ComponentResource {
  /** Changes with each deployment that changes image, artifact or environment. */
  readonly modelName: pulumi.Output<string>;
  /** SageMaker simulates the role when it creates an endpoint, which therefore waits for this. */
  readonly rolePolicy: aws.iam.RolePolicy;

  constructor(name: string, args: ModelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Model", name, {}, opts);

    const image = this.image(name, args);
    this.rolePolicy = new aws.iam.RolePolicy(
      `${name}-execution`,
      { role: args.role.id, policy: policyDocument(this, executionStatements(args, image)) },
      // Changed in place, it would take away what the running endpoint needs before the endpoint has moved on, and for
      // good when that fails. Replaced, the old statements go last.
      { parent: this, replaceOnChanges: ["policy"] },
    );
    const model = new aws.sagemaker.Model(
      `${name}-model`,
      {
        executionRoleArn: args.role.arn,
        primaryContainer: {
          image,
          modelDataUrl: args.modelDataUrl,
          environment: this.environment(name, args),
        },
        vpcConfig: vpcConfig(args),
      },
      {
        parent: this,
        dependsOn: [this.rolePolicy],
        // The provider gives back what it was given, in plain text.
        ...(args.huggingFaceToken === undefined ? {} : { additionalSecretOutputs: ["primaryContainer"] }),
      },
    );

    this.modelName = model.name;
    this.registerOutputs({ modelName: this.modelName });
  }

  private image(name: string, args: ModelArgs): pulumi.Output<string> {
    const { instanceType, inferenceAmiVersion, place } = args;
    const framework = frameworkOf(args);
    const use = {
      instanceType,
      ...(inferenceAmiVersion === undefined ? { withoutAmiVersion: true } : { inferenceAmiVersion }),
    };
    return pulumi.all([args.image, args.imageTag, place.region]).apply(([image, imageTag, region]) => {
      // What was plain is told before the first resource; this is for the rest, and for the region of another provider.
      const known = { ...use, region, ...(image && { image }), ...(framework && { framework }), ...(imageTag && { imageTag }) };
      fail(`model "${name}"`, imageProblems(known));
      return image === undefined ? prebuiltImage(framework as Framework, instanceType, imageTag, place) : imageAddress(image, place);
    });
  }

  /** What the server has to be told, which model it serves, and the user's own on top. */
  private environment(name: string, args: ModelArgs): pulumi.Output<Record<string, string>> {
    const { maxConcurrentInvocationsPerInstance, containerStartupTimeoutSeconds, environment = {}, huggingFaceToken } = args;
    const later = [args.family, maxConcurrentInvocationsPerInstance, containerStartupTimeoutSeconds, environment].some(isLater);
    const merged = pulumi
      .all([args.family, maxConcurrentInvocationsPerInstance, containerStartupTimeoutSeconds, environment])
      .apply(([family, concurrency, startup, own]) => {
        const allowance = { maxConcurrentInvocationsPerInstance: concurrency, containerStartupTimeoutSeconds: startup };
        if (later) {
          const { problems, warnings } = judgeEnvironment(family, allowance, own);
          fail(`model "${name}"`, problems);
          for (const { propertyPath, reason } of warnings) void pulumi.log.warn(`${propertyPath}: ${reason}`, this);
        }
        return pulumi.output(modelVariables(family, args)).apply((model) => containerEnvironment(family, allowance, { ...model, ...own }));
      });
    if (huggingFaceToken === undefined) return merged;
    return pulumi
      .all([args.family, pulumi.secret(huggingFaceToken), merged])
      .apply(([family, token, rest]) => ({ ...tokenVariables(family, token), ...rest }));
  }
}

function vpcConfig({ vpcSubnetIds, vpcSecurityGroupIds }: ModelArgs): aws.types.input.sagemaker.ModelVpcConfig | undefined {
  if (vpcSubnetIds === undefined || vpcSecurityGroupIds === undefined) return undefined;
  return { subnets: vpcSubnetIds, securityGroupIds: vpcSecurityGroupIds };
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms */
function executionStatements(args: ModelArgs, image: pulumi.Output<string>): Statement[] {
  const { partition, region, accountId } = args.place;
  const inputBucketArns = args.inputBuckets.map((bucket) => pulumi.interpolate`arn:${partition}:s3:::${bucket}`);
  const arn = (rest: pulumi.Input<string>) => pulumi.interpolate`arn:${partition}:${rest}`;
  const statements: Statement[] = [
    {
      sid: "ReadInputs",
      actions: ["s3:GetObject"],
      resources: [
        pulumi.interpolate`${args.bucketArn}/${args.inputPrefix}*`,
        ...inputBucketArns.map((bucket) => pulumi.interpolate`${bucket}/*`),
      ],
    },
    {
      sid: "WriteResults",
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [args.outputPrefix, args.failurePrefix].map((prefix) => pulumi.interpolate`${args.bucketArn}/${prefix}*`),
    },
    // Without a prefix condition: CreateEndpoint's simulation has failed with one.
    { sid: "ListBuckets", actions: ["s3:ListBucket"], resources: [args.bucketArn, ...inputBucketArns] },
    { sid: "LogInToRegistry", actions: ["ecr:GetAuthorizationToken"], resources: ["*"] },
    {
      sid: "PullImage",
      actions: ["ecr:BatchCheckLayerAvailability", "ecr:GetDownloadUrlForLayer", "ecr:BatchGetImage"],
      resources: [pulumi.all([image, partition]).apply(([address, inPartition]) => repositoryArn(address, inPartition))],
    },
    {
      sid: "WriteLogs",
      actions: ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:DescribeLogStreams", "logs:PutLogEvents"],
      resources: [pulumi.interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:/aws/sagemaker/Endpoints/*`],
    },
    {
      sid: "PublishMetrics",
      actions: ["cloudwatch:PutMetricData"],
      resources: ["*"],
      conditions: [{ test: "StringLike", variable: "cloudwatch:namespace", values: ["AWS/SageMaker", "/aws/sagemaker/*"] }],
    },
    ...keyStatements(args.kmsKeyArn),
  ];
  // Without a condition: the grant that SageMaker asks for is not marked as one for an AWS resource.
  if (args.kmsKeyArn !== undefined && !hasLocalDisk(args.instanceType))
    statements.push({ sid: "EncryptVolumes", actions: ["kms:CreateGrant"], resources: [args.kmsKeyArn] });
  if (args.modelDataUrl !== undefined) {
    const location = pulumi.output(args.modelDataUrl).apply((url) => `s3:::${url.slice("s3://".length)}`);
    statements.push({ sid: "ReadModel", actions: ["s3:GetObject"], resources: [arn(location)] });
  }
  if (args.topicArns.length > 0) statements.push({ sid: "Notify", actions: ["sns:Publish"], resources: args.topicArns });
  if (vpcConfig(args)) statements.push(...networkStatements(args));
  return statements;
}

function networkStatements({ place, vpcSubnetIds, vpcSecurityGroupIds }: ModelArgs): Statement[] {
  const ec2 = pulumi.interpolate`arn:${place.partition}:ec2:${place.region}:${place.accountId}:`;
  const each = (kind: string, ids: pulumi.Input<pulumi.Input<string>[]> | undefined) =>
    pulumi.all([ec2, pulumi.output(ids ?? [])]).apply(([prefix, all]) => all.map((id) => `${prefix}${kind}/${id}`));
  const interfaces = pulumi.interpolate`${ec2}network-interface/*`;
  return [
    {
      sid: "JoinVpc",
      actions: ["ec2:CreateNetworkInterface"],
      resources: pulumi
        .all([interfaces, each("subnet", vpcSubnetIds), each("security-group", vpcSecurityGroupIds)])
        .apply(([all, subnets, groups]) => [all, ...subnets, ...groups]),
    },
    {
      sid: "ManageInterfaces",
      actions: ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"],
      resources: [interfaces],
    },
    {
      // These actions take no resource.
      sid: "DescribeVpc",
      actions: [
        "ec2:DescribeDhcpOptions",
        "ec2:DescribeNetworkInterfaces",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
      ],
      resources: ["*"],
    },
  ];
}
