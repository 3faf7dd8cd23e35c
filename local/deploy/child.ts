/** The process that runs one Pulumi program: forked by deploy.ts, it ends when the program has nothing left to do. */
import "../compileCache";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire, flushCompileCache } from "node:module";
import path from "node:path";
import { pathToFileURL } from "node:url";
import type * as Pulumi from "@pulumi/pulumi";
import { leavePromisesWithoutStack, loadNamespacesAtFirstUse, loadPackagesAtFirstUse, rememberCodePaths } from "./remember";
import { notInstalled } from "./notInstalled";
import type { Answer, FromChild, RunOrder, Severity, ToChild } from "./messages";
import { createMonitor } from "./monitor";

type PulumiModule = typeof Pulumi;
/** A request without what the transport adds. */
type Request =
  Extract<FromChild, { request: number }> extends infer Message ? (Message extends unknown ? Omit<Message, "request"> : never) : never;

loadPackagesAtFirstUse();
loadNamespacesAtFirstUse();

const pending = new Map<number, (answer: Answer) => void>();
let requests = 0;
let ended = false;

process.on("message", (message: ToChild) => {
  if (message.kind === "prepare") return prepare(message.directory);
  if (message.kind === "run") {
    // From here on only open requests keep the process alive, so that `beforeExit` tells when the program is done.
    process.channel?.unref();
    void run(message);
    return;
  }
  pending.get(message.request)?.(message);
  pending.delete(message.request);
  if (pending.size === 0) process.channel?.unref();
});
// Without its cloud a program has nobody to deploy to.
process.on("disconnect", () => process.exit(ended ? undefined : 1));

function ask(request: Request): Promise<Answer> {
  process.channel?.ref();
  return new Promise((resolve) => {
    pending.set(++requests, resolve);
    process.send?.({ ...request, request: requests });
  });
}

function tell(message: FromChild): void {
  process.send?.(message);
}

/** Says the last word and ends; what the program still does or throws is of no interest any more. */
function end(message: FromChild, exitCode: number): void {
  if (ended) return;
  ended = true;
  // Killed as soon as the last word is heard, this process would not get to it at its end.
  flushCompileCache();
  process.send?.(message, () => process.exit(exitCode));
}

async function run(order: RunOrder): Promise<void> {
  const fail = (error: unknown) => end({ kind: "failed", text: notInstalled(error, order.directory) ?? describe(error, pulumi) }, 1);
  let pulumi: PulumiModule | undefined;
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  try {
    process.chdir(order.directory);
    const load = createRequire(path.join(order.directory, "index.js"));
    pulumi = loadPulumi(load, order.directory);
    let finished: Extract<FromChild, { kind: "outputs" }> | undefined;
    const monitor = createMonitor(order, {
      create: (request) => ask({ kind: "create", ...request }),
      call: (request) => ask({ kind: "call", ...request }),
      component: (component) => tell({ kind: "component", ...component }),
      outputs: (outputs) => (finished = { kind: "outputs", ...outputs }),
      refuse: (reason) => end({ kind: "failed", text: reason }, 1),
    });
    const settings = load("@pulumi/pulumi/runtime/settings") as typeof import("@pulumi/pulumi/runtime/settings");
    settings.setMockOptions(monitor, order.project, order.stack, false, order.organization);
    pulumi.runtime.setAllConfig({ ...order.config }, [...order.secretKeys]);
    const log = captureLog(load);
    rememberCodePaths(pulumi.runtime);
    leavePromisesWithoutStack(load("@pulumi/pulumi/runtime/debuggable") as Parameters<typeof leavePromisesWithoutStack>[0]);

    let requestsBefore: number | undefined;
    process.on("beforeExit", () => {
      // Programs make resources at this event too, as Pulumi does for a bucket's listeners: it comes again until nothing was asked since.
      if (requestsBefore !== requests) {
        requestsBefore = requests;
        return void setImmediate(() => undefined);
      }
      const unsettled = unregistered(load);
      if (log.errors.length > 0) fail(runError(log.errors.join("\n")));
      else if (unsettled !== undefined) fail(runError(unsettled));
      else if (finished === undefined)
        fail(runError("the program ended before its outputs were known: a promise that it waits for never settles"));
      else end(finished, 0);
    });
    await pulumi.runtime.runInPulumiStack(() => runMain(order.main, load));
  } catch (error) {
    fail(error);
  }
}

/** Loads what takes a second of each deployment. What is missing, the deployment reports. */
function prepare(directory: string): void {
  const load = createRequire(path.join(directory, "index.js"));
  const own = createRequire(__filename);
  const loads = [
    () => load("@pulumi/pulumi") as unknown,
    () => load("@pulumi/aws") as unknown,
    () => own("ts-node") as unknown,
    () => own(compilerOf(load) ?? "typescript") as unknown,
  ];
  for (const attempt of loads) {
    try {
      attempt();
    } catch {
      continue;
    }
  }
}

function loadPulumi(load: NodeJS.Require, directory: string): PulumiModule {
  try {
    return load("@pulumi/pulumi") as PulumiModule;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw runError(`the program in ${directory} has no @pulumi/pulumi: run npm install there`);
  }
}

async function runMain(main: string, load: NodeJS.Require): Promise<unknown> {
  const entry = entryFile(main);
  if (isModule(entry)) {
    const exported = (await import(pathToFileURL(entry).href)) as Record<string, unknown>;
    return callIfFunction("default" in exported ? exported["default"] : exported);
  }
  if (/\.c?ts$/.test(entry)) registerTypeScript(load, path.dirname(entry));
  return callIfFunction(load(entry));
}

