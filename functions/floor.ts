import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { dynamoDbSweep } from "../aws/dynamoDbSweep";
import { consoleLog, systemClock } from "../aws/lambda";
import { backlogMetric, dynamoDbFloor, endpointCapacity } from "../aws/endpointCapacity";
import { believedSeconds, openLoad } from "../core/floor/openLoad";
import { holdFloor, tendFloor, type FloorSettings } from "../core/floor/floor";
import { readSettings } from "./settings";

/** Settings of {@link floorFunction}. */
export interface FloorFunctionSettings extends FloorSettings {
  jobTableName: string;
}

/**
 * The floor function: keeps the scalable target's minimum at the present capacity for as long as jobs are open. Called by who
 * submits when the floor isn't up (`{"hold":true}`), and once a minute.
 *
 * IAM, exactly:
 * - `application-autoscaling:DescribeScalableTargets` on `*`: it has no resource level
 * - `application-autoscaling:RegisterScalableTarget` on `scalable-target/*`, for the dimension of endpoint variants alone
 * - `sagemaker:DescribeEndpoint` and `sagemaker:UpdateEndpointWeightsAndCapacities` on the endpoint,
 *   `sagemaker:DescribeEndpointConfig` on `endpoint-config/*`: what Application Auto Scaling asks of its caller
 * - `dynamodb:GetItem`, `dynamodb:PutItem` on the job table, `dynamodb:Query` on its index `due`
 * - `cloudwatch:GetMetricStatistics` on `*`: it has no resource level
 * - its log group; with customer keys `kms:Decrypt`
 */
export function floorFunction(): (event: { hold?: boolean }) => Promise<void> {
  const settings = readSettings<FloorFunctionSettings>();
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const sageMaker = require("@aws-sdk/client-sagemaker") as typeof import("@aws-sdk/client-sagemaker");
  const autoScaling = require("@aws-sdk/client-application-auto-scaling") as typeof import("@aws-sdk/client-application-auto-scaling");
  const client = new dynamodb.DynamoDBClient({});
  const clock = systemClock();
  const services = {
    sageMaker: { library: sageMaker, client: new sageMaker.SageMakerClient({}) },
    autoScaling: { library: autoScaling, client: new autoScaling.ApplicationAutoScalingClient({}) },
  };
  const ports = {
    floors: dynamoDbFloor(documents, client, settings.jobTableName),
    capacity: endpointCapacity(services, settings.endpointName, settings.variantName),
    clock,
    log: consoleLog,
  };
  const load = {
    jobs: dynamoDbJobs(documents, client, settings.jobTableName),
    due: dynamoDbSweep(documents, client, settings.jobTableName).due,
    clock,
    hadBacklog: backlogMetric(settings.endpointName),
  };
  return async ({ hold }) => {
    if (hold === true) return void (await holdFloor(ports, settings));
    const open = await openLoad(load);
    if (!open) {
      const advice =
        "Nothing to do where the service has just started or was interrupted. If it repeats, look into the sweep function's log.";
      const message =
        `open jobs not counted for ${believedSeconds / 60} minutes: the endpoint's capacity stays as it is until the sweep function has ` +
        "counted them";
      return consoleLog({ level: "warn", message, advice });
    }
    await tendFloor(ports, settings, open);
  };
}
