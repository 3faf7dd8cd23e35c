import type { NotificationSettings } from "./events";
import { readPolicy, type PolicyDocument } from "../identity/policyDocument";
import { ServiceError } from "../wire";

/** What is set on a bucket, beside the objects in it. Kept as it is: plain values only. */
export interface BucketSettings {
  tags: Record<string, string>;
  publicAccessBlock?: PublicAccessBlock | undefined;
  /** Text of the policy, as it was given. */
  policy?: string | undefined;
  encryption?: DefaultEncryption | undefined;
  lifecycle?: Lifecycle | undefined;
  objectOwnership?: ObjectOwnership | undefined;
  versioning?: "Suspended" | undefined;
  notification?: NotificationSettings | undefined;
}

export const publicAccessFlags = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"] as const;

/** What of public access is blocked. */
export type PublicAccessBlock = Record<(typeof publicAccessFlags)[number], boolean>;

export const encryptionAlgorithms = ["AES256", "aws:kms", "aws:kms:dsse"] as const;

/** How objects are encrypted whose writer says nothing. */
export interface DefaultEncryption {
  sseAlgorithm: (typeof encryptionAlgorithms)[number];
  kmsMasterKeyId?: string | undefined;
  bucketKeyEnabled?: boolean | undefined;
  /** `SSE-C` or `NONE`. Keys of customers' own are refused here in any case. */
  blockedEncryptionTypes?: string[] | undefined;
}

/** The third one turns access control lists on, which nothing here reads. */
export const objectOwnerships = ["BucketOwnerEnforced", "BucketOwnerPreferred"] as const;
export type ObjectOwnership = (typeof objectOwnerships)[number];

/** Which objects change to a cheaper storage class by rules without a size: none do here, but the bucket says which would. */
export const minimumObjectSizes = ["all_storage_classes_128K", "varies_by_storage_class"] as const;

/** The rules of a bucket's lifecycle. */
export interface Lifecycle {
  rules: LifecycleRule[];
  minimumObjectSize: (typeof minimumObjectSizes)[number];
}

/** One rule of a lifecycle. */
export interface LifecycleRule {
  id: string;
  status: "Enabled" | "Disabled";
  /** Of the first version's form. */
  prefix?: string | undefined;
  filter?: { prefix?: string | undefined } | undefined;
  expirationDays?: number | undefined;
  abortUploadsDays?: number | undefined;
}

/** The events of S3 that happen here. */
export const eventNames = [
  "s3:ObjectCreated:*",
  "s3:ObjectCreated:Put",
  "s3:ObjectCreated:Copy",
  "s3:ObjectCreated:CompleteMultipartUpload",
  "s3:ObjectRemoved:*",
  "s3:ObjectRemoved:Delete",
  "s3:LifecycleExpiration:*",
  "s3:LifecycleExpiration:Delete",
] as const;

/** What a new bucket has, since April 2023. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
export function newBucketSettings(tags: Record<string, string>, objectOwnership: ObjectOwnership | undefined): BucketSettings {
  const blocked = Object.fromEntries(publicAccessFlags.map((flag) => [flag, true])) as PublicAccessBlock;
  return { tags, publicAccessBlock: blocked, objectOwnership: objectOwnership ?? "BucketOwnerEnforced" };
}

/** Prefix of the keys that a rule is about. */
export function prefixOf({ prefix, filter }: LifecycleRule): string {
  return filter?.prefix ?? prefix ?? "";
}

/** @throws ServiceError as S3 refuses the rules of a lifecycle */
export function requireLifecycle(rules: readonly LifecycleRule[]): void {
  if (rules.length === 0 || rules.length > 1000) throw malformedXml();
  for (const { id, prefix, filter, expirationDays, abortUploadsDays } of rules) {
    if ((prefix === undefined) === (filter === undefined)) throw malformedXml();
    if (id.length > 255) throw invalid("ID length should not exceed allowed limit of 255");
    requireDays("Expiration", expirationDays);
    requireDays("AbortIncompleteMultipartUpload", abortUploadsDays);
    if (expirationDays === undefined && abortUploadsDays === undefined) {
      throw new ServiceError("InvalidRequest", "At least one action needs to be specified in a rule.", 400);
    }
  }
  const ids = rules.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw invalid("Rule ID must be unique. Found same ID for more than one rule");
}

function requireDays(action: string, days: number | undefined): void {
  if (days === undefined || (Number.isInteger(days) && days > 0)) return;
  const name = action === "Expiration" ? "Days" : "DaysAfterInitiation";
  throw invalid(`'${name}' for ${action} action must be a positive integer`);
}

