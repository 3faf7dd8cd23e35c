import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hasLocalDisk } from "./instanceTypes";
import { releasedEndpointName, releasePolicy, releaseTrigger } from "./release";
import type { Deployment } from "./settings/deployment";

/** Name of the one production variant; asynchronous endpoints take no second. */
export const variantName = "AllTraffic";

/** Arguments of {@link Endpoint}. */
export interface EndpointArgs {
  modelName: pulumi.Input<string>;
  instanceType: string;
  inferenceAmiVersion?: string;
  volumeSizeGb?: number;
  minCapacity: number;
  containerStartupTimeoutSeconds: pulumi.Input<number>;
  modelDownloadTimeoutSeconds: pulumi.Input<number>;
  maxConcurrentInvocationsPerInstance: pulumi.Input<number>;
  bucketName: pulumi.Input<string>;
  outputPrefix: string;
  failurePrefix: string;
  /** Undefined when notifications are off. */
  successTopicArn?: pulumi.Input<string>;
  errorTopicArn?: pulumi.Input<string>;
  includeInferenceResponse: boolean;
  kmsKeyArn?: pulumi.Input<string>;
  /** How a new version takes over. @default all at once, without alarms */
  deployment?: Deployment;
  requestTtlSeconds: pulumi.Input<number>;
  invocationTimeoutSeconds: pulumi.Input<number>;
  /** What must be there before SageMaker looks at the execution role. */
  rolePolicies: readonly pulumi.Resource[];
}

/**
 * The asynchronous endpoint: configuration, hardware gate, endpoint. Nothing has a fixed name, because SageMaker
 * sees a change of the configuration only by its name.
 *
 * SageMaker refuses to change the hardware of a registered scalable target. The gate makes the engine take the
 * target away first: it is replaced, delete first, when and only when the hardware changes; the endpoint waits for
 * it, and the target's `resourceId` must come from {@link Endpoint.scalableResourceId}.
 */
export class Endpoint extends pulumi.ComponentResource {
  readonly endpointName: pulumi.Output<string>;
  readonly endpointConfigName: pulumi.Output<string>;
  /** `endpoint/<name>/variant/<variant>`, with an edge to endpoint and gate. */
  readonly scalableResourceId: pulumi.Output<string>;

  constructor(name: string, args: EndpointArgs, opts?: pulumi.ComponentResourceOptions) {
    super("sagemaker-async:index:Endpoint", name, {}, opts);

    const configuration = this.configuration(name, args);
    const hardware = { instanceType: args.instanceType, variantName };
    const gate = new pulumi.Stash(
      `${name}-hardware`,
      { input: hardware },
      { parent: this, replacementTrigger: hardware, deleteBeforeReplace: true },
    );
    const endpoint = new aws.sagemaker.Endpoint(
      `${name}-endpoint`,
      { endpointConfigName: configuration.name, ...this.release(name, args, configuration.name) },
      { parent: this, dependsOn: [gate, ...args.rolePolicies] },
    );

    this.endpointName = endpoint.name;
    this.endpointConfigName = pulumi.all([configuration.name, endpoint.endpointConfigName, endpoint.name]).apply(requireReleased);
    this.scalableResourceId = pulumi
      .all([endpoint.name, gate.id])
      .apply(([endpointName]) => `endpoint/${endpointName}/variant/${variantName}`);
    this.registerOutputs({ endpointName: this.endpointName, endpointConfigName: this.endpointConfigName });
  }

  /** The policy of a release, with its alarms; nothing unless there is one. */
  private release(name: string, args: EndpointArgs, endpointConfigName: pulumi.Input<string>): Partial<aws.sagemaker.EndpointArgs> {
    const { deployment } = args;
    if (deployment === undefined) return {};
    const endpointName = releasedEndpointName(name, deployment);
    const watched = { ...args, deployment, endpointName, endpointConfigName, variantName };
    return { name: endpointName, deploymentConfig: releasePolicy(name, watched, this) };
  }

  private configuration(name: string, args: EndpointArgs): aws.sagemaker.EndpointConfiguration {
    const kms = args.kmsKeyArn === undefined ? {} : { kmsKeyId: args.kmsKeyArn };
    const notifications =
      args.successTopicArn === undefined || args.errorTopicArn === undefined
        ? {}
        : {
            notificationConfig: {
              successTopic: args.successTopicArn,
              errorTopic: args.errorTopicArn,
              ...(args.includeInferenceResponse
                ? { includeInferenceResponseIns: ["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"] }
                : {}),
            },
          };
    // SageMaker adds the slash between path and name.
    const path = (prefix: string) => pulumi.interpolate`s3://${args.bucketName}/${prefix.replace(/\/$/, "")}`;
    return new aws.sagemaker.EndpointConfiguration(
      `${name}-configuration`,
      {
        // Local disks are encrypted by the instance itself; SageMaker refuses a key for them.
        ...(args.kmsKeyArn === undefined || hasLocalDisk(args.instanceType) ? {} : { kmsKeyArn: args.kmsKeyArn }),
        productionVariants: [
          {
            variantName,
            modelName: args.modelName,
            instanceType: args.instanceType,
            // An endpoint that sleeps at zero still starts with one.
            initialInstanceCount: Math.max(1, args.minCapacity),
            containerStartupHealthCheckTimeoutInSeconds: args.containerStartupTimeoutSeconds,
            modelDataDownloadTimeoutInSeconds: args.modelDownloadTimeoutSeconds,
            ...(args.inferenceAmiVersion === undefined ? {} : { inferenceAmiVersion: args.inferenceAmiVersion }),
            ...(args.volumeSizeGb === undefined ? {} : { volumeSizeInGb: args.volumeSizeGb }),
          },
        ],
        asyncInferenceConfig: {
          clientConfig: { maxConcurrentInvocationsPerInstance: args.maxConcurrentInvocationsPerInstance },
          outputConfig: { s3OutputPath: path(args.outputPrefix), s3FailurePath: path(args.failurePrefix), ...kms, ...notifications },
        },
      },
      {
        parent: this,
        ...(args.deployment !== undefined && { replacementTrigger: releaseTrigger(args.deployment, args.minCapacity) }),
      },
    );
  }
}

/**
 * The configuration that the endpoint serves, which is the one that it was given. The provider takes an update that SageMaker has rolled back
 * for done (https://github.com/hashicorp/terraform-provider-aws/issues/48997), and the engine would then delete the old configuration, which
 * still serves: a program that fails deletes nothing.
 */
function requireReleased([given, served, endpointName]: [string, string, string]): string {
  if (served === given) return given;
  throw new pulumi.RunError(
    `SageMaker rolled the release of the endpoint ${endpointName} back: it serves ${served} and not ${given}. Nothing was deleted, and jobs run on ` +
      "the old version. `sagemaker-async endpoint` and the log of the endpoint say why; correct the settings and run pulumi up again: docs/releases.md",
  );
}
