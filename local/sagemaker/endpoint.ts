import { hasGpu } from "../../components/instanceTypes";
import { busyPercent } from "../../core/scaling/gauges";
import { sleep } from "../../core/sleep";
import type { Kept } from "../kept";
import type { CloudEvent } from "../ports";
import type { RoleLog } from "../roleLog";
import { ServiceError } from "../wire";
import type { ContainerAnswer, ContainerRequest } from "./container";
import { noCommand, slotsOf, type Deployment, type EndpointDependencies, type Serving } from "./deployment";
import { execute } from "./execution";
import { logUnder, metricsUnder, requireModelFiles, requireNotifiable, requireStartable, requireWatchable } from "./executionRole";
import { leastBusy, type Fleet, type Instance } from "./fleet";
import { Journal } from "./journal";
import { EndpointMetrics } from "./metrics";
import { newFleet } from "./newFleet";
import type { AcceptedInvocation } from "./notifications";
import { InvocationQueue } from "./queue";
import { invokeRealTime } from "./realTime";
import { rollOut, watch } from "./rollout";

export type EndpointStatus = "Creating" | "InService" | "Updating" | "RollingBack" | "Deleting" | "Failed";

/** An endpoint as it survives its process: plain data. Times in milliseconds. */
export interface KeptEndpoint {
  status: EndpointStatus;
  failureReason: string | undefined;
  createdAt: number;
  lastModifiedAt: number;
  desiredInstanceCount: number;
  deployment: Deployment;
  /** What an update in progress brings, and since when. */
  pending: Pending | undefined;
  tags: Record<string, string>;
}

interface Pending {
  deployment: Deployment;
  instanceCount: number;
  startedAt: number;
}

/** One endpoint: its queue when it is asynchronous, its fleet and what is changing about them. */
export class Endpoint {
  status: EndpointStatus = "Creating";
  failureReason: string | undefined;
  readonly createdAt: number;
  lastModifiedAt: number;
  desiredInstanceCount: number;
  tags: Record<string, string>;
  /** What an update in progress brings, and since when. */
  pending: Pending | undefined;
  private readonly kept: Kept<KeptEndpoint>;
  private readonly journal: Journal;
  /** Set when the process ends and the endpoint does not. */
  private left = false;
  private readonly metrics: EndpointMetrics;
  /** By the role that writes: an update may bring another. */
  private readonly logs = new Map<string, RoleLog>();
  private readonly queue: InvocationQueue;
  private fleet: Fleet;
  private readonly fleets = new Set<Fleet>();
  private inFlight = 0;
  /** The new fleet while a release goes on, with the share of requests that it gets and how many both have got since it gets it. */
  private released: { fleet: Fleet; deployment: Deployment; share: number; taken: number; started: number } | undefined;

  constructor(
    readonly name: string,
    public deployment: Deployment,
    private readonly dependencies: EndpointDependencies,
    /** Tags of a new endpoint, or what another process kept of this one. */
    before: { tags: Record<string, string> } | KeptEndpoint = { tags: {} },
  ) {
    const { context, metrics } = dependencies;
    this.kept = context.keeper.map("sagemaker.endpoints");
    this.journal = dependencies.journal ?? new Journal(context.keeper);
    this.createdAt = this.lastModifiedAt = context.clock.now();
    this.desiredInstanceCount = deployment.variant.InitialInstanceCount;
    this.tags = before.tags;
    if ("status" in before) {
      const { status, failureReason, createdAt, lastModifiedAt, desiredInstanceCount, pending } = before;
      Object.assign(this, { status, failureReason, createdAt, lastModifiedAt, desiredInstanceCount, pending });
    }
    this.metrics = new EndpointMetrics(
      context,
      metricsUnder(context, () => this.deployment.roleArn, name, metrics),
      name,
    );
    this.queue = new InvocationQueue(context.clock, (invocation) => this.expire(invocation));
    this.fleet = this.fleetOf(deployment);
    this.keep({});
  }

