import type { RoleSession } from "../credentials";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import { readPolicy, type PolicyDocument } from "./policyDocument";
import { identifier, Policies, requireName, requirePermissions, requireSize, requireTrust } from "./policyStore";

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

/** A role as it is kept; policies are texts, as they were given. */
export interface Role {
  roleName: string;
  path: string;
  arn: string;
  uniqueId: string;
  /** Milliseconds since the epoch. */
  createdAt: number;
  trust: string;
  description?: string | undefined;
  maxSessionDurationSeconds: number;
  /** Texts by name. */
  inline: Record<string, string>;
  /** ARNs of managed policies. */
  attached: string[];
  tags: Record<string, string>;
}

/** What is given to make one. */
export type RoleInput = Pick<Role, "roleName" | "path" | "trust" | "description" | "maxSessionDurationSeconds" | "tags">;

/** AWS's quotas of a role. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const inlineLimitBytes = 10_240;
const trustLimitBytes = 2048;
const mostAttached = 10;
const mostTags = 50;

/** The roles of one embedded cloud, and the policies that they have. */
export class Roles {
  readonly policies: Policies;
  private readonly roles: Kept<Role>;
  /** What was read of texts, by role; forgotten with each change. */
  private readonly read = new Map<string, RolePolicies>();

  constructor(private readonly context: CloudContext) {
    this.roles = context.keeper.map<Role>("iam.roles");
    this.policies = new Policies(context, {
      attachments: (arn) => this.withPolicy(arn).length,
      changed: (arn) => this.withPolicy(arn).forEach(({ roleName }) => this.read.delete(roleName)),
    });
  }

  /** @throws ServiceError EntityAlreadyExists, MalformedPolicyDocument, LimitExceeded, ValidationError */
  create(input: RoleInput): Role {
    const { roleName, path } = input;
    requireName("roleName", roleName, 64);
    if (this.roles.has(roleName)) throw new ServiceError("EntityAlreadyExists", `Role with name ${roleName} already exists.`, 409);
    this.checkTrust(input.trust);
    requireTagCount(input.tags);
    const { accountId, clock } = this.context;
    const made = { arn: `arn:aws:iam::${accountId}:role${path}${roleName}`, uniqueId: identifier("AROA"), createdAt: clock.now() };
    const role: Role = { ...input, ...made, inline: {}, attached: [] };
    this.roles.set(roleName, role);
    return role;
  }

  /** @throws ServiceError NoSuchEntity */
  role(roleName: string): Role {
    const found = this.roles.get(roleName);
    if (!found) throw new ServiceError("NoSuchEntity", `The role with name ${roleName} cannot be found.`, 404);
    return found;
  }

  /** In the order of their names. */
  all(): Role[] {
    return [...this.roles.values()].sort((a, b) => (a.roleName < b.roleName ? -1 : 1));
  }

  /** Undefined when no role has the name. */
  arnOf(roleName: string): string | undefined {
    return this.roles.get(roleName)?.arn;
  }

  update(roleName: string, changes: Partial<Pick<Role, "description" | "maxSessionDurationSeconds" | "tags">>): void {
    if (changes.tags) requireTagCount(changes.tags);
    this.keep({ ...this.role(roleName), ...changes });
  }

  setTrust(roleName: string, trust: string): void {
    const role = this.role(roleName);
    this.checkTrust(trust);
    this.keep({ ...role, trust });
  }

  /** @throws ServiceError DeleteConflict while it has policies */
  delete(roleName: string): void {
    const { inline, attached } = this.role(roleName);
    if (attached.length > 0) throw new ServiceError("DeleteConflict", "Cannot delete entity, must detach all policies first.", 409);
    if (Object.keys(inline).length > 0) throw new ServiceError("DeleteConflict", "Cannot delete entity, must delete policies first.", 409);
    this.roles.delete(roleName);
    this.read.delete(roleName);
  }

