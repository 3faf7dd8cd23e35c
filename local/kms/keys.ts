import { randomUUID } from "node:crypto";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { evaluate } from "../identity/evaluate";
import { readPolicy, type PolicyDocument } from "../identity/policyDocument";
import { ServiceError } from "../wire";
import { managedKeyArn } from "./managedKeys";

/** A customer's key. Kept as it is: plain values only; times in milliseconds of the cloud's clock. */
export interface Key {
  keyId: string;
  arn: string;
  description: string;
  /** Text of its policy, as it was given. */
  policy: string;
  enabled: boolean;
  createdAt: number;
  /** Undefined for one whose material stays the same. */
  rotation?: { periodInDays: number; since: number } | undefined;
  /** When it goes for good; undefined for one that stays. */
  deletionAt?: number | undefined;
  tags: Readonly<Record<string, string>>;
}

/** A name of a key. */
export interface Alias {
  name: string;
  arn: string;
  keyId: string;
  createdAt: number;
}

const dayMilliseconds = 86_400_000;

/** The customer's keys of one embedded cloud: nothing is encrypted with them here, but who may use them is judged. */
export class Keys {
  private readonly keys: Kept<Key>;
  private readonly aliases: Kept<Alias>;
  private readonly documents = new Map<string, PolicyDocument>();

  constructor(private readonly context: CloudContext) {
    this.keys = context.keeper.map<Key>("kms.keys");
    this.aliases = context.keeper.map<Alias>("kms.aliases");
  }

  /** A key's policy; undefined for a key that was not made here, whose policy is not known. */
  policyOf(keyArn: string): PolicyDocument | undefined {
    const policy = this.keys.get(keyArn.split("/").at(-1) as string);
    return policy?.arn === keyArn ? this.document(policy.policy) : undefined;
  }

  /** Why a key can't be used; undefined for one that can. */
  unusable(keyArn: string): string | undefined {
    const key = this.keys.get(keyArn.split("/").at(-1) as string);
    if (key?.arn !== keyArn) return undefined;
    if (key.deletionAt !== undefined) return `${keyArn} is pending deletion.`;
    return key.enabled ? undefined : `${keyArn} is disabled.`;
  }

  /** ARN of the key that an alias's ARN leads to. */
  targetOf(aliasArn: string): string | undefined {
    const alias = this.aliases.get(aliasArn.replace(/^arn:aws:kms:[^:]*:\d*:/, ""));
    return alias?.arn === aliasArn ? this.arnOf(alias.keyId) : undefined;
  }

  /** @param policy text or document; left out for the one that AWS gives @throws ServiceError as KMS refuses it */
  create(options: { policy?: unknown; description?: string; tags?: Readonly<Record<string, string>>; bypassLockoutCheck?: boolean }): Key {
    const { policy = this.defaultPolicy(), description = "", tags = {}, bypassLockoutCheck = false } = options;
    requireDescription(description);
    requireTags(tags);
    const keyId = randomUUID();
    const arn = this.arnOf(keyId);
    const key = { keyId, arn, description, tags, enabled: true, createdAt: this.context.clock.now() };
    const made: Key = { ...key, policy: this.acceptable(arn, policy, bypassLockoutCheck) };
    this.keys.set(keyId, made);
    return made;
  }

