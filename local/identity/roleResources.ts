import * as z from "zod";
import { recorded } from "../recorded";
import { autoName, resourceType, updatable, type Created, type ResourceType } from "../resources";
import { maxSessionDuration, path } from "./roleRules";
import type { Roles } from "./roles";

const policyInput = z.union([z.string(), z.record(z.string(), z.unknown())]);
const names = { name: z.string().optional(), namePrefix: z.string().optional() };
const tagged = { tags: recorded.tags, tagsAll: recorded.tags };

const roleSchema = z.strictObject({
  ...names,
  path,
  assumeRolePolicy: policyInput,
  inlinePolicies: z.array(z.strictObject({ name: z.string(), policy: policyInput })).default([]),
  managedPolicyArns: z.array(z.string()).default([]),
  description: recorded.description,
  maxSessionDuration,
  forceDetachPolicies: recorded.destroyBehaviour,
  ...tagged,
});
type RoleInputs = z.infer<typeof roleSchema>;

/** The resource types of IAM, by Pulumi token. */
export function roleResources(roles: Roles): Record<string, ResourceType> {
  const { policies } = roles;

  const roleState = (id: string, inputs: RoleInputs): Created => {
    const { arn, uniqueId, createdAt } = roles.role(id);
    const state = { ...inputs, name: id, arn, uniqueId, createDate: new Date(createdAt).toISOString() };
    return { id, state: { ...state, tagsAll: inputs.tagsAll ?? inputs.tags ?? {} } };
  };
  /** The role's own lists of policies; what other resources gave it stays. */
  const givePolicies = (id: string, now: Pick<RoleInputs, "inlinePolicies" | "managedPolicyArns">, before?: RoleInputs) => {
    for (const { name } of before?.inlinePolicies ?? []) {
      if (!now.inlinePolicies.some((policy) => policy.name === name)) roles.deletePolicy(id, name);
    }
    for (const arn of before?.managedPolicyArns ?? []) if (!now.managedPolicyArns.includes(arn)) roles.detach(id, arn);
    for (const { name, policy } of now.inlinePolicies) roles.putPolicy(id, name, textOf(policy));
    for (const arn of now.managedPolicyArns) roles.attach(id, arn);
  };

  return {
    "aws:iam/role:Role": updatable(
      resourceType(
        roleSchema,
        async ({ name: logicalName, inputs }) => {
          const roleName = nameOf(logicalName, inputs);
          roles.create({
            roleName,
            path: inputs.path,
            trust: textOf(inputs.assumeRolePolicy),
            description: inputs.description,
            maxSessionDurationSeconds: inputs.maxSessionDuration,
            tags: inputs.tagsAll ?? inputs.tags ?? {},
          });
          try {
            givePolicies(roleName, inputs);
          } catch (error) {
            remove(roles, roleName);
            throw error;
          }
          return roleState(roleName, inputs);
        },
        async ({ inputs }, created) => {
          const { id, state } = created;
          roles.setTrust(id, textOf(inputs.assumeRolePolicy));
          const { description, maxSessionDuration: maxSessionDurationSeconds } = inputs;
          roles.update(id, { description, maxSessionDurationSeconds, tags: inputs.tagsAll ?? inputs.tags ?? {} });
          givePolicies(id, inputs, state as RoleInputs);
          return roleState(id, inputs);
        },
        async ({ id, state }) => {
          givePolicies(id, { inlinePolicies: [], managedPolicyArns: [] }, state as RoleInputs);
          if (state["forceDetachPolicies"] === true) remove(roles, id);
          else roles.delete(id);
        },
      ),
      ["name", "namePrefix", "path"],
    ),

    "aws:iam/rolePolicy:RolePolicy": updatable(
      resourceType(
        z.strictObject({ ...names, role: z.string(), policy: policyInput }),
        async ({ name: logicalName, inputs }) => {
          const name = nameOf(logicalName, inputs);
          roles.putPolicy(inputs.role, name, textOf(inputs.policy));
          return { id: `${inputs.role}:${name}`, state: { ...inputs, name } };
        },
        async ({ inputs }, created) => {
          const { name, role } = created.state as { name: string; role: string };
          roles.putPolicy(role, name, textOf(inputs.policy));
          return { id: created.id, state: { ...inputs, name } };
        },
        async ({ state }) => roles.deletePolicy(state["role"] as string, state["name"] as string),
      ),
      ["name", "namePrefix", "role"],
    ),

    "aws:iam/policy:Policy": updatable(
      resourceType(
        z.strictObject({ ...names, path, policy: policyInput, description: recorded.description, ...tagged }),
        async ({ name: logicalName, inputs }) => {
          const name = nameOf(logicalName, inputs);
          const tags = inputs.tagsAll ?? inputs.tags ?? {};
          const { arn, policyId } = policies.create({
            name,
            path: inputs.path,
            document: textOf(inputs.policy),
            description: inputs.description,
            tags,
          });
          const state = { ...inputs, name, arn, policyId, attachmentCount: 0, tagsAll: tags };
          return { id: arn, state };
        },
        async ({ inputs }, created) => {
          const { id, state } = created;
          const tags = inputs.tagsAll ?? inputs.tags ?? {};
          const { name, arn, policyId, attachmentCount } = state;
          if (policies.textOf(id) !== textOf(inputs.policy)) replaceVersion(roles, id, textOf(inputs.policy));
          policies.setTags(id, tags);
          return { id, state: { ...inputs, name, arn, policyId, attachmentCount, tagsAll: tags } };
        },
        async ({ id }) => {
          const { versions, defaultVersionId } = policies.find(id);
          for (const { versionId } of versions) if (versionId !== defaultVersionId) policies.deleteVersion(id, versionId);
          policies.delete(id);
        },
      ),
      ["name", "namePrefix", "path", "description"],
    ),

    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": updatable(
      resourceType(
        z.strictObject({ role: z.string(), policyArn: z.string() }),
        async ({ inputs: { role, policyArn } }) => {
          roles.attach(role, policyArn);
          return { id: `${role}/${policyArn}`, state: { role, policyArn } };
        },
        // Nothing of it can be changed.
        async (_, created) => created,
        async ({ state }) => roles.detach(state["role"] as string, state["policyArn"] as string),
      ),
      ["role", "policyArn"],
    ),
  };
}

/** As the provider changes a policy: the oldest version makes room for the new one. */
function replaceVersion(roles: Roles, arn: string, document: string): void {
  const { versions, defaultVersionId } = roles.policies.find(arn);
  const oldest = versions.find(({ versionId }) => versionId !== defaultVersionId);
  if (versions.length === 5 && oldest) roles.policies.deleteVersion(arn, oldest.versionId);
  roles.policies.addVersion(arn, document, true);
}

function remove(roles: Roles, roleName: string): void {
  const { inline, attached } = roles.role(roleName);
  for (const name of Object.keys(inline)) roles.deletePolicy(roleName, name);
  for (const arn of attached) roles.detach(roleName, arn);
  roles.delete(roleName);
}

function textOf(policy: string | Record<string, unknown>): string {
  return typeof policy === "string" ? policy : JSON.stringify(policy);
}

function nameOf(logicalName: string, { name, namePrefix }: { name?: string | undefined; namePrefix?: string | undefined }): string {
  return name ?? (namePrefix === undefined ? autoName(logicalName) : autoName(namePrefix.replace(/-$/, "")));
}
