import type { AsyncInferenceOutputConfig } from "@aws-sdk/client-sagemaker";
import { contractVersion, type AsyncInferenceOutputs } from "../../outputs";
import type { EmbeddedCloud } from "../embeddedCloud";
import type { FunctionDefinition } from "../lambda/definition";

/** A service that Pulumi or Terraform made over AWS's own APIs: nobody here has its outputs, so they follow from what it consists of. */
export interface FoundService {
  /** Of its endpoint. */
  name: string;
  outputs: AsyncInferenceOutputs;
  /** What it consists of, as far as its functions name it. */
  resources: string[];
}

type Cloud = Pick<EmbeddedCloud, "endpointUrl" | "region" | "accountId" | "functions">;

/** What the environments of a service's functions say: those of submit, floor, result, sweep, inbox and batch together. */
interface ServiceSettings {
  jobTableName: string;
  jobsTopicArn: string;
  endpointName: string;
  bucketName: string;
  inputPrefix: string;
  outputPrefix: string;
  inboxPrefix?: string;
  engineRoleArn?: string;
  formerInputPrefixes?: string[];
  formerInboxPrefixes?: string[];
  variantName: string;
  minCapacity: number;
  maxCapacity: number;
  maxConcurrentInvocationsPerInstance: number;
  invocationTimeoutSeconds: number;
  requestTtlSeconds: number;
  onDoubt: string;
  maxAttempts: number;
  maxOpenJobs: number;
  retentionDays: number;
  allowedInputBuckets: string[];
  /** Only of a service that exports spans. */
  traceSamplePercent?: number;
  /** Of its tracing function alone, which knows no table. */
  traceEndpoint?: string;
  /** Of its bus function alone. */
  eventBusName?: string;
  /** Of the functions of its webhooks alone. */
  secretsParameterName?: string;
}

interface Parts {
  settings: ServiceSettings;
  submit: FunctionDefinition;
  result: FunctionDefinition;
  sweep: FunctionDefinition;
  floor: FunctionDefinition;
  inbox: FunctionDefinition | undefined;
  tracing: FunctionDefinition | undefined;
  batch: FunctionDefinition | undefined;
  bus: FunctionDefinition | undefined;
  tasks: FunctionDefinition | undefined;
  webhooks: FunctionDefinition[];
}

/** Functions that were made over the API, by their service's job table. */
function partsOf(functions: readonly FunctionDefinition[]): Parts[] {
  const byTable = new Map<
    string,
    { definition: FunctionDefinition; settings: Partial<ServiceSettings> & { floorFunctionName?: string } }[]
  >();
  for (const definition of functions) {
    if (definition.programDirectory !== undefined) continue;
    const settings = settingsOf(definition);
    if (settings.jobTableName === undefined) continue;
    byTable.set(settings.jobTableName, [...(byTable.get(settings.jobTableName) ?? []), { definition, settings }]);
  }
  return [...byTable.values()].flatMap((group) => {
    const one = (is: (settings: (typeof group)[number]["settings"]) => boolean) => group.find(({ settings }) => is(settings))?.definition;
    const batch = one(({ engineRoleArn }) => engineRoleArn !== undefined);
    const submit = one(
      ({ floorFunctionName, inboxPrefix, engineRoleArn }) =>
        floorFunctionName !== undefined && inboxPrefix === undefined && engineRoleArn === undefined,
    );
    const inbox = one(({ inboxPrefix }) => inboxPrefix !== undefined);
    const floor = one(({ maxCapacity }) => maxCapacity !== undefined);
    const sweep = one(({ formerInputPrefixes }) => formerInputPrefixes !== undefined);
    const result = one((settings) => settings.jobsTopicArn !== undefined && settings.inputPrefix === undefined);
    // Half of a service is one that is being made.
    if (!submit || !floor || !sweep || !result) return [];
    const settings = Object.assign({}, ...group.map((each) => each.settings)) as ServiceSettings;
    const others = functions.filter((each) => settingsOf(each).endpointName === settings.endpointName);
    const tracing = others.find((each) => settingsOf(each).traceEndpoint !== undefined);
    const bus = others.find((each) => settingsOf(each).eventBusName !== undefined);
    const webhooks = others.filter((each) => settingsOf(each).secretsParameterName !== undefined);
    // It knows the jobs and no more.
    const tasks = one(({ jobsTopicArn, maxCapacity }) => jobsTopicArn === undefined && maxCapacity === undefined);
    return [{ settings, submit, result, sweep, floor, inbox, batch, tracing, bus, tasks, webhooks }];
  });
}

