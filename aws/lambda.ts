import type { Clock, JobPorts, LowEntry, LowQueue, Rooms } from "../core/ports";
import { dynamoDbLow, dynamoDbLowEntry } from "./dynamoDbLow";
import { dynamoDbJobs } from "./dynamoDbJobs";
import { dynamoDbRooms } from "./dynamoDbRooms";
import { s3Objects } from "./s3Objects";
import { sageMakerEndpoint, singleTryClient } from "./sageMakerEndpoint";
import { snsEvents } from "./snsEvents";

/** Of Lambda's context, what our functions use. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** What an SNS subscription hands to a function. */
export interface SnsEvent {
  Records: { Sns: { Message: string; MessageId: string } }[];
}

/** What is kept of a function's time for its answer and for records to be written. */
const reserveMilliseconds = 5000;

/** When, in milliseconds since the epoch, a function should stop starting things. */
export function giveUpTime(context: LambdaContext): number {
  return Date.now() + Math.max(0, context.getRemainingTimeInMillis() - reserveMilliseconds);
}

/** Structured log lines as Lambda collects them: one JSON document a line. */
export function consoleLog(line: Record<string, unknown>): void {
  console.log(JSON.stringify(line));
}

/** The process's own clock. */
export function systemClock(): Clock {
  return { now: () => Date.now(), sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)) };
}

/** All ports of a job inside Lambda. Loads the SDK from the runtime, which is why each name is a literal. */
export function lambdaPorts({ jobTableName, jobsTopicArn }: { jobTableName: string; jobsTopicArn: string }): JobPorts {
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const s3 = require("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
  const sns = require("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
  const runtime = require("@aws-sdk/client-sagemaker-runtime") as typeof import("@aws-sdk/client-sagemaker-runtime");
  const crypto = require("node:crypto") as typeof import("node:crypto");
  return {
    jobs: dynamoDbJobs(documents, new dynamodb.DynamoDBClient({}), jobTableName),
    objects: s3Objects(s3, new s3.S3Client({})),
    endpoint: sageMakerEndpoint(runtime, singleTryClient(runtime)),
    events: snsEvents(sns, new sns.SNSClient({}), jobsTopicArn),
    clock: systemClock(),
    hash: (data) => crypto.createHash("sha256").update(data).digest("hex"),
    randomBytes: (count) => crypto.randomBytes(count),
    log: consoleLog,
  };
}

/** The line of low jobs inside Lambda. */
export function lambdaLow({ jobTableName }: { jobTableName: string }): LowQueue {
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  return dynamoDbLow(documents, new dynamodb.DynamoDBClient({}), jobTableName);
}

/** The line of low jobs inside a Lambda function that submits. */
export function lambdaLowEntry({ jobTableName }: { jobTableName: string }): LowEntry {
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  return dynamoDbLowEntry(documents, new dynamodb.DynamoDBClient({}), jobTableName);
}

/** The room for batches inside Lambda. */
export function lambdaRooms({ jobTableName }: { jobTableName: string }): Rooms {
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  return dynamoDbRooms(documents, new dynamodb.DynamoDBClient({}), jobTableName);
}

/** A variable of the function's environment. */
export function variable<Environment>(name: keyof Environment & string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`The environment variable ${name} is not set.`);
  return value;
}
