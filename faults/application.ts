import type { Connections } from "../client/connections";
import { TableService } from "../client/tableService";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { dynamoDbLow } from "../aws/dynamoDbLow";
import { followClock } from "../aws/followClock";
import { s3Objects } from "../aws/s3Objects";
import { sageMakerEndpoint, singleTryClient } from "../aws/sageMakerEndpoint";
import { snsEvents } from "../aws/snsEvents";
import { createServiceClock } from "../core/serviceClock";
import type { AsyncInferenceOutputs } from "../outputs";
import type { Scheduler, Timer } from "./scheduler";

/** A process of an application's, as the client needs it. */
export interface Application {
  /** The SDK's packages. */
  load: (name: string) => unknown;
  scheduler: Scheduler;
  /** By how much its machine's clock is off, in milliseconds. */
  clockSkew: number;
  /** Whether its client goes by the service's time. */
  followsClock: boolean;
}

/** The client of such a process: the published one's own code, over the simulated services. */
export function clientOf({ load, scheduler, clockSkew, followsClock }: Application, outputs: AsyncInferenceOutputs): TableService {
  const clock = createServiceClock({
    now: () => scheduler.now() + clockSkew,
    setTimeout: (callback, milliseconds) => scheduler.after(milliseconds, callback),
    clearTimeout: (timer) => ((timer as Timer).cancelled = true),
  });
  const follow = <Client extends object>(client: Client): Client => {
    if (followsClock) followClock(client, clock);
    return client;
  };
  const dynamodb = load("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = load("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const s3 = load("@aws-sdk/client-s3") as typeof import("@aws-sdk/client-s3");
  const sns = load("@aws-sdk/client-sns") as typeof import("@aws-sdk/client-sns");
  const lambda = load("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
  const runtime = load("@aws-sdk/client-sagemaker-runtime") as typeof import("@aws-sdk/client-sagemaker-runtime");
  const table = follow(new dynamodb.DynamoDBClient({}));
  const connections: Partial<Record<keyof Connections, unknown>> = {
    jobs: (tableName: string) => dynamoDbJobs(documents, table, tableName),
    low: (tableName: string) => dynamoDbLow(documents, table, tableName),
    objects: () => s3Objects(s3, follow(new s3.S3Client({}))),
    events: (topicArn: string) => snsEvents(sns, follow(new sns.SNSClient({})), topicArn),
    endpoint: () => sageMakerEndpoint(runtime, follow(singleTryClient(runtime))),
    lambda: { library: lambda, client: follow(new lambda.LambdaClient({})) },
    dynamodb: { library: documents, client: table, documents: documents.DynamoDBDocumentClient.from(table) },
  };
  return new TableService(connections as unknown as Connections, {
    outputs,
    waiter: "application",
    pollIntervalSeconds: 1,
    consumerQueueUrl: undefined,
    maxOpenJobs: undefined,
    clock,
    random: () => scheduler.random.next(),
    randomBytes: (count) => Buffer.from(Array.from({ length: count }, () => scheduler.random.integer(0, 255))),
    log: () => undefined,
  });
}
