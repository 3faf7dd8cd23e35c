import type { AsyncInferenceOutputs } from "../outputs";
import * as pulumi from "@pulumi/pulumi";
import type { AcceptedInvocation } from "../local/sagemaker/notifications";
import { accountId, awsState, region } from "../testing/awsDouble";
import { deploy, type Registered } from "../doubles/deploy";
import type { TableDefinition } from "./dynamodb";
import type { FunctionDefinition } from "./lambda";
import type { Subscription } from "./messaging";
import { program, serviceName } from "./program";
import type { EndpointDefinition } from "./sagemaker";
import type { ScalingDefinition } from "./scaling";

/** The deployed program, as plain data from which each run makes a fresh cloud. */
export interface Deployment {
  functions: FunctionDefinition[];
  table: TableDefinition;
  subscriptions: Subscription[];
  endpoint: EndpointDefinition;
  /** Bounds of the scalable target. */
  scaling: ScalingDefinition;
  /** Names of queues. */
  queues: string[];
  bucket: string;
  /** Functions that hear of uploads, by the prefix of the key. */
  uploads: { prefix: string; functionArn: string }[];
  /** Functions that run on a schedule. */
  schedules: { functionArn: string; everySeconds: number; input: string | undefined }[];
  jobsTopicArn: string;
  outputs: AsyncInferenceOutputs;
}

type Fields = Record<string, unknown>;

/** Runs the program against Pulumi's mocks and reads what it registered. */
export async function deployProgram(): Promise<Deployment> {
  const { resources, outputs } = await deploy(program, { stack: "faults" });
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const one = (type: string) => {
    const [only] = ofType(type);
    if (!only) throw new Error(`the program has no ${type}`);
    return only;
  };
  const stateOf = ({ type, name, inputs }: Registered) => awsState(type, name, inputs);
  const retries = new Map(
    ofType("aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig").map(({ inputs }) => [nameIn(inputs["functionName"]), inputs]),
  );
  return {
    outputs: await new Promise((resolve) => pulumi.output(outputs as unknown as AsyncInferenceOutputs).apply(resolve)),
    functions: await Promise.all(
      ofType("aws:lambda/function:Function").map(async (resource) =>
        functionOf(resource, stateOf(resource), retries.get(stateOf(resource).id)),
      ),
    ),
    table: tableOf(stateOf(one("aws:dynamodb/table:Table"))),
    subscriptions: ofType("aws:sns/topicSubscription:TopicSubscription")
      .filter(({ inputs }) => inputs["protocol"] === "lambda")
      .map(({ name, inputs }) => ({
        arn: `${String(inputs["topic"])}:${name}`,
        topicArn: String(inputs["topic"]),
        functionArn: String(inputs["endpoint"]),
        filterPolicy: inputs["filterPolicy"] as string | undefined,
        deadLetterArn: deadLetterArnIn(inputs["redrivePolicy"]),
      })),
    endpoint: endpointOf(
      one("aws:sagemaker/endpointConfiguration:EndpointConfiguration"),
      stateOf(one("aws:sagemaker/endpoint:Endpoint")).id,
    ),
    scaling: {
      minCapacity: Number(one("aws:appautoscaling/target:Target").inputs["minCapacity"]),
      maxCapacity: Number(one("aws:appautoscaling/target:Target").inputs["maxCapacity"]),
    },
    queues: ofType("aws:sqs/queue:Queue").map((queue) => String(stateOf(queue).state["name"])),
    bucket: stateOf(one("aws:s3/bucket:Bucket")).id,
    uploads: ofType("aws:s3/bucketNotification:BucketNotification").flatMap(({ inputs }) =>
      (inputs["lambdaFunctions"] as Fields[]).map(({ filterPrefix, lambdaFunctionArn }) => ({
        prefix: String(filterPrefix),
        functionArn: String(lambdaFunctionArn),
      })),
    ),
    schedules: schedulesOf(resources),
    jobsTopicArn: stateOf(
      one("aws:sns/topic:Topic") && (ofType("aws:sns/topic:Topic").find(({ name }) => name.endsWith("-jobs")) as Registered),
    ).id,
  };
}

function deadLetterArnIn(redrivePolicy: unknown): string | undefined {
  if (typeof redrivePolicy !== "string") return undefined;
  return (JSON.parse(redrivePolicy) as { deadLetterTargetArn: string }).deadLetterTargetArn;
}

/** Functions are named by name or ARN. */
function nameIn(reference: unknown): string {
  return String(reference).split(":").at(-1) as string;
}

