import type { Capacity } from "../core/pin";

type SageMaker = typeof import("@aws-sdk/client-sagemaker");
type AutoScaling = typeof import("@aws-sdk/client-application-auto-scaling");

/** The two services, as far as they are used here. Made on first use: SageMaker's client alone takes longer to load than a job to submit. */
export interface ScalingServices {
  sageMaker: {
    library: Pick<SageMaker, "DescribeEndpointCommand">;
    client: Pick<import("@aws-sdk/client-sagemaker").SageMakerClient, "send">;
  };
  autoScaling: {
    library: Pick<AutoScaling, "RegisterScalableTargetCommand">;
    client: Pick<import("@aws-sdk/client-application-auto-scaling").ApplicationAutoScalingClient, "send">;
  };
}

/** An endpoint's instances and the bounds of its scalable target. */
export function endpointCapacity(services: () => ScalingServices, endpointName: string, variantName: string): Capacity {
  return {
    async describe() {
      const { library, client } = services().sageMaker;
      const endpoint = await client.send(new library.DescribeEndpointCommand({ EndpointName: endpointName }));
      const variant = endpoint.ProductionVariants?.find((one) => one.VariantName === variantName);
      // While it is being made it has no variants.
      return variant && { desiredInstances: variant.DesiredInstanceCount ?? 0, inService: endpoint.EndpointStatus === "InService" };
    },

    async setBounds(minimum, maximum) {
      const { library, client } = services().autoScaling;
      await client.send(
        new library.RegisterScalableTargetCommand({
          ServiceNamespace: "sagemaker",
          ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
          ResourceId: `endpoint/${endpointName}/variant/${variantName}`,
          MinCapacity: minimum,
          MaxCapacity: maximum,
        }),
      );
    },
  };
}
