import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { FloorSettings } from "../core/floor/floor";
import type { JobHandler } from "../functions/handler";
import { inboxFunction, type InboxEnvironment } from "../functions/inbox";
import { resultFunction, type ResultEnvironment } from "../functions/result";
import { floorFunction, type FloorEnvironment } from "../functions/floor";
import { sweepFunction, type SweepEnvironment } from "../functions/sweep";
import { submitFunction, type SubmitEnvironment } from "../functions/submit";
import { contractVersion, type AsyncInferenceOutputs, type PrefixKind } from "../outputs";
import type { AsyncInferenceArgs } from "./args";
import { Autoscaling } from "./autoscaling";
import { CallbackLambda, type CallbackLambdaArgs } from "./callbackLambda";
import { DeadLetters } from "./deadLetters";
import { ConsumerQueue, type ConsumerQueueOptions } from "./consumerQueue";
import { withDefaults, type Settings } from "./settings";
import { Endpoint, variantName } from "./endpoint";
import { functionKeyStatements, functionStatements, type FormerPrefixes, type Prefixes, type Reach } from "./functionPolicies";
import { grantExplain, grantRead, grantSubmit, grantSubmitFunction, grantWait } from "./grants";
import { attach, type HandlerOptions } from "./handlers";
import { currentPlace, type Place } from "./images";
import { gpuInstance } from "./instanceTypes";
import { Jobs } from "./jobs";
import { executionRole, Model } from "./model";
import { Notifications } from "./notifications";
import { Observability } from "./observability";
import { tellAboutBucket, tellAboutKey, tellAboutTopics } from "./ownResources";
import { servingOf, type Serving } from "./serving";
import type { ServiceOutputs } from "./stackOutputs";
import { Storage, type StorageArgs } from "./storage";
import { tagging, tagsOf } from "./tags";
import { checked, requireServiceName, warningsOf, withSlash } from "./validate";

/** Lambda's longest: a submit may wait for its result. */
const submitTimeoutSeconds = 900;
/** Long enough to copy an upload of 1 GB, the service's bound, several times. */
const inboxTimeoutSeconds = 300;
const resultTimeoutSeconds = 60;
/** Seconds suffice; a submit that waits for it gives up sooner. */
const floorTimeoutSeconds = 60;
/** Long enough to catch up with what waits after a failure; runs do not overlap. */
const sweepTimeoutSeconds = 300;

/**
 * Asynchronous inference on SageMaker as one component: bucket, topics, model, endpoint that sleeps at zero and wakes
 * with its first request, job table, and the functions that take jobs and record their ends.
 *
 * @example
 * ```ts
 * const service = new AsyncInference("speech", { huggingFaceModelId: "openai/whisper-large-v3-turbo" });
 * service.onCompleted("store", async (job, context) => console.log(job.jobId, await context.readResult()));
 * export = service.outputs;
 * ```
 */
export class AsyncInference extends pulumi.ComponentResource {
  /** The whole contract with clients and other programs; each field a top-level stack output of `export = service.outputs`. */
  readonly outputs: ServiceOutputs;

  private readonly name: string;
  private readonly settings: Settings & Serving;
  private readonly reach: Reach;

