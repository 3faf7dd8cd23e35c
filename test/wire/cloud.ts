import { ApplicationAutoScalingClient } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import { EventBridgeClient } from "@aws-sdk/client-eventbridge";
import { IAMClient } from "@aws-sdk/client-iam";
import { KMSClient } from "@aws-sdk/client-kms";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SageMakerClient } from "@aws-sdk/client-sagemaker";
import { SFNClient } from "@aws-sdk/client-sfn";
import { SNSClient } from "@aws-sdk/client-sns";
import { SQSClient } from "@aws-sdk/client-sqs";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsCredentialIdentity } from "@aws-sdk/types";
import { EmbeddedCloud } from "../../local/embeddedCloud";
import type { Created, Registration, ResourceType } from "../../local/resources";
import { root, testModel } from "../support/service";
import { watchAnswers } from "./model";

export const region = "eu-west-1";
export const account = "000000000000";

/** Clients of all services of one cloud. */
export type Clients = ReturnType<typeof clientsOf>;

/** What a program gives; some of it is known only where the cloud is. */
type Inputs =
  | Record<string, unknown>
  | ((endpointUrl: string, clients: Clients) => Record<string, unknown> | Promise<Record<string, unknown>>);

/** One type of resource, on both doors. It has the same physical name on both. */
export interface WireCase {
  /** Such as `aws:sns/topic:Topic`. */
  type: string;
  inputs: Inputs;
  /** The calls by which the provider makes the same. */
  create(clients: Clients): Promise<unknown>;
  /** What the provider reads of it, in one document. */
  read(clients: Clients): Promise<unknown>;
  /** A change in place: what a program gives then, the provider's calls, and left out where the provider makes another resource. */
  change?: { inputs: Inputs; call(clients: Clients): Promise<unknown> };
  delete(clients: Clients): Promise<unknown>;
  /** What a read is refused with afterwards; or what it answers then. */
  gone: string | object;
}

/** A cloud with nothing deployed, and all that tests do with it. */
export async function startWireCloud(stateDirectory?: string) {
  const { "local:modelCommand": command, "local:instanceStartupSeconds": instanceStartupSeconds } = testModel;
  const cloud = await EmbeddedCloud.start({
    region,
    modelCommands: { directory: root, command },
    ...(stateDirectory && { stateDirectory }),
  });
  const problems: string[] = [];
  const clients = clientsOf(cloud.endpointUrl, (problem) => problems.push(problem));
  const program = { directory: root, project: "wire", stack: "test", localSettings: { modelCommand: command, instanceStartupSeconds } };
  const registration = (type: string, inputs: Record<string, unknown>): Registration => ({ urn: "", type, name: "wire", inputs, program });
  const given = async (inputs: Inputs) => (typeof inputs === "function" ? inputs(cloud.endpointUrl, clients) : inputs);
  const typeOf = (type: string): ResourceType => {
    const found = cloud.resources.resources?.[type];
    if (!found) throw new Error(`the embedded cloud has no ${type}`);
    return found;
  };
  return {
    endpointUrl: cloud.endpointUrl,
    clients,
    /** Types that a program can have here. */
    types: Object.keys(cloud.resources.resources ?? {}),
    /** Members of answers that no API has. */
    problems,
    /** What a program does. */
    program: {
      create: async ({ type, inputs }: WireCase): Promise<Created> => typeOf(type).create(registration(type, await given(inputs))),
      update: async ({ type, inputs, change }: WireCase, created: Created): Promise<Created> => {
        if (!change) return created;
        const now = registration(type, await given(change.inputs));
        return (await typeOf(type).update?.(now, created, await given(inputs))) ?? created;
      },
      delete: async ({ type }: WireCase, created: Created): Promise<void> => typeOf(type).delete?.(created),
    },
    close: async () => {
      for (const client of Object.values(clients)) client.destroy();
      await cloud.close();
    },
  };
}

/** Keys of the account itself, which nobody restricts. */
const administrator = { accessKeyId: "test", secretAccessKey: "test" };

/** Clients of all services, which report members of answers that no API has. @param credentials who calls. @default the administrator */
export function clientsOf(endpoint: string, report: (problem: string) => void, credentials: AwsCredentialIdentity = administrator) {
  const settings = { endpoint, region, credentials, maxAttempts: 1 };
  const clients = {
    autoscaling: new ApplicationAutoScalingClient(settings),
    cloudWatch: new CloudWatchClient(settings),
    dynamoDb: new DynamoDBClient(settings),
    events: new EventBridgeClient(settings),
    iam: new IAMClient(settings),
    kms: new KMSClient(settings),
    lambda: new LambdaClient(settings),
    logs: new CloudWatchLogsClient(settings),
    s3: new S3Client({ ...settings, forcePathStyle: true }),
    sagemaker: new SageMakerClient(settings),
    sfn: new SFNClient(settings),
    sns: new SNSClient(settings),
    sqs: new SQSClient(settings),
    ssm: new SSMClient(settings),
  };
  const { s3: _streams, ...watched } = clients;
  for (const client of Object.values(watched)) watchAnswers(client, report);
  return clients;
}

/** An answer without what differs from one resource to the next: times, ids and metadata of the call. */
export function comparable(value: unknown): unknown {
  if (value instanceof Date) return "TIME";
  if (typeof value === "string") return withoutIds(value);
  if (Array.isArray(value)) return value.map(comparable);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "$metadata")
      .map(([name, item]) => [name, comparable(item)]),
  );
}

function withoutIds(text: string): string {
  return text
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID")
    .replace(/127\.0\.0\.1:\d+/g, "CLOUD")
    .replace(/scalable-target\/[0-9a-f]+/g, "scalable-target/ID")
    .replace(/^(AROA|ANPA)[A-Z0-9]+$/, "$1-ID")
    .replace(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d.*$/, "TIME")
    .replace(/^\d{10}$/, "TIME");
}

/** What an error of AWS is, in one line. */
export function told(error: unknown): string {
  const { name, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return `${$metadata?.httpStatusCode ?? "no answer"} ${name}`;
}
