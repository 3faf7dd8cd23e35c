import * as pulumi from "@pulumi/pulumi";
import { expect } from "chai";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AsyncInference } from "../../components/asyncInference";
import { deployerPath, deployerPolicy, withDeployerPolicy, type DeployerOptions } from "../../docs/deployer";
import { deploy, type Deployment } from "../../doubles/deploy";
import { environment, program, root } from "../../doubles/program";
import type { PolicyDocument } from "../../local/identity/policyDocument";

/**
 * Calls of the real provider over all of create, read, refresh, update and delete, as they were recorded for dev, prod and local (those of webhooks
 * are what the provider's source has); those of S3, whose actions have other names, are below. STS's GetCallerIdentity needs no permission,
 * and IAM's GetUser is asked in vain by roles.
 */
const recorded = {
  "application-autoscaling":
    "RegisterScalableTarget DescribeScalableTargets DeregisterScalableTarget PutScalingPolicy DescribeScalingPolicies DeleteScalingPolicy " +
    "PutScheduledAction DescribeScheduledActions DeleteScheduledAction ListTagsForResource TagResource",
  dynamodb:
    "CreateTable DescribeTable UpdateTable DeleteTable DescribeContinuousBackups UpdateContinuousBackups DescribeTimeToLive UpdateTimeToLive " +
    "ListTagsOfResource TagResource ListTables",
  events: "PutRule DescribeRule DeleteRule PutTargets ListTargetsByRule RemoveTargets ListTagsForResource TagResource",
  iam:
    "CreateRole GetRole DeleteRole PutRolePolicy GetRolePolicy DeleteRolePolicy ListAttachedRolePolicies ListRolePolicies " +
    "ListInstanceProfilesForRole TagRole",
  kms: "DescribeKey",
  lambda:
    "CreateFunction GetFunction GetFunctionConfiguration UpdateFunctionConfiguration UpdateFunctionCode DeleteFunction ListVersionsByFunction " +
    "GetFunctionCodeSigningConfig AddPermission GetPolicy RemovePermission PutFunctionEventInvokeConfig GetFunctionEventInvokeConfig " +
    "DeleteFunctionEventInvokeConfig TagResource CreateEventSourceMapping GetEventSourceMapping UpdateEventSourceMapping " +
    "DeleteEventSourceMapping ListTags",
  logs: "CreateLogGroup DescribeLogGroups PutRetentionPolicy DeleteLogGroup AssociateKmsKey DisassociateKmsKey ListTagsForResource TagResource",
  cloudwatch: "PutMetricAlarm DescribeAlarms DeleteAlarms PutDashboard GetDashboard DeleteDashboards ListTagsForResource TagResource",
  s3:
    "CreateBucket ListBucket DeleteBucket DeleteObject GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetEncryptionConfiguration " +
    "GetLifecycleConfiguration GetBucketLogging GetBucketNotification GetBucketObjectLockConfiguration GetBucketPolicy " +
    "GetBucketPublicAccessBlock GetReplicationConfiguration GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite " +
    "PutEncryptionConfiguration PutLifecycleConfiguration PutBucketNotification PutBucketPolicy PutBucketPublicAccessBlock PutBucketTagging " +
    "DeleteBucketPolicy ListTagsForResource TagResource",
  sagemaker:
    "CreateModel DescribeModel DeleteModel CreateEndpointConfig DescribeEndpointConfig DeleteEndpointConfig CreateEndpoint DescribeEndpoint " +
    "UpdateEndpoint DeleteEndpoint ListTags AddTags",
  sns:
    "CreateTopic GetTopicAttributes SetTopicAttributes DeleteTopic Subscribe GetSubscriptionAttributes ListSubscriptionsByTopic Unsubscribe " +
    "ListTagsForResource TagResource",
  sqs: "CreateQueue GetQueueAttributes SetQueueAttributes DeleteQueue ListQueueTags TagQueue",
  ssm: "PutParameter GetParameter DescribeParameters DeleteParameter ListTagsForResource AddTagsToResource",
};

const keyArn = "arn:aws:kms:eu-west-1:123456789012:key/1";