async function functionOf(resource: Registered, { state }: { state: Fields }, retry: Fields | undefined): Promise<FunctionDefinition> {
  const { inputs } = resource;
  const name = resource.name.slice(serviceName.length + 1);
  const variables = ((inputs["environment"] as Fields | undefined)?.["variables"] ?? {}) as Record<string, string>;
  const destination = ((retry?.["destinationConfig"] as Fields | undefined)?.["onFailure"] as Fields | undefined)?.["destination"];
  return {
    name,
    arn: String(state["arn"]),
    text: await textOf(inputs["code"]),
    environment: { ...variables, AWS_LAMBDA_FUNCTION_NAME: name },
    timeoutSeconds: Number(inputs["timeout"]),
    maximumRetryAttempts: Number(retry?.["maximumRetryAttempts"] ?? 2),
    onFailureArn: destination as string | undefined,
  };
}

async function textOf(code: unknown): Promise<string> {
  const files = await (code as pulumi.asset.AssetArchive).assets;
  const names = Object.keys(files);
  if (names.join() !== "__index.js") throw new Error(`an archive with ${names.join(", ")}: the simulator runs one file`);
  return (files["__index.js"] as pulumi.asset.StringAsset).text;
}

function tableOf({ id, state }: { id: string; state: Fields }): TableDefinition {
  const indexes = state["globalSecondaryIndexes"] as Fields[];
  return {
    TableName: id,
    AttributeDefinitions: (state["attributes"] as Fields[]).map(({ name, type }) => ({
      AttributeName: String(name),
      AttributeType: String(type),
    })),
    KeySchema: [{ AttributeName: String(state["hashKey"]), KeyType: "HASH" }],
    GlobalSecondaryIndexes: indexes.map((index) => ({
      IndexName: String(index["name"]),
      KeySchema: (index["keySchemas"] as Fields[]).map(({ attributeName, keyType }) => ({
        AttributeName: String(attributeName),
        KeyType: String(keyType),
      })),
      Projection: {
        ProjectionType: String(index["projectionType"]),
        ...(index["nonKeyAttributes"] === undefined ? {} : { NonKeyAttributes: index["nonKeyAttributes"] as string[] }),
      },
    })),
  };
}

function endpointOf({ inputs }: Registered, name: string): EndpointDefinition {
  const { outputConfig, clientConfig } = inputs["asyncInferenceConfig"] as Record<string, Fields>;
  const [variant] = inputs["productionVariants"] as Fields[];
  const { successTopic, errorTopic } = (outputConfig?.["notificationConfig"] ?? {}) as Record<string, string | undefined>;
  const config: AcceptedInvocation["config"] = {
    OutputConfig: {
      S3OutputPath: String(outputConfig?.["s3OutputPath"]).replace(/\/$/, ""),
      S3FailurePath: String(outputConfig?.["s3FailurePath"]).replace(/\/$/, ""),
      NotificationConfig: { SuccessTopic: successTopic, ErrorTopic: errorTopic },
    },
  };
  return {
    name,
    region,
    instances: Number(variant?.["initialInstanceCount"]),
    concurrentInvocations: Number(clientConfig?.["maxConcurrentInvocationsPerInstance"] ?? 4),
    config,
  };
}

/** EventBridge's schedules of either kind: a rule with a target, or a schedule of its own. */
function schedulesOf(resources: readonly Registered[]): Deployment["schedules"] {
  const everySeconds = (expression: unknown) => {
    const [, count, unit] = /^rate\((\d+) (minute|hour)s?\)$/.exec(String(expression)) ?? [];
    if (count === undefined) throw new Error(`a schedule of ${String(expression)}: the simulator knows rate(n minutes)`);
    return Number(count) * (unit === "hour" ? 3600 : 60);
  };
  const rules = resources.filter(({ type }) => type === "aws:cloudwatch/eventRule:EventRule");
  return resources.flatMap(({ type, inputs }) => {
    if (type === "aws:scheduler/schedule:Schedule") {
      const { arn, input } = inputs["target"] as Fields;
      return [{ functionArn: String(arn), everySeconds: everySeconds(inputs["scheduleExpression"]), input: input as string | undefined }];
    }
    if (type !== "aws:cloudwatch/eventTarget:EventTarget") return [];
    const rule = rules.find((candidate) =>
      [
        candidate.name,
        awsState(candidate.type, candidate.name, candidate.inputs).id,
        awsState(candidate.type, candidate.name, candidate.inputs).state["name"],
      ].includes(String(inputs["rule"])),
    );
    if (!rule) throw new Error(`no rule ${String(inputs["rule"])}`);
    return [
      {
        functionArn: String(inputs["arn"]),
        everySeconds: everySeconds(rule.inputs["scheduleExpression"]),
        input: inputs["input"] as string | undefined,
      },
    ];
  });
}

/** Where the doubles live. */
export const place = { region, accountId };
