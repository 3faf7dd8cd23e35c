import type * as pulumi from "@pulumi/pulumi";
import type { OnDoubt } from "../core/records/job";
import type { PrefixKind } from "../outputs";
import type { Framework } from "./servingImages";
import type { Deployment } from "./settings/deployment";
import type { Webhook } from "./settings/webhooks";
import type { InferenceAmiVersion, InstanceType } from "./instanceTypes";

/**
 * Arguments of `AsyncInference`, and the settings of the stack file: same names, same meaning. Which model is the only
 * thing that has no default: `modelDataUrl`, `image` or `huggingFaceModelId`.
 *
 * What decides which resources exist, or is checked against another setting, is a plain value; the rest may be an Output.
 * The documentation of each is written from `settings` (components/settings) by `npm run docs`.
 */
export interface AsyncInferenceArgs {
  /**
   * Model artifact, or the prefix of its files. Not together with `huggingFaceModelId`. A model that is not packed starts faster; its
   * prefix ends with a slash. Accepts an S3 URI such as s3://my-models/ocr/model.tar.gz, or s3://my-models/ocr/ for a model that is not
   * packed.
   *
   * @default none
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
   */
  modelDataUrl?: pulumi.Input<string>;

  /**
   * Inference image. Accepts an ECR image with a tag or digest, such as ocr:1 (this account and region) or
   * \<account>.dkr.ecr.\<region>.amazonaws.com/ocr:1.
   *
   * @default AWS's image for framework
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
   */
  image?: pulumi.Input<string>;

  /**
   * Which of AWS's images serves the model; docs/models.md says which to take for what. Accepts one of huggingface, pytorch, vllm,
   * vllm-omni, sglang, djl, whisperx, tei, ray, llama.cpp.
   *
   * @default huggingface
   * @example
   * ```ts
   * new AsyncInference("ocr", { framework: "vllm", huggingFaceModelId: "Qwen/Qwen3-8B", inferenceAmiVersion: "al2-ami-sagemaker-inference-gpu-3-1" });
   * ```
   */
  framework?: Framework;

  /**
   * Tag of AWS's image. Accepts an image tag.
   *
   * @default the tag pinned in components/servingImages.ts
   */
  imageTag?: pulumi.Input<string>;

  /**
   * Model on the Hugging Face Hub. It is downloaded when an instance starts. Accepts a model id such as distilbert/distilbert-base-uncased.
   *
   * @default none
   */
  huggingFaceModelId?: pulumi.Input<string>;

  /**
   * Pipeline that the Hugging Face image runs. Accepts a pipeline such as text-classification.
   *
   * @default what the model's card says
   */
  huggingFaceTask?: pulumi.Input<string>;

  /**
   * Token for a gated model; set with pulumi config set --secret. It is always a secret of the stack: the model's environment is encrypted
   * in the state. Accepts a secret token of the Hugging Face Hub, such as hf_...
   *
   * @default none
   * @example
   * ```ts
   * new AsyncInference("ocr", { huggingFaceModelId: "google/gemma-3-4b-it", huggingFaceToken: new pulumi.Config().requireSecret("huggingFaceToken") });
   * ```
   */
  huggingFaceToken?: pulumi.Input<string>;

  /**
   * Environment of the container, on top of what its model server has to be told. At most 32 KB in all. May be secret. Accepts at most 100
   * variables whose names are letters, digits and _, with names and values of at most 1024 characters.
   *
   * @default none
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ContainerDefinition.html
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", environment: { LANGUAGES: "de,en", OMP_NUM_THREADS: "4" } });
   * ```
   */
  environment?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /**
   * Subnets of the model's network interfaces, and with `functionsInVpc` of the functions'; with `vpcSecurityGroupIds`. Accepts a list of 1
   * to 16 subnet ids such as ["subnet-0a1b2c3d"].
   *
   * @default no VPC
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", vpcSubnetIds: ["subnet-0a1b2c3d", "subnet-1b2c3d4e"], vpcSecurityGroupIds: ["sg-0a1b2c3d"] });
   * ```
   */
  vpcSubnetIds?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Security groups of the same network interfaces; with `vpcSubnetIds`. Accepts a list of 1 to 5 security group ids such as
   * ["sg-0a1b2c3d"].
   *
   * @default no VPC
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_VpcConfig.html
   */
  vpcSecurityGroupIds?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Whether the functions run in `vpcSubnetIds` too; subnets without a NAT gateway then need VPC endpoints of every service. Those are S3,
   * DynamoDB, SNS, Lambda, CloudWatch, SageMaker's runtime and control plane, and Application Auto Scaling.
   *
   * @default false
   */
  functionsInVpc?: boolean;

