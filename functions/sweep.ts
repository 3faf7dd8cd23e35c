import { dynamoDbSweep } from "../aws/dynamoDbSweep";
import { giveUpTime, lambdaLow, lambdaPorts, lambdaRooms, type LambdaContext } from "../aws/lambda";
import { sweep, type SweepReport, type SweepSettings } from "../core/lifecycle/sweep";
import { lambdaTasks } from "./lambdaTasks";
import { readSettings, type JobResources } from "./settings";

/** Settings of {@link sweepFunction}. What a job needs to run again is in its record. */
export interface SweepFunctionSettings extends SweepSettings, JobResources {
  /** Whether tasks of Step Functions may wait for jobs. @default false */
  workflowsEnabled?: boolean;
}

/**
 * The sweep function ("reconciliation"), once a minute: ends, moves and announces the jobs that nothing else did, and counts the open jobs.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem`, `dynamodb:PutItem` (lease and count) on the job table, `dynamodb:Query` on its index `due`,
 *   with priorities also on `waiting`
 * - `s3:GetObject` on `<bucket>/<inputPrefix>*`, `<bucket>/<outputPrefix>*` and `<bucket>/<failurePrefix>*`, and on former ones (looks
 *   whether they are there, reads why an invocation failed), `s3:ListBucket` on the bucket (else a missing object reads as 403)
 * - `sagemaker:InvokeEndpointAsync` on the endpoint (jobs whose submitter died, the next attempt)
 * - `sns:Publish` on the jobs topic
 * - with `workflowsEnabled` `states:SendTaskHeartbeat` on the state machines of the account and region
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function sweepFunction(): (event: unknown, context: LambdaContext) => Promise<SweepReport | undefined> {
  const settings = readSettings<SweepFunctionSettings>();
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const ports = {
    ...lambdaPorts(settings),
    tasks: settings.workflowsEnabled === true ? lambdaTasks() : undefined,
    ...dynamoDbSweep(documents, new dynamodb.DynamoDBClient({}), settings.jobTableName),
    low: lambdaLow(settings),
    rooms: lambdaRooms(settings),
  };
  return async (_event, context) => {
    const report = await sweep(ports, settings, giveUpTime(context));
    ports.log({ level: report?.unfinished === true ? "warn" : "info", message: report ? "swept" : "another sweep is at work", ...report });
    return report;
  };
}
