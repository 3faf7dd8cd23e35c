import { setImmediate as breathe } from "node:timers/promises";
import { afterMinuteMilliseconds } from "../core/scaling/evaluation";
import { backlogMetrics, busyPercent } from "../core/scaling/gauges";
import { warmActions } from "../core/scaling/declaration";
import { occurrences, type Occurrences } from "../core/scaling/schedules";
import { Agenda } from "./agenda";
import { PlannedAlarm, scalingAlarms } from "./alarms";
import { Fleet } from "./fleet";
import { Jobs, jobStates } from "./jobs";
import { periodOf, type Load } from "./load";
import { PlannedMetrics } from "./metrics";
import { Program } from "./program";
import { Scaler } from "./scaler";
import type { PlanSettings, Unknowns } from "./settings";

const minute = 60_000;
const hour = 60 * minute;
/** Seconds past the minute at which the sweeper runs. */
const sweepOffsetMilliseconds = 20_000;
/** Before the load, the endpoint is there for a minute, and its alarms for half of one. */
const declaredBeforeMilliseconds = minute / 2;

/** What a simulation is told besides load and settings. */
export interface EngineOptions {
  /** Instances that the endpoint starts with. @default what the program deploys: `minCapacity`, one at least */
  initialInstances?: number;
  /** @see Standing. @default false */
  trackingLeavesZero?: boolean;
  signal?: AbortSignal | undefined;
  /** Called whenever the number of instances that are paid for, in service or wanted may have changed. */
  onCapacity?: (engine: Engine) => void;
  /** Called at the beginning of each minute. */
  onMinute?: (engine: Engine) => void;
}

/**
 * One load under one program, in virtual time. Requests come and go as events; alarms, metrics and the floor are looked at
 * once a minute, as they are by the services. Times are milliseconds since the epoch.
 */
export class Engine {
  now: number;
  /** Where the load begins, on a whole minute. */
  readonly start: number;
  readonly jobs: Jobs;
  readonly fleet: Fleet;
  readonly program: Program;
  killed = 0;
  expired = 0;
  /** Instance time that is paid for, up to `paidUntil`. */
  private paidMilliseconds = 0;
  private paidUntil: number;
  private paidInstances = 0;
  private readonly agenda = new Agenda();
  private readonly metrics: PlannedMetrics;
  private readonly alarms: readonly PlannedAlarm[];
  private readonly scaler: Scaler;
  private readonly ttlMilliseconds: number;
  private nextArrival = 0;

  constructor(
    load: Load,
    private readonly settings: PlanSettings,
    private readonly unknowns: Unknowns,
    private readonly options: EngineOptions = {},
  ) {
    const { minCapacity, maxCapacity } = settings;
    const { initialInstances = Math.max(1, minCapacity), trackingLeavesZero = false } = options;
    this.start = Math.floor(load.startsAt / minute) * minute;
    this.ttlMilliseconds = settings.requestTtlSeconds * 1000;
    const began = this.start - unknowns.startupSeconds * 1000 - minute;
    this.now = this.paidUntil = this.start - declaredBeforeMilliseconds;
    this.jobs = new Jobs(load, settings);
    const firstMinute = Math.floor(began / minute);
    this.metrics = new PlannedMetrics(firstMinute, Math.ceil(periodOf(load) / 60) + 1440, unknowns.metricDelaySeconds);
    this.fleet = new Fleet(this.jobs, this.agenda, this, settings, unknowns, initialInstances, {
      processed: () => {
        this.program.open -= 1;
        this.metrics.countProcessed(this.now);
      },
      killed: () => void (this.killed += 1),
      changed: () => this.pay(),
    });
    this.scaler = new Scaler({ minCapacity, maxCapacity }, this.fleet, this.agenda, this, trackingLeavesZero);
    this.program = new Program(settings, this.jobs, this.fleet, this.scaler, this.metrics, this);
    this.alarms = scalingAlarms(settings).map((declared) => new PlannedAlarm(declared, this.metrics));
    // An endpoint publishes from the moment it is made.
    for (let at = firstMinute * minute + minute; at < this.start; at += minute) this.publish(at);
    this.schedule();
  }

