import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import type { JobHandler } from "../functions/handler";
import type { AsyncInferenceArgs } from "./args";
import { Autoscaling } from "./autoscaling";
import { ConsumerQueue, type ConsumerQueueOptions } from "./consumerQueue";
import { DeadLetters } from "./deadLetters";
import { Endpoint } from "./endpoint";
import { fail } from "./fail";
import type { Reach } from "./functionPolicies";
import { grantExplain, grantRead, grantSubmit, grantSubmitFunction, grantWait } from "./grants";
import { attach, type HandlerOptions } from "./handlers";
import { currentPlace, type Place } from "./images";
import { gpuInstance } from "./instanceTypes";
import { Jobs } from "./jobs";
import { executionRole, Model } from "./model";
import { requireServiceName } from "./nameChecks";
import { Notifications } from "./notifications";
import { Observability } from "./observability";
import { tellAboutBucket, tellAboutKey, tellAboutTopics } from "./ownResources";
import { expirationDaysOf, prefixesOf, type Prefixes } from "./prefixes";
import { hostingOf, serviceFunctions } from "./serviceFunctions";
import { rollbackAlarmPrefix } from "./release";
import { serviceOutputs } from "./serviceOutputs";
import { servingOf, type Serving } from "./serving";
import { withDefaults, type Settings } from "./settings";
import type { ServiceOutputs } from "./stackOutputs";
import { Storage } from "./storage";
import { tagging, tagsOf } from "./tags";
import { task, type TaskRequest, type TaskState } from "./task";
import { checked, warningsOf } from "./validate";

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
    const settings = settingsOf(name, args, opts);
    const transformations = [...(opts.transformations ?? []), tagging(tagsOf(settings.tags))];
    super("sagemaker-async:index:AsyncInference", name, {}, { ...opts, transformations });
    this.name = name;
    this.settings = settings;
    this.warn(warningsOf(args));

    const place = currentPlace({ parent: this });
    const role = executionRole(`${name}-execution`, place, this);
    const grants = keyGrants();
    const encryption = settings.kmsKeyArn === undefined ? {} : { kmsKeyArn: settings.kmsKeyArn, keyPolicies: grants.made };
    const prefixes = prefixesOf(settings);
    const expirationDays = expirationDaysOf(settings, prefixes);
    const storage = new Storage(name, { ...settings, ...encryption, partition: place.partition, expirationDays }, { parent: this });
    const notifications = new Notifications(
      name,
      { ...settings, ...encryption, publisherRoleArn: role.arn, enabled: settings.notificationsEnabled },
      { parent: this },
    );
    const topicArns = this.distinctTopics(notifications);
    const { deployment } = settings;
    const rollbackAlarms = deployment ? [`${rollbackAlarmPrefix(name)}-*`, ...(deployment.rollbackAlarms ?? [])] : [];
    const reached = { place, role, bucketArn: storage.bucketArn, topicArns, rollbackAlarms };
    const model = new Model(name, { ...settings, ...prefixes, ...reached }, { parent: this });
    const endpoint = this.endpoint(prefixes, model, storage, notifications);
    const jobs = new Jobs(name, { ...settings, ...encryption }, { parent: this });
    const { jobsTopicArn } = notifications;
    const deadLetters = new DeadLetters(name, { topicArns: [...topicArns, jobsTopicArn], ...encryption }, { parent: this });

    this.reach = { ...prefixes, place, settings, endpoint, storage, jobs, jobsTopicArn, deadLetters };
    const site = { name, reach: this.reach, hosting: hostingOf(settings, this.reach), keyPolicies: grants.made, parent: this };
    const functions = serviceFunctions(site, topicArns);
    const { inbox, bus, tasks, webhooks, batch, tracing, ...always } = functions;
    const optional = [inbox?.lambda, bus, tasks, batch?.lambda, batch, tracing, ...webhooks].filter((part) => part !== undefined);
    const lambdas = [...Object.values(always), ...optional];
    grants.all([model, ...lambdas].flatMap(({ keyPolicies }) => keyPolicies));
    const observability = this.observability(place);
    tellAboutBucket(this, this.reach, role.arn, inbox?.callableArn);
    tellAboutTopics(this, settings, role.arn);
    tellAboutKey(this, settings, place);

    this.outputs = serviceOutputs({ reach: this.reach, role, model, notifications, functions, observability });
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

  /**
   * A state for a Step Functions state machine that runs one job and goes on when it has ended, however that comes. What it gets of
   * a completed job is `{ jobId, state, outputLocation, outputContentType, outputBytes, metadata, timings }`; other ends, and a request
   * that is refused, are errors by the error's code, for `Retry` and `Catch`. Its timeout is longer than the service needs to end
   * the job. Needs `workflowsEnabled`; {@link grantSubmitFunction} is for the state machine's role.
   *
   * @example
   * ```ts
   * const read = service.task({ "inputLocation.$": "$.page" }, { Catch: [{ ErrorEquals: ["MODEL_ERROR"], Next: "Skip" }] });
   * const definition = pulumi.jsonStringify({ StartAt: "Read", States: { Read: read, Skip: { Type: "Pass", End: true } } });
   * ```
   * @throws pulumi.InputPropertiesError naming every field that is wrong, what it got and what it accepts
   */
  task(request: TaskRequest, state: TaskState = {}): pulumi.Output<Record<string, unknown>> {
    const needed = { propertyPath: "workflowsEnabled", reason: "got false, expected true: without it no task would ever be answered" };
    fail(`A task of asynchronous inference "${this.name}"`, this.settings.workflowsEnabled ? [] : [needed]);
    return task(this.outputs, request, state);
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
    const hosting = { ...hostingOf(this.settings, this.reach), traced: this.settings.traceEndpoint !== undefined, ...options };
    attach(end, this.outputs, [this.name, end, handlerName], handler, hosting, { parent: this }, this.settings);
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

  /** The endpoint and its scaling. */
  private endpoint(prefixes: Prefixes, model: Model, storage: Storage, { successTopicArn, errorTopicArn }: Notifications): Endpoint {
    const { name, settings } = this;
    const { modelName, rolePolicies } = model;
    const endpoint = new Endpoint(
      name,
      { ...settings, ...prefixes, modelName, rolePolicies, bucketName: storage.bucketName, successTopicArn, errorTopicArn },
      { parent: this },
    );
    new Autoscaling(name, { ...settings, endpointName: endpoint.endpointName, resourceId: endpoint.scalableResourceId }, { parent: this });
    return endpoint;
  }

  /** SageMaker's two topics, once when they are the same. */
  private distinctTopics({ successTopicArn: success, errorTopicArn: error }: Notifications): pulumi.Output<string>[] {
    if (success === undefined || error === undefined) return [];
    const { successTopicArn, errorTopicArn } = this.settings;
    return successTopicArn !== undefined && successTopicArn === errorTopicArn ? [success] : [success, error];
  }

  private warn(warnings: readonly string[]): void {
    const { instanceType } = this.settings;
    const unknown = `instanceType ${instanceType} is not in the catalogue of GPU instances: its disks and drivers are not checked.`;
    for (const text of [...(gpuInstance(instanceType) ? [] : [unknown]), ...warnings]) void pulumi.log.warn(text, this);
  }
}

/** The arguments, checked, with every default. */
function settingsOf(name: string, args: AsyncInferenceArgs, opts: pulumi.ComponentResourceOptions): Settings & Serving {
  const given = checked(`asynchronous inference "${name}"`, args, regionOf(opts));
  // Checking makes a new Output of each: that both were the same one must stay visible.
  if (args.errorTopicArn === args.successTopicArn) given.errorTopicArn = given.successTopicArn;
  const filled = withDefaults(given);
  return { ...filled, ...servingOf(filled) };
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
