import { jobStates, type Jobs } from "./jobs";
import type { Agenda } from "./agenda";
import { NumberHeap, NumberQueue } from "./queue";
import type { PlanSettings, Unknowns } from "./settings";

/** SIGKILL comes so long after SIGTERM. https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html */
const graceMilliseconds = 30_000;

interface Instance {
  number: number;
  state: "starting" | "inService" | "stopping";
  running: number;
  busySince: number;
}

/** What the endpoint tells of its jobs and instances. */
export interface FleetEvents {
  /** A job has come to an end that the service counts as processed: it finished or timed out. */
  processed(job: number): void;
  killed(job: number): void;
  /** The number of instances that are paid for, in service or wanted has changed. */
  changed(): void;
}

/** The asynchronous endpoint: its queue, its instances and what runs on them. */
export class Fleet {
  status: "InService" | "Updating" = "InService";
  desired: number;
  /** Instances that are paid for, in order of their start. */
  private readonly instances: Instance[] = [];
  /** Those of them that take requests, in the same order. */
  private serving: Instance[] = [];
  /** All there ever were, by their number. */
  private readonly byNumber: Instance[] = [];
  /** How many more requests instances would take. */
  private free = 0;
  readonly waiting = new NumberQueue();
  readonly running: NumberHeap;
  /** Instance time in which at least one request ran, in milliseconds. */
  busyMilliseconds = 0;
  private readonly slots: number;
  private readonly startupMilliseconds: number;

  constructor(
    private readonly jobs: Jobs,
    private readonly agenda: Agenda,
    private readonly clock: { now: number },
    settings: PlanSettings,
    { startupSeconds }: Unknowns,
    initialInstances: number,
    private readonly events: FleetEvents,
  ) {
    this.slots = settings.maxConcurrentInvocationsPerInstance;
    this.startupMilliseconds = startupSeconds * 1000;
    this.desired = initialInstances;
    this.running = new NumberHeap((one, other) => {
      const difference = (jobs.ends[one] as number) - (jobs.ends[other] as number);
      return difference < 0 || (difference === 0 && (jobs.started[one] as number) < (jobs.started[other] as number));
    });
    for (let index = 0; index < initialInstances; index++) this.bringIntoService(this.order());
  }

  get inServiceCount(): number {
    return this.serving.length;
  }

  get paidCount(): number {
    return this.instances.length;
  }

  /** The most that runs on one instance in service; undefined when there is none. */
  get mostOnOne(): number | undefined {
    if (this.serving.length === 0) return undefined;
    return this.serving.reduce((most, { running }) => Math.max(most, running), 0);
  }

  enqueue(job: number): void {
    this.jobs.queued[job] = this.clock.now;
    this.jobs.state[job] = jobStates.waiting;
    this.waiting.push(job);
    this.pump();
  }

  /** Ends the job whose end comes first. */
  completeNext(): void {
    const job = this.running.shift();
    const end = this.jobs.endOf(job);
    // What is broken off on an instance that is going counts as killed, whatever broke it off.
    if (end === jobStates.timedOut && this.byNumber[this.jobs.instance[job] as number]?.state === "stopping") this.lose(job);
    else {
      this.jobs.state[job] = end;
      this.events.processed(job);
      this.leave(job);
    }
    this.pump();
  }

  /** Changes the instance count of an endpoint that is in service, and is Updating until that is done. */
  scale(count: number): void {
    const change = count - this.desired;
    this.desired = count;
    if (change !== 0) {
      this.status = "Updating";
      if (change > 0) this.grow(change);
      else this.shrink(-change);
    }
    this.events.changed();
  }

  private grow(count: number): void {
    const added = Array.from({ length: count }, () => this.order());
    const ready = () => {
      for (const instance of added) this.bringIntoService(instance);
      this.status = "InService";
      this.events.changed();
    };
    if (this.startupMilliseconds === 0) return ready();
    const { now } = this.clock;
    this.agenda.add({ at: now + this.startupMilliseconds, createdAt: now, work: ready });
  }

  /** The newest go first, whatever runs on them; what has not ended within the grace period is killed. */
  private shrink(count: number): void {
    const victims = this.serving.slice(-count);
    for (const instance of victims) {
      instance.state = "stopping";
      this.free -= this.slots - instance.running;
    }
    this.serving = this.serving.slice(0, -count);
    for (const instance of victims) if (instance.running === 0) this.remove(instance);
    this.settle();
    if (this.status === "InService") return;
    const { now } = this.clock;
    this.agenda.add({ at: now + graceMilliseconds, createdAt: now, work: () => this.kill(victims) });
  }

  private kill(victims: readonly Instance[]): void {
    for (const instance of victims) {
      if (!this.instances.includes(instance)) continue;
      for (const job of this.running.removeAll((each) => this.jobs.instance[each] === instance.number)) {
        this.lose(job);
      }
    }
    this.pump();
  }

  private lose(job: number): void {
    this.jobs.state[job] = jobStates.killed;
    this.events.killed(job);
    this.leave(job);
  }

  private order(): Instance {
    const instance: Instance = { number: this.byNumber.length, state: "starting", running: 0, busySince: 0 };
    this.byNumber.push(instance);
    this.instances.push(instance);
    return instance;
  }

  private bringIntoService(instance: Instance): void {
    instance.state = "inService";
    this.serving.push(instance);
    this.free += this.slots;
    this.pump();
  }

  private remove(instance: Instance): void {
    this.instances.splice(this.instances.indexOf(instance), 1);
    this.events.changed();
  }

  /** The endpoint is in service again when the last instance that was to stop has. */
  private settle(): void {
    if (this.instances.length === this.serving.length) this.status = "InService";
  }

  /** Hands waiting requests to instances that have room, to the least busy first. */
  private pump(): void {
    while (this.free > 0 && this.waiting.length > 0) this.run(this.waiting.shift(), this.leastBusy());
  }

  private leastBusy(): Instance {
    let least = this.serving[0] as Instance;
    for (const instance of this.serving) {
      if (instance.running < least.running) least = instance;
      if (least.running === 0) break;
    }
    return least;
  }

  private run(job: number, instance: Instance): void {
    const { jobs, clock } = this;
    if (instance.running === 0) instance.busySince = clock.now;
    instance.running += 1;
    this.free -= 1;
    jobs.state[job] = jobStates.running;
    jobs.instance[job] = instance.number;
    jobs.started[job] = clock.now;
    jobs.ends[job] = clock.now + (jobs.duration[job] as number);
    this.running.push(job);
  }

  private leave(job: number): void {
    const instance = this.byNumber[this.jobs.instance[job] as number] as Instance;
    instance.running -= 1;
    if (instance.running === 0) this.busyMilliseconds += this.clock.now - instance.busySince;
    if (instance.state === "inService") this.free += 1;
    else if (instance.running === 0) {
      this.remove(instance);
      this.settle();
    }
  }
}
