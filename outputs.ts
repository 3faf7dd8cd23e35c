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
  /** Prefixes that one of the four was before, each behind what it was, separated by commas: `input:scans/,output:texts/`; empty: none. */
  formerPrefixes: string;
  /** Whether an upload below `inboxPrefix` becomes a job. */
  inboxEnabled: boolean;
  /** ARN of the function to which a bucket of your own sends `s3:ObjectCreated:*` below `inboxPrefix`; empty without an inbox. */
  inboxFunctionArn: string;
  /** ARN of the function that S3 Batch Operations invokes for each object of a manifest; empty without batches. */
  batchFunctionArn: string;
  /** ARN of the role that S3 Batch Operations runs as; empty without batches. */
  batchRoleArn: string;
  /** ARN of the endpoint's execution role: what the policies of buckets, topics and keys of your own name. */
  executionRoleArn: string;

  /** SageMaker's own topic for completed invocations; empty when notifications are off. `jobsTopicArn` has every end of a job. */
  successTopicArn: string;
  /** SageMaker's own topic for failed invocations; empty when notifications are off. */
  errorTopicArn: string;
  /** Job events, one for each job that ended: schemas/job-event.schema.json. */
  jobsTopicArn: string;

  /** Topic of the alarms; empty when they are off. */
  alarmTopicArn: string;

  /** Key `jobId`; indexes `due`, `ended` and `created`. */
  jobTableName: string;
  /** ARN of that table; its indexes are at `<jobTableArn>/index/<name>`. */
  jobTableArn: string;

  /** ARN of the customer's key that encrypts bucket, topics and table; empty with AWS's own keys. */
  kmsKeyArn: string;
  /** ARNs, separated by commas, of the customer's keys that did so before and are still read with; empty: none. */
  formerKmsKeyArns: string;

  /** Takes requests: schemas/submit-request.schema.json in, schemas/submit-answer.schema.json out. */
  submitFunctionName: string;
  /** ARN of that function: what a caller's role needs `lambda:InvokeFunction` on. */
  submitFunctionArn: string;
  /** Records the ends of invocations; its log says what was dropped and why. */
  resultFunctionName: string;
  /** Log group of that function. */
  resultLogGroupName: string;
  /** Looks after open jobs once per minute: ends jobs whose notification was lost. */
  sweepFunctionName: string;
  /** ARN of the function that keeps instances for open jobs: callers that submit without the submit function call it. */
  floorFunctionArn: string;
  /** ARN of the function that exports jobs' spans, which functions of traced handlers call; empty without `traceEndpoint`. */
  tracingFunctionArn: string;
  /** Share, in percent, of the jobs without a trace of their caller's whose spans are exported; 0 without `traceEndpoint`. */
  traceSamplePercent: number;
  /** ARN of the function that puts jobs' ends on an event bus; empty without `eventBusName`. */
  busFunctionArn: string;
  /** ARN of the function that answers tasks of Step Functions; empty without `workflowsEnabled`. */
  tasksFunctionArn: string;
  /** ARN of each webhook's function, behind the webhook's name, separated by commas: `orders=arn:…,billing=arn:…`; empty: none. */
  webhookFunctionArns: string;
  /** Queue of what could not be delivered, or failed each time that it was tried. */
  deadLetterQueueUrl: string;
  /** ARN of that queue. */
  deadLetterQueueArn: string;

  /** Instances that always run; 0 when the endpoint may sleep. */
  minCapacity: number;
  /** Instances that may run at once. */
  maxCapacity: number;
  /** Default of a job's `invocationTimeoutSeconds`. */
  invocationTimeoutSeconds: number;
  /** Default of a job's `requestTtlSeconds`: how long it may wait in the endpoint's queue. */
  requestTtlSeconds: number;
  /** Open jobs from which on no further one is taken; 0: any number. */
  maxOpenJobs: number;
  /** Whether the model may run again when it can't be known whether it ran: `rerun` or `wait`. Default of a job's `onDoubt`. */
  onDoubt: string;
  /** How often a job may be invoked, the first time included. */
  maxAttempts: number;
  /** How long a record is kept after its job ended. */
  jobRetentionDays: number;
  /** Buckets, separated by commas, from which a job's `inputLocation` may come, besides the inputs of `bucketName`; empty: none. */
  inputBuckets: string;
  /** Requests that SageMaker sends to one instance at a time. */
  maxConcurrentInvocationsPerInstance: number;
}

