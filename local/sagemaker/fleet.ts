import { randomBytes } from "node:crypto";
import { sleep } from "../../core/sleep";
import type { CloudContext } from "../ports";
import type { Container, ContainerSpec, StartContainer } from "./container";
import { watchHealth } from "./health";

/** One instance of a fleet. */
export interface Instance {
  readonly id: string;
  /** `leaving`: it takes no more requests, and goes when those that run on it have ended. */
  state: "starting" | "inService" | "leaving" | "stopping";
  /** Set once it was in service. */
  container?: Container;
  /** How many requests run on it. */
  running: number;
  /** Called when the last of them has ended. */
  onIdle?: () => void;
  /** Settles when its start has come to an end, whichever. */
  started: Promise<unknown>;
  /** Aborts its start. */
  readonly cancelled: AbortController;
}

/** How the instances of one fleet are made. */
export interface FleetPlan {
  endpointName: string;
  variantName: string;
  /** Time until the container starts: the machine's part of a start. */
  instanceStartupSeconds: number;
  /** Whether no further instance of the type is available. */
  soldOut(): boolean;
  /** The container of one instance. */
  container(instanceId: string): Omit<ContainerSpec, "clock" | "onWaiting">;
  /** A line of an instance's log. */
  log(instanceId: string, line: string): void;
}

/** In the service's words. */
const noCapacity =
  "Unable to provision requested ML compute capacity due to InsufficientInstanceCapacity error. " +
  "Please retry using a different ML instance type or after some time.";

/** Longest pause between two attempts to replace an instance that can't start. */
const longestReplacementPauseSeconds = 60;

/**
 * The instances behind one deployment of an endpoint. An update has two for a while.
 *
 * An instance whose container ends by itself is replaced, with growing pauses while that fails.
 */
export class Fleet {
  /** In order of start. */
  readonly instances: Instance[] = [];
  private closed = false;
  /** Ends the pauses between attempts to replace an instance. */
  private readonly paused = new Set<() => void>();

  constructor(
    private readonly context: CloudContext,
    private readonly startContainer: StartContainer,
    private readonly plan: FleetPlan,
    /** An instance came into service. */
    private readonly onReady: () => void,
  ) {}

  get inService(): Instance[] {
    return this.instances.filter(({ state }) => state === "inService");
  }

  /** Adds instances; resolves when all are in service. When one can't start, those that were added stop, and it rejects with the reason. */
  async grow(count: number): Promise<void> {
    const added = Array.from({ length: count }, () => this.add((instance) => this.start(instance)));
    const results = await Promise.allSettled(added.map(({ started }) => started));
    const failed = results.find((result) => result.status === "rejected");
    if (!failed) return;
    await Promise.all(added.map((instance) => this.stop(instance)));
    throw failed.reason;
  }

  /** Adds instances that are tried again, with growing pauses, until they are in service: those that another process had. */
  restore(count: number): void {
    for (let index = 0; index < count; index++) this.addLasting();
  }

  /**
   * Removes instances; resolves when they have ended. Those that still start go first, then the newest: the service does
   * not say which it takes, only that it does not look at what runs on them.
   */
  async shrink(count: number): Promise<void> {
    const newestFirst = this.instances.filter(({ state }) => state !== "stopping").reverse();
    const victims = [
      ...newestFirst.filter(({ state }) => state === "starting"),
      ...newestFirst.filter(({ state }) => state === "leaving"),
      ...newestFirst.filter(({ state }) => state === "inService"),
    ];
    await Promise.all(victims.slice(0, count).map((instance) => this.stop(instance)));
  }

  /**
   * Replaces every instance by one whose container is started anew: its program has changed. What runs on one ends first, and what waits in the
   * queue goes on waiting. One that is to be tried again later is tried at once.
   */
  renew(): void {
    for (const instance of this.inService) {
      instance.state = "leaving";
      instance.onIdle = () => void this.leave(instance);
      if (instance.running === 0) instance.onIdle();
    }
    for (const end of this.paused) end();
  }

  /** Ends all instances: with SIGTERM and its grace period, or at once. */
  async close(how: "stop" | "kill"): Promise<void> {
    this.closed = true;
    await Promise.all([...this.instances].map((instance) => this.stop(instance, how)));
  }

