import { dynamoDbHandler } from "./dynamoDbHandler";
import { systemClock } from "./lambda";
/**
 * What putting dead letters back takes, over the SDK.
 *
 * IAM: `lambda:InvokeFunction` on the functions, `sns:GetSubscriptionAttributes` and `sns:ListSubscriptionsByTopic` on the topics,
 * `sqs:GetQueueUrl` and `sqs:SendMessage` on consumer queues, `dynamodb:UpdateItem` and `dynamodb:DeleteItem` on the job table
 * (effects in doubt); for the queue itself `sqs:ReceiveMessage` and `sqs:DeleteMessage`.
 */
export function redrivePorts({ lambda, sns, sqs, dynamodb, tableName, topicArn }) {
    const lambdas = require("@aws-sdk/client-lambda");
    const topics = require("@aws-sdk/client-sns");
    const queues = require("@aws-sdk/client-sqs");
    const documents = require("@aws-sdk/lib-dynamodb");
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
            const found = [];
            for await (const { Subscriptions = [] } of topics.paginateListSubscriptionsByTopic({ client: sns }, { TopicArn: topicArn })) {
                for (const { Protocol, SubscriptionArn = "", Endpoint = "" } of Subscriptions) {
                    if (Protocol !== "sqs")
                        continue;
                    const attributes = await attributesOf(SubscriptionArn);
                    if (attributes !== undefined && lets(attributes["FilterPolicy"], state))
                        found.push(Endpoint);
                }
            }
            return found;
        },
        async send(queueArn, body, { state, jobId, endpointName }) {
            const [, , , , QueueOwnerAWSAccountId, QueueName] = queueArn.split(":");
            const { QueueUrl } = await sqs.send(new queues.GetQueueUrlCommand({ QueueName, QueueOwnerAWSAccountId }));
            const text = (value) => ({ DataType: "String", StringValue: value });
            const MessageAttributes = { state: text(state), jobId: text(jobId), endpointName: text(endpointName) };
            await sqs.send(new queues.SendMessageCommand({ QueueUrl, MessageBody: body, MessageAttributes }));
        },
        marks: dynamoDbHandler(documents, dynamodb, tableName).marks,
        clock: systemClock(),
    };
    async function attributesOf(subscriptionArn) {
        try {
            return (await sns.send(new topics.GetSubscriptionAttributesCommand({ SubscriptionArn: subscriptionArn }))).Attributes;
        }
        catch (error) {
            if (error.name === "NotFoundException")
                return undefined;
            throw error;
        }
    }
}
/** Whether a consumer queue's filter, which is by states alone, lets one through. */
function lets(filterPolicy, state) {
    const { state: states } = JSON.parse(filterPolicy ?? "{}");
    return !Array.isArray(states) || states.includes(state);
}