/** A program may export an async function that makes the resources. */
function callIfFunction(exported: unknown): unknown {
  return typeof exported === "function" ? (exported as () => unknown)() : exported;
}

function entryFile(main: string): string {
  if (!existsSync(main)) throw runError(`the program's entry ${main} does not exist: main in Pulumi.yaml names it`);
  if (!statSync(main).isDirectory()) return main;
  const declared = (manifest(main)?.["main"] as string | undefined) ?? "index.js";
  const found = [declared, "index.js", "index.mjs", "index.ts", "index.mts"].map((name) => path.join(main, name)).find(existsSync);
  if (found === undefined) throw runError(`the program in ${main} has no index.ts and no index.js: main in Pulumi.yaml names its entry`);
  return found;
}

function isModule(entry: string): boolean {
  if (/\.m[jt]s$/.test(entry)) return true;
  if (/\.c[jt]s$/.test(entry)) return false;
  for (let folder = path.dirname(entry); ; folder = path.dirname(folder)) {
    const found = manifest(folder);
    if (found !== undefined) return found["type"] === "module";
    if (folder === path.dirname(folder)) return false;
  }
}

function manifest(folder: string): Record<string, unknown> | undefined {
  const file = path.join(folder, "package.json");
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>) : undefined;
}

/** Types are the editor's and the build's business; a deployment only strips them. */
function registerTypeScript(load: NodeJS.Require, folder: string): void {
  const own = createRequire(__filename);
  const tsNode = own("ts-node") as typeof import("ts-node");
  const compiler = compilerOf(load) ?? own.resolve("typescript");
  const options = { transpileOnly: true, cwd: folder, compiler };
  const configured = [folder, process.cwd()].some((place) => existsSync(path.join(place, "tsconfig.json")));
  if (configured) return void tsNode.register(options);
  // As Pulumi does it. Left to itself ts-node takes options that go with the version of Node, which TypeScript may refuse.
  const [major = 0, minor = 0] = (own(compiler) as { version: string }).version.split(".").map(Number);
  const [module, moduleResolution] = major > 4 || (major === 4 && minor >= 7) ? ["nodenext", "nodenext"] : ["commonjs", "node"];
  const compilerOptions = { target: "ES2020", module, moduleResolution, sourceMap: true };
  tsNode.register({ ...options, skipProject: true, compilerOptions });
}

/**
 * The compiler that Pulumi takes for a program: its own, else the old one that Pulumi brings along. Another refuses what that takes,
 * such as the options of the templates of then, and takes what that refuses.
 */
function compilerOf(load: NodeJS.Require): string | undefined {
  try {
    const tools = load.resolve("@pulumi/pulumi/tsutils");
    const { typescriptRequire } = (load(tools) as { typeScriptRequireStrings(): { typescriptRequire: string } }).typeScriptRequireStrings();
    return createRequire(tools).resolve(typescriptRequire);
  } catch {
    // Versions of Pulumi without it.
    return resolved(load, "typescript");
  }
}

function resolved(load: NodeJS.Require, name: string): string | undefined {
  try {
    return load.resolve(name);
  } catch {
    return undefined;
  }
}

/** Replaces the functions of `pulumi.log`, which without an engine print to the console. */
function captureLog(load: NodeJS.Require): { errors: string[] } {
  const log = load("@pulumi/pulumi/log") as Record<"debug" | "info" | "warn" | "error", PulumiModule["log"]["info"]>;
  const errors: string[] = [];
  const capture =
    (severity: Severity): PulumiModule["log"]["info"] =>
    async (text, resource) => {
      const urn = resource ? await (resource.urn as unknown as { promise(): Promise<string> }).promise() : "";
      const subject = urn === "" ? "" : `${urn.split("::").at(-1)}: `;
      if (severity === "error") errors.push(subject + text);
      else tell({ kind: "message", severity, text: subject + text });
    };
  // Debug messages of Pulumi's own runtime: several a resource.
  log.debug = () => Promise.resolve();
  log.info = capture("info");
  log.warn = capture("warning");
  log.error = capture("error");
  return { errors };
}

/** Names the first resource whose inputs never resolved: without a word it would just not exist. */
function unregistered(load: NodeJS.Require): string | undefined {
  const state = load("@pulumi/pulumi/runtime/state") as {
    getPendingResourceRegistrations?: () => Map<unknown, { type?: string; name?: string; inputProperty?: string }>;
  };
  const [first] = state.getPendingResourceRegistrations?.().values() ?? [];
  if (first === undefined) return undefined;
  const input = first.inputProperty === undefined ? "what it depends on" : `its input ${first.inputProperty}`;
  return `${first.type} "${first.name}": ${input} never resolves`;
}

/** An error whose text is for the user as it stands. */
function runError(message: string): Error {
  return Object.assign(new Error(message), { __pulumiRunError: true });
}

function describe(error: unknown, pulumi: PulumiModule | undefined): string {
  if (!(error instanceof Error)) return `the program threw ${String(error)}`;
  if ("__pulumiRunError" in error) return error.message;
  if (pulumi?.ResourceError.isInstance(error) && error.hideStack) return error.message;
  if (pulumi?.InputPropertiesError.isInstance(error)) {
    return [error.message, ...error.errors.map(({ propertyPath, reason }) => `  ${propertyPath}: ${reason}`)].join("\n");
  }
  // The compiler's words name the place; the frames are ts-node's own.
  if (error.name === "TSError") return error.message;
  const frames = (error.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  // A syntax error's place is above its message, in the first lines of the stack.
  if (error instanceof SyntaxError) return error.stack ?? error.message;
  return [`${error.name}: ${error.message}`, ...frames].join("\n");
}
