import type { EventInvokeConfig, FunctionDefinition } from "./definition";
import type { EventSource, EventSources } from "./eventSources";

/** The network of a function on a laptop has no number. */
const vpcId = "vpc-00000000";

/** A function's configuration as the API has it. @param status while it comes into being or changes */
export function describedFunction(definition: FunctionDefinition, status: object = settled) {
  const { network, variables, kmsKeyArn } = definition;
  return {
    FunctionName: definition.name,
    FunctionArn: definition.arn,
    Runtime: definition.runtime,
    Role: definition.roleArn,
    Handler: definition.handler,
    CodeSize: definition.codeSizeBytes,
    Description: definition.description,
    Timeout: definition.timeoutSeconds,
    MemorySize: definition.memoryMegabytes,
    LastModified: definition.lastModified.replace("Z", "+0000"),
    CodeSha256: definition.codeSha256,
    Version: "$LATEST",
    ...(network && { VpcConfig: { SubnetIds: network.subnetIds, SecurityGroupIds: network.securityGroupIds, VpcId: vpcId } }),
    ...(Object.keys(variables).length > 0 && { Environment: { Variables: variables } }),
    ...(kmsKeyArn !== undefined && { KMSKeyArn: kmsKeyArn }),
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: definition.revisionId,
    ...status,
    PackageType: "Zip",
    Architectures: [definition.architecture],
    EphemeralStorage: { Size: 512 },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: definition.logGroup },
  };
}

const settled = { State: "Active", LastUpdateStatus: "Successful" };

/** What the answer to CreateFunction says; the next look finds the function active. https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html */
export const beingCreated = { State: "Pending", StateReason: "The function is being created.", StateReasonCode: "Creating" };

/** What the answer to an update says. */
export const beingUpdated = {
  State: "Active",
  LastUpdateStatus: "InProgress",
  LastUpdateStatusReason: "The function is being created.",
  LastUpdateStatusReasonCode: "Creating",
};

/** A FunctionEventInvokeConfig as the API has it. */
export function describedEventInvoke({ arn }: FunctionDefinition, config: EventInvokeConfig) {
  const { maximumRetryAttempts, maximumEventAgeSeconds, onSuccess, onFailure, lastModified } = config;
  const destination = (destinationArn: string | undefined) => (destinationArn === undefined ? {} : { Destination: destinationArn });
  return {
    LastModified: lastModified / 1000,
    FunctionArn: `${arn}:$LATEST`,
    ...(maximumRetryAttempts !== undefined && { MaximumRetryAttempts: maximumRetryAttempts }),
    ...(maximumEventAgeSeconds !== undefined && { MaximumEventAgeInSeconds: maximumEventAgeSeconds }),
    DestinationConfig: { OnSuccess: destination(onSuccess), OnFailure: destination(onFailure) },
  };
}

/** An event source mapping as the API has it. @param state @default what it is in */
export function describedEventSource(sources: EventSources, source: EventSource, state = source.enabled ? "Enabled" : "Disabled") {
  const { uuid, eventSourceArn, batchSize, batchingWindowSeconds, reportsItemFailures, maximumConcurrency, lastModified } = source;
  return {
    UUID: uuid,
    BatchSize: batchSize,
    MaximumBatchingWindowInSeconds: batchingWindowSeconds,
    EventSourceArn: eventSourceArn,
    FunctionArn: sources.functionArnOf(source),
    LastModified: lastModified / 1000,
    State: state,
    StateTransitionReason: "USER_INITIATED",
    FunctionResponseTypes: reportsItemFailures ? ["ReportBatchItemFailures"] : [],
    ...(maximumConcurrency !== undefined && { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    EventSourceMappingArn: sources.arnOf(source),
  };
}
