import * as z from "zod";
import * as rules from "./rules";

/** A key that is not set is sent as an empty text. */
const kmsKeyArn = z.string().optional();
const code = {
  ZipFile: z.string().optional(),
  S3Bucket: z.string().optional(),
  S3Key: z.string().optional(),
};
const nothing = z.array(z.never("the embedded cloud takes none"));

const configuration = {
  Description: rules.description.optional(),
  Handler: rules.handler.optional(),
  Runtime: rules.runtime.optional(),
  Timeout: rules.timeoutSeconds.optional(),
  MemorySize: rules.memoryMegabytes.optional(),
  Environment: z.strictObject({ Variables: rules.variables.optional() }).optional(),
  VpcConfig: z
    .strictObject({
      SubnetIds: z.array(z.string()).optional(),
      SecurityGroupIds: z.array(z.string()).optional(),
      Ipv6AllowedForDualStack: z.literal(false).optional(),
    })
    .optional(),
  KMSKeyArn: kmsKeyArn,
  LoggingConfig: z.strictObject({ LogFormat: z.literal("Text").optional(), LogGroup: z.string().optional() }).optional(),
  TracingConfig: z.strictObject({ Mode: rules.tracingMode.optional() }).optional(),
  EphemeralStorage: z.strictObject({ Size: rules.ephemeralStorageMegabytes }).optional(),
  SnapStart: z.strictObject({ ApplyOn: z.literal("None").optional() }).optional(),
  DeadLetterConfig: z.strictObject({ TargetArn: z.literal("").optional() }).optional(),
  Layers: nothing.optional(),
  FileSystemConfigs: nothing.optional(),
};

const destination = z.strictObject({ Destination: rules.destinationArn.optional() }).optional();
const eventInvoke = {
  Qualifier: rules.qualifier.optional(),
  MaximumRetryAttempts: rules.maximumRetryAttempts.optional(),
  MaximumEventAgeInSeconds: rules.maximumEventAgeSeconds.optional(),
  DestinationConfig: z.strictObject({ OnSuccess: destination, OnFailure: destination }).optional(),
};
const eventSource = {
  BatchSize: rules.batchSize.optional(),
  Enabled: z.boolean().optional(),
  MaximumBatchingWindowInSeconds: rules.batchingWindowSeconds.optional(),
  FunctionResponseTypes: rules.responseTypes.optional(),
  ScalingConfig: z.strictObject({ MaximumConcurrency: rules.maximumConcurrency.optional() }).optional(),
};
const named = { FunctionName: z.string() };
const qualified = { ...named, Qualifier: z.string().optional() };
const page = { Marker: z.string().optional(), MaxItems: z.coerce.number().int().min(1).max(10_000).default(50) };

/** What each operation of Lambda's API takes, from path, query and body. https://docs.aws.amazon.com/lambda/latest/api/ */
export const requests = {
  CreateFunction: z.strictObject({
    ...configuration,
    FunctionName: rules.functionName,
    Role: rules.role,
    Handler: rules.handler,
    Runtime: rules.runtime,
    Code: z.strictObject(code),
    PackageType: z.literal("Zip").optional(),
    Architectures: rules.architectures.optional(),
    Publish: z.literal(false).optional(),
    Tags: rules.tags.default({}),
  }),
  UpdateFunctionConfiguration: z.strictObject({
    ...named,
    ...configuration,
    Role: rules.role.optional(),
    RevisionId: z.string().optional(),
  }),
  UpdateFunctionCode: z.strictObject({
    ...named,
    ...code,
    Architectures: rules.architectures.optional(),
    Publish: z.literal(false).optional(),
    DryRun: z.boolean().default(false),
    RevisionId: z.string().optional(),
  }),
  DeleteFunction: z.strictObject({ ...named, Qualifier: z.never().optional() }),
  GetFunction: z.strictObject(qualified),
  GetFunctionConfiguration: z.strictObject(qualified),
  GetFunctionCodeSigningConfig: z.strictObject(named),
  GetFunctionRecursionConfig: z.strictObject(named),
  GetRuntimeManagementConfig: z.strictObject(qualified),
  ListFunctions: z.strictObject({ ...page, FunctionVersion: z.literal("ALL").optional() }),
  ListVersionsByFunction: z.strictObject({ ...named, ...page }),
  ListAliases: z.strictObject({ ...named, ...page, FunctionVersion: z.string().optional() }),

  GetFunctionConcurrency: z.strictObject(named),
  PutFunctionConcurrency: z.strictObject({ ...named, ReservedConcurrentExecutions: rules.reservedConcurrency }),
  DeleteFunctionConcurrency: z.strictObject(named),

  AddPermission: z.strictObject({
    ...named,
    Qualifier: rules.qualifier.optional(),
    StatementId: z.string().regex(/^[a-zA-Z0-9-_]{1,100}$/),
    Action: rules.permittedAction,
    Principal: z.string().regex(/^[^\s]+$/),
    SourceArn: z.string().regex(/^arn:/).optional(),
    SourceAccount: z
      .string()
      .regex(/^\d{12}$/)
      .optional(),
    RevisionId: z.string().optional(),
  }),
  GetPolicy: z.strictObject(qualified),
  RemovePermission: z.strictObject({ ...qualified, StatementId: z.string(), RevisionId: z.string().optional() }),

  PutFunctionEventInvokeConfig: z.strictObject({ ...named, ...eventInvoke }),
  UpdateFunctionEventInvokeConfig: z.strictObject({ ...named, ...eventInvoke }),
  GetFunctionEventInvokeConfig: z.strictObject(qualified),
  DeleteFunctionEventInvokeConfig: z.strictObject(qualified),
  ListFunctionEventInvokeConfigs: z.strictObject({ ...named, ...page }),

  CreateEventSourceMapping: z.strictObject({ ...named, ...eventSource, EventSourceArn: rules.queueArn, Tags: rules.tags.default({}) }),
  UpdateEventSourceMapping: z.strictObject({ ...eventSource, UUID: z.string(), FunctionName: z.string().optional() }),
  GetEventSourceMapping: z.strictObject({ UUID: z.string() }),
  DeleteEventSourceMapping: z.strictObject({ UUID: z.string() }),
  ListEventSourceMappings: z.strictObject({ ...page, EventSourceArn: z.string().optional(), FunctionName: z.string().optional() }),

  ListTags: z.strictObject({ Resource: z.string() }),
  TagResource: z.strictObject({ Resource: z.string(), Tags: rules.tags }),
  UntagResource: z.strictObject({ Resource: z.string(), tagKeys: z.array(z.string()) }),
};

/** What operations take, checked. */
export type Requests = { [Operation in keyof typeof requests]: z.infer<(typeof requests)[Operation]> };
