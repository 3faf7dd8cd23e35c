/** DescribeEndpoint. */
export async function readEndpoint({ library, client }, endpointName) {
    const described = await orMissing(client.send(new library.DescribeEndpointCommand({ EndpointName: endpointName })));
    if (described === "missing")
        return described;
    const variant = described.ProductionVariants?.[0];
    const pending = described.PendingDeploymentSummary;
    const concurrent = described.AsyncInferenceConfig?.ClientConfig?.MaxConcurrentInvocationsPerInstance;
    return {
        status: described.EndpointStatus ?? "",
        since: (described.LastModifiedTime ?? new Date(0)).toISOString(),
        ...(described.FailureReason === undefined ? {} : { failureReason: described.FailureReason }),
        // While it is being created it has no variant yet.
        variantName: (variant ?? pending?.ProductionVariants?.[0])?.VariantName ?? "",
        currentInstanceCount: variant?.CurrentInstanceCount ?? 0,
        desiredInstanceCount: variant?.DesiredInstanceCount ?? 0,
        ...(pending?.EndpointConfigName === undefined ? {} : { pendingConfig: pending.EndpointConfigName }),
        configName: described.EndpointConfigName ?? "",
        ...(concurrent === undefined ? {} : { maxConcurrentInvocationsPerInstance: concurrent }),
    };
}
/** DescribeEndpointConfig. */
export async function readEndpointConfig({ library, client }, configName) {
    const described = await orMissing(client.send(new library.DescribeEndpointConfigCommand({ EndpointConfigName: configName })));
    if (described === "missing")
        return described;
    const variant = described.ProductionVariants?.[0];
    const startup = variant?.ContainerStartupHealthCheckTimeoutInSeconds;
    const download = variant?.ModelDataDownloadTimeoutInSeconds;
    return {
        ...(variant?.InstanceType === undefined ? {} : { instanceType: variant.InstanceType }),
        ...(startup === undefined ? {} : { containerStartupTimeoutSeconds: startup }),
        ...(download === undefined ? {} : { modelDownloadTimeoutSeconds: download }),
    };
}
/** DescribeScalableTargets and the newest of DescribeScalingActivities. */
export async function readScaling({ library, client }, endpointName, variantName) {
    const resourceId = `endpoint/${endpointName}/variant/${variantName}`;
    const of = { ServiceNamespace: "sagemaker", ScalableDimension: "sagemaker:variant:DesiredInstanceCount" };
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
async function orMissing(call) {
    try {
        return await call;
    }
    catch (error) {
        if (/could not find/i.test(error.message))
            return "missing";
        throw error;
    }
}
