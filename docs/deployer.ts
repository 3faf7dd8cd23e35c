import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { partitionOf } from "../core/partition";
import { deploy, type Deployment } from "../doubles/deploy";
import { environment, program, root } from "../doubles/program";
import type { PolicyDocument, PolicyStatement } from "../local/identity/policyDocument";

/** Path of the page that shows the policy. */
export const deployerPath = join(root, "docs", "aws.md");

/** Where the policy holds, and for what. */
export interface DeployerOptions {
  /** @default the doubles' account, 123456789012 */
  account?: string;
  /** @default that of the environment */
  region?: string;
  /** ARN of a permissions boundary that each role must have which the deployer makes. @default none */
  boundary?: string;
  /** Without the actions that create, change or delete: for `pulumi preview --refresh` of code that nobody has reviewed. @default false */
  readOnly?: boolean;
}

/** What deploying one type of resource takes. */
interface Needs {
  service: string;
  /** Resource parts of ARNs, `NAMES` for the names of the component's resources; `*` alone where AWS has no resource level. */
  of: readonly string[];
  /** What the provider asks before, while and after it changes something, and for a refresh. */
  read: string;
  create?: string;
  update?: string;
  delete?: string;
  /** Of what is made in a resource's name, it names that. @param arnOf ARNs of a resource part */
  condition?: PolicyStatement["Condition"] | ((arnsOf: (service: string, part: string) => string[]) => PolicyStatement["Condition"]);
  /** Only with this input: a setting that needs more. */
  with?: (inputs: Record<string, unknown>) => boolean;
}

const tags = { read: "ListTagsForResource", create: "TagResource", update: "UntagResource" };
const bucket = { service: "s3", of: [":::NAMES"] };
const table = { service: "dynamodb", of: [":table/NAMES"] };
const fn = { service: "lambda", of: [":function:NAMES"] };
const rule = { service: "events", of: [":rule/NAMES"] };
const role = { service: "iam", of: ["role/NAMES"] };
const alarm = { service: "cloudwatch", of: [":alarm:NAMES"] };
const topic = { service: "sns", of: [":NAMES"] };
const queue = { service: "sqs", of: [":NAMES"] };
const target = { service: "application-autoscaling", of: [":scalable-target/*"] };
/** The keys that AWS has for a scalable target, whose ARN says nothing of the endpoint. */
const ofEndpoints = { StringEquals: { "application-autoscaling:service-namespace": "sagemaker" } };
const everywhere = { of: ["*"] };
const mapping = { service: "lambda", of: [":event-source-mapping:*"] };
const ofFunctions = (arnsOf: (service: string, part: string) => string[]) => ({
  ArnLike: { "lambda:FunctionArn": arnsOf("lambda", ":function:NAMES") },
});

/** With a policy for the endpoint, Application Auto Scaling asks for these in the caller's name, and makes alarms of its own. */
const scaling: Needs[] = [
  {
    service: "sagemaker",
    of: [":endpoint/NAMES", ":endpoint-config/NAMES"],
    read: "DescribeEndpoint DescribeEndpointConfig",
    update: "UpdateEndpointWeightsAndCapacities",
  },
  { service: "cloudwatch", ...everywhere, read: "DescribeAlarms" },
  {
    service: "cloudwatch",
    of: [":alarm:TargetTracking-endpoint/NAMES"],
    read: "",
    create: "PutMetricAlarm",
    delete: "DeleteAlarms",
  },
];

/**
 * What each type takes: the calls that the AWS provider was seen to make (versions 5.100 and 6.34 of Terraform's, which is
 * @pulumi/aws's), as IAM's actions, and what a change of tags and of a role's trust takes besides.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
 */
