import { holdFloor, isLookedAfter, tendFloor, type FloorPorts, type FloorSettings } from "../core/floor/floor";
import type { Floor } from "../core/records/items";
import { endpointName, variantName } from "./alarms";
import type { Fleet } from "./fleet";
import { jobStates, type Jobs } from "./jobs";
import type { PlannedMetrics } from "./metrics";
import type { Scaler } from "./scaler";
import type { PlanSettings } from "./settings";

const minute = 60_000;

/** What the program's functions do for scaling: submit, and the sweeper each minute. Everything else of a job takes no time. */
export class Program {
  /** Jobs that have not ended, the held ones included. */
  open = 0;
  held: number[] = [];
  private floor: Floor | undefined;
  /** Until when the floor is known to be looked after without asking again. */
  private lookedAfterUntil = -Infinity;
  private readonly settings: FloorSettings;
  private readonly ports: FloorPorts;

  constructor(
    settings: PlanSettings,
    private readonly jobs: Jobs,
    private readonly fleet: Fleet,
    scaler: Scaler,
    private readonly metrics: PlannedMetrics,
    private readonly clock: { now: number },
  ) {
    const warm = { windows: settings.warmHours, timeZone: settings.warmTimeZone, minCapacity: settings.warmMinCapacity };
    this.settings = { ...settings, endpointName, variantName, warm };
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
  get atRest(): boolean {
    return this.open === 0 && (this.floor === undefined || this.floor.state === "down");
  }

  /** A promise only where the floor must be raised. */
  submit(job: number): void | Promise<void> {
    this.open += 1;
    const { now } = this.clock;
    // What holdFloor does for all jobs but the first, without its promises.
    if (now <= this.lookedAfterUntil || isLookedAfter(this.floor, now)) return this.accept(job, this.floor?.drain?.since);
    return holdFloor(this.ports, this.settings).then((since) => this.accept(job, since));
  }

  /** Once a minute. */
  async sweep(): Promise<void> {
    const held = this.held.length;
    const floor = await tendFloor(this.ports, this.settings, { running: this.open - held, held, countedAt: this.clock.now });
    this.metrics.putOpen(this.clock.now, this.open);
    if (floor?.drain) return;
    const released = this.held;
    this.held = [];
    for (const job of released) this.fleet.enqueue(job);
  }

  private accept(job: number, heldSince: string | undefined): void {
    if (heldSince === undefined) return this.fleet.enqueue(job);
    this.jobs.state[job] = jobStates.held;
    this.held.push(job);
  }
}