  /**
   * Instance type of the endpoint: one GPU with 24 GiB for a model of up to about 10 billion parameters at 16 bits. A type that is not in
   * the catalogue of GPU instances is taken with a warning. Accepts an instance type such as ml.g5.2xlarge; asynchronous endpoints do not
   * run on ml.inf1.
   *
   * @default "ml.g5.2xlarge"
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
   */
  instanceType?: InstanceType;

  /**
   * AMI, and with it GPU driver, of the instances. Accepts an AMI version such as al2-ami-sagemaker-inference-gpu-3-1.
   *
   * @default SageMaker chooses
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
   */
  inferenceAmiVersion?: InferenceAmiVersion;

  /**
   * Storage volume; only for instance types without local disks. Accepts a whole number of GB from 1 to 512.
   *
   * @default SageMaker chooses
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
   */
  volumeSizeGb?: number;

  /**
   * How long the container may take until /ping answers. Accepts a whole number of seconds from 60 to 3600.
   *
   * @default 1800
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
   */
  containerStartupTimeoutSeconds?: pulumi.Input<number>;

  /**
   * How long the download of the model artifact may take. Accepts a whole number of seconds from 60 to 3600.
   *
   * @default 1800
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
   */
  modelDownloadTimeoutSeconds?: pulumi.Input<number>;

  /**
   * Requests that SageMaker sends to one instance at a time. A server that computes one request for each worker gets as many workers.
   * Accepts a whole number of requests from 1 to 1000.
   *
   * @default one for each GPU; 16, at most 64, where the server computes requests together
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceClientConfig.html
   */
  maxConcurrentInvocationsPerInstance?: pulumi.Input<number>;

  /**
   * How a new version takes over, and which alarms roll it back. Switching it on or off, or another list of `rollbackAlarms`, replaces the
   * endpoint: docs/releases.md says when to. Its alarms cost as others do. Accepts a strategy of allAtOnce, rolling or blueGreen, with
   * canaryPercent, bakeSeconds and rollbackAlarms, such as {"strategy": "blueGreen", "canaryPercent": 10}.
   *
   * @default all at once, without alarms
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_DeploymentConfig.html
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", minCapacity: 2, deployment: { strategy: "blueGreen", canaryPercent: 10, bakeSeconds: 600 } });
   * ```
   */
  deployment?: Deployment;

  /**
   * Instances that always run; 0 lets the endpoint sleep. A sleeping endpoint is woken by its first request. Accepts a whole number of
   * instances from 0.
   *
   * @default 0
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
   */
  minCapacity?: number;

  /**
   * Instances that may run at once. Accepts a whole number of instances from 1.
   *
   * @default 5
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_RegisterScalableTarget.html
   */
  maxCapacity?: number;

  /**
   * Waiting requests per instance that target tracking aims for; 1 for jobs of many minutes. Accepts a whole number of requests from 1.
   *
   * @default 5
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
   */
  targetBacklogPerInstance?: pulumi.Input<number>;

  /**
   * Pause after a scale-in before the next one. Accepts a whole number of seconds from 0.
   *
   * @default 600
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
   */
  scaleInCooldownSeconds?: pulumi.Input<number>;

  /**
   * Pause after a scale-out before the next one. Accepts a whole number of seconds from 0.
   *
   * @default 120
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_TargetTrackingScalingPolicyConfiguration.html
   */
  scaleOutCooldownSeconds?: pulumi.Input<number>;

  /**
   * How long nothing must have been open before the endpoint goes back to `minCapacity`. Accepts a whole number of seconds from 60 to
   * 86400.
   *
   * @default 600
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
   */
  idleSeconds?: pulumi.Input<number>;

  /**
   * Whether single instances are taken away while others work; a job that runs on one is hit. The service does not look at what runs on
   * them: such a job is run again, or fails with `onDoubt: "wait"`.
   *
   * @default false
   */
  partialScaleIn?: boolean;

  /**
   * Whether new jobs are held while more instances run than are needed, until the fleet is empty and has shrunk. When more instances than
   * are needed have run for half of `idleSeconds`, new jobs stay ACCEPTED until nothing runs, for `idleSeconds` at most; the fleet shrinks,
   * and they go on. Fewer instance hours, some minutes of waiting; no running job is hit.
   *
   * @default false
   */
  drain?: boolean;

