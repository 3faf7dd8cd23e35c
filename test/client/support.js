import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { GetObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { AsyncInferenceError, SageMakerAsyncClient } from "../../client";
import { AwsProxy } from "../../doubles/awsProxy";
import { startJobServices } from "../../doubles/jobServices";
import { serviceOutputs } from "../support/outputs";
/** Real services on loopback, with what can befall calls to S3 and DynamoDB, and clients of them whose pauses take no time. */
export class ClientBench {
    services;
    s3;
    dynamodb;
    clients = [];
    /** Pauses that clients made, in milliseconds. */
    pauses = [];
    constructor(services, s3, dynamodb) {
        this.services = services;
        this.s3 = s3;
        this.dynamodb = dynamodb;
    }
    static async start() {
        const services = await startJobServices();
        const s3 = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_S3"]);
        const dynamodb = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"]);
        Object.assign(process.env, { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url });
        return new ClientBench(services, s3, dynamodb);
    }
    get outputs() {
        const { bucketName, tableName, topicArn } = this.services;
        const prefixes = { inputPrefix: "input/", outputPrefix: "output/", failurePrefix: "failure/" };
        return { ...serviceOutputs, ...prefixes, bucketName, endpointName: "ocr", jobTableName: tableName, jobsTopicArn: topicArn };
    }
    /** Between two tests: nothing planned, nothing counted. */
    async reset() {
        await Promise.all(this.clients.splice(0).map((client) => client.close()));
        this.services.calls.length = 0;
        this.services.answers.length = 0;
        this.services.onCall = undefined;
        this.pauses.length = 0;
        for (const proxy of [this.s3, this.dynamodb]) {
            proxy.counted();
            proxy.faults.splice(0);
        }
    }
    withTable(options = {}, internals = {}) {
        return this.keep(new SageMakerAsyncClient({ outputs: this.outputs, pollIntervalSeconds: 0.1, ...options }, { ...this.instant, ...internals }));
    }
    withoutTable(options = {}) {
        const place = { bucket: this.services.bucketName, endpointName: "ocr", waiter: "bench" };
        return this.keep(new SageMakerAsyncClient({ ...place, pollIntervalSeconds: 0.1, ...options }, this.instant));
    }
    /** Ends a job as the result function does, with a result. */
    async complete(jobId, body, contentType, change = {}) {
        const job = (await this.services.job(jobId));
        const outputLocation = await this.services.putObject(`output/${jobId}`, body, contentType);
        const now = new Date().toISOString();
        await this.services.putJob({ ...job, state: "COMPLETED", outputLocation, submittedAt: now, endedAt: now, ...change });
    }
    async stored(location) {
        const Key = location.slice(`s3://${this.services.bucketName}/`.length);
        const { Body, ContentType } = await this.services.s3.send(new GetObjectCommand({ Bucket: this.services.bucketName, Key }));
        return { text: await Body?.transformToString(), contentType: ContentType };
    }
    /** SHA-256 of what is stored. */
    async hashOf(location) {
        const Key = location.slice(`s3://${this.services.bucketName}/`.length);
        const { Body } = await this.services.s3.send(new GetObjectCommand({ Bucket: this.services.bucketName, Key }));
        return createHash("sha256")
            .update((await Body?.transformToByteArray()) ?? "")
            .digest("hex");
    }
    /** Uploads in parts that nobody completed or gave up. */
    async openUploads() {
        const { Uploads = [] } = await this.services.s3.send(new ListMultipartUploadsCommand({ Bucket: this.services.bucketName }));
        return Uploads.length;
    }
    async close() {
        await this.reset();
        await Promise.all([this.s3.close(), this.dynamodb.close()]);
        await this.services.close();
    }
    instant = {
        clock: {
            now: () => Date.now(),
            sleep: async (milliseconds) => {
                this.pauses.push(milliseconds);
                await setImmediate();
            },
        },
        random: () => 1,
    };
    keep(client) {
        this.clients.push(client);
        return client;
    }
}
/** What a promise is rejected with, which is the client's own error. */
export async function errorOf(promise) {
    const error = await promise.then(() => undefined, (thrown) => thrown);
    expect(error).to.be.instanceOf(AsyncInferenceError);
    return error;
}
/** Bytes of a stream in parts of a megabyte; `at` runs before each. */
export async function* megabytes(count, at = () => undefined) {
    for (let index = 0; index < count; index++) {
        await at(index);
        yield Buffer.alloc(1024 ** 2, index % 251);
    }
}
