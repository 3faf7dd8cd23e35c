import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { present } from "../core/present";
import { batchFunction, type BatchFunctionSettings } from "../functions/batch";
import { busFunction, type BusFunctionSettings } from "../functions/bus";
import { floorFunction, type FloorFunctionSettings } from "../functions/floor";
import { inboxFunction, type InboxFunctionSettings } from "../functions/inbox";
import { resultFunction, type ResultFunctionSettings } from "../functions/result";
import { submitFunction, type SubmitFunctionSettings } from "../functions/submit";
import { tasksFunction, type TasksFunctionSettings } from "../functions/tasks";
import { sweepFunction, type SweepFunctionSettings } from "../functions/sweep";
import { tracingFunction, type TracingFunctionSettings } from "../functions/tracing";
import { CallbackLambda, type CallbackLambdaArgs, type FunctionInputs } from "./callbackLambda";
import { batchEngineRole, letEngine } from "./batch";
import { variantName } from "./endpoint";
import { functionKeyStatements, functionStatements, type FunctionPart, type Reach } from "./functionPolicies";
import type { Settings } from "./settings";
import { Webhook } from "./webhook";

/** Lambda's longest: a submit may wait for its result. */
const submitTimeoutSeconds = 900;
/** Long enough to copy an upload of 1 GB, the service's bound, several times. */
const inboxTimeoutSeconds = 300;
const resultTimeoutSeconds = 60;
/** For so long it waits for room below `maxOpenJobs`, which is counted once per minute. */
const batchTimeoutSeconds = 300;
/** Seconds suffice; a submit that waits for it gives up sooner. */
const floorTimeoutSeconds = 60;
/** Long enough to catch up with what waits after a failure; runs do not overlap. */
const sweepTimeoutSeconds = 300;

/** One call of a service for a job that has ended. */
const endTimeoutSeconds = 30;

/** What every function of the service has in common. */
export type Hosting = Pick<CallbackLambdaArgs<object>, "logRetentionDays" | "kmsKeyArn" | "network">;

/** The functions of one service. */
export interface ServiceFunctions {
  floor: CallbackLambda<FloorFunctionSettings>;
  submit: CallbackLambda<SubmitFunctionSettings>;
  result: CallbackLambda<ResultFunctionSettings>;
  sweep: CallbackLambda<SweepFunctionSettings>;
  /** Undefined when the inbox is disabled. */
  inbox: Inbox | undefined;
  /** Undefined when batches are disabled. */
  batch: Batch | undefined;
  /** Undefined without an event bus. */
  bus: CallbackLambda<BusFunctionSettings> | undefined;
  /** Undefined without workflows. */
  tasks: CallbackLambda<TasksFunctionSettings> | undefined;
  /** Undefined without a receiver of spans. */
  tracing: CallbackLambda<TracingFunctionSettings> | undefined;
  webhooks: readonly Webhook[];
}

/** The batch function. */
interface Batch {
  lambda: CallbackLambda<BatchFunctionSettings>;
  /** What S3 Batch Operations runs as. */
  role: aws.iam.Role;
  /** The policy with that role's use of keys; none without keys. */
  keyPolicies: readonly pulumi.Resource[];
}

/** The inbox function. */
interface Inbox {
  lambda: CallbackLambda<InboxFunctionSettings>;
  /** The function's ARN, known when S3 may invoke it: S3 takes a notification only to such a function. */
  callableArn: pulumi.Output<string>;
}

/** What making a function takes. */
interface Site {
  /** Name of the service. */
  name: string;
  reach: Reach;
  hosting: Hosting;
  /** What must be in force before anything is encrypted with the key. */
  keyPolicies: pulumi.Input<pulumi.Resource[]>;
  parent: pulumi.Resource;
}

/**
 * Creates the functions of a service, what calls them, and the roles that they run as.
 *
 * @param topicArns SageMaker's own topics, whose notifications the result function gets
 */
