import * as fs from "node:fs";
import { createRequire, enableCompileCache, flushCompileCache } from "node:module";
import os = require("node:os");
import * as path from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import * as util from "node:util";
import { dateOf } from "../date";
import type { FromWorker, FunctionFailure, ToWorker, WorkerSettings } from "./protocol";
import { limitModules } from "./workerModules";

/*
 * The Lambda runtime of one execution environment: loads the function's code, runs one invocation at a time and
 * ends with its parent. Forked by Environment, which tells what to do over IPC.
 */

type Handler = (event: unknown, context: object, callback?: (error: Error | null | undefined, result?: unknown) => void) => unknown;

const settings = JSON.parse(process.argv[2] ?? "{}") as WorkerSettings;
const { LAMBDA_TASK_ROOT: taskRoot = "", _HANDLER: handlerName = "" } = process.env;
const toParent = process.send?.bind(process);
const send = (message: FromWorker, then?: () => void) => toParent?.(message, undefined, undefined, () => then?.());
let requestId: string | undefined;
let fatalFailure: FunctionFailure | undefined;

// What would tell the function of the machine it really runs on.
process.argv.splice(2);
delete process.env["NODE_V8_COVERAGE"];
delete process.send;
os.homedir = () => "/home/sbx_user1051";

process.on("disconnect", () => process.exit(0));
// Ctrl-C reaches every process of the terminal; the parent decides when this one ends.
process.on("SIGINT", () => undefined);
process.on("uncaughtException", (error) => fail(describe(error), true, "Uncaught Exception"));
process.on("unhandledRejection", (reason) => {
  const { errorMessage, errorType, trace } = describe(reason);
  fail(
    { errorType: "Runtime.UnhandledPromiseRejection", errorMessage: `${errorType}: ${errorMessage}`, trace: trace ?? [] },
    true,
    "Unhandled Promise Rejection",
  );
});

captureOutput();
enableCompileCache(settings.compileCacheDirectory);
const moveClock = startClock(settings);
const loaded = moveClock.then(loadHandler).then(
  (handler) => ({ handler }),
  (error: unknown) => ({ failure: describe(error) }),
);
void loaded.then(() => send({ kind: "initialized" }));

process.on("message", (message: ToWorker) => {
  switch (message.kind) {
    case "tick":
      return void moveClock.then((move) => move(message.now));
    case "look": {
      const { active, idle } = performance.eventLoopUtilization();
      return send({ kind: "loop", times: { active, idle } });
    }
    case "invoke":
      return void invoke(message);
  }
});

/** The wall's clock needs nothing, so it loads nothing. */
async function startClock({ now, skewMilliseconds }: WorkerSettings): Promise<(to: number) => Promise<void>> {
  if (now === undefined) {
    const wall = Date.now;
    if (skewMilliseconds !== undefined) globalThis.Date = dateOf(() => wall() + skewMilliseconds);
    return async () => undefined;
  }
  const { installClock } = await import("./workerClock.js");
  return installClock(now);
}

async function invoke(invocation: Extract<ToWorker, { kind: "invoke" }>): Promise<void> {
  const code = await loaded;
  await (
    await moveClock
  )(invocation.now);
  requestId = invocation.requestId;
  if ("failure" in code) return fail(code.failure, true, "Uncaught Exception");
  const deadline = Date.now() + invocation.timeoutMilliseconds;
  const context = {
    callbackWaitsForEmptyEventLoop: true,
    functionVersion: process.env["AWS_LAMBDA_FUNCTION_VERSION"],
    functionName: process.env["AWS_LAMBDA_FUNCTION_NAME"],
    memoryLimitInMB: process.env["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"],
    logGroupName: process.env["AWS_LAMBDA_LOG_GROUP_NAME"],
    logStreamName: process.env["AWS_LAMBDA_LOG_STREAM_NAME"],
    clientContext: invocation.clientContext,
    invokedFunctionArn: invocation.functionArn,
    awsRequestId: invocation.requestId,
    getRemainingTimeInMillis: () => deadline - Date.now(),
  };
  try {
    const result = await call(code.handler, JSON.parse(invocation.event), context);
    succeed(result);
  } catch (error) {
    fail(describe(error), false, "Invoke Error");
  }
}

function call(handler: Handler, event: unknown, context: object): unknown {
  if (handler.length < 3) return handler(event, context);
  return new Promise((resolve, reject) => {
    const returned = handler(event, context, (error, result) => (error ? reject(error) : resolve(result)));
    if (util.types.isPromise(returned)) returned.then(resolve, reject);
  });
}

