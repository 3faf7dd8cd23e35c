import { documentClient, happened } from "./documents";
import type { Capacity, Floors } from "../core/floor/floor";
import { floorKey, type Floor } from "../core/records/items";

type SageMaker = typeof import("@aws-sdk/client-sagemaker");
type AutoScaling = typeof import("@aws-sdk/client-application-auto-scaling");

/** The two services, as far as they are used here. */
export interface ScalingServices {
  sageMaker: {
    library: Pick<SageMaker, "DescribeEndpointCommand">;
    client: Pick<import("@aws-sdk/client-sagemaker").SageMakerClient, "send">;
  };
  autoScaling: {
    library: Pick<AutoScaling, "DescribeScalableTargetsCommand" | "RegisterScalableTargetCommand">;
    client: Pick<import("@aws-sdk/client-application-auto-scaling").ApplicationAutoScalingClient, "send">;
  };
}

/** An endpoint's instances and the bounds of its scalable target. */
export function endpointCapacity(services: ScalingServices, endpointName: string, variantName: string): Capacity {
  const target = {
    ServiceNamespace: "sagemaker",
    ScalableDimension: "sagemaker:variant:DesiredInstanceCount",
  } as const;
  const resourceId = `endpoint/${endpointName}/variant/${variantName}`;
  return {
    async describe() {
      const { library, client } = services.sageMaker;
      const endpoint = await client.send(new library.DescribeEndpointCommand({ EndpointName: endpointName }));
      const variant = endpoint.ProductionVariants?.find((one) => one.VariantName === variantName);
      // While it is being made it has no variants.
      const { EndpointConfigName: endpointConfigName } = endpoint;
      return (
        variant && {
          desiredInstances: variant.DesiredInstanceCount ?? 0,
          inService: endpoint.EndpointStatus === "InService",
          ...(endpointConfigName !== undefined && { endpointConfigName }),
        }
      );
    },

    async minimum() {
      const { library, client } = services.autoScaling;
      const { ScalableTargets = [] } = await client.send(
        new library.DescribeScalableTargetsCommand({ ...target, ResourceIds: [resourceId] }),
      );
      return ScalableTargets[0]?.MinCapacity;
    },

    async setBounds(minimum, maximum) {
      const { library, client } = services.autoScaling;
      await client.send(
        new library.RegisterScalableTargetCommand({
          ...target,
          ResourceId: resourceId,
          MinCapacity: minimum,
          MaxCapacity: maximum,
        }),
      );
    },
  };
}

/**
 * The floor's item in the job table.
 *
 * @param library `@aws-sdk/lib-dynamodb`: given, so that a Lambda's archive does without it
 */
export function dynamoDbFloor(
  library: typeof import("@aws-sdk/lib-dynamodb"),
  client: import("@aws-sdk/client-dynamodb").DynamoDBClient,
  tableName: string,
): Floors {
  const documents = documentClient(library, client);
  return {
    async read() {
      const { Item } = await documents.send(
        new library.GetCommand({ TableName: tableName, Key: { jobId: floorKey }, ConsistentRead: true }),
      );
      return Item as Floor | undefined;
    },

    async write(floor, revision) {
      const isAsRead = revision === undefined ? "attribute_not_exists(#revision)" : "#revision = :revision";
      const put = new library.PutCommand({
        TableName: tableName,
        Item: floor,
        ConditionExpression: isAsRead,
        ExpressionAttributeNames: { "#revision": "revision" },
        ...(revision === undefined ? {} : { ExpressionAttributeValues: { ":revision": revision } }),
      });
      return happened(documents.send(put));
    },
  };
}

/**
 * Whether requests waited in an endpoint's queue, by what CloudWatch knows; true also when it knows nothing.
 *
 * IAM, exactly: `cloudwatch:GetMetricStatistics` on `*`: it has no resource level
 * (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html)
 */
export function backlogMetric(endpointName: string): (seconds: number) => Promise<boolean> {
  return async (seconds) => {
    const library = require("@aws-sdk/client-cloudwatch") as typeof import("@aws-sdk/client-cloudwatch");
    const now = Date.now();
    const { Datapoints = [] } = await new library.CloudWatchClient({}).send(
      new library.GetMetricStatisticsCommand({
        Namespace: "AWS/SageMaker",
        MetricName: "ApproximateBacklogSize",
        Dimensions: [{ Name: "EndpointName", Value: endpointName }],
        StartTime: new Date(now - seconds * 1000),
        EndTime: new Date(now),
        Period: 300,
        Statistics: ["Maximum"],
      }),
    );
    return Datapoints.length === 0 || Datapoints.some(({ Maximum }) => Maximum !== 0);
  };
}
