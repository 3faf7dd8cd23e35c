import * as z from "zod";
import type { CloudContext } from "../ports";
import { recorded } from "../recorded";
import { autoName, changedInputs, resourceType, updatable, type Created, type Registration, type ResourceType } from "../resources";
import { type AssetOrArchive, isArchive, writeArchive } from "./archive";
import type { EventInvokeConfig, FunctionDefinition } from "./definition";
import type { EventSource, EventSources } from "./eventSources";
import type { CodeSource, FunctionInput, Functions } from "./functions";
import * as rules from "./rules";

const functionSchema = z.strictObject({
  name: rules.functionName.optional(),
  description: rules.description.default(""),
  code: z.custom<AssetOrArchive>(isArchive, "the embedded cloud takes an AssetArchive, or a FileArchive of a folder or zip"),
  packageType: z.literal("Zip").optional(),
  handler: rules.handler,
  runtime: rules.runtime,
  role: rules.role,
  timeout: rules.timeoutSeconds.default(3),
  memorySize: rules.memoryMegabytes.default(128),
  environment: z.strictObject({ variables: rules.variables.optional() }).optional(),
  architectures: rules.architectures.default(["x86_64"]),
  loggingConfig: z.strictObject({ logFormat: z.literal("Text"), logGroup: z.string().optional() }).optional(),
  reservedConcurrentExecutions: z
    .int()
    .refine((count) => count === -1 || rules.reservedConcurrency.safeParse(count).success, "expected -1 (unreserved) or at least 0")
    .default(-1),
  publish: z.literal(false).optional(),
  tracingConfig: z.strictObject({ mode: rules.tracingMode }).optional(),
  ephemeralStorage: z.strictObject({ size: rules.ephemeralStorageMegabytes }).optional(),
  kmsKeyArn: recorded.kmsKey,
  vpcConfig: recorded.network,
  tags: rules.tags.default({}),
});
type FunctionInputs = z.infer<typeof functionSchema>;

const permissionSchema = z.strictObject({
  action: rules.permittedAction,
  function: z.string(),
  principal: z.string(),
  sourceArn: z.string().optional(),
  sourceAccount: z.string().optional(),
  statementId: z.string().optional(),
  statementIdPrefix: z.string().optional(),
});

const destination = z.strictObject({ destination: rules.destinationArn }).optional();

const eventInvokeSchema = z.strictObject({
  functionName: z.string(),
  qualifier: rules.qualifier.optional(),
  maximumRetryAttempts: rules.maximumRetryAttempts.default(2),
  maximumEventAgeInSeconds: rules.maximumEventAgeSeconds.default(21_600),
  destinationConfig: z.strictObject({ onSuccess: destination, onFailure: destination }).optional(),
});

const eventSourceSchema = z.strictObject({
  functionName: z.string(),
  eventSourceArn: rules.queueArn,
  enabled: z.boolean().default(true),
  batchSize: rules.batchSize.default(10),
  maximumBatchingWindowInSeconds: rules.batchingWindowSeconds.default(0),
  functionResponseTypes: rules.responseTypes.default([]),
  scalingConfig: z.strictObject({ maximumConcurrency: rules.maximumConcurrency.optional() }).optional(),
  tags: rules.tags.default({}),
});
type EventSourceInputs = z.infer<typeof eventSourceSchema>;