  /** @throws pulumi.InputPropertiesError naming every argument that is wrong, what it got and what it accepts */
  constructor(name: string, args: AsyncInferenceArgs, opts: pulumi.ComponentResourceOptions = {}) {
    requireServiceName(name);
    const given = checked(`asynchronous inference "${name}"`, args, regionOf(opts));
    // Checking makes a new Output of each: that both were the same one must stay visible.
    if (args.errorTopicArn === args.successTopicArn) given.errorTopicArn = given.successTopicArn;
    const filled = withDefaults(given);
    const settings = { ...filled, ...servingOf(filled) };
    const transformations = [...(opts.transformations ?? []), tagging(tagsOf(settings.tags))];
    super("sagemaker-async:index:AsyncInference", name, {}, { ...opts, transformations });
    this.name = name;
    this.settings = settings;
    this.warnAboutHardware();
    for (const text of warningsOf(args)) void pulumi.log.warn(text, this);

    const place = currentPlace({ parent: this });
    const prefixes = prefixesOf(settings);
    const role = executionRole(`${name}-execution`, place, this);
    const grants = keyGrants();
    const encryption = settings.kmsKeyArn === undefined ? {} : { kmsKeyArn: settings.kmsKeyArn, keyPolicies: grants.made };
    const storage = this.storage(place, prefixes, encryption);
    const notifications = new Notifications(
      name,
      { ...settings, ...encryption, publisherRoleArn: role.arn, enabled: settings.notificationsEnabled },
      { parent: this },
    );
    const { successTopicArn, errorTopicArn, jobsTopicArn } = notifications;
    const topicArns = this.distinctTopics(successTopicArn, errorTopicArn);
    const model = new Model(name, { ...settings, ...prefixes, place, role, bucketArn: storage.bucketArn, topicArns }, { parent: this });
    const endpoint = new Endpoint(
      name,
      {
        ...settings,
        ...prefixes,
        modelName: model.modelName,
        rolePolicies: model.rolePolicies,
        bucketName: storage.bucketName,
        successTopicArn,
        errorTopicArn,
      },
      { parent: this },
    );
    new Autoscaling(name, { ...settings, endpointName: endpoint.endpointName, resourceId: endpoint.scalableResourceId }, { parent: this });
    const jobs = new Jobs(name, { ...settings, ...encryption }, { parent: this });
    const deadLetters = new DeadLetters(name, { topicArns: [...topicArns, jobsTopicArn], ...encryption }, { parent: this });

    this.reach = { ...prefixes, place, settings, endpoint, storage, jobs, jobsTopicArn, deadLetters };
    const floor = this.floor();
    const submit = this.submit(floor);
    const result = this.result(topicArns);
    const sweep = this.sweep();
    const inbox = settings.inboxEnabled ? this.inbox(floor) : undefined;
    grants.all([model, floor, submit, result, sweep, ...(inbox ? [inbox.lambda] : [])].flatMap(({ keyPolicies }) => keyPolicies));
    const observability = this.observability(place);
    tellAboutBucket(this, this.reach, role.arn, inbox?.callableArn);
    tellAboutTopics(this, settings, role.arn);
    tellAboutKey(this, settings, place);

    this.outputs = outputsOf({
      contractVersion,
      region: place.region,
      accountId: place.accountId,
      partition: place.partition,
      endpointName: endpoint.endpointName,
      endpointConfigName: endpoint.endpointConfigName,
      modelName: model.modelName,
      variantName,
      bucketName: storage.bucketName,
      bucketArn: storage.bucketArn,
      inputPrefix: prefixes.inputPrefix,
      outputPrefix: prefixes.outputPrefix,
      failurePrefix: prefixes.failurePrefix,
      inboxPrefix: prefixes.inboxPrefix,
      formerPrefixes: Object.entries(prefixes.former)
        .flatMap(([kind, former]) => former.map((prefix) => `${kind}:${prefix}`))
        .join(","),
      inboxEnabled: settings.inboxEnabled,
      inboxFunctionArn: inbox?.callableArn ?? "",
      executionRoleArn: role.arn,
      successTopicArn: successTopicArn ?? "",
      errorTopicArn: errorTopicArn ?? "",
      jobsTopicArn,
      alarmTopicArn: observability?.alarmTopicArn ?? "",
      jobTableName: jobs.tableName,
      jobTableArn: jobs.tableArn,
      kmsKeyArn: settings.kmsKeyArn ?? "",
      formerKmsKeyArns: pulumi.output(settings.formerKmsKeyArns ?? []).apply((arns) => arns.join(",")),
      submitFunctionName: submit.functionName,
      submitFunctionArn: submit.functionArn,
      resultFunctionName: result.functionName,
      resultLogGroupName: result.logGroupName,
      sweepFunctionName: sweep.functionName,
      floorFunctionArn: floor.functionArn,
      deadLetterQueueUrl: deadLetters.queueUrl,
      deadLetterQueueArn: deadLetters.queueArn,
      minCapacity: settings.minCapacity,
      maxCapacity: settings.maxCapacity,
      invocationTimeoutSeconds: settings.invocationTimeoutSeconds,
      requestTtlSeconds: settings.requestTtlSeconds,
      maxOpenJobs: settings.maxOpenJobs,
      onDoubt: settings.onDoubt,
      maxAttempts: settings.maxAttempts,
      jobRetentionDays: settings.jobRetentionDays,
      inputBuckets: pulumi.output(settings.inputBuckets).apply((buckets) => buckets.join(",")),
      maxConcurrentInvocationsPerInstance: settings.maxConcurrentInvocationsPerInstance,
    });
    this.registerOutputs(this.outputs);
  }

