import * as pulumi from "@pulumi/pulumi";
import { answerOf, awsState } from "../testing/awsDouble";
import { runProgram } from "../testing/runProgram";
/**
 * Runs `program` against Pulumi's mocks and returns everything that it did.
 *
 * @param registered collects type and name of each registration, in order, also when the program throws
 */
export async function deploy(program, options = {}, registered = []) {
    const { project = "sagemaker-async-inference", stack = "test", config = {}, secrets = [], creation } = options;
    const resources = [];
    const components = [];
    const messages = [];
    const seen = new Map();
    const registeredOutputs = new Map();
    const restoreLog = captureLog(messages);
    const restoreOutputs = captureOutputs(registeredOutputs);
    let outputs;
    try {
        outputs = await runProgram(program, {
            newResource: async ({ type, name, inputs, custom }) => {
                registered.push(`${type} ${name}`);
                const resource = { type, name, inputs: withSecretsMarked(inputs) };
                if (!custom)
                    components.push(`${type} ${name}`);
                else
                    resources.push(resource);
                await creation?.(resource);
                return awsState(type, name, inputs);
            },
            call: ({ token, inputs }) => answerOf(token, inputs),
        }, { project, stack, config, secrets }, () => {
            pulumi.runtime.registerStackTransformation(({ type, name, opts }) => {
                seen.set(`${type} ${name}`, opts);
                return undefined;
            });
        });
    }
    finally {
        restoreLog();
        restoreOutputs();
    }
    const order = (a, b) => `${a.type} ${a.name}`.localeCompare(`${b.type} ${b.name}`);
    return {
        resources: resources.sort(order),
        components: components.sort(),
        registeredOutputs,
        options: seen,
        messages,
        outputs,
    };
}
/** Secrets arrive wrapped: `{ secret: value }` here. */
function withSecretsMarked(value) {
    if (pulumi.runtime.isRpcSecret(value))
        return { secret: withSecretsMarked(pulumi.runtime.unwrapRpcSecret(value)) };
    if (Array.isArray(value))
        return value.map(withSecretsMarked);
    if (typeof value !== "object" || value === null || pulumi.asset.Archive.isInstance(value))
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, withSecretsMarked(item)]));
}
/** The engine's log, which mocks don't have: pulumi.log prints to the console instead. */
function captureLog(messages) {
    const { log, info, warn, error } = console;
    const capture = (...parts) => void messages.push(parts.map(String).join(" ").replace(" [runtime]", ""));
    Object.assign(console, { log: capture, info: capture, warn: capture, error: capture });
    return () => Object.assign(console, { log, info, warn, error });
}
/** What components register, which mocks drop. */
function captureOutputs(registered) {
    const prototype = pulumi.ComponentResource.prototype;
    const { registerOutputs } = prototype;
    prototype.registerOutputs = function (outputs = {}) {
        const key = `${this.__pulumiType} ${this.__name}`;
        // The base class calls it once more, for components that did not.
        if (!registered.has(key))
            registered.set(key, Object.keys(outputs));
        registerOutputs.call(this, outputs);
    };
    return () => void (prototype.registerOutputs = registerOutputs);
}