  get currentInstanceCount(): number {
    return this.fleet.inService.length;
  }

  /** Brings the first fleet into service. Rejects with what the container said when it can't; the status is then Failed. */
  async start(): Promise<void> {
    try {
      await this.bringUp(this.fleet, this.deployment, this.desiredInstanceCount);
      this.settle("InService");
    } catch (error) {
      await this.fleet.close("kill");
      this.settle("Failed", (error as Error).message);
      throw error;
    }
  }

  /**
   * Goes on after its process ended: its instances start again, what waited waits again, and what ran is run again, since nobody
   * knows how far it came. An update that was under way begins anew.
   */
  async resume(): Promise<void> {
    for (const invocation of this.journal.takeOver(this.name)) this.enqueue(invocation);
    if (this.status === "Creating") return this.start();
    if (this.status === "Failed") return;
    this.fleet.restore(this.desiredInstanceCount);
    const { pending } = this;
    if (this.status !== "InService") this.settle("InService", this.failureReason);
    if (pending) await this.update(pending.deployment, pending.instanceCount);
  }

  /**
   * A new fleet, then the change-over, at once or in steps, then the old one ends, and with it what still runs on it.
   * Requests are accepted all the time. When the new fleet can't start, or an alarm trips, the old one goes on, and it rejects.
   *
   * @param instanceCount of the new fleet
   */
  update(deployment: Deployment, instanceCount: number): Promise<void> {
    this.requireInService("update");
    const startedAt = this.dependencies.context.clock.now();
    const pending = { deployment, instanceCount, startedAt };
    this.keep({ status: "Updating", pending, failureReason: undefined, lastModifiedAt: startedAt });
    return this.changeOver(deployment, instanceCount);
  }

  private async changeOver(deployment: Deployment, instanceCount: number): Promise<void> {
    const next = this.fleetOf(deployment);
    const old = this.fleet;
    try {
      await this.release(old, next, deployment, instanceCount);
    } catch (error) {
      const { message } = error as Error;
      this.settle("RollingBack", message);
      this.dependencies.context.emit({ kind: "warning", message: `The update of ${this.name} is rolled back: ${message}` });
      await this.takeBack(old, next);
      this.settle("InService", message);
      throw error;
    }
    this.released = undefined;
    this.fleet = next;
    this.deployment = deployment;
    this.desiredInstanceCount = instanceCount;
    this.note();
    this.pump();
    const waitSeconds = deployment.policy?.BlueGreenUpdatePolicy?.TerminationWaitInSeconds ?? 0;
    if (waitSeconds > 0) await sleep(this.dependencies.context.clock, waitSeconds * 1000);
    await this.drop(old, "stop");
    this.settle("InService");
  }

  private async release(old: Fleet, next: Fleet, deployment: Deployment, instanceCount: number): Promise<void> {
    const alarmNames = (deployment.policy?.AutoRollbackConfiguration?.Alarms ?? []).map(({ AlarmName }) => AlarmName);
    for (const alarmName of alarmNames) requireWatchable(this.dependencies.context, alarmName, deployment.roleArn);
    const oldInstances = old.instances.length;
    let isUp = false;
    await rollOut(deployment.policy ?? {}, {
      instanceCount,
      grow: async (count) => {
        await (isUp ? next.grow(count) : this.bringUp(next, deployment, count));
        isUp = true;
      },
      shrinkOld: (share) => old.shrink(Math.ceil(oldInstances * share)),
      route: (share) => {
        this.released = { fleet: next, deployment, share, taken: 0, started: 0 };
        this.pump();
      },
      bake: (seconds) => watch(this.dependencies.alarms, this.dependencies.context.clock, alarmNames, seconds),
    });
  }

