import { mocks } from "./mocks";
import { runProgram } from "./runProgram";
import { pulumiRuntime } from "./pulumi";
/**
 * Runs a program against {@link mocks} and returns every resource that it registered, in that order.
 *
 * @param program makes the resources; a program that is a module loads it: `() => require("../index")`
 * @throws what the program throws, and what one of its Outputs or closures is rejected with
 * @example
 * ```ts
 * const resources = await resourcesOf(() => new AsyncInference("ocr", { image: "ocr:1" }));
 * const [table] = resources.filter(({ type }) => type === "aws:dynamodb/table:Table");
 * ```
 */
export async function resourcesOf(program, options = {}) {
    const resources = [];
    const answers = mocks(options);
    await runProgram(async () => {
        // What it returns would be outputs of the stack: an arrow function returns more than that.
        await program();
        return {};
    }, {
        ...answers,
        newResource: (resource) => {
            const { type, name, custom } = resource;
            const inputs = resource.inputs;
            const secretInputs = Object.keys(inputs).filter((input) => hasSecret(inputs[input]));
            if (type !== "pulumi:pulumi:Stack") {
                resources.push({ type, name, inputs: plain(inputs), secretInputs, isComponent: custom !== true });
            }
            return answers.newResource(resource);
        },
    }, options);
    return resources;
}
function isPlainObject(value) {
    return typeof value === "object" && value !== null && [Object.prototype, null].includes(Object.getPrototypeOf(value));
}
function hasSecret(value) {
    if (pulumiRuntime().isRpcSecret(value))
        return true;
    return (Array.isArray(value) || isPlainObject(value)) && Object.values(value).some(hasSecret);
}
function plain(value) {
    const { isRpcSecret, unwrapRpcSecret } = pulumiRuntime();
    if (isRpcSecret(value))
        return plain(unwrapRpcSecret(value));
    if (Array.isArray(value))
        return value.map(plain);
    if (!isPlainObject(value))
        return value;
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
