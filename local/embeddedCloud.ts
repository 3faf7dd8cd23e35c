import type { ChildProcess } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import * as nodeModule from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { createAutoscaling } from "./autoscaling";
import { clientEnvironment } from "./clientEnvironment";
import { WallClock, type Clock } from "./clock";
import { createCloudWatch } from "./cloudwatch";
import { Credentials } from "./credentials";
import { deploy, prepareProcess, type DeployEvent, type DeployTarget, type KnownResources } from "./deploy/deploy";
import { assetPaths } from "./deploy/properties";
import type { StackOutputs } from "./deploy/pulumiResources";
import { createDynamoDb } from "./dynamodb";
import { CloudFaults } from "./faults/cloudFaults";
import type { FaultPlan } from "./faults/plan";
import { Front } from "./front";
import { createEvents } from "./events";
import { createIdentity } from "./identity";
import { Authorizer, type JudgedNeed } from "./identity/authorizer";
import { keepInDirectory, keepInMemory, type Keeper } from "./kept";
import { createKms } from "./kms";
import { createLambda } from "./lambda";
import type { FunctionDefinition } from "./lambda/definition";
import { createLogs } from "./logs";
import { createMessaging } from "./messaging";
import type { CloudContext, CloudEvent, CloudService, EventTargets, ScalableTargets } from "./ports";
import { isRegion } from "./regions";
import type { ServiceResources } from "./resources";
import { createS3 } from "./s3";
import { createSsm } from "./ssm";
import { createStates } from "./states";
import { createSageMaker, type ModelCommands } from "./sagemaker";
import { startProcess } from "./sagemaker/container";
import { embeddedAccountId } from "../outputs";
import { localSeconds, readStack, type Stack } from "./stackFile";
import { ServiceError, type WireRequest, type WireResponse } from "./wire";

/** How to start an {@link EmbeddedCloud}. */
export interface EmbeddedCloudOptions {
  /** Port on 127.0.0.1. @default 0, a free one */
  port?: number;
  /** Closed with the cloud. @default the wall's clock */
  clock?: Clock;
  /** @default "us-east-1" */
  region?: string;
  /** Seconds until what AWS services publish can be read in CloudWatch. @default 120 */
  metricDelaySeconds?: number;
  /**
   * Stands between clients and every service that does not stream (all but S3, SNS and SQS): answers itself, or what
   * `answer` does. For tests of answers that are late, wrong or lost. @default nothing stands there
   */
  intercept?: (service: string, request: WireRequest, answer: () => Promise<WireResponse>) => Promise<WireResponse>;
  /** What is to fail, when, and for which jobs. @default nothing */
  faults?: FaultPlan;
  /** Folder whose cloud goes on: what is made in it survives a restart. @default everything ends with this cloud */
  stateDirectory?: string;
  /** What serves models that were made over the API, and not by a program that is deployed to this cloud. @default nothing */
  modelCommands?: ModelCommands;
}

/** The emulators' own; no program may rely on another. */
const accountId = embeddedAccountId;

/** A Pulumi program to deploy. */
export interface ProgramSource {
  /** Folder with Pulumi.yaml. */
  directory: string;
  /** Name of the stack, whose settings are in `Pulumi.<stack>.yaml`. */
  stack: string;
  /** Settings by full key, such as `local:modelCommand`, in the place of the stack file's. @default none */
  settings?: Readonly<Record<string, string>>;
  /** Entry that is compiled already; spares a second of compiling. @default Pulumi.yaml's `main` */
  compiledMain?: string;
}

/**
 * A cloud in this process: the AWS services that Pulumi programs deployed to it use, on one loopback port.
 *
 * @example
 * ```ts
 * const cloud = await EmbeddedCloud.start();
 * const { outputs } = await cloud.deploy({ directory: ".", stack: "local" });
 * new S3Client({ endpoint: cloud.endpointUrl, region: cloud.region, credentials: { accessKeyId: "test", secretAccessKey: "test" } });
 * await cloud.close();
 * ```
 */
