import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import { resourceType, type ResourceType } from "../resources";
import { withSecrets } from "./properties";
import { tagSettings } from "./providerTags";

/** Outputs of a deployed stack. */
export interface StackOutputs {
  project: string;
  stack: string;
  /** Plain values, secrets included. */
  outputs: Record<string, unknown>;
  /** Names of outputs that are, or contain, secrets: never print these. */
  secretNames: readonly string[];
}

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
export function pulumiResources(region: string, stacks: ReadonlyMap<string, StackOutputs>): Record<string, ResourceType> {
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
    "pulumi:providers:aws": resourceType(
      providerSchema,
      ({ inputs, type, name }) => {
        requireRegion(inputs.region, region, `${type} "${name}"`);
        return Promise.resolve({ id: `provider-${++providers}`, state: settingsOf(inputs) });
      },
      ({ inputs, type, name }, { id, state: before }) => {
        requireRegion(inputs.region, region, `${type} "${name}"`);
        const state = settingsOf(inputs);
        return Promise.resolve(isDeepStrictEqual(state, before) ? undefined : { id, state });
      },
      () => Promise.resolve(),
    ),
  };
}

const providerSchema = z.strictObject({
  region: z.string().optional(),
  ...tagSettings.shape,
  ...Object.fromEntries(harmlessSettings.map((name) => [name, z.string().optional()])),
});

/** A provider's settings as its program reads them: defined ones. */
function settingsOf(inputs: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => value !== undefined));
}

/**
 * Checks the settings of the default AWS provider, the stack's `aws:` keys.
 *
 * @throws Error for another region than the cloud's, and for every setting that would do nothing here.
 */
export function checkAwsSettings(config: Readonly<Record<string, string>>, region: string, stack: string): void {
  for (const [key, value] of Object.entries(config)) {
    const [namespace, name = ""] = key.split(":");
    if (namespace !== "aws" || harmlessSettings.includes(name)) continue;
    if (name in tagSettings.shape) {
      const { error } = tagSettings.safeParse({ [name]: value });
      if (error === undefined) continue;
      const problems = error.issues.map((issue) => `${issue.path.slice(1).join(".") || "its value"}: ${issue.message}`);
      throw new Error(`Pulumi.${stack}.yaml: ${key}: ${problems.join("; ")}`);
    }
    if (name !== "region") throw new Error(`Pulumi.${stack}.yaml: ${key} is not supported by the embedded cloud`);
    requireRegion(value, region, `Pulumi.${stack}.yaml: ${key}`);
  }
}

function requireRegion(asked: unknown, region: string, subject: string): void {
  if (asked === undefined || asked === region) return;
  throw new Error(
    `${subject}: region is ${JSON.stringify(asked)}; this embedded cloud is ${region} alone: name ${region} here, or start the cloud in the other region ` +
      "(aws:region of its first program's stack file)",
  );
}

function findStack(name: string, ownProject: string, stacks: ReadonlyMap<string, StackOutputs>): StackOutputs {
  const [stack, project = ownProject] = name.split("/").reverse();
  const found = stacks.get(`${project}/${stack}`);
  if (found !== undefined) return found;
  const known = stacks.size === 0 ? "none is deployed yet" : `it has ${[...stacks.keys()].join(", ")}`;
  throw new Error(`no stack "${project}/${stack}" on this embedded cloud; ${known}`);
}
