import { randomBytes } from "node:crypto";
import * as z from "zod";
import { isoNow } from "../clock";
import type { RoleSession } from "../credentials";
import type { CloudContext } from "../ports";
import { recorded } from "../recorded";
import { autoName, resourceType, type ResourceType } from "../resources";
import { readPolicy, type PolicyDocument } from "./policyDocument";

/** What a role may do, and who may be it. */
export interface RolePolicies {
  roleName: string;
  /** As in `aws:userid`. */
  uniqueId: string;
  /** Its trust policy. */
  assumeRolePolicy: PolicyDocument;
  policies: AttachedPolicy[];
}

/** One policy of a role. */
export interface AttachedPolicy {
  name: string;
  /** Undefined for an inline policy. */
  arn?: string;
  document: PolicyDocument;
}

interface Role extends RolePolicies {
  arn: string;
}

const policyInput = z.union([z.string(), z.record(z.string(), z.unknown())]);
const names = { name: z.string().optional(), namePrefix: z.string().optional() };
const path = z
  .string()
  .regex(/^\/(.+\/)?$/, 'must begin and end with "/"')
  .default("/");

/** Policies that AWS manages, as far as programs of this kind attach them. https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ */
const managedByAws: Readonly<Record<string, PolicyDocument>> = {
  "arn:aws:iam::aws:policy/AdministratorAccess": allowing("*"),
  "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole": allowing(
    "logs:CreateLogGroup",
    "logs:CreateLogStream",
    "logs:PutLogEvents",
  ),
};

function allowing(...actions: string[]): PolicyDocument {
  return { Version: "2012-10-17", Statement: [{ Effect: "Allow", Action: actions, Resource: "*" }] };
}

/** The roles of one embedded cloud. */
export class Roles {
  private readonly roles = new Map<string, Role>();
  private readonly managed = new Map<string, { name: string; document: PolicyDocument }>();

  constructor(private readonly context: CloudContext) {}

  /** Undefined for an ARN that no program has registered. */
  policiesOf(roleArn: string): RolePolicies | undefined {
    return this.byArn(roleArn);
  }

  /** As which principal calls under a role are shown. */
  callerOf({ roleArn, sessionName }: RoleSession): { arn: string; userId: string } {
    const { roleName, uniqueId } = this.byArn(roleArn) ?? { roleName: roleArn.split("/").at(-1) as string, uniqueId: "AROAUNREGISTERED" };
    return { arn: `arn:aws:sts::${this.context.accountId}:assumed-role/${roleName}/${sessionName}`, userId: `${uniqueId}:${sessionName}` };
  }

  /** The resource types of IAM, by Pulumi token. */
  resources(): Record<string, ResourceType> {
    const { accountId, clock } = this.context;
    return {
      "aws:iam/role:Role": resourceType(
        z.strictObject({
          ...names,
          path,
          assumeRolePolicy: policyInput,
          inlinePolicies: z.array(z.strictObject({ name: z.string(), policy: policyInput })).default([]),
          managedPolicyArns: z.array(z.string()).default([]),
          description: recorded.description,
          // Sessions of roles don't end here: a cloud lives for hours.
          maxSessionDuration: z.number().int().min(3600).max(43_200).default(3600),
          forceDetachPolicies: recorded.destroyBehaviour,
          tags: recorded.tags,
          tagsAll: recorded.tags,
        }),
        async ({ name: logicalName, inputs }) => {
          const roleName = nameOf(logicalName, inputs);
          if (this.roles.has(roleName)) throw new Error(`the role ${roleName} exists already: give it another name, or none`);
          const arn = `arn:aws:iam::${accountId}:role${inputs.path}${roleName}`;
          const uniqueId = identifier("AROA");
          const inline = inputs.inlinePolicies.map(({ name, policy }) => ({ name, document: readPolicy(policy) }));
          const policies = [...inline, ...inputs.managedPolicyArns.map((policyArn) => this.managedPolicy(policyArn))];
          this.roles.set(roleName, { arn, uniqueId, roleName, assumeRolePolicy: readPolicy(inputs.assumeRolePolicy), policies });
          const state = { ...inputs, name: roleName, arn, uniqueId, createDate: isoNow(clock) };
          return { id: roleName, state: { ...state, tagsAll: inputs.tagsAll ?? inputs.tags ?? {} } };
        },
      ),
      "aws:iam/rolePolicy:RolePolicy": resourceType(
        z.strictObject({ ...names, role: z.string(), policy: policyInput }),
        async ({ name: logicalName, inputs }) => {
          const name = nameOf(logicalName, inputs);
          const { policies } = this.named(inputs.role);
          // A policy of the same name is replaced, as PutRolePolicy does.
          const others = policies.filter((policy) => policy.arn !== undefined || policy.name !== name);
          policies.splice(0, Infinity, ...others, { name, document: readPolicy(inputs.policy) });
          return { id: `${inputs.role}:${name}`, state: { ...inputs, name } };
        },
      ),
      "aws:iam/policy:Policy": resourceType(
        z.strictObject({
          ...names,
          path,
          policy: policyInput,
          description: recorded.description,
          tags: recorded.tags,
          tagsAll: recorded.tags,
        }),
        async ({ name: logicalName, inputs }) => {
          const name = nameOf(logicalName, inputs);
          const arn = `arn:aws:iam::${accountId}:policy${inputs.path}${name}`;
          this.managed.set(arn, { name, document: readPolicy(inputs.policy) });
          const state = { ...inputs, name, arn, policyId: identifier("ANPA"), attachmentCount: 0 };
          return { id: arn, state: { ...state, tagsAll: inputs.tagsAll ?? inputs.tags ?? {} } };
        },
      ),
      "aws:iam/rolePolicyAttachment:RolePolicyAttachment": resourceType(
        z.strictObject({ role: z.string(), policyArn: z.string() }),
        async ({ inputs: { role, policyArn } }) => {
          this.named(role).policies.push(this.managedPolicy(policyArn));
          return { id: `${role}/${policyArn}`, state: { role, policyArn } };
        },
      ),
    };
  }

  private byArn(roleArn: string): Role | undefined {
    const found = this.roles.get(roleArn.split("/").at(-1) as string);
    return found?.arn === roleArn ? found : undefined;
  }

  private named(roleName: string): Role {
    const role = this.roles.get(roleName);
    if (!role) throw new Error(`role: got "${roleName}", which is no role of this embedded cloud; expected the name of one`);
    return role;
  }

  private managedPolicy(policyArn: string): AttachedPolicy {
    const known = this.managed.get(policyArn);
    if (known) return { ...known, arn: policyArn };
    const statements = managedByAws[policyArn];
    if (statements) return { name: policyArn.split("/").at(-1) as string, arn: policyArn, document: statements };
    const texts = Object.keys(managedByAws).join(", ");
    throw new Error(
      `policyArn: got "${policyArn}"; expected a policy of this embedded cloud, or one of AWS's whose text it knows: ${texts}`,
    );
  }
}

function nameOf(logicalName: string, { name, namePrefix }: { name?: string | undefined; namePrefix?: string | undefined }): string {
  return name ?? (namePrefix === undefined ? autoName(logicalName) : autoName(namePrefix.replace(/-$/, "")));
}

/** AWS's unique ids: four letters for the kind, seventeen for the thing. */
function identifier(kind: string): string {
  return kind + randomBytes(9).toString("hex").slice(0, 17).toUpperCase();
}
