import * as z from "zod";
import type { CloudContext } from "../ports";
import { autoName, dataSource, resourceType, updatable, type Program, type Updatable, type ServiceResources } from "../resources";
import { localSeconds } from "../stackFile";
import type { ControlPlane } from "./controlPlane";
import type { Serving } from "./deployment";
import { prebuiltImage } from "./prebuiltImages";
import { createEndpointConfigInput, createEndpointInput, createModelInput, updateEndpointInput } from "./shapes";

const tags = z.record(z.string(), z.string()).optional();
const region = z.string().optional();

const model = z.strictObject({
  name: z.string().optional(),
  executionRoleArn: z.string(),
  primaryContainer: z.strictObject({
    containerHostname: z.string().optional(),
    image: z.string(),
    imageConfig: z.strictObject({ repositoryAccessMode: z.string() }).optional(),
    mode: z.string().optional(),
    modelDataUrl: z.string().optional(),
    modelDataSource: z
      .strictObject({
        s3DataSources: z
          .array(
            z.strictObject({
              s3Uri: z.string(),
              s3DataType: z.string(),
              compressionType: z.string(),
              modelAccessConfig: z.strictObject({ acceptEula: z.boolean() }).optional(),
            }),
          )
          .length(1),
      })
      .optional(),
    environment: z.record(z.string(), z.string()).optional(),
  }),
  vpcConfig: z.strictObject({ securityGroupIds: z.array(z.string()), subnets: z.array(z.string()) }).optional(),
  enableNetworkIsolation: z.boolean().optional(),
  region,
  tags,
});

const productionVariant = z.strictObject({
  variantName: z.string().optional(),
  modelName: z.string(),
  instanceType: z.string(),
  initialInstanceCount: z.number().optional(),
  initialVariantWeight: z.number().optional(),
  volumeSizeInGb: z.number().optional(),
  modelDataDownloadTimeoutInSeconds: z.number().optional(),
  containerStartupHealthCheckTimeoutInSeconds: z.number().optional(),
  inferenceAmiVersion: z.string().optional(),
  enableSsmAccess: z.boolean().optional(),
  routingConfigs: z
    .array(z.strictObject({ routingStrategy: z.string() }))
    .max(1)
    .optional(),
});

const asyncInference = z.strictObject({
  clientConfig: z.strictObject({ maxConcurrentInvocationsPerInstance: z.number().optional() }).optional(),
  outputConfig: z.strictObject({
    kmsKeyId: z.string().optional(),
    s3OutputPath: z.string(),
    s3FailurePath: z.string().optional(),
    notificationConfig: z
      .strictObject({
        successTopic: z.string().optional(),
        errorTopic: z.string().optional(),
        includeInferenceResponseIns: z.array(z.string()).optional(),
      })
      .optional(),
  }),
});

const endpointConfiguration = z.strictObject({
  name: z.string().optional(),
  namePrefix: z.string().optional(),
  productionVariants: z.array(productionVariant),
  /** Left out: a real-time endpoint. */
  asyncInferenceConfig: asyncInference.optional(),
  executionRoleArn: z.string().optional(),
  kmsKeyArn: z.string().optional(),
  region,
  tags,
});

const capacitySize = z.strictObject({ type: z.string(), value: z.number() });

/** One of the two policies, as the provider asks for; the bounds are the API's. */
const deploymentConfig = z
  .strictObject({
    blueGreenUpdatePolicy: z
      .strictObject({
        trafficRoutingConfiguration: z.strictObject({
          type: z.string(),
          waitIntervalInSeconds: z.number(),
          canarySize: capacitySize.optional(),
          linearStepSize: capacitySize.optional(),
        }),
        terminationWaitInSeconds: z.number().optional(),
        maximumExecutionTimeoutInSeconds: z.number().min(600).max(14400).optional(),
      })
      .optional(),
    rollingUpdatePolicy: z
      .strictObject({
        maximumBatchSize: capacitySize,
        waitIntervalInSeconds: z.number(),
        maximumExecutionTimeoutInSeconds: z.number().min(600).max(14400).optional(),
        rollbackMaximumBatchSize: capacitySize.optional(),
      })
      .optional(),
    autoRollbackConfiguration: z
      .strictObject({
        alarms: z
          .array(z.strictObject({ alarmName: z.string() }))
          .min(1)
          .max(10),
      })
      .optional(),
  })
  .refine(
    ({ blueGreenUpdatePolicy, rollingUpdatePolicy }) => (blueGreenUpdatePolicy === undefined) !== (rollingUpdatePolicy === undefined),
    "expected one of blueGreenUpdatePolicy and rollingUpdatePolicy",
  );

