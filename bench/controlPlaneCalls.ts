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
import { zipSync } from "fflate";

const region = "us-east-1";
const account = "000000000000";

/** What the AWS provider creates and reads most, once: each call with a name that tells it from the other rounds'. */
export function controlPlaneCalls(endpoint: string): (name: string) => readonly (() => Promise<unknown>)[] {
  const settings = { endpoint, region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const clients = {
    cloudWatch: new CloudWatch(settings),
    dynamoDb: new DynamoDB(settings),
    events: new EventBridge(settings),
    iam: new IAM(settings),
    lambda: new Lambda(settings),
    logs: new CloudWatchLogs(settings),
    s3: new S3({ ...settings, forcePathStyle: true }),
    sageMaker: new SageMaker(settings),
    sns: new SNS(settings),
    sqs: new SQS(settings),
  };
  const ZipFile = zipSync({ "index.js": Buffer.from('exports.handler = async () => "done";') });
  return (name) => {
    const { cloudWatch, dynamoDb, events, iam, lambda, logs, s3, sageMaker, sns, sqs } = clients;
    const role = `arn:aws:iam::${account}:role/${name}`;
    const trust = JSON.stringify({
      Version: "2012-10-17",
      Statement: ["lambda", "sagemaker"].map((service) => ({
        Effect: "Allow",
        Principal: { Service: `${service}.amazonaws.com` },
        Action: "sts:AssumeRole",
      })),
    });
    const policy = JSON.stringify({ Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: "s3:GetObject", Resource: "*" }] });
    return [
      () => iam.createRole({ RoleName: name, AssumeRolePolicyDocument: trust }),
      () => iam.getRole({ RoleName: name }),
      () => iam.putRolePolicy({ RoleName: name, PolicyName: name, PolicyDocument: policy }),
      () => iam.getRolePolicy({ RoleName: name, PolicyName: name }),
      () => iam.listRolePolicies({ RoleName: name }),
      () => sns.createTopic({ Name: name }),
      () => sns.getTopicAttributes({ TopicArn: `arn:aws:sns:${region}:${account}:${name}` }),
      () => sqs.createQueue({ QueueName: name }),
      () => sqs.getQueueAttributes({ QueueUrl: `${endpoint}/${account}/${name}`, AttributeNames: ["All"] }),
      () =>
        dynamoDb.createTable({
          TableName: name,
          BillingMode: "PAY_PER_REQUEST",
          AttributeDefinitions: [{ AttributeName: "id", AttributeType: "S" }],
          KeySchema: [{ AttributeName: "id", KeyType: "HASH" }],
        }),
      () => dynamoDb.describeTable({ TableName: name }),
      () => s3.createBucket({ Bucket: name }),
      () => s3.headBucket({ Bucket: name }),
      () => logs.createLogGroup({ logGroupName: name }),
      () => logs.describeLogGroups({ logGroupNamePrefix: name }),
      () => lambda.createFunction({ FunctionName: name, Role: role, Runtime: "nodejs22.x", Handler: "index.handler", Code: { ZipFile } }),
      () => lambda.getFunction({ FunctionName: name }),
      () => events.putRule({ Name: name, ScheduleExpression: "rate(1 day)" }),
      () => events.describeRule({ Name: name }),
      () =>
        cloudWatch.putMetricAlarm({
          AlarmName: name,
          ComparisonOperator: "GreaterThanThreshold",
          EvaluationPeriods: 1,
          MetricName: "Open",
          Namespace: "Jobs",
          Period: 60,
          Statistic: "Maximum",
          Threshold: 1,
        }),
      () => cloudWatch.describeAlarms({ AlarmNames: [name] }),
      () =>
        sageMaker.createModel({
          ModelName: name,
          ExecutionRoleArn: role,
          PrimaryContainer: { Image: `${account}.dkr.ecr.${region}.amazonaws.com/ocr:1` },
        }),
      () => sageMaker.describeModel({ ModelName: name }),
    ];
  };
}
