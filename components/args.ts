import type * as pulumi from "@pulumi/pulumi";
import type { OnDoubt } from "../core/records/job";
import type { PrefixKind } from "../outputs";
import type { Framework } from "./servingImages";
import type { InferenceAmiVersion, InstanceType } from "./instanceTypes";

/**
 * Arguments of `AsyncInference`, and the settings of the stack file: same names, same meaning. Which model is the only
 * thing that has no default: `modelDataUrl`, `image` or `huggingFaceModelId`.
 *
 * What decides which resources exist, or is checked against another setting, is a plain value; the rest may be an Output.
 * Bounds and defaults, with their sources, are in `settings` (components/settings.ts).
 */
export interface AsyncInferenceArgs {
  /**
   * Model artifact: `s3://bucket/path/model.tar.gz`; or the prefix, with its slash, below which the files of a model are that is not
   * packed: `s3://bucket/path/`, which starts faster. Not together with `huggingFaceModelId`. @default none
   */
  modelDataUrl?: pulumi.Input<string>;

  /**
   * Inference image: a whole ECR address, or `repository:tag` for a repository of this account and region.
   * @default AWS's image for `framework`
   */
  image?: pulumi.Input<string>;

  /** Which of AWS's images serves the model when `image` isn't given: docs/models.md says which to take for what. @default "huggingface" */
  framework?: Framework;

  /** Tag of AWS's image for `framework`. @default the tag pinned in components/servingImages.ts */
  imageTag?: pulumi.Input<string>;

  /** Model on the Hugging Face Hub, such as `distilbert/distilbert-base-uncased`; downloaded when an instance starts. @default none */
  huggingFaceModelId?: pulumi.Input<string>;

  /** Pipeline that the Hugging Face image runs, such as `text-classification`. @default what the model's card says */
  huggingFaceTask?: pulumi.Input<string>;

  /**
   * Token with which a gated model is downloaded from the Hugging Face Hub. Always a secret of the stack: the model's environment
   * is encrypted in the state. @default none
   */
  huggingFaceToken?: pulumi.Input<string>;

  /**
   * Environment of the container, on top of what its model server has to be told: up to 100 variables of 1,024 characters, 32 KB
   * in all. May be secret. @default none
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /** Subnets, up to 16, in which the model, and with `functionsInVpc` the functions, get their network interfaces; with `vpcSecurityGroupIds`. @default no VPC */
  vpcSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;

  /** Security groups, up to 5, of those interfaces; with `vpcSubnetIds`. @default no VPC */
  vpcSecurityGroupIds?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Whether the functions run in `vpcSubnetIds` too. Subnets without a NAT gateway then need VPC endpoints of S3, DynamoDB, SNS,
   * SageMaker's runtime and control plane, and Application Auto Scaling. @default false
   */
  functionsInVpc?: boolean;

  /** Instance type of the endpoint: a GPU type of the catalogue, or any other `ml.*` with a warning. @default "ml.g5.2xlarge" */
  instanceType?: InstanceType;

  /** AMI, and with it GPU driver, of the instances. @default SageMaker's choice for the instance type */
  inferenceAmiVersion?: InferenceAmiVersion;

  /** Storage volume in GB, 1 to 512; only for instance types without local disks. @default SageMaker's choice */
  volumeSizeGb?: number;

  /** Seconds, 60 to 3600, that the container may take until `/ping` answers. @default 1800 */
  containerStartupTimeoutSeconds?: pulumi.Input<number>;

  /** Seconds, 60 to 3600, that the download of the model artifact may take. @default 1800 */
  modelDownloadTimeoutSeconds?: pulumi.Input<number>;

  /**
   * Requests, 1 to 1000, that SageMaker sends to one instance at a time; a server that computes one for each worker gets as many workers.
   * @default one for each GPU; 16, and at most 64, where the server computes requests together
   */
  maxConcurrentInvocationsPerInstance?: pulumi.Input<number>;

  /** Instances, from 0, that always run. With 0 the endpoint sleeps and is woken by its first request. @default 0 */
  minCapacity?: number;

  /** Instances, from 1, that may run at once. @default 5 */
  maxCapacity?: number;

  /** Waiting requests per instance, from 1, that target tracking aims for. @default 5 */
  targetBacklogPerInstance?: pulumi.Input<number>;

  /** Seconds, from 0, after a scale-in before the next one. @default 600 */
  scaleInCooldownSeconds?: pulumi.Input<number>;

  /** Seconds, from 0, after a scale-out before the next one. @default 120 */
  scaleOutCooldownSeconds?: pulumi.Input<number>;

  /** Seconds, 60 to 86400, for which nothing must have been open before the endpoint goes back to `minCapacity`. @default 600 */
  idleSeconds?: pulumi.Input<number>;

  /**
   * Whether target tracking also takes single instances away while others work. The service does not look at what runs
   * on them: such a job is run again, or fails with `onDoubt: "wait"`. @default false
   */
  partialScaleIn?: boolean;

  /**
   * Whether instances are also given back while jobs keep coming: when more than are needed have run for half of
   * `idleSeconds`, new jobs stay ACCEPTED until nothing runs (for `idleSeconds` at most), the fleet shrinks, and they go on.
   * Fewer instance hours, some minutes of waiting; no running job is hit. @default false
   */
  drain?: boolean;

  /**
   * Hours of the week, such as `mon-fri 08:00-18:00`, in which `warmMinCapacity` instances always run. An end that is not later than
   * the beginning is on the next day: `fri 22:00-06:00`, `sat-sun 00:00-00:00`. @default none
   */
  warmHours?: string[];

