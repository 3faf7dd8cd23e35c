import type { Load } from "./load";
import type { PlanSettings } from "./settings";

/** What has become of a job. */
export const jobStates = { pending: 0, waiting: 1, held: 2, running: 3, finished: 4, timedOut: 5, expired: 6, killed: 7 } as const;

/** What simulations of one load have in common, so that hundreds of them don't compute it again and hold it each. Nobody writes to it. */
type Common = WeakMap<Float64Array, { of: string | number; values: Float64Array }>;
const arrivals: Common = new WeakMap();
const durations: Common = new WeakMap();

function remembered(known: Common, key: Float64Array, of: string | number, make: () => Float64Array): Float64Array {
  const last = known.get(key);
  if (last?.of === of) return last.values;
  const values = make();
  known.set(key, { of, values });
  return values;
}

/** The jobs of a simulation, by number in the order of arrival. Times are whole milliseconds since the epoch, durations milliseconds. */
export class Jobs {
  readonly arrival: Float64Array;
  /** How long each runs: to the invocation's timeout at most. */
  readonly duration: Float64Array;
  /** When each got into the endpoint's queue. */
  readonly queued: Float64Array;
  /** When each first ran; NaN before. */
  readonly started: Float64Array;
  readonly ends: Float64Array;
  readonly state: Uint8Array;
  /** Number of the instance that each runs on. */
  readonly instance: Int32Array;
  private readonly timesOut: (job: number) => boolean;

  constructor({ arrivalSeconds, durationSeconds, startsAt }: Load, { speedFactor, invocationTimeoutSeconds }: PlanSettings) {
    const count = arrivalSeconds.length;
    const timeout = invocationTimeoutSeconds * 1000;
    const runs = (job: number) => ((durationSeconds[job] as number) * 1000) / speedFactor;
    this.arrival = remembered(arrivals, arrivalSeconds, startsAt, () =>
      arrivalSeconds.map((seconds) => startsAt + Math.trunc(seconds * 1000)),
    );
    this.duration = remembered(durations, durationSeconds, `${speedFactor} ${timeout}`, () =>
      durationSeconds.map((_, job) => Math.min(timeout, Math.max(1, Math.trunc(runs(job))))),
    );
    this.timesOut = (job) => runs(job) >= timeout;
    this.queued = new Float64Array(count);
    this.started = new Float64Array(count).fill(Number.NaN);
    this.ends = new Float64Array(count);
    this.state = new Uint8Array(count);
    this.instance = new Int32Array(count);
  }

  get length(): number {
    return this.arrival.length;
  }

  /** What a job ends as that nobody interrupts. */
  endOf(job: number): number {
    return this.timesOut(job) ? jobStates.timedOut : jobStates.finished;
  }
}
