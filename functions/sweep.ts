import { dynamoDbSweep } from "../aws/dynamoDbSweep";
import { giveUpTime, lambdaPorts, variable, type LambdaContext } from "../aws/lambda";
import type { LookSettings } from "../core/lifecycle/lookAfter";
import { sweep, type SweepReport } from "../core/lifecycle/sweep";

/** Environment of {@link sweepFunction}. What a job needs to run again is in its record. */
export interface SweepEnvironment {
  ENDPOINT_NAME: string;
  BUCKET_NAME: string;
  INPUT_PREFIX: string;
  /** Prefixes, separated by commas, that it was before. */
  FORMER_INPUT_PREFIXES?: string;
  OUTPUT_PREFIX: string;
  JOB_TABLE_NAME: string;
  JOBS_TOPIC_ARN: string;
  /** "true" when SageMaker publishes the end of each invocation on SNS; else jobs are looked at each minute. */
  NOTIFICATIONS_ENABLED: string;
  /** How long a record is kept after its job ended. */
  JOB_RETENTION_DAYS: string;
}

/**
 * The sweep function ("reconciliation"), once a minute: ends, moves and announces the jobs that nothing else did, and counts the open jobs.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem`, `dynamodb:PutItem` (lease and count) on the job table, `dynamodb:Query` on its index `due`
 * - `s3:GetObject` on `<bucket>/<inputPrefix>*`, `<bucket>/<outputPrefix>*` and `<bucket>/<failurePrefix>*`, and on former ones (looks
 *   whether they are there, reads why an invocation failed), `s3:ListBucket` on the bucket (else a missing object reads as 403)
 * - `sagemaker:InvokeEndpointAsync` on the endpoint (jobs whose submitter died, the next attempt)
 * - `sns:Publish` on the jobs topic
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function sweepFunction(): (event: unknown, context: LambdaContext) => Promise<SweepReport | undefined> {
  const settings: LookSettings = {
    endpointName: variable<SweepEnvironment>("ENDPOINT_NAME"),
    bucketName: variable<SweepEnvironment>("BUCKET_NAME"),
    inputPrefix: variable<SweepEnvironment>("INPUT_PREFIX"),
    formerInputPrefixes: process.env["FORMER_INPUT_PREFIXES"]?.split(",") ?? [],
    outputPrefix: variable<SweepEnvironment>("OUTPUT_PREFIX"),
    notificationsEnabled: variable<SweepEnvironment>("NOTIFICATIONS_ENABLED") === "true",
    retentionDays: Number(variable<SweepEnvironment>("JOB_RETENTION_DAYS")),
  };
  const tableName = variable<SweepEnvironment>("JOB_TABLE_NAME");
  const dynamodb = require("@aws-sdk/client-dynamodb") as typeof import("@aws-sdk/client-dynamodb");
  const documents = require("@aws-sdk/lib-dynamodb") as typeof import("@aws-sdk/lib-dynamodb");
  const ports = {
    ...lambdaPorts({ tableName, topicArn: variable<SweepEnvironment>("JOBS_TOPIC_ARN") }),
    ...dynamoDbSweep(documents, new dynamodb.DynamoDBClient({}), tableName),
  };
  return async (_event, context) => {
    const report = await sweep(ports, settings, giveUpTime(context));
    ports.log({ level: report?.unfinished === true ? "warn" : "info", message: report ? "swept" : "another sweep is at work", ...report });
    return report;
  };
}
