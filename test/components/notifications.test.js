import { expect } from "chai";
import { Notifications } from "../../components/notifications";
import { deploy } from "../../doubles/deploy";
import { graphOf, inputsOf } from "../support/readable";
const publisherRoleArn = "arn:aws:iam::123456789012:role/endpoint";
const args = { publisherRoleArn, enabled: true, successEmails: [], failureEmails: [] };
const tlsOnly = (topic) => ({
    Sid: "TlsOnly",
    Effect: "Deny",
    Principal: "*",
    Action: "sns:Publish",
    Resource: `arn:aws:sns:eu-west-1:123456789012:${topic}`,
    Condition: { Bool: { "aws:SecureTransport": "false" } },
});
describe("Notifications", () => {
    it("is three topics with their policies, and one subscription an address", async () => {
        const deployment = await deploy(() => void new Notifications("ocr", { ...args, successEmails: ["a@example.com"], failureEmails: ["b@example.com", "b@example.com"] }));
        expect(graphOf(deployment)).to.deep.equal([
            "aws:sns/topic:Topic ocr-error",
            "aws:sns/topic:Topic ocr-jobs",
            "aws:sns/topic:Topic ocr-success",
            "aws:sns/topicPolicy:TopicPolicy ocr-error",
            "aws:sns/topicPolicy:TopicPolicy ocr-jobs",
            "aws:sns/topicPolicy:TopicPolicy ocr-success",
            "aws:sns/topicSubscription:TopicSubscription ocr-failure-b@example.com",
            "aws:sns/topicSubscription:TopicSubscription ocr-success-a@example.com",
        ]);
        expect(await inputsOf(deployment, "aws:sns/topicSubscription:TopicSubscription", "ocr-failure-b@example.com")).to.deep.equal({
            topic: "arn:aws:sns:eu-west-1:123456789012:ocr-error-0a1b2c3",
            protocol: "email",
            endpoint: "b@example.com",
        });
    });
    it("lets the endpoint's role publish invocations' ends, and nobody in the clear", async () => {
        const deployment = await deploy(() => void new Notifications("ocr", args));
        for (const name of ["ocr-success", "ocr-error"]) {
            const arn = `arn:aws:sns:eu-west-1:123456789012:${name}-0a1b2c3`;
            expect(await inputsOf(deployment, "aws:sns/topicPolicy:TopicPolicy", name)).to.deep.equal({
                arn,
                policy: {
                    Version: "2012-10-17",
                    Statement: [
                        { Sid: "EndpointPublishes", Effect: "Allow", Principal: { AWS: publisherRoleArn }, Action: "sns:Publish", Resource: arn },
                        tlsOnly(`${name}-0a1b2c3`),
                    ],
                },
            });
        }
        const jobs = await inputsOf(deployment, "aws:sns/topicPolicy:TopicPolicy", "ocr-jobs");
        expect(jobs["policy"]).to.deep.equal({ Version: "2012-10-17", Statement: [tlsOnly("ocr-jobs-0a1b2c3")] });
    });
    it("encrypts every topic with the user's key", async () => {
        const kmsKeyArn = "arn:aws:kms:eu-west-1:123456789012:key/0a1b2c3d";
        const deployment = await deploy(() => void new Notifications("ocr", { ...args, kmsKeyArn }));
        for (const name of ["ocr-success", "ocr-error", "ocr-jobs"]) {
            expect(await inputsOf(deployment, "aws:sns/topic:Topic", name)).to.deep.equal({ kmsMasterKeyId: kmsKeyArn });
        }
    });
    it("overwrites nothing of the user's own topics, and still subscribes the addresses", async () => {
        const topicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";
        const deployment = await deploy(() => {
            const own = { successTopicArn: topicArn, errorTopicArn: topicArn, failureEmails: ["b@example.com"] };
            const { successTopicArn, errorTopicArn } = new Notifications("ocr", { ...args, ...own });
            return { successTopicArn, errorTopicArn };
        });
        expect(graphOf(deployment)).to.deep.equal([
            "aws:sns/topic:Topic ocr-jobs",
            "aws:sns/topicPolicy:TopicPolicy ocr-jobs",
            "aws:sns/topicSubscription:TopicSubscription ocr-failure-b@example.com",
        ]);
        expect(deployment.outputs).to.deep.equal({ successTopicArn: topicArn, errorTopicArn: topicArn });
    });
    it("makes the one topic that is missing beside the user's other", async () => {
        const errorTopicArn = "arn:aws:sns:eu-west-1:123456789012:alerts";
        const deployment = await deploy(() => void new Notifications("ocr", { ...args, errorTopicArn }));
        expect(graphOf(deployment).filter((line) => line.startsWith("aws:sns/topic:Topic"))).to.deep.equal([
            "aws:sns/topic:Topic ocr-jobs",
            "aws:sns/topic:Topic ocr-success",
        ]);
    });
    it("keeps the topic of job events when SageMaker's notifications are off", async () => {
        const deployment = await deploy(() => void new Notifications("ocr", { ...args, enabled: false }));
        expect(graphOf(deployment)).to.deep.equal(["aws:sns/topic:Topic ocr-jobs", "aws:sns/topicPolicy:TopicPolicy ocr-jobs"]);
    });
});
