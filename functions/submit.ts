import { floorCall } from "../aws/floorCall";
import { giveUpTime, lambdaPorts, variable, type LambdaContext } from "../aws/lambda";
import type { SubmitAnswer } from "../core/messages/answer";
import type { OnDoubt } from "../core/records/job";
import { openCountReader } from "../core/floor/openCount";
import { answerRequest, type SubmitPorts, type SubmitSettings } from "../core/lifecycle/submit";

/** Environment of {@link submitFunction}. Prefixes have no leading and one trailing slash. */
export interface SubmitEnvironment {
  ENDPOINT_NAME: string;
  BUCKET_NAME: string;
  INPUT_PREFIX: string;
  OUTPUT_PREFIX: string;
  /** Comma-separated names of the buckets from which `inputLocation` may come, besides the input prefix of the service's own. */
  ALLOWED_INPUT_BUCKETS: string;
  JOB_TABLE_NAME: string;
  JOBS_TOPIC_ARN: string;
  /** Keeps instances for the job: see `floorFunction`. */
  FLOOR_FUNCTION_NAME: string;
  /** Defaults of a request's own settings. */
  INVOCATION_TIMEOUT_SECONDS: string;
  REQUEST_TTL_SECONDS: string;
  ON_DOUBT: string;
  /** How often a job may be invoked, the first time included: 1 to 999. */
  MAX_ATTEMPTS: string;
  /** Open jobs from which on requests are refused; 0: never. */
  MAX_OPEN_JOBS: string;
  /** "true" when SageMaker publishes the end of each invocation on SNS. */
  NOTIFICATIONS_ENABLED: string;
  /** How long a record is kept after its job ended. */
  JOB_RETENTION_DAYS: string;
}

/**
 * The submit function ("invoking"): a request in, a recorded and invoked job out.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:UpdateItem` on the job table
 * - `s3:PutObject` on `<bucket>/<inputPrefix>*` (uploads inputs)
 * - `s3:GetObject` on `<bucket>/<inputPrefix>*`, `<bucket>/<outputPrefix>*` and `<allowed bucket>/*` (looks at a given
 *   input, reads a result for `waitSeconds`)
 * - `s3:ListBucket` on the bucket and each allowed bucket (else a missing object reads as 403)
 * - `sagemaker:InvokeEndpointAsync` on the endpoint
 * - `lambda:InvokeFunction` on the floor function (keeps instances for the job)
 * - `sns:Publish` on the jobs topic (a job that the service refuses for good ends here)
 * - `sqs:SendMessage` on the dead-letter queue
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function submitFunction(): (event: unknown, context: LambdaContext) => Promise<SubmitAnswer> {
  const settings = submitSettings();
  const ports = submitPorts();
  return (event, context) => answerRequest(ports, settings, event, giveUpTime(context));
}

/** The ports of a submitter inside Lambda. */
export function submitPorts(): SubmitPorts {
  const ports = lambdaPorts({
    tableName: variable<SubmitEnvironment>("JOB_TABLE_NAME"),
    topicArn: variable<SubmitEnvironment>("JOBS_TOPIC_ARN"),
  });
  const lambda = () => {
    const library = require("@aws-sdk/client-lambda") as typeof import("@aws-sdk/client-lambda");
    return { library, client: new library.LambdaClient({}) };
  };
  const floor = floorCall(ports, variable<SubmitEnvironment>("FLOOR_FUNCTION_NAME"), lambda);
  return { ...ports, floor, openCount: openCountReader(ports) };
}

/** The settings that {@link SubmitEnvironment} carries. */
export function submitSettings(): SubmitSettings {
  return {
    endpointName: variable<SubmitEnvironment>("ENDPOINT_NAME"),
    bucketName: variable<SubmitEnvironment>("BUCKET_NAME"),
    inputPrefix: variable<SubmitEnvironment>("INPUT_PREFIX"),
    outputPrefix: variable<SubmitEnvironment>("OUTPUT_PREFIX"),
    allowedInputBuckets: variable<SubmitEnvironment>("ALLOWED_INPUT_BUCKETS")
      .split(",")
      .filter((name) => name !== ""),
    invocationTimeoutSeconds: Number(variable<SubmitEnvironment>("INVOCATION_TIMEOUT_SECONDS")),
    requestTtlSeconds: Number(variable<SubmitEnvironment>("REQUEST_TTL_SECONDS")),
    onDoubt: variable<SubmitEnvironment>("ON_DOUBT") as OnDoubt,
    maxAttempts: Number(variable<SubmitEnvironment>("MAX_ATTEMPTS")),
    maxOpenJobs: Number(variable<SubmitEnvironment>("MAX_OPEN_JOBS")),
    notificationsEnabled: variable<SubmitEnvironment>("NOTIFICATIONS_ENABLED") === "true",
    retentionDays: Number(variable<SubmitEnvironment>("JOB_RETENTION_DAYS")),
  };
}
