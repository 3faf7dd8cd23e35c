import { jobStates } from "./jobs";
import { NumberHeap, NumberQueue } from "./queue";
/** SIGKILL comes so long after SIGTERM. https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html */
const graceMilliseconds = 30_000;
/** The asynchronous endpoint: its queue, its instances and what runs on them. */
export class Fleet {
  jobs;
  agenda;
  clock;
  events;
  status = "InService";
  desired;
  /** Instances that are paid for, in order of their start. */
  instances = [];
  /** Those of them that take requests, in the same order. */
  serving = [];
  /** All there ever were, by their number. */
  byNumber = [];
  /** How many more requests instances would take. */
  free = 0;
  waiting = new NumberQueue();
  running;
  /** Instance time in which at least one request ran, in milliseconds. */
  busyMilliseconds = 0;
  slots;
  startupMilliseconds;
  constructor(jobs, agenda, clock, settings, { startupSeconds }, initialInstances, events) {
    this.jobs = jobs;
    this.agenda = agenda;
    this.clock = clock;
    this.events = events;
    this.slots = settings.maxConcurrentInvocationsPerInstance;
    this.startupMilliseconds = startupSeconds * 1000;
    this.desired = initialInstances;
    this.running = new NumberHeap((one, other) => {
      const difference = jobs.ends[one] - jobs.ends[other];
      return difference < 0 || (difference === 0 && jobs.started[one] < jobs.started[other]);
    });
    for (let index = 0; index < initialInstances; index++) this.bringIntoService(this.order());
  }
  get inServiceCount() {
    return this.serving.length;
  }
  get paidCount() {
    return this.instances.length;
  }
  /** The most that runs on one instance in service; undefined when there is none. */
  get mostOnOne() {
    if (this.serving.length === 0) return undefined;
    return this.serving.reduce((most, { running }) => Math.max(most, running), 0);
  }
  enqueue(job) {
    this.jobs.queued[job] = this.clock.now;
    this.jobs.state[job] = jobStates.waiting;
    this.waiting.push(job);
    this.pump();
  }
  /** Ends the job whose end comes first. */
  completeNext() {
    const job = this.running.shift();
    const end = this.jobs.endOf(job);
    // What is broken off on an instance that is going counts as killed, whatever broke it off.
    if (end === jobStates.timedOut && this.byNumber[this.jobs.instance[job]]?.state === "stopping") this.lose(job);
    else {
      this.jobs.state[job] = end;
      this.events.processed(job);
      this.leave(job);
    }
    this.pump();
  }
  /** Changes the instance count of an endpoint that is in service, and is Updating until that is done. */
  scale(count) {
    const change = count - this.desired;
    this.desired = count;
    if (change !== 0) {
      this.status = "Updating";
      if (change > 0) this.grow(change);
      else this.shrink(-change);
    }
    this.events.changed();
  }
  grow(count) {
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
  shrink(count) {
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
  kill(victims) {
    for (const instance of victims) {
      if (!this.instances.includes(instance)) continue;
      for (const job of this.running.removeAll((each) => this.jobs.instance[each] === instance.number)) {
        this.lose(job);
      }
    }
    this.pump();
  }
  lose(job) {
    this.jobs.state[job] = jobStates.killed;
    this.events.killed(job);
    this.leave(job);
  }
  order() {
    const instance = { number: this.byNumber.length, state: "starting", running: 0, busySince: 0 };
    this.byNumber.push(instance);
    this.instances.push(instance);
    return instance;
  }
  bringIntoService(instance) {
    instance.state = "inService";
    this.serving.push(instance);
    this.free += this.slots;
    this.pump();
  }
  remove(instance) {
    this.instances.splice(this.instances.indexOf(instance), 1);
    this.events.changed();
  }
  /** The endpoint is in service again when the last instance that was to stop has. */
  settle() {
    if (this.instances.length === this.serving.length) this.status = "InService";
  }
  /** Hands waiting requests to instances that have room, to the least busy first. */
  pump() {
    while (this.free > 0 && this.waiting.length > 0) this.run(this.waiting.shift(), this.leastBusy());
  }
  leastBusy() {
    let least = this.serving[0];
    for (const instance of this.serving) {
      if (instance.running < least.running) least = instance;
      if (least.running === 0) break;
    }
    return least;
  }
  run(job, instance) {
    const { jobs, clock } = this;
    if (instance.running === 0) instance.busySince = clock.now;
    instance.running += 1;
    this.free -= 1;
    jobs.state[job] = jobStates.running;
    jobs.instance[job] = instance.number;
    jobs.started[job] = clock.now;
    jobs.ends[job] = clock.now + jobs.duration[job];
    this.running.push(job);
  }
  leave(job) {
    const instance = this.byNumber[this.jobs.instance[job]];
    instance.running -= 1;
    if (instance.running === 0) this.busyMilliseconds += this.clock.now - instance.busySince;
    if (instance.state === "inService") this.free += 1;
    else if (instance.running === 0) {
      this.remove(instance);
      this.settle();
    }
  }
}
