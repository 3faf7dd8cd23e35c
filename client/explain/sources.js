import { readS3Uri } from "../../core/records/s3Uri";
import { jobTable } from "../../core/records/table";
import { endpointLogGroup } from "./permissions";
import { readAlarms, readMetrics } from "./cloudWatch";
import { readEndpoint, readEndpointConfig, readScaling } from "./endpoint";
import { readLog } from "./logs";
/** How much of a failure object is read. */
const failureBytes = 1024;
/** The sources of one service, in AWS. */
export function explainSources(connections, service, now = () => Date.now(), missingPackages = []) {
    const { endpointName, jobTableName, deadLetterQueueUrl, resultLogGroupName } = service;
    async function object(location) {
        const { library, client } = connections.s3;
        try {
            const head = await client.send(new library.HeadObjectCommand(at(location)));
            return { bytes: head.ContentLength ?? 0, at: (head.LastModified ?? new Date(now())).toISOString() };
        }
        catch (error) {
            if (error.$metadata?.httpStatusCode === 404)
                return "missing";
            throw error;
        }
    }
    return {
        service,
        missingPackages,
        now,
        object,
        ...(jobTableName === undefined
            ? {}
            : {
                async record(key) {
                    const { library, documents } = connections.dynamodb;
                    const { Item } = await documents.send(new library.GetCommand({ TableName: jobTableName, Key: { [jobTable.hashKey]: key }, ConsistentRead: true }));
                    return Item ?? "missing";
                },
            }),
        async failure(location) {
            const found = await object(location);
            if (found === "missing")
                return found;
            if (found.bytes === 0)
                return { ...found, text: "" };
            const { library, client } = connections.s3;
            const { Body } = await client.send(new library.GetObjectCommand({ ...at(location), Range: `bytes=0-${failureBytes - 1}` }));
            const text = (await Body?.transformToString()) ?? "";
            return { ...found, text: isText(text) ? text : "" };
        },
        endpoint: async () => readEndpoint(connections.sagemaker, endpointName),
        endpointConfig: async (configName) => readEndpointConfig(connections.sagemaker, configName),
        scaling: async (variantName) => readScaling(connections.autoscaling, endpointName, variantName),
        metrics: async (window) => readMetrics(connections.cloudWatch, endpointName, now(), window),
        alarms: async () => readAlarms(connections.cloudWatch, endpointName),
        ...(deadLetterQueueUrl === undefined || deadLetterQueueUrl === ""
            ? {}
            : { deadLetters: () => countMessages(connections.sqs, deadLetterQueueUrl) }),
        ...(resultLogGroupName === undefined
            ? {}
            : { resultLog: async (jobId, since) => readLog(connections.logs, resultLogGroupName, jobId, since) }),
        containerLog: async (inferenceId, since) => readLog(connections.logs, endpointLogGroup(endpointName), inferenceId, since),
    };
}
/** The count alone: to receive a message would count as a delivery. */
async function countMessages({ library, client }, queueUrl) {
    const { Attributes } = await client.send(new library.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }));
    return Number(Attributes?.["ApproximateNumberOfMessages"] ?? 0);
}
/** Whether bytes that were read as UTF-8 are any. The last character may be cut in two. */
function isText(text) {
    return !/[\u0000-\u0008\ufffd]/.test(text.slice(0, -4));
}
function at(location) {
    const found = readS3Uri(location);
    if (found === undefined)
        throw new Error(`${location} is not s3://bucket/key`);
    return { Bucket: found.bucket, Key: found.key };
}