  /** Instances, from 1, that always run during `warmHours`; more than `minCapacity`. @default 1 */
  warmMinCapacity?: number;

  /** Time zone of `warmHours`: a name such as `Europe/Berlin`. @default "UTC" */
  warmTimeZone?: string;

  /** Seconds, 1 to 3600, that one invocation may run, unless the request says otherwise. @default 3600 */
  invocationTimeoutSeconds?: pulumi.Input<number>;

  /** Seconds, 60 to 21600, that a request may wait in the endpoint's queue, unless it says otherwise. @default 21600 */
  requestTtlSeconds?: pulumi.Input<number>;

  /** Attempts, 1 to 999, at a job whose outcome is in doubt; model errors are never tried again. @default 3 */
  maxAttempts?: pulumi.Input<number>;

  /** What happens when it can't be known whether an attempt ran: `rerun` it, or `wait` (for models that must not run twice). @default "rerun" */
  onDoubt?: pulumi.Input<OnDoubt>;

  /** Open jobs, up to 10000000, from which on requests are refused with LIMIT; 0: never. @default 100000 */
  maxOpenJobs?: pulumi.Input<number>;

  /** Days, 1 to 3650, that a job's record is kept after the job ended. @default 30 */
  jobRetentionDays?: pulumi.Input<number>;

  /** Whether an object uploaded below `inboxPrefix` becomes a job. @default false */
  inboxEnabled?: boolean;

  /** Names of further buckets from which a request's `inputLocation` may come. @default none */
  inputBuckets?: pulumi.Input<pulumi.Input<string>[]>;

  /** Your own bucket instead of a new one. Its policy, lifecycle and notifications stay yours. @default a new bucket */
  bucketName?: pulumi.Input<string>;

  /** Prefix of the inputs. The four prefixes must not overlap. @default "input/" */
  inputPrefix?: string;

  /** Prefix of the results. @default "output/" */
  outputPrefix?: string;

  /** Prefix of what the model said when it failed. @default "failure/" */
  failurePrefix?: string;

  /** Prefix of uploads that become jobs. @default "inbox/" */
  inboxPrefix?: string;

  /**
   * Prefixes that one of the four was before, up to 20, each with which: `{ "scans/": "input" }`. What is there stays readable, what is
   * under way ends there, and it expires as it would have. Remove one when nothing is left below it. @default none
   */
  formerPrefixes?: Record<string, PrefixKind>;

  /** Days, from 14, after which inputs expire; 0 keeps them. Only for the bucket that is made here. @default 30 */
  inputExpirationDays?: number;

  /** Days after which results expire; 0 keeps them. Only for the bucket that is made here. @default 30 */
  outputExpirationDays?: number;

  /** Days after which failures expire; 0 keeps them. Only for the bucket that is made here. @default 30 */
  failureExpirationDays?: number;

  /** Days, from 14, after which uploads expire; 0 keeps them. Only for the bucket that is made here. @default 30 */
  inboxExpirationDays?: number;

  /** Whether SageMaker tells the end of each invocation on SNS. Without, jobs end by reconciliation only. @default true */
  notificationsEnabled?: boolean;

  /** Your own topic for completed invocations; may be the same as `errorTopicArn`. @default a new topic */
  successTopicArn?: pulumi.Input<string>;

  /** Your own topic for failed invocations; may be the same as `successTopicArn`. @default a new topic */
  errorTopicArn?: pulumi.Input<string>;

  /** Whether notifications carry results of up to 128 KB. @default false */
  includeInferenceResponse?: boolean;

  /** Email addresses that get every completed invocation. Each owner must confirm once. @default none */
  successEmails?: string[];

  /** Email addresses that get every failed invocation. Each owner must confirm once. @default none */
  failureEmails?: string[];

  /** Whether alarms on what needs a person exist, on a topic of their own: for production. @default false */
  alarmsEnabled?: boolean;

  /** Your own topic for alarms; with `alarmsEnabled`. @default a new topic */
  alarmTopicArn?: pulumi.Input<string>;

  /** Email addresses that get every alarm; with `alarmsEnabled`. Each owner must confirm once. @default none */
  alarmEmails?: string[];

  /** Whether CloudWatch shows a dashboard of the service: for production. @default false */
  dashboardEnabled?: boolean;

  /** Days that the functions' logs are kept: one of CloudWatch's periods. @default 30 */
  logRetentionDays?: pulumi.Input<number>;

  /** Your own KMS key for bucket, topics, job table and results. Its key policy must let this account's roles use it. @default AWS's keys */
  kmsKeyArn?: pulumi.Input<string>;

  /**
   * Keys that were `kmsKeyArn` before, up to 10: what waits and what is stored under them stays readable. Remove one when
   * nothing is left that it encrypts. @default none
   */
  formerKmsKeyArns?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Keys of others, up to 10, under which model artifacts, inputs or uploads are encrypted: the endpoint, and the inbox, may decrypt with
   * them. Their key policies must let this account's roles do so. @default none
   */
  decryptKeyArns?: pulumi.Input<pulumi.Input<string>[]>;

  /** Whether `pulumi destroy` deletes bucket and job table with all that is in them. @default false: both are retained */
  forceDestroy?: boolean;

  /** Whether Pulumi refuses to delete bucket and job table: for production. @default false */
  protect?: boolean;

  /** Tags, up to 48, of every resource that takes some, besides `project` and `stack`. @default none */
  tags?: Record<string, string>;
}