  /**
   * Hours of the week in which `warmMinCapacity` instances always run. An end that is not later than the beginning is on the next day: `fri
   * 22:00-06:00`, `sat-sun 00:00-00:00`. Accepts a list of hours of the week such as ["mon-fri 08:00-18:00", "sat 22:00-04:00"].
   *
   * @default none
   * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_PutScheduledAction.html
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", warmHours: ["mon-fri 08:00-18:00"], warmMinCapacity: 2, warmTimeZone: "Europe/Berlin" });
   * ```
   */
  warmHours?: string[];

  /**
   * Instances that always run during `warmHours`. More than `minCapacity`. Accepts a whole number of instances from 1.
   *
   * @default 1
   */
  warmMinCapacity?: number;

  /**
   * Time zone of `warmHours`. Accepts a time zone such as Europe/Berlin.
   *
   * @default "UTC"
   */
  warmTimeZone?: string;

  /**
   * How long one invocation may run, unless the request says otherwise. Accepts a whole number of seconds from 1 to 3600.
   *
   * @default 3600
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
   */
  invocationTimeoutSeconds?: pulumi.Input<number>;

  /**
   * How long a request may wait in the endpoint's queue, unless it says otherwise. Accepts a whole number of seconds from 60 to 21600.
   *
   * @default 21600
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpointAsync.html
   */
  requestTtlSeconds?: pulumi.Input<number>;

  /**
   * Attempts at a job whose outcome is in doubt; model errors are never tried again. Accepts a whole number of attempts from 1 to 999.
   *
   * @default 3
   */
  maxAttempts?: pulumi.Input<number>;

  /**
   * What happens when it can't be known whether an attempt ran; wait is for models that must not run twice. Accepts one of rerun, wait.
   *
   * @default "rerun"
   */
  onDoubt?: pulumi.Input<OnDoubt>;

  /**
   * Open jobs from which on further ones are refused with LIMIT, best below what expires in the queue; 0 refuses none. Accepts a whole
   * number of jobs from 0 to 10000000.
   *
   * @default 100000
   */
  maxOpenJobs?: pulumi.Input<number>;

  /**
   * Whether a request may say priority low: it then waits, not invoked, while many others are.
   *
   * @default false
   */
  priorityEnabled?: boolean;

  /**
   * Jobs that are invoked and have not ended from which on low ones wait. With `priorityEnabled`. Accepts a whole number of jobs from 1 to
   * 100000.
   *
   * @default `maxCapacity` × (`maxConcurrentInvocationsPerInstance` + `targetBacklogPerInstance`): the least that scales out to `maxCapacity`
   */
  lowPriorityBacklog?: pulumi.Input<number>;

  /**
   * Entry of a job's metadata that says who it is for: those of each wait in turn with those of others. With `priorityEnabled`. Accepts the
   * name of an entry of metadata, such as "tenant": 1 to 64 letters, digits, ".", "_" and "-", a letter or digit first.
   *
   * @default low jobs go in the order in which they came
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", priorityEnabled: true, lowPriorityFairBy: "tenant" });
   * ```
   */
  lowPriorityFairBy?: pulumi.Input<string>;

  /**
   * How long a job's record is kept after the job ended. Accepts a whole number of days from 1 to 3650.
   *
   * @default 30
   */
  jobRetentionDays?: pulumi.Input<number>;

  /**
   * Whether an object uploaded below `inboxPrefix` becomes a job.
   *
   * @default false
   */
  inboxEnabled?: boolean;

  /**
   * Whether S3 Batch Operations may make the objects of a manifest jobs, which adds a function and a role.
   *
   * @default false
   */
  batchEnabled?: boolean;

  /**
   * Further buckets from which a request's inputLocation may come. Accepts a list of at most 20 bucket names.
   *
   * @default none
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", inputBuckets: ["acme-scans"] });
   * ```
   */
  inputBuckets?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Your own bucket; its policy, lifecycle and notifications stay yours. Accepts a bucket name: 3 to 63 lower-case letters, digits, dots
   * and hyphens.
   *
   * @default a new bucket
   * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
   */
  bucketName?: pulumi.Input<string>;

  /**
   * Prefix of the inputs. The four prefixes must not overlap. Accepts a key prefix such as "input/", without a leading slash.
   *
   * @default "input/"
   */
  inputPrefix?: string;

