import { PublishCommand } from "@aws-sdk/client-sns";
import { hasGpu } from "../../components/instanceTypes";
import { busyPercent } from "../../core/scaling/gauges";
import { sleep } from "../../core/sleep";
import type { CloudContext, CloudEvent, MetricSink } from "../ports";
import type { Logs } from "../logs";
import type { Network } from "../network";
import type { RoleLog } from "../roleLog";
import { ServiceError } from "../wire";
import type { ContainerAnswer, ContainerRequest, StartContainer } from "./container";
import { execute } from "./execution";
import { logUnder, metricsUnder, requireModelFiles, requireStartable, sessionName } from "./executionRole";
import { Fleet, type Instance } from "./fleet";
import { EndpointMetrics } from "./metrics";
import { testNotification, type AcceptedInvocation } from "./notifications";
import { InvocationQueue } from "./queue";
import { invokeRealTime } from "./realTime";
import type { RoleClients } from "./roleClients";
import type { AsyncInferenceConfig, ProductionVariant } from "./shapes";

/** What the model needs to be served on this machine. */
export interface Serving {
  /** Setting `local:modelCommand` of the program that registered the model. */
  command?: string;
  directory: string;
  /** Setting `local:instanceStartupSeconds`. */
  instanceStartupSeconds: number;
}

/** Everything that one deployment of an endpoint runs with: its configuration and model as they are now. */
export interface Deployment {
  configName: string;
  variant: ProductionVariant;
  /** Undefined for a real-time endpoint. */
  config?: AsyncInferenceConfig;
  roleArn: string;
  image?: string | undefined;
  modelDataUrl?: string | undefined;
  /** Undefined: SageMaker's own network. */
  network?: Network | undefined;
  /** Key of the instances' volumes. */
  volumeKeyArn?: string | undefined;
  environment: Readonly<Record<string, string>>;
  /** Undefined for a model that no program registered. */
  serving?: Serving;
  /** How long the old fleet lives on after an update. */
  terminationWaitSeconds: number;
}

/** What all endpoints of one cloud share. */
export interface EndpointDependencies {
  context: CloudContext;
  metrics: MetricSink;
  clients: RoleClients;
  startContainer: StartContainer;
  /** Takes what containers print, and the data log. */
  logs: Pick<Logs, "append" | "hasGroup">;
  backlogCountsInFlight: boolean;
  /** Instance types of which no further instance is available. */
  soldOut: ReadonlySet<string>;
  failureObjectWithoutInput: boolean;
  /** @see ExecutionDependencies */
  storedObject(bucket: string, key: string): Buffer | undefined;
}

export type EndpointStatus = "Creating" | "InService" | "Updating" | "Deleting" | "Failed";

const defaultMaxConcurrentInvocations = 4;
const defaultStartupTimeoutSeconds = 600;

/** One endpoint: its queue when it is asynchronous, its fleet and what is changing about them. */
export class Endpoint {
  status: EndpointStatus = "Creating";
  failureReason: string | undefined;
  readonly createdAt: number;
  lastModifiedAt: number;
  desiredInstanceCount: number;
  /** What an update in progress brings, and since when. */
  pending: { configName: string; startedAt: number } | undefined;
  private readonly metrics: EndpointMetrics;
  /** By the role that writes: an update may bring another. */
  private readonly logs = new Map<string, RoleLog>();
  private readonly queue: InvocationQueue;
  private fleet: Fleet;
  private readonly fleets = new Set<Fleet>();
  private inFlight = 0;

  constructor(
    readonly name: string,
    public deployment: Deployment,
    private readonly dependencies: EndpointDependencies,
  ) {
    const { context, metrics } = dependencies;
    this.createdAt = this.lastModifiedAt = context.clock.now();
    this.desiredInstanceCount = deployment.variant.InitialInstanceCount;
    this.metrics = new EndpointMetrics(
      context,
      metricsUnder(context, () => this.deployment.roleArn, name, metrics),
      name,
    );
    this.queue = new InvocationQueue(context.clock, (invocation) => this.expire(invocation));
    this.fleet = this.fleetOf(deployment);
  }

