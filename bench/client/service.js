import path from "node:path";
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import { AwsProxy } from "../../doubles/awsProxy";
import { root } from "../measure";
import { sdkSettings } from "./settings";
/** What every call of a measured client is late by: a round trip to AWS from the same region, with some time for the service. */
export const addedMilliseconds = 20;
/** @param busy whether the one instance is busy for ever with the first job, so that the others wait and cost the machine nothing */
export async function startService({ busy = false } = {}) {
    const cloud = await EmbeddedCloud.start();
    const ways = [];
    const close = async () => {
        await Promise.all(ways.map((way) => way.close()));
        await cloud.close();
    };
    try {
        const { outputs } = await cloud.deploy({
            directory: root,
            stack: "local",
            compiledMain: path.join(root, "build/index.js"),
            settings: {
                "local:modelCommand": `node ${path.join(root, "build/bench/client/model.js")}${busy ? " --busy" : ""}`,
                "local:instanceStartupSeconds": "0",
                "sagemaker-async-inference:maxConcurrentInvocationsPerInstance": busy ? "1" : "1000",
                "sagemaker-async-inference:maxCapacity": "1",
            },
        });
        return {
            cloud,
            outputs: outputs,
            async way() {
                const way = await AwsProxy.start(cloud.endpointUrl, addedMilliseconds);
                ways.push(way);
                return way;
            },
            consumerQueueUrl: (name, way) => consumerQueue(cloud, outputs.jobsTopicArn, name, way),
            close,
        };
    }
    catch (error) {
        await close();
        throw error;
    }
}
/** As `service.consumerQueue(…)` declares it. */
async function consumerQueue(cloud, topicArn, name, way) {
    const settings = sdkSettings(cloud.endpointUrl, cloud.region);
    const sqs = new SQSClient(settings);
    const sns = new SNSClient(settings);
    try {
        await sqs.send(new CreateQueueCommand({ QueueName: name }));
        const Endpoint = `arn:aws:sqs:${cloud.region}:${cloud.accountId}:${name}`;
        const Attributes = { RawMessageDelivery: "true" };
        await sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint, Attributes }));
        return `${way.url}/${cloud.accountId}/${name}`;
    }
    finally {
        sqs.destroy();
        sns.destroy();
    }
}
