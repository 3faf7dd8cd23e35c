import * as z from "zod";
import type { CloudContext } from "../ports";
import * as pages from "../pages";
import { notSupported, ServiceError, type Service } from "../wire";
import type { Key, Keys } from "./keys";

const tags = z.array(z.object({ TagKey: z.string(), TagValue: z.string() })).optional();
const page = { Limit: z.number().int().min(1).max(1000).default(100), Marker: z.string().optional() };
const one = z.object({ KeyId: z.string() });

/** Parameters by call. What is missing here is refused. */
const schemas = {
  CreateKey: z.strictObject({
    Policy: z.string().optional(),
    Description: z.string().optional(),
    KeyUsage: z.literal("ENCRYPT_DECRYPT").optional(),
    KeySpec: z.literal("SYMMETRIC_DEFAULT").optional(),
    CustomerMasterKeySpec: z.literal("SYMMETRIC_DEFAULT").optional(),
    Origin: z.literal("AWS_KMS").optional(),
    MultiRegion: z.literal(false).optional(),
    BypassPolicyLockoutSafetyCheck: z.boolean().optional(),
    Tags: tags,
  }),
  DescribeKey: one,
  ListKeys: z.object(page),
  GetKeyPolicy: z.object({ KeyId: z.string(), PolicyName: z.literal("default").optional() }),
  ListKeyPolicies: z.object({ ...page, KeyId: z.string() }),
  PutKeyPolicy: z.strictObject({
    KeyId: z.string(),
    Policy: z.string(),
    PolicyName: z.literal("default").optional(),
    BypassPolicyLockoutSafetyCheck: z.boolean().optional(),
  }),
  GetKeyRotationStatus: one,
  EnableKeyRotation: z.strictObject({ KeyId: z.string(), RotationPeriodInDays: z.number().optional() }),
  DisableKeyRotation: one,
  EnableKey: one,
  DisableKey: one,
  UpdateKeyDescription: z.strictObject({ KeyId: z.string(), Description: z.string() }),
  ScheduleKeyDeletion: z.strictObject({ KeyId: z.string(), PendingWindowInDays: z.number().default(30) }),
  CancelKeyDeletion: one,
  CreateAlias: z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() }),
  UpdateAlias: z.strictObject({ AliasName: z.string(), TargetKeyId: z.string() }),
  DeleteAlias: z.strictObject({ AliasName: z.string() }),
  ListAliases: z.object({ ...page, KeyId: z.string().optional() }),
  ListResourceTags: z.object({ ...page, KeyId: z.string() }),
  TagResource: z.strictObject({ KeyId: z.string(), Tags: tags }),
  UntagResource: z.strictObject({ KeyId: z.string(), TagKeys: z.array(z.string()) }),
};

type Call = keyof typeof schemas;
type Answers = { [Name in Call]: (input: z.infer<(typeof schemas)[Name]>) => object | undefined | void };

/** KMS's control plane. Nobody encrypts through it here. */
export function kmsService(context: CloudContext, keys: Keys): Service {
  const answers = kmsAnswers(context, keys);
  return async ({ headers, body }) => {
    const name = /^TrentService\.(\w+)$/.exec(String(headers["x-amz-target"]))?.[1] ?? "";
    if (!Object.hasOwn(schemas, name)) throw notSupported(`KMS's ${name || String(headers["x-amz-target"])}`);
    const call = name as Call;
    const parsed = schemas[call].safeParse(readJson(body));
    if (!parsed.success) throw refusal(call, parsed.error.issues);
    const answer = (answers[call] as (input: unknown) => object | undefined)(parsed.data);
    const contentType = "application/x-amz-json-1.1";
    return { status: 200, headers: { "content-type": contentType }, body: answer === undefined ? "" : JSON.stringify(answer) };
  };
}

