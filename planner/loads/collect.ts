import type { Load } from "../load";
import { LoadProblem } from "./problem";

/** The most jobs that a load may have: their two numbers take 160 MB while they are sorted. */
export const mostJobs = 5_000_000;

/** The longest time that a load may last, in days: a year is more than any plan needs. */
export const mostDays = 366;

/** Second 0 of a load that has no dates: a Monday's midnight, UTC, so that its days begin where days begin. */
export const undatedStart = Date.UTC(2024, 0, 1);

const firstCapacity = 4096;
const minuteMilliseconds = 60_000;

/** Takes jobs in any order, two numbers each, and makes a load of them. */
export class JobCollector {
  private arrivals = new Float64Array(firstCapacity);
  private durations = new Float64Array(firstCapacity);
  private length = 0;
  private last = -Infinity;
  /** How many came after a later one. */
  unsorted = 0;

  constructor(private readonly name: string) {}

  /** How many jobs there are. */
  get count(): number {
    return this.length;
  }

  /**
   * @param arrival in seconds, from any beginning
   * @throws LoadProblem beyond {@link mostJobs}
   */
  add(arrival: number, durationSeconds: number): void {
    if (this.length === mostJobs) {
      throw new LoadProblem(
        `${this.name} has more than ${mostJobs.toLocaleString("en-US")} jobs, the most that are planned at once.`,
        "Give a shorter time: a week has every hour of day and week.",
      );
    }
    if (this.length === this.arrivals.length) {
      this.arrivals = grown(this.arrivals);
      this.durations = grown(this.durations);
    }
    if (arrival < this.last) this.unsorted += 1;
    this.last = arrival;
    this.arrivals[this.length] = arrival;
    this.durations[this.length] = durationSeconds;
    this.length += 1;
  }

  /**
   * The load: by arrival, from a whole minute on.
   *
   * @throws LoadProblem for a load longer than {@link mostDays}
   * @param dated whether arrivals are seconds since the epoch; else the first is at second 0
   * @param period what the load stands for, in seconds since the epoch. @default from the first job's minute to the last, a day at least
   */
  load(dated: boolean, period?: { from: number; to: number }): Load {
    const order = this.unsorted > 0 ? byArrival(this.arrivals, this.length) : undefined;
    const pick = (values: Float64Array) => {
      // Memory that the threads of a search have in common with this one.
      const picked = new Float64Array(new SharedArrayBuffer(values.BYTES_PER_ELEMENT * this.length));
      if (order === undefined) picked.set(values.subarray(0, this.length));
      else for (let at = 0; at < order.length; at++) picked[at] = values[order[at] as number] as number;
      return picked;
    };
    const [arrivalSeconds, durationSeconds] = [pick(this.arrivals), pick(this.durations)];
    const first = Math.min(arrivalSeconds[0] ?? 0, period?.from ?? Infinity);
    this.refuseLong(arrivalSeconds, dated);
    const zero = dated ? (Math.floor((first * 1000) / minuteMilliseconds) * minuteMilliseconds) / 1000 : first;
    for (let index = 0; index < arrivalSeconds.length; index++) arrivalSeconds[index] = (arrivalSeconds[index] as number) - zero;
    const startsAt = dated ? zero * 1000 : undatedStart;
    return { name: this.name, startsAt, arrivalSeconds, durationSeconds, ...(period && { periodSeconds: period.to - zero }) };
  }

  private refuseLong(arrivals: Float64Array, dated: boolean): void {
    const [first, last] = [arrivals[0] ?? 0, arrivals.at(-1) ?? 0];
    const days = Math.round((last - first) / 86_400);
    if (days <= mostDays) return;
    const at = (seconds: number) => (dated ? new Date(seconds * 1000).toISOString() : `${seconds} s`);
    throw new LoadProblem(
      `${this.name} lasts ${days.toLocaleString("en-US")} days, from ${at(first)} to ${at(last)}: at most ${mostDays} are planned at once.`,
      dated
        ? "Correct the wrong dates, or give a shorter time."
        : "Arrivals without dates are seconds: divide those in milliseconds by 1,000.",
    );
  }
}

function grown(values: Float64Array): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(2 * values.length);
  larger.set(values);
  return larger;
}

/** Indexes by arrival; of equal arrivals the one that was given first. */
function byArrival(arrivals: Float64Array, length: number): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index);
  return order.sort((a, b) => (arrivals[a] as number) - (arrivals[b] as number) || a - b);
}
