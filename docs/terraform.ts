import { zipSync } from "fflate";
import type * as pulumi from "@pulumi/pulumi";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { deploy, type Deployment, type Registered } from "../doubles/deploy";
import { environment, program } from "../doubles/program";
import { accountId, awsState, region } from "../testing/awsDouble";

/** What Terraform calls each type of resource that the program registers; undefined where it has none. */
export const terraformTypes: Readonly<Record<string, string | undefined>> = {
  "aws:appautoscaling/policy:Policy": "aws_appautoscaling_policy",
  "aws:appautoscaling/scheduledAction:ScheduledAction": "aws_appautoscaling_scheduled_action",
  "aws:appautoscaling/target:Target": "aws_appautoscaling_target",
  "aws:cloudwatch/dashboard:Dashboard": "aws_cloudwatch_dashboard",
  "aws:cloudwatch/eventRule:EventRule": "aws_cloudwatch_event_rule",
  "aws:cloudwatch/eventTarget:EventTarget": "aws_cloudwatch_event_target",
  "aws:cloudwatch/logGroup:LogGroup": "aws_cloudwatch_log_group",
  "aws:cloudwatch/metricAlarm:MetricAlarm": "aws_cloudwatch_metric_alarm",
  "aws:dynamodb/table:Table": "aws_dynamodb_table",
  "aws:iam/role:Role": "aws_iam_role",
  "aws:iam/rolePolicy:RolePolicy": "aws_iam_role_policy",
  "aws:lambda/eventSourceMapping:EventSourceMapping": "aws_lambda_event_source_mapping",
  "aws:lambda/function:Function": "aws_lambda_function",
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": "aws_lambda_function_event_invoke_config",
  "aws:lambda/permission:Permission": "aws_lambda_permission",
  "aws:s3/bucket:Bucket": "aws_s3_bucket",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration": "aws_s3_bucket_lifecycle_configuration",
  "aws:s3/bucketNotification:BucketNotification": "aws_s3_bucket_notification",
  "aws:s3/bucketPolicy:BucketPolicy": "aws_s3_bucket_policy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": "aws_s3_bucket_public_access_block",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration":
    "aws_s3_bucket_server_side_encryption_configuration",
  "aws:sagemaker/endpoint:Endpoint": "aws_sagemaker_endpoint",
  "aws:sagemaker/endpointConfiguration:EndpointConfiguration": "aws_sagemaker_endpoint_configuration",
  "aws:sagemaker/model:Model": "aws_sagemaker_model",
  "aws:sns/topic:Topic": "aws_sns_topic",
  "aws:sns/topicPolicy:TopicPolicy": "aws_sns_topic_policy",
  "aws:sns/topicSubscription:TopicSubscription": "aws_sns_topic_subscription",
  "aws:sqs/queue:Queue": "aws_sqs_queue",
  "aws:sqs/queuePolicy:QueuePolicy": "aws_sqs_queue_policy",
  "aws:ssm/parameter:Parameter": "aws_ssm_parameter",
  "pulumi:index:Stash": undefined,
};

/** Lists that Pulumi names in the plural and Terraform writes as one block each. */
const singular: Readonly<Record<string, string>> = {
  attributes: "attribute",
  globalSecondaryIndexes: "global_secondary_index",
  lambdaFunctions: "lambda_function",
  metricQueries: "metric_query",
  rules: "rule",
  stepAdjustments: "step_adjustment",
  transitions: "transition",
};

/** Names that Terraform gives differently. */
const renamed: Readonly<Record<string, string>> = { function: "function_name", topic: "topic_arn" };

/** Whose name a field has: a function, its role and its log group are named alike. */
const owners: Readonly<Record<string, string>> = {
  function: "aws_lambda_function",
  functionName: "aws_lambda_function",
  logGroup: "aws_cloudwatch_log_group",
  role: "aws_iam_role",
  rule: "aws_cloudwatch_event_rule",
};

/**
 * Where a name stands that Pulumi gives by itself. Types whose resources are replaced by newer ones under other names have none:
 * Terraform then makes one up.
 */
const names: Readonly<Record<string, string>> = {
  aws_appautoscaling_policy: "name",
  aws_appautoscaling_scheduled_action: "name",
  aws_cloudwatch_dashboard: "dashboard_name",
  aws_cloudwatch_event_rule: "name",
  aws_cloudwatch_log_group: "name",
  aws_cloudwatch_metric_alarm: "alarm_name",
  aws_dynamodb_table: "name",
  aws_iam_role: "name",
  aws_lambda_function: "function_name",
  aws_s3_bucket: "bucket",
  aws_sagemaker_endpoint: "name",
  aws_sns_topic: "name",
  aws_sqs_queue: "name",
  aws_ssm_parameter: "name",
};

/** The target's policies and actions end with it. */
const replacedWithHardware = "replace_triggered_by = [terraform_data.hardware]";

