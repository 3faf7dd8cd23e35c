import { setTimeout as sleep } from "node:timers/promises";
import type { Body } from "./bodies";
import { contract } from "./contract";
import { exchange, type Exchange, type ExchangeRequest } from "./exchange";
import { outcomeText, secondsText } from "./judge";
import { startServer, type ServerProcess } from "./serverProcess";

/** How the model server comes to run. */
export type Origin =
  /** A command line of a shell, and its whole environment. */
  | { command: string; environment: NodeJS.ProcessEnv }
  /** One that runs: `/ping` and `/invocations` are below this URL. */
  | { url: string };

/** How a start went. */
export interface Start {
  /** Undefined when `/ping` has answered 200, else why not. */
  problem?: string;
  /** What to do about it. */
  mend?: string;
  milliseconds: number;
  /** What was seen before `/ping` answered 200, in words. */
  before: string;
}

const pingIntervalMilliseconds = 50;
/** How much later than its connections a process may be seen to end. */
const endMilliseconds = 1000;
/** How long a server that had work may take until `/ping` answers again. */
const recoveryMilliseconds = 30_000;

/** The model server under check: started, asked, started again when it has died, and ended. */
export class Server {
  private process: ServerProcess | undefined;
  private base = new URL("http://127.0.0.1");

  constructor(
    private readonly origin: Origin,
    private readonly timeoutMilliseconds: number,
    private readonly signal: AbortSignal,
  ) {}

  /** The group of its processes; undefined when it was not started here. */
  get group(): number | undefined {
    return this.process?.pid;
  }

  /** Starts it, if it is to be started, and waits until `/ping` answers 200. */
  async start(progress: (text: string) => void): Promise<Start> {
    const began = performance.now();
    if ("command" in this.origin) {
      this.process = await startServer(this.origin.command, this.origin.environment);
      this.base = new URL(`http://127.0.0.1:${this.process.port}/`);
    } else this.base = new URL(this.origin.url.endsWith("/") ? this.origin.url : `${this.origin.url}/`);
    const before = new Map<string, number>();
    let last: Exchange | undefined;
    for (;;) {
      const milliseconds = performance.now() - began;
      const ended = this.process?.ended();
      if (ended !== undefined)
        return { problem: `The server ${ended} before /ping answered 200.${this.said()}`, milliseconds, before: summary(before) };
      if (milliseconds >= this.timeoutMilliseconds) return { ...this.neverReady(last), milliseconds, before: summary(before) };
      progress(`waiting for /ping, ${secondsText(milliseconds)}`);
      last = await this.ping();
      if (last.outcome === "answered" && last.status === 200) return { milliseconds: performance.now() - began, before: summary(before) };
      const seen =
        last.outcome === "answered"
          ? String(last.status)
          : last.outcome === "silent"
            ? "no answer in 2 s"
            : outcomeText(last).replace(/ after .*/, "");
      before.set(seen, (before.get(seen) ?? 0) + 1);
      await sleep(pingIntervalMilliseconds, undefined, { signal: this.signal });
    }
  }

  /** `GET /ping`, with SageMaker's limit. */
  ping(): Promise<Exchange> {
    const url = new URL("ping", this.base);
    return exchange({ url, method: "GET", timeoutMilliseconds: contract.pingTimeoutMilliseconds, signal: this.signal });
  }

  /** `POST /invocations`. */
  post(body: Body, options: Partial<Pick<ExchangeRequest, "hold" | "leave" | "onBytes" | "timeoutMilliseconds">> = {}): Promise<Exchange> {
    const url = new URL("invocations", this.base);
    return exchange({ url, method: "POST", body, timeoutMilliseconds: this.timeoutMilliseconds, signal: this.signal, ...options });
  }

  /**
   * Sees to it that the server serves before the next check: one that has died, or answers `/ping` no more, is started again.
   *
   * @returns what had happened, and whether it serves now
   */
  async recover(progress: (text: string) => void): Promise<{ serves: boolean; happened?: string }> {
    const since = performance.now();
    let last: Exchange | undefined;
    while (this.process?.ended() === undefined && performance.now() - since < recoveryMilliseconds) {
      last = await this.ping();
      if (last.status === 200) return { serves: true };
      progress("waiting for /ping to answer again");
      await sleep(pingIntervalMilliseconds, undefined, { signal: this.signal });
    }
    const ended = this.process?.ended();
    const happened =
      ended !== undefined ? `the server ${ended}` : `/ping did not answer 200 for 30 s (${last === undefined ? "" : outcomeText(last)})`;
    if (this.process === undefined) return { serves: false, happened };
    await this.process.kill();
    const { problem } = await this.start(progress);
    return problem === undefined ? { serves: true, happened: `${happened}; it was started again` } : { serves: false, happened: problem };
  }

  /** How it ended; undefined while it runs, and of one that was not started here. */
  ended(): string | undefined {
    return this.process?.ended();
  }

  /** The same, when a connection has just told that it may have. */
  async endedNow(): Promise<string | undefined> {
    return Promise.race([
      this.process?.exited ?? new Promise<undefined>(() => undefined),
      sleep(endMilliseconds, undefined, { signal: this.signal }),
    ]);
  }

  /** SIGTERM; resolves with how long it then took to go, undefined when it still ran after SageMaker's grace. */
  async terminate(): Promise<number | undefined> {
    const { process } = this;
    if (process === undefined) return undefined;
    const began = performance.now();
    process.terminate();
    const over = new AbortController();
    const grace = sleep(contract.stopGraceMilliseconds, false, { signal: AbortSignal.any([this.signal, over.signal]) });
    try {
      return (await Promise.race([process.gone.then(() => true), grace])) ? performance.now() - began : undefined;
    } finally {
      over.abort();
      await grace.catch(() => undefined);
    }
  }

  /** Ends all that was started. */
  async close(): Promise<void> {
    await this.process?.kill();
  }

  /** Its last lines, to be put behind a sentence; nothing of a server that was not started here. */
  said(): string {
    if (this.process === undefined) return "";
    const lines = this.process.lines();
    return lines.length === 0 ? " It printed nothing." : ` Its last lines:\n${lines.join("\n")}`;
  }

  private neverReady(last: Exchange | undefined): { problem: string; mend: string } {
    const limit = `${Math.round(this.timeoutMilliseconds / 1000)} s`;
    const where = this.base.host;
    const started = this.process !== undefined;
    const longer = "If it only loads longer: --timeout here, containerStartupTimeoutSeconds in the program.";
    if (last === undefined || last.outcome === "refused" || last.phase === "connecting") {
      const mend = started
        ? `Listen on 0.0.0.0 and the port in PORT or SAGEMAKER_BIND_TO_PORT (8080 when neither is set). ${longer}`
        : "Start the server, and look at host and port of --url.";
      return { problem: `Nothing listened on ${where} for ${limit}.${this.said()}`, mend };
    }
    if (last.outcome === "answered") {
      return {
        problem: `/ping answered ${outcomeText(last)}, never 200, for ${limit}.${this.said()}`,
        mend: `Answer GET /ping with 200 once the model is loaded. ${longer}`,
      };
    }
    return {
      problem: `${where} takes connections, and GET /ping got ${outcomeText(last)}, for ${limit}.${this.said()}`,
      mend: `Answer GET /ping within 2 s, with 200 once the model is loaded. ${longer}`,
    };
  }
}

function summary(before: ReadonlyMap<string, number>): string {
  return [...before].map(([seen, count]) => `${count} × ${seen}`).join(", ");
}
