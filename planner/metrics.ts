import { metricNames } from "../core/metrics";
import { afterMinuteMilliseconds } from "../core/scaling/evaluation";
import type { BacklogMetrics } from "../core/scaling/gauges";
import type { MetricSource, MetricStat, Read } from "../core/scaling/queries";

const minuteMilliseconds = 60_000;

/** What one metric had per minute; NaN where there is no datapoint. */
class Minutes {
  private values: Float64Array;

  constructor(
    private readonly first: number,
    count: number,
  ) {
    this.values = new Float64Array(count).fill(Number.NaN);
  }

  get(minute: number): number {
    return this.values[minute - this.first] ?? Number.NaN;
  }

  set(minute: number, value: number): void {
    const at = minute - this.first;
    if (at >= this.values.length) {
      const longer = new Float64Array(this.values.length * 2).fill(Number.NaN);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[at] = value;
  }
}

/**
 * The metrics that the program's alarms look at, a minute each. What SageMaker publishes is read late, what the program
 * publishes at once. Minutes are counted since the epoch.
 */
export class PlannedMetrics implements MetricSource {
  private readonly gauges: Readonly<Record<keyof BacklogMetrics | "GPUUtilization", Minutes>>;
  private readonly processed: Minutes;
  /** Of the minute that an evaluation sees in part: what came early enough in it. */
  private readonly processedEarly: Minutes;
  private readonly open: Minutes;
  private readonly delayMilliseconds: number;
  /** How far into the newest minute that an evaluation sees it sees. */
  private readonly seenMilliseconds: number;
  /** The newest minute of which something late can be read, and how much of it. */
  private seenMinute = -Infinity;

  constructor(firstMinute: number, minutes: number, delaySeconds: number) {
    const make = () => new Minutes(firstMinute, minutes);
    this.gauges = {
      ApproximateBacklogSize: make(),
      ApproximateBacklogSizePerInstance: make(),
      HasBacklogWithoutCapacity: make(),
      GPUUtilization: make(),
    };
    this.processed = make();
    this.processedEarly = make();
    this.open = make();
    this.delayMilliseconds = delaySeconds * 1000;
    const seen = (afterMinuteMilliseconds - this.delayMilliseconds) % minuteMilliseconds;
    this.seenMilliseconds = seen < 0 ? seen + minuteMilliseconds : seen;
  }

  /** Once a minute. @param gpuPercent undefined: no instance is in service */
  putGauges(now: number, backlog: BacklogMetrics, gpuPercent: number | undefined): void {
    const minute = Math.floor(now / minuteMilliseconds);
    for (const name of ["ApproximateBacklogSize", "ApproximateBacklogSizePerInstance", "HasBacklogWithoutCapacity"] as const) {
      this.gauges[name].set(minute, backlog[name]);
    }
    if (gpuPercent !== undefined) this.gauges.GPUUtilization.set(minute, gpuPercent);
  }

  /** An invocation has come to an end. */
  countProcessed(now: number): void {
    const minute = Math.floor(now / minuteMilliseconds);
    add(this.processed, minute);
    if (now - minute * minuteMilliseconds <= this.seenMilliseconds) add(this.processedEarly, minute);
  }

  /** The program has counted its open jobs. */
  putOpen(now: number, openJobs: number): void {
    const minute = Math.floor(now / minuteMilliseconds);
    const known = this.open.get(minute);
    this.open.set(minute, known >= openJobs ? known : openJobs);
  }

  /**
   * To be called before alarms are evaluated.
   *
   * @returns the first minute whose values may be other than at the last call
   */
  settle(now: number): number {
    const before = this.seenMinute;
    this.seenMinute = Math.floor((now - this.delayMilliseconds) / minuteMilliseconds);
    return Math.min(before, Math.floor(now / minuteMilliseconds) - 1);
  }

  reader({ metric: { metricName }, periodSeconds, stat }: MetricStat): Read {
    if (periodSeconds !== 60) throw new Error(`a period of ${periodSeconds} seconds is not planned with`);
    const value = this.valueOf(metricName, stat);
    return (end, count) => {
      const points: (number | undefined)[] = [];
      for (let minute = end - count; minute < end; minute++) {
        const point = value(minute);
        points.push(Number.isNaN(point) ? undefined : point);
      }
      return points;
    };
  }

  private valueOf(metricName: string, stat: string): (minute: number) => number {
    if (metricName === "InvocationsProcessed" && stat === "Sum") {
      return (minute) => {
        if (minute > this.seenMinute) return Number.NaN;
        return (minute === this.seenMinute ? this.processedEarly : this.processed).get(minute);
      };
    }
    // The program's own: what it publishes is read at once.
    if (metricName === metricNames.openJobs && stat === "Maximum") return (minute) => this.open.get(minute);
    const gauge = this.gauges[metricName as keyof PlannedMetrics["gauges"]] as Minutes | undefined;
    // Of one value per minute, these two are the same.
    if (!gauge || !(stat === "Average" || stat === "Maximum")) throw new Error(`${stat} of ${metricName} is not planned with`);
    return (minute) => (minute > this.seenMinute ? Number.NaN : gauge.get(minute));
  }
}

function add(minutes: Minutes, minute: number): void {
  const known = minutes.get(minute);
  minutes.set(minute, Number.isNaN(known) ? 1 : known + 1);
}