  /**
   * Runs a closure of yours for each job that completed, in a Lambda of its own. At least once: use `idempotencyKey`.
   *
   * @param name up to about 20 letters, digits and hyphens; part of the function's name
   * @example
   * ```ts
   * service.onCompleted("store", async (job, context) => {
   *   console.log(job.jobId, await context.readResult());
   * });
   * ```
   */
  onCompleted(name: string, handler: JobHandler, options: HandlerOptions = {}): void {
    this.on("completed", name, handler, options);
  }

  /**
   * Runs a closure of yours for each job that ended without a result: FAILED, EXPIRED or CANCELLED. Otherwise as
   * {@link onCompleted}.
   */
  onFailed(name: string, handler: JobHandler, options: HandlerOptions = {}): void {
    this.on("failed", name, handler, options);
  }

  /**
   * A queue of its own on the job events, for an application that follows the ends of jobs: `SageMakerAsyncClient` polls
   * one, and so may any worker. See {@link ConsumerQueue}.
   *
   * @param name letters, digits and single hyphens; part of the queue's name
   * @example
   * ```ts
   * const orders = service.consumerQueue("orders", { states: ["COMPLETED"] });
   * orders.grantConsume(worker);
   * export const queueUrl = orders.queueUrl;
   * ```
   */
  consumerQueue(name: string, options: ConsumerQueueOptions = {}): ConsumerQueue {
    const { jobsTopicArn, deadLetterQueueArn: undeliveredQueueArn } = this.outputs;
    return new ConsumerQueue(`${this.name}-${name}`, { ...options, jobsTopicArn, undeliveredQueueArn }, { parent: this });
  }

  /** Lets a role submit jobs, through the submit function or by itself as the client does: see {@link grantSubmit}. */
  grantSubmit(role: aws.iam.Role): aws.iam.RolePolicy {
    return grantSubmit(this.outputs, role, { name: this.name, keys: this.settings });
  }

  /** Lets a role invoke the submit function and nothing else: see {@link grantSubmitFunction}. */
  grantSubmitFunction(role: aws.iam.Role): aws.iam.RolePolicy {
    return grantSubmitFunction(this.outputs, role, { name: this.name });
  }

  /** Lets a role read jobs and results: see {@link grantRead}. */
  grantRead(role: aws.iam.Role): aws.iam.RolePolicy {
    return grantRead(this.outputs, role, { name: this.name, keys: this.settings });
  }

  /** Lets a role wait for jobs and get their results: see {@link grantWait}. */
  grantWait(role: aws.iam.Role): aws.iam.RolePolicy {
    return grantWait(this.outputs, role, { name: this.name, keys: this.settings });
  }

  /** Lets a role explain jobs: see {@link grantExplain}. */
  grantExplain(role: aws.iam.Role): aws.iam.RolePolicy {
    return grantExplain(this.outputs, role, { name: this.name, keys: this.settings });
  }

  private on(end: "completed" | "failed", handlerName: string, handler: JobHandler, options: HandlerOptions): void {
    const hosting = { ...this.hosting(), ...options };
    attach(end, this.outputs, [this.name, end, handlerName], handler, hosting, { parent: this }, this.settings);
  }

  /** What every function of the service has in common. */
  private hosting(): Pick<CallbackLambdaArgs<object>, "logRetentionDays" | "kmsKeyArn" | "network"> {
    const { logRetentionDays, kmsKeyArn, functionsInVpc, vpcSubnetIds, vpcSecurityGroupIds } = this.settings;
    const { partition, region, accountId } = this.reach.place;
    return {
      logRetentionDays,
      ...(kmsKeyArn === undefined ? {} : { kmsKeyArn }),
      ...(functionsInVpc && vpcSubnetIds !== undefined && vpcSecurityGroupIds !== undefined
        ? {
            network: {
              subnetIds: vpcSubnetIds,
              securityGroupIds: vpcSecurityGroupIds,
              ec2ArnPrefix: pulumi.interpolate`arn:${partition}:ec2:${region}:${accountId}:`,
            },
          }
        : {}),
    };
  }

