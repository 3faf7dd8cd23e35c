import * as z from "zod";

const roleArn = z.string().regex(/^arn:aws[a-z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/);
const name = z.string().regex(/^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$/);
const s3Uri = z.string().regex(/^s3:\/\/([^/]+)\/?(.*)$/);
const tag = z.strictObject({ Key: z.string().min(1).max(128), Value: z.string().max(256) });
const tags = z.array(tag).max(50).optional();
const vpcConfig = z.strictObject({ SecurityGroupIds: z.array(z.string()), Subnets: z.array(z.string()) });

/** What the API takes but this cloud or asynchronous inference does not: refused by name, with the service's own code. */
const refused = z.unknown().optional();

const containerDefinition = z.strictObject({
  ContainerHostname: z.string().optional(),
  Image: z.string(),
  ImageConfig: z.strictObject({ RepositoryAccessMode: z.enum(["Platform", "Vpc"]) }).optional(),
  Mode: z.enum(["SingleModel", "MultiModel"]).optional(),
  ModelDataUrl: z.string().optional(),
  ModelDataSource: z
    .strictObject({
      S3DataSource: z.strictObject({
        S3Uri: s3Uri,
        S3DataType: z.enum(["S3Prefix", "S3Object"]),
        CompressionType: z.enum(["None", "Gzip"]),
        ModelAccessConfig: z.strictObject({ AcceptEula: z.boolean() }).optional(),
      }),
    })
    .optional(),
  Environment: z.record(z.string(), z.string()).optional(),
});

/** CreateModel. Image and model data are recorded; what serves is the program's `local:modelCommand`. */
export const createModelInput = z.strictObject({
  ModelName: name,
  PrimaryContainer: containerDefinition.optional(),
  Containers: refused,
  InferenceExecutionConfig: refused,
  ExecutionRoleArn: roleArn,
  VpcConfig: vpcConfig.optional(),
  EnableNetworkIsolation: z.boolean().optional(),
  Tags: tags,
});

const productionVariant = z.strictObject({
  VariantName: name,
  ModelName: name,
  InstanceType: z.string().regex(/^ml\.[a-z0-9-]+\.[a-z0-9-]+$/),
  InitialInstanceCount: z.number().int().min(1),
  InitialVariantWeight: z.number().min(0).optional(),
  VolumeSizeInGB: z.number().int().min(1).max(512).optional(),
  ModelDataDownloadTimeoutInSeconds: z.number().int().min(60).max(3600).optional(),
  ContainerStartupHealthCheckTimeoutInSeconds: z.number().int().min(60).max(3600).optional(),
  InferenceAmiVersion: z.string().optional(),
  EnableSSMAccess: z.boolean().optional(),
  RoutingConfig: z.strictObject({ RoutingStrategy: z.enum(["LEAST_OUTSTANDING_REQUESTS", "RANDOM"]) }).optional(),
  ServerlessConfig: refused,
  ManagedInstanceScaling: refused,
  AcceleratorType: refused,
  CoreDumpConfig: refused,
});

const asyncInferenceConfig = z.strictObject({
  ClientConfig: z.strictObject({ MaxConcurrentInvocationsPerInstance: z.number().int().min(1).max(1000).optional() }).optional(),
  OutputConfig: z.strictObject({
    KmsKeyId: z.string().optional(),
    S3OutputPath: s3Uri,
    S3FailurePath: s3Uri.optional(),
    NotificationConfig: z
      .strictObject({
        SuccessTopic: z.string().optional(),
        ErrorTopic: z.string().optional(),
        IncludeInferenceResponseIn: z
          .array(z.enum(["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"]))
          .max(2)
          .optional(),
      })
      .optional(),
  }),
});

/** CreateEndpointConfig. */
export const createEndpointConfigInput = z.strictObject({
  EndpointConfigName: name,
  ProductionVariants: z.array(productionVariant),
  AsyncInferenceConfig: asyncInferenceConfig.optional(),
  KmsKeyId: z.string().optional(),
  ExecutionRoleArn: roleArn.optional(),
  Tags: tags,
  DataCaptureConfig: refused,
  ShadowProductionVariants: refused,
  ExplainerConfig: refused,
});

const capacitySize = z.strictObject({ Type: z.enum(["INSTANCE_COUNT", "CAPACITY_PERCENT"]), Value: z.number().int().min(1) });
const waitSeconds = z.number().int().min(0).max(3600);
const executionTimeoutSeconds = z.number().int().min(600).max(28800).optional();

const trafficRouting = z
  .strictObject({
    Type: z.enum(["ALL_AT_ONCE", "CANARY", "LINEAR"]),
    WaitIntervalInSeconds: waitSeconds,
    CanarySize: capacitySize.optional(),
    LinearStepSize: capacitySize.optional(),
  })
  .refine(({ Type, CanarySize }) => (Type === "CANARY") === (CanarySize !== undefined), "CanarySize goes with the type CANARY")
  .refine(({ Type, LinearStepSize }) => (Type === "LINEAR") === (LinearStepSize !== undefined), "LinearStepSize goes with the type LINEAR");

const deploymentConfig = z
  .strictObject({
    BlueGreenUpdatePolicy: z
      .strictObject({
        TrafficRoutingConfiguration: trafficRouting,
        TerminationWaitInSeconds: waitSeconds.optional(),
        MaximumExecutionTimeoutInSeconds: executionTimeoutSeconds,
      })
      .optional(),
    RollingUpdatePolicy: z
      .strictObject({
        MaximumBatchSize: capacitySize,
        WaitIntervalInSeconds: waitSeconds,
        MaximumExecutionTimeoutInSeconds: executionTimeoutSeconds,
        RollbackMaximumBatchSize: capacitySize.optional(),
      })
      .optional(),
    AutoRollbackConfiguration: z
      .strictObject({
        Alarms: z
          .array(z.strictObject({ AlarmName: z.string().min(1).max(255) }))
          .min(1)
          .max(10),
      })
      .optional(),
  })
  .refine(
    ({ BlueGreenUpdatePolicy, RollingUpdatePolicy }) => !BlueGreenUpdatePolicy || !RollingUpdatePolicy,
    "only one update policy can be used",
  );

/** CreateEndpoint. */
export const createEndpointInput = z.strictObject({
  EndpointName: name,
  EndpointConfigName: name,
  DeploymentConfig: deploymentConfig.optional(),
  Tags: tags,
});

/** UpdateEndpoint. */
export const updateEndpointInput = z.strictObject({
  EndpointName: name,
  EndpointConfigName: name,
  DeploymentConfig: deploymentConfig.optional(),
  /** Whether the instance count stays, in place of InitialInstanceCount. */
  RetainAllVariantProperties: z.boolean().optional(),
  RetainDeploymentConfig: z.boolean().optional(),
});

const tagged = { ResourceArn: z.string().regex(/^arn:/, "must be an ARN") };

/** AddTags. */
export const addTagsInput = z.strictObject({ ...tagged, Tags: z.array(tag).max(50) });

/** DeleteTags. */
export const deleteTagsInput = z.strictObject({ ...tagged, TagKeys: z.array(z.string()).min(1).max(50) });

/** ListTags: a resource has at most 50, which is the smallest page, so that no token leads anywhere. */
export const listTagsInput = z.strictObject({
  ...tagged,
  MaxResults: z.number().int().min(50).optional(),
  NextToken: z.string().optional(),
});

/** UpdateEndpointWeightsAndCapacities. */
export const updateCapacitiesInput = z.strictObject({
  EndpointName: name,
  DesiredWeightsAndCapacities: z
    .array(
      z.strictObject({ VariantName: name, DesiredInstanceCount: z.number().int().min(0), DesiredWeight: z.number().min(0).optional() }),
    )
    .min(1),
});

/** Seconds since the epoch. Comes to milliseconds. */
const time = z
  .number()
  .transform((seconds) => seconds * 1000)
  .optional();

/** ListModels and ListEndpointConfigs: the newest first by default, as the service has it. */
export const listNamedInput = z.strictObject({
  NameContains: z.string().max(63).optional(),
  CreationTimeAfter: time,
  CreationTimeBefore: time,
  SortBy: z.enum(["Name", "CreationTime"]).default("CreationTime"),
  SortOrder: z.enum(["Ascending", "Descending"]).default("Descending"),
  MaxResults: z.number().int().min(1).max(100).optional(),
  NextToken: z.string().optional(),
});

/** ListEndpoints. */
export const listEndpointsInput = listNamedInput.extend({
  SortBy: z.enum(["Name", "CreationTime", "Status"]).default("CreationTime"),
  StatusEquals: z.string().optional(),
  LastModifiedTimeAfter: time,
  LastModifiedTimeBefore: time,
});

export type CreateModelInput = z.infer<typeof createModelInput>;
export type CreateEndpointConfigInput = z.infer<typeof createEndpointConfigInput>;
export type CreateEndpointInput = z.infer<typeof createEndpointInput>;
export type UpdateEndpointInput = z.infer<typeof updateEndpointInput>;
export type ProductionVariant = z.infer<typeof productionVariant>;
export type AsyncInferenceConfig = z.infer<typeof asyncInferenceConfig>;
export type DeploymentConfig = z.infer<typeof deploymentConfig>;
export type ContainerDefinition = z.infer<typeof containerDefinition>;
