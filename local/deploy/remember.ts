import { readFileSync } from "node:fs";
import Module from "node:module";
import path from "node:path";
import type * as Pulumi from "@pulumi/pulumi";

type Runtime = typeof Pulumi.runtime;

/**
 * Has Pulumi's runtime list the packages of node_modules once per process for the same options. Left to itself it walks the
 * whole folder for every function that a program makes, which is half of a deployment's processor time.
 */
export function rememberCodePaths(runtime: Pick<Runtime, "computeCodePaths">): void {
  const compute = runtime.computeCodePaths as (options?: Pulumi.runtime.CodePathOptions) => ReturnType<Runtime["computeCodePaths"]>;
  const remembered = new Map<string, ReturnType<Runtime["computeCodePaths"]>>();
  const remember = async (options: Pulumi.runtime.CodePathOptions = {}) => {
    const { logResource: _, ...asked } = options;
    // Packages are looked for from the working directory on.
    const key = JSON.stringify([process.cwd(), asked]);
    const found = remembered.get(key) ?? compute(options);
    remembered.set(key, found);
    return new Map(await found);
  };
  runtime.computeCodePaths = remember as Runtime["computeCodePaths"];
}

/**
 * Spares Pulumi's promises the stack that each keeps in case that somebody looks for leaks: collecting and mapping them takes a sixth of
 * a deployment's processor time. Leaks are found as before; PULUMI_DEBUG_PROMISE_LEAKS asks for the stacks.
 *
 * @param debuggable Pulumi's module `runtime/debuggable`
 */
export function leavePromisesWithoutStack(debuggable: {
  debuggablePromise?: (promise: Promise<unknown>, context?: unknown) => unknown;
}): void {
  const { debuggablePromise } = debuggable;
  if (debuggablePromise === undefined || process.env["PULUMI_DEBUG_PROMISE_LEAKS"] !== undefined) return;
  debuggable.debuggablePromise = (promise, context) => {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    try {
      return debuggablePromise(promise, context);
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
    }
  };
}

/** The part of Node's loader that libraries such as require-in-the-middle replace. */
type Loader = Record<"_load", (this: void, request: string, parent?: NodeModule, ...others: unknown[]) => unknown>;

const nodesLoader = Module as unknown as Loader;

/** Reads like what `load` returns, which is called at the first reading. */
function lazily(load: () => object, own: Record<string, unknown> = {}): unknown {
  let loaded: object | undefined;
  const whole = () => (loaded ??= load());
  return new Proxy(
    Object.assign(() => undefined, own),
    {
      get: (_, key) => (Object.hasOwn(own, key) ? own[key as string] : (whole() as Record<string | symbol, unknown>)[key]),
      apply: (_, self, args) => Reflect.apply(whole() as (...args: unknown[]) => unknown, self, args),
    },
  );
}

/**
 * Loads at its first use instead of when it is required what Pulumi requires for a program's functions alone. `@npmcli/arborist` and
 * `normalize-package-data` are a third of its own loading time, for the list of installed packages that `aws.lambda.CallbackFunction`
 * asks for; the compiler is as much again, for the text of functions.
 */
export function loadPackagesAtFirstUse(loader: Loader = nodesLoader): void {
  const load = loader._load;
  loader._load = (request, parent, ...others) => {
    const loadIt = () => load(request, parent, ...others) as object;
    const by = parent?.filename ?? "";
    // Others, npm among them, get what they require.
    if (by.endsWith(pulumis("runtime/closure/codePaths.js"))) {
      if (request === "@npmcli/arborist") return lazily(loadIt, { __esModule: true });
      if (request === "normalize-package-data") return lazily(loadIt, { __esModule: false });
    }
    // A program may have no compiler, or one of its own: Pulumi's module takes the first, or brings another.
    if (request === "./typescript-shim" || request === "../../typescript-shim") return by.includes(pulumis("")) ? lazily(loadIt) : loadIt();
    return loadIt();
  };
}

const pulumis = (file: string) => path.join("/@pulumi/pulumi", file);

/** Packages whose index is a list of namespaces, and which of them nothing but a program itself uses. */
const indexes = [
  { file: path.join("/@pulumi/aws", "index.js"), isLazy: () => true },
  { file: pulumis("index.js"), isLazy: (name: string) => name === "automation" },
];

/**
 * Loads a namespace of `@pulumi/aws`, and `pulumi.automation`, when a program first reads it: of two hundred it uses ten. What it reads is
 * the module itself, which a function may capture.
 */
export function loadNamespacesAtFirstUse(loader: Loader = nodesLoader): void {
  const load = loader._load;
  const namespaces = new Map<string, ReadonlySet<string>>();
  const namespacesOf = (file: string) => {
    const found = namespaces.get(file) ?? listNamespaces(file);
    namespaces.set(file, found);
    return found;
  };
  loader._load = (request, parent, ...others) => {
    // What runs by `node -e` has no file.
    const by = parent?.filename ?? "";
    const index = parent?.loaded === false && indexes.find(({ file }) => by.endsWith(file));
    const name = request.slice("./".length);
    if (!index || !index.isLazy(name) || !namespacesOf(by).has(name)) return load(request, parent, ...others);
    const exported = parent.exports as Record<string, unknown>;
    Object.defineProperty(exported, name, {
      configurable: true,
      enumerable: true,
      get: () => {
        const value = load(request, parent, ...others);
        Object.defineProperty(exported, name, { configurable: true, enumerable: true, writable: true, value });
        return value;
      },
      // What stands in for it, from the index.
      set: () => undefined,
    });
    return { __esModule: true };
  };
}

/** The modules that an index exports whole, as the TypeScript compiler writes it. */
function listNamespaces(file: string): Set<string> {
  const lines = readFileSync(file, "utf8").matchAll(/^const (\w+) = __importStar\(require\("\.\/\1"\)\);\r?\nexports\.\1 = \1;/gm);
  return new Set([...lines].map(([, name]) => name as string));
}
