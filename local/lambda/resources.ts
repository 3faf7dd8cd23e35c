import * as fs from "node:fs/promises";
import * as path from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { isoNow } from "../clock";
import { isDenial } from "../identity/denials";
import { functionNetworkNeeds, type Network } from "../network";
import type { CloudContext } from "../ports";
import { recorded } from "../recorded";
import { autoName, type Registration, type ResourceType, resourceType } from "../resources";
import { ServiceError } from "../wire";
import { type AssetOrArchive, isArchive, writeArchive } from "./archive";
import type { EventInvokeSettings, FunctionDefinition, InvokePermission } from "./definition";
import { destinationService } from "./destinations";

const tags = z.record(z.string(), z.string());

/** What a function's own variables can't be called. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
const reservedVariables = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_DEFAULT_REGION",
  "AWS_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "AWS_LAMBDA_RUNTIME_API",
  "LAMBDA_TASK_ROOT",
  "LAMBDA_RUNTIME_DIR",
]);

/** Total of the variables' names and values. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const variablesLimitBytes = 4096;

/** What encrypting variables under a customer's key takes; the function itself reads them by a grant. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html */
const keyUses = ["Encrypt", "CreateGrant"];

const variables = tags.superRefine((record, context) => {
  const reserved = Object.keys(record).filter((name) => reservedVariables.has(name));
  if (reserved.length > 0) context.addIssue({ code: "custom", message: `${reserved.join(", ")}: reserved by Lambda; use other names` });
  const bytes = Buffer.byteLength(Object.entries(record).flat().join(""));
  if (bytes > variablesLimitBytes) context.addIssue({ code: "custom", message: `${bytes} bytes; Lambda takes ${variablesLimitBytes}` });
});

const functionSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-zA-Z0-9-_]{1,64}$/)
    .optional(),
  description: z.string().max(256).default(""),
  code: z.custom<AssetOrArchive>(isArchive, "the embedded cloud takes an AssetArchive, or a FileArchive of a folder"),
  packageType: z.literal("Zip").optional(),
  handler: z.string().max(128),
  runtime: z.enum(["nodejs20.x", "nodejs22.x", "nodejs24.x"]),
  role: z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/.+$/),
  timeout: z.int().min(1).max(900).default(3),
  memorySize: z.int().min(128).max(10_240).default(128),
  environment: z.strictObject({ variables: variables.optional() }).optional(),
  architectures: z.tuple([z.enum(["x86_64", "arm64"])]).default(["x86_64"]),
  loggingConfig: z.strictObject({ logFormat: z.literal("Text"), logGroup: z.string().optional() }).optional(),
  reservedConcurrentExecutions: z
    .int()
    .refine((count) => count === -1 || count >= 1, "the embedded cloud takes -1 (unreserved) or at least 1")
    .default(-1),
  publish: z.literal(false).optional(),
  tracingConfig: z.strictObject({ mode: z.literal("PassThrough") }).optional(),
  ephemeralStorage: z.strictObject({ size: z.literal(512) }).optional(),
  kmsKeyArn: recorded.kmsKey,
  vpcConfig: recorded.network,
  tags: tags.default({}),
});

const permissionSchema = z.strictObject({
  // Actions are the same in any case: Pulumi's `onEvent` of a topic says `lambda:invokeFunction`.
  action: z.string().regex(/^lambda:(InvokeFunction|\*)$/i, "the embedded cloud takes lambda:InvokeFunction or lambda:*"),
  function: z.string(),
  principal: z.string(),
  sourceArn: z.string().optional(),
  sourceAccount: z.string().optional(),
  statementId: z.string().optional(),
  statementIdPrefix: z.string().optional(),
});

const destination = z
  .strictObject({ destination: z.string().refine(destinationService, "the embedded cloud takes the ARN of a queue, topic or function") })
  .optional();

const eventInvokeSchema = z.strictObject({
  functionName: z.string(),
  qualifier: z.literal("$LATEST").optional(),
  maximumRetryAttempts: z.int().min(0).max(2).default(2),
  maximumEventAgeInSeconds: z.int().min(60).max(21_600).default(21_600),
  destinationConfig: z.strictObject({ onSuccess: destination, onFailure: destination }).optional(),
});

/** Where the resource types put what they create. */
export interface FunctionRegistry {
  find(nameOrArn: string): FunctionDefinition;
  /** Throws when the name is taken. */
  add(definition: FunctionDefinition): void;
  /** Puts another code or configuration in the place of a function's: what runs goes on with the old one. */
  replace(definition: FunctionDefinition): void;
  permit(permission: InvokePermission): void;
  configureEvents(definition: FunctionDefinition, settings: EventInvokeSettings): void;
}