  get currentInstanceCount(): number {
    return this.fleet.inService.length;
  }

  /** Brings the first fleet into service. Rejects with what the container said when it can't; the status is then Failed. */
  async start(): Promise<void> {
    try {
      await this.bringUp(this.fleet, this.deployment);
      this.settle("InService");
    } catch (error) {
      await this.fleet.close("kill");
      this.settle("Failed", (error as Error).message);
      throw error;
    }
  }

  /**
   * Blue/green: a new fleet of InitialInstanceCount, then the change-over, then the old one ends, and with it what still runs on it.
   * Requests are accepted all the time. When the new fleet can't start, the old one stays, and it rejects.
   */
  async update(deployment: Deployment): Promise<void> {
    this.requireInService("update");
    this.settle("Updating");
    this.pending = { configName: deployment.configName, startedAt: this.lastModifiedAt };
    const next = this.fleetOf(deployment);
    try {
      await this.bringUp(next, deployment);
    } catch (error) {
      await this.drop(next, "kill");
      this.settle("InService", (error as Error).message);
      throw error;
    }
    const old = this.fleet;
    this.fleet = next;
    this.deployment = deployment;
    this.desiredInstanceCount = deployment.variant.InitialInstanceCount;
    this.pump();
    if (deployment.terminationWaitSeconds > 0) await sleep(this.dependencies.context.clock, deployment.terminationWaitSeconds * 1000);
    await this.drop(old, "stop");
    this.settle("InService");
  }

  /** Changes the instance count; the status is Updating until it is done. A scale-out that can't start an instance is rolled back. */
  scale(count: number, cause: string): void {
    this.requireInService("scale");
    if (count === 0 && !this.deployment.config) {
      throw new ServiceError("ValidationException", `The real-time endpoint "${this.name}" can't have fewer than 1 instance.`);
    }
    const change = count - this.desiredInstanceCount;
    this.announceCapacity(count, cause);
    if (change === 0) return;
    this.settle("Updating");
    void (async () => {
      try {
        await (change > 0 ? this.fleet.grow(change) : this.fleet.shrink(-change));
        this.settle("InService");
      } catch (error) {
        this.announceCapacity(count - change, "rolled back: an instance could not start");
        this.settle("InService", (error as Error).message);
      }
    })();
  }

  /** Puts an accepted request into the queue. */
  enqueue(invocation: AcceptedInvocation): void {
    this.queue.push(invocation);
    this.tell(invocation, "queued");
    this.pump();
  }

  /** Real-time inference: the answer of the least busy instance, whatever it is. @see invokeRealTime */
  async invoke(request: ContainerRequest): Promise<ContainerAnswer> {
    const instance = leastBusy(this.fleet.inService);
    if (!instance?.container) throw new ServiceError("ServiceUnavailable", `No instance of the endpoint ${this.name} is in service.`, 503);
    instance.running += 1;
    try {
      return await invokeRealTime(request, instance.container, {
        context: this.dependencies.context,
        endpointName: this.name,
        variantName: this.deployment.variant.VariantName,
        logStream: `${this.deployment.variant.VariantName}/${instance.id}`,
        metrics: this.metrics,
      });
    } finally {
      instance.running -= 1;
    }
  }

  /** Publishes what waits, and how busy the instances are: once a minute. */
  publishGauges(): void {
    this.publishHosts();
    if (!this.deployment.config) return;
    const { length: waiting, oldestAgeSeconds } = this.queue;
    const { currentInstanceCount: inServiceInstances, inFlight: running } = this;
    const countsRunning = this.dependencies.backlogCountsInFlight;
    this.metrics.gauges({ waiting, running, inServiceInstances, countsRunning }, oldestAgeSeconds);
  }

