import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { hasLocalDisk } from "./instanceTypes";
/** Name of the one production variant; asynchronous endpoints take no second. */
export const variantName = "AllTraffic";
/**
 * The asynchronous endpoint: configuration, hardware gate, endpoint. Nothing has a fixed name, because SageMaker
 * sees a change of the configuration only by its name.
 *
 * SageMaker refuses to change the hardware of a registered scalable target. The gate makes the engine take the
 * target away first: it is replaced, delete first, when and only when the hardware changes; the endpoint waits for
 * it, and the target's `resourceId` must come from {@link Endpoint.scalableResourceId}.
 */
export class Endpoint extends pulumi.ComponentResource {
    endpointName;
    endpointConfigName;
    /** `endpoint/<name>/variant/<variant>`, with an edge to endpoint and gate. */
    scalableResourceId;
    constructor(name, args, opts) {
        super("sagemaker-async:index:Endpoint", name, {}, opts);
        const configuration = this.configuration(name, args);
        const hardware = { instanceType: args.instanceType, variantName };
        const gate = new pulumi.Stash(`${name}-hardware`, { input: hardware }, { parent: this, replacementTrigger: hardware, deleteBeforeReplace: true });
        const endpoint = new aws.sagemaker.Endpoint(`${name}-endpoint`, { endpointConfigName: configuration.name }, { parent: this, dependsOn: [gate, ...args.rolePolicies] });
        this.endpointName = endpoint.name;
        this.endpointConfigName = configuration.name;
        this.scalableResourceId = pulumi
            .all([endpoint.name, gate.id])
            .apply(([endpointName]) => `endpoint/${endpointName}/variant/${variantName}`);
        this.registerOutputs({ endpointName: this.endpointName, endpointConfigName: this.endpointConfigName });
    }
    configuration(name, args) {
        const kms = args.kmsKeyArn === undefined ? {} : { kmsKeyId: args.kmsKeyArn };
        const notifications = args.successTopicArn === undefined || args.errorTopicArn === undefined
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
        const path = (prefix) => pulumi.interpolate `s3://${args.bucketName}/${prefix.replace(/\/$/, "")}`;
        return new aws.sagemaker.EndpointConfiguration(`${name}-configuration`, {
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
        }, { parent: this });
    }
}