/** `aws:lambda` resource types of the embedded cloud. */
export function lambdaResources(context: CloudContext, registry: FunctionRegistry): Record<string, ResourceType> {
  const { region, accountId } = context;

  /** Writes the code, and checks what Lambda checks of the rest. */
  async function define({ inputs, program }: Registration<z.infer<typeof functionSchema>>, name: string, directory: string) {
    const { codeSha256, sizeBytes } = await writeArchive(inputs.code, directory, program.directory);
    const arn = `arn:aws:lambda:${region}:${accountId}:function:${name}`;
    requireAssumable(context, inputs.role, arn);
    context.access.requireKeyOfDeployer("lambda", inputs.kmsKeyArn, keyUses);
    if (inputs.vpcConfig !== undefined) requireNetwork(context, inputs.role, name, inputs.vpcConfig);
    const logGroup = inputs.loggingConfig?.logGroup ?? `/aws/lambda/${name}`;
    const definition: FunctionDefinition = {
      name,
      arn,
      description: inputs.description,
      handler: inputs.handler,
      runtime: inputs.runtime,
      roleArn: inputs.role,
      timeoutSeconds: inputs.timeout,
      memoryMegabytes: inputs.memorySize,
      variables: inputs.environment?.variables ?? {},
      architecture: inputs.architectures[0],
      logGroup,
      reservedConcurrency: inputs.reservedConcurrentExecutions === -1 ? undefined : inputs.reservedConcurrentExecutions,
      tags: inputs.tags,
      taskRoot: await fs.realpath(directory),
      programDirectory: program.directory,
      codeSha256,
      codeSizeBytes: sizeBytes,
      lastModified: isoNow(context.clock),
    };
    const invokeArn = `arn:aws:apigateway:${region}:lambda:path/2015-03-31/functions/${arn}/invocations`;
    const state = {
      ...inputs,
      name,
      arn,
      invokeArn,
      qualifiedArn: `${arn}:$LATEST`,
      version: "$LATEST",
      lastModified: definition.lastModified,
      codeSha256,
      sourceCodeHash: codeSha256,
      sourceCodeSize: sizeBytes,
      packageType: "Zip",
      loggingConfig: { logFormat: "Text", logGroup },
      tracingConfig: { mode: "PassThrough" },
      ephemeralStorage: { size: 512 },
      tagsAll: inputs.tags,
    };
    return { definition, created: { id: name, state } };
  }

  const folder = path.join(context.workDirectory, "functions");
  return {
    "aws:lambda/function:Function": resourceType(
      functionSchema,
      async (registration) => {
        const name = registration.inputs.name ?? autoName(registration.name);
        const { definition, created } = await define(registration, name, path.join(folder, name));
        registry.add(definition);
        return created;
      },
      async (registration, { id }) => {
        const { name = id } = registration.inputs;
        if (name !== id) throw new Error(`its name changed from ${id} to ${name}, which needs a new cloud`);
        // Environments that run the old code go on to read its files.
        const directory = path.join(folder, `${name}.${crypto.randomUUID()}`);
        const { definition, created } = await define(registration, name, directory);
        if (!isDeepStrictEqual(comparable(registry.find(name)), comparable(definition))) {
          registry.replace(definition);
          return created;
        }
        await fs.rm(directory, { recursive: true });
        return undefined;
      },
    ),

    "aws:lambda/permission:Permission": resourceType(permissionSchema, async ({ name, inputs }) => {
      const { arn } = registry.find(inputs.function);
      const { action, principal, sourceArn, sourceAccount } = inputs;
      const statementId = inputs.statementId ?? autoName(inputs.statementIdPrefix ?? name);
      registry.permit({ statementId, functionArn: arn, action, principal, sourceArn, sourceAccount });
      return { id: statementId, state: { ...inputs, statementId } };
    }),

    "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": resourceType(eventInvokeSchema, async ({ inputs }) => {
      const definition = registry.find(inputs.functionName);
      for (const { destination: arn } of Object.values(inputs.destinationConfig ?? {}).flatMap((each) => each ?? [])) {
        requireSendable(context, definition, arn);
      }
      registry.configureEvents(definition, {
        maximumRetryAttempts: inputs.maximumRetryAttempts,
        maximumEventAgeSeconds: inputs.maximumEventAgeInSeconds,
        onSuccess: inputs.destinationConfig?.onSuccess?.destination,
        onFailure: inputs.destinationConfig?.onFailure?.destination,
      });
      return { id: `${definition.name}:${inputs.qualifier ?? "$LATEST"}`, state: { ...inputs } };
    }),
  };
}

/** A definition without what is another one after each deployment. */
function comparable({ taskRoot: _, lastModified: __, ...definition }: FunctionDefinition) {
  return definition;
}

function requireAssumable({ access }: CloudContext, roleArn: string, functionArn: string): void {
  try {
    access.requireAssumable(roleArn, { principal: "lambda.amazonaws.com", sourceArn: functionArn });
  } catch (error) {
    if (!isDenial(error)) throw error;
    throw new ServiceError("InvalidParameterValueException", `The role defined for the function cannot be assumed by Lambda: ${roleArn}`);
  }
}

/** As Lambda does before it makes interfaces in a customer's network. */
function requireNetwork(context: CloudContext, roleArn: string, name: string, network: Network): void {
  for (const need of functionNetworkNeeds(context, network)) {
    try {
      context.access.requireRole(roleArn, name, need);
    } catch (error) {
      if (!isDenial(error)) throw error;
      const call = need.action.split(":")[1];
      throw new ServiceError(
        "InvalidParameterValueException",
        `The provided execution role does not have permissions to call ${call} on EC2`,
      );
    }
  }
}

const destinationActions = { sqs: "sqs:SendMessage", sns: "sns:Publish", lambda: "lambda:InvokeFunction" };

/** As Lambda does when a destination is configured. */
function requireSendable({ access }: CloudContext, { roleArn, name }: FunctionDefinition, destinationArn: string): void {
  const service = destinationService(destinationArn);
  if (service === undefined) return;
  const action = destinationActions[service];
  try {
    access.requireRole(roleArn, name, { action, resource: destinationArn });
  } catch (error) {
    if (!isDenial(error)) throw error;
    const call = action.split(":")[1];
    const message = `The function's execution role does not have permissions to call ${call} on ${destinationArn}`;
    throw new ServiceError("InvalidParameterValueException", message);
  }
}