  /** Gives every request to the old fleet again, which gets back what it lost. What runs on the new one has the time of a scale-in. */
  private async takeBack(old: Fleet, next: Fleet): Promise<void> {
    const served = this.released !== undefined;
    this.released = undefined;
    const missing = this.desiredInstanceCount - old.instances.length;
    if (missing > 0) old.restore(missing);
    this.pump();
    await this.drop(next, served ? "stop" : "kill");
  }

  /** Changes the instance count; the status is Updating until it is done. A scale-out that can't start an instance is rolled back. */
  scale(count: number, cause: string): void {
    this.requireInService("scale");
    if (count === 0 && !this.deployment.config) {
      throw new ServiceError("ValidationException", `The real-time endpoint "${this.name}" can't have fewer than 1 instance.`);
    }
    const change = count - this.desiredInstanceCount;
    const lastModifiedAt = this.dependencies.context.clock.now();
    this.keep({
      desiredInstanceCount: count,
      ...(change !== 0 && { status: "Updating", failureReason: undefined, lastModifiedAt }),
    });
    this.announceCapacity(count, cause);
    if (change === 0) return;
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

  /** Accepts a request: once it returns, the request survives the process, where the cloud keeps its state. */
  accept(invocation: AcceptedInvocation): void {
    this.journal.add(invocation);
    this.enqueue(invocation);
  }

  private enqueue(invocation: AcceptedInvocation): void {
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
      if (--instance.running === 0) instance.onIdle?.();
    }
  }

