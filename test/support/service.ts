import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SageMakerRuntimeClient } from "@aws-sdk/client-sagemaker-runtime";
import { SNSClient, SubscribeCommand } from "@aws-sdk/client-sns";
import { CreateQueueCommand, DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { DynamoDBDocumentClient, GetCommand } from "@aws-sdk/lib-dynamodb";
import path from "node:path";
import type { SubmitAnswer } from "../../core/messages/answer";
import type { JobRecord } from "../../core/records/job";
import type { SubmitRequest } from "../../core/messages/request";
import { EmbeddedCloud, type EmbeddedCloudOptions, type ProgramSource } from "../../local/embeddedCloud";
import type { CloudEvent } from "../../local/ports";
import type { AsyncInferenceOutputs } from "../../outputs";
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
  readonly events: CloudEvent[] = [];
  readonly s3: S3Client;
  readonly sns: SNSClient;
  readonly sqs: SQSClient;
  readonly lambda: LambdaClient;
  readonly runtime: SageMakerRuntimeClient;
  readonly table: DynamoDBDocumentClient;
  readonly settings;
  private readonly waiting = new Set<(event: CloudEvent) => void>();

  private constructor(readonly cloud: EmbeddedCloud) {
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
      for (const tell of this.waiting) tell(event);
    });
  }

  static async start(options: EmbeddedCloudOptions = {}): Promise<CloudUnderTest> {
    const cloud = new CloudUnderTest(await EmbeddedCloud.start(options));
    opened(cloud);
    return cloud;
  }

  /** The first event, past or future, that is as wanted. */
  event(wanted: (event: CloudEvent) => boolean): Promise<CloudEvent> {
    const past = this.events.find(wanted);
    if (past) return Promise.resolve(past);
    return new Promise((resolve) => {
      const tell = (event: CloudEvent) => {
        if (!wanted(event)) return;
        this.waiting.delete(tell);
        resolve(event);
      };
      this.waiting.add(tell);
    });
  }

  /** Deploys the project's own program with the test model. @param messages collects what it logs */
  async deployOwn(settings: Record<string, string> = {}, messages: string[] = []): Promise<AsyncInferenceOutputs> {
    const { outputs } = await this.cloud.deploy(ownSource(settings), (event) => {
      if (event.kind === "message") messages.push(event.text);
    });
    return outputs as unknown as AsyncInferenceOutputs;
  }

  /** Deploys the project's own program again. @returns what was done: `replaced inference-configuration` */
  async redeployOwn(settings: Record<string, string>): Promise<string[]> {
    const done: string[] = [];
    await this.cloud.redeploy(ownSource(settings), (event) => {
      if (event.kind === "resource" && event.change !== "creating") done.push(`${event.change} ${event.name}`);
    });
    return done;
  }

  /** Deploys a program of test/fixtures, compiled. */
  async deployFixture(name: string, stack: string, settings: Record<string, string> = {}): Promise<Record<string, unknown>> {
    const directory = path.join(root, "test/fixtures", name);
    const compiledMain = path.join(root, "build/test/fixtures", name, "index.js");
    return (await this.cloud.deploy({ directory, stack, compiledMain, settings })).outputs;
  }

  async text(location: string): Promise<string> {
    const [, bucket, key] = /^s3:\/\/([^/]+)\/(.+)$/.exec(location) ?? [];
    const object = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await object.Body?.transformToString()) ?? "";
  }

  async put(bucket: string, key: string, body: string, contentType = "application/json"): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body, ContentType: contentType }));
  }

  /** Takes the next message of a queue, waiting for it. */
  async receive(queueUrl: string): Promise<string> {
    for (;;) {
      const { Messages } = await this.sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, WaitTimeSeconds: 20 }));
      const message = Messages?.[0];
      if (message === undefined) continue;
      await this.sqs.send(new DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle: message.ReceiptHandle }));
      return message.Body ?? "";
    }
  }

  close(): Promise<void> {
    closed(this);
    for (const client of [this.s3, this.sns, this.sqs, this.lambda, this.runtime, this.table]) client.destroy();
    return this.cloud.close();
  }
}

/** One deployed service and the ends of its jobs. */
export class ServiceUnderTest {
  private readonly ended: JobRecord[] = [];
  private readonly waiting = new Set<(job: JobRecord) => void>();

  private constructor(
    readonly cloud: CloudUnderTest,
    readonly outputs: AsyncInferenceOutputs,
  ) {}

  /** Follows the service's job events in a queue of its own. */
  static async follow(cloud: CloudUnderTest, outputs: AsyncInferenceOutputs): Promise<ServiceUnderTest> {
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

  private async listen(queueUrl: string): Promise<never> {
    for (;;) {
      const { job } = JSON.parse(await this.cloud.receive(queueUrl)) as { job: JobRecord };
      this.ended.push(job);
      for (const tell of this.waiting) tell(job);
    }
  }

  async submit(request: SubmitRequest): Promise<SubmitAnswer> {
    const answer = await this.cloud.lambda.send(
      new InvokeCommand({ FunctionName: this.outputs.submitFunctionName, Payload: JSON.stringify(request) }),
    );
    const payload = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) throw new Error(`${answer.FunctionError}: ${payload}`);
    return JSON.parse(payload) as SubmitAnswer;
  }

  /** The job event of a job, past or future. @param wanted its id, or what its id looks like */
  end(wanted: string | RegExp): Promise<JobRecord> {
    const isWanted = ({ jobId }: JobRecord) => (typeof wanted === "string" ? jobId === wanted : wanted.test(jobId));
    const past = this.ended.find(isWanted);
    if (past !== undefined) return Promise.resolve(past);
    return new Promise((resolve) => {
      const tell = (job: JobRecord) => {
        if (!isWanted(job)) return;
        this.waiting.delete(tell);
        resolve(job);
      };
      this.waiting.add(tell);
    });
  }

  /** How many job events of a job have arrived so far. */
  announced(jobId: string): number {
    return this.ended.filter((job) => job.jobId === jobId).length;
  }

  /** The job's record in the table. */
  async record(jobId: string): Promise<JobRecord | undefined> {
    const { Item } = await this.cloud.table.send(
      new GetCommand({ TableName: this.outputs.jobTableName, Key: { jobId }, ConsistentRead: true }),
    );
    return Item as JobRecord | undefined;
  }

  /** What the endpoint did with a job's attempts, in order. */
  invocations(jobId: string): string[] {
    return this.cloud.events.flatMap((event) =>
      event.kind === "invocation" && event.inferenceId.endsWith(`.${jobId}`) ? `${event.inferenceId} ${event.change}` : [],
    );
  }
}

function ownSource(settings: Record<string, string>): ProgramSource {
  const compiledMain = path.join(root, "build/index.js");
  return { directory: root, stack: "local", compiledMain, settings: { ...testModel, ...settings } };
}
