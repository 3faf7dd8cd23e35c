import * as z from "zod";
import type { CloudContext } from "../ports";
import { recorded, regionArgument } from "../recorded";
import { autoName, resourceType, updatable, type ResourceType } from "../resources";
import type { Key, Keys } from "./keys";

const policyInput = z.union([z.string(), z.record(z.string(), z.unknown())]);
const lockout = { bypassPolicyLockoutSafetyCheck: z.boolean().default(false) };

/** The resource types of KMS, by Pulumi token. */
export function kmsResources(context: CloudContext, keys: Keys): Record<string, ResourceType> {
  return {
    "aws:kms/key:Key": keyResource(context, keys),
    "aws:kms/keyPolicy:KeyPolicy": keyPolicyResource(context, keys),
    "aws:kms/alias:Alias": aliasResource(context, keys),
  };
}

function keyResource({ region }: CloudContext, keys: Keys): ResourceType {
  const schema = z.strictObject({
    policy: policyInput.optional(),
    description: recorded.description,
    keyUsage: z.literal("ENCRYPT_DECRYPT").default("ENCRYPT_DECRYPT"),
    customerMasterKeySpec: z.literal("SYMMETRIC_DEFAULT").default("SYMMETRIC_DEFAULT"),
    isEnabled: z.boolean().default(true),
    enableKeyRotation: z.boolean().default(false),
    rotationPeriodInDays: z.number().int().min(90).max(2560).optional(),
    deletionWindowInDays: z.number().int().min(7).max(30).default(30),
    ...lockout,
    tags: recorded.tags,
    tagsAll: recorded.tags,
    region: regionArgument(region),
  });
  type Inputs = z.infer<typeof schema>;
  const tagsOf = (inputs: Inputs) => inputs.tagsAll ?? inputs.tags ?? {};
  const stateOf = (inputs: Inputs, { keyId, arn, createdAt, policy }: Key) => ({
    ...inputs,
    policy: inputs.policy ?? policy,
    keyId,
    arn,
    region,
    multiRegion: false,
    creationDate: new Date(createdAt).toISOString(),
    tagsAll: tagsOf(inputs),
  });
  const rotationOf = ({ enableKeyRotation, rotationPeriodInDays = 365 }: Inputs) => (enableKeyRotation ? rotationPeriodInDays : undefined);
  const key = resourceType(
    schema,
    async ({ inputs }) => {
      const { policy, description, bypassPolicyLockoutSafetyCheck: bypassLockoutCheck } = inputs;
      const options = { ...(policy !== undefined && { policy }), ...(description !== undefined && { description }) };
      const made = keys.create({ ...options, bypassLockoutCheck, tags: tagsOf(inputs) });
      if (inputs.enableKeyRotation) keys.setRotation(made.keyId, rotationOf(inputs));
      if (!inputs.isEnabled) keys.setEnabled(made.keyId, false);
      return { id: made.keyId, state: stateOf(inputs, made) };
    },
    async ({ inputs }, { id }, before) => {
      const last = schema.parse(before);
      keys.setEnabled(id, inputs.isEnabled);
      keys.setDescription(id, inputs.description ?? "");
      keys.setTags(id, () => tagsOf(inputs));
      if (rotationOf(last) !== rotationOf(inputs)) keys.setRotation(id, rotationOf(inputs));
      // A policy that is a resource of its own stays as it is.
      if (inputs.policy !== undefined) keys.setPolicy(id, inputs.policy, inputs.bypassPolicyLockoutSafetyCheck);
      return { id, state: stateOf(inputs, keys.own(id)) };
    },
    async ({ id, state }) => void keys.scheduleDeletion(id, state["deletionWindowInDays"] as number),
  );
  return updatable(key, ["keyUsage", "customerMasterKeySpec"]);
}

function keyPolicyResource({ region }: CloudContext, keys: Keys): ResourceType {
  const schema = z.strictObject({ keyId: z.string(), policy: policyInput, ...lockout, region: regionArgument(region) });
  const put = (inputs: z.infer<typeof schema>) => {
    const { keyId, policy, bypassPolicyLockoutSafetyCheck } = inputs;
    keys.setPolicy(keyId, policy, bypassPolicyLockoutSafetyCheck);
    return { id: keyId, state: { ...inputs } };
  };
  const keyPolicy = resourceType(
    schema,
    async ({ inputs }) => put(inputs),
    async ({ inputs }) => put(inputs),
    async ({ id }) => keys.setPolicy(id, keys.defaultPolicy(), false),
  );
  return updatable(keyPolicy, ["keyId"]);
}

function aliasResource({ region }: CloudContext, keys: Keys): ResourceType {
  const schema = z.strictObject({
    name: z.string().optional(),
    namePrefix: z.string().optional(),
    targetKeyId: z.string(),
    region: regionArgument(region),
  });
  const stateOf = (inputs: z.infer<typeof schema>, name: string, arn: string) => {
    const { keyId, arn: targetKeyArn } = keys.own(inputs.targetKeyId);
    return { ...inputs, name, arn, targetKeyId: keyId, targetKeyArn, region };
  };
  const alias = resourceType(
    schema,
    async ({ name: logicalName, inputs }) => {
      const name = inputs.name ?? autoName(inputs.namePrefix?.replace(/-$/, "") ?? `alias/${logicalName}`);
      const { arn } = keys.createAlias(name, inputs.targetKeyId);
      return { id: name, state: stateOf(inputs, name, arn) };
    },
    async ({ inputs }, { id, state }) => {
      keys.updateAlias(id, inputs.targetKeyId);
      return { id, state: stateOf(inputs, id, state["arn"] as string) };
    },
    async ({ id }) => keys.deleteAlias(id),
  );
  return updatable(alias, ["name", "namePrefix"]);
}
