/** Environment of {@link resultFunction}. What a job needs to run again is in its record. */
export interface ResultEnvironment {
  ENDPOINT_NAME: string;
  BUCKET_NAME: string;
  OUTPUT_PREFIX: string;
  JOB_TABLE_NAME: string;
  JOBS_TOPIC_ARN: string;
  /** How long a record is kept after its job ended. */
  JOB_RETENTION_DAYS: string;
}

/**
 * The result function ("result handling"): SageMaker's notification in, job closed and announced.
 * Subscribed to the success and the error topic; one topic for both works too.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:UpdateItem` on the job table
 * - `s3:GetObject` on `<bucket>/<outputPrefix>*` (the result's size), `s3:ListBucket` on the bucket
 * - `sagemaker:InvokeEndpointAsync` on the endpoint (the next attempt after a killed one)
 * - `sns:Publish` on the jobs topic
 * - its log group; with customer keys `kms:Decrypt` and `kms:GenerateDataKey`
 */
export function resultFunction(): (event: unknown) => Promise<void> {
  throw new Error("not assembled");
}