  /**
   * Prefix of the results. Accepts a key prefix such as "input/", without a leading slash.
   *
   * @default "output/"
   */
  outputPrefix?: string;

  /**
   * Prefix of what the model said when it failed. Accepts a key prefix such as "input/", without a leading slash.
   *
   * @default "failure/"
   */
  failurePrefix?: string;

  /**
   * Prefix of uploads that become jobs. Accepts a key prefix such as "input/", without a leading slash.
   *
   * @default "inbox/"
   */
  inboxPrefix?: string;

  /**
   * Prefixes that one of the four was before: what is there stays readable and expires. What is under way ends there. Remove one when
   * nothing is left below it. Accepts at most 20 key prefixes, each with what it was: input, output, failure or inbox, such as {"scans/":
   * "input"}.
   *
   * @default none
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", inputPrefix: "pages/", formerPrefixes: { "scans/": "input" } });
   * ```
   */
  formerPrefixes?: Record<string, PrefixKind>;

  /**
   * Days after which inputs expire; 0 keeps them. Only for a bucket that is made here. Accepts 0, or a whole number of days from 14 to
   * 36500: a dead letter is kept for 14 days, and what it is about must be there.
   *
   * @default 30
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
   */
  inputExpirationDays?: number;

  /**
   * Days after which results expire; 0 keeps them. Only for a bucket that is made here. Accepts a whole number of days from 0 to 36500.
   *
   * @default 30
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
   */
  outputExpirationDays?: number;

  /**
   * Days after which failures expire; 0 keeps them. Only for a bucket that is made here. Accepts a whole number of days from 0 to 36500.
   *
   * @default 30
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
   */
  failureExpirationDays?: number;

  /**
   * Days after which uploads expire; 0 keeps them. Only for a bucket that is made here. Accepts 0, or a whole number of days from 14 to
   * 36500: a dead letter is kept for 14 days, and what it is about must be there.
   *
   * @default 30
   * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleExpiration.html
   */
  inboxExpirationDays?: number;

  /**
   * Whether SageMaker tells the end of each invocation on SNS; without, jobs end by reconciliation only.
   *
   * @default true
   */
  notificationsEnabled?: boolean;

  /**
   * Your own topic for completed invocations; may be the same as `errorTopicArn`. Accepts the ARN of a standard SNS topic.
   *
   * @default a new topic
   */
  successTopicArn?: pulumi.Input<string>;

  /**
   * Your own topic for failed invocations; may be the same as `successTopicArn`. Accepts the ARN of a standard SNS topic.
   *
   * @default a new topic
   */
  errorTopicArn?: pulumi.Input<string>;

  /**
   * Whether notifications carry results of up to 128 KB.
   *
   * @default false
   * @see https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_AsyncInferenceNotificationConfig.html
   */
  includeInferenceResponse?: boolean;

  /**
   * Email addresses that get every completed invocation; each owner confirms once. Accepts a list of email addresses such as
   * ["ml-team@example.com"].
   *
   * @default none
   */
  successEmails?: string[];

  /**
   * Email addresses that get every failed invocation; each owner confirms once. Accepts a list of email addresses such as
   * ["ml-team@example.com"].
   *
   * @default none
   */
  failureEmails?: string[];

  /**
   * EventBridge bus that gets one event per job that ends; docs/workflows.md has the event. A bus of another account must let this account
   * put events. Accepts name or ARN of an event bus, such as default.
   *
   * @default no bus
   * @see https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html
   */
  eventBusName?: pulumi.Input<string>;

  /**
   * Whether jobs can be steps of Step Functions workflows, whose tasks their ends answer; see docs/workflows.md.
   *
   * @default false
   */
  workflowsEnabled?: boolean;

  /**
   * Where each job's spans go, by OTLP over HTTP in JSON; see docs/tracing.md. A URL without a path gets /v1/traces. The functions must
   * reach it. Accepts an http or https URL such as https://collector.example.com:4318/v1/traces, without a user, and not X-Ray's, which a
   * collector signs for (docs/tracing.md).
   *
   * @default no spans
   * @see https://opentelemetry.io/docs/specs/otlp/
   */
  traceEndpoint?: pulumi.Input<string>;

  /**
   * Headers of each export, such as a token; set with pulumi config set --secret --path. With `traceEndpoint`. They are always a secret of
   * the stack, and stand in the environment of one function. Accepts at most 4 headers whose names are letters, digits and -, with values
   * of at most 512 printable ASCII characters.
   *
   * @default none
   */
  traceHeaders?: pulumi.Input<Record<string, pulumi.Input<string>>>;