const endpoint = z.strictObject({
  name: z.string().optional(),
  endpointConfigName: z.string(),
  deploymentConfig: deploymentConfig.optional(),
  region,
  tags,
});

/** SageMaker's resource types and data sources: the provider's names outside, the API's inside, so that one set of rules holds. */
export function sagemakerResources(context: CloudContext, plane: ControlPlane): Required<ServiceResources> {
  return {
    resources: {
      "aws:sagemaker/model:Model": updatable(modelType(context, plane), fixedInputs(model)),
      "aws:sagemaker/endpointConfiguration:EndpointConfiguration": updatable(
        endpointConfigurationType(context, plane),
        fixedInputs(endpointConfiguration),
      ),
      "aws:sagemaker/endpoint:Endpoint": updatable(endpointType(context, plane), ["name"]),
    },
    dataSources: {
      "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage": dataSource(
        "aws:sagemaker/getPrebuiltEcrImage:getPrebuiltEcrImage",
        z.strictObject({ repositoryName: z.string(), imageTag: z.string().optional(), dnsSuffix: z.string().optional(), region }),
        async (inputs) => prebuiltImage(inputs, context.region),
      ),
    },
  };
}

/** All but the tags: a change makes another resource. */
function fixedInputs({ shape }: z.ZodObject): string[] {
  return Object.keys(shape).filter((name) => name !== "tags");
}

/** What the provider adds to every resource. */
function common({ region }: CloudContext, inputs: { tags?: Record<string, string> | undefined }) {
  return { region, tagsAll: inputs.tags ?? {} };
}

/** Brings the tags of a resource to what is registered now. */
function retag(plane: ControlPlane, arn: string, tags: Record<string, string> = {}): void {
  plane.changeTags(arn, { put: tags, remove: Object.keys(plane.tags(arn)) });
}

function modelType(context: CloudContext, plane: ControlPlane): Updatable {
  return resourceType(
    model,
    async ({ name: logicalName, inputs, program }) => {
      const name = inputs.name ?? autoName(logicalName);
      const { arn } = plane.createModel(check(createModelInput, modelInput(name, inputs), logicalName), servingOf(program));
      return { id: name, state: { ...inputs, ...common(context, inputs), name, arn } };
    },
    async ({ inputs }, { id, state }) => {
      retag(plane, String(state["arn"]), inputs.tags);
      return { id, state: { ...state, ...inputs, ...common(context, inputs) } };
    },
    async ({ id }) => plane.deleteModel(id),
  );
}

function endpointConfigurationType(context: CloudContext, plane: ControlPlane): Updatable {
  return resourceType(
    endpointConfiguration,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? (inputs.namePrefix === undefined ? autoName(logicalName) : autoName(inputs.namePrefix));
      const productionVariants = inputs.productionVariants.map((variant) => ({
        ...variant,
        variantName: variant.variantName ?? autoName("variant"),
        initialVariantWeight: variant.initialVariantWeight ?? 1,
      }));
      const input = endpointConfigInput(name, { ...inputs, productionVariants });
      const { arn } = plane.createEndpointConfig(check(createEndpointConfigInput, input, logicalName));
      return { id: name, state: { ...inputs, ...common(context, inputs), productionVariants, name, arn } };
    },
    async ({ inputs: { tags } }, { id, state }) => {
      retag(plane, String(state["arn"]), tags);
      return { id, state: { ...state, ...(tags && { tags }), ...common(context, { tags }) } };
    },
    async ({ id }) => plane.deleteEndpointConfig(id),
  );
}

