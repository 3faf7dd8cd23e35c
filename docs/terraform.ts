import { awsState } from "../testing/awsDouble";
import { deploy, type Registered } from "../doubles/deploy";
import { environment, program } from "../doubles/program";

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
const renamed: Readonly<Record<string, string>> = { function: "function_name" };

/** Whose name a field has: a function, its role and its log group are named alike. */
const owners: Readonly<Record<string, string>> = {
  function: "aws_lambda_function",
  functionName: "aws_lambda_function",
  logGroup: "aws_cloudwatch_log_group",
  role: "aws_iam_role",
  rule: "aws_cloudwatch_event_rule",
};

/** Fields whose keys are the user's own. */
const maps = new Set(["tags", "variables", "dimensions"]);

/** The registered resources in Terraform's language, for tools that judge it; nothing deploys it. */
export function terraformOf(resources: readonly Registered[]): string {
  const references = new Map<string, string>();
  for (const { type, name, inputs } of resources) {
    const { id, state } = awsState(type, name, inputs);
    const terraformType = terraformTypes[type];
    if (typeof state["arn"] === "string" && inputs["arn"] === undefined) references.set(state["arn"], `${terraformType}.${name}.arn`);
    references.set(`${terraformType} ${id}`, `${terraformType}.${name}.id`);
    if (type === "aws:s3/bucket:Bucket") references.set(id, `${terraformType}.${name}.id`);
  }
  return resources
    .filter(({ type }) => terraformTypes[type] !== undefined)
    .map(({ type, name, inputs }) => {
      const { code, ...written } = inputs;
      const fields = body(code === undefined ? written : { ...written, filename: "archive.zip" }, references, "  ");
      return `resource "${terraformTypes[type]}" "${name}" {\n${fields}}\n`;
    })
    .join("\n");
}

function body(fields: object, references: ReadonlyMap<string, string>, indent: string): string {
  return Object.entries(fields)
    .map(([name, value]: [string, unknown]) => {
      const own = renamed[name] ?? snake(name);
      if (isFields(value) && !maps.has(name)) return `${indent}${own} {\n${body(value, references, `${indent}  `)}${indent}}\n`;
      if (Array.isArray(value) && value.length > 0 && value.every(isFields)) {
        const block = singular[name] ?? own;
        return value.map((item) => `${indent}${block} {\n${body(item, references, `${indent}  `)}${indent}}\n`).join("");
      }
      return `${indent}${own} = ${references.get(`${owners[name]} ${String(value)}`) ?? expression(value, references)}\n`;
    })
    .join("");
}

function expression(value: unknown, references: ReadonlyMap<string, string>): string {
  if (typeof value === "string") return references.get(value) ?? JSON.stringify(value).replaceAll(/[$%](?=\{)/g, "$&$&");
  if (Array.isArray(value)) return `[${value.map((item) => expression(item, references)).join(", ")}]`;
  if (isFields(value)) {
    const entries = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)} = ${expression(item, references)}`);
    return `{ ${entries.join(", ")} }`;
  }
  return JSON.stringify(value);
}

function isFields(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function snake(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/** `prod kmsKeyArn=arn:… vpcSubnetIds='["subnet-1"]'`: an environment, and settings that it has besides its own. */
async function main([stack = "prod", ...settings]: readonly string[]): Promise<void> {
  const { config, project, ...rest } = environment(stack);
  const more = settings.map((setting) => [`${project}:${setting.split("=")[0]}`, setting.slice(setting.indexOf("=") + 1)]);
  const { resources } = await deploy(program, { ...rest, project, config: { ...config, ...(Object.fromEntries(more) as typeof config) } });
  process.stdout.write(terraformOf(resources));
}

if (require.main === module) void main(process.argv.slice(2));
