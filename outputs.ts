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
  /** ARN of that bucket. */
  bucketArn: string;
  /** Inputs are at `<inputPrefix><jobId>/<name>`. */
  inputPrefix: string;
  /** Results are below it. */
  outputPrefix: string;
  /** What the model said when it failed is below it. */
  failurePrefix: string;
  /** Uploads that become jobs are below it. */
  inboxPrefix: string;
  /** Whether an upload below `inboxPrefix` becomes a job. */
  inboxEnabled: boolean;

  /** SageMaker's own topic for completed invocations; empty when notifications are off. `jobsTopicArn` has every end of a job. */
  successTopicArn: string;
  /** SageMaker's own topic for failed invocations; empty when notifications are off. */
  errorTopicArn: string;
  /** Job events, one for each job that ended: schemas/job-event.schema.json. */
  jobsTopicArn: string;

  /** Key `jobId`; indexes `due`, `ended` and `created`. */
  jobTableName: string;
  /** ARN of that table; its indexes are at `<jobTableArn>/index/<name>`. */
  jobTableArn: string;

  /** Takes requests: schemas/submit-request.schema.json in, schemas/submit-answer.schema.json out. */
  submitFunctionName: string;
  /** ARN of that function: what a caller's role needs `lambda:InvokeFunction` on. */
  submitFunctionArn: string;
  /** Records the ends of invocations; its log says what was dropped and why. */
  resultFunctionName: string;

  /** Instances that always run; 0 when the endpoint may sleep. */
  minCapacity: number;
  /** Instances that may run at once. */
  maxCapacity: number;
  /** Default of a job's `invocationTimeoutSeconds`. */
  invocationTimeoutSeconds: number;
  /** Default of a job's `requestTtlSeconds`: how long it may wait in the endpoint's queue. */
  requestTtlSeconds: number;
  /** Requests that SageMaker sends to one instance at a time. */
  maxConcurrentInvocationsPerInstance: number;
}
