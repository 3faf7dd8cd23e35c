import { expect } from "chai";
import { DeadLetters } from "../../components/deadLetters";
import { deploy } from "../../doubles/deploy";
import { graphOf, inputsOf, statementsOf } from "../support/readable";
const topicArns = ["arn:aws:sns:eu-west-1:123456789012:a", "arn:aws:sns:eu-west-1:123456789012:b"];
const queueArn = "arn:aws:sqs:eu-west-1:123456789012:ocr-dead-letters-0a1b2c3";
describe("DeadLetters", () => {
    it("is one encrypted queue that keeps its messages for as long as SQS can", async () => {
        const deployment = await deploy(() => void new DeadLetters("ocr", { topicArns }));
        expect(graphOf(deployment)).to.deep.equal(["aws:sqs/queue:Queue ocr-dead-letters", "aws:sqs/queuePolicy:QueuePolicy ocr-dead-letters"]);
        expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "ocr-dead-letters")).to.deep.equal({
            sqsManagedSseEnabled: true,
            messageRetentionSeconds: 14 * 86_400,
        });
    });
    it("takes messages from the service's own topics, over TLS only", async () => {
        const deployment = await deploy(() => void new DeadLetters("ocr", { topicArns }));
        expect(await statementsOf(deployment, "aws:sqs/queuePolicy:QueuePolicy", "ocr-dead-letters")).to.deep.equal({
            TopicsSend: {
                Sid: "TopicsSend",
                Effect: "Allow",
                Principal: { Service: "sns.amazonaws.com" },
                Action: "sqs:SendMessage",
                Resource: queueArn,
                Condition: { ArnEquals: { "aws:SourceArn": topicArns } },
            },
            TlsOnly: {
                Sid: "TlsOnly",
                Effect: "Deny",
                Principal: "*",
                Action: "sqs:*",
                Resource: queueArn,
                Condition: { Bool: { "aws:SecureTransport": "false" } },
            },
        });
    });
    it("is encrypted with the user's own key", async () => {
        const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
        const deployment = await deploy(() => void new DeadLetters("ocr", { topicArns, kmsKeyArn }));
        expect(await inputsOf(deployment, "aws:sqs/queue:Queue", "ocr-dead-letters")).to.include({ kmsMasterKeyId: kmsKeyArn });
    });
});
