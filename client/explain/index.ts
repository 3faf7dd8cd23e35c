import { gatherFacts, type GivenLocations } from "./gather";
import { situationOf } from "./situationOf";
import { packagesMissing } from "../../core/records/errors";
import { AsyncInferenceError } from "../errors";
import type { ExplainSources } from "./sources";
import type { Explanation } from "./types";

export { explainSources, type ExplainConnections, type ExplainSources } from "./sources";
export { explainStatement, type ExplainedService } from "./permissions";

/**
 * Says what is going on with a job: its state, why, since when, what happens next and when, and what can be done.
 *
 * Joins the job's record, its objects in S3, the endpoint with its configuration and autoscaling, backlog metrics, alarms, the
 * dead-letter queue and the logs. Only reads. Otherwise it never fails because of a source: what can't be read is under `facts.unknown`.
 *
 * IAM, exactly, each optional ({@link explainStatement}; `grantExplain` gives them all):
 * - `dynamodb:GetItem` on the job table
 * - `s3:GetObject` below the input, output and failure prefixes, `s3:ListBucket` on the bucket
 * - `sagemaker:DescribeEndpoint` on the endpoint, `sagemaker:DescribeEndpointConfig` on its configuration
 * - `application-autoscaling:DescribeScalableTargets`, `application-autoscaling:DescribeScalingActivities`, `cloudwatch:GetMetricData`
 *   on `*`: they have no resource level
 * - `cloudwatch:DescribeAlarms` on the account's alarms
 * - `logs:FilterLogEvents` on the log groups of the endpoint and of the result function
 * - `sqs:GetQueueAttributes` on the dead-letter queue
 * - with a customer's key `kms:Decrypt` on it
 *
 * @throws AsyncInferenceError `BAD_INPUT` when SDK packages are not installed, before anything is read
 * @param locations of a job without a record: where its result or its failure object will be
 */
export async function explainJob(sources: ExplainSources, jobId: string, locations?: GivenLocations): Promise<Explanation> {
  const { missingPackages: missing } = sources;
  if (missing.length > 0) throw new AsyncInferenceError(packagesMissing("explain", missing));
  return situationOf(await gatherFacts(sources, jobId, locations));
}
