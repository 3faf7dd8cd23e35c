import { present } from "../../core/present";
import type { ExplainConnections } from "./sources";
import type { EndpointConfigFacts, EndpointFacts, Missing, ScalingFacts } from "./types";

/** The endpoint, with what leads to its other sources. */
export interface DescribedEndpoint extends EndpointFacts {
  variantName: string;
}

/** DescribeEndpoint. */
export async function readEndpoint(
  { library, client }: ExplainConnections["sagemaker"],
  endpointName: string,
): Promise<DescribedEndpoint | Missing> {
  const described = await orMissing(client.send(new library.DescribeEndpointCommand({ EndpointName: endpointName })));
  if (described === "missing") return described;
  const variant = described.ProductionVariants?.[0];
  const pending = described.PendingDeploymentSummary;
  return {
    status: described.EndpointStatus ?? "",
    since: (described.LastModifiedTime ?? new Date(0)).toISOString(),
    ...present({ failureReason: described.FailureReason }),
    // While it is being created it has no variant yet.
    variantName: (variant ?? pending?.ProductionVariants?.[0])?.VariantName ?? "",
    currentInstanceCount: variant?.CurrentInstanceCount ?? 0,
    desiredInstanceCount: variant?.DesiredInstanceCount ?? 0,
    ...present({ pendingConfig: pending?.EndpointConfigName }),
    configName: described.EndpointConfigName ?? "",
    ...present({
      maxConcurrentInvocationsPerInstance: described.AsyncInferenceConfig?.ClientConfig?.MaxConcurrentInvocationsPerInstance,
    }),
  };
}

/** DescribeEndpointConfig. */
export async function readEndpointConfig(
  { library, client }: ExplainConnections["sagemaker"],
  configName: string,
): Promise<EndpointConfigFacts | Missing> {
  const described = await orMissing(client.send(new library.DescribeEndpointConfigCommand({ EndpointConfigName: configName })));
  if (described === "missing") return described;
  const variant = described.ProductionVariants?.[0];
  return present({
    instanceType: variant?.InstanceType,
    containerStartupTimeoutSeconds: variant?.ContainerStartupHealthCheckTimeoutInSeconds,
    modelDownloadTimeoutSeconds: variant?.ModelDataDownloadTimeoutInSeconds,
  });
}

/** DescribeScalableTargets and the newest of DescribeScalingActivities. */
export async function readScaling(
  { library, client }: ExplainConnections["autoscaling"],
  endpointName: string,
  variantName: string,
): Promise<ScalingFacts> {
  const resourceId = `endpoint/${endpointName}/variant/${variantName}`;
  const of = { ServiceNamespace: "sagemaker", ScalableDimension: "sagemaker:variant:DesiredInstanceCount" } as const;
  const [{ ScalableTargets }, { ScalingActivities }] = await Promise.all([
    client.send(new library.DescribeScalableTargetsCommand({ ...of, ResourceIds: [resourceId] })),
    // Newest first.
    client.send(new library.DescribeScalingActivitiesCommand({ ...of, ResourceId: resourceId, MaxResults: 1 })),
  ]);
  const target = ScalableTargets?.[0];
  const activity = ScalingActivities?.[0];
  return {
    target: target
      ? {
          minCapacity: target.MinCapacity ?? 0,
          maxCapacity: target.MaxCapacity ?? 0,
          scaleOutSuspended: target.SuspendedState?.DynamicScalingOutSuspended ?? false,
        }
      : "missing",
    ...(activity === undefined
      ? {}
      : {
          lastActivity: {
            startedAt: (activity.StartTime ?? new Date(0)).toISOString(),
            status: activity.StatusCode ?? "",
            description: activity.Description ?? "",
            message: activity.StatusMessage ?? "",
          },
        }),
  };
}

/** SageMaker says of what does not exist that the request is not valid. */
async function orMissing<Answer>(call: Promise<Answer>): Promise<Answer | Missing> {
  try {
    return await call;
  } catch (error) {
    if (/could not find/i.test((error as Error).message)) return "missing";
    throw error;
  }
}
