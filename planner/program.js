import { holdFloor, isLookedAfter, tendFloor } from "../core/floor/floor";
import { endpointName, variantName } from "./alarms";
import { jobStates } from "./jobs";
import { configuredMinimum } from "./minimum";
const minute = 60_000;
/** What the program's functions do for scaling: submit, and the sweeper each minute. Everything else of a job takes no time. */
export class Program {
  jobs;
  fleet;
  metrics;
  clock;
  /** Jobs that have not ended, the held ones included. */
  open = 0;
  held = [];
  floor;
  /** Until when the floor is known to be looked after without asking again. */
  lookedAfterUntil = -Infinity;
  settings;
  ports;
  constructor(settings, jobs, fleet, scaler, metrics, clock) {
    this.jobs = jobs;
    this.fleet = fleet;
    this.metrics = metrics;
    this.clock = clock;
    const warm = { windows: settings.warmHours, timeZone: settings.warmTimeZone, minCapacity: settings.warmMinCapacity };
    this.settings = { ...settings, endpointName, variantName, warm, configuredMinimum: configuredMinimum(settings) };
    this.ports = {
      floors: {
        read: () => Promise.resolve(this.floor),
        write: (floor) => {
          this.floor = floor;
          const until = clock.now + minute;
          this.lookedAfterUntil = isLookedAfter(floor, until) ? until : -Infinity;
          return Promise.resolve(true);
        },
      },
      capacity: {
        describe: () => Promise.resolve({ desiredInstances: fleet.desired, inService: fleet.status === "InService" }),
        minimum: () => Promise.resolve(scaler.bounds.minCapacity),
        setBounds: (minCapacity, maxCapacity) => {
          scaler.register({ minCapacity, ...(maxCapacity !== undefined && { maxCapacity }) });
          return Promise.resolve();
        },
      },
      clock: { now: () => clock.now },
      log: (line) => {
        if (!("_aws" in line)) throw new Error(`the floor was not raised: ${JSON.stringify(line)}`);
        metrics.putOpen(clock.now, 1);
      },
    };
  }
  /** Whether nothing is kept up for jobs. */
  get atRest() {
    return this.open === 0 && (this.floor === undefined || this.floor.state === "down");
  }
  /** A promise only where the floor must be raised. */
  submit(job) {
    this.open += 1;
    const { now } = this.clock;
    // What holdFloor does for all jobs but the first, without its promises.
    if (now <= this.lookedAfterUntil || isLookedAfter(this.floor, now)) return this.accept(job, this.floor?.drain?.since);
    return holdFloor(this.ports, this.settings).then((since) => this.accept(job, since));
  }
  /** Once a minute. */
  async sweep() {
    const held = this.held.length;
    const floor = await tendFloor(this.ports, this.settings, { running: this.open - held, held, countedAt: this.clock.now });
    this.metrics.putOpen(this.clock.now, this.open);
    if (floor?.drain) return;
    const released = this.held;
    this.held = [];
    for (const job of released) this.fleet.enqueue(job);
  }
  accept(job, heldSince) {
    if (heldSince === undefined) return this.fleet.enqueue(job);
    this.jobs.state[job] = jobStates.held;
    this.held.push(job);
  }
}