const needs: Readonly<Record<string, Needs[]>> = {
  "aws:appautoscaling/policy:Policy": [
    { ...target, read: "", create: "PutScalingPolicy", delete: "DeleteScalingPolicy", condition: ofEndpoints },
    { ...target, ...everywhere, read: "DescribeScalingPolicies" },
    ...scaling,
  ],
  "aws:appautoscaling/scheduledAction:ScheduledAction": [
    { ...target, read: "", create: "PutScheduledAction", delete: "DeleteScheduledAction", condition: ofEndpoints },
    { ...target, ...everywhere, read: "DescribeScheduledActions" },
  ],
  "aws:appautoscaling/target:Target": [
    { ...target, read: "", create: "RegisterScalableTarget", delete: "DeregisterScalableTarget", condition: ofEndpoints },
    { ...target, ...tags },
    { ...target, ...everywhere, read: "DescribeScalableTargets" },
    {
      // The first target of an account has the service make its role, which it scales with.
      service: "iam",
      of: [
        "role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint",
      ],
      read: "",
      create: "CreateServiceLinkedRole",
      condition: { StringLike: { "iam:AWSServiceName": "sagemaker.application-autoscaling.amazonaws.com" } },
    },
  ],
  "aws:cloudwatch/dashboard:Dashboard": [
    { service: "cloudwatch", of: ["dashboard/NAMES"], read: "GetDashboard", create: "PutDashboard", delete: "DeleteDashboards" },
  ],
  "aws:cloudwatch/eventRule:EventRule": [
    { ...rule, ...tags },
    { ...rule, read: "DescribeRule", create: "PutRule", delete: "DeleteRule" },
  ],
  "aws:cloudwatch/eventTarget:EventTarget": [{ ...rule, read: "ListTargetsByRule", create: "PutTargets", delete: "RemoveTargets" }],
  "aws:cloudwatch/logGroup:LogGroup": [
    { service: "logs", ...everywhere, read: "DescribeLogGroups" },
    {
      service: "logs",
      of: [":log-group:NAMES"],
      read: tags.read,
      create: `CreateLogGroup PutRetentionPolicy ${tags.create}`,
      update: tags.update,
      delete: "DeleteLogGroup",
    },
    {
      service: "logs",
      of: [":log-group:NAMES"],
      read: "",
      update: "AssociateKmsKey DisassociateKmsKey",
      with: (inputs) => inputs["kmsKeyId"] !== undefined,
    },
  ],
  "aws:cloudwatch/metricAlarm:MetricAlarm": [
    { ...alarm, ...tags },
    { ...alarm, read: "", create: "PutMetricAlarm", delete: "DeleteAlarms" },
    { ...alarm, ...everywhere, read: "DescribeAlarms" },
  ],
  "aws:dynamodb/table:Table": [
    {
      ...table,
      read: "DescribeTable DescribeContinuousBackups DescribeTimeToLive ListTagsOfResource",
      create: "CreateTable UpdateContinuousBackups UpdateTimeToLive TagResource",
      update: "UpdateTable UntagResource",
      delete: "DeleteTable",
    },
    { ...table, ...everywhere, read: "ListTables" },
  ],
  "aws:iam/role:Role": [
    {
      ...role,
      read: "GetRole ListRolePolicies ListAttachedRolePolicies ListInstanceProfilesForRole",
      create: "CreateRole TagRole",
      update: "UpdateAssumeRolePolicy UpdateRole UntagRole",
      delete: "DeleteRole",
    },
  ],
  "aws:iam/rolePolicy:RolePolicy": [{ ...role, read: "GetRolePolicy", create: "PutRolePolicy", delete: "DeleteRolePolicy" }],
  "aws:lambda/eventSourceMapping:EventSourceMapping": [
    // Its ARN is a number that nobody knows before, and to make one has no resource level: it is told by its function.
    { service: "lambda", ...everywhere, read: "", create: "CreateEventSourceMapping", condition: ofFunctions },
    {
      ...mapping,
      read: "GetEventSourceMapping",
      update: "UpdateEventSourceMapping",
      delete: "DeleteEventSourceMapping",
      condition: ofFunctions,
    },
    { ...mapping, read: "ListTags", create: "TagResource", update: "UntagResource" },
  ],
  "aws:lambda/function:Function": [
    {
      ...fn,
      read: "GetFunction GetFunctionConfiguration GetFunctionCodeSigningConfig ListVersionsByFunction ListTags",
      create: "CreateFunction TagResource",
      update: "UpdateFunctionCode UpdateFunctionConfiguration UntagResource",
      delete: "DeleteFunction",
    },
    {
      // https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html
      service: "ec2",
      ...everywhere,
      read: "DescribeSecurityGroups DescribeSubnets DescribeVpcs",
      create: "GetSecurityGroupsForVpc",
      with: (inputs) => inputs["vpcConfig"] !== undefined,
    },
  ],
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": [
    { ...fn, read: "GetFunctionEventInvokeConfig", create: "PutFunctionEventInvokeConfig", delete: "DeleteFunctionEventInvokeConfig" },
  ],
  "aws:lambda/permission:Permission": [{ ...fn, read: "GetPolicy", create: "AddPermission", delete: "RemovePermission" }],
  "aws:s3/bucket:Bucket": [
    {
      ...bucket,
      read:
        "ListBucket GetAccelerateConfiguration GetBucketAcl GetBucketCORS GetBucketLogging GetBucketObjectLockConfiguration " +
        "GetBucketRequestPayment GetBucketTagging GetBucketVersioning GetBucketWebsite GetReplicationConfiguration ListTagsForResource",
      create: "CreateBucket PutBucketTagging TagResource",
      update: tags.update,
      delete: "DeleteBucket",
    },
    {
      ...bucket,
      read: "",
      delete: "ListBucketVersions",
      with: (inputs) => inputs["forceDestroy"] === true,
    },
    {
      ...bucket,
      of: [":::NAMES/*"],
      read: "",
      delete: "DeleteObject DeleteObjectVersion",
      with: (inputs) => inputs["forceDestroy"] === true,
    },
  ],
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": [
    { ...bucket, read: "GetLifecycleConfiguration", create: "PutLifecycleConfiguration" },
  ],
  "aws:s3/bucketNotification:BucketNotification": [{ ...bucket, read: "GetBucketNotification", create: "PutBucketNotification" }],
  "aws:s3/bucketPolicy:BucketPolicy": [{ ...bucket, read: "GetBucketPolicy", create: "PutBucketPolicy", delete: "DeleteBucketPolicy" }],
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": [
    { ...bucket, read: "GetBucketPublicAccessBlock", create: "PutBucketPublicAccessBlock" },
  ],
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": [
    { ...bucket, read: "GetEncryptionConfiguration", create: "PutEncryptionConfiguration" },
  ],
  "aws:sagemaker/endpoint:Endpoint": [
    {
      service: "sagemaker",
      of: [":endpoint/NAMES", ":endpoint-config/NAMES"],
      read: "DescribeEndpoint ListTags",
      create: "CreateEndpoint AddTags",
      update: "UpdateEndpoint DeleteTags",
      delete: "DeleteEndpoint",
    },
  ],
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": [
    {
      service: "sagemaker",
      of: [":endpoint/NAMES", ":endpoint-config/NAMES"],
      read: "DescribeEndpointConfig ListTags",
      create: "CreateEndpointConfig AddTags",
      update: "DeleteTags",
      delete: "DeleteEndpointConfig",
    },
  ],
  "aws:sagemaker/model:Model": [
    {
      service: "sagemaker",
      of: [":model/NAMES"],
      read: "DescribeModel ListTags",
      create: "CreateModel AddTags",
      update: "DeleteTags",
      delete: "DeleteModel",
    },
  ],
  "aws:sns/topic:Topic": [
    { ...topic, ...tags },
    { ...topic, read: "GetTopicAttributes", create: "CreateTopic SetTopicAttributes", delete: "DeleteTopic" },
  ],
  "aws:sns/topicPolicy:TopicPolicy": [{ ...topic, read: "GetTopicAttributes", create: "SetTopicAttributes" }],
  "aws:sns/topicSubscription:TopicSubscription": [
    { ...topic, read: "GetSubscriptionAttributes ListSubscriptionsByTopic", create: "Subscribe", delete: "Unsubscribe" },
  ],
  "aws:sqs/queue:Queue": [
    {
      ...queue,
      read: "GetQueueAttributes ListQueueTags",
      create: "CreateQueue TagQueue",
      update: "SetQueueAttributes UntagQueue",
      delete: "DeleteQueue",
    },
  ],
  "aws:sqs/queuePolicy:QueuePolicy": [{ ...queue, read: "GetQueueAttributes", create: "SetQueueAttributes" }],
  "aws:ssm/parameter:Parameter": [
    {
      service: "ssm",
      of: [":parameter/NAMES"],
      read: "GetParameter ListTagsForResource",
      create: "PutParameter AddTagsToResource",
      update: "RemoveTagsFromResource",
      delete: "DeleteParameter",
    },
    { service: "ssm", ...everywhere, read: "DescribeParameters" },
  ],
  // In Pulumi's state alone.
  "pulumi:index:Stash": [],
};

