import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import { InvokeEndpointAsyncCommand } from "@aws-sdk/client-sagemaker-runtime";
import { readS3Uri } from "../../core/records/s3Uri";
const longestWaitMilliseconds = 20 * 60_000;
const firstPauseMilliseconds = 5000;
const longestPauseMilliseconds = 30_000;
const growth = 1.5;
/** The usual snippet's submission: put the input, call the endpoint. */
export async function snippetSubmit({ s3, runtime }, { bucket, key, endpointName }, body) {
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: "application/json" }));
    const { OutputLocation = "", FailureLocation = "" } = await runtime.send(new InvokeEndpointAsyncCommand({ EndpointName: endpointName, InputLocation: `s3://${bucket}/${key}`, ContentType: "application/json" }));
    return { outputLocation: OutputLocation, failureLocation: FailureLocation };
}
/** The usual snippet's loop: get the output; while it is missing, list the failure's key and pause for longer and longer. */
export async function snippetResult({ s3 }, { outputLocation, failureLocation }) {
    const output = readS3Uri(outputLocation);
    const failure = readS3Uri(failureLocation);
    const end = Date.now() + longestWaitMilliseconds;
    let pause = firstPauseMilliseconds;
    while (Date.now() < end) {
        try {
            const { Body } = await s3.send(new GetObjectCommand({ Bucket: output?.bucket, Key: output?.key }));
            return (await Body?.transformToString()) ?? "";
        }
        catch (error) {
            if (error.name !== "NoSuchKey")
                throw error;
        }
        const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: failure?.bucket, Prefix: failure?.key }));
        if (KeyCount > 0)
            throw new Error(`The inference failed: ${failureLocation}`);
        await new Promise((resolve) => setTimeout(resolve, pause));
        pause = Math.min(pause * growth, longestPauseMilliseconds);
    }
    throw new Error("timed out");
}