export class EmbeddedCloud {
  /** What happens inside: `cloud.events.on("event", (event) => …)`. */
  readonly events: EventEmitter<{ event: [CloudEvent]; judged: [JudgedNeed] }> = new EventEmitter();
  /** Outputs of the deployed stacks by `project/stack`, in the order of their deployment. */
  readonly stacks: ReadonlyMap<string, StackOutputs>;
  readonly region: string;
  readonly accountId: string;
  /** `http://127.0.0.1:<port>`: the endpoint of every service. */
  readonly endpointUrl: string;
  /**
   * Instance types of which no further instance is available: `cloud.soldOut.add("ml.g5.2xlarge")` makes the next start fail as it
   * does in a region that has none left. What runs stays.
   */
  readonly soldOut: Set<string>;
  /** What each resource type and data source leads to. */
  readonly resources: ServiceResources;

  private readonly deployed = new Map<string, StackOutputs>();
  /** What each stack has, by `project/stack`. */
  private readonly claimed = new Map<string, KnownResources>();
  /** Processes that wait for a redeployment, by the program's folder. */
  private readonly prepared = new Map<string, ChildProcess>();
  private readonly deployments = new Set<Promise<unknown>>();
  private readonly abort = new AbortController();
  private closing: Promise<void> | undefined;

  private constructor(
    context: CloudContext,
    private readonly services: readonly CloudService[],
    private readonly metricDelaySeconds: number,
    soldOut: Set<string>,
    /** Gives back port, clock and files. */
    private readonly release: () => Promise<void>,
    /** Faults that happen to it; undefined for a cloud that was started without a plan. */
    readonly faults: CloudFaults | undefined,
    /** Has every further invocation of every function start in a new process: of a clock that is no longer the wall's, say. */
    readonly renewFunctions: () => void,
    private readonly keeper: Keeper,
    /** Every Lambda function that there is at the moment, whoever made it. */
    readonly functions: () => readonly FunctionDefinition[],
    private readonly renewModels: (directory: string, command: string) => boolean,
  ) {
    this.stacks = this.deployed;
    this.soldOut = soldOut;
    this.region = context.region;
    this.accountId = context.accountId;
    this.endpointUrl = context.endpointUrl;
    this.resources = merge(services);
  }

  /** @throws Error with code `EADDRINUSE` when the port is taken, and with a version of Node that can't run it */
  static async start(options: EmbeddedCloudOptions = {}): Promise<EmbeddedCloud> {
    const { clock = new WallClock(), region = "us-east-1", metricDelaySeconds = 120, intercept, stateDirectory } = options;
    if (nodeModule.registerHooks === undefined) throw new Error(`the embedded cloud needs Node 22.15 or newer; this is ${process.version}`);
    let emit: CloudContext["emit"] = () => undefined;
    const warn = (message: string) => emit({ kind: "warning", message });
    const keeper = stateDirectory === undefined ? keepInMemory() : keepInDirectory(stateDirectory, warn);
    const credentials = new Credentials();
    let judged: (call: JudgedNeed) => void = () => undefined;
    const authorizer = new Authorizer(
      { region, accountId, clock },
      credentials,
      (message) => emit({ kind: "denied", message }),
      (call) => judged(call),
    );
    const front = new Front((service, request) => authorizer.check(service, request), clock, region);
    const workDirectory = mkdtempSync(path.join(tmpdir(), "embedded-cloud-"));
    // However the process ends, short of being killed, nothing of it stays on the disk.
    const remove = () => rmSync(workDirectory, { recursive: true, force: true });
    process.once("exit", remove);
    const release = async () => {
      await front.close();
      clock.close();
      keeper.close();
      remove();
      process.off("exit", remove);
    };
    try {
      const port = await front.listen(options.port ?? 0);
      const context: CloudContext = {
        clock,
        region,
        accountId,
        endpointUrl: `http://127.0.0.1:${port}`,
        workDirectory,
        keeper,
        credentialsFor: (roleArn, sessionName) => credentials.issue(roleArn, sessionName),
        access: authorizer,
        emit: (event) => emit(event),
      };
      const soldOut = new Set<string>();
      const created = await createServices(context, credentials, authorizer, { ...options, metricDelaySeconds, soldOut });
      const { services, faults, renewFunctions, functions, renewModels } = created;
      const cloud = new EmbeddedCloud(
        context,
        services,
        metricDelaySeconds,
        soldOut,
        release,
        faults,
        renewFunctions,
        keeper,
        functions,
        renewModels,
      );
      judged = (call) => cloud.events.emit("judged", call);
      emit = (event) => cloud.tell(event);
      for (const service of services) front.add(intercepted(faults?.around(service) ?? service, intercept));
      for (const service of services) service.resume?.();
      return cloud;
    } catch (error) {
      await release();
      throw error;
    }
  }

