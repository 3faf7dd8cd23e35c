import type { RedrivePorts } from "../core/deadLetter";
import { dynamoDbHandler } from "./dynamoDbHandler";
import { systemClock } from "./lambda";

/** Clients of whoever puts dead letters back; `tableName` is the output `jobTableName`. */
export interface RedriveClients {
  lambda: import("@aws-sdk/client-lambda").LambdaClient;
  sns: import("@aws-sdk/client-sns").SNSClient;
  dynamodb: import("@aws-sdk/client-dynamodb").DynamoDBClient;
  tableName: string;
}

/**
 * What putting dead letters back takes, over the SDK.
 *
 * IAM: `lambda:InvokeFunction` on the functions, `sns:GetSubscriptionAttributes` on the topics, `dynamodb:UpdateItem` and
 * `dynamodb:DeleteItem` on the job table (effects in doubt); for the queue itself `sqs:ReceiveMessage` and `sqs:DeleteMessage`.
 */
export function redrivePorts({ lambda, sns, dynamodb, tableName }: RedriveClients): RedrivePorts {
  const lambdas = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
  const topics = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  return {
    async invoke(functionArn, event) {
      const Payload = JSON.stringify(event);
      await lambda.send(new lambdas.InvokeCommand({ FunctionName: functionArn, InvocationType: "Event", Payload }));
    },
    async subscriber(subscriptionArn) {
      try {
        const { Attributes } = await sns.send(new topics.GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }));
        return Attributes?.["Protocol"] === "lambda" ? Attributes["Endpoint"] : undefined;
      } catch (error) {
        if ((error as Error).name === "NotFoundException") return undefined;
        throw error;
      }
    },
    marks: dynamoDbHandler(documents, dynamodb, tableName).marks,
    clock: systemClock(),
  };
}
