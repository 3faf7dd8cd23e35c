import { accountId, answerOf, awsState, region } from "./awsDouble";
/**
 * Mocks for `pulumi.runtime.setMocks` that answer like the AWS provider: resources have names, ids and ARNs of AWS's form, and the
 * data sources `getCallerIdentity`, `getRegion`, `getPartition` and `getPolicyDocument` have answers.
 *
 * @example
 * ```ts
 * pulumi.runtime.setMocks(mocks({ region: "us-east-1" }), "my-project", "test");
 * ```
 */
export function mocks(options = {}) {
    const place = { region: options.region ?? region, accountId: options.accountId ?? accountId };
    return {
        newResource: (resource) => {
            const { type, name } = resource;
            const inputs = resource.inputs;
            const made = type === stackReference ? otherStack(name, inputs, options) : withArn(type, name, awsState(type, name, inputs, place), place);
            return { id: made.id, state: { ...made.state, ...options.state?.(resource) } };
        },
        call: (call) => options.call?.(call) ?? answerOf(call.token, call.inputs, place),
    };
}
const stackReference = "pulumi:pulumi:StackReference";
function otherStack(name, inputs, { stacks = {} }) {
    const stack = typeof inputs["name"] === "string" ? inputs["name"] : name;
    const outputs = stacks[stack];
    if (outputs === undefined) {
        const known = Object.keys(stacks).join(", ") || "none";
        throw new Error(`There is no stack ${stack}: give its outputs in the option stacks of mocks(), which has ${known}.`);
    }
    return { id: stack, state: { name: stack, outputs, secretOutputNames: [] } };
}
/** A resource of AWS's that has no ARN of its own form yet has one by which a test can tell it. */
function withArn(type, name, made, place) {
    const [, service, kind] = /^aws:(\w+)\/(\w+):/.exec(type) ?? [];
    if (service === undefined || made.state["arn"] !== undefined)
        return made;
    const { partition } = answerOf("aws:index/getPartition:getPartition", {}, place);
    return {
        ...made,
        state: { arn: `arn:${String(partition)}:${service}:${place.region}:${place.accountId}:${kind}/${name}`, ...made.state },
    };
}
