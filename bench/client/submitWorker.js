import { readFile } from "node:fs/promises";
import { pathToFileURL } from "node:url";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SageMakerAsyncClient } from "../../client";
import { serviceOutputs } from "../../test/support/outputs";
import { sdkSettings } from "./settings";
import { snippetSubmit } from "./snippetLoop";
import { report } from "./worker";
function submitter({ by, endpointUrl }) {
    const { bucketName: bucket, endpointName, region } = serviceOutputs;
    const settings = sdkSettings(endpointUrl, region);
    if (by === "snippet") {
        const clients = { s3: new S3Client({ ...settings, forcePathStyle: true }), runtime: new SageMakerRuntimeClient(settings) };
        return async (payload) => {
            const body = typeof payload === "string" ? payload : await readFile(payload);
            return snippetSubmit(clients, { bucket, key: `input/${crypto.randomUUID()}`, endpointName }, body);
        };
    }
    const { credentials } = settings;
    const client = by === "table"
        ? SageMakerAsyncClient.fromStackOutputs(serviceOutputs, { endpointUrl, credentials })
        : new SageMakerAsyncClient({ bucket, endpointName, region, endpointUrl, credentials });
    return (payload) => client.submit(payload, { contentType: "application/json" });
}
report(async (task) => {
    const submit = submitter(task);
    const { payload } = task;
    // Libraries are loaded and connections opened.
    await submit("{}");
    const start = performance.now();
    const before = process.cpuUsage();
    if ("file" in payload)
        await submit(pathToFileURL(payload.file));
    else {
        let left = payload.count;
        const body = JSON.stringify({ text: "x".repeat(payload.bytes - 11) });
        const one = async () => {
            while (left-- > 0)
                await submit(body);
        };
        await Promise.all(Array.from({ length: payload.concurrency }, one));
    }
    const { user, system } = process.cpuUsage(before);
    return { milliseconds: performance.now() - start, processorMilliseconds: (user + system) / 1000 };
});