/** `accountId` of an embedded cloud, which no customer of AWS has. */
export const embeddedAccountId = "000000000000";

/** Whether an embedded cloud has the service of these outputs. */
export function isEmbedded({ accountId }: Pick<AsyncInferenceOutputs, "accountId">): boolean {
  return accountId === embeddedAccountId;
}

/** Address that an embedded cloud had when it deployed the service, from its queue's URL. */
export function embeddedAddress({ deadLetterQueueUrl }: Pick<AsyncInferenceOutputs, "deadLetterQueueUrl">): string {
  return new URL(deadLetterQueueUrl).origin;
}

/** Which output names each of the service's own functions, by its name or its ARN. */
export const functionOutputs = {
  submit: "submitFunctionName",
  inbox: "inboxFunctionArn",
  batch: "batchFunctionArn",
  result: "resultFunctionName",
  sweep: "sweepFunctionName",
  floor: "floorFunctionArn",
  tracing: "tracingFunctionArn",
  bus: "busFunctionArn",
  tasks: "tasksFunctionArn",
} as const satisfies Record<string, keyof AsyncInferenceOutputs>;

/** Name and function of each webhook, from the output of that name; none in outputs of an older version. */
export function webhookFunctionsOf({ webhookFunctionArns = "" }: { webhookFunctionArns?: string }): Record<string, string> {
  return Object.fromEntries([...webhookFunctionArns.matchAll(/([^,=]+)=([^,]+)/g)].map(([, name = "", arn = ""]) => [name, arn]));
}

/** What lies below a prefix. */
export type PrefixKind = "input" | "output" | "failure" | "inbox";

/** The prefixes that one of the four was before, from the output of that name; none in outputs of an older version. */
export function formerPrefixesOf({ formerPrefixes = "" }: { formerPrefixes?: string }, kind: PrefixKind): string[] {
  const named = formerPrefixes.split(",").filter((each) => each.startsWith(`${kind}:`));
  return named.map((each) => each.slice(kind.length + 1));
}

/** Type of each output, for whoever reads outputs that somebody else's program wrote. */
const outputTypes: Record<keyof AsyncInferenceOutputs, "string" | "number" | "boolean"> = {
  contractVersion: "number",
  region: "string",
  accountId: "string",
  partition: "string",
  endpointName: "string",
  endpointConfigName: "string",
  modelName: "string",
  variantName: "string",
  bucketName: "string",
  bucketArn: "string",
  inputPrefix: "string",
  outputPrefix: "string",
  failurePrefix: "string",
  inboxPrefix: "string",
  formerPrefixes: "string",
  inboxEnabled: "boolean",
  inboxFunctionArn: "string",
  batchFunctionArn: "string",
  batchRoleArn: "string",
  executionRoleArn: "string",
  successTopicArn: "string",
  errorTopicArn: "string",
  jobsTopicArn: "string",
  alarmTopicArn: "string",
  jobTableName: "string",
  jobTableArn: "string",
  kmsKeyArn: "string",
  formerKmsKeyArns: "string",
  submitFunctionName: "string",
  submitFunctionArn: "string",
  resultFunctionName: "string",
  resultLogGroupName: "string",
  sweepFunctionName: "string",
  floorFunctionArn: "string",
  tracingFunctionArn: "string",
  traceSamplePercent: "number",
  busFunctionArn: "string",
  tasksFunctionArn: "string",
  webhookFunctionArns: "string",
  deadLetterQueueUrl: "string",
  deadLetterQueueArn: "string",
  minCapacity: "number",
  maxCapacity: "number",
  invocationTimeoutSeconds: "number",
  requestTtlSeconds: "number",
  maxOpenJobs: "number",
  onDoubt: "string",
  maxAttempts: "number",
  jobRetentionDays: "number",
  inputBuckets: "string",
  maxConcurrentInvocationsPerInstance: "number",
};

