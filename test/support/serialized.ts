import { builtinModules, createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";

/**
 * What Pulumi makes of a factory: the text of the module that Lambda runs.
 *
 * @param serialize `serializeAnew` for a test that serializes a function twice and compares. @default once per function
 */
export async function serialized(factory: () => unknown, serialize = pulumi.runtime.serializeFunction): Promise<string> {
  const { text } = await serialize(factory, { isFactoryFunction: true });
  return text;
}

/** Every name that a serialized function asks `require` for, sorted. */
export function requiredModules(text: string): string[] {
  const names = Array.from(text.matchAll(/require\(([^)]*)\)/g), ([, argument]) => (argument as string).replace(/^["']|["']$/g, ""));
  return [...new Set(names)].sort();
}

/** Whether Lambda's Node runtime has a module: the SDK's clients and libraries, and what is built into Node. */
export function isInLambda(name: string): boolean {
  return /^@(aws-sdk|smithy)\/[^/]+$/.test(name) || builtinModules.includes(name.replace(/^node:/, ""));
}

/**
 * Evaluates a factory in the form that Lambda gets: serialized by Pulumi, with an environment of its own, and with
 * only the modules that the Lambda runtime has.
 *
 * The SDK itself reads the test's `process.env`: endpoints and credentials go there.
 *
 * @param options.settings in the environment as the function reads them
 * @param options.modules doubles by name, for modules that Lambda has
 * @param options.log collects what the function logs. @default the console
 * @param options.speed how much shorter the function's own pauses are. @default 1
 */
export async function deployed<Handler>(
  factory: () => Handler,
  options: { settings?: object; environment?: object; modules?: Readonly<Record<string, unknown>>; log?: string[]; speed?: number } = {},
): Promise<Handler> {
  const text = await serialized(factory);
  const real = createRequire(__filename);
  const load = (name: string): unknown => {
    if (!isInLambda(name)) throw new Error(`Cannot find module '${name}': Lambda doesn't have it`);
    return options.modules?.[name] ?? real(name);
  };
  const module = { exports: {} as { handler: Handler } };
  const globals = {
    process: { ...process, env: { ...options.environment, SETTINGS: JSON.stringify(options.settings) } },
    console: options.log ? { ...console, log: (line: string) => options.log?.push(line) } : console,
    setTimeout: (callback: () => void, milliseconds: number) => setTimeout(callback, milliseconds / (options.speed ?? 1)),
  };
  // oxlint-disable-next-line typescript/no-implied-eval -- what is evaluated is what Pulumi uploads
  const run = new Function("exports", "require", "module", ...Object.keys(globals), text) as (...given: unknown[]) => void;
  run(module.exports, load, module, ...Object.values(globals));
  return module.exports.handler;
}
