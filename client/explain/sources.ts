import type { ItemAt } from "../../core/records/items";
import { readS3Uri, type S3Location } from "../../core/records/s3Uri";
import { jobTable, waitingIndex } from "../../core/records/table";
import type { ExplainClients, ExplainLibraries } from "../explainLibraries";
import { plainItems, type ItemReads } from "../plainItems";
import type { SdkClients } from "../types";
import { endpointLogGroup, type ExplainedService } from "./permissions";
import { readAlarms, readMetrics, type MetricWindow } from "./cloudWatch";
import { readEndpoint, readEndpointConfig, readScaling, type DescribedEndpoint } from "./endpoint";
import { readLog } from "./logs";
import type { AlarmFacts, EndpointConfigFacts, FailureFacts, MetricFacts, Missing, ObjectFacts, ScalingFacts } from "./types";

/** An SDK client with the package that has its commands. */
interface Connection<Client, Library> {
  client: Client;
  library: Library;
}

/** What the sources are read with; each is asked for only when something is read with it. */
export interface ExplainConnections {
  readonly s3: Connection<SdkClients["s3"], typeof import("@aws-sdk/client-s3")>;
  readonly dynamodb: { client: SdkClients["dynamodb"]; items: ItemReads };
  readonly sagemaker: Connection<ExplainClients["sagemaker"], ExplainLibraries["sagemaker"]>;
  readonly autoscaling: Connection<ExplainClients["autoscaling"], ExplainLibraries["autoscaling"]>;
  readonly cloudWatch: Connection<ExplainClients["cloudWatch"], ExplainLibraries["cloudWatch"]>;
  readonly logs: Connection<ExplainClients["logs"], ExplainLibraries["logs"]>;
  readonly sqs: Connection<SdkClients["sqs"], typeof import("@aws-sdk/client-sqs")>;
}

/** Where the facts of an explanation come from. Each may throw what its service throws. Nothing is changed or consumed by reading. */
export interface ExplainSources {
  readonly service: ExplainedService;
  /** SDK packages that are not installed: what needs them can't be read. */
  readonly missingPackages: readonly string[];
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Absent without a table. */
  record?: <Key extends string>(key: Key) => Promise<ItemAt<Key> | Missing>;
  /** How many low jobs wait whose turn is before this one. Absent without a table. */
  waitingBefore?: (turn: number) => Promise<{ before: number; orMore: boolean }>;
  object(location: string): Promise<ObjectFacts | Missing>;
  failure(location: string): Promise<FailureFacts | Missing>;
  endpoint(): Promise<DescribedEndpoint | Missing>;
  endpointConfig(configName: string): Promise<EndpointConfigFacts | Missing>;
  scaling(variantName: string): Promise<ScalingFacts>;
  metrics(window: MetricWindow): Promise<MetricFacts>;
  /** Alarms in ALARM that watch the endpoint. */
  alarms(): Promise<AlarmFacts[]>;
  /** Absent where the stack has no dead-letter queue. */
  deadLetters?: () => Promise<number>;
  /** Absent where the function's log group is not known. */
  resultLog?: (jobId: string, since: string) => Promise<string[]>;
  containerLog(inferenceId: string, since: string): Promise<string[]>;
}

/** How much of a failure object is read. */
const failureBytes = 1024;

/** The sources of one service, in AWS. */
export function explainSources(
  connections: ExplainConnections,
  service: ExplainedService,
  now: () => number = () => Date.now(),
  missingPackages: readonly string[] = [],
): ExplainSources {
  const { endpointName, jobTableName, deadLetterQueueUrl, resultLogGroupName } = service;

  async function object(location: string): Promise<ObjectFacts | Missing> {
    const { library, client } = connections.s3;
    try {
      const head = await client.send(new library.HeadObjectCommand(at(location)));
      return { bytes: head.ContentLength ?? 0, at: (head.LastModified ?? new Date(now())).toISOString() };
    } catch (error) {
      if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return "missing";
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
          async record<Key extends string>(key: Key) {
            const items = plainItems(connections.dynamodb.client);
            const { Item } = await items.get({ TableName: jobTableName, Key: { [jobTable.hashKey]: key }, ConsistentRead: true });
            return (Item as ItemAt<Key> | undefined) ?? "missing";
          },
          waitingBefore: (turn: number) => countWaiting(connections.dynamodb, jobTableName, turn),
        }),

    async failure(location) {
      const found = await object(location);
      if (found === "missing") return found;
      if (found.bytes === 0) return { ...found, text: "" };
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

/** One page of the index: some ten thousand. */
async function countWaiting({ items }: ExplainConnections["dynamodb"], tableName: string, turn: number) {
  const { name, hashKey, rangeKey } = waitingIndex.index;
  const { Count = 0, LastEvaluatedKey } = await items.query({
    TableName: tableName,
    IndexName: name,
    Select: "COUNT",
    KeyConditionExpression: "#priority = :low AND #turn < :turn",
    ExpressionAttributeNames: { "#priority": hashKey, "#turn": rangeKey },
    ExpressionAttributeValues: { ":low": "low", ":turn": turn },
  });
  return { before: Count, orMore: LastEvaluatedKey !== undefined };
}

/** The count alone: to receive a message would count as a delivery. */
async function countMessages({ library, client }: ExplainConnections["sqs"], queueUrl: string): Promise<number> {
  const { Attributes } = await client.send(
    new library.GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }),
  );
  return Number(Attributes?.["ApproximateNumberOfMessages"] ?? 0);
}

/** Whether bytes that were read as UTF-8 are any. The last character may be cut in two. */
function isText(text: string): boolean {
  return !/[\u0000-\u0008\ufffd]/.test(text.slice(0, -4));
}

function at(location: string): { Bucket: string; Key: string } {
  const found: S3Location | undefined = readS3Uri(location);
  if (found === undefined) throw new Error(`${location} is not s3://bucket/key`);
  return { Bucket: found.bucket, Key: found.key };
}