function kmsAnswers(context: CloudContext, keys: Keys): Answers {
  return {
    CreateKey: (input) => {
      const key = keys.create({
        ...(input.Policy !== undefined && { policy: input.Policy }),
        ...(input.Description !== undefined && { description: input.Description }),
        ...(input.BypassPolicyLockoutSafetyCheck !== undefined && { bypassLockoutCheck: input.BypassPolicyLockoutSafetyCheck }),
        tags: readTags(input.Tags),
      });
      return { KeyMetadata: metadata(context, key) };
    },
    DescribeKey: ({ KeyId: name }) => ({ KeyMetadata: described(context, keys, name) }),
    ListKeys: (input) => {
      const { items, ...rest } = pageOf("ListKeys", keys.all(), ({ keyId }) => keyId, input);
      return { Keys: items.map(({ keyId, arn }) => ({ KeyId: keyId, KeyArn: arn })), ...rest };
    },
    GetKeyPolicy: ({ KeyId: name }) => ({ Policy: keys.own(name, true).policy, PolicyName: "default" }),
    ListKeyPolicies: (input) => {
      const { arn } = keys.own(input.KeyId, true);
      const { items: PolicyNames, ...rest } = pageOf(`ListKeyPolicies ${arn}`, ["default"], (name) => name, input);
      return { PolicyNames, ...rest };
    },
    PutKeyPolicy: ({ KeyId: name, Policy: policy, BypassPolicyLockoutSafetyCheck: bypass = false }) => keys.setPolicy(name, policy, bypass),
    GetKeyRotationStatus: ({ KeyId: name }) => {
      const { arn, rotation } = keys.own(name, true);
      if (!rotation) return { KeyRotationEnabled: false, KeyId: arn };
      const { periodInDays, since } = rotation;
      return {
        KeyRotationEnabled: true,
        KeyId: arn,
        RotationPeriodInDays: periodInDays,
        NextRotationDate: since / 1000 + periodInDays * 86_400,
      };
    },
    EnableKeyRotation: ({ KeyId: name, RotationPeriodInDays: days = 365 }) => keys.setRotation(name, days),
    DisableKeyRotation: ({ KeyId: name }) => keys.setRotation(name, undefined),
    EnableKey: ({ KeyId: name }) => keys.setEnabled(name, true),
    DisableKey: ({ KeyId: name }) => keys.setEnabled(name, false),
    UpdateKeyDescription: ({ KeyId: name, Description: description }) => keys.setDescription(name, description),
    ScheduleKeyDeletion: ({ KeyId: name, PendingWindowInDays: days }) => {
      const { arn, deletionAt = 0 } = keys.scheduleDeletion(name, days);
      return { KeyId: arn, DeletionDate: deletionAt / 1000, KeyState: "PendingDeletion", PendingWindowInDays: days };
    },
    CancelKeyDeletion: ({ KeyId: name }) => ({ KeyId: keys.cancelDeletion(name).arn }),
    ...aliasAnswers(keys),
    ...tagAnswers(keys),
  };
}

function aliasAnswers(keys: Keys): Pick<Answers, "CreateAlias" | "UpdateAlias" | "DeleteAlias" | "ListAliases"> {
  return {
    CreateAlias: ({ AliasName: name, TargetKeyId: target }) => void keys.createAlias(name, target),
    UpdateAlias: ({ AliasName: name, TargetKeyId: target }) => keys.updateAlias(name, target),
    DeleteAlias: ({ AliasName: name }) => keys.deleteAlias(name),
    ListAliases: (input) => {
      const { items, ...rest } = pageOf(`ListAliases ${input.KeyId}`, keys.aliasesOf(input.KeyId), ({ name }) => name, input);
      const Aliases = items.map(({ name, arn, keyId, createdAt }) => ({
        AliasName: name,
        AliasArn: arn,
        TargetKeyId: keyId,
        CreationDate: createdAt / 1000,
        LastUpdatedDate: createdAt / 1000,
      }));
      return { Aliases, ...rest };
    },
  };
}