/** Every setting that has the deployer need more. */
const everything = {
  kmsKeyArn: keyArn,
  instanceType: "ml.c6i.xlarge",
  functionsInVpc: "true",
  vpcSubnetIds: '["subnet-1"]',
  vpcSecurityGroupIds: '["sg-1"]',
  warmHours: '["mon-fri 08:00-18:00"]',
  forceDestroy: "true",
  protect: "false",
  webhooks: JSON.stringify({ orders: { url: "http://127.0.0.1:8080/", secret: `whsec_${"A".repeat(32)}` } }),
};

/** A shipped environment as test/graphs has it, which test/index.test.ts holds to the program. */
function reviewed(stack: string): Deployment {
  const text = readFileSync(join(root, "test", "graphs", `${stack}.json`), "utf8");
  const graph = JSON.parse(text) as { components: Record<string, unknown>; resources: Record<string, { inputs: Record<string, unknown> }> };
  const resources = Object.entries(graph.resources).map(([key, { inputs }]) => {
    const [type = "", name = ""] = key.split(" ");
    return { type, name, inputs };
  });
  return { components: Object.keys(graph.components), resources } as unknown as Deployment;
}

describe("the deployer's policy", () => {
  const prod = reviewed("prod");
  let full: Deployment;

  before(async () => {
    const { project, config, stack } = environment("prod");
    const own = Object.fromEntries(Object.entries(everything).map(([name, value]) => [`${project}:${name}`, value]));
    full = await deploy(program, { project, stack, config: { ...config, ...own } });
  });

  const statements = (options?: DeployerOptions) => deployerPolicy(full, options).Statement;
  const actions = ({ Statement }: PolicyDocument) => Statement.flatMap(({ Action = [] }) => Action);

  it("is the one that docs/aws.md shows: npm run docs", () => {
    const page = readFileSync(deployerPath, "utf8");
    const text = JSON.stringify(deployerPolicy(prod), null, 2);

    expect(page).to.contain(`\n\`\`\`json\n${text}\n\`\`\`\n`);
    expect(withDeployerPolicy(page, text)).to.equal(page);
  });

  it("allows every call that the provider makes: else `pulumi up` ends halfway, with the endpoint's instance running", () => {
    const allowed = actions(deployerPolicy(full));
    const called = Object.entries(recorded).flatMap(([service, calls]) => calls.split(" ").map((call) => `${service}:${call}`));

    expect(called.filter((call) => !allowed.includes(call))).to.deep.equal([]);
  });

  it("covers each resource of each environment, by the names that Pulumi gives", () => {
    for (const stack of ["dev", "prod", "local"]) expect(() => deployerPolicy(reviewed(stack)), stack).not.to.throw();
    // The dashboard has the endpoint's name.
    expect(full.resources.map(({ name }) => name).filter((name) => !name.startsWith("inference-"))).to.deep.equal(["inference"]);
  });

  it("says which type it has nothing for, instead of leaving it out", () => {
    const other = { ...full, resources: [{ type: "aws:ec2/vpc:Vpc", name: "net", inputs: {} }] };

    expect(() => deployerPolicy(other)).to.throw("no permissions are known for aws:ec2/vpc:Vpc net");
  });

  it("has no wildcard but for names, and `*` only where AWS has no resource level for an action that changes nothing", () => {
    const wide = statements().filter(({ Resource }) => [Resource].flat().includes("*"));

    // What it makes is bound to the service's functions by the condition.
    expect(wide.filter(({ Condition }) => Condition).map(({ Action, Condition }) => [Action, Condition])).to.deep.equal([
      [
        ["lambda:CreateEventSourceMapping"],
        { ArnLike: { "lambda:FunctionArn": ["arn:aws:lambda:eu-west-1:123456789012:function:inference-*"] } },
      ],
    ]);
    expect(wide.filter(({ Condition }) => !Condition).map(({ Action }) => Action)).to.deep.equal([
      [
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingPolicies",
        "application-autoscaling:DescribeScheduledActions",
        "cloudwatch:DescribeAlarms",
        "dynamodb:ListTables",
        "ec2:DescribeSecurityGroups",
        "ec2:DescribeSubnets",
        "ec2:DescribeVpcs",
        "ec2:GetSecurityGroupsForVpc",
        "logs:DescribeLogGroups",
        "ssm:DescribeParameters",
      ],
    ]);
    expect(actions(deployerPolicy(full)).filter((action) => action.includes("*"))).to.deep.equal([]);
    const patterns = statements().flatMap(({ Resource = [] }) => [Resource].flat());
    const named = /^arn:aws:[a-z0-9-]+:(eu-west-1)?:(123456789012)?:.*inference-\*(\/\*)?$/;
    expect(patterns.filter((pattern) => !named.test(pattern)).sort()).to.deep.equal(
      [
        "*",
        "*",
        "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*",
        "arn:aws:application-autoscaling:eu-west-1:123456789012:scalable-target/*",
        "arn:aws:iam::123456789012:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
        keyArn,
        "arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:*",
        "arn:aws:lambda:eu-west-1:123456789012:event-source-mapping:*",
      ].sort(),
    );
  });

  it("passes roles to the two services that assume them, and makes Application Auto Scaling's role alone", () => {
    const of = (action: string) => statements().filter(({ Action }) => [Action].flat().includes(action));

    expect(of("iam:PassRole").map(({ Resource, Condition }) => [Resource, Condition])).to.deep.equal([
      [
        ["arn:aws:iam::123456789012:role/inference-*"],
        { StringEquals: { "iam:PassedToService": ["lambda.amazonaws.com", "sagemaker.amazonaws.com"] } },
      ],
    ]);
    expect(of("iam:CreateServiceLinkedRole").map(({ Condition }) => Condition)).to.deep.equal([
      { StringLike: { "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com" } },
    ]);
  });

  it("with a boundary makes no role without it, and a program can give all its roles one", async () => {
    const boundary = "arn:aws:iam::123456789012:policy/boundary";
    const bounded = statements({ boundary }).filter(({ Condition }) => JSON.stringify(Condition ?? {}).includes("PermissionsBoundary"));
    expect(bounded).to.deep.equal([
      {
        Effect: "Allow",
        Action: ["iam:CreateRole", "iam:PutRolePolicy"],
        Resource: ["arn:aws:iam::123456789012:role/inference-*"],
        Condition: { StringEquals: { "iam:PermissionsBoundary": boundary } },
      },
    ]);

    const { resources } = await deploy(() => {
      pulumi.runtime.registerStackTransformation(({ type, props, opts }) =>
        type === "aws:iam/role:Role" ? { props: { ...props, permissionsBoundary: boundary }, opts } : undefined,
      );
      new AsyncInference("speech", { image: "ocr:1" });
    });
    const roles = resources.filter(({ type }) => type === "aws:iam/role:Role");
    expect(roles.map(({ name, inputs }) => [name, inputs["permissionsBoundary"]])).to.deep.equal([
      ["speech-execution", boundary],
      ["speech-floor", boundary],
      ["speech-result", boundary],
      ["speech-submit", boundary],
      ["speech-sweep", boundary],
    ]);
    expect(
      deployerPolicy({ ...full, components: ["sagemaker-async:index:AsyncInference Speech"] }).Statement.flatMap(
        ({ Resource = [] }) => Resource,
      ),
    ).to.include.members(["arn:aws:iam::123456789012:role/Speech-*", "arn:aws:sagemaker:eu-west-1:123456789012:model/speech-*"]);
  });

  it("read-only has nothing that creates, changes, deletes or passes on", () => {
    const changing = actions(deployerPolicy(full, { readOnly: true })).filter((action) => !/:(Get|List|Describe)/.test(action));

    expect(changing).to.deep.equal([]);
  });

  it("deletes no object of a bucket that isn't meant to go with its stack", () => {
    expect(actions(deployerPolicy(prod))).not.to.include("s3:DeleteObject");
  });

  it("fits into a role: 10,240 characters; where no setting needs more, into a managed policy: 6,144", () => {
    const characters = (policy: PolicyDocument) => JSON.stringify(policy).length;

    expect(characters(deployerPolicy(full))).to.be.at.most(10_240);
    expect(characters(deployerPolicy(prod))).to.be.at.most(6144);
  });
});