function settingsOf({ variables }: FunctionDefinition): Partial<ServiceSettings> {
  try {
    return (JSON.parse(variables["SETTINGS"] ?? "{}") ?? {}) as Partial<ServiceSettings>;
  } catch {
    // Some other program's variable of that name.
    return {};
  }
}

/** Whether a function is of such a service. Looked up again only once the cloud's functions have changed: each line that one prints asks. */
export function foundFunctions(cloud: Pick<Cloud, "functions">): (name: string) => boolean {
  let seen: string | undefined;
  let found = new Set<string>();
  return (name) => {
    const functions = cloud.functions();
    const state = stateOf(functions);
    if (state !== seen) {
      const own = partsOf(functions).flatMap(({ settings: _, webhooks, ...parts }) => [...Object.values(parts), ...webhooks]);
      found = new Set(own.flatMap((definition) => (definition === undefined ? [] : [definition.name])));
      seen = state;
    }
    return found.has(name);
  };
}

/** What changes when a service is made, changed or deleted. */
export function stateOf(functions: readonly FunctionDefinition[]): string {
  return functions
    .flatMap(({ arn, revisionId, programDirectory }) => (programDirectory === undefined ? `${arn} ${revisionId}` : []))
    .join();
}

/** The services of a cloud that were made over the API, and are whole; those that are being made or deleted are left out. */
export async function foundServices(cloud: Cloud): Promise<FoundService[]> {
  const parts = partsOf(cloud.functions());
  if (parts.length === 0) return [];
  const [sageMakerLibrary, lambdaLibrary] = await Promise.all([import("@aws-sdk/client-sagemaker"), import("@aws-sdk/client-lambda")]);
  const aws = { endpoint: cloud.endpointUrl, region: cloud.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };
  const sageMaker = new sageMakerLibrary.SageMakerClient(aws);
  const lambda = new lambdaLibrary.LambdaClient(aws);

  const describe = async ({ settings: { endpointName: EndpointName }, submit }: Parts): Promise<Described> => {
    const { EndpointConfigName } = await sageMaker.send(new sageMakerLibrary.DescribeEndpointCommand({ EndpointName }));
    const config = await sageMaker.send(new sageMakerLibrary.DescribeEndpointConfigCommand({ EndpointConfigName }));
    const ModelName = config.ProductionVariants?.[0]?.ModelName;
    const model = await sageMaker.send(new sageMakerLibrary.DescribeModelCommand({ ModelName }));
    const invoke = await lambda.send(new lambdaLibrary.GetFunctionEventInvokeConfigCommand({ FunctionName: submit.name }));
    return {
      endpointConfigName: EndpointConfigName ?? "",
      modelName: ModelName ?? "",
      executionRoleArn: model.ExecutionRoleArn ?? "",
      written: config.AsyncInferenceConfig?.OutputConfig,
      deadLetterQueueArn: invoke.DestinationConfig?.OnFailure?.Destination ?? "",
    };
  };
  try {
    const found = await Promise.allSettled(parts.map(async (each) => serviceOf(cloud, each, await describe(each))));
    return found.flatMap((each) => (each.status === "fulfilled" ? [each.value] : []));
  } finally {
    sageMaker.destroy();
    lambda.destroy();
  }
}

/** What the API says of a service beyond its functions. */
interface Described {
  endpointConfigName: string;
  modelName: string;
  executionRoleArn: string;
  /** Where results go, and who hears of them. */
  written: AsyncInferenceOutputConfig | undefined;
  deadLetterQueueArn: string;
}

