import { once } from "node:events";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import * as dynamodb from "@aws-sdk/client-dynamodb";
import * as s3 from "@aws-sdk/client-s3";
import * as sns from "@aws-sdk/client-sns";
import * as sqs from "@aws-sdk/client-sqs";
import * as documents from "@aws-sdk/lib-dynamodb";
import dynalite from "dynalite";
import type { JobRecord } from "../core/records/job";
import { jobTable, waitingIndex } from "../core/records/table";
import type { SubmitFunctionSettings } from "../functions/submit";

/** One request that reached the double of the SageMaker runtime. */
export interface RuntimeCall {
  path: string;
  /** Header names in lower case. */
  headers: IncomingHttpHeaders;
  body: string;
}

/** What the double answers: as the service does, or not at all. */
export type RuntimeAnswer = { status: number; name: string; message: string } | "take" | "drop";

/** What the functions talk to, on loopback: DynamoDB, S3, SNS and SQS as emulators, the SageMaker runtime as a double. */
export interface JobServices {
  bucketName: string;
  tableName: string;
  topicArn: string;
  s3: s3.S3Client;
  documents: documents.DynamoDBDocumentClient;
  /** Calls of InvokeEndpointAsync so far. */
  calls: RuntimeCall[];
  /** Calls that look at the endpoint, set its bounds, or invoke a function, as `operation {input}`. */
  scalingCalls: string[];
  /** Whether such calls are refused. */
  scalingDenied: boolean;
  /** Answers to come, first in first out; then `take`. */
  answers: RuntimeAnswer[];
  /** Runs before each answer of the runtime. */
  onCall: ((call: RuntimeCall) => Promise<void>) | undefined;
  job(jobId: string): Promise<JobRecord | undefined>;
  putJob(job: JobRecord): Promise<void>;
  putObject(key: string, body: string | Buffer, contentType?: string): Promise<string>;
  /** Queue that gets the job events. */
  queueUrl: string;
  /** Publishes the event of a job's end. */
  publish(job: JobRecord): Promise<void>;
  /** Job events published since the last call, with their attributes. */
  published(): Promise<{ event: { schemaVersion: number; job: JobRecord }; attributes: Record<string, string> }[]>;
  close(): Promise<void>;
}

/** The settings of a function that submits to them. */
export function submitSettings({ bucketName, tableName, topicArn }: JobServices): SubmitFunctionSettings {
  return {
    endpointName: "ocr",
    bucketName,
    inputPrefix: "input/",
    outputPrefix: "output/",
    allowedInputBuckets: ["uploads", "scans"],
    jobTableName: tableName,
    jobsTopicArn: topicArn,
    invocationTimeoutSeconds: 3600,
    requestTtlSeconds: 21_600,
    retentionDays: 30,
    maxAttempts: 3,
    maxOpenJobs: 50,
    notificationsEnabled: true,
    onDoubt: "rerun",
    floorFunctionName: "floor",
  };
}