let cacheKept = false;

function succeed(result: unknown): void {
  if (fatalFailure) return;
  const payload = JSON.stringify(result === undefined ? null : result) ?? "null";
  requestId = undefined;
  flushOutput();
  send({ kind: "succeeded", payload, residentBytes: process.memoryUsage.rss() });
  if (!cacheKept) {
    cacheKept = true;
    setImmediate(() => flushCompileCache());
  }
}

function fail(failure: FunctionFailure, fatal: boolean, what: string): void {
  if (fatalFailure) return;
  if (fatal) fatalFailure = failure;
  const { trace, ...rest } = failure;
  write("ERROR", `${what} \t${JSON.stringify({ ...rest, stack: trace ?? [] })}`);
  flushOutput();
  requestId = undefined;
  send({ kind: "failed", failure, fatal, residentBytes: process.memoryUsage.rss() }, () => {
    if (fatal) process.exit(1);
  });
}

function describe(error: unknown): FunctionFailure {
  return util.types.isNativeError(error)
    ? { errorType: error.name, errorMessage: error.message, trace: (error.stack ?? "").split("\n") }
    : { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** As the Lambda runtime finds and loads it; its own kinds of errors. */
async function loadHandler(): Promise<Handler> {
  limitModules(taskRoot, settings.sdkBeside);
  const [, file, exported] = /^(.*?)\.([^./]+)$/.exec(handlerName) ?? [];
  if (!file || !exported) throw runtimeError("MalformedHandlerName", `Bad handler ${handlerName}`);
  const base = path.join(taskRoot, file);
  let exports: Record<string, unknown>;
  try {
    exports = fs.existsSync(`${base}.mjs`)
      ? ((await import(pathToFileURL(`${base}.mjs`).href)) as Record<string, unknown>)
      : (createRequire("/var/runtime/index.mjs")(base) as Record<string, unknown>);
  } catch (error) {
    if (error instanceof SyntaxError) throw runtimeError("UserCodeSyntaxError", String(error), error);
    const code = (error as { code?: unknown } | undefined)?.code;
    if (code === "MODULE_NOT_FOUND" || code === "ERR_MODULE_NOT_FOUND") {
      // Lambda's runtime looks for the file by its name alone.
      throw runtimeError("ImportModuleError", String(error).replace(`'${base}'`, `'${path.basename(base)}'`), error);
    }
    throw error;
  }
  const handler = exports[exported];
  if (typeof handler !== "function") {
    throw runtimeError("HandlerNotFound", `${handlerName} is undefined or not exported`);
  }
  if (handler.length > 2 && !settings.callbacks) {
    throw runtimeError(
      "CallbackHandlerDeprecated",
      "ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. " +
        "You need to modify this function to use a supported handler signature to use Node.js 24 or later. " +
        "For more information see https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.",
    );
  }
  return handler as Handler;
}

function runtimeError(kind: string, message: string, cause?: unknown): Error {
  const error = new Error(message);
  error.name = `Runtime.${kind}`;
  error.stack = `${error.name}: ${message}\n${((cause ?? error) as Error).stack?.replace(/^[^]*?\n(?= {4}at )/, "") ?? ""}`;
  return error;
}

function write(level: string, text: string): void {
  const at = Date.now();
  const line = `${new Date(at).toISOString()}\t${requestId ?? "undefined"}\t${level}\t${text}`;
  send({ kind: "log", line: line.replaceAll("\n", "\r"), at });
}

let unfinished = "";

function flushOutput(): void {
  if (unfinished) send({ kind: "log", line: unfinished, at: Date.now() });
  unfinished = "";
}

/** Console calls become one log event each, in Lambda's text format; raw output one event a line. */
function captureOutput(): void {
  const levels = { debug: "DEBUG", error: "ERROR", info: "INFO", log: "INFO", trace: "TRACE", warn: "WARN" } as const;
  for (const [method, level] of Object.entries(levels)) {
    console[method as keyof typeof levels] = (...values: unknown[]) => write(level, util.format(...values));
  }
  const raw = (chunk: string | Uint8Array, ...rest: unknown[]) => {
    const lines = (unfinished + (typeof chunk === "string" ? chunk : Buffer.from(chunk).toString())).split("\n");
    unfinished = lines.pop() ?? "";
    for (const line of lines) send({ kind: "log", line, at: Date.now() });
    const done = rest.at(-1);
    if (typeof done === "function") process.nextTick(done);
    return true;
  };
  process.stdout.write = raw;
  process.stderr.write = raw;
}
