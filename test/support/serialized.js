import { builtinModules, createRequire } from "node:module";
import * as pulumi from "@pulumi/pulumi";
/**
 * What Pulumi makes of a factory: the text of the module that Lambda runs.
 *
 * @param serialize `serializeAnew` for a test that serializes a function twice and compares. @default once per function
 */
export async function serialized(factory, serialize = pulumi.runtime.serializeFunction) {
    const { text } = await serialize(factory, { isFactoryFunction: true });
    return text;
}
/** Every name that a serialized function asks `require` for, sorted. */
export function requiredModules(text) {
    const names = Array.from(text.matchAll(/require\(([^)]*)\)/g), ([, argument]) => argument.replace(/^["']|["']$/g, ""));
    return [...new Set(names)].sort();
}
/** Whether Lambda's Node runtime has a module: the SDK's clients and libraries, and what is built into Node. */
export function isInLambda(name) {
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
export async function deployed(factory, options = {}) {
    const text = await serialized(factory);
    const real = createRequire(__filename);
    const load = (name) => {
        if (!isInLambda(name))
            throw new Error(`Cannot find module '${name}': Lambda doesn't have it`);
        return options.modules?.[name] ?? real(name);
    };
    const module = { exports: {} };
    const globals = {
        process: { ...process, env: { ...options.environment, SETTINGS: JSON.stringify(options.settings) } },
        console: options.log ? { ...console, log: (line) => options.log?.push(line) } : console,
        setTimeout: (callback, milliseconds) => setTimeout(callback, milliseconds / (options.speed ?? 1)),
    };
    // eslint-disable-next-line @typescript-eslint/no-implied-eval -- what is evaluated is what Pulumi uploads
    const run = new Function("exports", "require", "module", ...Object.keys(globals), text);
    run(module.exports, load, module, ...Object.values(globals));
    return module.exports.handler;
}