  /** Gives a role an inline policy, in the place of one of that name. */
  putPolicy(roleName: string, policyName: string, document: string): void {
    const role = this.role(roleName);
    requireName("policyName", policyName, 128);
    requirePermissions(document);
    const { [policyName]: _, ...others } = role.inline;
    const inline = { ...others, [policyName]: document };
    const words = `Maximum policy size of ${inlineLimitBytes} bytes exceeded for role ${roleName}`;
    requireSize(Object.values(inline).join(""), inlineLimitBytes, words);
    this.keep({ ...role, inline });
  }

  /** Text of an inline policy. @throws ServiceError NoSuchEntity */
  policyText(roleName: string, policyName: string): string {
    const { inline } = this.role(roleName);
    const text = Object.hasOwn(inline, policyName) ? inline[policyName] : undefined;
    if (text === undefined) throw new ServiceError("NoSuchEntity", `The role policy with name ${policyName} cannot be found.`, 404);
    return text;
  }

  deletePolicy(roleName: string, policyName: string): void {
    this.policyText(roleName, policyName);
    const role = this.role(roleName);
    const { [policyName]: _, ...inline } = role.inline;
    this.keep({ ...role, inline });
  }

  /** Attaching what is attached changes nothing. */
  attach(roleName: string, policyArn: string): void {
    const role = this.role(roleName);
    this.policies.find(policyArn);
    const attached = [...new Set([...role.attached, policyArn])];
    if (attached.length > mostAttached) {
      throw new ServiceError("LimitExceeded", `Cannot exceed quota for PoliciesPerRole: ${mostAttached}`, 409);
    }
    this.keep({ ...role, attached });
  }

  /** @throws ServiceError NoSuchEntity */
  detach(roleName: string, policyArn: string): void {
    const role = this.role(roleName);
    if (!role.attached.includes(policyArn)) throw new ServiceError("NoSuchEntity", `Policy ${policyArn} was not found.`, 404);
    this.keep({ ...role, attached: role.attached.filter((arn) => arn !== policyArn) });
  }

  /** The roles that a managed policy is attached to. */
  withPolicy(policyArn: string): Role[] {
    return this.all().filter(({ attached }) => attached.includes(policyArn));
  }

  /** Undefined for an ARN that is no role's. */
  policiesOf(roleArn: string): RolePolicies | undefined {
    const role = this.byArn(roleArn);
    if (!role) return undefined;
    const known = this.read.get(role.roleName);
    if (known) return known;
    const { roleName, uniqueId, trust, inline, attached } = role;
    const policies: AttachedPolicy[] = [
      ...Object.entries(inline).map(([name, text]) => ({ name, document: readPolicy(text) })),
      ...attached.map((arn) => ({ name: this.policies.find(arn).name, arn, document: readPolicy(this.policies.textOf(arn)) })),
    ];
    const read = { roleName, uniqueId, assumeRolePolicy: readPolicy(trust), policies };
    this.read.set(roleName, read);
    return read;
  }

  /** As which principal calls under a role are shown. */
  callerOf({ roleArn, sessionName }: RoleSession): { arn: string; userId: string } {
    const { roleName, uniqueId } = this.byArn(roleArn) ?? { roleName: roleArn.split("/").at(-1) as string, uniqueId: "AROAUNREGISTERED" };
    return { arn: `arn:aws:sts::${this.context.accountId}:assumed-role/${roleName}/${sessionName}`, userId: `${uniqueId}:${sessionName}` };
  }

  private byArn(roleArn: string): Role | undefined {
    const found = this.roles.get(roleArn.split("/").at(-1) as string);
    return found?.arn === roleArn ? found : undefined;
  }

  private checkTrust(trust: string): void {
    requireTrust(trust);
    requireSize(trust, trustLimitBytes, `Cannot exceed quota for ACLSizePerRole: ${trustLimitBytes}`);
  }

  private keep(role: Role): void {
    this.roles.set(role.roleName, role);
    this.read.delete(role.roleName);
  }
}

function requireTagCount(tags: Record<string, string>): void {
  if (Object.keys(tags).length > mostTags) {
    throw new ServiceError("LimitExceeded", `The number of tags has reached the maximum limit: ${mostTags}.`, 409);
  }
}
