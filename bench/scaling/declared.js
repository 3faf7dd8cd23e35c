import * as pulumi from "@pulumi/pulumi";
/** What a program declares, each resource after those that it refers to. */
export async function declared(program) {
    const resources = [];
    await pulumi.runtime.setMocks({
        newResource: ({ type, name, inputs, custom }) => {
            if (custom)
                resources.push({ type, name, inputs: inputs });
            return { id: name, state: { ...inputs, arn: `declared:${name}` } };
        },
        call: ({ token }) => {
            throw new Error(`a scaling policy asks for ${token}`);
        },
    });
    await pulumi.runtime.runInPulumiStack(() => Promise.resolve(program()));
    await pulumi.runtime.disconnect();
    return resources;
}
/** Makes declared resources real in services of the embedded cloud. */
export async function create(resources, types) {
    const made = new Map();
    const program = { directory: "", project: "bench", stack: "scaling", localSettings: {} };
    for (const { type, name, inputs } of resources) {
        const resource = types[type];
        if (!resource)
            throw new Error(`the simulated services have no ${type}`);
        const alarmActions = inputs["alarmActions"]?.map((arn) => made.get(arn)?.state["arn"] ?? arn);
        const urn = `urn:pulumi:scaling::bench::${type}::${name}`;
        const registration = { urn, type, name, inputs: { ...inputs, ...(alarmActions && { alarmActions }) }, program };
        // Target and policy may have one name, and only policies are referred to.
        const created = await resource.create(registration);
        if (created.state["arn"] !== undefined && type === "aws:appautoscaling/policy:Policy")
            made.set(`declared:${name}`, created);
    }
}