  private publishHosts(): void {
    const { VariantName, InstanceType } = this.deployment.variant;
    const inService = [...this.fleets].flatMap((fleet) => fleet.inService);
    this.metrics.hosts(
      VariantName,
      inService.map((instance) => ({ busyPercent: busyPercent(instance.running, this.slots), hasGpu: hasGpu(InstanceType) })),
    );
  }

  /** How many requests one instance takes at a time. */
  private get slots(): number {
    return this.deployment.config?.ClientConfig?.MaxConcurrentInvocationsPerInstance ?? defaultMaxConcurrentInvocations;
  }

  /** Ends everything. What waits or runs is lost. */
  async close(how: "stop" | "kill"): Promise<void> {
    this.settle("Deleting");
    this.queue.clear();
    await Promise.all([...this.fleets].map((fleet) => fleet.close(how)));
  }

  private async bringUp(fleet: Fleet, deployment: Deployment): Promise<void> {
    if (!deployment.serving?.command) throw new Error(noCommand(deployment.variant.ModelName, deployment.serving));
    requireStartable(this.dependencies.context, deployment.roleArn, deployment);
    if (deployment.modelDataUrl?.endsWith("/")) {
      await requireModelFiles(this.dependencies.clients.as(deployment.roleArn).s3, deployment.modelDataUrl);
    }
    await fleet.grow(deployment.variant.InitialInstanceCount);
    if (this.status === "Deleting") throw new Error(`The endpoint ${this.name} was deleted before it was ready.`);
    const { SuccessTopic, ErrorTopic } = deployment.config?.OutputConfig.NotificationConfig ?? {};
    const topics = new Set([SuccessTopic, ErrorTopic].filter((topic) => topic !== undefined));
    await Promise.all([...topics].map((topicArn) => this.testTopic(topicArn, deployment.roleArn)));
  }

  private async testTopic(topicArn: string, roleArn: string): Promise<void> {
    try {
      // Simulated: the topic's own policy does not help here.
      this.dependencies.context.access.requireIdentityPolicy(roleArn, sessionName, { action: "sns:Publish", resource: topicArn });
      const { sns } = this.dependencies.clients.as(roleArn);
      await sns.send(new PublishCommand({ TopicArn: topicArn, Message: JSON.stringify(testNotification) }));
    } catch (error) {
      const { name, message } = error as Error;
      throw new Error(`The execution role ${roleArn} must be allowed to publish to ${topicArn} (sns:Publish): ${name}: ${message}`);
    }
  }

  /** Hands waiting requests to instances that have room, to the least busy first. */
  private pump(): void {
    for (;;) {
      const instance = leastBusy(this.fleet.inService);
      if (!instance || instance.running >= this.slots) return;
      const invocation = this.queue.shift();
      if (!invocation) return;
      void this.run(invocation, instance, this.deployment);
    }
  }

  private async run(invocation: AcceptedInvocation, instance: Instance, { variant, roleArn }: Deployment): Promise<void> {
    const { context, clients } = this.dependencies;
    const log = this.logOf(roleArn);
    instance.running += 1;
    this.inFlight += 1;
    this.tell(invocation, "started");
    const site = {
      variantName: variant.VariantName,
      roleArn,
      container: instance.container as NonNullable<Instance["container"]>,
      isStopping: () => instance.state === "stopping",
      log: (line: string) => void log.append(`${variant.VariantName}/${instance.id}/data-log`, line),
    };
    try {
      const ending = await execute(invocation, site, {
        context,
        clients,
        failureObjectWithoutInput: this.dependencies.failureObjectWithoutInput,
        storedObject: (bucket, key) => this.dependencies.storedObject(bucket, key),
        metrics: this.metrics,
      });
      this.tell(invocation, ending.change, "detail" in ending ? ending.detail : undefined);
    } catch (error) {
      // Our own mistake: nothing else may stop the queue.
      context.emit({ kind: "warning", message: `The embedded cloud failed on ${invocation.inferenceId}: ${(error as Error).stack}` });
    } finally {
      instance.running -= 1;
      this.inFlight -= 1;
      this.pump();
    }
  }

