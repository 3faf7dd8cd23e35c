import { eachMessage } from "../../aws/deadLetterQueue";
import { redrivePorts } from "../../aws/redrive";
import { readDeadLetter, redrive } from "../../core/handlers/deadLetter";
import { refusal } from "./problems";
/** The dead letters of one service. */
export function lettersOf(outputs, settings) {
    const withClients = async (work) => {
        const { SQSClient } = require("@aws-sdk/client-sqs");
        const { LambdaClient } = require("@aws-sdk/client-lambda");
        const { SNSClient } = require("@aws-sdk/client-sns");
        const { DynamoDBClient } = require("@aws-sdk/client-dynamodb");
        const clients = {
            sqs: new SQSClient(settings),
            lambda: new LambdaClient(settings),
            sns: new SNSClient(settings),
            dynamodb: new DynamoDBClient(settings),
        };
        try {
            return await work(clients.sqs, redrivePorts({ ...clients, tableName: outputs.jobTableName, topicArn: outputs.jobsTopicArn }));
        }
        finally {
            for (const client of Object.values(clients))
                client.destroy();
        }
    };
    return {
        look: () => withClients(async (sqs, ports) => {
            const letters = [];
            await eachMessage(sqs, outputs.deadLetterQueueUrl, async ({ MessageId: messageId = "", Body = "" }) => {
                const letter = readDeadLetter(Body);
                const { action, text } = await redrive(ports, letter, { dryRun: true });
                letters.push({ messageId, kind: letter.kind, text, canRedrive: action === "redriven" });
                return false;
            });
            return letters;
        }),
        redrive: (messageId, inDoubt) => withClients(async (sqs, ports) => {
            let said;
            const options = inDoubt === undefined ? {} : { inDoubt };
            await eachMessage(sqs, outputs.deadLetterQueueUrl, async ({ MessageId, Body = "" }) => {
                if (MessageId !== messageId)
                    return false;
                const { action, text } = await redrive(ports, readDeadLetter(Body), options);
                said = text;
                return action === "redriven";
            });
            if (said !== undefined)
                return said;
            throw refusal(404, "NOT_FOUND", "The letter is no longer there, or somebody else looks at it.", "Look again in five minutes.");
        }),
    };
}
