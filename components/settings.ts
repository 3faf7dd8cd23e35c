import { warmHoursPattern } from "../core/floor/warmHours";
import type { AsyncInferenceArgs } from "./args";
import { frameworks } from "./servingImages";

/** One setting: its default, its bounds, and what they come from. */
export interface Setting {
  type: "string" | "integer" | "boolean" | "strings" | "map";
  /** Undefined when leaving it out means something else than a value; `description` says what. */
  default?: string | number | boolean | readonly string[] | Readonly<Record<string, string>>;
  /** Bounds of an integer, both included. */
  minimum?: number;
  maximum?: number;
  /** Whether 0, below the minimum, is accepted too: it means "never". */
  orZero?: true;
  /** The only values that are accepted. */
  values?: readonly (string | number)[];
  /** What a string, an item of a list, or a key of a map looks like. */
  pattern?: RegExp;
  /** What a value in a map looks like. */
  valuePattern?: RegExp;
  /** Shortest list. */
  minimumItems?: number;
  /** Longest list or map. */
  maximumItems?: number;
  /** Longest string, or value in a map. */
  maximumLength?: number;
  /** What is accepted, in words; integers, booleans and `values` say it themselves. */
  accepts?: string;
  unit?: string;
  description: string;
  /** Where default or bounds come from. */
  source?: string;
  /** Whether the value may be secret in the stack file, or must always be. */
  secret?: true | "always";
}