  /** The service reports it by a metric only: no object, no notification. (Uncertain in the documents; the least that is certain.) */
  private expire(invocation: AcceptedInvocation): void {
    this.metrics.variant(this.deployment.variant.VariantName, [{ name: "ExpiredRequests", value: 1 }]);
    this.tell(invocation, "expired");
  }

  private fleetOf({ variant, environment, serving, roleArn }: Deployment): Fleet {
    const { context, startContainer, soldOut } = this.dependencies;
    const { region, endpointUrl } = context;
    const log = this.logOf(roleArn);
    const credentials = context.credentialsFor(roleArn, sessionName);
    const fleet = new Fleet(
      context,
      startContainer,
      {
        endpointName: this.name,
        variantName: variant.VariantName,
        instanceStartupSeconds: serving?.instanceStartupSeconds ?? 0,
        soldOut: () => soldOut.has(variant.InstanceType),
        log: (instanceId, line) => void log.append(`${variant.VariantName}/${instanceId}`, line),
        container: (instanceId) => ({
          command: serving?.command ?? "",
          directory: serving?.directory ?? "",
          startupTimeoutSeconds: variant.ContainerStartupHealthCheckTimeoutInSeconds ?? defaultStartupTimeoutSeconds,
          environment: {
            AWS_REGION: region,
            AWS_DEFAULT_REGION: region,
            AWS_ENDPOINT_URL: endpointUrl,
            AWS_ACCESS_KEY_ID: credentials.accessKeyId,
            AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
            ...(credentials.sessionToken !== undefined && { AWS_SESSION_TOKEN: credentials.sessionToken }),
            SM_CURRENT_INSTANCE_TYPE: variant.InstanceType,
            ...environment,
          },
          onLine: (line) => void log.append(`${variant.VariantName}/${instanceId}`, line),
        }),
      },
      () => this.pump(),
    );
    this.fleets.add(fleet);
    return fleet;
  }

  private async drop(fleet: Fleet, how: "stop" | "kill"): Promise<void> {
    await fleet.close(how);
    this.fleets.delete(fleet);
  }

  private logOf(roleArn: string): RoleLog {
    const known = this.logs.get(roleArn) ?? logUnder(this.dependencies.context, roleArn, this.name, this.dependencies.logs);
    this.logs.set(roleArn, known);
    return known;
  }

  private requireInService(what: string): void {
    if (this.status === "InService") return;
    throw new ServiceError("ValidationException", `Cannot ${what} endpoint "${this.name}" while its status is ${this.status}.`);
  }

  private settle(status: EndpointStatus, failureReason?: string): void {
    if (this.status === "Deleting") return;
    this.status = status;
    this.pending = undefined;
    this.failureReason = failureReason;
    this.lastModifiedAt = this.dependencies.context.clock.now();
  }

  private announceCapacity(desiredInstanceCount: number, cause: string): void {
    this.desiredInstanceCount = desiredInstanceCount;
    this.dependencies.context.emit({ kind: "capacity", endpointName: this.name, desiredInstanceCount, cause });
  }

  private tell({ inferenceId }: AcceptedInvocation, change: (CloudEvent & { kind: "invocation" })["change"], detail?: string): void {
    this.dependencies.context.emit({
      kind: "invocation",
      endpointName: this.name,
      inferenceId,
      change,
      ...(detail !== undefined && { detail }),
    });
  }
}

function leastBusy(instances: Instance[]): Instance | undefined {
  return instances.reduce<Instance | undefined>((least, next) => (least && least.running <= next.running ? least : next), undefined);
}

function noCommand(modelName: string, serving: Serving | undefined): string {
  return serving
    ? `Nothing can serve the model ${modelName} on this machine: set the setting local:modelCommand in the stack file to the command line ` +
        "that serves it, such as `python serve.py`; it gets the port to listen on in PORT."
    : `Nothing can serve the model ${modelName} on this machine: it was made with CreateModel. ` +
        "Use a model of a Pulumi program that sets local:modelCommand.";
}
