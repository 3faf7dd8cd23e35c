import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { SSM } from "@aws-sdk/client-ssm";

/** Where a cloud is, and who asks. */
interface ClientSettings {
  endpoint: string;
  region: string;
  credentials: { accessKeyId: string; secretAccessKey: string };
}

/** Names of all that a cloud has, of whatever service; but for the log groups that SageMaker itself makes and never deletes. */
export async function leftIn(settings: ClientSettings): Promise<string[]> {
  const cloudWatch = new CloudWatch(settings);
  const sageMaker = new SageMaker(settings);
  const lists: (object | string)[][] = await Promise.all([
    new S3(settings).listBuckets().then(({ Buckets = [] }) => Buckets),
    new SNS(settings).listTopics().then(({ Topics = [] }) => Topics),
    new SQS(settings).listQueues().then(({ QueueUrls = [] }) => QueueUrls),
    new SSM(settings).describeParameters({}).then(({ Parameters = [] }) => Parameters),
    new DynamoDB(settings).listTables().then(({ TableNames = [] }) => TableNames),
    new Lambda(settings).listFunctions().then(({ Functions = [] }) => Functions),
    new CloudWatchLogs(settings)
      .describeLogGroups()
      .then(({ logGroups = [] }) => logGroups.filter(({ logGroupName }) => !logGroupName?.startsWith("/aws/sagemaker/Endpoints/"))),
    new EventBridge(settings).listRules({}).then(({ Rules = [] }) => Rules),
    new IAM(settings).listRoles().then(({ Roles = [] }) => Roles),
    cloudWatch.describeAlarms().then(({ MetricAlarms = [] }) => MetricAlarms),
    cloudWatch.listDashboards().then(({ DashboardEntries = [] }) => DashboardEntries),
    sageMaker.listEndpoints().then(({ Endpoints = [] }) => Endpoints),
    sageMaker.listEndpointConfigs().then(({ EndpointConfigs = [] }) => EndpointConfigs),
    sageMaker.listModels().then(({ Models = [] }) => Models),
  ]);
  return lists.flat().map((found) => (typeof found === "string" ? found : nameOf(found)));
}

/** Each service says in a member of its own how a thing is called. */
function nameOf(found: object): string {
  const [, name] = Object.entries(found).find(([member]) => /Name$|TopicArn$/.test(member)) ?? [];
  return String(name);
}