/** @throws ServiceError as S3 refuses rules that would send one change to several places, or never send anything */
export function requireNotification(rules: NotificationSettings): void {
  const ids = rules.map(({ id }) => id);
  if (new Set(ids).size < ids.length) throw invalid("Same ID used for multiple configurations. IDs must be unique");
  for (const [index, rule] of rules.entries()) {
    if (rule.events.length === 0) throw malformedXml();
    const overlapping = rules.slice(index + 1).some((other) => sharesEvent(rule.events, other.events) && sharesKey(rule, other));
    if (overlapping) {
      throw invalid(
        "Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.",
      );
    }
  }
}

function sharesEvent(one: readonly string[], other: readonly string[]): boolean {
  const covers = (pattern: string, name: string) => pattern === name || (pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1)));
  return one.some((first) => other.some((second) => covers(first, second) || covers(second, first)));
}

type Keys = Pick<NotificationSettings[number], "prefix" | "suffix">;

function sharesKey(one: Keys, other: Keys): boolean {
  const prefixes = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
  return prefixes && (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix));
}

/** @throws ServiceError as S3 refuses a default that can't be */
export function requireEncryption({ sseAlgorithm, kmsMasterKeyId }: DefaultEncryption): void {
  if (sseAlgorithm === "AES256" && kmsMasterKeyId !== undefined) {
    throw invalid("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
  }
}

/** Letters, digits and spaces of any language, and some signs. */
const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;

/** @throws ServiceError as S3 refuses tags. https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html */
export function requireTags(
  tags: Readonly<Record<string, string>>,
  { most, tooMany } = { most: 50, tooMany: "Bucket tag count cannot be greater than 50" },
): void {
  const pairs = Object.entries(tags);
  if (pairs.length > most) throw new ServiceError("BadRequest", tooMany, 400);
  for (const [key, value] of pairs) {
    if (key === "" || key.length > 128 || !tagText.test(key))
      throw new ServiceError("InvalidTag", "The TagKey you have provided is invalid", 400);
    if (value.length > 256 || !tagText.test(value)) throw new ServiceError("InvalidTag", "The TagValue you have provided is invalid", 400);
    if (key.startsWith("aws:")) throw new ServiceError("InvalidTag", "System tags cannot be added/updated by requester", 400);
  }
}

const policyLimitBytes = 20 * 1024;
const read = new Map<string, PolicyDocument>();

/** A bucket's policy, as it is judged by. @throws ServiceError as S3 refuses one that it can't read */
export function bucketPolicy(text: string): PolicyDocument {
  let document = read.get(text);
  if (document) return document;
  try {
    document = readPolicy(text);
  } catch (error) {
    throw malformedPolicy((error as Error).message);
  }
  read.set(text, document);
  return document;
}

/** @throws ServiceError as S3 refuses a policy of somebody else's bucket, or one that lets everybody in where that is blocked */
export function requirePolicy(bucket: string, text: string, block: PublicAccessBlock | undefined, caller: string): void {
  if (Buffer.byteLength(text) > policyLimitBytes) throw malformedPolicy("Policies must be smaller than 20 KB.");
  const document = bucketPolicy(text);
  for (const { Principal, NotPrincipal, Resource, NotResource } of document.Statement) {
    if ((Principal ?? NotPrincipal) === undefined) throw malformedPolicy("Missing required field Principal");
    const resources = [Resource ?? NotResource ?? []].flat();
    if (resources.length === 0) throw malformedPolicy("Missing required field Resource");
    const own = (resource: string) =>
      resource === "*" || [`:s3:::${bucket}`, `:s3:::${bucket}/`].some((of) => resource.includes(of)) || /:s3:::[^/]*[*?$]/.test(resource);
    if (!resources.every(own)) throw malformedPolicy("Policy has invalid resource");
  }
  if (block?.BlockPublicPolicy && isPublic(document)) {
    throw new ServiceError(
      "AccessDenied",
      `User: ${caller} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" ` +
        "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.",
      403,
    );
  }
}

/** Keys that, with fixed values, make a statement for everybody one that isn't. */
const narrowing =
  /^(aws:(sourceip|sourcearn|sourcevpc|sourcevpce|sourceowner|sourceaccount|userid|principalarn|principalaccount|principalorgid|principalorgpaths|calledvia)|s3:(dataaccesspointarn|dataaccesspointaccount|x-amz-server-side-encryption-aws-kms-key-id))$/i;

/** Whether it lets everybody in. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status */
export function isPublic({ Statement }: PolicyDocument): boolean {
  return Statement.some(({ Effect, Principal, NotPrincipal, Condition = {} }) => {
    const everybody = NotPrincipal !== undefined || Principal === "*" || [Principal?.["AWS"] ?? []].flat().includes("*");
    const keys = Object.entries(Condition).flatMap(([test, values]) => (test.includes("Not") ? [] : Object.keys(values)));
    return Effect === "Allow" && everybody && !keys.some((key) => narrowing.test(key));
  });
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidArgument", message, 400);
}

function malformedXml(): ServiceError {
  return new ServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);
}

function malformedPolicy(reason: string): ServiceError {
  return new ServiceError("MalformedPolicy", reason, 400);
}