  private submit(floor: CallbackLambda<FloorEnvironment>): CallbackLambda<SubmitEnvironment> {
    return new CallbackLambda<SubmitEnvironment>(
      `${this.name}-submit`,
      {
        factory: submitFunction,
        environment: this.submitEnvironment(floor),
        statements: functionStatements(this.reach, floor.functionArn).submit,
        keyStatements: functionKeyStatements(this.settings).submit,
        deadLetterQueueArn: this.reach.deadLetters.queueArn,
        timeoutSeconds: submitTimeoutSeconds,
        memoryMb: 512,
        ...this.hosting(),
      },
      { parent: this },
    );
  }

  private result(topicArns: pulumi.Output<string>[]): CallbackLambda<ResultEnvironment> {
    const { endpoint, storage, jobs, jobsTopicArn, outputPrefix, settings } = this.reach;
    const name = `${this.name}-result`;
    const lambda = new CallbackLambda<ResultEnvironment>(
      name,
      {
        factory: resultFunction,
        environment: {
          ENDPOINT_NAME: endpoint.endpointName,
          BUCKET_NAME: storage.bucketName,
          OUTPUT_PREFIX: outputPrefix,
          JOB_TABLE_NAME: jobs.tableName,
          JOBS_TOPIC_ARN: jobsTopicArn,
          JOB_RETENTION_DAYS: text(settings.jobRetentionDays),
        },
        statements: functionStatements(this.reach).result,
        keyStatements: functionKeyStatements(settings).result,
        deadLetterQueueArn: this.reach.deadLetters.queueArn,
        timeoutSeconds: resultTimeoutSeconds,
        memoryMb: 256,
        ...this.hosting(),
      },
      { parent: this },
    );
    const names = topicArns.length === 1 ? [name] : [`${name}-success`, `${name}-error`];
    topicArns.forEach((topicArn, index) => lambda.subscribeTo(names[index] as string, topicArn));
    return lambda;
  }

  private sweep(): CallbackLambda<SweepEnvironment> {
    const { endpoint, storage, jobs, jobsTopicArn, inputPrefix, outputPrefix, former, settings } = this.reach;
    const name = `${this.name}-sweep`;
    const lambda = new CallbackLambda<SweepEnvironment>(
      name,
      {
        factory: sweepFunction,
        environment: {
          ENDPOINT_NAME: endpoint.endpointName,
          BUCKET_NAME: storage.bucketName,
          INPUT_PREFIX: inputPrefix,
          ...(former.input.length === 0 ? {} : { FORMER_INPUT_PREFIXES: former.input.join(",") }),
          OUTPUT_PREFIX: outputPrefix,
          JOB_TABLE_NAME: jobs.tableName,
          JOBS_TOPIC_ARN: jobsTopicArn,
          NOTIFICATIONS_ENABLED: String(settings.notificationsEnabled),
          JOB_RETENTION_DAYS: text(settings.jobRetentionDays),
        },
        statements: functionStatements(this.reach).sweep,
        keyStatements: functionKeyStatements(settings).sweep,
        timeoutSeconds: sweepTimeoutSeconds,
        memoryMb: 1024,
        ...this.hosting(),
      },
      { parent: this },
    );
    lambda.schedule(name, "rate(1 minute)");
    return lambda;
  }