  /**
   * Starts its containers again if they run in this folder: a file of the model has changed.
   *
   * @param command serves it from now on
   * @returns whether they do
   */
  renew(directory: string, command: string): boolean {
    const serving = this.servingOf(this.deployment);
    if (serving?.directory !== directory) return false;
    serving.command = command;
    for (const fleet of this.fleets) fleet.renew();
    return true;
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
      inService.map((instance) => ({ busyPercent: busyPercent(instance.running, slotsOf(this.deployment)), hasGpu: hasGpu(InstanceType) })),
    );
  }

  /** DeleteEndpoint: ends everything. What waits or runs is lost. */
  delete(): Promise<void> {
    if (this.status !== "Deleting" && !this.left) {
      const lastModifiedAt = this.dependencies.context.clock.now();
      this.keep({ status: "Deleting", pending: undefined, failureReason: undefined, lastModifiedAt });
    }
    this.queue.clear();
    this.journal.forget(this.name);
    return this.closeFleets("stop").then(() => {
      if (!this.left) this.kept.note(this.name, undefined);
    });
  }

  /** Ends its processes at once, as the whole cloud ends. What is kept of it goes on with the next one. */
  async leave(): Promise<void> {
    this.left = true;
    this.queue.clear();
    await this.closeFleets("kill");
  }

  private async closeFleets(how: "stop" | "kill"): Promise<void> {
    await Promise.all([...this.fleets].map((fleet) => fleet.close(how)));
  }

  private async bringUp(fleet: Fleet, deployment: Deployment, instanceCount: number): Promise<void> {
    const serving = this.servingOf(deployment);
    if (!serving?.command) throw new Error(noCommand(deployment.variant.ModelName, serving));
    requireStartable(this.dependencies.context, deployment.roleArn, deployment);
    if (deployment.modelDataUrl?.endsWith("/")) {
      await requireModelFiles(this.dependencies.clients.as(deployment.roleArn).s3, deployment.modelDataUrl);
    }
    await fleet.grow(instanceCount);
    if (this.status === "Deleting" || this.left) throw new Error(`The endpoint ${this.name} was deleted before it was ready.`);
    const { SuccessTopic, ErrorTopic } = deployment.config?.OutputConfig.NotificationConfig ?? {};
    const topics = new Set([SuccessTopic, ErrorTopic].filter((topic) => topic !== undefined));
    await Promise.all(
      [...topics].map((topicArn) => requireNotifiable(this.dependencies.context, this.dependencies.clients, topicArn, deployment.roleArn)),
    );
  }

  /** Hands waiting requests to instances that have room, to the least busy first. */
  private pump(): void {
    for (;;) {
      const place = this.place();
      if (!place) return;
      const invocation = this.queue.shift();
      if (!invocation) return;
      if (this.released) {
        this.released.started += 1;
        if (place.deployment === this.released.deployment) this.released.taken += 1;
      }
      void this.run(invocation, place.instance, place.deployment);
    }
  }

  /** Where the next request runs. The new version's first one is the first of a release: nothing else says as early whether it works. */
  private place(): { instance: Instance; deployment: Deployment } | undefined {
    const roomIn = (fleet: Fleet, deployment: Deployment) => {
      const instance = leastBusy(fleet.inService);
      return instance && instance.running < slotsOf(deployment) ? { instance, deployment } : undefined;
    };
    const { released } = this;
    if (!released) return roomIn(this.fleet, this.deployment);
    const mayTake = Math.ceil(released.share * (released.started + 1)) > released.taken;
    const fromNew = mayTake || this.currentInstanceCount === 0 ? roomIn(released.fleet, released.deployment) : undefined;
    return fromNew ?? (released.share < 1 ? roomIn(this.fleet, this.deployment) : undefined);
  }

  private async run(invocation: AcceptedInvocation, instance: Instance, { variant, roleArn, configName }: Deployment): Promise<void> {
    const { context, clients } = this.dependencies;
    const metrics = this.status === "Updating" ? this.metrics.ofConfig(configName) : this.metrics;
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
        metrics,
      });
      this.tell(invocation, ending.change, "detail" in ending ? ending.detail : undefined);
    } catch (error) {
      // Our own mistake: nothing else may stop the queue.
      context.emit({ kind: "warning", message: `The embedded cloud failed on ${invocation.inferenceId}: ${(error as Error).stack}` });
    } finally {
      // What the end of the process broke off is run again by the next one.
      if (!this.left) this.journal.remove(invocation);
      this.inFlight -= 1;
      if (--instance.running === 0) instance.onIdle?.();
      this.pump();
    }
  }

  /** The service reports it by a metric only: no object, no notification. (Uncertain in the documents; the least that is certain.) */
  private expire(invocation: AcceptedInvocation): void {
    this.journal.remove(invocation);
    this.metrics.variant(this.deployment.variant.VariantName, [{ name: "ExpiredRequests", value: 1 }]);
    this.tell(invocation, "expired");
  }

  private servingOf({ serving, image }: Deployment): Serving | undefined {
    return this.dependencies.servingOf(image, serving);
  }

  private fleetOf(deployment: Deployment): Fleet {
    const log = this.logOf(deployment.roleArn);
    const serving = this.servingOf(deployment);
    const fleet = newFleet({ endpointName: this.name, deployment, serving, log }, this.dependencies, () => this.pump());
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
    if (this.status === "Deleting" || this.left) return;
    this.status = status;
    if (status !== "RollingBack") this.pending = undefined;
    this.failureReason = failureReason;
    this.lastModifiedAt = this.dependencies.context.clock.now();
    this.note();
  }

  setTags(tags: Record<string, string>): void {
    this.keep({ tags });
  }

  /** Keeps a change that somebody is answered for: when the disk does not take it, it is not made. */
  private keep(changes: Partial<KeptEndpoint>): void {
    this.kept.set(this.name, { ...this.plain(), ...changes });
    Object.assign(this, changes);
  }

  private note(): void {
    this.kept.note(this.name, this.plain());
  }

  private plain(): KeptEndpoint {
    const { status, failureReason, createdAt, lastModifiedAt, desiredInstanceCount, deployment, pending, tags } = this;
    return { status, failureReason, createdAt, lastModifiedAt, desiredInstanceCount, deployment, pending, tags };
  }

  private announceCapacity(desiredInstanceCount: number, cause: string): void {
    this.desiredInstanceCount = desiredInstanceCount;
    this.note();
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
