import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { keyUsePolicy, keyStatements, lowerCase, policyDocument, readAndWrite, type Keys, type Statement } from "./policies";
import { formerPrefixesOf, type PrefixKind } from "../outputs";
import type { ServiceOutputs } from "./stackOutputs";

/** Options of the grants over outputs. */
export interface GrantOptions {
  /** Part of the policy's resource name, which a role needs that is granted the same for two services. @default none */
  name?: string;
}

/** Options of the component's own grants. */
interface OwnGrantOptions extends GrantOptions {
  /** The service's keys, known before its resources are: their use then waits for none of these. @default what the outputs say */
  keys?: Keys;
}

const decrypt = ["kms:Decrypt"];

/**
 * Lets a role submit jobs, by either way: by invoking the submit function, or by itself as `SageMakerAsyncClient` does,
 * which writes record and input and calls the endpoint. {@link grantSubmitFunction} is the narrow one.
 *
 * IAM, exactly:
 * - `lambda:InvokeFunction` on the submit function and the floor function (keeps instances for the job)
 * - `dynamodb:GetItem`, `dynamodb:PutItem`, `dynamodb:UpdateItem` on the job table (also: cancels a job)
 * - `s3:PutObject`, `s3:AbortMultipartUpload`, `s3:GetObject` on `<bucket>/<inputPrefix>*` (uploads inputs, gives up halfway,
 *   looks at one that is there) and `s3:ListBucket` on the bucket (else a missing object reads as 403)
 * - `sagemaker:InvokeEndpointAsync` on the endpoint
 * - `sns:Publish` on the jobs topic (a job that the service refuses for good, or that is cancelled, ends here)
 * - with a customer's key `kms:Decrypt` and `kms:GenerateDataKey` on it
 *
 * An input in another bucket is read under the caller's role too: grant that where the bucket is.
 */