  /** Moves time to `end`. */
  async run(end: number): Promise<void> {
    const { jobs, agenda, fleet } = this;
    const { waiting, running } = fleet;
    const { arrival, ends, started, queued } = jobs;
    let breath = this.now;
    for (;;) {
      // Of what happens at one time, what has been known for longest comes first.
      const entry = agenda.next;
      let at = entry?.at ?? Infinity;
      let createdAt = entry?.createdAt ?? 0;
      let event: "entry" | "arrival" | "end" | "expiry" = "entry";
      if (this.nextArrival < arrival.length && (arrival[this.nextArrival] as number) <= at) {
        event = "arrival";
        at = arrival[this.nextArrival] as number;
        createdAt = -Infinity;
      }
      if (running.length > 0) {
        const ending = ends[running.head] as number;
        const known = started[running.head] as number;
        if (ending < at || (ending === at && known < createdAt)) {
          event = "end";
          at = ending;
          createdAt = known;
        }
      }
      if (waiting.length > 0) {
        const known = queued[waiting.head] as number;
        const expiry = known + this.ttlMilliseconds;
        if (expiry < at || (expiry === at && known < createdAt)) {
          event = "expiry";
          at = expiry;
        }
      }
      if (at > end) break;
      this.now = at;
      if (event === "end") fleet.completeNext();
      else if (event === "arrival") {
        const raised = this.program.submit(this.nextArrival++);
        if (raised) await raised;
      } else if (event === "expiry") this.expire();
      else {
        agenda.shift();
        const done = entry?.work();
        if (done) await done;
        if (at - breath > 24 * hour) {
          breath = at;
          await breathe();
          this.options.signal?.throwIfAborted();
        }
      }
    }
    this.now = end;
    this.pay();
  }

  /** Whether every job has ended, and the endpoint is back at its minimum. */
  get atRest(): boolean {
    const { program, fleet, scaler } = this;
    return this.over && program.atRest && fleet.status === "InService" && fleet.desired <= scaler.bounds.minCapacity;
  }

  /** Whether every job has ended. */
  get over(): boolean {
    return this.nextArrival === this.jobs.length && this.program.open === this.killed;
  }

  /** Since the load began. */
  get instanceMilliseconds(): number {
    return this.paidMilliseconds;
  }

  /** Jobs that have come and don't run. */
  get backlog(): number {
    return this.fleet.waiting.length + this.program.held.length;
  }

  private pay(): void {
    const from = Math.max(this.paidUntil, this.start);
    if (this.now > from) this.paidMilliseconds += (this.now - from) * this.paidInstances;
    this.paidUntil = Math.max(this.paidUntil, this.now);
    this.paidInstances = this.fleet.paidCount;
    this.options.onCapacity?.(this);
  }

  private expire(): void {
    this.jobs.state[this.fleet.waiting.shift()] = jobStates.expired;
    this.expired += 1;
    this.program.open -= 1;
  }

  /** What goes on whatever jobs come. */
  private schedule(): void {
    const declaredAt = this.now;
    this.paidInstances = this.fleet.paidCount;
    this.scaler.register({});
    for (const action of warmActions(this.settings)) {
      const next = occurrences({ schedule: action.schedule, timezone: this.settings.warmTimeZone }, declaredAt);
      this.act(action.minCapacity, next, declaredAt);
    }
    this.eachMinute(0, declaredAt, () => {
      this.options.onMinute?.(this);
      this.publish(this.now);
    });
    this.eachMinute(afterMinuteMilliseconds, declaredAt, () => this.evaluate());
    this.eachMinute(sweepOffsetMilliseconds, declaredAt, () => this.program.sweep());
  }

  private eachMinute(offset: number, createdAt: number, work: () => void | Promise<void>): void {
    const again = (at: number, since: number): void => {
      this.agenda.add({
        at,
        createdAt: since,
        work: () => {
          again(at + minute, at);
          return work();
        },
      });
    };
    again(this.start + offset, createdAt);
  }

  private act(minCapacity: number, next: Occurrences, createdAt: number): void {
    const at = next(createdAt);
    if (at === undefined) return;
    this.agenda.add({
      at,
      createdAt,
      work: () => {
        this.scaler.register({ minCapacity, maxCapacity: this.settings.maxCapacity });
        this.act(minCapacity, next, at);
      },
    });
  }

  private publish(at: number): void {
    const { fleet } = this;
    const backlog = backlogMetrics({
      waiting: fleet.waiting.length,
      running: fleet.running.length,
      inServiceInstances: fleet.inServiceCount,
      countsRunning: this.unknowns.backlogCounts === "waitingAndRunning",
    });
    const most = fleet.mostOnOne;
    this.metrics.putGauges(
      at,
      backlog,
      most === undefined ? undefined : busyPercent(most, this.settings.maxConcurrentInvocationsPerInstance),
    );
  }

  private evaluate(): void {
    const changedFrom = this.metrics.settle(this.now);
    const newest = Math.floor(this.now / minute);
    const acting: PlannedAlarm[] = [];
    for (const alarm of this.alarms) {
      if (!this.scaler.matters(alarm)) {
        alarm.skip(changedFrom);
        continue;
      }
      alarm.evaluate(newest, changedFrom);
      if (alarm.state === "ALARM") acting.push(alarm);
    }
    if (acting.length > 0) this.scaler.act(acting);
  }
}
