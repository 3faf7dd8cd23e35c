import * as pulumi from "@pulumi/pulumi";
import { outputsProblem, type AsyncInferenceOutputs } from "../outputs";

/** The outputs of a service, each by itself: what is known in a preview is shown there. */
export type ServiceOutputs = { readonly [Field in keyof AsyncInferenceOutputs]: pulumi.Output<AsyncInferenceOutputs[Field]> };

/**
 * The outputs of a service that another stack deployed, typed: as one, and each field by itself.
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
export function asyncInferenceOutputs(reference: pulumi.StackReference, output?: string): pulumi.Output<AsyncInferenceOutputs> {
  return pulumi.all([reference.name, reference.outputs]).apply(([stack, all]) => {
    const outputs: unknown = output === undefined ? all : (all as Record<string, unknown> | undefined)?.[output];
    const subject = output === undefined ? `The stack ${stack}` : `The output ${output} of the stack ${stack}`;
    const problem = outputsProblem(subject, outputs);
    if (problem !== undefined) throw new pulumi.RunError(problem);
    return outputs as AsyncInferenceOutputs;
  });
}