  /**
   * Runs a Pulumi program and makes its resources real. A stack is deployed once: {@link EmbeddedCloud.redeploy} updates it.
   *
   * @throws Error with one message for the user: see {@link deploy}.
   */
  async deploy(source: ProgramSource, onEvent: (event: DeployEvent) => void = () => undefined): Promise<StackOutputs> {
    const stack = readStack(source.directory, source.stack, source.settings);
    const name = `${stack.project}/${stack.stack}`;
    if (this.claimed.has(name)) {
      throw new Error(`${name} is deployed on this embedded cloud already; to deploy a change, start a new one`);
    }
    checkLocalSettings(stack, this.metricDelaySeconds);
    // What a cloud of the same state had deployed is updated.
    this.claimed.set(name, this.keeper.map(`deployed.${name}`));
    const outputs = await this.run(stack, source, onEvent);
    if (this.deployed.size === 0) this.faults?.start();
    this.deployed.set(name, outputs);
    return outputs;
  }

  /**
   * Runs a deployed program again, as `pulumi up` would: what has changed is updated, or replaced where AWS makes another one of it,
   * what the program does not have any more is deleted, and all else stays as it is, with the jobs that are under way.
   *
   * @throws Error for a program that is wrong, as {@link deploy}, and for a change that AWS refuses; what is deployed stays
   */
  async redeploy(source: ProgramSource, onEvent: (event: DeployEvent) => void = () => undefined): Promise<StackOutputs> {
    const stack = readStack(source.directory, source.stack, source.settings);
    const name = `${stack.project}/${stack.stack}`;
    if (!this.deployed.has(name)) throw new Error(`${name} is not deployed on this embedded cloud: deploy it first`);
    checkLocalSettings(stack, this.metricDelaySeconds);
    try {
      const outputs = await this.run(stack, source, onEvent);
      this.deployed.set(name, outputs);
      return outputs;
    } finally {
      this.expectRedeploy(source);
    }
  }

  /** What a stack has, by URN, in the order in which it was made; empty for one that is not deployed. @param name `project/stack` */
  resourcesOf(name: string): string[] {
    return [...(this.claimed.get(name)?.entries() ?? [])].map(([urn]) => urn);
  }

  /**
   * Starts the containers again whose command runs in this folder: a file of the model has changed. What runs on one ends first, and what
   * waits goes on waiting.
   *
   * @param command serves them from now on, where a program's `local:modelCommand` does
   * @returns whether there are any
   */
  restartModels(directory: string, command: string): boolean {
    return this.renewModels(directory, command);
  }

  /** Files and folders that a stack's resources were made from, such as what is in a function's archive. @param name `project/stack` */
  filesOf(name: string): string[] {
    return [...(this.claimed.get(name)?.entries() ?? [])].flatMap(([, { inputs }]) => assetPaths(inputs));
  }

  /** Gets ready for a {@link redeploy}, which takes a second less for it. Each redeployment gets ready for the next one. */
  expectRedeploy(source: Pick<ProgramSource, "directory">): void {
    const directory = path.resolve(source.directory);
    if (this.abort.signal.aborted || this.prepared.has(directory)) return;
    this.prepared.set(directory, prepareProcess(directory, clientEnvironment(this)));
  }

  private async run(stack: Stack, source: ProgramSource, onEvent: (event: DeployEvent) => void): Promise<StackOutputs> {
    const known = this.claimed.get(`${stack.project}/${stack.stack}`);
    const prepared = this.prepared.get(stack.directory);
    this.prepared.delete(stack.directory);
    const deployment = deploy({ ...stack, main: source.compiledMain ?? stack.main }, this.target(), onEvent, known, prepared);
    this.deployments.add(deployment);
    try {
      return await deployment;
    } finally {
      this.deployments.delete(deployment);
    }
  }

  /** Ends every process, connection and timer and removes every file. Calling it again waits for the same end. */
  close(): Promise<void> {
    return (this.closing ??= this.shutDown());
  }

