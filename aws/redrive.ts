import type { RedrivePorts } from "../core/handlers/deadLetter";
import { dynamoDbHandler } from "./dynamoDbHandler";
import { systemClock } from "./lambda";

/** Clients of whoever puts dead letters back; `tableName` and `topicArn` are the outputs `jobTableName` and `jobsTopicArn`. */
export interface RedriveClients {
  lambda: import("@aws-sdk/client-lambda").LambdaClient;
  sns: import("@aws-sdk/client-sns").SNSClient;
  dynamodb: import("@aws-sdk/client-dynamodb").DynamoDBClient;
  sqs: import("@aws-sdk/client-sqs").SQSClient;
  tableName: string;
  topicArn: string;
}

/**
 * What putting dead letters back takes, over the SDK.
 *
 * IAM: `lambda:InvokeFunction` on the functions, `sns:GetSubscriptionAttributes` and `sns:ListSubscriptionsByTopic` on the topics,
 * `sqs:GetQueueUrl` and `sqs:SendMessage` on consumer queues and those of webhooks, `dynamodb:UpdateItem` and `dynamodb:DeleteItem` on the job table
 * (effects in doubt); for the queue itself `sqs:ReceiveMessage` and `sqs:DeleteMessage`.
 */
export function redrivePorts({ lambda, sns, sqs, dynamodb, tableName, topicArn }: RedriveClients): RedrivePorts {
  const lambdas = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
  const topics = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
  const queues = require("@aws-sdk/client-sqs") as typeof import("@aws-sdk/client-sqs");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  return {
    async invoke(functionArn, event) {
      const Payload = JSON.stringify(event);
      await lambda.send(new lambdas.InvokeCommand({ FunctionName: functionArn, InvocationType: "Event", Payload }));
    },
    async subscriber(subscriptionArn) {
      const attributes = await attributesOf(subscriptionArn);
      return attributes?.["Protocol"] === "lambda" ? attributes["Endpoint"] : undefined;
    },
    async followers(state) {
      const found: string[] = [];
      for await (const { Subscriptions = [] } of topics.paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn })) {
        for (const { Protocol, SubscriptionArn = "", Endpoint = "" } of Subscriptions) {
          if (Protocol !== "sqs") continue;
          const attributes = await attributesOf(SubscriptionArn);
          if (attributes !== undefined && lets(attributes["FilterPolicy"], state)) found.push(Endpoint);
        }
      }
      return found;
    },
    async send(queueArn, body, { state, jobId, endpointName }) {
      const QueueUrl = await urlOf(queueArn);
      if (QueueUrl === undefined) return false;
      const text = (value: string) => ({ DataType: "String", StringValue: value });
      const MessageAttributes = { state: text(state), jobId: text(jobId), endpointName: text(endpointName), redriven: text("true") };
      await sqs.send(new queues.SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
      return true;
    },
    marks: dynamoDbHandler(documents, dynamodb, tableName).marks,
    clock: systemClock(),
  };

  async function urlOf(queueArn: string): Promise<string | undefined> {
    const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(":");
    try {
      return (await sqs.send(new queues.GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }))).QueueUrl;
    } catch (error) {
      if ((error as Error).name === "QueueDoesNotExist") return undefined;
      throw error;
    }
  }

  async function attributesOf(subscriptionArn: string): Promise<Record<string, string> | undefined> {
    try {
      return (await sns.send(new topics.GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }))).Attributes;
    } catch (error) {
      if ((error as Error).name === "NotFoundException") return undefined;
      throw error;
    }
  }
}

/** Whether a consumer queue's filter, which is by states alone, lets one through. */
function lets(filterPolicy: string | undefined, state: string): boolean {
  const { state: states } = JSON.parse(filterPolicy ?? "{}") as { state?: unknown };
  return !Array.isArray(states) || states.includes(state);
}