export function serviceFunctions(site: Site, topicArns: readonly pulumi.Output<string>[]): ServiceFunctions {
  const floor = createFloor(site);
  const submit = createSubmit(site, floor);
  const result = createResult(site, topicArns);
  const sweep = createSweep(site);
  const { inboxEnabled, batchEnabled } = site.reach.settings;
  const inbox = inboxEnabled ? createInbox(site, floor) : undefined;
  const batch = batchEnabled ? createBatch(site, floor) : undefined;
  const [bus, tasks, tracing, webhooks] = [createBus(site), createTasks(site), createTracing(site), createWebhooks(site)];
  return { floor, submit, result, sweep, inbox, batch, bus, tasks, tracing, webhooks };
}

/** What every function of the service has in common, by its settings. */
export function hostingOf(settings: Settings, { place }: Pick<Reach, "place">): Hosting {
  const { logRetentionDays, kmsKeyArn, functionsInVpc, vpcSubnetIds, vpcSecurityGroupIds } = settings;
  return {
    logRetentionDays,
    ...present({ kmsKeyArn }),
    ...(functionsInVpc && vpcSubnetIds !== undefined && vpcSecurityGroupIds !== undefined
      ? {
          network: {
            subnetIds: vpcSubnetIds,
            securityGroupIds: vpcSecurityGroupIds,
            ec2ArnPrefix: pulumi.interpolate`arn:${place.partition}:ec2:${place.region}:${place.accountId}:`,
          },
        }
      : {}),
  };
}

/** What tells one function from the others. */
type Own<Settings extends object> = Pick<
  CallbackLambdaArgs<Settings>,
  "factory" | "settings" | "timeoutSeconds" | "memoryMb" | "deadLetterQueueArn"
>;

/** A function, named after its part of the service, with what that part may do. */
function create<Settings extends object>(
  { name: service, reach, hosting, parent }: Site,
  part: FunctionPart,
  own: Own<Settings>,
  floor?: CallbackLambda<FloorFunctionSettings>,
): CallbackLambda<Settings> {
  const statements = functionStatements(reach, floor?.functionArn)[part];
  const keyStatements = functionKeyStatements(reach.settings)[part];
  return new CallbackLambda<Settings>(`${service}-${part}`, { ...own, isOwn: true, statements, keyStatements, ...hosting }, { parent });
}

function createFloor(site: Site): CallbackLambda<FloorFunctionSettings> {
  const lambda = create<FloorFunctionSettings>(site, "floor", {
    factory: floorFunction,
    settings: floorSettings(site.reach),
    timeoutSeconds: floorTimeoutSeconds,
    // A CPU for the start: a sleeping endpoint's first job waits for it.
    memoryMb: 1024,
  });
  lambda.schedule(`${site.name}-floor`, "rate(1 minute)");
  return lambda;
}

function createSubmit(site: Site, floor: CallbackLambda<FloorFunctionSettings>): CallbackLambda<SubmitFunctionSettings> {
  const own = {
    factory: submitFunction,
    settings: { ...submitSettings(site.reach, floor), ...workflows(site.reach) },
    deadLetterQueueArn: site.reach.deadLetters.queueArn,
    timeoutSeconds: submitTimeoutSeconds,
    memoryMb: 512,
  };
  return create<SubmitFunctionSettings>(site, "submit", own, floor);
}

function createResult(site: Site, topicArns: readonly pulumi.Output<string>[]): CallbackLambda<ResultFunctionSettings> {
  const name = `${site.name}-result`;
  const lambda = create<ResultFunctionSettings>(site, "result", {
    factory: resultFunction,
    settings: { ...jobSettings(site.reach), ...(site.reach.settings.priorityEnabled && { admitsLow: true as const }) },
    deadLetterQueueArn: site.reach.deadLetters.queueArn,
    timeoutSeconds: resultTimeoutSeconds,
    memoryMb: 256,
  });
  const names = topicArns.length === 1 ? [name] : [`${name}-success`, `${name}-error`];
  topicArns.forEach((topicArn, index) => lambda.subscribeTo(names[index] as string, topicArn));
  return lambda;
}

