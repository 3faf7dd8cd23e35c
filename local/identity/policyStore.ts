import { randomBytes } from "node:crypto";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { ServiceError } from "../wire";
import { managedByAws } from "./managedPolicies";
import { readPolicy, type PolicyDocument } from "./policyDocument";

/** A policy that can be attached to roles. */
export interface ManagedPolicy {
  name: string;
  path: string;
  arn: string;
  policyId: string;
  description?: string | undefined;
  /** Milliseconds since the epoch. */
  createdAt: number;
  updatedAt: number;
  tags: Record<string, string>;
  /** Newest last; five at most. */
  versions: { versionId: string; document: string; createdAt: number }[];
  defaultVersionId: string;
  /** How many versions it has had. */
  madeVersions: number;
}

/** What is given to make one. */
export interface PolicyInput {
  name: string;
  path: string;
  document: string;
  description?: string | undefined;
  tags: Record<string, string>;
}

/** AWS's quotas of a policy. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const policyLimitBytes = 6144;
const mostVersions = 5;

/** The managed policies of one embedded cloud, and AWS's own as far as it knows them. */
export class Policies {
  private readonly kept: Kept<ManagedPolicy>;

  constructor(
    private readonly context: CloudContext,
    private readonly roles: {
      /** How many have the policy. */
      attachments(policyArn: string): number;
      /** Another version counts. */
      changed(policyArn: string): void;
    },
  ) {
    this.kept = context.keeper.map<ManagedPolicy>("iam.policies");
  }

  create({ name, path, document, description, tags }: PolicyInput): ManagedPolicy {
    requireName("policyName", name, 128);
    const arn = `arn:aws:iam::${this.context.accountId}:policy${path}${name}`;
    if (this.all().some((policy) => policy.name === name)) {
      throw new ServiceError("EntityAlreadyExists", `A policy called ${name} already exists. Duplicate names are not allowed.`, 409);
    }
    requirePermissions(document);
    requireSize(document, policyLimitBytes, `Cannot exceed quota for PolicySize: ${policyLimitBytes}`);
    const now = this.context.clock.now();
    const policy: ManagedPolicy = {
      name,
      path,
      arn,
      policyId: identifier("ANPA"),
      description,
      createdAt: now,
      updatedAt: now,
      tags,
      versions: [{ versionId: "v1", document, createdAt: now }],
      defaultVersionId: "v1",
      madeVersions: 1,
    };
    this.kept.set(arn, policy);
    return policy;
  }

  /** Throws NoSuchEntity for an ARN that is neither made here nor one of AWS's that are known here. */
  find(arn: string): ManagedPolicy {
    const found = this.kept.get(arn) ?? awsPolicy(arn);
    if (found) return found;
    const words = arn.startsWith("arn:aws:iam::aws:policy/")
      ? `The embedded cloud does not know the text of ${arn}; it knows ${Object.keys(managedByAws).join(", ")}.`
      : `Policy ${arn} was not found.`;
    throw new ServiceError("NoSuchEntity", words, 404);
  }

  /** In the order in which they were made. */
  all(): ManagedPolicy[] {
    return [...this.kept.values()];
  }

  /** Adds a version, which counts from now on. */
  addVersion(arn: string, document: string, isDefault: boolean): ManagedPolicy["versions"][number] {
    const policy = this.own(arn);
    requirePermissions(document);
    requireSize(document, policyLimitBytes, `Cannot exceed quota for PolicySize: ${policyLimitBytes}`);
    if (policy.versions.length >= mostVersions) {
      const words = "A managed policy can have up to 5 versions. Before you create a new version, you must delete an existing version.";
      throw new ServiceError("LimitExceeded", words, 409);
    }
    const version = { versionId: `v${policy.madeVersions + 1}`, document, createdAt: this.context.clock.now() };
    this.keep({
      ...policy,
      versions: [...policy.versions, version],
      madeVersions: policy.madeVersions + 1,
      ...(isDefault && { defaultVersionId: version.versionId }),
    });
    return version;
  }

  version(arn: string, versionId: string): ManagedPolicy["versions"][number] {
    const found = this.find(arn).versions.find((version) => version.versionId === versionId);
    if (found) return found;
    throw new ServiceError("NoSuchEntity", `Policy ${arn} version ${versionId} does not exist or is not attachable.`, 404);
  }

  setDefault(arn: string, versionId: string): void {
    this.version(arn, versionId);
    this.keep({ ...this.own(arn), defaultVersionId: versionId });
  }

  deleteVersion(arn: string, versionId: string): void {
    this.version(arn, versionId);
    const policy = this.own(arn);
    if (policy.defaultVersionId === versionId) {
      throw new ServiceError("DeleteConflict", "Cannot delete the default version of a policy.", 409);
    }
    this.keep({ ...policy, versions: policy.versions.filter((version) => version.versionId !== versionId) });
  }

