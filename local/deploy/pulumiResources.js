import * as z from "zod";
import { resourceType } from "../resources";
import { withSecrets } from "./properties";
/** The type of resource that reads another stack's outputs. */
export const stackReferenceType = "pulumi:pulumi:StackReference";
/** Settings of the AWS provider that change nothing here: there is no account to check credentials against, and no other endpoint. */
const harmlessSettings = [
    "accessKey",
    "endpoints",
    "httpProxy",
    "s3UsePathStyle",
    "secretKey",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
];
/** Resource types of Pulumi itself, which the engine rather than a provider makes. */
export function pulumiResources(region, stacks) {
    let providers = 0;
    return {
        "pulumi:index:Stash": resourceType(z.strictObject({ input: z.unknown() }), ({ inputs, name }) => {
            const input = inputs.input ?? null;
            return Promise.resolve({ id: name, state: { input, output: input } });
        }),
        [stackReferenceType]: resourceType(z.strictObject({ name: z.string() }), ({ inputs, program }) => {
            const found = findStack(inputs.name, program.project, stacks);
            const { outputs, secretNames } = found;
            return Promise.resolve({
                id: inputs.name,
                state: { name: inputs.name, outputs: withSecrets(outputs, secretNames), secretOutputNames: [...secretNames] },
            });
        }),
        "pulumi:providers:aws": resourceType(providerSchema, ({ inputs, type, name }) => {
            requireRegion(inputs.region, region, `${type} "${name}"`);
            return Promise.resolve({ id: `provider-${++providers}`, state: inputs });
        }),
    };
}
const providerSchema = z.strictObject({
    region: z.string().optional(),
    ...Object.fromEntries(harmlessSettings.map((name) => [name, z.string().optional()])),
});
/**
 * Checks the settings of the default AWS provider, the stack's `aws:` keys.
 *
 * @throws Error for another region than the cloud's, and for every setting that would do nothing here.
 */
export function checkAwsSettings(config, region, stack) {
    for (const [key, value] of Object.entries(config)) {
        const [namespace, name = ""] = key.split(":");
        if (namespace !== "aws" || harmlessSettings.includes(name))
            continue;
        if (name !== "region")
            throw new Error(`Pulumi.${stack}.yaml: ${key} is not supported by the embedded cloud`);
        requireRegion(value, region, `Pulumi.${stack}.yaml: ${key}`);
    }
}
function requireRegion(asked, region, subject) {
    if (asked === undefined || asked === region)
        return;
    throw new Error(`${subject}: region is ${JSON.stringify(asked)}; this embedded cloud is ${region} alone`);
}
function findStack(name, ownProject, stacks) {
    const [stack, project = ownProject] = name.split("/").reverse();
    const found = stacks.get(`${project}/${stack}`);
    if (found !== undefined)
        return found;
    const known = stacks.size === 0 ? "none is deployed yet" : `it has ${[...stacks.keys()].join(", ")}`;
    throw new Error(`no stack "${project}/${stack}" on this embedded cloud; ${known}`);
}
