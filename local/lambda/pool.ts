import { ServiceError } from "../wire";
import type { FunctionDefinition } from "./definition";
import type { Environment, Invocation, Outcome } from "./environment";

/** How many environments of one function are kept turning over on this machine; more only contend for its cores. */
const turningOver = 2;
/** Real milliseconds after which an invocation counts as waiting rather than working, so that another environment may start. */
const waitingMilliseconds = 250;
/** Most environments of one function: each is a process of some 60 MB. */
const mostEnvironments = 50;
/** Real milliseconds after which an idle environment ends. */
const idleMilliseconds = 300_000;
/** AWS's default quota of concurrent executions. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostConcurrent = 1000;

interface Entry {
  environment: Environment;
  /** Real time at which the present invocation started, or at which the environment became idle. */
  since: number;
}

interface Waiting {
  invocation: Invocation;
  resolve: (outcome: Outcome) => void;
}

/**
 * The execution environments of one function. An idle one is used again; otherwise a new one starts while fewer than
 * {@link turningOver} are turning over, else the invocation waits its turn. An environment whose invocation takes long waits
 * for something else, so it does not hold up new ones. On AWS each would start at once; here two cores share the work.
 */
export class EnvironmentPool {
  private readonly idle: Entry[] = [];
  private readonly busy = new Set<Entry>();
  private readonly waiting: Waiting[] = [];
  private readonly closing = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private closed = false;

  constructor(
    private readonly definition: FunctionDefinition,
    private readonly start: () => Environment,
  ) {}

  /**
   * Runs one invocation. `immediate` (synchronous ones) is refused with TooManyRequestsException when the function's
   * reserved concurrency, or AWS's default quota of 1000, is in use; others wait.
   */
  run(invocation: Invocation, immediate: boolean): Promise<Outcome> {
    const limit = this.definition.reservedConcurrency ?? mostConcurrent;
    if (immediate && this.busy.size + this.waiting.length >= limit) {
      return Promise.reject(new ServiceError("TooManyRequestsException", "Rate Exceeded.", 429));
    }
    return new Promise((resolve) => {
      this.waiting.push({ invocation, resolve });
      this.dispatch();
    });
  }

  /** Ends every environment; what waits is never answered. */
  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    this.waiting.length = 0;
    for (const entry of [...this.idle.splice(0), ...this.busy]) this.end(entry.environment);
    await Promise.all(this.closing);
  }

  private dispatch(): void {
    while (this.waiting.length > 0) {
      const entry = this.takeIdle() ?? this.startNew();
      if (!entry) break;
      void this.invoke(entry, this.waiting.shift() as Waiting);
    }
    this.schedule();
  }

  private async invoke(entry: Entry, { invocation, resolve }: Waiting): Promise<void> {
    entry.since = performance.now();
    this.busy.add(entry);
    const outcome = await entry.environment.invoke(invocation);
    this.busy.delete(entry);
    entry.since = performance.now();
    if (entry.environment.alive && !this.closed) this.idle.push(entry);
    else this.end(entry.environment);
    resolve(outcome);
    this.dispatch();
  }

  private takeIdle(): Entry | undefined {
    for (let entry = this.idle.pop(); entry; entry = this.idle.pop()) {
      if (entry.environment.alive) return entry;
      this.end(entry.environment);
    }
    return undefined;
  }

  private startNew(): Entry | undefined {
    const most = Math.min(this.definition.reservedConcurrency ?? mostEnvironments, mostEnvironments);
    const now = performance.now();
    const working = [...this.busy].filter((entry) => now - entry.since < waitingMilliseconds).length;
    if (this.closed || this.busy.size >= most || working >= turningOver) return undefined;
    return { environment: this.start(), since: now };
  }

  /** Looks again when more environments may start, or an idle one may end. */
  private schedule(): void {
    clearTimeout(this.timer);
    if (this.closed || (this.waiting.length === 0 && this.idle.length === 0)) return;
    const delay = this.waiting.length > 0 ? waitingMilliseconds : idleMilliseconds;
    this.timer = setTimeout(() => {
      const oldest = performance.now() - idleMilliseconds;
      while (this.idle[0] && this.idle[0].since <= oldest) this.end((this.idle.shift() as Entry).environment);
      this.dispatch();
    }, delay);
    this.timer.unref();
  }

  private end(environment: Environment): void {
    const ending = environment.close().finally(() => this.closing.delete(ending));
    this.closing.add(ending);
  }
}
