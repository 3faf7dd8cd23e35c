/**
 * Version of {@link AsyncInferenceOutputs}. Adding a field keeps it; renaming or removing one raises it,
 * which is a breaking change and has a line in CHANGELOG.md.
 */
export const contractVersion = 1;

/**
 * The stack's outputs: the contract with clients, the command line and other Pulumi projects.
 *
 * Each field is a top-level stack output of the same name. A prefix has no leading and one trailing slash.
 */
export interface AsyncInferenceOutputs {
  /** {@link contractVersion} of the stack that was deployed. */
  contractVersion: number;
  /** AWS region of every resource, such as `eu-west-1`. */
  region: string;
  /** AWS account of every resource: twelve digits. */
  accountId: string;
  /** `aws`, `aws-cn` or `aws-us-gov`. */
  partition: string;

  /** What InvokeEndpointAsync is called with. */
  endpointName: string;
  /** Changes with each deployment that changes model, hardware or asynchronous settings. */
  endpointConfigName: string;
  /** Changes with each deployment that changes image, artifact or environment. */
  modelName: string;
  /** The one production variant. */
  variantName: string;

  /** Holds inputs, outputs, failures and the inbox. */
  bucketName: string;
  bucketArn: string;
  /** Inputs are at `<inputPrefix><jobId>/<name>`. */
  inputPrefix: string;
  outputPrefix: string;
  failurePrefix: string;
  /** What is uploaded below it becomes a job, when `inboxEnabled`. */
  inboxPrefix: string;
  inboxEnabled: boolean;

  /** SageMaker's own topics; empty when notifications are off. Follow `jobsTopicArn` instead: it has every end of a job. */
  successTopicArn: string;
  errorTopicArn: string;
  /** Job events, one for each job that ended: schemas/job-event.schema.json. */
  jobsTopicArn: string;

  /** Key `jobId`; indexes `due`, `ended` and `created`. */
  jobTableName: string;
  jobTableArn: string;

  submitFunctionName: string;
  submitFunctionArn: string;
  resultFunctionName: string;

  /** Bounds between which autoscaling keeps the instance count. */
  minCapacity: number;
  maxCapacity: number;
  /** Default of a job's `invocationTimeoutSeconds`. */
  invocationTimeoutSeconds: number;
  /** Default of a job's `requestTtlSeconds`: how long it may wait in the endpoint's queue. */
  requestTtlSeconds: number;
  maxConcurrentInvocationsPerInstance: number;
}