  /**
   * Share of the jobs without a trace of their caller's whose spans are exported. With `traceEndpoint`. A caller's own decision is kept.
   * Accepts a whole number of percent from 0 to 100.
   *
   * @default 100
   */
  traceSamplePercent?: pulumi.Input<number>;

  /**
   * Receivers that get each job's end as a signed POST, tried again for a day; docs/webhooks.md has the request. Each has `url`, `secret`,
   * and optionally `formerSecret`, `states` and `privateAllowed`. The secrets are always secrets of the stack. Accepts at most 10 webhooks
   * by name (1 to 16 small letters, digits and single hyphens, a letter first), each with url and secret.
   *
   * @default none
   * @see https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
   */
  webhooks?: Record<string, Webhook>;

  /**
   * Whether alarms on what needs a person go to an alarm topic: for production.
   *
   * @default false
   */
  alarmsEnabled?: boolean;

  /**
   * Your own topic for alarms. With `alarmsEnabled`. Accepts the ARN of a standard SNS topic.
   *
   * @default a new topic
   */
  alarmTopicArn?: pulumi.Input<string>;

  /**
   * Email addresses that get every alarm; each owner confirms once. With `alarmsEnabled`. Accepts a list of email addresses such as
   * ["ml-team@example.com"].
   *
   * @default none
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", alarmsEnabled: true, alarmEmails: ["ml-team@example.com"] });
   * ```
   */
  alarmEmails?: string[];

  /**
   * Whether CloudWatch shows a dashboard of the service: for production.
   *
   * @default false
   */
  dashboardEnabled?: boolean;

  /**
   * What instances without work may cost in a UTC day before an alarm says so. With `alarmsEnabled`, and an instance type whose price is
   * known (components/prices.ts), at that price. Accepts a whole number of US dollars from 1 to 1000000.
   *
   * @default no such alarm
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", alarmsEnabled: true, idleSpendAlarmUsdPerDay: 20 });
   * ```
   */
  idleSpendAlarmUsdPerDay?: number;

  /**
   * How long the functions' logs are kept. Accepts one of 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192,
   * 2557, 2922, 3288, 3653 (days).
   *
   * @default 30
   * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_PutRetentionPolicy.html
   */
  logRetentionDays?: pulumi.Input<number>;

  /**
   * Your own key for bucket, topics, job table, logs and results. Its policy must let this account's roles, CloudWatch Logs and SNS use it:
   * a preview prints what it needs, and `keyPolicy()` is that policy for a key of your program. Accepts the ARN of a KMS key (not of an
   * alias).
   *
   * @default AWS's keys
   */
  kmsKeyArn?: pulumi.Input<string>;

  /**
   * Keys that were `kmsKeyArn` before: what is stored under them stays readable. Remove one when nothing is left that it encrypts. Accepts
   * a list of 1 to 10 ARNs of KMS keys (not of aliases).
   *
   * @default none
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", kmsKeyArn: newKey.arn, formerKmsKeyArns: [oldKey.arn] });
   * ```
   */
  formerKmsKeyArns?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Keys of others under which model artifacts, inputs or uploads are encrypted. The endpoint, and the inbox, may decrypt with them. Their
   * key policies must let this account's roles do so. Accepts a list of 1 to 10 ARNs of KMS keys (not of aliases).
   *
   * @default none
   */
  decryptKeyArns?: pulumi.Input<pulumi.Input<string>[]>;

  /**
   * Whether pulumi destroy deletes bucket and job table with all that is in them; else both are retained.
   *
   * @default false
   */
  forceDestroy?: boolean;

  /**
   * Whether Pulumi refuses to delete bucket and job table: for production.
   *
   * @default false
   */
  protect?: boolean;

  /**
   * Tags of every resource that takes some, besides project and stack. Accepts at most 48 tags of letters, digits, blanks and _.:/=+-@,
   * with names of at most 128 characters that do not start with aws: and values of at most 256.
   *
   * @default none
   * @see https://docs.aws.amazon.com/tag-editor/latest/userguide/best-practices-and-strats.html
   * @example
   * ```ts
   * new AsyncInference("ocr", { image: "ocr:1", tags: { team: "documents", "cost-center": "4711" } });
   * ```
   */
  tags?: Record<string, string>;
}
