/** A registered resource under its name in Terraform, its policies as documents. */
export interface Judged {
  type: string;
  name: string;
  // oxlint-disable-next-line typescript/no-explicit-any -- inputs are as loose as what registers them
  inputs: Record<string, any>;
}

/** What one check asks of each resource of its types, and of what belongs to it. */
export interface SecurityCheck {
  types: readonly string[];
  passes: (resource: Judged, all: readonly Judged[]) => boolean;
}

interface Statement {
  Effect: "Allow" | "Deny";
  Action?: string | string[];
  Resource?: string | string[];
  Principal?: string | Record<string, string | string[]>;
  Condition?: Record<string, Record<string, unknown>>;
}

function check(types: string, passes: SecurityCheck["passes"]): SecurityCheck {
  return { types: types.split(" "), passes };
}

const allowed = ({ inputs }: Judged, field = "policy") =>
  (inputs[field] as { Statement: Statement[] }).Statement.filter(({ Effect }) => Effect === "Allow");

const actionsOf = (statements: readonly Statement[]) => statements.flatMap(({ Action = [] }) => Action);

const everywhere = (resource: Judged) => allowed(resource).filter(({ Resource = [] }) => [Resource].flat().includes("*"));

const principals = ({ Principal = "*" }: Statement) =>
  typeof Principal === "string" ? [Principal] : Object.values(Principal).flatMap((value) => value);

const noneIsAnybody = (resource: Judged) => allowed(resource).every((statement) => !principals(statement).includes("*"));

/** What names the bucket in its `bucket`. */
const ofBucket = (type: string, all: readonly Judged[]) => all.filter((other) => other.type === type);

const encryption = (all: readonly Judged[]) =>
  ofBucket("aws_s3_bucket_server_side_encryption_configuration", all).map(
    ({ inputs }) => inputs["rules"][0].applyServerSideEncryptionByDefault.sseAlgorithm as string,
  );

const privateAll =
  (field: string) =>
  ({ inputs }: Judged) =>
    inputs[field] === true;

const noAcl = (_: Judged, all: readonly Judged[]) =>
  all.every(({ type, inputs }) => !/^aws_s3_bucket(_acl)?$/.test(type) || inputs["acl"] === undefined);

/** Actions that AWS offers for no resource in particular. */
const withoutResource =
  /^(ecr:GetAuthorizationToken|cloudwatch:(PutMetricData|GetMetricStatistics)|application-autoscaling:DescribeScalableTargets|ec2:Describe\w+)$/;