/** What an update needs of the order in which Terraform replaces. */
const lifecycles: Readonly<Record<string, string>> = {
  aws_appautoscaling_policy: replacedWithHardware,
  aws_appautoscaling_scheduled_action: replacedWithHardware,
  // The floor function raises it while jobs are open, and puts the configured one back afterwards: no apply may end that.
  aws_appautoscaling_target: `${replacedWithHardware}\n    ignore_changes = [min_capacity]`,
  aws_sagemaker_endpoint_configuration: "create_before_destroy = true",
  aws_sagemaker_model: "create_before_destroy = true",
};

/** Fields whose keys are the user's own. */
const maps = new Set(["tags", "variables", "dimensions"]);

/** Texts in the registered inputs, and the attribute of Terraform that they stand for. */
type References = ReadonlyMap<string, string>;

/** A deployment in Terraform's language. */
export interface TerraformProject {
  /** The configuration: resources, in the program's order of names, and its outputs. */
  text: string;
  /** Files of each archive, by the archive's own name: what the functions' `filename` says. */
  archives: Map<string, Record<string, string>>;
}

/**
 * Writes what a program registered in Terraform's language, for tools that judge it and for `terraform apply`. The hardware gate
 * becomes a `terraform_data` that has the scalable target replaced when the hardware changes, and before the endpoint does.
 */
export async function terraformOf({
  resources,
  options,
  outputs,
}: Pick<Deployment, "resources" | "options" | "outputs">): Promise<TerraformProject> {
  const references = referencesOf(resources);
  const archives = new Map<string, Record<string, string>>();
  const blocks = ['data "aws_caller_identity" "current" {\n}\n', 'data "aws_region" "current" {\n}\n'];
  for (const { type, name, inputs } of resources.map(unmarked)) {
    if (type === "pulumi:index:Stash") {
      blocks.push(`resource "terraform_data" "hardware" {\n  triggers_replace = ${expression(inputs["input"], references)}\n}\n`);
      continue;
    }
    const own = terraformTypes[type] ?? type;
    const { code, ...written } = inputs;
    const others = new Map([...references].filter(([, attribute]) => !attribute.startsWith(`${own}.${label(name)}.`)));
    const given = code === undefined ? written : { ...written, filename: `${name}.zip` };
    if (code !== undefined) archives.set(`${name}.zip`, await filesOf(code));
    const nameField = names[own];
    const lines = [
      ...(nameField !== undefined && !(camel(nameField) in given) ? [`  ${nameField} = ${JSON.stringify(physicalName(name))}\n`] : []),
      body(given, others, "  "),
      ...(code === undefined ? [] : [`  source_code_hash = filebase64sha256("${name}.zip")\n`]),
      ...(await dependencies(options.get(`${type} ${name}`))),
      ...(lifecycles[own] === undefined ? [] : [`  lifecycle {\n    ${lifecycles[own]}\n  }\n`]),
    ];
    blocks.push(`resource "${own}" "${label(name)}" {\n${lines.join("")}}\n`);
  }
  for (const [name, value] of Object.entries(outputs)) blocks.push(`output "${name}" {\n  value = ${expression(value, references)}\n}\n`);
  return { text: blocks.join("\n"), archives };
}

function referencesOf(resources: readonly Registered[]): References {
  // Names that several types share are no references: the owner's stand in `owners`.
  const unique = new Set(["aws:dynamodb/table:Table", "aws:s3/bucket:Bucket", "aws:sqs/queue:Queue", "aws:ssm/parameter:Parameter"]);
  const references = new Map<string, string>([
    [accountId, "data.aws_caller_identity.current.account_id"],
    [region, "data.aws_region.current.id"],
  ]);
  for (const { type, name, inputs } of resources) {
    const { id, state } = awsState(type, name, inputs);
    const terraformType = terraformTypes[type];
    if (terraformType === undefined) continue;
    if (typeof state["arn"] === "string" && inputs["arn"] === undefined)
      references.set(state["arn"], `${terraformType}.${label(name)}.arn`);
    references.set(`${terraformType} ${id}`, `${terraformType}.${label(name)}.id`);
    if (unique.has(type)) references.set(id, `${terraformType}.${label(name)}.id`);
    if (type === "aws:appautoscaling/target:Target") references.set(id, `${terraformType}.${label(name)}.resource_id`);
    if (type.startsWith("aws:sagemaker/")) references.set(id, `${terraformType}.${label(name)}.name`);
  }
  return references;
}

/** A name as Terraform takes it. */
function label(name: string): string {
  return name.replaceAll(".", "_");
}

/** A resource with its secrets as plain values, which is how Terraform's state has them. */
function unmarked({ inputs, ...resource }: Registered): Registered {
  return { ...resource, inputs: withoutMarks(inputs) as Record<string, unknown> };
}

function withoutMarks(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutMarks);
  // An archive is an object of Pulumi's own.
  if (!isFields(value) || Object.getPrototypeOf(value) !== Object.prototype) return value;
  const names = Object.keys(value);
  if (names.length === 1 && names[0] === "secret") return withoutMarks((value as { secret: unknown }).secret);
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, withoutMarks(member)]));
}

/** Autonaming as {@link awsState} has it. */
function physicalName(name: string): string {
  return String(awsState("aws:dynamodb/table:Table", name, {}).id);
}