/** What makes a role more than it was: only for roles under the boundary, where there is one. */
const boundedActions = ["iam:CreateRole", "iam:PutRolePolicy"];

/**
 * The policy of whoever deploys a program: the actions that its resources take, on resources whose names begin as Pulumi names
 * those of its components. It makes roles and passes them on: without a boundary these may be given any permission.
 *
 * @throws Error naming a type of resource that it knows nothing of
 */
export function deployerPolicy({ resources, components }: Deployment, options: DeployerOptions = {}): PolicyDocument {
  const { account = "123456789012", region = "eu-west-1", boundary, readOnly = false } = options;
  const names = components.flatMap((component) => /^sagemaker-async:index:AsyncInference (.+)$/.exec(component)?.[1] ?? []);
  const partition = partitionOf(region);
  const arnOf = (service: string, part: string): string[] => {
    if (part === "*") return ["*"];
    const place = part.startsWith(":::") ? "" : part.startsWith(":") ? `:${region}:${account}` : `::${account}:`;
    // SageMaker writes names in small letters where it compares them.
    const written = (name: string) => (service === "sagemaker" ? name.toLowerCase() : name);
    return names.map((name) => `arn:${partition}:${service}${place}${part.replace("NAMES", `${written(name)}-*`)}`);
  };
  const statements = new Map<string, { Action: Set<string>; Resource: string[]; Condition?: PolicyStatement["Condition"] }>();
  const add = (service: string, actions: string, parts: readonly string[], Condition?: PolicyStatement["Condition"]) => {
    for (const name of actions.split(" ").filter((action) => action !== "")) {
      const action = `${service}:${name}`;
      const bounded =
        boundary !== undefined && boundedActions.includes(action) ? { StringEquals: { "iam:PermissionsBoundary": boundary } } : Condition;
      const Resource = [...new Set(parts.flatMap((part) => arnOf(service, part)))];
      const key = JSON.stringify([Resource, bounded]);
      const statement = statements.get(key) ?? { Action: new Set(), Resource, ...(bounded === undefined ? {} : { Condition: bounded }) };
      statements.set(key, { ...statement, Action: statement.Action.add(action) });
    }
  };
  for (const { type, name, inputs } of resources) {
    const known = needs[type];
    if (known === undefined) throw new Error(`docs/deployer.ts: no permissions are known for ${type} ${name}: add them to its table`);
    for (const need of known) {
      if (need.with?.(inputs) === false) continue;
      const changes = readOnly ? [] : [need.create, need.update, need.delete];
      const condition = typeof need.condition === "function" ? need.condition(arnOf) : need.condition;
      add(need.service, [need.read, ...changes].join(" "), need.of, condition);
    }
  }
  if (!readOnly) {
    const services = [...new Set(resources.flatMap(({ type, inputs }) => (type === "aws:iam/role:Role" ? trusted(inputs) : [])))].sort();
    add("iam", "PassRole", ["role/NAMES"], { StringEquals: { "iam:PassedToService": services } });
    const keys = [...new Set(JSON.stringify(resources.map(({ inputs }) => inputs)).match(/arn:[\w-]+:kms:[\w-]+:\d+:key\/[\w-]+/g) ?? [])];
    // A table, a function's variables and an instance's volume are encrypted in the name of whoever makes them.
    if (keys.length > 0) statements.set("keys", { Action: new Set(keyActions), Resource: keys.sort() });
  }
  const written = [...statements.values()].map(({ Action, ...rest }) => ({
    Effect: "Allow" as const,
    Action: [...Action].sort(),
    ...rest,
  }));
  return { Version: "2012-10-17", Statement: written.sort((a, b) => String(a.Action[0]).localeCompare(String(b.Action[0]))) };
}