  /**
   * A key by its id, ARN, alias or the alias's ARN.
   *
   * @returns undefined for a key of an ARN that was not made here: of another team's, which programs may name
   * @throws ServiceError for one that is not there
   */
  find(name: string): Key | undefined {
    const { region, accountId } = this.context;
    const own = `arn:aws:kms:${region}:${accountId}:`;
    const short = name.startsWith(own) ? name.slice(own.length) : name;
    if (short.startsWith("alias/")) {
      const alias = this.aliases.get(short);
      if (!alias) throw notFound(`Alias ${own}${short} is not found.`);
      return this.find(alias.keyId);
    }
    const key = this.keys.get(short.replace(/^key\//, ""));
    if (key && (key.deletionAt === undefined || key.deletionAt > this.context.clock.now())) return key;
    if (key || !name.startsWith("arn:")) throw notFound(`Key '${key?.arn ?? this.arnOf(name)}' does not exist`);
    return undefined;
  }

  /** The same for what only the owner of a key may do. @throws ServiceError also for one that was not made here, or is on its way out */
  own(name: string, pendingToo = false): Key {
    const key = this.find(name);
    if (!key) throw notFound(`Key '${name}' does not exist`);
    if (key.deletionAt !== undefined && !pendingToo) throw invalidState(`${key.arn} is pending deletion.`);
    return key;
  }

  /** In the order of their making. */
  all(): Key[] {
    const now = this.context.clock.now();
    return [...this.keys.values()].filter(({ deletionAt = Infinity }) => deletionAt > now);
  }

  setPolicy(name: string, policy: unknown, bypassLockoutCheck: boolean): void {
    const key = this.own(name);
    this.set(key, { policy: this.acceptable(key.arn, policy, bypassLockoutCheck) });
  }

  setDescription(name: string, description: string): void {
    requireDescription(description);
    this.set(this.own(name), { description });
  }

  setTags(name: string, change: (tags: Record<string, string>) => Record<string, string>): void {
    const key = this.own(name);
    const tags = change({ ...key.tags });
    requireTags(tags);
    this.set(key, { tags });
  }

  setEnabled(name: string, enabled: boolean): void {
    this.set(this.own(name), { enabled });
  }

  /** @param periodInDays undefined for a key whose material is to stay the same */
  setRotation(name: string, periodInDays: number | undefined): void {
    const key = this.own(name);
    if (periodInDays !== undefined && !(Number.isInteger(periodInDays) && periodInDays >= 90 && periodInDays <= 2560)) {
      throw new ServiceError("ValidationException", `RotationPeriodInDays: got ${periodInDays}; must be between 90 and 2560`);
    }
    this.set(key, { rotation: periodInDays === undefined ? undefined : { periodInDays, since: this.context.clock.now() } });
  }

  scheduleDeletion(name: string, days: number): Key {
    const key = this.own(name);
    if (!Number.isInteger(days) || days < 7 || days > 30) {
      throw new ServiceError("ValidationException", `PendingWindowInDays: got ${days}; must be between 7 and 30`);
    }
    return this.set(key, { enabled: false, deletionAt: this.context.clock.now() + days * dayMilliseconds });
  }

  /** The key stays, disabled. */
  cancelDeletion(name: string): Key {
    const key = this.own(name, true);
    if (key.deletionAt === undefined) throw invalidState(`${key.arn} is not pending deletion.`);
    return this.set(key, { deletionAt: undefined });
  }

  createAlias(name: string, keyName: string): Alias {
    requireAliasName(name);
    const { arn, keyId } = { arn: this.aliasArn(name), keyId: this.own(keyName).keyId };
    if (this.aliases.has(name)) throw new ServiceError("AlreadyExistsException", `An alias with the name ${arn} already exists`);
    const alias = { name, arn, keyId, createdAt: this.context.clock.now() };
    this.aliases.set(name, alias);
    return alias;
  }

  updateAlias(name: string, keyName: string): void {
    this.aliases.set(name, { ...this.alias(name), keyId: this.own(keyName).keyId });
  }

  deleteAlias(name: string): void {
    this.alias(name);
    this.aliases.delete(name);
  }

  /** @param keyName left out for the aliases of all keys */
  aliasesOf(keyName?: string): Alias[] {
    const keyId = keyName === undefined ? undefined : this.find(keyName)?.keyId;
    return [...this.aliases.values()].filter((alias) => keyName === undefined || alias.keyId === keyId);
  }

  /** ARN of the key that a service's own alias leads to, such as `alias/aws/sns`; undefined for other names. */
  managed(name: string): string | undefined {
    const service = /(?:^|:)alias\/aws\/([a-z0-9-]+)$/.exec(name)?.[1];
    return service === undefined ? undefined : managedKeyArn(this.context, service);
  }

  /** https://docs.aws.amazon.com/kms/latest/developerguide/key-policy-default.html */
  defaultPolicy(): PolicyDocument {
    const Principal = { AWS: `arn:aws:iam::${this.context.accountId}:root` };
    return {
      Version: "2012-10-17",
      Id: "key-default-1",
      Statement: [{ Sid: "Enable IAM User Permissions", Effect: "Allow", Principal, Action: "kms:*", Resource: "*" }],
    };
  }

  private alias(name: string): Alias {
    const alias = this.aliases.get(name);
    if (!alias) throw notFound(`Alias ${this.aliasArn(name)} is not found.`);
    return alias;
  }

  private arnOf(keyId: string): string {
    return `arn:aws:kms:${this.context.region}:${this.context.accountId}:key/${keyId}`;
  }

  private aliasArn(name: string): string {
    return `arn:aws:kms:${this.context.region}:${this.context.accountId}:${name}`;
  }

  private set(key: Key, change: Partial<Key>): Key {
    const changed = { ...key, ...change };
    this.keys.set(key.keyId, changed);
    return changed;
  }

  private document(text: string): PolicyDocument {
    const known = this.documents.get(text) ?? readPolicy(text);
    this.documents.set(text, known);
    return known;
  }

  /** @throws ServiceError as KMS refuses a policy that can't be read, or that nobody could ever change */
  private acceptable(keyArn: string, policy: unknown, bypassLockoutCheck: boolean): string {
    const { accountId } = this.context;
    let document: PolicyDocument;
    try {
      document = readPolicy(policy);
    } catch (error) {
      throw new ServiceError("MalformedPolicyDocumentException", (error as Error).message);
    }
    const owner = { kind: "administrator", arn: `arn:aws:iam::${accountId}:root` } as const;
    const need = { action: "kms:PutKeyPolicy", resource: keyArn };
    const denial = evaluate(owner, need, accountId, { identity: [], resource: document, resourceMustAllow: true });
    if (denial !== undefined && !bypassLockoutCheck) {
      throw new ServiceError(
        "MalformedPolicyDocumentException",
        "The new key policy will not allow you to update the key policy in the future. Allow the account kms:PutKeyPolicy.",
      );
    }
    return typeof policy === "string" ? policy : JSON.stringify(policy);
  }
}

function requireDescription(description: string): void {
  if (description.length > 8192) throw new ServiceError("ValidationException", "description: must have at most 8192 characters");
}

function requireAliasName(name: string): void {
  if (!name.startsWith("alias/")) throw new ServiceError("ValidationException", "Invalid identifier: alias names must begin with alias/");
  if (name.startsWith("alias/aws/")) throw new ServiceError("NotAuthorizedException", "Aliases that begin with alias/aws/ are reserved");
  if (!/^alias\/[a-zA-Z0-9/_-]{1,250}$/.test(name))
    throw new ServiceError("InvalidAliasNameException", "Alias contains invalid characters.");
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/tagging-keys.html */
function requireTags(tags: Readonly<Record<string, string>>): void {
  const pairs = Object.entries(tags);
  if (pairs.length > 50) throw new ServiceError("LimitExceededException", "A key has at most 50 tags.");
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128 || key.startsWith("aws:") || value.length > 256) {
      throw new ServiceError("TagException", `The tag ${JSON.stringify(key)} is not valid.`);
    }
  }
}

function notFound(message: string): ServiceError {
  return new ServiceError("NotFoundException", message);
}

function invalidState(message: string): ServiceError {
  return new ServiceError("KMSInvalidStateException", message);
}
