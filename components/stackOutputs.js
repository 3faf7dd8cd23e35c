import * as pulumi from "@pulumi/pulumi";
import { outputNames, outputsProblem } from "../outputs";
/**
 * The outputs of a service that another stack deployed, typed: as one, and each field by itself.
 *
 * A field is secret when the other stack made it one, whatever else is secret there.
 *
 * Everything that takes a service's outputs fails with one sentence that names what is missing when the other stack
 * is older than this package, newer in a way that breaks the contract, empty, or something else.
 *
 * @param reference the other stack
 * @param output name of the one output that holds them all, for a program that exports `{ ocr: service.outputs }`.
 * @default each is a stack output of its own, as `export = service.outputs` makes them
 * @example
 * ```ts
 * const outputs = asyncInferenceOutputs(new pulumi.StackReference("org/sagemaker-async-inference/prod"));
 * outputs.endpointName; // pulumi.Output<string>
 * outputs.apply(({ endpointName, region }) => `${endpointName} in ${region}`);
 * ```
 */
export function asyncInferenceOutputs(reference, output) {
    // All of a stack's outputs are secret when one of them is: what is looked at here are names and types.
    const sound = pulumi.all([reference.name, pulumi.unsecret(reference.outputs)]).apply(([stack, all]) => {
        const outputs = output === undefined ? all : all?.[output];
        const subject = output === undefined ? `The stack ${stack}` : `The output ${output} of the stack ${stack}`;
        const problem = outputsProblem(subject, outputs);
        if (problem !== undefined)
            throw new pulumi.RunError(problem);
        return true;
    });
    const all = output === undefined ? pulumi.all(pick((name) => reference.getOutput(name))) : reference.getOutput(output);
    const service = pulumi.all([sound, all]).apply(([, outputs]) => outputs);
    if (output !== undefined)
        return service;
    // Each field is as secret as itself; by itself it would be as secret as the most secret one.
    for (const name of outputNames) {
        const field = () => pulumi.all([sound, reference.getOutput(name)]).apply(([, value]) => value);
        Object.defineProperty(service, name, { get: field, configurable: true });
    }
    return service;
}
function pick(of) {
    return Object.fromEntries(outputNames.map((name) => [name, of(name)]));
}
