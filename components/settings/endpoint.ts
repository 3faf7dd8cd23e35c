import type { AsyncInferenceArgs } from "../args";
import { deploymentFields } from "./deployment";
import { pages, type Setting } from "./setting";

/** The endpoint's instances. */
export const endpointSettings = {
  instanceType: {
    type: "string",
    default: "ml.g5.2xlarge",
    pattern: /^ml\.(?!inf1\.|eia)[a-z0-9-]+\.[a-z0-9]+$/,
    accepts: "an instance type such as ml.g5.2xlarge; asynchronous endpoints do not run on ml.inf1",
    description: "Instance type of the endpoint: one GPU with 24 GiB for a model of up to about 10 billion parameters at 16 bits",
    details: "A type that is not in the catalogue of GPU instances is taken with a warning.",
    source: pages.variantApi,
  },
  inferenceAmiVersion: {
    type: "string",
    pattern: /^al2(023)?-ami-sagemaker-inference-(gpu|neuron)-\d+(-\d+)?$/,
    accepts: "an AMI version such as al2-ami-sagemaker-inference-gpu-3-1",
    description: "AMI, and with it GPU driver, of the instances",
    leftOut: "SageMaker chooses",
    source: pages.variantApi,
  },
  volumeSizeGb: {
    type: "integer",
    minimum: 1,
    maximum: 512,
    unit: "GB",
    description: "Storage volume; only for instance types without local disks",
    leftOut: "SageMaker chooses",
    source: pages.variantApi,
  },
  containerStartupTimeoutSeconds: {
    type: "integer",
    default: 1800,
    minimum: 60,
    maximum: 3600,
    unit: "seconds",
    description: "How long the container may take until /ping answers",
    source: pages.variantApi,
  },
  modelDownloadTimeoutSeconds: {
    type: "integer",
    default: 1800,
    minimum: 60,
    maximum: 3600,
    unit: "seconds",
    description: "How long the download of the model artifact may take",
    source: pages.variantApi,
  },
  maxConcurrentInvocationsPerInstance: {
    type: "integer",
    minimum: 1,
    maximum: 1000,
    unit: "requests",
    description: "Requests that SageMaker sends to one instance at a time",
    leftOut: "one for each GPU; 16, at most 64, where the server computes requests together",
    details: "A server that computes one request for each worker gets as many workers.",
    source: `${pages.sageMakerApi}/API_AsyncInferenceClientConfig.html`,
  },
  deployment: {
    type: "record",
    fields: deploymentFields,
    accepts:
      'a strategy of allAtOnce, rolling or blueGreen, with canaryPercent, bakeSeconds and rollbackAlarms, such as {"strategy": "blueGreen", "canaryPercent": 10}',
    description: "How a new version takes over, and which alarms roll it back",
    leftOut: "all at once, without alarms",
    details:
      "Switching it on or off, or another list of `rollbackAlarms`, replaces the endpoint: docs/releases.md says when to. Its alarms cost as others do.",
    example: 'image: "ocr:1", minCapacity: 2, deployment: { strategy: "blueGreen", canaryPercent: 10, bakeSeconds: 600 }',
    source: `${pages.sageMakerApi}/API_DeploymentConfig.html`,
  },
} as const satisfies Partial<Record<keyof AsyncInferenceArgs, Setting>>;