  private inbox(floor: CallbackLambda<FloorEnvironment>): { lambda: CallbackLambda<InboxEnvironment>; callableArn: pulumi.Output<string> } {
    const { storage, inboxPrefix, former, place, settings } = this.reach;
    const name = `${this.name}-inbox`;
    const lambda = new CallbackLambda<InboxEnvironment>(
      name,
      {
        factory: inboxFunction,
        environment: {
          ...this.submitEnvironment(floor),
          INBOX_PREFIX: inboxPrefix,
          ...(former.inbox.length === 0 ? {} : { FORMER_INBOX_PREFIXES: former.inbox.join(",") }),
        },
        statements: functionStatements(this.reach, floor.functionArn).inbox,
        keyStatements: functionKeyStatements(settings).inbox,
        deadLetterQueueArn: this.reach.deadLetters.queueArn,
        timeoutSeconds: inboxTimeoutSeconds,
        memoryMb: 256,
        ...this.hosting(),
      },
      { parent: this },
    );
    const permission = lambda.allow(name, "s3.amazonaws.com", storage.bucketArn, place.accountId);
    // S3 takes a notification only to a function that it may invoke: a notification written with this ARN waits for the permission.
    const callableArn = pulumi.all([lambda.functionArn, permission.id]).apply(([arn]) => arn);
    if (settings.bucketName === undefined) {
      new aws.s3.BucketNotification(
        name,
        {
          bucket: storage.bucketName,
          lambdaFunctions: [{ lambdaFunctionArn: lambda.functionArn, events: ["s3:ObjectCreated:*"], filterPrefix: inboxPrefix }],
        },
        { parent: lambda, dependsOn: [permission] },
      );
    }
    return { lambda, callableArn };
  }

  private submitEnvironment(floor: CallbackLambda<FloorEnvironment>): { [Name in keyof SubmitEnvironment]: pulumi.Input<string> } {
    const { endpoint, storage, jobs, jobsTopicArn, settings, inputPrefix, outputPrefix } = this.reach;
    return {
      ENDPOINT_NAME: endpoint.endpointName,
      BUCKET_NAME: storage.bucketName,
      INPUT_PREFIX: inputPrefix,
      OUTPUT_PREFIX: outputPrefix,
      ALLOWED_INPUT_BUCKETS: pulumi.output(settings.inputBuckets).apply((buckets) => buckets.join(",")),
      JOB_TABLE_NAME: jobs.tableName,
      JOBS_TOPIC_ARN: jobsTopicArn,
      INVOCATION_TIMEOUT_SECONDS: text(settings.invocationTimeoutSeconds),
      REQUEST_TTL_SECONDS: text(settings.requestTtlSeconds),
      ON_DOUBT: settings.onDoubt,
      MAX_ATTEMPTS: text(settings.maxAttempts),
      MAX_OPEN_JOBS: text(settings.maxOpenJobs),
      NOTIFICATIONS_ENABLED: String(settings.notificationsEnabled),
      JOB_RETENTION_DAYS: text(settings.jobRetentionDays),
      FLOOR_FUNCTION_NAME: floor.functionName,
    };
  }

  private observability(place: Place): Observability | undefined {
    const { alarmsEnabled, dashboardEnabled } = this.settings;
    if (!alarmsEnabled && !dashboardEnabled) return undefined;
    const { endpoint, deadLetters } = this.reach;
    return new Observability(
      this.name,
      { ...this.settings, ...place, endpointName: endpoint.endpointName, deadLetterQueueName: deadLetters.queueName },
      { parent: this },
    );
  }

  private floor(): CallbackLambda<FloorEnvironment> {
    const name = `${this.name}-floor`;
    const lambda = new CallbackLambda<FloorEnvironment>(
      name,
      {
        factory: floorFunction,
        environment: { JOB_TABLE_NAME: this.reach.jobs.tableName, SCALING: this.floorSettings() },
        statements: functionStatements(this.reach).floor,
        keyStatements: functionKeyStatements(this.settings).floor,
        timeoutSeconds: floorTimeoutSeconds,
        // A CPU for the start: a sleeping endpoint's first job waits for it.
        memoryMb: 1024,
        ...this.hosting(),
      },
      { parent: this },
    );
    lambda.schedule(name, "rate(1 minute)");
    return lambda;
  }