export function grantSubmit(outputs: ServiceOutputs, role: aws.iam.Role, options: OwnGrantOptions = {}): aws.iam.RolePolicy {
  const { jobTableArn, jobsTopicArn } = outputs;
  const statements: Statement[] = [
    invokeSubmit(outputs),
    { sid: "HoldInstances", actions: ["lambda:InvokeFunction"], resources: [outputs.floorFunctionArn] },
    { sid: "Jobs", actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"], resources: [jobTableArn] },
    { sid: "Inputs", actions: ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"], resources: below(outputs, "input") },
    listBucket(outputs),
    { sid: "InvokeEndpoint", actions: ["sagemaker:InvokeEndpointAsync"], resources: [endpointArn(outputs)] },
    { sid: "Announce", actions: ["sns:Publish"], resources: [jobsTopicArn] },
  ];
  return grant("submit", role, outputs, statements, readAndWrite, options);
}

/**
 * Lets a role submit jobs by invoking the submit function, and nothing else: `lambda:InvokeFunction` on it. What the function
 * does, it does under its own role; no key is needed.
 */
export function grantSubmitFunction(outputs: ServiceOutputs, role: aws.iam.Role, options: OwnGrantOptions = {}): aws.iam.RolePolicy {
  return grant("submit-function", role, outputs, [invokeSubmit(outputs)], [], options);
}

/**
 * Lets a role read jobs and results.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem`, `dynamodb:BatchGetItem` on the job table, `dynamodb:Query` on its index `created` (lists)
 * - `s3:GetObject` on `<bucket>/<outputPrefix>*` and `<bucket>/<failurePrefix>*`, `s3:ListBucket` on the bucket (else a missing
 *   object reads as 403)
 * - with a customer's key `kms:Decrypt` on it
 */
export function grantRead(outputs: ServiceOutputs, role: aws.iam.Role, options: OwnGrantOptions = {}): aws.iam.RolePolicy {
  return grant("read", role, outputs, readStatements(outputs, "created"), decrypt, options);
}

/**
 * Lets a role wait for jobs and get their results: as {@link grantRead}, with `dynamodb:Query` on the index `ended`, which
 * tells of ends, in the place of `created`.
 */
export function grantWait(outputs: ServiceOutputs, role: aws.iam.Role, options: OwnGrantOptions = {}): aws.iam.RolePolicy {
  return grant("wait", role, outputs, readStatements(outputs, "ended"), decrypt, options);
}

/**
 * Lets a role explain jobs, as `job.explain()`, `client.overview()`, `sagemaker-async explain` and `sagemaker-async ui` do: read what a
 * job's state follows from. Each
 * statement may be left out; explain then says what it could not read.
 *
 * IAM, exactly:
 * - `dynamodb:GetItem` on the job table, `dynamodb:Query` on its indexes `created` (lists, which the page of `sagemaker-async ui` begins
 *   with) and `waiting` (how many low jobs are before one)
 * - `s3:GetObject` on `<bucket>/<inputPrefix>*`, `<bucket>/<outputPrefix>*` and `<bucket>/<failurePrefix>*`, `s3:ListBucket` on the
 *   bucket (else a missing object reads as 403)
 * - `sagemaker:DescribeEndpoint` on the endpoint, `sagemaker:DescribeEndpointConfig` on its configuration, which has another name
 *   after each deployment that changes it: deploy the grant again then
 * - `logs:FilterLogEvents` on the log groups of the endpoint and of the result function
 * - `sqs:GetQueueAttributes` on the dead-letter queue (how many there are)
 * - `cloudwatch:DescribeAlarms` on the account's alarms in the region
 * - `cloudwatch:GetMetricData`, `application-autoscaling:DescribeScalableTargets`,
 *   `application-autoscaling:DescribeScalingActivities` and `application-autoscaling:DescribeScheduledActions` on `*`: they have no
 *   resource level
 *   (https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazoncloudwatch.html,
 *   https://docs.aws.amazon.com/service-authorization/latest/reference/list_applicationautoscaling.html)
 * - with a customer's key `kms:Decrypt` on it
 */
export function grantExplain(outputs: ServiceOutputs, role: aws.iam.Role, options: OwnGrantOptions = {}): aws.iam.RolePolicy {
  const { partition, region, accountId, jobTableArn } = outputs;
  const arn = (service: string, resource: pulumi.Input<string>) =>
    pulumi.interpolate`arn:${partition}:${service}:${region}:${accountId}:${resource}`;
  const logGroup = (name: pulumi.Input<string>) => arn("logs", pulumi.interpolate`log-group:${name}:*`);
  const configName = lowerCase(outputs.endpointConfigName);
  const statements: Statement[] = [
    { sid: "Jobs", actions: ["dynamodb:GetItem"], resources: [jobTableArn] },
    {
      sid: "JobIndex",
      actions: ["dynamodb:Query"],
      resources: ["created", "waiting"].map((name) => pulumi.interpolate`${jobTableArn}/index/${name}`),
    },
    {
      sid: "Objects",
      actions: ["s3:GetObject"],
      resources: below(outputs, "input", "output", "failure"),
    },
    listBucket(outputs),
    { sid: "Endpoint", actions: ["sagemaker:DescribeEndpoint"], resources: [endpointArn(outputs)] },
    {
      sid: "EndpointConfig",
      actions: ["sagemaker:DescribeEndpointConfig"],
      resources: [arn("sagemaker", pulumi.interpolate`endpoint-config/${configName}`)],
    },
    {
      sid: "Logs",
      actions: ["logs:FilterLogEvents"],
      resources: [logGroup(pulumi.interpolate`/aws/sagemaker/Endpoints/${outputs.endpointName}`), logGroup(outputs.resultLogGroupName)],
    },
    { sid: "DeadLetters", actions: ["sqs:GetQueueAttributes"], resources: [outputs.deadLetterQueueArn] },
    { sid: "Alarms", actions: ["cloudwatch:DescribeAlarms"], resources: [arn("cloudwatch", "alarm:*")] },
    {
      sid: "MetricsAndScaling",
      actions: [
        "cloudwatch:GetMetricData",
        "application-autoscaling:DescribeScalableTargets",
        "application-autoscaling:DescribeScalingActivities",
        "application-autoscaling:DescribeScheduledActions",
      ],
      resources: ["*"],
    },
  ];
  return grant("explain", role, outputs, statements, decrypt, options);
}

/**
 * What a handler of job events may do: read results (of completed jobs; the others have none), mark its own effects, and say in a
 * job's record that it fails.
 *
 * The last is narrowed as DynamoDB's guide has it: to attributes by name, with nothing else returned.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
 */
export function handlerStatements(outputs: ServiceOutputs, handlerName: string, end: "completed" | "failed"): Statement[] {
  const { jobTableArn } = outputs;
  const condition = (test: string, name: string, values: string[]) => ({ test, variable: `dynamodb:${name}`, values });
  const effects: Statement = {
    sid: "MarkEffects",
    actions: ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"],
    resources: [jobTableArn],
    conditions: [condition("ForAllValues:StringLike", "LeadingKeys", [`#once/${handlerName}/*`])],
  };
  const failures: Statement = {
    sid: "RecordFailures",
    actions: ["dynamodb:GetItem", "dynamodb:UpdateItem"],
    resources: [jobTableArn],
    conditions: [
      condition("ForAllValues:StringEquals", "Attributes", ["jobId", "endedAt", "handlerFailures"]),
      condition("StringEqualsIfExists", "Select", ["SPECIFIC_ATTRIBUTES"]),
      condition("StringEqualsIfExists", "ReturnValues", ["NONE"]),
    ],
  };
  const read: Statement = { sid: "ReadObjects", actions: ["s3:GetObject"], resources: below(outputs, "output") };
  const results = end === "completed" ? [read, listBucket(outputs)] : [];
  return [...results, effects, failures];
}

/**
 * The policy is the role's child: it belongs to the role's account and provider, whatever the service's are.
 *
 * @param keyActions what the role may do with the service's key
 */
function grant(
  what: string,
  role: aws.iam.Role,
  outputs: ServiceOutputs,
  statements: Statement[],
  keyActions: string[],
  { name, keys }: OwnGrantOptions,
): aws.iam.RolePolicy {
  const policyName = [pulumi.resourceName(role), ...(name === undefined ? [] : [name]), what].join("-");
  const { kmsKeyArn, formerKmsKeyArns } = keys ?? {};
  const ownKeys = keyActions.length === 0 ? [] : keyStatements({ kmsKeyArn, formerKmsKeyArns }, keyActions);
  const dependsOn = keyUsePolicy(policyName, role, ownKeys, role);
  const others = keys === undefined && keyActions.length > 0 ? keysOf(outputs, keyActions) : [];
  const policy = policyDocument(role, statements, others);
  return new aws.iam.RolePolicy(policyName, { role: role.id, policy }, { parent: role, dependsOn });
}

function readStatements(outputs: ServiceOutputs, index: "created" | "ended"): Statement[] {
  const { jobTableArn } = outputs;
  return [
    { sid: "Jobs", actions: ["dynamodb:GetItem", "dynamodb:BatchGetItem"], resources: [jobTableArn] },
    { sid: "JobIndex", actions: ["dynamodb:Query"], resources: [pulumi.interpolate`${jobTableArn}/index/${index}`] },
    { sid: "Results", actions: ["s3:GetObject"], resources: below(outputs, "output", "failure") },
    listBucket(outputs),
  ];
}

/** Use of the keys that a service's outputs name. */
export function keysOf({ kmsKeyArn, formerKmsKeyArns }: ServiceOutputs, actions: string[]): pulumi.Output<Statement[]> {
  return pulumi.all([kmsKeyArn, formerKmsKeyArns]).apply(([key, former]) => {
    const formerKeys = former === "" ? undefined : former.split(",");
    return keyStatements({ kmsKeyArn: key || undefined, formerKmsKeyArns: formerKeys }, actions);
  });
}

function invokeSubmit({ submitFunctionArn }: ServiceOutputs): Statement {
  return { sid: "InvokeSubmit", actions: ["lambda:InvokeFunction"], resources: [submitFunctionArn] };
}

function listBucket({ bucketArn }: ServiceOutputs): Statement {
  return { sid: "ListBuckets", actions: ["s3:ListBucket"], resources: [bucketArn] };
}

/** What lies below a prefix, and below those that it was before. */
function below(outputs: ServiceOutputs, ...kinds: Exclude<PrefixKind, "inbox">[]): pulumi.Output<string[]> {
  const { bucketArn, formerPrefixes, inputPrefix, outputPrefix, failurePrefix } = outputs;
  return pulumi.all({ bucketArn, formerPrefixes, inputPrefix, outputPrefix, failurePrefix }).apply((resolved) =>
    kinds
      .map((kind) => resolved[`${kind}Prefix`])
      .concat(kinds.flatMap((kind) => formerPrefixesOf(resolved, kind)))
      .map((prefix) => `${resolved.bucketArn}/${prefix}*`),
  );
}

/** An endpoint's name in its ARN, in small letters as SageMaker writes it. */
function endpointArn({ partition, region, accountId, endpointName }: ServiceOutputs): pulumi.Output<string> {
  const name = lowerCase(endpointName);
  return pulumi.interpolate`arn:${partition}:sagemaker:${region}:${accountId}:endpoint/${name}`;
}