/** Names of the outputs of a service. */
export const outputNames = Object.keys(outputTypes) as (keyof AsyncInferenceOutputs)[];

/**
 * Why something is not the outputs of a service that this version can read, in one sentence; undefined when it is.
 *
 * Outputs that are unknown here are ignored: newer versions add some.
 *
 * @param subject what the outputs belong to, as the sentence begins: `The stack acme/ocr/prod`
 */
export function outputsProblem(subject: string, outputs: unknown): string | undefined {
  const fields = typeof outputs === "object" && outputs !== null ? (outputs as Record<string, unknown>) : {};
  const names = Object.keys(fields);
  if (names.length === 0) return `${subject} has no outputs: deploy it with \`export = service.outputs\` first.`;
  const version = fields["contractVersion"];
  if (typeof version !== "number") {
    const nested = servicesIn(fields);
    const advice =
      nested.length === 0
        ? "name the stack of an AsyncInference"
        : nested.length === 1
          ? `they are in its output ${nested.join()}, so name that too`
          : `they are in its outputs ${nested.join(", ")}, so name one of those too`;
    return `${subject} has no output contractVersion, which the outputs of an asynchronous inference have: ${advice} (it has ${names.sort().join(", ")}).`;
  }
  if (version > contractVersion) {
    return `${subject} has contractVersion ${version} where this sagemaker-async-inference reads ${contractVersion}: update the package here.`;
  }
  if (version < contractVersion) {
    return `${subject} has contractVersion ${version} where this sagemaker-async-inference reads ${contractVersion}: update the package there and deploy again.`;
  }
  const secrets = maskedOutputs(fields);
  if (secrets.length > 0) {
    return `${subject} has [secret] in the place of ${secrets.join(", ")}: write it with \`pulumi stack output --json --show-secrets\`.`;
  }
  const wrong = Object.entries(outputTypes).filter(([name, type]) => typeof fields[name] !== type);
  const missing = wrong.flatMap(([name]) => (fields[name] === undefined ? [name] : []));
  if (missing.length > 0) {
    return `${subject} has no output ${missing.join(", ")}, as if deployed by an older sagemaker-async-inference than this: update the package there and deploy again.`;
  }
  if (wrong.length > 0) {
    const found = wrong.map(([name, type]) => `${name} (${typeof fields[name]}, expected ${type})`).join(", ");
    return `${subject} has other outputs than an asynchronous inference: ${found}.`;
  }
  const { accountId, deadLetterQueueUrl } = fields as unknown as AsyncInferenceOutputs;
  if (isEmbedded({ accountId }) && !URL.canParse(deadLetterQueueUrl)) {
    return `${subject} has the outputs of an embedded cloud, and not its address: deadLetterQueueUrl is ${deadLetterQueueUrl}, expected a URL there.`;
  }
  return undefined;
}

/** Names of the outputs that hold those of a service each, as in `export = { ocr: ocr.outputs, speech: speech.outputs }`. */
export function servicesIn(outputs: object): string[] {
  const isService = (value: unknown) => typeof (value as { contractVersion?: unknown } | null)?.contractVersion === "number";
  return Object.entries(outputs).flatMap(([name, value]) => (isService(value) ? [name] : []));
}

/** Outputs of a service that `pulumi stack output --json` shows as `[secret]`, as it does without `--show-secrets`. */
export function maskedOutputs(outputs: object): string[] {
  return Object.entries(outputs).flatMap(([name, value]) => (name in outputTypes && value === "[secret]" ? [name] : []));
}
