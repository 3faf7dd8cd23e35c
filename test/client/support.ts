import { createHash } from "node:crypto";
import { setImmediate } from "node:timers/promises";
import { GetObjectCommand, ListMultipartUploadsCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { AsyncInferenceError, SageMakerAsyncClient, type EndpointClientOptions, type StackClientOptions } from "../../client";
import type { ClientInternals } from "../../client/client";
import type { JobRecord } from "../../core/records/job";
import type { AsyncInferenceOutputs } from "../../outputs";
import { AwsProxy } from "../../doubles/awsProxy";
import { startJobServices, type JobServices } from "../../doubles/jobServices";
import { serviceOutputs } from "../support/outputs";

/** Real services on loopback, with what can befall calls to S3 and DynamoDB, and clients of them whose pauses take no time. */
export class ClientBench {
  private readonly clients: SageMakerAsyncClient[] = [];
  /** Pauses that clients made, in milliseconds. */
  readonly pauses: number[] = [];

  private constructor(
    readonly services: JobServices,
    readonly s3: AwsProxy,
    readonly dynamodb: AwsProxy,
  ) {}

  static async start(): Promise<ClientBench> {
    const services = await startJobServices();
    const s3 = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_S3"] as string);
    const dynamodb = await AwsProxy.start(process.env["AWS_ENDPOINT_URL_DYNAMODB"] as string);
    Object.assign(process.env, { AWS_ENDPOINT_URL_S3: s3.url, AWS_ENDPOINT_URL_DYNAMODB: dynamodb.url });
    return new ClientBench(services, s3, dynamodb);
  }

  get outputs(): AsyncInferenceOutputs {
    const { bucketName, tableName, topicArn } = this.services;
    const prefixes = { inputPrefix: "input/", outputPrefix: "output/", failurePrefix: "failure/" };
    return { ...serviceOutputs, ...prefixes, bucketName, endpointName: "ocr", jobTableName: tableName, jobsTopicArn: topicArn };
  }

  /** Between two tests: nothing planned, nothing counted. */
  async reset(): Promise<void> {
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

  withTable(options: Partial<StackClientOptions> = {}, internals: ClientInternals = {}): SageMakerAsyncClient {
    return this.keep(
      new SageMakerAsyncClient({ outputs: this.outputs, pollIntervalSeconds: 0.1, ...options }, { ...this.instant, ...internals }),
    );
  }

  withoutTable(options: Partial<EndpointClientOptions> = {}): SageMakerAsyncClient {
    const place = { bucket: this.services.bucketName, endpointName: "ocr", waiter: "bench" };
    return this.keep(new SageMakerAsyncClient({ ...place, pollIntervalSeconds: 0.1, ...options }, this.instant));
  }

  /** Ends a job as the result function does, with a result. */
  async complete(jobId: string, body: string | Buffer, contentType?: string, change: Partial<JobRecord> = {}): Promise<void> {
    const job = (await this.services.job(jobId)) as JobRecord;
    const outputLocation = await this.services.putObject(`output/${jobId}`, body, contentType);
    const now = new Date().toISOString();
    await this.services.putJob({ ...job, state: "COMPLETED", outputLocation, submittedAt: now, endedAt: now, ...change });
  }

  async stored(location: string): Promise<{ text: string | undefined; contentType: string | undefined }> {
    const Key = location.slice(`s3://${this.services.bucketName}/`.length);
    const { Body, ContentType } = await this.services.s3.send(new GetObjectCommand({ Bucket: this.services.bucketName, Key }));
    return { text: await Body?.transformToString(), contentType: ContentType };
  }

  /** SHA-256 of what is stored. */
  async hashOf(location: string): Promise<string> {
    const Key = location.slice(`s3://${this.services.bucketName}/`.length);
    const { Body } = await this.services.s3.send(new GetObjectCommand({ Bucket: this.services.bucketName, Key }));
    return createHash("sha256")
      .update((await Body?.transformToByteArray()) ?? "")
      .digest("hex");
  }

  /** Uploads in parts that nobody completed or gave up. */
  async openUploads(): Promise<number> {
    const { Uploads = [] } = await this.services.s3.send(new ListMultipartUploadsCommand({ Bucket: this.services.bucketName }));
    return Uploads.length;
  }

  async close(): Promise<void> {
    await this.reset();
    await Promise.all([this.s3.close(), this.dynamodb.close()]);
    await this.services.close();
  }

  private readonly instant: ClientInternals = {
    clock: {
      now: () => Date.now(),
      sleep: async (milliseconds) => {
        this.pauses.push(milliseconds);
        await setImmediate();
      },
    },
    random: () => 1,
  };

  private keep(client: SageMakerAsyncClient): SageMakerAsyncClient {
    this.clients.push(client);
    return client;
  }
}

/** What a promise is rejected with, which is the client's own error. */
export async function errorOf(promise: Promise<unknown>): Promise<AsyncInferenceError> {
  const error = await promise.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).to.be.instanceOf(AsyncInferenceError);
  return error as AsyncInferenceError;
}

/** Bytes of a stream in parts of a megabyte; `at` runs before each. */
export async function* megabytes(count: number, at: (index: number) => void | Promise<void> = () => undefined): AsyncGenerator<Buffer> {
  for (let index = 0; index < count; index++) {
    await at(index);
    yield Buffer.alloc(1024 ** 2, index % 251);
  }
}