const api = "https://docs.aws.amazon.com/sagemaker/latest/APIReference";
const runtimeApi = `${api}/API_runtime_InvokeEndpointAsync.html`;
const variantApi = `${api}/API_ProductionVariant.html`;
const s3Docs = "https://docs.aws.amazon.com/AmazonS3/latest";
const autoscalingApi = "https://docs.aws.amazon.com/autoscaling/application/APIReference";
// Not `*`, which S3 allows: in a policy it would stand for every prefix. Not "." and "..", which clients normalize away.
const prefixPattern = /^(?!(.*\/)?\.{1,2}(\/|$))[A-Za-z0-9!_.'()-]+(\/[A-Za-z0-9!_.'()-]+)*\/?$/;
const prefix = {
  type: "string",
  pattern: prefixPattern,
  maximumLength: 256,
  accepts: 'a key prefix such as "input/", without a leading slash',
} as const satisfies Partial<Setting>;
const topicArn = /^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$/;
const topicAccepts = "the ARN of a standard SNS topic";
const bucket = /^(?!.*\.\.|\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const email = /^[^\s@]+@[^\s@]+\.[^\s@]+$/;
const emailAccepts = 'a list of email addresses such as ["ml-team@example.com"]';
const keyArn = /^arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key\/[A-Za-z0-9-]+$/;
const keyArns = {
  type: "strings",
  pattern: keyArn,
  minimumItems: 1,
  maximumItems: 10,
  accepts: "a list of 1 to 10 ARNs of KMS keys (not of aliases)",
} as const satisfies Partial<Setting>;
const expiration = {
  type: "integer",
  default: 30,
  minimum: 0,
  maximum: 36500,
  unit: "days",
  source: `${s3Docs}/API/API_LifecycleExpiration.html`,
} as const satisfies Partial<Setting>;

/** Of what a dead letter is about: it must still be there when the letter is put back. */
const expirationAfterDeadLetters = {
  ...expiration,
  minimum: 14,
  orZero: true,
  accepts: "0, or a whole number from 14 to 36500: a dead letter is kept for 14 days, and what it is about must be there",
} as const satisfies Partial<Setting>;

/** Every setting of the stack file and argument of the component, in the order of the reference's table. */
export const settings = {
  modelDataUrl: {
    type: "string",
    pattern: /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/(.+\.tar\.gz|.+\/)$/,
    maximumLength: 1024,
    accepts: "an S3 URI such as s3://my-models/ocr/model.tar.gz, or s3://my-models/ocr/ for a model that is not packed",
    description: "Model artifact, or the prefix of its files. Not together with huggingFaceModelId",
    source: `${api}/API_ContainerDefinition.html`,
  },
  image: {
    type: "string",
    pattern:
      /^(\d{12}\.dkr\.ecr(-fips)?\.[a-z0-9-]+\.[a-z0-9.-]+\/|(?![^/]*\.[^/]*\/))[a-z0-9]+([._/-][a-z0-9]+)*(:\w[\w.-]{0,127}|@sha256:[0-9a-f]{64})$/,
    maximumLength: 255,
    accepts: "an ECR image with a tag or digest, such as ocr:1 (this account and region) or <account>.dkr.ecr.<region>.amazonaws.com/ocr:1",
    description: "Inference image. Left out: AWS's image for framework",
    source: `${api}/API_ContainerDefinition.html`,
  },
  framework: {
    type: "string",
    values: Object.keys(frameworks),
    description: "Which of AWS's images serves the model; docs/models.md says which to take for what. Left out: huggingface",
  },
  imageTag: {
    type: "string",
    pattern: /^\w[\w.-]{0,127}$/,
    accepts: "an image tag",
    description: "Tag of AWS's image. Left out: the tag pinned in components/servingImages.ts",
  },
  huggingFaceModelId: {
    type: "string",
    pattern: /^([A-Za-z0-9][\w.-]*\/)?[A-Za-z0-9][\w.-]*$/,
    maximumLength: 200,
    accepts: "a model id such as distilbert/distilbert-base-uncased",
    description: "Model on the Hugging Face Hub",
  },
  huggingFaceTask: {
    type: "string",
    pattern: /^[a-z0-9-]+$/,
    maximumLength: 64,
    accepts: "a pipeline such as text-classification",
    description: "Pipeline that the Hugging Face image runs. Left out: what the model's card says",
  },
  huggingFaceToken: {
    type: "string",
    pattern: /^[A-Za-z0-9_-]{8,256}$/,
    accepts: "a secret token of the Hugging Face Hub, such as hf_...",
    description: "Token for a gated model; set with pulumi config set --secret",
    secret: "always",
  },
  environment: {
    type: "map",
    pattern: /^[A-Za-z_][A-Za-z0-9_]{0,1023}$/,
    maximumItems: 100,
    maximumLength: 1024,
    accepts: "at most 100 variables whose names are letters, digits and _, with names and values of at most 1024 characters",
    description: "Environment of the container, on top of what its model server has to be told",
    source: `${api}/API_ContainerDefinition.html`,
    secret: true,
  },
  vpcSubnetIds: {
    type: "strings",
    pattern: /^subnet-[0-9a-z-]+$/,
    minimumItems: 1,
    maximumItems: 16,
    accepts: 'a list of 1 to 16 subnet ids such as ["subnet-0a1b2c3d"]',
    description: "Subnets of the model's network interfaces, and with functionsInVpc of the functions'; with vpcSecurityGroupIds",
    source: `${api}/API_VpcConfig.html`,
  },
  vpcSecurityGroupIds: {
    type: "strings",
    pattern: /^sg-[0-9a-z-]+$/,
    minimumItems: 1,
    maximumItems: 5,
    accepts: 'a list of 1 to 5 security group ids such as ["sg-0a1b2c3d"]',
    description: "Security groups of the same network interfaces; with vpcSubnetIds",
    source: `${api}/API_VpcConfig.html`,
  },
  functionsInVpc: {
    type: "boolean",
    default: false,
    description: "Whether the functions run in vpcSubnetIds too; subnets without a NAT gateway then need VPC endpoints of every service",
  },
  instanceType: {
    type: "string",
    default: "ml.g5.2xlarge",
    pattern: /^ml\.(?!inf1\.|eia)[a-z0-9-]+\.[a-z0-9]+$/,
    accepts: "an instance type such as ml.g5.2xlarge; asynchronous endpoints do not run on ml.inf1",
    description: "Instance type of the endpoint: one GPU with 24 GiB for a model of up to about 10 billion parameters at 16 bits",
    source: variantApi,
  },
  inferenceAmiVersion: {
    type: "string",
    pattern: /^al2(023)?-ami-sagemaker-inference-(gpu|neuron)-\d+(-\d+)?$/,
    accepts: "an AMI version such as al2-ami-sagemaker-inference-gpu-3-1",
    description: "AMI, and with it GPU driver, of the instances. Left out: SageMaker chooses",
    source: variantApi,
  },
  volumeSizeGb: {
    type: "integer",
    minimum: 1,
    maximum: 512,
    unit: "GB",
    description: "Storage volume; only for instance types without local disks. Left out: SageMaker chooses",
    source: variantApi,
  },
  containerStartupTimeoutSeconds: {
    type: "integer",
    default: 1800,
    minimum: 60,
    maximum: 3600,
    unit: "seconds",
    description: "How long the container may take until /ping answers",
    source: variantApi,
  },
  modelDownloadTimeoutSeconds: {
    type: "integer",
    default: 1800,
    minimum: 60,
    maximum: 3600,
    unit: "seconds",
    description: "How long the download of the model artifact may take",
    source: variantApi,
  },
  maxConcurrentInvocationsPerInstance: {
    type: "integer",
    minimum: 1,
    maximum: 1000,
    unit: "requests",
    description:
      "Requests that SageMaker sends to one instance at a time. Left out: one for each GPU; 16, at most 64, where the server computes requests together",
    source: `${api}/API_AsyncInferenceClientConfig.html`,
  },
  minCapacity: {
    type: "integer",
    default: 0,
    minimum: 0,
    unit: "instances",
    description: "Instances that always run; 0 lets the endpoint sleep",
    source: `${autoscalingApi}/API_RegisterScalableTarget.html`,
  },
  maxCapacity: {
    type: "integer",
    default: 5,
    minimum: 1,
    unit: "instances",
    description: "Instances that may run at once",
    source: `${autoscalingApi}/API_RegisterScalableTarget.html`,
  },
  targetBacklogPerInstance: {
    type: "integer",
    default: 5,
    minimum: 1,
    unit: "requests",
    description: "Waiting requests per instance that target tracking aims for; 1 for jobs of many minutes",
    source: `${autoscalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  scaleInCooldownSeconds: {
    type: "integer",
    default: 600,
    minimum: 0,
    unit: "seconds",
    description: "Pause after a scale-in before the next one",
    source: `${autoscalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  scaleOutCooldownSeconds: {
    type: "integer",
    default: 120,
    minimum: 0,
    unit: "seconds",
    description: "Pause after a scale-out before the next one",
    source: `${autoscalingApi}/API_TargetTrackingScalingPolicyConfiguration.html`,
  },
  idleSeconds: {
    type: "integer",
    default: 600,
    minimum: 60,
    maximum: 86_400,
    unit: "seconds",
    description: "How long nothing must have been open before the endpoint goes back to minCapacity",
    source: "https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html",
  },
  partialScaleIn: {
    type: "boolean",
    default: false,
    description: "Whether single instances are taken away while others work; a job that runs on one is hit",
  },
  drain: {
    type: "boolean",
    default: false,
    description: "Whether new jobs are held while more instances run than are needed, until the fleet is empty and has shrunk",
  },
  warmHours: {
    type: "strings",
    default: [],
    pattern: new RegExp(warmHoursPattern),
    maximumItems: 50,
    accepts: 'a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"]',
    description: "Hours of the week in which warmMinCapacity instances always run",
    source: `${autoscalingApi}/API_PutScheduledAction.html`,
  },
  warmMinCapacity: {
    type: "integer",
    default: 1,
    minimum: 1,
    unit: "instances",
    description: "Instances that always run during warmHours",
  },
  warmTimeZone: {
    type: "string",
    default: "UTC",
    pattern: /^[A-Za-z]+([/_+-][A-Za-z0-9]+)*$/,
    maximumLength: 64,
    accepts: "a time zone such as Europe/Berlin",
    description: "Time zone of warmHours",
  },
  invocationTimeoutSeconds: {
    type: "integer",
    default: 3600,
    minimum: 1,
    maximum: 3600,
    unit: "seconds",
    description: "How long one invocation may run, unless the request says otherwise",
    source: runtimeApi,
  },
  requestTtlSeconds: {
    type: "integer",
    default: 21600,
    minimum: 60,
    maximum: 21600,
    unit: "seconds",
    description: "How long a request may wait in the endpoint's queue, unless it says otherwise",
    source: runtimeApi,
  },
  maxAttempts: {
    type: "integer",
    default: 3,
    minimum: 1,
    maximum: 999,
    unit: "attempts",
    description: "Attempts at a job whose outcome is in doubt; model errors are never tried again",
  },
  onDoubt: {
    type: "string",
    default: "rerun",
    values: ["rerun", "wait"],
    description: "What happens when it can't be known whether an attempt ran; wait is for models that must not run twice",
  },
  maxOpenJobs: {
    type: "integer",
    default: 100_000,
    minimum: 0,
    maximum: 10_000_000,
    unit: "jobs",
    description: "Open jobs from which on further ones are refused with LIMIT, best below what expires in the queue; 0 refuses none",
    source: "npm run bench:sweep: what one sweep a minute looks after with ease",
  },
  jobRetentionDays: {
    type: "integer",
    default: 30,
    minimum: 1,
    maximum: 3650,
    unit: "days",
    description: "How long a job's record is kept after the job ended",
  },
  inboxEnabled: {
    type: "boolean",
    default: false,
    description: "Whether an object uploaded below inboxPrefix becomes a job",
  },
  inputBuckets: {
    type: "strings",
    default: [],
    pattern: bucket,
    maximumItems: 20,
    accepts: "a list of at most 20 bucket names",
    description: "Further buckets from which a request's inputLocation may come",
  },
  bucketName: {
    type: "string",
    pattern: bucket,
    accepts: "a bucket name: 3 to 63 lower-case letters, digits, dots and hyphens",
    description: "Your own bucket; its policy, lifecycle and notifications stay yours. Left out: a new bucket",
    source: `${s3Docs}/userguide/bucketnamingrules.html`,
  },
  inputPrefix: { ...prefix, default: "input/", description: "Prefix of the inputs" },
  outputPrefix: { ...prefix, default: "output/", description: "Prefix of the results" },
  failurePrefix: { ...prefix, default: "failure/", description: "Prefix of what the model said when it failed" },
  inboxPrefix: { ...prefix, default: "inbox/", description: "Prefix of uploads that become jobs" },
  formerPrefixes: {
    type: "map",
    default: {},
    pattern: prefixPattern,
    valuePattern: /^(input|output|failure|inbox)$/,
    maximumItems: 20,
    accepts: 'at most 20 key prefixes, each with what it was: input, output, failure or inbox, such as {"scans/": "input"}',
    description: "Prefixes that one of the four was before: what is there stays readable and expires",
  },
  inputExpirationDays: { ...expirationAfterDeadLetters, description: "Days after which inputs expire; 0 keeps them" },
  outputExpirationDays: { ...expiration, description: "Days after which results expire; 0 keeps them" },
  failureExpirationDays: { ...expiration, description: "Days after which failures expire; 0 keeps them" },
  inboxExpirationDays: { ...expirationAfterDeadLetters, description: "Days after which uploads expire; 0 keeps them" },
  notificationsEnabled: {
    type: "boolean",
    default: true,
    description: "Whether SageMaker tells the end of each invocation on SNS; without, jobs end by reconciliation only",
  },
  successTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for completed invocations; may be the same as errorTopicArn. Left out: a new topic",
  },
  errorTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for failed invocations; may be the same as successTopicArn. Left out: a new topic",
  },
  includeInferenceResponse: {
    type: "boolean",
    default: false,
    description: "Whether notifications carry results of up to 128 KB",
    source: `${api}/API_AsyncInferenceNotificationConfig.html`,
  },
  successEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every completed invocation; each owner confirms once",
  },
  failureEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every failed invocation; each owner confirms once",
  },
  alarmsEnabled: {
    type: "boolean",
    default: false,
    description: "Whether alarms on what needs a person go to an alarm topic: for production",
  },
  alarmTopicArn: {
    type: "string",
    pattern: topicArn,
    accepts: topicAccepts,
    description: "Your own topic for alarms. Left out: a new topic",
  },
  alarmEmails: {
    type: "strings",
    default: [],
    pattern: email,
    accepts: emailAccepts,
    description: "Email addresses that get every alarm; each owner confirms once",
  },
  dashboardEnabled: {
    type: "boolean",
    default: false,
    description: "Whether CloudWatch shows a dashboard of the service: for production",
  },
  logRetentionDays: {
    type: "integer",
    default: 30,
    values: [1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653],
    unit: "days",
    description: "How long the functions' logs are kept",
    source: "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html",
  },
  kmsKeyArn: {
    type: "string",
    pattern: keyArn,
    accepts: "the ARN of a KMS key (not of an alias)",
    description: "Your own key for bucket, topics, job table and results. Left out: AWS's keys",
  },
  formerKmsKeyArns: { ...keyArns, description: "Keys that were kmsKeyArn before: what is stored under them stays readable" },
  decryptKeyArns: { ...keyArns, description: "Keys of others under which model artifacts, inputs or uploads are encrypted" },
  forceDestroy: {
    type: "boolean",
    default: false,
    description: "Whether pulumi destroy deletes bucket and job table with all that is in them; else both are retained",
  },
  protect: {
    type: "boolean",
    default: false,
    description: "Whether Pulumi refuses to delete bucket and job table: for production",
  },
  tags: {
    type: "map",
    default: {},
    pattern: /^(?![aA][wW][sS]:)[\p{L}\p{N}\s_.:/=+\-@]{1,128}$/u,
    valuePattern: /^[\p{L}\p{N}\s_.:/=+\-@]*$/u,
    // AWS takes 50; two are the project's own.
    maximumItems: 48,
    maximumLength: 256,
    accepts:
      "at most 48 tags of letters, digits, blanks and _.:/=+-@, with names of at most 128 characters that do not start with aws: and values of at most 256",
    description: "Tags of every resource that takes some, besides project and stack",
    source: "https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html",
  },
} as const satisfies Record<keyof AsyncInferenceArgs, Setting>;

/** Name of a setting. */
export type SettingName = keyof typeof settings;

/** The settings that have a default, with it. */
export const defaults = Object.fromEntries(
  Object.entries(settings as Record<string, Setting>).flatMap(([name, setting]) =>
    setting.default === undefined ? [] : [[name, setting.default]],
  ),
) as { [Name in SettingName as (typeof settings)[Name] extends { default: unknown } ? Name : never]: DefaultOf<Name> };

type DefaultOf<Name extends SettingName> = Extract<
  NonNullable<AsyncInferenceArgs[Name]>,
  string | number | boolean | string[] | Record<string, string>
>;

/** Arguments with every default filled in that does not depend on other settings. */
export type Settings = Omit<AsyncInferenceArgs, keyof typeof defaults> & Required<Pick<AsyncInferenceArgs, keyof typeof defaults>>;

/** Fills in the defaults of what isn't given. */
export function withDefaults(args: AsyncInferenceArgs): Settings {
  return { ...defaults, ...Object.fromEntries(Object.entries(args).filter(([, value]) => value !== undefined)) };
}
