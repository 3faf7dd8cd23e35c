import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import path from "node:path";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import { closed, opened } from "./leftOpen";
/** The repository; this file runs from build/test/support. */
export const root = path.resolve(__dirname, "../../..");
/** Serves test/support/modelServer.ts as the model. */
export const testModel = {
    "local:modelCommand": `node ${path.join(root, "build/test/support/modelServer.js")}`,
    "local:instanceStartupSeconds": "0",
    // So that a job whose model never answers does not hold up those after it.
    "sagemaker-async-inference:maxConcurrentInvocationsPerInstance": "4",
};
/** An embedded cloud as any SDK client sees it, with everything that happened in it. */
export class CloudUnderTest {
    cloud;
    events = [];
    s3;
    sns;
    sqs;
    lambda;
    runtime;
    table;
    settings;
    waiting = new Set();
    constructor(cloud) {
        this.cloud = cloud;
        this.settings = {
            endpoint: cloud.endpointUrl,
            region: cloud.region,
            credentials: { accessKeyId: "test", secretAccessKey: "test" },
        };
        this.s3 = new S3Client(this.settings);
        this.sns = new SNSClient(this.settings);
        this.sqs = new SQSClient(this.settings);
        this.lambda = new LambdaClient(this.settings);
        this.runtime = new SageMakerRuntimeClient(this.settings);
        this.table = DynamoDBDocumentClient.from(new DynamoDBClient(this.settings));
        cloud.events.on("event", (event) => {
            this.events.push(event);
            for (const tell of this.waiting)
                tell(event);
        });
    }
    static async start(options = {}) {
        const cloud = new CloudUnderTest(await EmbeddedCloud.start(options));
        opened(cloud);
        return cloud;
    }
    /** The first event, past or future, that is as wanted. */
    event(wanted) {
        const past = this.events.find(wanted);
        if (past)
            return Promise.resolve(past);
        return new Promise((resolve) => {
            const tell = (event) => {
                if (!wanted(event))
                    return;
                this.waiting.delete(tell);
                resolve(event);
            };
            this.waiting.add(tell);
        });
    }
    /** Deploys the project's own program with the test model. @param messages collects what it logs */
    async deployOwn(settings = {}, messages = []) {
        const compiledMain = path.join(root, "build/index.js");
        const source = { directory: root, stack: "local", compiledMain, settings: { ...testModel, ...settings } };
        const { outputs } = await this.cloud.deploy(source, (event) => {
            if (event.kind === "message")
                messages.push(event.text);
        });
        return outputs;
    }
    /** Deploys a program of test/fixtures, compiled. */
    async deployFixture(name, stack, settings = {}) {
        const directory = path.join(root, "test/fixtures", name);
        const compiledMain = path.join(root, "build/test/fixtures", name, "index.js");
        return (await this.cloud.deploy({ directory, stack, compiledMain, settings })).outputs;
    }
    async text(location) {
        const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
        const object = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
        return (await object.Body?.transformToString()) ?? "";
    }
    async put(bucket, key, body, contentType = "application/json") {
        await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
    }
    /** Takes the next message of a queue, waiting for it. */
    async receive(queueUrl) {
        for (;;) {
            const { Messages } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
            const message = Messages?.[0];
            if (message === undefined)
                continue;
            await this.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
            return message.Body ?? "";
        }
    }
    close() {
        closed(this);
        for (const client of [this.s3, this.sns, this.sqs, this.lambda, this.runtime, this.table])
            client.destroy();
        return this.cloud.close();
    }
}
/** One deployed service and the ends of its jobs. */
export class ServiceUnderTest {
    cloud;
    outputs;
    ended = [];
    waiting = new Set();
    constructor(cloud, outputs) {
        this.cloud = cloud;
        this.outputs = outputs;
    }
    /** Follows the service's job events in a queue of its own. */
    static async follow(cloud, outputs) {
        const name = `ends-${outputs.endpointName}`;
        const arn = `arn:aws:sqs:${outputs.region}:${outputs.accountId}:${name}`;
        const statement = { Effect: "Allow", Principal: { Service: "sns.amazonaws.com" }, Action: "sqs:SendMessage", Resource: arn };
        const Policy = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
        const { QueueUrl = "" } = await cloud.sqs.send(new CreateQueueCommand({ QueueName: name, Attributes: { Policy } }));
        const Attributes = { RawMessageDelivery: "true" };
        await cloud.sns.send(new SubscribeCommand({ TopicArn: outputs.jobsTopicArn, Protocol: "sqs", Endpoint: arn, Attributes }));
        const service = new ServiceUnderTest(cloud, outputs);
        // Ends with the cloud, whose clients then fail.
        void service.listen(QueueUrl).catch(() => undefined);
        return service;
    }
    async listen(queueUrl) {
        for (;;) {
            const { job } = JSON.parse(await this.cloud.receive(queueUrl));
            this.ended.push(job);
            for (const tell of this.waiting)
                tell(job);
        }
    }
    async submit(request) {
        const answer = await this.cloud.lambda.send(new InvokeCommand({ FunctionName: this.outputs.submitFunctionName, Payload: JSON.stringify(request) }));
        const payload = Buffer.from(answer.Payload ?? []).toString();
        if (answer.FunctionError !== undefined)
            throw new Error(`${answer.FunctionError}: ${payload}`);
        return JSON.parse(payload);
    }
    /** The job event of a job, past or future. @param wanted its id, or what its id looks like */
    end(wanted) {
        const isWanted = ({ jobId }) => (typeof wanted === "string" ? jobId === wanted : wanted.test(jobId));
        const past = this.ended.find(isWanted);
        if (past !== undefined)
            return Promise.resolve(past);
        return new Promise((resolve) => {
            const tell = (job) => {
                if (!isWanted(job))
                    return;
                this.waiting.delete(tell);
                resolve(job);
            };
            this.waiting.add(tell);
        });
    }
    /** How many job events of a job have arrived so far. */
    announced(jobId) {
        return this.ended.filter((job) => job.jobId === jobId).length;
    }
    /** The job's record in the table. */
    async record(jobId) {
        const { Item } = await this.cloud.table.send(new GetCommand({ TableName: this.outputs.jobTableName, Key: { jobId }, ConsistentRead: true }));
        return Item;
    }
    /** What the endpoint did with a job's attempts, in order. */
    invocations(jobId) {
        return this.cloud.events.flatMap((event) => event.kind === "invocation" && event.inferenceId.endsWith(`.${jobId}`) ? `${event.inferenceId} ${event.change}` : []);
    }
}
