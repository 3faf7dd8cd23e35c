import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { AsyncInferenceArgs } from "./args";
import { containerEnvironment, judgeEnvironment } from "./containerEnvironment";
import { hasLocalDisk } from "./instanceTypes";
import type { FormerPrefixes } from "./prefixes";
import { imageProblems } from "./imageChecks";
import { imageAddress, prebuiltImage, repositoryArn, type Place } from "./images";
import { bucketArns, keyUsePolicy, keyStatements, policyDocument, type Statement } from "./policies";
import type { Framework } from "./servingImages";
import { frameworkOf, modelVariables, tokenVariables, type Serving } from "./serving";
import { fail } from "./fail";
import { isLater } from "./later";

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
      | "formerKmsKeyArns"
      | "decryptKeyArns"
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
  /** Prefixes from before: what waits is read and answered where it was to be. */
  former: Pick<FormerPrefixes, "input" | "output" | "failure">;
  /** Further buckets from which inputs may come. */
  inputBuckets: pulumi.Input<pulumi.Input<string>[]>;
  /** Topics to which the endpoint publishes; none when notifications are off. */
  topicArns: pulumi.Input<string>[];
  /** Names of the alarms that roll a release back, or what they begin with and a star; none without releases. */
  rollbackAlarms: readonly string[];
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
  /** SageMaker simulates the role when it creates an endpoint, which therefore waits for these. */
  readonly rolePolicies: readonly pulumi.Resource[];
  /** The policy with the role's use of keys; none without keys. */
  readonly keyPolicies: readonly pulumi.Resource[];

  constructor(name: string, args: ModelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Model", name, {}, opts);

    const image = this.image(name, args);
    this.keyPolicies = keyUsePolicy(`${name}-execution`, args.role, executionKeyStatements(args), this);
    const rolePolicy = new aws.iam.RolePolicy(
      `${name}-execution`,
      { role: args.role.id, policy: policyDocument(this, executionStatements(args, image)) },
      // Changed in place, it would take away what the running endpoint needs before the endpoint has moved on, and for
      // good when that fails. Replaced, the old statements go last.
      { parent: this, replaceOnChanges: ["policy"] },
    );
    this.rolePolicies = [rolePolicy, ...this.keyPolicies];
    const model = new aws.sagemaker.Model(
      `${name}-model`,
      {
        executionRoleArn: args.role.arn,
        primaryContainer: {
          image,
          ...modelData(args.modelDataUrl),
          environment: this.environment(name, args),
        },
        vpcConfig: vpcConfig(args),
      },
      {
        parent: this,
        dependsOn: [...this.rolePolicies],
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
      // What was plain is reported before the first resource; this is for the rest, and for the region of another provider.
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

/** An artifact is downloaded and unpacked, a prefix is downloaded object by object. */
function modelData(
  url: ModelArgs["modelDataUrl"],
): Pick<aws.types.input.sagemaker.ModelPrimaryContainer, "modelDataUrl" | "modelDataSource"> {
  if (url === undefined) return {};
  const known = pulumi.output(url);
  return {
    modelDataUrl: known.apply((text) => (isPrefix(text) ? undefined : text)),
    modelDataSource: known.apply((s3Uri) =>
      isPrefix(s3Uri) ? { s3DataSources: [{ s3Uri, s3DataType: "S3Prefix", compressionType: "None" }] } : undefined,
    ),
  };
}

function isPrefix(url: string): boolean {
  return url.endsWith("/");
}

function vpcConfig({ vpcSubnetIds, vpcSecurityGroupIds }: ModelArgs): aws.types.input.sagemaker.ModelVpcConfig | undefined {
  if (vpcSubnetIds === undefined || vpcSecurityGroupIds === undefined) return undefined;
  return { subnets: vpcSubnetIds, securityGroupIds: vpcSecurityGroupIds };
}

/** https://docs.aws.amazon.com/sagemaker/latest/dg/sagemaker-roles.html#sagemaker-roles-createmodel-perms */
function executionStatements(args: ModelArgs, image: pulumi.Output<string>): Statement[] {
  const { partition, region, accountId } = args.place;
  const inputBucketArns = bucketArns(partition, args.inputBuckets);
  const model = pulumi.interpolate`${args.modelDataUrl ?? ""}`.apply((url) => url.slice("s3://".length));
  const modelBucket = model.apply((path) => (isPrefix(path) ? [path.slice(0, path.indexOf("/"))] : []));
  const listed = pulumi
    .all([args.bucketArn, inputBucketArns, partition, modelBucket])
    .apply(([own, inputs, inPartition, models]) => [own, ...inputs, ...models.map((bucket) => `arn:${inPartition}:s3:::${bucket}`)]);
  const below = (prefix: string) => pulumi.interpolate`${args.bucketArn}/${prefix}*`;
  const statements: Statement[] = [
    {
      sid: "ReadInputs",
      actions: ["s3:GetObject"],
      resources: pulumi
        .all([pulumi.all([args.inputPrefix, ...args.former.input].map(below)), inputBucketArns])
        .apply(([own, buckets]) => [...own, ...buckets.map((bucket) => `${bucket}/*`)]),
    },
    {
      sid: "WriteResults",
      actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
      resources: [args.outputPrefix, args.failurePrefix, ...args.former.output, ...args.former.failure].map(below),
    },
    // Without a prefix condition: CreateEndpoint's simulation has failed with one.
    { sid: "ListBuckets", actions: ["s3:ListBucket"], resources: listed },
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
  ];
  if (args.modelDataUrl !== undefined) {
    const objects = model.apply((path) => (isPrefix(path) ? `${path}*` : path));
    statements.push({ sid: "ReadModel", actions: ["s3:GetObject"], resources: [pulumi.interpolate`arn:${partition}:s3:::${objects}`] });
  }
  if (args.topicArns.length > 0) statements.push({ sid: "Notify", actions: ["sns:Publish"], resources: args.topicArns });
  if (args.rollbackAlarms.length > 0) {
    const alarms = args.rollbackAlarms.map(
      (alarm) => pulumi.interpolate`arn:${partition}:cloudwatch:${region}:${accountId}:alarm:${alarm}`,
    );
    statements.push({ sid: "WatchReleases", actions: ["cloudwatch:DescribeAlarms"], resources: alarms });
  }
  if (vpcConfig(args)) statements.push(...networkStatements(args));
  return statements;
}

function executionKeyStatements(args: ModelArgs): Statement[] {
  const statements = keyStatements(args);
  // Without a condition: the grant that SageMaker asks for is not marked as one for an AWS resource.
  if (args.kmsKeyArn !== undefined && !hasLocalDisk(args.instanceType))
    statements.push({ sid: "EncryptVolumes", actions: ["kms:CreateGrant"], resources: [args.kmsKeyArn] });
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