function tagAnswers(keys: Keys): Pick<Answers, "ListResourceTags" | "TagResource" | "UntagResource"> {
  return {
    ListResourceTags: (input) => {
      const { arn, tags } = keys.own(input.KeyId, true);
      const { items, ...rest } = pageOf(`ListResourceTags ${arn}`, Object.entries(tags), ([key]) => key, input);
      return { Tags: items.map(([TagKey, TagValue]) => ({ TagKey, TagValue })), ...rest };
    },
    TagResource: ({ KeyId: name, Tags: given }) => keys.setTags(name, (known) => ({ ...known, ...readTags(given) })),
    UntagResource: ({ KeyId: name, TagKeys: gone }) =>
      keys.setTags(name, (known) => Object.fromEntries(Object.entries(known).filter(([key]) => !gone.includes(key)))),
  };
}

function described(context: CloudContext, keys: Keys, name: string): object {
  const managed = keys.managed(name);
  const key = managed === undefined ? keys.find(name) : undefined;
  if (key) return metadata(context, key);
  const arn = managed ?? name;
  const [, , , , accountId] = arn.split(":");
  // A key that was not made here is somebody's who runs it elsewhere: programs name such keys, and they are in order.
  const description = managed === undefined ? "" : "Default key that protects the service's data when no other key is defined";
  const manager = managed === undefined ? "CUSTOMER" : "AWS";
  return common({ arn, keyId: arn.split("/").at(-1) ?? "", description, createdAt: 0 }, accountId ?? "", "Enabled", manager);
}

function metadata({ accountId }: CloudContext, key: Key): object {
  const { enabled, deletionAt } = key;
  const state = deletionAt !== undefined ? "PendingDeletion" : enabled ? "Enabled" : "Disabled";
  return { ...common(key, accountId, state, "CUSTOMER"), ...(deletionAt !== undefined && { DeletionDate: deletionAt / 1000 }) };
}

function common(
  { arn, keyId, description, createdAt }: Pick<Key, "arn" | "keyId" | "description" | "createdAt">,
  accountId: string,
  state: string,
  manager: string,
): object {
  return {
    AWSAccountId: accountId,
    KeyId: keyId,
    Arn: arn,
    CreationDate: createdAt / 1000,
    Enabled: state === "Enabled",
    Description: description,
    KeyUsage: "ENCRYPT_DECRYPT",
    KeyState: state,
    Origin: "AWS_KMS",
    KeyManager: manager,
    CustomerMasterKeySpec: "SYMMETRIC_DEFAULT",
    KeySpec: "SYMMETRIC_DEFAULT",
    EncryptionAlgorithms: ["SYMMETRIC_DEFAULT"],
    MultiRegion: false,
  };
}

/** A page of a list, and KMS's marker of the next one. */
function pageOf<Item>(
  list: string,
  all: readonly Item[],
  idOf: (item: Item) => string,
  { Limit: limit, Marker: token }: { Limit: number; Marker?: string | undefined },
) {
  const invalid = () => new ServiceError("InvalidMarkerException", "The marker is not valid.");
  const { page, next } = pages.pageOf(all, { list: `KMS ${list}`, idOf, limit, token, invalid });
  return { items: page, Truncated: next !== undefined, ...(next !== undefined && { NextMarker: next }) };
}

function readTags(given: z.infer<typeof tags>): Record<string, string> {
  return Object.fromEntries((given ?? []).map(({ TagKey, TagValue }) => [TagKey, TagValue]));
}

function readJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString() || "{}");
  } catch {
    throw new ServiceError("SerializationException", "Start of structure or map expected");
  }
}

function refusal(call: Call, issues: z.core.$ZodIssue[]): ServiceError {
  const unknown = issues.find(({ code }) => code === "unrecognized_keys") ?? issues.find(({ code }) => code === "invalid_value");
  if (unknown) {
    const names = unknown.code === "unrecognized_keys" ? unknown.keys : unknown.path;
    return notSupported(`"${names.join(".")}" as it is given to KMS's ${call}`);
  }
  return new ServiceError("ValidationException", issues.map(({ path, message }) => `${path.join(".")}: ${message}`).join("; "));
}