  private floorSettings(): pulumi.Output<string> {
    const { settings } = this;
    const { endpoint } = this.reach;
    const { minCapacity, maxCapacity, idleSeconds, partialScaleIn, drain } = settings;
    const { maxConcurrentInvocationsPerInstance, targetBacklogPerInstance } = settings;
    const floor: { [Name in keyof FloorSettings]: pulumi.Input<FloorSettings[Name]> } = {
      endpointName: endpoint.endpointName,
      variantName,
      minCapacity,
      maxCapacity,
      warm: { windows: settings.warmHours, timeZone: settings.warmTimeZone, minCapacity: settings.warmMinCapacity },
      idleSeconds,
      partialScaleIn,
      drain,
      maxConcurrentInvocationsPerInstance,
      targetBacklogPerInstance,
    };
    return pulumi.jsonStringify(floor);
  }

  private storage(place: Place, prefixes: Prefixes, encryption: Pick<StorageArgs, "kmsKeyArn" | "keyPolicies">): Storage {
    const { inputExpirationDays, outputExpirationDays, failureExpirationDays, inboxExpirationDays } = this.settings;
    const expirationDays: Record<string, number> = {
      [prefixes.inputPrefix]: inputExpirationDays,
      [prefixes.outputPrefix]: outputExpirationDays,
      [prefixes.failurePrefix]: failureExpirationDays,
      [prefixes.inboxPrefix]: inboxExpirationDays,
    };
    const daysOf = { input: inputExpirationDays, output: outputExpirationDays, failure: failureExpirationDays, inbox: inboxExpirationDays };
    for (const [kind, former] of Object.entries(prefixes.former)) {
      for (const prefix of former) expirationDays[prefix] ??= daysOf[kind as PrefixKind];
    }
    return new Storage(this.name, { ...this.settings, ...encryption, partition: place.partition, expirationDays }, { parent: this });
  }

  /** Both topics, once when they are the same. */
  private distinctTopics(success: pulumi.Output<string> | undefined, error: pulumi.Output<string> | undefined): pulumi.Output<string>[] {
    if (success === undefined || error === undefined) return [];
    const { successTopicArn, errorTopicArn } = this.settings;
    return successTopicArn !== undefined && successTopicArn === errorTopicArn ? [success] : [success, error];
  }

  private warnAboutHardware(): void {
    const { instanceType } = this.settings;
    if (gpuInstance(instanceType)) return;
    const text = `instanceType ${instanceType} is not in the catalogue of GPU instances: its disks and drivers are not checked.`;
    void pulumi.log.warn(text, this);
  }
}

/** The region of the default provider; undefined with another provider, whose region is known later. */
function regionOf({ provider, providers, parent }: pulumi.ComponentResourceOptions): string | undefined {
  return provider === undefined && providers === undefined && parent === undefined ? aws.config.region : undefined;
}

/**
 * The policies that let roles use the key, which what is encrypted with it waits for. Known last, since the functions' other policies
 * name what is encrypted.
 */
function keyGrants(): { made: Promise<pulumi.Resource[]>; all: (policies: pulumi.Resource[]) => void } {
  let all: (policies: pulumi.Resource[]) => void = () => undefined;
  const made = new Promise<pulumi.Resource[]>((resolve) => (all = resolve));
  return { made, all };
}

function formerPrefixes(settings: Settings): FormerPrefixes {
  const former: Record<PrefixKind, string[]> = { input: [], output: [], failure: [], inbox: [] };
  for (const [prefix, kind] of Object.entries(settings.formerPrefixes)) former[kind].push(withSlash(prefix));
  return former;
}

function prefixesOf(settings: Settings): Prefixes {
  const { inputPrefix, outputPrefix, failurePrefix, inboxPrefix } = settings;
  return {
    inputPrefix: withSlash(inputPrefix),
    outputPrefix: withSlash(outputPrefix),
    failurePrefix: withSlash(failurePrefix),
    inboxPrefix: withSlash(inboxPrefix),
    former: formerPrefixes(settings),
  };
}

function outputsOf(fields: { [Field in keyof AsyncInferenceOutputs]: pulumi.Input<AsyncInferenceOutputs[Field]> }): ServiceOutputs {
  return Object.fromEntries(Object.entries(fields).map(([field, value]) => [field, pulumi.output(value)])) as unknown as ServiceOutputs;
}

function text(value: pulumi.Input<number>): pulumi.Output<string> {
  return pulumi.output(value).apply(String);
}
