import {
  AddTagsCommand,
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListModelsCommand,
  ListTagsCommand,
  type EndpointStatus,
} from "@aws-sdk/client-sagemaker";
import { account, region, type Clients, type WireCase } from "../cloud";
import { roleArn } from "./iam";

export const endpointName = "ocr";
export const variantName = "AllTraffic";

const arn = (kind: string, name: string) => `arn:aws:sagemaker:${region}:${account}:${kind}/${name}`;
const Tags = [{ Key: "team", Value: "ocr" }];
const tags = { team: "ocr" };
const tagsOf = async ({ sagemaker }: Clients, ResourceArn: string) => (await sagemaker.send(new ListTagsCommand({ ResourceArn }))).Tags;
const addTag = ({ sagemaker }: Clients, ResourceArn: string) =>
  sagemaker.send(new AddTagsCommand({ ResourceArn, Tags: [{ Key: "stage", Value: "dev" }] }));

const modelInputs = {
  name: "m",
  executionRoleArn: roleArn,
  primaryContainer: { image: "ocr:1", mode: "SingleModel", environment: { WORKERS: "1" } },
  enableNetworkIsolation: true,
  tags,
};
const model: WireCase = {
  type: "aws:sagemaker/model:Model",
  inputs: modelInputs,
  create: ({ sagemaker }) =>
    sagemaker.send(
      new CreateModelCommand({
        ModelName: "m",
        ExecutionRoleArn: roleArn,
        PrimaryContainer: { Image: "ocr:1", Mode: "SingleModel", Environment: { WORKERS: "1" } },
        EnableNetworkIsolation: true,
        Tags,
      }),
    ),
  read: async (clients) => ({
    model: await clients.sagemaker.send(new DescribeModelCommand({ ModelName: "m" })),
    listed: (await clients.sagemaker.send(new ListModelsCommand({ NameContains: "m", MaxResults: 1 }))).Models,
    tags: await tagsOf(clients, arn("model", "m")),
  }),
  change: { inputs: { ...modelInputs, tags: { ...tags, stage: "dev" } }, call: (clients) => addTag(clients, arn("model", "m")) },
  delete: ({ sagemaker }) => sagemaker.send(new DeleteModelCommand({ ModelName: "m" })),
  gone: "400 ValidationException",
};

const configInputs = {
  name: "c",
  productionVariants: [
    {
      variantName,
      modelName: "m",
      instanceType: "ml.g5.2xlarge",
      initialInstanceCount: 1,
      initialVariantWeight: 1,
      containerStartupHealthCheckTimeoutInSeconds: 600,
    },
  ],
  asyncInferenceConfig: {
    clientConfig: { maxConcurrentInvocationsPerInstance: 1 },
    outputConfig: { s3OutputPath: "s3://wire-bucket/output", s3FailurePath: "s3://wire-bucket/failure" },
  },
  tags,
};
const configuration: WireCase = {
  type: "aws:sagemaker/endpointConfiguration:EndpointConfiguration",
  inputs: configInputs,
  create: ({ sagemaker }) =>
    sagemaker.send(
      new CreateEndpointConfigCommand({
        EndpointConfigName: "c",
        ProductionVariants: [
          {
            VariantName: variantName,
            ModelName: "m",
            InstanceType: "ml.g5.2xlarge",
            InitialInstanceCount: 1,
            InitialVariantWeight: 1,
            ContainerStartupHealthCheckTimeoutInSeconds: 600,
          },
        ],
        AsyncInferenceConfig: {
          ClientConfig: { MaxConcurrentInvocationsPerInstance: 1 },
          OutputConfig: { S3OutputPath: "s3://wire-bucket/output", S3FailurePath: "s3://wire-bucket/failure" },
        },
        Tags,
      }),
    ),
  read: async (clients) => ({
    configuration: await clients.sagemaker.send(new DescribeEndpointConfigCommand({ EndpointConfigName: "c" })),
    listed: (await clients.sagemaker.send(new ListEndpointConfigsCommand({ NameContains: "c", MaxResults: 1 }))).EndpointConfigs,
    tags: await tagsOf(clients, arn("endpoint-config", "c")),
  }),
  change: { inputs: { ...configInputs, tags: { ...tags, stage: "dev" } }, call: (clients) => addTag(clients, arn("endpoint-config", "c")) },
  delete: ({ sagemaker }) => sagemaker.send(new DeleteEndpointConfigCommand({ EndpointConfigName: "c" })),
  gone: "400 ValidationException",
};

/** As the provider waits, but without its pauses. */
async function settled({ sagemaker }: Clients, while_: EndpointStatus): Promise<void> {
  for (;;) {
    const status = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName })).then(
      ({ EndpointStatus }) => EndpointStatus,
      () => undefined,
    );
    if (status !== while_) return;
  }
}

const endpointInputs = {
  name: endpointName,
  endpointConfigName: "c",
  deploymentConfig: {
    blueGreenUpdatePolicy: {
      trafficRoutingConfiguration: { type: "ALL_AT_ONCE", waitIntervalInSeconds: 0 },
      terminationWaitInSeconds: 0,
    },
  },
  tags,
};
const endpoint: WireCase = {
  type: "aws:sagemaker/endpoint:Endpoint",
  inputs: endpointInputs,
  create: async (clients) => {
    const DeploymentConfig = {
      BlueGreenUpdatePolicy: {
        TrafficRoutingConfiguration: { Type: "ALL_AT_ONCE" as const, WaitIntervalInSeconds: 0 },
        TerminationWaitInSeconds: 0,
      },
    };
    await clients.sagemaker.send(
      new CreateEndpointCommand({ EndpointName: endpointName, EndpointConfigName: "c", DeploymentConfig, Tags }),
    );
    await settled(clients, "Creating");
  },
  read: async (clients) => ({
    endpoint: await clients.sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpointName })),
    tags: await tagsOf(clients, arn("endpoint", endpointName)),
  }),
  change: {
    inputs: { ...endpointInputs, tags: { ...tags, stage: "dev" } },
    call: (clients) => addTag(clients, arn("endpoint", endpointName)),
  },
  delete: async (clients) => {
    await clients.sagemaker.send(new DeleteEndpointCommand({ EndpointName: endpointName }));
    await settled(clients, "Deleting");
  },
  gone: "400 ValidationException",
};

export const sageMakerCases = [model, configuration, endpoint];
