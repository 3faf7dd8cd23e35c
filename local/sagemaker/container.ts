import { createInterface } from "node:readline";
import { setTimeout as wallSleep } from "node:timers/promises";
import type { Clock } from "../clock";
import { freePort } from "../../processes/ports";
import { startProcessTree } from "../../processes/processTree";
import { sidePortVariables } from "./containerPorts";
import { ConnectionError, ping, post, type ContainerAnswer, type ContainerRequest } from "./exchange";

/** What one instance's container runs with. */
export interface ContainerSpec {
  /** Command line of a shell; `$PORT` is set. */
  command: string;
  /** Absolute path where the command runs. */
  directory: string;
  environment: Readonly<Record<string, string>>;
  /** How long `/ping` may take to answer 200. */
  startupTimeoutSeconds: number;
  clock: Clock;
  /** Takes each line that the container prints. */
  onLine(line: string): void;
  /** Takes what is to be known of a container that is not ready after some seconds. @default dropped */
  onWaiting?: (message: string) => void;
}

/** What came instead of a healthy answer to `/ping`. */
export interface PingProblem {
  /** Such as `answered GET /ping with 500`. */
  what: string;
  /** Nothing came in time, which a server does too that is too busy to answer. */
  isLate: boolean;
}

/** A running container that has answered `/ping`. */
export interface Container {
  /**
   * `POST /invocations`.
   * @throws ContractError for an answer without Content-Length or with too many headers, ConnectionError when it breaks off
   */
  invoke(request: ContainerRequest, signal: AbortSignal): Promise<ContainerAnswer>;
  /** `GET /ping`, once: undefined when it is healthy, else what came instead. @default healthy */
  ping?(): Promise<PingProblem | undefined>;
  /** Resolves with the reason once it has ended, whoever ended it. Never rejects. */
  readonly exited: Promise<string>;
  /** SIGTERM, and SIGKILL 30 s of the clock later. Resolves when nothing of it runs any more. */
  stop(): Promise<void>;
  /** SIGKILL at once. Resolves as {@link Container.stop}. */
  kill(): Promise<void>;
}

/** Starts a container; resolves when `/ping` answers 200. Rejects, nothing left running, with its last lines when it can't. */
export type StartContainer = (spec: ContainerSpec, signal: AbortSignal) => Promise<Container>;

/** SageMaker's: a container has so long to end after SIGTERM. */
const stopGraceSeconds = 30;
/** SageMaker's: `/ping` must answer within it. */
const pingTimeoutMilliseconds = 2000;
/** How often a starting process is asked; of the wall's clock, as the process itself. */
const pingIntervalMilliseconds = 20;
/** After so many seconds without a healthy answer a starting container is told of. */
const waitingSeconds = 10;
const keptLines = 30;

/** The real thing: a child process in a group of its own, on a loopback port of its own. */
export const startProcess: StartContainer = async (spec, signal) => {
  const port = await freePort();
  const sidePorts = await sidePortVariables(spec.environment);
  // A shell, because many servers take their port as an argument: `serve --port $PORT`.
  const tree = startProcessTree(spec.command, {
    cwd: spec.directory,
    env: { ...process.env, ...sidePorts, ...spec.environment, PORT: String(port), SAGEMAKER_BIND_TO_PORT: String(port) },
  });
  const { exited, gone } = tree;
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    spec.onLine(line);
  };
  for (const stream of [tree.stdout, tree.stderr]) createInterface({ input: stream }).on("line", keep);
  const killLater = () => {
    const timer = spec.clock.setTimeout(() => void kill(), stopGraceSeconds * 1000);
    return gone.then(() => spec.clock.clearTimeout(timer));
  };
  const kill = () => tree.kill();
  void exited.then(killLater);
  const stop = () => {
    tree.terminate();
    return killLater();
  };

  const told = (problem: string) =>
    `The container (\`${spec.command}\`) ${problem}. ${lines.length > 0 ? `Its last lines:\n${lines.join("\n")}` : "It printed nothing."}`;
  const problem = await ready(port, spec, exited, signal, told);
  if (problem !== undefined) {
    await kill();
    throw new Error(told(problem));
  }
  return {
    exited,
    stop,
    kill,
    ping: () => pingProblem(port, signal),
    invoke: async (request, abort) => {
      try {
        return await post(port, request, abort);
      } catch (error) {
        // Only one that is still there has hung up on purpose.
        if (error instanceof ConnectionError && !error.wasSent && (await isGone(port))) throw new ConnectionError(error.message);
        throw error;
      }
    },
  };
};

/** Whether nothing listens any more. */
async function isGone(port: number): Promise<boolean> {
  const answer = await ping(port, AbortSignal.timeout(pingTimeoutMilliseconds));
  return answer instanceof Error && ["ECONNREFUSED", "ECONNRESET"].includes((answer as NodeJS.ErrnoException).code ?? "");
}

async function pingProblem(port: number, signal: AbortSignal): Promise<PingProblem | undefined> {
  const answer = await ping(port, AbortSignal.any([signal, AbortSignal.timeout(pingTimeoutMilliseconds)]));
  if (answer === 200) return undefined;
  if (typeof answer === "number") return { what: `answered GET /ping with ${answer}`, isLate: false };
  if ((answer as NodeJS.ErrnoException).code === "ECONNREFUSED") {
    return { what: `does not listen on the port in PORT (${port}) at 127.0.0.1`, isLate: false };
  }
  return answer.name === "AbortError"
    ? { what: `did not answer GET /ping within ${pingTimeoutMilliseconds / 1000} s`, isLate: true }
    : { what: `broke off GET /ping (${answer.message})`, isLate: false };
}

/** Undefined once `/ping` answers 200, else what is wrong. */
async function ready(
  port: number,
  spec: ContainerSpec,
  exited: Promise<string>,
  signal: AbortSignal,
  told: (problem: string) => string,
): Promise<string | undefined> {
  const { clock, startupTimeoutSeconds, onWaiting } = spec;
  const over = new AbortController();
  let problem: string | undefined;
  let seen: string | undefined;
  const end = (reason: string) => {
    problem ??= reason;
    over.abort();
  };
  // A process does not start faster because the clock runs faster.
  const after = (seconds: number, callback: () => void) => clock.setTimeout(callback, seconds * 1000 * Math.max(1, clock.speed));
  const timers = [
    after(startupTimeoutSeconds, () => end(`did not answer GET /ping with 200 within ${startupTimeoutSeconds} s`)),
    after(waitingSeconds, () => {
      onWaiting?.(`${told(`${seen ?? "has not been asked yet"} and is waited for, for up to ${startupTimeoutSeconds} s`)}`);
    }),
  ];
  const abort = () => end("was not needed any more");
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  void exited.then((reason) => end(`${reason} before it answered GET /ping`));
  try {
    while (problem === undefined) {
      const found = await pingProblem(port, over.signal);
      if (found === undefined) return problem;
      seen = found.what;
      await wallSleep(pingIntervalMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    }
    return problem;
  } finally {
    for (const timer of timers) clock.clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

export { ConnectionError, ContractError, type ContainerAnswer, type ContainerRequest } from "./exchange";
