import * as os from "node:os";
import { ServiceError } from "../wire";
import type { Environment, Invocation, Outcome } from "./environment";

/** How many environments of one function take turns on this machine; more only contend for its cores, and each costs a cold start. */
const takingTurns = Math.max(2, Math.floor(os.availableParallelism() / 2));
/** How often, in real milliseconds, it is looked at whether an invocation in the queue deserves one environment more. */
const lookMilliseconds = 250;
/**
 * Real milliseconds that an invocation waits for one of the running environments before another is started: most invocations are
 * shorter.
 */
const turnMilliseconds = 250;
/** Real milliseconds of waiting after which an invocation is held up: while this machine idles, and when it is busy. */
const waitingMilliseconds = { idle: 250, busy: 3_000 };
/** Share of the machine's processor time from which on it idles. */
const idleShare = 0.25;
/** Most environments of one function: each is a process of some 60 MB. */
const mostEnvironments = 50;
/** Real milliseconds after which an idle environment ends. */
const idleMilliseconds = 300_000;
/** AWS's default quota of concurrent executions. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostConcurrent = 1000;
/** Share of its time from which on this process is so busy that functions wait for its answers. */
const busyShare = 0.75;

interface Entry {
  environment: Environment;
  /** Real time at which the environment was started, took its present invocation, or became idle. */
  since: number;
  /** Not to be used again. */
  outdated?: true;
}

interface Waiting {
  invocation: Invocation;
  resolve: (outcome: Outcome) => void;
  /** Real time at which it came. */
  since: number;
}

/**
 * The execution environments of one function. An idle one is used again; otherwise the invocation waits its turn, and when
 * that takes longer than {@link turnMilliseconds}, a new one starts while fewer than {@link takingTurns} run. On AWS each would
 * start at once; here the machine's cores are shared, and a queue of short invocations ends sooner with few processes: to start
 * one takes longer than most invocations do. One whose invocation waits for something else does not hold up the others: for
 * each such one there may be one more.
 */
