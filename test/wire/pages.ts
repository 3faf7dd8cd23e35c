import * as autoscaling from "@aws-sdk/client-application-auto-scaling";
import * as cloudwatch from "@aws-sdk/client-cloudwatch";
import * as logs from "@aws-sdk/client-cloudwatch-logs";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as events from "@aws-sdk/client-eventbridge";
import * as iam from "@aws-sdk/client-iam";
import * as kms from "@aws-sdk/client-kms";
import * as lambda from "@aws-sdk/client-lambda";
import * as s3 from "@aws-sdk/client-s3";
import * as sagemaker from "@aws-sdk/client-sagemaker";
import * as sfn from "@aws-sdk/client-sfn";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as ssm from "@aws-sdk/client-ssm";
import { readFileSync } from "node:fs";
import { operationsPath } from "../../docs/operations";
import { pageOf } from "../../local/pages";
import { account, region, told, type Clients } from "./cloud";

/** An SDK's module, as far as operations are found in it by their names. */
type Sdk = Readonly<Record<string, unknown>>;
type Schema = readonly [number, string, string, unknown, readonly string[]];
type OperationSchema = readonly [number, string, string, unknown, (() => Schema) | Schema];

/** By the service's title in docs/operations.md: its SDK, and which of the test's clients it is. */
const services: Readonly<Record<string, readonly [Sdk, keyof Clients]>> = {
  "Application Auto Scaling": [autoscaling, "autoscaling"],
  CloudWatch: [cloudwatch, "cloudWatch"],
  "CloudWatch Logs": [logs, "logs"],
  DynamoDB: [dynamodb, "dynamoDb"],
  EventBridge: [events, "events"],
  IAM: [iam, "iam"],
  KMS: [kms, "kms"],
  Lambda: [lambda, "lambda"],
  S3: [s3, "s3"],
  SageMaker: [sagemaker, "sagemaker"],
  "Step Functions": [sfn, "sfn"],
  SNS: [sns, "sns"],
  SQS: [sqs, "sqs"],
  "Systems Manager": [ssm, "ssm"],
};

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const role = { RoleName: "wire-role" };
const policy = { PolicyArn: `arn:aws:iam::${account}:policy/wire-managed` };
const key = { KeyId: "alias/wire" };
const lambdaFunction = { FunctionName: "wire-function" };
const group = { logGroupName: "/wire/function" };
const bucket = { Bucket: "wire-bucket" };
const scalable = { ServiceNamespace: "sagemaker" };

/** What else an operation asks for: of what the cases of the wire make. */
const inputs: Readonly<Record<string, object>> = {
  DescribeScalableTargets: scalable,
  DescribeScalingActivities: scalable,
  DescribeScalingPolicies: scalable,
  DescribeScheduledActions: scalable,
  GetMetricData: {
    StartTime: new Date(0),
    EndTime: new Date(60_000),
    MetricDataQueries: [{ Id: "m", MetricStat: { Metric: { Namespace: "N", MetricName: "M" }, Period: 60, Stat: "Sum" } }],
  },
  DescribeLogStreams: group,
  FilterLogEvents: group,
  GetLogEvents: { ...group, logStreamName: "any" },
  ListTagsOfResource: { ResourceArn: arn("dynamodb", "table/wire-table") },
  GetParameterHistory: { Name: "/wire/parameter" },
  GetParametersByPath: { Path: "/wire" },
  ListDeadLetterSourceQueues: { QueueUrl: `http://127.0.0.1/${account}/wire-queue` },
  ListRuleNamesByTarget: { TargetArn: arn("lambda", "function:wire-function") },
  ListTargetsByRule: { Rule: "wire-rule" },
  ListAttachedRolePolicies: role,
  ListEntitiesForPolicy: policy,
  ListInstanceProfilesForRole: role,
  ListPolicyTags: policy,
  ListPolicyVersions: policy,
  ListRolePolicies: role,
  ListRoleTags: role,
  ListKeyPolicies: key,
  ListResourceTags: key,
  ListAliases: lambdaFunction,
  ListFunctionEventInvokeConfigs: lambdaFunction,
  ListVersionsByFunction: lambdaFunction,
  ListBucketAnalyticsConfigurations: bucket,
  ListBucketIntelligentTieringConfigurations: bucket,
  ListBucketInventoryConfigurations: bucket,
  ListBucketMetricsConfigurations: bucket,
  ListObjectsV2: bucket,
  ListTags: { ResourceArn: arn("sagemaker", "endpoint/ocr") },
  ListSubscriptionsByTopic: { TopicArn: arn("sns", "wire-topic") },
  ListExecutions: { stateMachineArn: arn("states", "stateMachine:wire-machine") },
};

/** A key of an object, which any text may be. */
const noTokens = new Set(["ListObjects"]);

const { next: ofAnotherList } = pageOf(["one", "two"], {
  list: "another",
  idOf: (item) => item,
  limit: 1,
  token: undefined,
  invalid: (token) => new Error(token),
});
/** None of which any list of a cloud has given. */
const foreign = ["elsewhere", "1", ofAnotherList];

/** What each operation that is answered in pages says of tokens from elsewhere, by service and name. */
export async function foreignTokens(clients: Clients): Promise<Record<string, string>> {
  const page = readFileSync(operationsPath, "utf8");
  const refusals: Record<string, string> = {};
  for (const [title, [sdk, client]] of Object.entries(services)) {
    const [, section = ""] = new RegExp(`\\n## ${title}\\n([^#]*)`).exec(page) ?? [];
    for (const [, operation = ""] of section.matchAll(/`(\w+)`/g)) {
      const member = tokenOf(sdk, operation);
      if (member === undefined) continue;
      const Command = sdk[`${operation}Command`] as new (input: object) => object;
      const send = (token?: string) =>
        (clients[client] as unknown as { send(command: object): Promise<object> })
          .send(new Command({ ...inputs[operation], [member]: token }))
          .then(() => "answered", told);
      refusals[`${title} ${operation}`] = [...new Set(await Promise.all(foreign.map(send)))].join(" or ");
    }
  }
  return refusals;
}

/** Which member of an operation's input leads to a further page. */
function tokenOf(sdk: Sdk, operation: string): string | undefined {
  const input = (sdk[`${operation}$`] as OperationSchema)[4];
  const [, , , , members] = typeof input === "function" ? input() : input;
  return noTokens.has(operation) ? undefined : members.find((member) => /^((Next|next|Continuation)Token|Marker)$/.test(member));
}