function createSweep(site: Site): CallbackLambda<SweepFunctionSettings> {
  const { inputPrefix, former, settings } = site.reach;
  const lambda = create<SweepFunctionSettings>(site, "sweep", {
    factory: sweepFunction,
    settings: {
      ...jobSettings(site.reach),
      inputPrefix,
      formerInputPrefixes: former.input,
      ...lowPriority(site.reach),
      ...(settings.batchEnabled && { batchMaxOpenJobs: settings.maxOpenJobs }),
      ...workflows(site.reach),
    },
    timeoutSeconds: sweepTimeoutSeconds,
    memoryMb: 1024,
  });
  lambda.schedule(`${site.name}-sweep`, "rate(1 minute)");
  return lambda;
}

function createInbox(site: Site, floor: CallbackLambda<FloorFunctionSettings>): Inbox {
  const { storage, inboxPrefix, former, place, settings, deadLetters } = site.reach;
  const name = `${site.name}-inbox`;
  const own = {
    factory: inboxFunction,
    settings: { ...submitSettings(site.reach, floor), inboxPrefix, formerInboxPrefixes: former.inbox },
    deadLetterQueueArn: deadLetters.queueArn,
    timeoutSeconds: inboxTimeoutSeconds,
    memoryMb: 256,
  };
  const lambda = create<InboxFunctionSettings>(site, "inbox", own, floor);
  const permission = lambda.allow(name, "s3.amazonaws.com", storage.bucketArn, place.accountId);
  // A notification that is written with this ARN waits for the permission.
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

function createBatch(site: Site, floor: CallbackLambda<FloorFunctionSettings>): Batch {
  const name = `${site.name}-batch-engine`;
  const role = batchEngineRole(name, site.parent);
  const own = {
    factory: batchFunction,
    settings: { ...submitSettings(site.reach, floor), engineRoleArn: role.arn },
    timeoutSeconds: batchTimeoutSeconds,
    memoryMb: 256,
  };
  const lambda = create<BatchFunctionSettings>(site, "batch", own, floor);
  return { lambda, role, keyPolicies: letEngine(name, role, site.reach, lambda.functionArn, site.parent) };
}

function createBus(site: Site): CallbackLambda<BusFunctionSettings> | undefined {
  const { settings, endpoint, deadLetters, jobsTopicArn } = site.reach;
  const { eventBusName } = settings;
  if (eventBusName === undefined) return undefined;
  const lambda = create<BusFunctionSettings>(site, "bus", {
    factory: busFunction,
    settings: { endpointName: endpoint.endpointName, eventBusName },
    deadLetterQueueArn: deadLetters.queueArn,
    timeoutSeconds: endTimeoutSeconds,
    memoryMb: 256,
  });
  lambda.subscribeTo(`${site.name}-bus`, jobsTopicArn);
  return lambda;
}

function createTasks(site: Site): CallbackLambda<TasksFunctionSettings> | undefined {
  const { settings, endpoint, jobs, deadLetters, jobsTopicArn } = site.reach;
  if (!settings.workflowsEnabled) return undefined;
  const lambda = create<TasksFunctionSettings>(site, "tasks", {
    factory: tasksFunction,
    settings: { endpointName: endpoint.endpointName, jobTableName: jobs.tableName },
    deadLetterQueueArn: deadLetters.queueArn,
    timeoutSeconds: endTimeoutSeconds,
    memoryMb: 256,
  });
  lambda.subscribeTo(`${site.name}-tasks`, jobsTopicArn, { hasTasks: ["true"] });
  return lambda;
}

function createTracing(site: Site): CallbackLambda<TracingFunctionSettings> | undefined {
  const { settings, endpoint, deadLetters, jobsTopicArn } = site.reach;
  const { traceEndpoint, traceHeaders = {} } = settings;
  if (traceEndpoint === undefined) return undefined;
  const lambda = create<TracingFunctionSettings>(site, "tracing", {
    factory: tracingFunction,
    settings: {
      endpointName: endpoint.endpointName,
      traceEndpoint,
      traceHeaders: pulumi.secret(traceHeaders),
      resource: { "service.name": site.name, "deployment.environment.name": pulumi.getStack() },
    },
    deadLetterQueueArn: deadLetters.queueArn,
    timeoutSeconds: endTimeoutSeconds,
    memoryMb: 256,
  });
  lambda.subscribeTo(`${site.name}-tracing`, jobsTopicArn, { traced: ["true"] });
  return lambda;
}

function createWebhooks({ name: service, reach, hosting, keyPolicies, parent }: Site): Webhook[] {
  return Object.entries(reach.settings.webhooks ?? {}).map(
    ([name, args]) => new Webhook({ service, name, reach, hosting, keyPolicies }, args, { parent }),
  );
}

/** Said only when it is on: functions of a service without workflows stay as they were. */
function workflows({ settings }: Reach): { workflowsEnabled?: true } {
  return settings.workflowsEnabled ? { workflowsEnabled: true } : {};
}

function jobSettings({ endpoint, storage, jobs, jobsTopicArn, outputPrefix, settings }: Reach): FunctionInputs<ResultFunctionSettings> {
  return {
    endpointName: endpoint.endpointName,
    bucketName: storage.bucketName,
    outputPrefix,
    notificationsEnabled: settings.notificationsEnabled,
    retentionDays: settings.jobRetentionDays,
    jobTableName: jobs.tableName,
    jobsTopicArn,
  };
}

/** From how many invoked jobs on low ones wait, and in whose turn; nothing in a service without priorities. */
function lowPriority({ settings }: Reach): FunctionInputs<Pick<SweepFunctionSettings, "lowPriority">> {
  const { priorityEnabled, lowPriorityBacklog, lowPriorityFairBy: fairBy } = settings;
  if (!priorityEnabled) return {};
  const { maxCapacity, maxConcurrentInvocationsPerInstance, targetBacklogPerInstance } = settings;
  const known = pulumi.all([lowPriorityBacklog, fairBy, maxConcurrentInvocationsPerInstance, targetBacklogPerInstance]);
  return {
    lowPriority: known.apply(([backlog, by, running, waiting]) => ({
      backlog: backlog ?? maxCapacity * (running + waiting),
      ...present({ fairBy: by }),
    })),
  };
}

function submitSettings(reach: Reach, floor: CallbackLambda<FloorFunctionSettings>): FunctionInputs<SubmitFunctionSettings> {
  const { invocationTimeoutSeconds, requestTtlSeconds, onDoubt, maxAttempts, maxOpenJobs, inputBuckets } = reach.settings;
  const { traceEndpoint, traceSamplePercent } = reach.settings;
  return {
    ...jobSettings(reach),
    inputPrefix: reach.inputPrefix,
    allowedInputBuckets: pulumi.output(inputBuckets),
    invocationTimeoutSeconds,
    requestTtlSeconds,
    onDoubt,
    maxAttempts,
    maxOpenJobs,
    floorFunctionName: floor.functionName,
    ...(traceEndpoint !== undefined && { traceSamplePercent }),
  };
}

function floorSettings({ endpoint, jobs, settings }: Reach): FunctionInputs<FloorFunctionSettings> {
  const { minCapacity, maxCapacity, idleSeconds, partialScaleIn, drain } = settings;
  const { maxConcurrentInvocationsPerInstance, targetBacklogPerInstance } = settings;
  return {
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
    jobTableName: jobs.tableName,
  };
}