export class EnvironmentPool {
  private readonly idle: Entry[] = [];
  private readonly busy = new Set<Entry>();
  private readonly waiting: Waiting[] = [];
  private readonly closing = new Set<Promise<void>>();
  /** How many may be busy at once. */
  private allowed = takingTurns;
  private looking: NodeJS.Timeout | undefined;
  private reaping: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly reservedConcurrency: () => number | undefined,
    private readonly start: () => Environment,
    /** Share of the time since the last call in which this process worked, or waited for a processor. */
    private readonly ownShare: () => number = shareSinceLastCall(),
  ) {}

  /**
   * Runs one invocation, or has it wait. An `immediate` one (a synchronous caller's) is refused at once when the function's
   * reserved concurrency, or AWS's default quota of 1000, is in use.
   *
   * @throws ServiceError `TooManyRequestsException`
   */
  run(invocation: Invocation, immediate: boolean): Promise<Outcome> {
    const limit = this.reservedConcurrency() ?? mostConcurrent;
    if (immediate && this.busy.size + this.waiting.length >= limit) {
      throw new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429);
    }
    return new Promise((resolve) => {
      this.waiting.push({ invocation, resolve, since: performance.now() });
      this.dispatch();
    });
  }

  /** Environments that run an invocation. */
  running(): Environment[] {
    return [...this.busy].map(({ environment }) => environment);
  }

  /** Has every further invocation run in a new environment, as after a deployment; what runs goes on. */
  renew(): void {
    for (const { environment } of this.idle.splice(0)) this.end(environment);
    for (const entry of this.busy) entry.outdated = true;
  }

  /** Ends every environment; what waits is never answered. */
  async close(): Promise<void> {
    this.closed = true;
    clearInterval(this.looking);
    clearTimeout(this.reaping);
    this.waiting.length = 0;
    for (const entry of [...this.idle.splice(0), ...this.busy]) this.end(entry.environment);
    await Promise.all(this.closing);
  }

  private dispatch(): void {
    // With a reserved concurrency of 0 nothing runs: events stay in line until it is raised.
    while (this.waiting.length > 0 && this.busy.size < (this.reservedConcurrency() ?? mostConcurrent)) {
      const entry = this.takeIdle() ?? this.startNew();
      if (!entry) break;
      void this.invoke(entry, this.waiting.shift() as Waiting);
    }
    if (this.waiting.length > 0) this.look();
  }

  private async invoke(entry: Entry, { invocation, resolve }: Waiting): Promise<void> {
    entry.since = performance.now();
    this.busy.add(entry);
    const outcome = await entry.environment.invoke(invocation);
    this.busy.delete(entry);
    entry.since = performance.now();
    if (entry.environment.alive && !entry.outdated && !this.closed) this.idle.push(entry);
    else this.end(entry.environment);
    resolve(outcome);
    this.dispatch();
    this.reap();
  }

  private takeIdle(): Entry | undefined {
    for (let entry = this.idle.pop(); entry; entry = this.idle.pop()) {
      if (entry.environment.alive) return entry;
      this.end(entry.environment);
    }
    return undefined;
  }

  private startNew(): Entry | undefined {
    const most = Math.min(this.reservedConcurrency() ?? mostEnvironments, mostEnvironments, this.allowed);
    if (this.closed || this.busy.size >= most) return undefined;
    if (this.busy.size > 0 && !this.turnIsLate()) return undefined;
    return { environment: this.start(), since: performance.now() };
  }

  /** Whether what has waited longest would have had its turn by now, if what runs were short; what is being loaded may yet be. */
  private turnIsLate(): boolean {
    const since = this.waiting[0]?.since ?? Infinity;
    if (performance.now() - since < turnMilliseconds) return false;
    return [...this.busy].every(({ environment }) => environment.initialized);
  }

  /** While invocations wait: allows one environment more for each that is held up by something else than this machine's load. */
  private look(): void {
    if (this.looking || this.closed) return;
    let before = processorTimes();
    this.looking = setInterval(() => {
      const times = processorTimes();
      const idles = (times.idle - before.idle) / (times.total - before.total) >= idleShare;
      before = times;
      const since = performance.now() - (idles ? waitingMilliseconds.idle : waitingMilliseconds.busy);
      const busy = this.ownShare() >= busyShare;
      for (const { environment } of this.busy) {
        // What it waits for may be this process's answer, which one process more would only delay.
        if (busy) environment.quiet.reset();
        else environment.look();
      }
      const heldUp = [...this.busy].filter(({ environment: { quiet } }) => quiet.since !== undefined && quiet.since <= since).length;
      this.allowed = takingTurns + heldUp;
      if (this.waiting.length > 0) return this.dispatch();
      clearInterval(this.looking);
      this.looking = undefined;
    }, lookMilliseconds);
    this.looking.unref();
  }

  private reap(): void {
    if (this.reaping || this.closed || this.idle.length === 0) return;
    this.reaping = setTimeout(() => {
      this.reaping = undefined;
      const oldest = performance.now() - idleMilliseconds;
      while (this.idle[0] && this.idle[0].since <= oldest) this.end((this.idle.shift() as Entry).environment);
      this.reap();
    }, idleMilliseconds);
    this.reaping.unref();
  }

  private end(environment: Environment): void {
    const ending = environment.close().finally(() => this.closing.delete(ending));
    this.closing.add(ending);
  }
}

function shareSinceLastCall(): () => number {
  let last = performance.eventLoopUtilization();
  return () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  };
}

function processorTimes(): { idle: number; total: number } {
  const sums = { idle: 0, total: 0 };
  for (const { times } of os.cpus()) {
    sums.idle += times.idle;
    sums.total += times.idle + times.user + times.nice + times.sys + times.irq;
  }
  return sums;
}