function endpointType(context: CloudContext, plane: ControlPlane): Updatable {
  return resourceType(
    endpoint,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(logicalName);
      const input = {
        EndpointName: name,
        EndpointConfigName: inputs.endpointConfigName,
        DeploymentConfig: pascal(inputs.deploymentConfig),
        Tags: tagList(inputs.tags),
      };
      await plane.createEndpoint(check(createEndpointInput, defined(input), logicalName)).started;
      return { id: name, state: { ...inputs, ...common(context, inputs), name, arn: plane.arn("endpoint", name) } };
    },
    async ({ name: logicalName, inputs }, { id, state }) => {
      const { endpointConfigName, deploymentConfig } = inputs;
      if (plane.endpoint(id).deployment.configName !== endpointConfigName) {
        const input = { EndpointName: id, EndpointConfigName: endpointConfigName, DeploymentConfig: pascal(deploymentConfig) };
        await plane.updateEndpoint(check(updateEndpointInput, defined(input), logicalName)).updated;
      }
      retag(plane, String(state["arn"]), inputs.tags);
      return { id, state: { ...inputs, ...common(context, inputs), name: id, arn: state["arn"] } };
    },
    async ({ id }) => plane.deleteEndpoint(id).deleted,
  );
}

const defaultInstanceStartupSeconds = 1;

function servingOf(program: Program): Serving {
  const { directory, localSettings } = program;
  const { modelCommand } = localSettings;
  const instanceStartupSeconds = localSeconds(program, "instanceStartupSeconds") ?? defaultInstanceStartupSeconds;
  return { ...(modelCommand !== undefined && { command: modelCommand }), directory, instanceStartupSeconds };
}

function modelInput(name: string, inputs: z.infer<typeof model>): object {
  const { modelDataSource, environment, ...container } = inputs.primaryContainer;
  const [source] = modelDataSource?.s3DataSources ?? [];
  return defined({
    ModelName: name,
    ExecutionRoleArn: inputs.executionRoleArn,
    PrimaryContainer: defined({
      ...(pascal(container) as object),
      Environment: environment,
      ModelDataSource: source && { S3DataSource: pascal(source) },
    }),
    VpcConfig: pascal(inputs.vpcConfig),
    EnableNetworkIsolation: inputs.enableNetworkIsolation,
    Tags: tagList(inputs.tags),
  });
}

function endpointConfigInput(name: string, inputs: z.infer<typeof endpointConfiguration>): object {
  return defined({
    EndpointConfigName: name,
    ProductionVariants: inputs.productionVariants.map(variantInput),
    AsyncInferenceConfig: inputs.asyncInferenceConfig && asyncInferenceInput(inputs.asyncInferenceConfig),
    ExecutionRoleArn: inputs.executionRoleArn,
    KmsKeyId: inputs.kmsKeyArn,
    Tags: tagList(inputs.tags),
  });
}

function asyncInferenceInput({ clientConfig, outputConfig }: z.infer<typeof asyncInference>): object {
  const { notificationConfig, ...output } = outputConfig;
  return defined({
    ClientConfig: pascal(clientConfig),
    OutputConfig: defined({
      ...(pascal(output) as object),
      NotificationConfig:
        notificationConfig &&
        defined({
          SuccessTopic: notificationConfig.successTopic,
          ErrorTopic: notificationConfig.errorTopic,
          IncludeInferenceResponseIn: notificationConfig.includeInferenceResponseIns,
        }),
    }),
  });
}

function variantInput({ volumeSizeInGb, enableSsmAccess, routingConfigs, ...rest }: z.infer<typeof productionVariant>): object {
  return defined({
    ...(pascal(rest) as object),
    VolumeSizeInGB: volumeSizeInGb,
    EnableSSMAccess: enableSsmAccess,
    RoutingConfig: routingConfigs?.[0] && pascal(routingConfigs[0]),
  });
}

function tagList(all: Record<string, string> | undefined): object | undefined {
  return all && Object.entries(all).map(([Key, Value]) => ({ Key, Value }));
}

/** The API's names differ from the provider's by the first letter, with a few exceptions that are written out. */
function pascal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pascal);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key.charAt(0).toUpperCase() + key.slice(1), pascal(member)]));
}

function defined(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([, member]) => member !== undefined));
}

/** A value outside the service's bounds, by the name that the API gives it. */
function check<Schema extends z.ZodType>(schema: Schema, input: object, logicalName: string): z.infer<Schema> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`);
  throw new Error(`"${logicalName}" is refused by SageMaker: ${problems.join("; ")}`);
}
