import { ApplicationAutoScaling } from "@aws-sdk/client-application-auto-scaling";
import { CloudWatch } from "@aws-sdk/client-cloudwatch";
import { CloudWatchLogs } from "@aws-sdk/client-cloudwatch-logs";
import { DynamoDB } from "@aws-sdk/client-dynamodb";
import { EventBridge } from "@aws-sdk/client-eventbridge";
import { IAM } from "@aws-sdk/client-iam";
import { Lambda } from "@aws-sdk/client-lambda";
import { S3 } from "@aws-sdk/client-s3";
import { SageMaker } from "@aws-sdk/client-sagemaker";
import { SNS } from "@aws-sdk/client-sns";
import { SQS } from "@aws-sdk/client-sqs";
import { SSM } from "@aws-sdk/client-ssm";
import { STS } from "@aws-sdk/client-sts";
import { setTimeout } from "node:timers/promises";
import { isDeepStrictEqual } from "node:util";

/** What the engine and a provider say of a resource, by Pulumi's names. */
export type Properties = Record<string, unknown>;

/** What was made. */
export interface Made {
  id: string;
  /** What AWS adds to the inputs, such as `arn`. */
  outputs?: Properties;
}

/** How one type of resource is brought about: the calls that the AWS provider makes. */
export interface ProviderType {
  /** Inputs whose change makes another resource. */
  replacedBy: readonly string[];
  /** @param name the physical name: a given one, or one that is made up of the logical one */
  create(name: string, inputs: Properties): Promise<Made>;
  /** What AWS has, by Pulumi's names: each property that AWS can tell, undefined where it has none. Undefined when it is gone. */
  read(id: string, state: Properties): Promise<Properties | undefined>;
  /** @returns what AWS says anew of the outputs */
  update?(id: string, now: Properties, before: Properties): Promise<Properties | void>;
  delete(id: string, state: Properties): Promise<unknown>;
}

export type ProviderTypes = Readonly<Record<string, ProviderType>>;

/** What the stack file says of the cloud, as {@link ../../../local/clientEnvironment.pulumiLines} writes it. */
export interface ProviderSettings {
  region: string;
  accessKey: string;
  secretKey: string;
  token?: string;
  /** Addresses by the provider's names of its services. */
  endpoints: Readonly<Record<string, string>>;
}

export type Services = ReturnType<typeof servicesOf>;

/** Clients of the services, each at the address that the settings name for it. */
export function servicesOf({ region, accessKey, secretKey, token, endpoints }: ProviderSettings) {
  const at = (service: string) => {
    const endpoint = endpoints[service];
    if (endpoint === undefined) throw new Error(`aws:endpoints has no ${service}`);
    const credentials = { accessKeyId: accessKey, secretAccessKey: secretKey, ...(token && { sessionToken: token }) };
    return { region, endpoint, credentials };
  };
  return {
    autoscaling: new ApplicationAutoScaling(at("appautoscaling")),
    cloudWatch: new CloudWatch(at("cloudwatch")),
    dynamoDb: new DynamoDB(at("dynamodb")),
    events: new EventBridge(at("events")),
    iam: new IAM(at("iam")),
    lambda: new Lambda(at("lambda")),
    logs: new CloudWatchLogs(at("logs")),
    s3: new S3({ ...at("s3"), forcePathStyle: true }),
    sageMaker: new SageMaker(at("sagemaker")),
    sns: new SNS(at("sns")),
    sqs: new SQS(at("sqs")),
    ssm: new SSM(at("ssm")),
    sts: new STS(at("sts")),
  };
}

/** How the SDK's waiters wait. */
export const waits = { minDelay: 1, maxDelay: 1, maxWaitTime: 120 };

/** The API's names differ from Pulumi's by the first letter. Exceptions are written out where they are. */
export function pascal<Input>(value: unknown): Input {
  return renamed(value, (name) => name.charAt(0).toUpperCase() + name.slice(1)) as Input;
}

/** The other way. */
export function camel(value: unknown): Properties {
  return renamed(value, (name) => name.charAt(0).toLowerCase() + name.slice(1)) as Properties;
}