/** The rule behind each id, by what the program registers. */
export const securityChecks: Readonly<Record<string, SecurityCheck>> = {
  CKV_AWS_18: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_logging", all).length > 0),
  CKV_AWS_19: check("aws_s3_bucket", (_, all) => encryption(all).length > 0),
  CKV_AWS_20: check("aws_s3_bucket", noAcl),
  CKV_AWS_21: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_versioning", all).length > 0),
  CKV_AWS_26: check("aws_sns_topic", ({ inputs }) => typeof inputs["kmsMasterKeyId"] === "string"),
  CKV_AWS_27: check(
    "aws_sqs_queue",
    ({ inputs }) => inputs["sqsManagedSseEnabled"] === true || typeof inputs["kmsMasterKeyId"] === "string",
  ),
  CKV_AWS_28: check("aws_dynamodb_table", ({ inputs }) => inputs["pointInTimeRecovery"]?.enabled === true),
  CKV_AWS_45: check(
    "aws_lambda_function",
    ({ inputs }) => !/AKIA|SECRET|TOKEN|PASSWORD/.test(JSON.stringify(inputs["environment"]?.variables ?? {})),
  ),
  CKV_AWS_50: check("aws_lambda_function", ({ inputs }) => inputs["tracingConfig"] !== undefined),
  CKV_AWS_53: check("aws_s3_bucket_public_access_block", privateAll("blockPublicAcls")),
  CKV_AWS_54: check("aws_s3_bucket_public_access_block", privateAll("blockPublicPolicy")),
  CKV_AWS_55: check("aws_s3_bucket_public_access_block", privateAll("ignorePublicAcls")),
  CKV_AWS_56: check("aws_s3_bucket_public_access_block", privateAll("restrictPublicBuckets")),
  CKV_AWS_57: check("aws_s3_bucket", noAcl),
  CKV_AWS_60: check("aws_iam_role", (role) =>
    allowed(role, "assumeRolePolicy").every((statement) =>
      principals(statement).every((name) => /^(lambda|sagemaker|batchoperations\.s3)\.amazonaws\.com$/.test(name)),
    ),
  ),
  CKV_AWS_61: check("aws_iam_role", (role) => actionsOf(allowed(role, "assumeRolePolicy")).every((action) => action === "sts:AssumeRole")),
  CKV_AWS_62: check("aws_iam_role_policy", (policy) => !actionsOf(everywhere(policy)).includes("*")),
  CKV_AWS_63: check("aws_iam_role_policy", (policy) => actionsOf(allowed(policy)).every((action) => !action.includes("*"))),
  CKV_AWS_66: check("aws_cloudwatch_log_group", ({ inputs }) => inputs["retentionInDays"] > 0),
  CKV_AWS_70: check("aws_s3_bucket_policy", noneIsAnybody),
  CKV_AWS_72: check("aws_sqs_queue_policy", (policy) => actionsOf(allowed(policy)).every((action) => !action.includes("*"))),
  CKV_AWS_93: check("aws_s3_bucket aws_s3_bucket_policy", ({ type, inputs }) =>
    type === "aws_s3_bucket"
      ? inputs["policy"] === undefined
      : (inputs["policy"] as { Statement: Statement[] }).Statement.every(
          ({ Effect, Condition }) => Effect === "Allow" || Condition?.["Bool"]?.["aws:SecureTransport"] === "false",
        ),
  ),
  CKV_AWS_98: check("aws_sagemaker_endpoint_configuration", ({ inputs }) => typeof inputs["kmsKeyArn"] === "string"),
  CKV_AWS_115: check("aws_lambda_function", ({ inputs }) => inputs["reservedConcurrentExecutions"] !== undefined),
  CKV_AWS_116: check("aws_lambda_function", ({ inputs }) => inputs["deadLetterConfig"] !== undefined),
  CKV_AWS_117: check("aws_lambda_function", ({ inputs }) => inputs["vpcConfig"]?.subnetIds.length > 0),
  CKV_AWS_119: check("aws_dynamodb_table", ({ inputs }) => typeof inputs["serverSideEncryption"]?.kmsKeyArn === "string"),
  CKV_AWS_144: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_replication_configuration", all).length > 0),
  CKV_AWS_145: check("aws_s3_bucket", (_, all) => encryption(all).includes("aws:kms")),
  CKV_AWS_158: check("aws_cloudwatch_log_group", ({ inputs }) => typeof inputs["kmsKeyId"] === "string"),
  CKV_AWS_168: check("aws_sqs_queue aws_sqs_queue_policy", (resource) =>
    resource.type === "aws_sqs_queue" ? resource.inputs["policy"] === undefined : noneIsAnybody(resource),
  ),
  CKV_AWS_169: check("aws_sns_topic_policy", noneIsAnybody),
  CKV_AWS_173: check("aws_lambda_function", ({ inputs }) => typeof inputs["kmsKeyArn"] === "string"),
  CKV_AWS_272: check("aws_lambda_function", ({ inputs }) => inputs["codeSigningConfigArn"] !== undefined),
  CKV_AWS_274: check("aws_iam_role", ({ inputs }) => inputs["managedPolicyArns"] === undefined),
  CKV_AWS_286: check("aws_iam_role_policy", (policy) =>
    actionsOf(allowed(policy)).every((action) => !/^(iam|sts|glue|cloudformation):|^lambda:(Create|Update|Add)/.test(action)),
  ),
  CKV_AWS_287: check("aws_iam_role_policy", (policy) =>
    actionsOf(allowed(policy)).every((action) => !/^(iam|sts|sso):|Credentials|AccessKey|SecretValue/.test(action)),
  ),
  CKV_AWS_288: check("aws_iam_role_policy", (policy) =>
    actionsOf(everywhere(policy)).every((action) => !/^(s3|dynamodb|ssm|secretsmanager|rds):/.test(action)),
  ),
  CKV_AWS_289: check("aws_iam_role_policy", (policy) =>
    actionsOf(allowed(policy)).every(
      (action) => !/Policy|(Add|Remove)Permission|Acl|SetTopicAttributes|SetQueueAttributes|PassRole/.test(action),
    ),
  ),
  CKV_AWS_290: check("aws_iam_role_policy", (policy) =>
    everywhere(policy).every(
      ({ Action, Condition }) => Condition !== undefined || [Action ?? []].flat().every((action) => /:(Get|Describe)/.test(action)),
    ),
  ),
  CKV_AWS_300: check("aws_s3_bucket_lifecycle_configuration", ({ inputs }) =>
    (inputs["rules"] as Record<string, Record<string, unknown>>[]).some(
      (rule) => rule["abortIncompleteMultipartUpload"] !== undefined && !rule["filter"]?.["prefix"],
    ),
  ),
  CKV_AWS_301: check("aws_lambda_permission", ({ inputs }) => inputs["principal"] !== "*"),
  CKV_AWS_319: check("aws_cloudwatch_metric_alarm", ({ inputs }) => inputs["actionsEnabled"] !== false),
  CKV_AWS_338: check("aws_cloudwatch_log_group", ({ inputs }) => inputs["retentionInDays"] >= 365),
  CKV_AWS_355: check("aws_iam_role_policy", (policy) => actionsOf(everywhere(policy)).every((action) => withoutResource.test(action))),
  CKV_AWS_363: check("aws_lambda_function", ({ inputs }) => inputs["runtime"] === "nodejs24.x"),
  CKV_AWS_364: check("aws_lambda_permission", ({ inputs }) => typeof inputs["sourceArn"] === "string"),
  CKV_AWS_370: check("aws_sagemaker_model", ({ inputs }) => inputs["enableNetworkIsolation"] === true),
  CKV_AWS_385: check("aws_sns_topic_policy", (policy) =>
    allowed(policy).every(
      ({ Principal, Condition }) => typeof Principal !== "object" || Principal["AWS"] === undefined || Condition !== undefined,
    ),
  ),
  CKV_AWS_387: check("aws_sqs_queue_policy", noneIsAnybody),
  CKV_AWS_393: check("aws_iam_role", (role) =>
    allowed(role, "assumeRolePolicy").every(({ Principal }) => typeof Principal === "object" && Principal["Federated"] === undefined),
  ),
  CKV2_AWS_6: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_public_access_block", all).length > 0),
  CKV2_AWS_16: check("aws_dynamodb_table", ({ inputs }) => inputs["billingMode"] === "PAY_PER_REQUEST"),
  CKV2_AWS_40: check("aws_iam_role_policy", (policy) => actionsOf(allowed(policy)).every((action) => !action.startsWith("iam:"))),
  CKV2_AWS_56: check("aws_iam_role", (_, all) => all.every(({ type }) => type !== "aws_iam_role_policy_attachment")),
  CKV2_AWS_61: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_lifecycle_configuration", all).length > 0),
  CKV2_AWS_62: check("aws_s3_bucket", (_, all) => ofBucket("aws_s3_bucket_notification", all).length > 0),
  CKV2_AWS_73: check("aws_sqs_queue", ({ inputs }) => !String(inputs["kmsMasterKeyId"]).startsWith("alias/aws/")),
  CKV2_AWS_75: check("aws_lambda_function", (_, all) => all.every(({ type }) => type !== "aws_lambda_function_url")),
};
