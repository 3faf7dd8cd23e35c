import { type ChildProcess, fork } from "node:child_process";
import * as path from "node:path";
import type { CloudContext } from "../ports";
import type { FunctionDefinition } from "./definition";
import { Quiet } from "./quiet";
import type { FromWorker, FunctionFailure, ToWorker, WorkerSettings } from "./protocol";

/** Real milliseconds that loading the function's code may take, as on AWS. */
const initLimitMilliseconds = 10_000;
/** Real milliseconds that an invocation has at least, however fast the clock runs; a shorter timeout counts as it is. */
const leastRealMilliseconds = 5_000;
/** How long a worker may take to end by itself. */
const endMilliseconds = 500;
/** What loading the SDK leaves behind fits into it: V8 begins with 1 MB, and spends a tenth of a cold start on copying what is left. */
const youngMegabytes = 16;
/** Of the log's end, what `LogType: Tail` returns. */
const tailBytes = 4096;
/** Longest answer of a function. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const responseLimitBytes = 6_291_556;

/** What one invocation came to. */
export interface Outcome {
  /** JSON text: the function's answer, or its error. */
  payload: string;
  /** The function threw, ran out of time, or its process ended. */
  failed: boolean;
  /** Milliseconds of the cloud's clock. */
  durationMilliseconds: number;
  /** The end of what the invocation logged. */
  logTail: string;
}

/** One invocation as an execution environment takes it. */
export interface Invocation {
  requestId: string;
  /** JSON text. */
  event: string;
  clientContext?: unknown;
}

/**
 * One execution environment: a child process that has the function's code loaded and runs one invocation at a time.
 *
 * A timeout counts on the cloud's clock, but an invocation always has min(timeout, 5 s) of real time, so that real I/O does
 * not run out of time because the clock is fast. `memorySize` limits V8's heap to nine tenths of it, as the Lambda runtime
 * does; memory outside the heap is not limited.
 */
export class Environment {
  /** False once the process can't take another invocation. */
  alive = true;
  /** True once the function's code is loaded. */
  initialized = false;
  /** Whether and since when its invocation waits for something; as of the answer to the last {@link look}. */
  readonly quiet = new Quiet();
  private asked = false;
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly forkedAt = performance.now();
  private readonly logStream: string;
  private initMilliseconds: number | undefined;
  private current: Running | undefined;
  private stopTicks: () => void = () => undefined;