function serviceOf(cloud: Cloud, parts: Parts, described: Described): FoundService {
  const { settings, submit, result, sweep, floor, inbox, batch, tracing, bus, tasks, webhooks } = parts;
  const { endpointName, bucketName, jobTableName } = settings;
  const { written, deadLetterQueueArn, ...named } = described;
  const outputs: AsyncInferenceOutputs = {
    contractVersion,
    region: cloud.region,
    accountId: cloud.accountId,
    partition: "aws",
    endpointName,
    variantName: settings.variantName,
    ...named,
    ...storageOf(parts, written),
    successTopicArn: written?.NotificationConfig?.SuccessTopic ?? "",
    errorTopicArn: written?.NotificationConfig?.ErrorTopic ?? "",
    jobsTopicArn: settings.jobsTopicArn,
    // Alarms are shown by what they watch.
    alarmTopicArn: "",
    jobTableName,
    jobTableArn: `arn:aws:dynamodb:${cloud.region}:${cloud.accountId}:table/${jobTableName}`,
    kmsKeyArn: submit.kmsKeyArn ?? "",
    formerKmsKeyArns: "",
    submitFunctionName: submit.name,
    submitFunctionArn: submit.arn,
    resultFunctionName: result.name,
    resultLogGroupName: result.logGroup,
    sweepFunctionName: sweep.name,
    floorFunctionArn: floor.arn,
    tracingFunctionArn: tracing?.arn ?? "",
    busFunctionArn: bus?.arn ?? "",
    tasksFunctionArn: tasks?.arn ?? "",
    webhookFunctionArns: webhooks.map(({ name, arn }) => `${webhookNameIn(name)}=${arn}`).join(),
    batchFunctionArn: batch?.arn ?? "",
    batchRoleArn: settings.engineRoleArn ?? "",
    deadLetterQueueUrl: `${cloud.endpointUrl}/${cloud.accountId}/${deadLetterQueueArn.split(":").at(-1) ?? ""}`,
    deadLetterQueueArn,
    ...limitsOf(settings),
  };
  const functions = [submit, result, sweep, floor, inbox, batch, tracing, bus, tasks, ...webhooks]
    .flatMap((part) => part ?? [])
    .map(({ name }) => `function ${name}`);
  const resources = [`endpoint ${endpointName}`, `bucket ${bucketName}`, `table ${jobTableName}`, `queue ${deadLetterQueueArn}`];
  return { name: endpointName, outputs, resources: [...resources, ...functions] };
}

/** The webhook's own name in that of its function: `<service>-webhook-<name>`, and what makes it unique. */
function webhookNameIn(functionName: string): string {
  return /-webhook-(.+?)(?:-[0-9a-f]{7,})?$/.exec(functionName)?.[1] ?? functionName;
}

function storageOf({ settings, inbox }: Parts, written: AsyncInferenceOutputConfig | undefined) {
  const { bucketName, inputPrefix, outputPrefix, inboxPrefix, formerInputPrefixes, formerInboxPrefixes } = settings;
  const former = (kind: string, prefixes: readonly string[] = []) => prefixes.map((prefix) => `${kind}:${prefix}`);
  return {
    bucketName,
    bucketArn: `arn:aws:s3:::${bucketName}`,
    inputPrefix,
    outputPrefix,
    failurePrefix: `${(written?.S3FailurePath ?? "").replace(/^s3:\/\/[^/]+\//, "").replace(/\/$/, "")}/`,
    // Without the inbox function nothing is read there.
    inboxPrefix: inboxPrefix ?? "inbox/",
    formerPrefixes: [...former("input", formerInputPrefixes), ...former("inbox", formerInboxPrefixes)].join(),
    inboxEnabled: inbox !== undefined,
    inboxFunctionArn: inbox?.arn ?? "",
  };
}

function limitsOf(settings: ServiceSettings) {
  return {
    minCapacity: settings.minCapacity,
    maxCapacity: settings.maxCapacity,
    invocationTimeoutSeconds: settings.invocationTimeoutSeconds,
    requestTtlSeconds: settings.requestTtlSeconds,
    maxOpenJobs: settings.maxOpenJobs,
    onDoubt: settings.onDoubt,
    maxAttempts: settings.maxAttempts,
    jobRetentionDays: settings.retentionDays,
    inputBuckets: settings.allowedInputBuckets.join(),
    maxConcurrentInvocationsPerInstance: settings.maxConcurrentInvocationsPerInstance,
    traceSamplePercent: settings.traceSamplePercent ?? 0,
  };
}
