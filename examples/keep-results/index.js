// Results go into a table of one's own, each once; failures go to a topic that people subscribe to.
import * as aws from "@pulumi/aws";
import { AsyncInference } from "sagemaker-async-inference";
const pages = new aws.dynamodb.Table("pages", {
    billingMode: "PAY_PER_REQUEST",
    hashKey: "jobId",
    attributes: [{ name: "jobId", type: "S" }],
});
const failures = new aws.sns.Topic("failures");
const service = new AsyncInference("pages", { image: "pages:1", forceDestroy: true });
service.onCompleted("keep", async (job, context) => {
    const { DynamoDBClient, PutItemCommand } = require("@aws-sdk/client-dynamodb");
    const text = JSON.stringify(await context.readResult());
    const Item = { jobId: { S: job.jobId }, text: { S: text } };
    // A handler runs at least once. `once` keeps its effect from happening twice.
    await context.once("keep", () => new DynamoDBClient({}).send(new PutItemCommand({ TableName: process.env["PAGES_TABLE"], Item })));
}, {
    environment: { PAGES_TABLE: pages.name },
    policyStatements: [{ sid: "KeepPages", actions: ["dynamodb:PutItem"], resources: [pages.arn] }],
});
service.onFailed("report", async (job) => {
    const { PublishCommand, SNSClient } = require("@aws-sdk/client-sns");
    const Message = `${job.jobId}: ${job.error?.message ?? job.state} ${job.error?.advice ?? ""}`;
    await new SNSClient({}).send(new PublishCommand({ TopicArn: process.env["FAILURES_TOPIC"], Subject: "A page failed", Message }));
}, {
    environment: { FAILURES_TOPIC: failures.arn },
    policyStatements: [{ sid: "Report", actions: ["sns:Publish"], resources: [failures.arn] }],
});
export const submitFunction = service.outputs.submitFunctionName;
export const pagesTable = pages.name;
export const failuresTopic = failures.arn;