  constructor(
    private readonly definition: FunctionDefinition,
    private readonly context: CloudContext,
    compileCacheDirectory: string,
    /** Every line that the function logs, with the clock's time. */
    private readonly log: (stream: string, line: string, at: number) => void,
    /** Milliseconds by which its clock is ahead of the cloud's. */
    private readonly skewMilliseconds = 0,
  ) {
    const { clock } = context;
    const day = new Date(clock.now()).toISOString().slice(0, 10).replaceAll("-", "/");
    this.logStream = `${day}/[$LATEST]${crypto.randomUUID().replaceAll("-", "")}`;
    const settings: WorkerSettings = {
      // The whole SDK is in Lambda's runtime: what this package does without, a program that uses it has.
      sdkBeside: [__filename, path.join(definition.programDirectory ?? process.cwd(), "index.js")],
      compileCacheDirectory,
      callbacks: ["nodejs20.x", "nodejs22.x"].includes(definition.runtime),
      ...(clock.isWall ? {} : { now: clock.now() + skewMilliseconds }),
      ...(clock.isWall && skewMilliseconds !== 0 ? { skewMilliseconds } : {}),
    };
    this.child = fork(path.join(__dirname, "worker.js"), [JSON.stringify(settings)], {
      cwd: definition.taskRoot,
      env: this.variables(),
      execArgv: [`--max-old-space-size=${Math.floor(definition.memoryMegabytes * 0.9)}`, `--min-semi-space-size=${youngMegabytes}`],
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    for (const output of [this.child.stdout, this.child.stderr]) {
      output?.setEncoding("utf8").on("data", (text: string) => {
        for (const line of text.split("\n")) if (line) this.write(line, clock.now());
      });
    }
    this.child.on("message", (message: FromWorker) => this.heard(message));
    // Its last words can arrive after its end.
    const gone = new Promise((resolve) => this.child.once("exit", resolve));
    const silent = new Promise((resolve) => this.child.once("disconnect", resolve));
    const neverStarted = new Promise((resolve) => this.child.once("error", resolve));
    this.ended = Promise.race([Promise.all([gone, silent]), neverStarted]).then(() => this.died());
  }

  /** Runs one invocation; never rejects. */
  invoke(invocation: Invocation): Promise<Outcome> {
    const { clock } = this.context;
    const running: Running = {
      invocation,
      resolve: () => undefined,
      startedAt: clock.now(),
      realStart: performance.now(),
      tail: "",
      cancelTimer: () => undefined,
    };
    const outcome = new Promise<Outcome>((resolve) => (running.resolve = resolve));
    this.current = running;
    this.quiet.reset();
    this.write(`START RequestId: ${invocation.requestId} Version: $LATEST`, clock.now());
    const message: ToWorker = {
      kind: "invoke",
      requestId: invocation.requestId,
      functionArn: this.definition.arn,
      event: invocation.event,
      timeoutMilliseconds: this.definition.timeoutSeconds * 1000,
      now: clock.now() + this.skewMilliseconds,
      ...(invocation.clientContext === undefined ? {} : { clientContext: invocation.clientContext }),
    };
    this.send(message);
    if (!clock.isWall) this.stopTicks = clock.onTick((now) => this.send({ kind: "tick", now: now + this.skewMilliseconds }));
    if (this.initialized) this.startTimer(running);
    else this.startInitTimer(running);
    return outcome;
  }

  /** Asks the process whether it waits; the next question is asked when it has answered. */
  look(): void {
    if (this.asked || !this.initialized) return;
    this.asked = true;
    this.send({ kind: "look" });
  }

  /** What it runs at the moment. */
  get invocation(): Invocation | undefined {
    return this.current?.invocation;
  }

  /** Ends the process in the middle of what it does. */
  kill(): void {
    this.child.kill("SIGKILL");
  }

  /** Ends the process; resolves when it is gone. */
  async close(): Promise<void> {
    this.alive = false;
    if (this.child.connected) this.child.disconnect();
    const killer = setTimeout(() => this.child.kill("SIGKILL"), endMilliseconds);
    await this.ended;
    clearTimeout(killer);
  }

  private send(message: ToWorker): void {
    // A worker that has just ended is noticed by its exit.
    if (this.child.connected) this.child.send(message, () => undefined);
  }

  private heard(message: FromWorker): void {
    switch (message.kind) {
      case "initialized":
        this.initialized = true;
        this.initMilliseconds = performance.now() - this.forkedAt;
        if (!this.current) return;
        this.current.cancelTimer();
        this.current.startedAt = this.context.clock.now();
        this.current.realStart = performance.now();
        return this.startTimer(this.current);
      case "loop":
        this.asked = false;
        return this.quiet.report(message.times, performance.now());
      case "log":
        return this.write(message.line, message.at);
      case "succeeded":
        if (Buffer.byteLength(message.payload) <= responseLimitBytes) return this.finish(message.payload, false, message.residentBytes);
        return this.fail(
          {
            errorType: "Function.ResponseSizeTooLarge",
            errorMessage: `Response payload size exceeded maximum allowed payload size (${responseLimitBytes} bytes).`,
          },
          message.residentBytes,
        );
      case "failed":
        if (message.fatal) this.alive = false;
        return this.fail(message.failure, message.residentBytes);
    }
  }

  private startTimer(running: Running): void {
    const { clock } = this.context;
    const limit = this.definition.timeoutSeconds * 1000;
    const leastReal = Math.min(limit, leastRealMilliseconds);
    let wallTimer: NodeJS.Timeout | undefined;
    const clockTimer = clock.setTimeout(() => {
      const real = performance.now() - running.realStart;
      if (clock.speed === 1 || real >= leastReal) this.timedOut(this.definition.timeoutSeconds);
      else wallTimer = setTimeout(() => this.timedOut(this.definition.timeoutSeconds), leastReal - real);
    }, limit);
    running.cancelTimer = () => {
      clock.clearTimeout(clockTimer);
      clearTimeout(wallTimer);
    };
  }

  private startInitTimer(running: Running): void {
    const timer = setTimeout(() => this.timedOut(initLimitMilliseconds / 1000), initLimitMilliseconds);
    running.cancelTimer = () => clearTimeout(timer);
  }

  private timedOut(seconds: number): void {
    const { requestId } = this.current?.invocation ?? { requestId: "" };
    const words = `Task timed out after ${seconds.toFixed(2)} seconds`;
    const now = this.context.clock.now();
    this.alive = false;
    this.child.kill("SIGKILL");
    this.write(`${new Date(now).toISOString()} ${requestId} ${words}`, now);
    this.fail({ errorType: "Sandbox.Timedout", errorMessage: `RequestId: ${requestId} Error: ${words}` }, 0, "timeout");
  }

  private died(): void {
    this.alive = false;
    if (!this.current) return;
    const { requestId } = this.current.invocation;
    const { exitCode, signalCode } = this.child;
    const signal = signalCode?.replace("SIG", "").toLowerCase().replace("kill", "killed").replace("abrt", "aborted");
    const cause = signal
      ? `with error: signal: ${signal}`
      : exitCode
        ? `with error: exit status ${exitCode}`
        : "without providing a reason";
    const errorMessage = `RequestId: ${requestId} Error: Runtime exited ${cause}`;
    this.write(`${errorMessage}\nRuntime.ExitError`, this.context.clock.now());
    this.fail({ errorType: "Runtime.ExitError", errorMessage }, 0, "error");
  }

  private fail(failure: FunctionFailure, residentBytes: number, status = "error"): void {
    this.finish(JSON.stringify(failure), true, residentBytes, status);
  }

  private finish(payload: string, failed: boolean, residentBytes: number, status?: string): void {
    const running = this.current;
    // An error after the answer was given ends the process only.
    if (!running) return;
    const { requestId } = running.invocation;
    const now = this.context.clock.now();
    const duration = now - running.startedAt;
    running.cancelTimer();
    this.stopTicks();
    this.write(`END RequestId: ${requestId}`, now);
    this.write(this.report(requestId, duration, residentBytes, status), now);
    this.current = undefined;
    running.resolve({ payload, failed, durationMilliseconds: duration, logTail: running.tail });
  }

  private report(requestId: string, duration: number, residentBytes: number, status: string | undefined): string {
    const megabytes = Math.ceil(residentBytes / 1024 / 1024);
    const fields = [
      `REPORT RequestId: ${requestId}`,
      `Duration: ${duration.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(duration)} ms`,
      `Memory Size: ${this.definition.memoryMegabytes} MB`,
      `Max Memory Used: ${megabytes} MB`,
      ...(this.initMilliseconds === undefined ? [] : [`Init Duration: ${this.initMilliseconds.toFixed(2)} ms`]),
      ...(status === undefined ? [] : [`Status: ${status}`]),
    ];
    this.initMilliseconds = undefined;
    return `${fields.join("\t")}\t`;
  }

  private write(line: string, at: number): void {
    this.log(this.logStream, line, at);
    if (this.current) this.current.tail = `${this.current.tail}${line}\n`.slice(-tailBytes);
  }

  /** What Lambda sets; nothing of this machine's. https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html */
  private variables(): Record<string, string> {
    const { definition, context } = this;
    const { accessKeyId, secretAccessKey, sessionToken } = context.credentialsFor(definition.roleArn, definition.name);
    return {
      PATH: "/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin",
      LANG: "en_US.UTF-8",
      TZ: ":UTC",
      ...definition.variables,
      LAMBDA_TASK_ROOT: definition.taskRoot,
      LAMBDA_RUNTIME_DIR: "/var/runtime",
      _HANDLER: definition.handler,
      AWS_REGION: context.region,
      AWS_DEFAULT_REGION: context.region,
      AWS_ENDPOINT_URL: context.endpointUrl,
      AWS_EXECUTION_ENV: `AWS_Lambda_${definition.runtime}`,
      AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
      AWS_LAMBDA_FUNCTION_NAME: definition.name,
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(definition.memoryMegabytes),
      AWS_LAMBDA_LOG_GROUP_NAME: definition.logGroup,
      AWS_LAMBDA_LOG_STREAM_NAME: this.logStream,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      ...(sessionToken === undefined ? {} : { AWS_SESSION_TOKEN: sessionToken }),
    };
  }
}

interface Running {
  invocation: Invocation;
  resolve: (outcome: Outcome) => void;
  startedAt: number;
  realStart: number;
  tail: string;
  cancelTimer: () => void;
}