  private async shutDown(): Promise<void> {
    this.abort.abort(new Error("the embedded cloud was closed"));
    const steps = [
      () => Promise.all([...this.prepared.values()].map(end)),
      () => Promise.allSettled(this.deployments),
      () => Promise.all(this.services.map((service) => service.close())),
      () => this.release(),
    ];
    const failures: unknown[] = [];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw new AggregateError(failures, "the embedded cloud did not close cleanly");
  }

  private target(): DeployTarget {
    const { region, resources, stacks } = this;
    return { region, resources, stacks, signal: this.abort.signal, environment: clientEnvironment(this) };
  }

  private tell(event: CloudEvent): void {
    try {
      this.events.emit("event", event);
    } catch (error) {
      // A listener's mistake is its own: it must not end what the service was doing.
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "close");
  child.kill("SIGKILL");
  await ended;
}

/**
 * What a stack file says of the cloud as a whole: `aws:region` and `local:metricDelaySeconds`. Programs on one cloud
 * share it, so that the first one decides.
 *
 * @throws Error naming the setting that is out of bounds
 */
export function cloudSettings(source: ProgramSource): Pick<EmbeddedCloudOptions, "region" | "metricDelaySeconds"> {
  const stack = readStack(source.directory, source.stack, source.settings);
  const region = stack.config["aws:region"];
  if (region !== undefined && !isRegion(region)) {
    throw new Error(
      `Pulumi.${stack.stack}.yaml: aws:region is ${JSON.stringify(region)}; expected the name of a region, such as eu-west-1`,
    );
  }
  const metricDelaySeconds = localSeconds(stack, "metricDelaySeconds");
  return { ...(region !== undefined && { region }), ...(metricDelaySeconds !== undefined && { metricDelaySeconds }) };
}

/** Settings of the stack file's `local:` namespace. */
const localSettings = ["modelCommand", "instanceStartupSeconds", "metricDelaySeconds"];

function checkLocalSettings(program: Stack, metricDelaySeconds: number): void {
  const { stack } = program;
  const unknown = Object.keys(program.localSettings).filter((name) => !localSettings.includes(name));
  if (unknown.length > 0) {
    const known = localSettings.map((name) => `local:${name}`).join(", ");
    throw new Error(`Pulumi.${stack}.yaml: unknown setting local:${unknown.join(", local:")}; the embedded cloud knows ${known}`);
  }
  localSeconds(program, "instanceStartupSeconds");
  const delay = localSeconds(program, "metricDelaySeconds");
  if (delay !== undefined && delay !== metricDelaySeconds) {
    throw new Error(
      `Pulumi.${stack}.yaml: local:metricDelaySeconds is ${delay}, but this embedded cloud runs with ${metricDelaySeconds} already`,
    );
  }
}

function intercepted(
  service: Pick<CloudService, "wire" | "streams">,
  intercept: EmbeddedCloudOptions["intercept"],
): Pick<CloudService, "wire" | "streams"> {
  if (intercept === undefined) return service;
  const wire: NonNullable<CloudService["wire"]> = {};
  for (const [name, answer] of Object.entries(service.wire ?? {})) {
    wire[name] = (request) => intercept(name, request, () => answer(request));
  }
  return { wire, ...(service.streams && { streams: service.streams }) };
}

async function createServices(
  context: CloudContext,
  credentials: Credentials,
  authorizer: Authorizer,
  {
    metricDelaySeconds,
    soldOut,
    faults: plan,
    modelCommands,
  }: Pick<EmbeddedCloudOptions, "faults" | "modelCommands"> & { metricDelaySeconds: number; soldOut: ReadonlySet<string> },
): Promise<{
  services: CloudService[];
  faults: CloudFaults | undefined;
  renewFunctions: () => void;
  functions: () => FunctionDefinition[];
  renewModels: (directory: string, command: string) => boolean;
}> {
  // Alarms, notifications and subscriptions lead from any service to any other, so they find them when they act.
  const targets: EventTargets = {
    invokeFunction: (functionArn, event, source) =>
      faults ? faults.deliver(functionArn, event, source) : lambda.invokeFunction(functionArn, event, source),
    publish: (...message) => messaging.publish(...message),
    sendMessage: (...message) => messaging.sendMessage(...message),
    executePolicy: (...policy) => autoscaling.executePolicy(...policy),
  };
  const faults =
    plan &&
    new CloudFaults(plan, {
      context,
      targets: { invokeFunction: (...invocation) => lambda.invokeFunction(...invocation) },
      endpoints: {
        variant: (...variant) => sageMaker.endpoints.variant(...variant),
        setDesiredInstanceCount: (...change) => sageMaker.endpoints.setDesiredInstanceCount(...change),
      },
      callersOf: (accessKeyId) => {
        const roleArn = credentials.sessionOf(accessKeyId)?.roleArn;
        return roleArn === undefined ? [] : lambda.running(roleArn);
      },
      renewFunction: (functionArn) => lambda.renew(functionArn),
      redeployFunction: (functionArn) => lambda.redeploy(functionArn),
      redeployEndpoint: (endpointName) => sageMaker.redeploy(endpointName),
      functionsNamed: (word) => lambda.definitions().flatMap(({ name, arn }) => (name.includes(word) ? [arn] : [])),
    });
  const scalableTargets: ScalableTargets = { isRegistered: (...variant) => autoscaling.isRegistered(...variant) };

  const [identity, kms, s3, messaging, dynamoDb, cloudWatch, logs] = await Promise.all([
    createIdentity(context, { credentials }),
    createKms(context),
    createS3(context, { targets, invokeNow: (...invocation) => lambda.invokeNow(...invocation) }),
    createMessaging(context, { targets }),
    createDynamoDb(context),
    createCloudWatch(context, { targets, metricDelaySeconds }),
    createLogs(context),
  ]);
  const lambda = await createLambda(context, {
    metrics: cloudWatch,
    targets,
    logs,
    storedObject: (bucket, key) => codeObject(s3.storedObject(bucket, key), s3.hasBucket(bucket)),
    visibilitySecondsOf: (queueArn) => messaging.visibilitySecondsOf(queueArn),
    ...(faults && { skewOf: (functionArn: string) => faults.skewOf(functionArn) }),
  });
  const sageMaker = await createSageMaker(context, {
    metrics: cloudWatch,
    scalableTargets,
    soldOut,
    logs,
    ...(modelCommands && { modelCommands }),
    storedObject: (bucket, key) => s3.storedObject(bucket, key),
    ...(faults && { startContainer: faults.startContainer(startProcess) }),
    alarms: cloudWatch.watch,
    onEndpointDeleted: (endpointName) => autoscaling.forget(endpointName),
  });
  const autoscaling = await createAutoscaling(context, { endpoints: sageMaker.endpoints, alarms: cloudWatch });
  const events = createEvents(context, { targets });
  const ssm = createSsm(context);
  authorizer.consult([s3, messaging, dynamoDb, lambda, kms, ssm, identity, sageMaker], (roleArn) => identity.policiesOf(roleArn));
  const states = createStates(context);
  const services = [events, states, ssm, lambda, sageMaker, autoscaling, cloudWatch, logs, s3, messaging, dynamoDb, kms, identity];
  const functions = () => lambda.definitions();
  const renewFunctions = () => functions().forEach(({ arn }) => lambda.renew(arn));
  return { services, faults, renewFunctions, functions, renewModels: (...files) => sageMaker.renewModels(...files) };
}

/** As Lambda passes on what S3 says. */
function codeObject(content: Buffer | undefined, hasBucket: boolean): Buffer {
  if (content) return content;
  const [code, message] = hasBucket
    ? ["NoSuchKey", "The specified key does not exist."]
    : ["NoSuchBucket", "The specified bucket does not exist"];
  throw new ServiceError(
    "InvalidParameterValueException",
    `Error occurred while GetObject. S3 Error Code: ${code}. S3 Error Message: ${message}`,
  );
}

function merge(services: readonly CloudService[]): Required<ServiceResources> {
  const resources: NonNullable<ServiceResources["resources"]> = {};
  const dataSources: NonNullable<ServiceResources["dataSources"]> = {};
  for (const service of services) {
    for (const [into, from] of [
      [resources, service.resources ?? {}],
      [dataSources, service.dataSources ?? {}],
    ] as const) {
      const twice = Object.keys(from).find((token) => token in into);
      if (twice !== undefined) throw new Error(`two services of the embedded cloud make ${twice}`);
      Object.assign(into, from);
    }
  }
  return { resources, dataSources };
}