/** Starts them, and points the SDK's environment at them until they are closed. */
export async function startJobServices(): Promise<JobServices> {
  const { buildApp } = await import("fauxqs");
  const table = dynalite({ createTableMs: 0 });
  // A connection that it closes while a busy process is about to send over it is a reset, which no test asked for.
  table.keepAliveTimeout = 60_000;
  await once(table.listen(0, "127.0.0.1"), "listening");
  const faux = buildApp({ logger: false });
  const fauxUrl = await faux.listen({ port: 0, host: "127.0.0.1" });

  const services: Pick<JobServices, "calls" | "answers" | "onCall" | "scalingCalls" | "scalingDenied"> = {
    calls: [],
    answers: [],
    onCall: undefined,
    scalingCalls: [],
    scalingDenied: false,
  };
  const runtime = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => void answer());
    async function answer() {
      const call = { path: request.url ?? "", headers: request.headers, body: Buffer.concat(chunks).toString() };
      services.calls.push(call);
      await services.onCall?.(call);
      const next = services.answers.shift() ?? "take";
      if (next === "drop") return request.socket.destroy();
      const inferenceId = String(request.headers["x-amzn-sagemaker-inference-id"]);
      if (next === "take") {
        response.writeHead(202, {
          "Content-Type": "application/json",
          "X-Amzn-SageMaker-OutputLocation": `s3://service/output/${inferenceId}.out`,
          "X-Amzn-SageMaker-FailureLocation": `s3://service/failure/${inferenceId}-error.out`,
        });
        return response.end(JSON.stringify({ InferenceId: inferenceId }));
      }
      response.writeHead(next.status, { "Content-Type": "application/json", "X-Amzn-ErrorType": next.name });
      return response.end(JSON.stringify({ Message: next.message }));
    }
  });
  await once(runtime.listen(0, "127.0.0.1"), "listening");

  // An endpoint with two instances, and its scalable target.
  const scaling = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      const operation = request.headers["x-amz-target"] ?? `.${request.url}`;
      services.scalingCalls.push(`${String(operation).split(".")[1]} ${body}`);
      response.writeHead(services.scalingDenied ? 400 : 200, { "Content-Type": "application/x-amz-json-1.1" });
      const denial = { __type: "AccessDeniedException", message: "not authorized" };
      const variant = { VariantName: "AllTraffic", DesiredInstanceCount: 2 };
      const answer = { EndpointStatus: "InService", ProductionVariants: [variant], ScalableTargets: [{ MinCapacity: 2 }] };
      response.end(JSON.stringify(services.scalingDenied ? denial : answer));
    });
  });
  await once(scaling.listen(0, "127.0.0.1"), "listening");

  const url = (port: AddressInfo) => `http://127.0.0.1:${port.port}`;
  const saved = { ...process.env };
  Object.assign(process.env, {
    AWS_ACCESS_KEY_ID: "test",
    AWS_SECRET_ACCESS_KEY: "test",
    AWS_REGION: "eu-west-1",
    AWS_ENDPOINT_URL_DYNAMODB: url(table.address() as AddressInfo),
    AWS_ENDPOINT_URL_S3: fauxUrl,
    AWS_ENDPOINT_URL_SNS: fauxUrl,
    AWS_ENDPOINT_URL_SQS: fauxUrl,
    AWS_ENDPOINT_URL_SAGEMAKER_RUNTIME: url(runtime.address() as AddressInfo),
    AWS_ENDPOINT_URL_SAGEMAKER: url(scaling.address() as AddressInfo),
    AWS_ENDPOINT_URL_LAMBDA: url(scaling.address() as AddressInfo),
    AWS_ENDPOINT_URL_APPLICATION_AUTO_SCALING: url(scaling.address() as AddressInfo),
  });

  const tableName = "jobs";
  const bucketName = "service";
  const client = new dynamodb.DynamoDBClient({});
  const documentClient = documents.DynamoDBDocumentClient.from(client);
  await createJobTable(client, tableName);
  const objects = new s3.S3Client({});
  await objects.send(new s3.CreateBucketCommand({ Bucket: bucketName }));
  const topic = new sns.SNSClient({});
  const { TopicArn: topicArn } = await topic.send(new sns.CreateTopicCommand({ Name: "jobs" }));
  const queue = new sqs.SQSClient({});
  await queue.send(new sqs.CreateQueueCommand({ QueueName: "events" }));
  const queueUrl = `${fauxUrl}/000000000000/events`;
  const { Attributes } = await queue.send(new sqs.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["QueueArn"] }));
  await topic.send(new sns.SubscribeCommand({ TopicArn: topicArn, Protocol: "sqs", Endpoint: Attributes?.["QueueArn"] }));

  return Object.assign(services, {
    bucketName,
    tableName,
    topicArn: topicArn as string,
    s3: objects,
    documents: documentClient,
    async job(jobId: string) {
      const { Item } = await documentClient.send(new documents.GetCommand({ TableName: tableName, Key: { jobId }, ConsistentRead: true }));
      return Item as JobRecord | undefined;
    },
    async putJob(job: JobRecord) {
      await documentClient.send(new documents.PutCommand({ TableName: tableName, Item: job }));
    },
    async putObject(key: string, body: string | Buffer, contentType?: string) {
      await objects.send(new s3.PutObjectCommand({ Bucket: bucketName, Key: key, Body: Buffer.from(body), ContentType: contentType }));
      return `s3://${bucketName}/${key}`;
    },
    queueUrl,
    async publish(job: JobRecord) {
      const attributes = { state: job.state, jobId: job.jobId, endpointName: job.endpointName };
      await topic.send(
        new sns.PublishCommand({
          TopicArn: topicArn,
          Message: JSON.stringify({ schemaVersion: 1, job }),
          MessageAttributes: Object.fromEntries(
            Object.entries(attributes).map(([name, StringValue]) => [name, { DataType: "String", StringValue }]),
          ),
        }),
      );
    },
    async published() {
      const events = [];
      for (;;) {
        const { Messages = [] } = await queue.send(
          new sqs.ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0 }),
        );
        if (Messages.length === 0) return events;
        for (const { Body, ReceiptHandle } of Messages) {
          await queue.send(new sqs.DeleteMessageCommand({ QueueUrl: queueUrl, ReceiptHandle }));
          const envelope = JSON.parse(Body as string) as { Message: string; MessageAttributes: Record<string, { Value: string }> };
          const attributes = Object.entries(envelope.MessageAttributes).map(([name, { Value }]) => [name, Value]);
          events.push({
            event: JSON.parse(envelope.Message) as { schemaVersion: number; job: JobRecord },
            attributes: Object.fromEntries(attributes) as Record<string, string>,
          });
        }
      }
    },
    async close() {
      for (const each of [client, objects, topic, queue]) each.destroy();
      for (const name of Object.keys(process.env)) if (!(name in saved)) delete process.env[name];
      Object.assign(process.env, saved);
      runtime.closeAllConnections();
      runtime.close();
      scaling.closeAllConnections();
      scaling.close();
      table.close();
      await faux.close();
    },
  });
}

/** The job table as the component declares it with priorities, in a DynamoDB that really judges conditions. */
export async function createJobTable(client: dynamodb.DynamoDBClient, tableName: string): Promise<void> {
  await client.send(
    new dynamodb.CreateTableCommand({
      TableName: tableName,
      BillingMode: "PAY_PER_REQUEST",
      AttributeDefinitions: [...jobTable.attributes, ...waitingIndex.attributes].map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: [{ AttributeName: jobTable.hashKey, KeyType: "HASH" }],
      GlobalSecondaryIndexes: [...Object.values(jobTable.indexes), waitingIndex.index].map((index) => ({
        IndexName: index.name,
        KeySchema: [
          { AttributeName: index.hashKey, KeyType: "HASH" },
          { AttributeName: index.rangeKey, KeyType: "RANGE" },
        ],
        Projection: {
          ProjectionType: index.projectionType,
          ...("nonKeyAttributes" in index ? { NonKeyAttributes: [...index.nonKeyAttributes] } : {}),
        },
      })),
    }),
  );
  // In seconds: a table of dynalite is ready in milliseconds, and many tests make one each.
  await dynamodb.waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 0.005, maxDelay: 0.5 }, { TableName: tableName });
}