/** `aws:lambda` resource types of the embedded cloud. */
export function lambdaResources({ region }: CloudContext, functions: Functions, eventSources: EventSources): Record<string, ResourceType> {
  const created = (definition: FunctionDefinition, inputs: FunctionInputs): Created => {
    const { name, arn, lastModified, codeSha256, codeSizeBytes, logGroup } = definition;
    const state = {
      ...inputs,
      name,
      arn,
      invokeArn: `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`,
      qualifiedArn: `${arn}:$LATEST`,
      version: "$LATEST",
      lastModified,
      codeSha256,
      sourceCodeHash: codeSha256,
      sourceCodeSize: codeSizeBytes,
      packageType: "Zip",
      loggingConfig: { logFormat: "Text", logGroup },
      tracingConfig: { mode: "PassThrough" },
      ephemeralStorage: { size: 512 },
      tagsAll: inputs.tags,
    };
    return { id: name, state };
  };

  const functionType = resourceType(
    functionSchema,
    async (registration) => {
      const name = registration.inputs.name ?? autoName(registration.name);
      return created(await functions.create(inputOf(registration, name), codeOf(registration)), registration.inputs);
    },
    async (registration, { id }) => {
      const { inputs } = registration;
      const before = functions.find(id);
      const { reservedConcurrency, tags, name: _, programDirectory: __, ...configuration } = inputOf(registration, id);
      const code = await functions.stage(id, codeOf(registration));
      // What was kept over a restart has no property where this one has an undefined one.
      if (
        changedInputs({ ...before }, { ...before, ...configuration, reservedConcurrency, tags, codeSha256: code.codeSha256 }).length === 0
      ) {
        await functions.discard(code);
        return undefined;
      }
      if (before.reservedConcurrency !== reservedConcurrency) functions.reserve(id, reservedConcurrency);
      functions.setTags(id, tags);
      return created(await functions.update(id, configuration, code), inputs);
    },
    async ({ id }) => functions.delete(id),
  );

  return {
    "aws:lambda/function:Function": { ...functionType, fixed: ["name", "architectures"] },

    "aws:lambda/permission:Permission": updatable(
      resourceType(
        permissionSchema,
        async ({ name, inputs }) => {
          const statementId = inputs.statementId ?? autoName(inputs.statementIdPrefix ?? name);
          return permitted(functions, inputs, statementId);
        },
        async ({ inputs }, before) => {
          const statementId = inputs.statementId ?? before.id;
          functions.forbid(before.state["function"] as string, before.id);
          return permitted(functions, inputs, statementId);
        },
        async ({ id, state }) => functions.forbid(state["function"] as string, id),
      ),
      [],
    ),

    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": updatable(
      resourceType(
        eventInvokeSchema,
        async ({ inputs }) => configured(functions, inputs),
        async ({ inputs }) => configured(functions, inputs),
        async ({ state }) => functions.configureEvents(state["functionName"] as string, undefined),
      ),
      ["functionName"],
    ),

    "aws:lambda/eventSourceMapping:EventSourceMapping": eventSourceType(eventSources),
  };
}

function eventSourceType(sources: EventSources): ResourceType {
  const settings = (inputs: EventSourceInputs) => ({
    functionName: inputs.functionName,
    enabled: inputs.enabled,
    batchSize: inputs.batchSize,
    batchingWindowSeconds: inputs.maximumBatchingWindowInSeconds,
    reportsItemFailures: inputs.functionResponseTypes.length > 0,
    maximumConcurrency: inputs.scalingConfig?.maximumConcurrency,
  });
  const created = (source: EventSource, inputs: EventSourceInputs): Created => ({
    id: source.uuid,
    state: {
      ...inputs,
      uuid: source.uuid,
      arn: sources.arnOf(source),
      functionArn: sources.functionArnOf(source),
      state: source.enabled ? "Enabled" : "Disabled",
      tagsAll: inputs.tags,
    },
  });
  const type = resourceType(
    eventSourceSchema,
    async ({ inputs }) => created(sources.create(inputs.eventSourceArn, settings(inputs), inputs.tags), inputs),
    async ({ inputs }, { id }) => {
      sources.setTags(id, inputs.tags);
      return created(sources.update(id, settings(inputs)), inputs);
    },
    async ({ id }) => void sources.delete(id),
  );
  return updatable(type, ["eventSourceArn"]);
}

function inputOf({ inputs, program }: Registration<FunctionInputs>, name: string): FunctionInput {
  return {
    name,
    description: inputs.description,
    handler: inputs.handler,
    runtime: inputs.runtime,
    roleArn: inputs.role,
    timeoutSeconds: inputs.timeout,
    memoryMegabytes: inputs.memorySize,
    variables: inputs.environment?.variables ?? {},
    architecture: inputs.architectures[0],
    logGroup: inputs.loggingConfig?.logGroup ?? `/aws/lambda/${name}`,
    kmsKeyArn: inputs.kmsKeyArn,
    network: inputs.vpcConfig,
    reservedConcurrency: inputs.reservedConcurrentExecutions === -1 ? undefined : inputs.reservedConcurrentExecutions,
    tags: inputs.tags,
    programDirectory: program.directory,
  };
}

function codeOf({ inputs, program }: Registration<FunctionInputs>): CodeSource {
  return (directory) => writeArchive(inputs.code, directory, program.directory);
}

function permitted(functions: Functions, inputs: z.infer<typeof permissionSchema>, statementId: string): Created {
  const { action, principal, sourceArn, sourceAccount } = inputs;
  functions.permit(inputs.function, { statementId, action, principal, sourceArn, sourceAccount });
  return { id: statementId, state: { ...inputs, statementId } };
}

function configured(functions: Functions, inputs: z.infer<typeof eventInvokeSchema>): Created {
  const { name } = functions.find(inputs.functionName);
  const config: Omit<EventInvokeConfig, "lastModified"> = {
    maximumRetryAttempts: inputs.maximumRetryAttempts,
    maximumEventAgeSeconds: inputs.maximumEventAgeInSeconds,
    onSuccess: inputs.destinationConfig?.onSuccess?.destination,
    onFailure: inputs.destinationConfig?.onFailure?.destination,
  };
  functions.configureEvents(name, config);
  return { id: `${name}:${inputs.qualifier ?? "$LATEST"}`, state: { ...inputs } };
}