  delete(arn: string): void {
    const policy = this.own(arn);
    if (this.roles.attachments(arn) > 0) throw new ServiceError("DeleteConflict", "Cannot delete a policy attached to entities.", 409);
    if (policy.versions.length > 1) {
      throw new ServiceError(
        "DeleteConflict",
        "This policy has more than one version. Before you delete a policy, you must delete the policy's versions.",
        409,
      );
    }
    this.kept.delete(arn);
  }

  setTags(arn: string, tags: Record<string, string>): void {
    this.kept.set(arn, { ...this.own(arn), tags });
  }

  /** Text of the version that counts. */
  textOf(arn: string): string {
    const policy = this.find(arn);
    return this.version(arn, policy.defaultVersionId).document;
  }

  private own(arn: string): ManagedPolicy {
    const policy = this.find(arn);
    if (this.kept.has(arn)) return policy;
    throw new ServiceError("AccessDenied", `${arn} is managed by AWS: no account changes it`, 403);
  }

  private keep(policy: ManagedPolicy): void {
    this.kept.set(policy.arn, { ...policy, updatedAt: this.context.clock.now() });
    this.roles.changed(policy.arn);
  }
}

function awsPolicy(arn: string): ManagedPolicy | undefined {
  const document = Object.hasOwn(managedByAws, arn) ? managedByAws[arn] : undefined;
  if (document === undefined) return undefined;
  const [, path = "/", name = ""] = /:policy(\/(?:.+\/)?)([^/]+)$/.exec(arn) ?? [];
  const version = { versionId: "v1", document: JSON.stringify(document), createdAt: 0 };
  return {
    ...{ name, path, arn, policyId: `ANPA${name.toUpperCase().slice(0, 17)}`, createdAt: 0, updatedAt: 0, tags: {} },
    ...{ versions: [version], defaultVersionId: "v1", madeVersions: 1 },
  };
}

/** AWS's unique ids: four letters for the kind, seventeen for the thing. */
export function identifier(kind: string): string {
  return kind + randomBytes(9).toString("hex").slice(0, 17).toUpperCase();
}

/** Names of roles and policies. @param member as errors call it, such as `roleName` */
export function requireName(member: string, name: string, mostCharacters: number): void {
  if (name.length < 1 || name.length > mostCharacters) {
    const side = name.length < 1 ? "greater than or equal to 1" : `less than or equal to ${mostCharacters}`;
    const words = `1 validation error detected: Value '${name}' at '${member}' failed to satisfy constraint: Member must have length ${side}`;
    throw new ServiceError("ValidationError", words);
  }
  if (/^[\w+=,.@-]+$/.test(name)) return;
  const words = `The specified value for ${member} is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-`;
  throw new ServiceError("ValidationError", words);
}

/** IAM counts a policy's characters without white space. */
export function requireSize(document: string, limitBytes: number, words: string): void {
  if (document.replace(/\s/g, "").length > limitBytes) throw new ServiceError("LimitExceeded", words, 409);
}

/** What says what a role may do: on resources, and to nobody else. @throws ServiceError MalformedPolicyDocument */
export function requirePermissions(document: string): PolicyDocument {
  const read = wellFormed(document);
  for (const { Principal, NotPrincipal, Resource, NotResource } of read.Statement) {
    if (Principal !== undefined || NotPrincipal !== undefined) throw malformed("Policy document should not specify a principal.");
    if (Resource === undefined && NotResource === undefined) throw malformed("Policy statement must contain resources.");
  }
  return read;
}

/** What says who may be a role. @throws ServiceError MalformedPolicyDocument */
export function requireTrust(document: string): PolicyDocument {
  const read = wellFormed(document);
  for (const { Principal, NotPrincipal, Resource, NotResource } of read.Statement) {
    if (Principal === undefined && NotPrincipal === undefined) throw malformed("Missing required field Principal");
    if (Resource !== undefined || NotResource !== undefined) throw malformed("Has prohibited field Resource");
  }
  return read;
}

function wellFormed(document: string): PolicyDocument {
  const read = parsed(document);
  const actions = read.Statement.flatMap(({ Action, NotAction }) => Action ?? NotAction ?? []);
  if (!actions.every((action) => action === "*" || /^[a-z0-9-]+:./i.test(action))) {
    throw malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.");
  }
  return read;
}

function parsed(document: string): PolicyDocument {
  try {
    return readPolicy(document);
  } catch (error) {
    throw malformed((error as Error).message);
  }
}

function malformed(words: string): ServiceError {
  return new ServiceError("MalformedPolicyDocument", words);
}
