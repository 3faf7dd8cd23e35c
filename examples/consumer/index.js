// The project of another team: its function sends scanned orders to the inference service, its closure keeps what was read.
import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { asyncInferenceOutputs, consumerQueue, grantSubmitFunction, onCompleted } from "sagemaker-async-inference";
const service = asyncInferenceOutputs(new pulumi.StackReference(new pulumi.Config().require("service")));
const orders = new aws.s3.Bucket("orders", { forceDestroy: true });
const role = new aws.iam.Role("scan", { assumeRolePolicy: aws.iam.assumeRolePolicyForPrincipal({ Service: "lambda.amazonaws.com" }) });
const granted = grantSubmitFunction(service, role);
const log = new aws.iam.RolePolicyAttachment("scan-log", { role: role.name, policyArn: aws.iam.ManagedPolicy.AWSLambdaBasicExecutionRole });
const scan = new aws.lambda.CallbackFunction("scan", {
    callbackFactory: () => {
        const { InvokeCommand, LambdaClient } = require("@aws-sdk/client-lambda");
        const lambda = new LambdaClient({});
        return async ({ orderId, imageBase64 }) => {
            // The order's own id as the job's: sent twice, it is one job.
            const request = { jobId: `order-${orderId}`, inputBase64: imageBase64, contentType: "image/png", metadata: { team: "orders" } };
            const answer = await lambda.send(new InvokeCommand({ FunctionName: process.env["SUBMIT_FUNCTION"], Payload: JSON.stringify(request) }));
            return JSON.parse(Buffer.from(answer.Payload ?? []).toString());
        };
    },
    role: role.arn,
    runtime: aws.lambda.Runtime.NodeJS24dX,
    timeout: 60,
    memorySize: 256,
    environment: { variables: { SUBMIT_FUNCTION: service.submitFunctionName } },
    // The SDK is in Lambda's runtime: the archive is the function alone.
    codePathOptions: { extraExcludePackages: ["@pulumi/aws", "@pulumi/pulumi", "sagemaker-async-inference"] },
}, { dependsOn: [granted, log] });
onCompleted(service, "order", async (job, context) => {
    // Every team's jobs are on the service's topic.
    if (job.metadata?.["team"] !== "orders")
        return;
    const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
    const text = JSON.stringify(await context.readResult());
    await new S3Client({}).send(new PutObjectCommand({ Bucket: process.env["ORDERS_BUCKET"], Key: `${job.jobId}.json`, Body: text }));
    console.log(`kept ${job.jobId}`);
}, {
    environment: { ORDERS_BUCKET: orders.bucket },
    policyStatements: [{ sid: "KeepOrders", actions: ["s3:PutObject"], resources: [pulumi.interpolate `${orders.arn}/*`] }],
});
const unread = consumerQueue(service, "unread", { states: ["FAILED", "EXPIRED"] });
export const scanFunction = scan.name;
export const ordersBucket = orders.bucket;
export const unreadQueue = unread.queueUrl;