/**
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html
 */
const keyActions = ["kms:CreateGrant", "kms:Decrypt", "kms:DescribeKey", "kms:Encrypt"];

/** The services that may assume a role. */
function trusted({ assumeRolePolicy }: Record<string, unknown>): string[] {
  return JSON.stringify(assumeRolePolicy).match(/[a-z0-9-]+\.amazonaws\.com(\.cn)?/g) ?? [];
}

/** The policy of an environment's deployer, as JSON. */
export async function deployerText(stack: string, options: DeployerOptions = {}): Promise<string> {
  const { project, config } = environment(stack);
  const region = options.region ?? config["aws:region"];
  const deployment = await deploy(program, { project, stack, config });
  return JSON.stringify(deployerPolicy(deployment, { ...options, ...(region === undefined ? {} : { region }) }), null, 2);
}

/** The page with this policy in the place of the one it shows. */
export function withDeployerPolicy(page: string, text: string): string {
  return page.replace(/(<!-- prettier-ignore -->\n```json\n)[^]*?(\n```)/, (_, start: string, end: string) => `${start}${text}${end}`);
}

/** What `npm run audit:policies -- --deployer` prints. @throws Error for an option that it doesn't know */
export async function deployerPrinted(args: readonly string[]): Promise<string> {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      deployer: { type: "boolean" },
      account: { type: "string" },
      region: { type: "string" },
      boundary: { type: "string" },
      "read-only": { type: "boolean" },
    },
  });
  const { account, region, boundary, "read-only": readOnly } = values;
  const given = Object.entries({ account, region, boundary, readOnly }).filter(([, value]) => value !== undefined);
  return deployerText(positionals[0] ?? "prod", Object.fromEntries(given));
}

/** Writes the policy of `prod` into the page. */
export async function writeDeployerPolicy(): Promise<void> {
  writeFileSync(deployerPath, withDeployerPolicy(readFileSync(deployerPath, "utf8"), await deployerText("prod")));
}
