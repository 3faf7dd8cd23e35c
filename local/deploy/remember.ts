import Module from "node:module";
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
type Loader = Record<"_load", (this: void, request: string, ...others: unknown[]) => unknown>;

/**
 * Loads a package at its first use instead of when it is required. Pulumi requires `@npmcli/arborist`, a third of its own loading time, for
 * the list of installed packages that `aws.lambda.CallbackFunction` alone asks for.
 *
 * @param name a package that is required for its named exports
 */
export function loadAtFirstUse(name: string, loader: Loader = Module as unknown as Loader): void {
  const load = loader._load;
  loader._load = (request, ...others) => {
    if (request !== name) return load(request, ...others);
    const exported = (key: string | symbol) => (load(request, ...others) as Record<string | symbol, unknown>)[key];
    return new Proxy({ __esModule: true }, { get: (own, key) => (key in own ? true : exported(key)) });
  };
}
