import { spawn } from "node:child_process";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { createServer, type AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as wallSleep } from "node:timers/promises";
import type { Readable } from "node:stream";
import type { Clock } from "../clock";

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
}

/** One request to the container. */
export interface ContainerRequest {
  headers: Readonly<Record<string, string>>;
  body: Buffer;
}

/** What the container answered, whatever the status. */
export interface ContainerAnswer {
  status: number;
  contentType?: string;
  body: Buffer;
}

/** The container answered, but not as the contract wants it. */
export class ContractError extends Error {}

/** The container went away without an answer. */
export class ConnectionError extends Error {}

/** A running container that has answered `/ping`. */
export interface Container {
  /**
   * `POST /invocations`.
   * @throws ContractError for an answer without Content-Length or with too many headers, ConnectionError when it breaks off
   */
  invoke(request: ContainerRequest, signal: AbortSignal): Promise<ContainerAnswer>;
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
/** How long the last lines of a killed container may take to arrive. */
const streamGraceMilliseconds = 1000;
const keptLines = 30;
/** SageMaker's bound on the headers of an answer. */
const largestHeadersBytes = 4096;

/** Process groups of this process's containers: none of them outlives it. */
const groups = new Set<number>();
process.on("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});

/**
 * Ends the group when file descriptor 3 is closed, which the kernel does even for a parent that was killed: the one
 * end at which no handler of ours runs.
 */
const endWithParent = "(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-\n";

/** The real thing: a child process in a group of its own, on a loopback port of its own. */
export const startProcess: StartContainer = async (spec, signal) => {
  const port = await freePort();
  const child = spawn(endWithParent + spec.command, {
    cwd: spec.directory,
    // A shell, because many servers take their port as an argument: `serve --port $PORT`.
    shell: true,
    // A group, because the shell's children must end with it.
    detached: true,
    env: { ...process.env, ...spec.environment, PORT: String(port), SAGEMAKER_BIND_TO_PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const group = child.pid;
  const lines: string[] = [];
  const keep = (line: string) => {
    lines.push(line);
    if (lines.length > keptLines) lines.shift();
    spec.onLine(line);
  };
  for (const stream of [child.stdout, child.stderr] as Readable[]) createInterface({ input: stream }).on("line", keep);

  const exited = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not be started: ${error.message}`));
    child.once("exit", (code, by) => resolve(by ? `ended by ${by}` : `ended with exit code ${code}`));
  });
  // A model that ended by itself takes along what it has started.
  child.once("exit", () => child.stdio[3]?.destroy());
  // "close" comes when every process that could print has ended, the shell's children too.
  const gone = new Promise<void>((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  if (group !== undefined) {
    groups.add(group);
    void exited.then(async () => {
      const timer = spec.clock.setTimeout(() => signalGroup(group, "SIGKILL"), stopGraceSeconds * 1000);
      await gone;
      spec.clock.clearTimeout(timer);
      groups.delete(group);
    });
  }
  const kill = async () => {
    if (group !== undefined) signalGroup(group, "SIGKILL");
    // A child that left the group may hold the streams open; it is not waited for.
    await Promise.race([gone, exited.then(() => wallSleep(streamGraceMilliseconds, undefined, { ref: false }))]);
    for (const stream of [child.stdout, child.stderr]) stream?.destroy();
  };
  const stop = () => {
    if (group !== undefined) signalGroup(group, "SIGTERM");
    return new Promise<void>((resolve) => {
      const timer = spec.clock.setTimeout(() => void kill().then(resolve), stopGraceSeconds * 1000);
      void gone.then(() => {
        spec.clock.clearTimeout(timer);
        resolve();
      });
    });
  };

  const problem = await ready(port, spec, exited, signal);
  if (problem !== undefined) {
    await kill();
    const said = lines.length > 0 ? `Its last lines:\n${lines.join("\n")}` : "It printed nothing.";
    throw new Error(`The container (\`${spec.command}\`) ${problem}. ${said}`);
  }
  return { exited, stop, kill, invoke: (request, abort) => post(port, request, abort) };
};

/** Undefined once `/ping` answers 200, else what is wrong. */
async function ready(port: number, spec: ContainerSpec, exited: Promise<string>, signal: AbortSignal): Promise<string | undefined> {
  const over = new AbortController();
  let problem: string | undefined;
  const end = (reason: string) => {
    problem ??= reason;
    over.abort();
  };
  // A process does not start faster because the clock runs faster.
  const timeoutMilliseconds = spec.startupTimeoutSeconds * 1000 * Math.max(1, spec.clock.speed);
  const timer = spec.clock.setTimeout(
    () => end(`did not answer GET /ping with 200 within ${spec.startupTimeoutSeconds} s`),
    timeoutMilliseconds,
  );
  const abort = () => end("was not needed any more");
  if (signal.aborted) abort();
  signal.addEventListener("abort", abort);
  void exited.then((reason) => end(`${reason} before it answered GET /ping`));
  try {
    while (problem === undefined) {
      if (await pings(port, over.signal)) return problem;
      await wallSleep(pingIntervalMilliseconds, undefined, { signal: over.signal }).catch(() => undefined);
    }
    return problem;
  } finally {
    spec.clock.clearTimeout(timer);
    signal.removeEventListener("abort", abort);
  }
}

async function pings(port: number, signal: AbortSignal): Promise<boolean> {
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(pingTimeoutMilliseconds)]);
    const answer = await exchange(port, "GET", "/ping", {}, undefined, limit);
    answer.resume();
    return answer.statusCode === 200;
  } catch {
    return false; // Not listening yet, or too slow: asked again.
  }
}

async function post(port: number, request: ContainerRequest, signal: AbortSignal): Promise<ContainerAnswer> {
  try {
    const headers = { ...request.headers, "Content-Length": String(request.body.length) };
    const answer = await exchange(port, "POST", "/invocations", headers, request.body, signal);
    const problem = contractProblem(answer);
    if (problem) {
      answer.destroy();
      throw new ContractError(problem);
    }
    const chunks: Buffer[] = [];
    for await (const chunk of answer as AsyncIterable<Buffer>) chunks.push(chunk);
    const contentType = answer.headers["content-type"];
    return { status: answer.statusCode as number, ...(contentType !== undefined && { contentType }), body: Buffer.concat(chunks) };
  } catch (error) {
    if (error instanceof ContractError || signal.aborted) throw error;
    if ((error as NodeJS.ErrnoException).code === "HPE_HEADER_OVERFLOW") throw new ContractError(tooManyHeaders("more"));
    throw new ConnectionError((error as Error).message);
  }
}

function contractProblem(answer: IncomingMessage): string | undefined {
  if (answer.headers["content-length"] === undefined) return "the response has no Content-Length header";
  const bytes = answer.rawHeaders.reduce((sum, text) => sum + text.length, 0);
  return bytes > largestHeadersBytes ? tooManyHeaders(String(bytes)) : undefined;
}

function tooManyHeaders(bytes: string): string {
  return `the response headers have ${bytes} bytes, at most ${largestHeadersBytes} are allowed`;
}

/**
 * One request on a connection of its own: a kept-alive one may be closed by the server at the moment of the next request,
 * and sending that again could run the model twice.
 */
function exchange(
  port: number,
  method: string,
  path: string,
  headers: Record<string, string>,
  body: Buffer | undefined,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: "127.0.0.1", port, method, path, headers, agent: false, signal }, resolve);
    request.on("error", reject);
    request.end(body);
  });
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function signalGroup(group: number, signal: NodeJS.Signals): void {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // It has ended already. (macOS says EPERM while the ended ones have not been collected.)
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