/** Files of a function's archive, which is text alone. */
async function filesOf(code: unknown): Promise<Record<string, string>> {
  const { assets } = (await code) as { assets: Promise<Record<string, { text: Promise<string> }>> };
  const files = await Promise.all(Object.entries(await assets).map(async ([name, { text }]) => [name, await text] as const));
  return Object.fromEntries(files);
}

/** What an Output or a promise is about, once the program has run. */
async function settled(value: unknown): Promise<unknown> {
  const { promise } = value as { promise?: () => Promise<unknown> };
  return promise === undefined ? value : promise.call(value);
}

/** What a resource waits for beside what its inputs name. */
async function dependencies(options: pulumi.CustomResourceOptions | undefined): Promise<string[]> {
  const given = [await settled(options?.dependsOn ?? [])].flat();
  const others = (await Promise.all(given.map(settled))) as { __pulumiType: string; __name: string }[];
  const addresses = others.map(({ __pulumiType: type, __name: name }) =>
    type === "pulumi:index:Stash" ? "terraform_data.hardware" : `${terraformTypes[type]}.${label(name)}`,
  );
  return addresses.length === 0 ? [] : [`  depends_on = [${addresses.join(", ")}]\n`];
}

function body(fields: object, references: References, indent: string): string {
  return Object.entries(fields)
    .map(([name, value]: [string, unknown]) => {
      const own = renamed[name] ?? snake(name);
      if (name === "keySchemas") return keys(value as readonly KeySchema[], indent);
      if (isFields(value) && !isMap(name, value)) return `${indent}${own} {\n${body(value, references, `${indent}  `)}${indent}}\n`;
      if (Array.isArray(value) && value.length > 0 && value.every(isFields)) {
        const block = singular[name] ?? own;
        return value.map((item) => `${indent}${block} {\n${body(item, references, `${indent}  `)}${indent}}\n`).join("");
      }
      return `${indent}${own} = ${references.get(`${owners[name]} ${String(value)}`) ?? expression(value, references)}\n`;
    })
    .join("");
}

interface KeySchema {
  attributeName: string;
  keyType: "HASH" | "RANGE";
}

/** An index's keys as every version of the provider takes them. */
function keys(schemas: readonly KeySchema[], indent: string): string {
  return schemas.map(({ attributeName, keyType }) => `${indent}${keyType.toLowerCase()}_key = ${JSON.stringify(attributeName)}\n`).join("");
}

/** A model's environment is a map, a function's a block with one. */
function isMap(name: string, value: object): boolean {
  return maps.has(name) || (name === "environment" && !("variables" in value));
}

function expression(value: unknown, references: References): string {
  if (typeof value === "string") return references.get(value) ?? `"${interpolated(value, references)}"`;
  if (Array.isArray(value)) return `[${value.map((item) => expression(item, references)).join(", ")}]`;
  if (isFields(value)) {
    const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)} = ${expression(item, references)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return JSON.stringify(value);
}

/** A text with what it says of other resources in their words. */
function interpolated(text: string, references: References): string {
  const known = [...references.keys()].filter((word) => !word.includes(" ") && text.includes(word)).sort((a, b) => b.length - a.length);
  const escaped = (part: string) =>
    JSON.stringify(part)
      .slice(1, -1)
      .replaceAll(/[$%](?=\{)/g, "$&$&");
  if (known.length === 0) return escaped(text);
  const [longest = ""] = known;
  return text
    .split(longest)
    .map((part) => interpolated(part, references))
    .join(`\${${references.get(longest)}}`);
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

function camel(name: string): string {
  return name.replaceAll(/_[a-z]/g, (letters) => letters.slice(1).toUpperCase());
}

/** Writes a deployment as `main.tf`, and the functions' archives beside it, into a folder that it makes. */
export async function writeTerraform(deployment: Parameters<typeof terraformOf>[0], directory: string): Promise<void> {
  const { text, archives } = await terraformOf(deployment);
  mkdirSync(directory, { recursive: true });
  writeFileSync(join(directory, "main.tf"), text);
  for (const [name, files] of archives) {
    const bytes = Object.entries(files).map(([file, content]) => [file, Buffer.from(content)]);
    // The same files are the same archive, whenever it is written: Terraform compares its hash.
    writeFileSync(join(directory, name), zipSync(Object.fromEntries(bytes) as Record<string, Buffer>, { mtime: "1980-01-01" }));
  }
}

/**
 * `prod build/terraform kmsKeyArn=arn:… vpcSubnetIds='["subnet-1"]'`: an environment, the folder, and settings that the environment
 * has besides its own.
 */
async function main([stack = "prod", directory = "build/terraform", ...settings]: readonly string[]): Promise<void> {
  const { config, project, ...rest } = environment(stack);
  const more = settings.map((setting) => [`${project}:${setting.split("=")[0]}`, setting.slice(setting.indexOf("=") + 1)]);
  await writeTerraform(
    await deploy(program, { ...rest, project, config: { ...config, ...(Object.fromEntries(more) as typeof config) } }),
    directory,
  );
}

if (require.main === module) void main(process.argv.slice(2));