  private add(start: (instance: Instance) => Promise<void>): Instance {
    const id = `i-${randomBytes(8).toString("hex")}`;
    const instance: Instance = { id, state: "starting", running: 0, started: Promise.resolve(), cancelled: new AbortController() };
    this.instances.push(instance);
    instance.started = start(instance);
    return instance;
  }

  private async start(instance: Instance): Promise<void> {
    const { clock } = this.context;
    const { signal } = instance.cancelled;
    this.tell(instance, "starting");
    if (this.plan.soldOut()) {
      this.remove(instance);
      this.tell(instance, "failed", noCapacity);
      throw new Error(noCapacity);
    }
    if (this.plan.instanceStartupSeconds > 0) await sleep(clock, this.plan.instanceStartupSeconds * 1000, signal);
    if (signal.aborted) return this.remove(instance);
    try {
      const onWaiting = (message: string) => this.warn(instance, message);
      instance.container = await this.startContainer({ ...this.plan.container(instance.id), clock, onWaiting }, signal);
    } catch (error) {
      this.remove(instance);
      if (signal.aborted) return;
      this.tell(instance, "failed", (error as Error).message);
      throw error;
    }
    if (signal.aborted) {
      await instance.container.kill();
      return this.remove(instance);
    }
    instance.state = "inService";
    this.tell(instance, "inService");
    void instance.container.exited.then((reason) => this.replace(instance, reason));
    watchHealth(instance, {
      clock,
      warn: (message) => this.warn(instance, message),
      isUnhealthy: (reason) => {
        this.replace(instance, reason);
        instance.state = "stopping";
        void instance.container?.kill();
      },
    });
    this.onReady();
  }

  private warn(instance: Instance, message: string): void {
    this.plan.log(instance.id, `[sagemaker] ${message}`);
    this.context.emit({ kind: "warning", message });
  }

  private async stop(instance: Instance, how: "stop" | "kill" = "stop"): Promise<void> {
    const wasInService = instance.state === "inService" || instance.state === "leaving";
    if (instance.state !== "stopping") {
      instance.state = "stopping";
      this.tell(instance, "stopping");
      instance.cancelled.abort();
    }
    await Promise.allSettled([instance.started]);
    // One that was in its grace period is ended too when the whole cloud closes.
    if (wasInService || how === "kill") await instance.container?.[how]();
    this.remove(instance);
  }

  private replace(lost: Instance, reason: string): void {
    if (lost.state === "stopping") return;
    this.remove(lost);
    this.tell(lost, "failed", `the container ${reason}`);
    if (!this.closed) this.addLasting();
  }

  private async leave(instance: Instance): Promise<void> {
    if (!this.instances.includes(instance) || instance.state !== "leaving") return;
    await this.stop(instance);
    if (!this.closed) this.addLasting();
  }

  private addLasting(): void {
    this.add(async (instance) => {
      const { signal } = instance.cancelled;
      for (let pauseSeconds = 1; !signal.aborted; pauseSeconds = Math.min(longestReplacementPauseSeconds, pauseSeconds * 2)) {
        try {
          return await this.start(instance);
        } catch {
          // Told as an event; it is still wanted, so it stays in the fleet for the next attempt.
          this.instances.push(instance);
          await this.pause(pauseSeconds, signal);
        }
      }
      this.remove(instance);
    });
  }

  private async pause(seconds: number, signal: AbortSignal): Promise<void> {
    const ended = new AbortController();
    const end = () => ended.abort();
    this.paused.add(end);
    await sleep(this.context.clock, seconds * 1000, AbortSignal.any([signal, ended.signal]));
    this.paused.delete(end);
  }

  private remove(instance: Instance): void {
    const index = this.instances.indexOf(instance);
    if (index < 0) return;
    this.instances.splice(index, 1);
    if (instance.state === "stopping") this.tell(instance, "stopped");
  }

  private tell(instance: Instance, change: "starting" | "inService" | "stopping" | "stopped" | "failed", detail?: string): void {
    const { endpointName } = this.plan;
    this.context.emit({ kind: "instance", endpointName, change, instanceId: instance.id, ...(detail !== undefined && { detail }) });
  }
}

/** The instance that works on the fewest requests; the first of several. */
export function leastBusy(instances: Instance[]): Instance | undefined {
  return instances.reduce<Instance | undefined>((least, next) => (least && least.running <= next.running ? least : next), undefined);
}
