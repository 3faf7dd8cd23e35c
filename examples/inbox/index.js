// An upload below inbox/ becomes a job. The answer lands below answers/ in the same bucket, under the upload's own name.
import * as pulumi from "@pulumi/pulumi";
import { AsyncInference } from "sagemaker-async-inference";
const service = new AsyncInference("scans", { image: "scans:1", inboxEnabled: true, forceDestroy: true });
const { bucketName, bucketArn } = service.outputs;
service.onCompleted("answer", async (job, context) => {
    const { PutObjectCommand, S3Client } = require("@aws-sdk/client-s3");
    const name = job.inputLocation.slice(job.inputLocation.lastIndexOf("/") + 1);
    const Body = JSON.stringify(await context.readResult());
    const Key = `answers/${name}.json`;
    await new S3Client({}).send(new PutObjectCommand({ Bucket: process.env["BUCKET"], Key, Body, ContentType: "application/json" }));
}, {
    environment: { BUCKET: bucketName },
    policyStatements: [{ sid: "Answer", actions: ["s3:PutObject"], resources: [pulumi.interpolate `${bucketArn}/answers/*`] }],
});
export const bucket = bucketName;