function renamed(value: unknown, rename: (name: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => renamed(item, rename));
  if (value === null || typeof value !== "object" || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) => (item === undefined ? [] : [[rename(name), renamed(item, rename)]])),
  );
}

/** A document as text: programs give either. */
export function text(document: unknown): string {
  return typeof document === "string" ? document : JSON.stringify(document);
}

export function textOrNone(document: unknown): string | undefined {
  return document === undefined ? undefined : text(document);
}

export type Tags = Readonly<Record<string, string>>;

export function tagsOf({ tags = {} }: Properties): Tags {
  return tags as Tags;
}

export function tagList(properties: Properties): { Key: string; Value: string }[] {
  return Object.entries(tagsOf(properties)).map(([Key, Value]) => ({ Key, Value }));
}

/** Tags of a list as a map; undefined for none, as a program that gives none. */
export function tagMap(list: readonly { Key?: string | undefined; Value?: string | undefined }[] = []): Tags | undefined {
  return list.length === 0 ? undefined : Object.fromEntries(list.map(({ Key = "", Value = "" }) => [Key, Value]));
}

export function tagRecord(tags: Tags = {}): Tags | undefined {
  return Object.keys(tags).length === 0 ? undefined : { ...tags };
}

/** Brings a resource's tags to what is given now. */
export async function retag(
  now: Properties,
  before: Properties,
  put: (tags: Tags) => Promise<unknown>,
  remove: (keys: string[]) => Promise<unknown>,
): Promise<void> {
  const [wanted, had] = [tagsOf(now), tagsOf(before)];
  const gone = Object.keys(had).filter((key) => !(key in wanted));
  const added = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => had[key] !== value));
  if (gone.length > 0) await remove(gone);
  if (Object.keys(added).length > 0) await put(added);
}

/** Whether any of the named properties differs. */
export function differs(now: Properties, before: Properties, ...names: string[]): boolean {
  return names.some((name) => !isDeepStrictEqual(now[name], before[name]));
}

/** Calls again while AWS does not yet know a new role, which takes it some seconds: the provider does the same. */
export async function onceAssumable<Result>(call: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries++) {
    try {
      return await call();
    } catch (error) {
      if (!/assume/i.test((error as Error).message) || tries === 60) throw error;
      await setTimeout(1000);
    }
  }
}

/** Whether an error says that there is no such thing. */
export function isMissing(error: unknown): boolean {
  const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
  return $metadata?.httpStatusCode === 404 || /NotFound|NoSuch|NonExistent|DoesNotExist/.test(name) || /Could not find/.test(message);
}

/**
 * What is known of a resource, with what AWS has of it now: a value that only is written otherwise (an order of keys, a number as
 * text, a document) stays as it is, and of an object only what is known is compared.
 */
export function merged(known: Properties, seen: Properties): Properties {
  const names = Object.keys(known).filter((name) => name in seen);
  const found = names.map((name) => [name, name === "tags" ? seen[name] : counterpart(known[name], seen[name])]);
  const added = Object.entries(seen).filter(([name, value]) => name === "tags" && value !== undefined && !(name in known));
  const changes = Object.fromEntries([...found, ...added]) as Properties;
  return plain({ ...known, ...changes });
}

function counterpart(known: unknown, seen: unknown): unknown {
  if (seen === undefined) return undefined;
  if (Array.isArray(known) && Array.isArray(seen))
    return known.length === seen.length ? known.map((item, at) => counterpart(item, seen[at])) : seen;
  if (isFields(known) && isFields(seen)) {
    return Object.fromEntries(Object.entries(known).map(([name, item]) => [name, counterpart(item, seen[name])]));
  }
  return text(known) === text(seen) || isDeepStrictEqual(document(known), document(seen)) ? known : seen;
}

/** What a text says as JSON, its keys in no order. */
function document(value: unknown): unknown {
  try {
    return JSON.parse(text(value));
  } catch {
    return value;
  }
}

function isFields(value: unknown): value is Properties {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Values as the engine's wire carries them, without undefined members. */
export function plain(value: Properties): Properties {
  return JSON.parse(JSON.stringify(value)) as Properties;
}
