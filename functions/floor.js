import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { dynamoDbSweep } from "../aws/dynamoDbSweep";
import { consoleLog, systemClock } from "../aws/lambda";
import { backlogMetric, dynamoDbFloor, endpointCapacity } from "../aws/endpointCapacity";
import { openLoad } from "../core/floor/openLoad";
import { holdFloor, tendFloor } from "../core/floor/floor";
import { readSettings } from "./settings";
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
export function floorFunction() {
    const settings = readSettings();
    const dynamodb = require("@aws-sdk/client-dynamodb");
    const documents = require("@aws-sdk/lib-dynamodb");
    const sageMaker = require("@aws-sdk/client-sagemaker");
    const autoScaling = require("@aws-sdk/client-application-auto-scaling");
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
        if (hold === true)
            return void (await holdFloor(ports, settings));
        const open = await openLoad(load);
        if (!open)
            return consoleLog({ level: "error", message: "open jobs not counted" });
        await tendFloor(ports, settings, open);
    };
}
