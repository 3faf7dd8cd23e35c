import { readPolicy } from "../identity/policyDocument";
import { ServiceError } from "../wire";
export const publicAccessFlags = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];
export const encryptionAlgorithms = ["AES256", "aws:kms", "aws:kms:dsse"];
/** The third one turns access control lists on, which nothing here reads. */
export const objectOwnerships = ["BucketOwnerEnforced", "BucketOwnerPreferred"];
/** Which objects change to a cheaper storage class by rules without a size: none do here, but the bucket says which would. */
export const minimumObjectSizes = ["all_storage_classes_128K", "varies_by_storage_class"];
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
];
/** What a new bucket has, since April 2023. https://docs.aws.amazon.com/AmazonS3/latest/userguide/create-bucket-faq.html */
export function newBucketSettings(tags, objectOwnership) {
    const blocked = Object.fromEntries(publicAccessFlags.map((flag) => [flag, true]));
    return { tags, publicAccessBlock: blocked, objectOwnership: objectOwnership ?? "BucketOwnerEnforced" };
}
/** Prefix of the keys that a rule is about. */
export function prefixOf({ prefix, filter }) {
    return filter?.prefix ?? prefix ?? "";
}
/** @throws ServiceError as S3 refuses the rules of a lifecycle */
export function requireLifecycle(rules) {
    if (rules.length === 0 || rules.length > 1000)
        throw malformedXml();
    for (const { id, prefix, filter, expirationDays, abortUploadsDays } of rules) {
        if ((prefix === undefined) === (filter === undefined))
            throw malformedXml();
        if (id.length > 255)
            throw invalid("ID length should not exceed allowed limit of 255");
        requireDays("Expiration", expirationDays);
        requireDays("AbortIncompleteMultipartUpload", abortUploadsDays);
        if (expirationDays === undefined && abortUploadsDays === undefined) {
            throw new ServiceError("InvalidRequest", "At least one action needs to be specified in a rule.", 400);
        }
    }
    const ids = rules.map(({ id }) => id);
    if (new Set(ids).size < ids.length)
        throw invalid("Rule ID must be unique. Found same ID for more than one rule");
}
function requireDays(action, days) {
    if (days === undefined || (Number.isInteger(days) && days > 0))
        return;
    const name = action === "Expiration" ? "Days" : "DaysAfterInitiation";
    throw invalid(`'${name}' for ${action} action must be a positive integer`);
}
/** @throws ServiceError as S3 refuses rules that would send one change to several places, or never send anything */
export function requireNotification(rules) {
    const ids = rules.map(({ id }) => id);
    if (new Set(ids).size < ids.length)
        throw invalid("Same ID used for multiple configurations. IDs must be unique");
    for (const [index, rule] of rules.entries()) {
        if (rule.events.length === 0)
            throw malformedXml();
        const overlapping = rules.slice(index + 1).some((other) => sharesEvent(rule.events, other.events) && sharesKey(rule, other));
        if (overlapping) {
            throw invalid("Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.");
        }
    }
}
function sharesEvent(one, other) {
    const covers = (pattern, name) => pattern === name || (pattern.endsWith("*") && name.startsWith(pattern.slice(0, -1)));
    return one.some((first) => other.some((second) => covers(first, second) || covers(second, first)));
}
function sharesKey(one, other) {
    const prefixes = one.prefix.startsWith(other.prefix) || other.prefix.startsWith(one.prefix);
    return prefixes && (one.suffix.endsWith(other.suffix) || other.suffix.endsWith(one.suffix));
}
/** @throws ServiceError as S3 refuses a default that can't be */
export function requireEncryption({ sseAlgorithm, kmsMasterKeyId }) {
    if (sseAlgorithm === "AES256" && kmsMasterKeyId !== undefined) {
        throw invalid("a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse");
    }
}
/** @throws ServiceError as S3 refuses tags. https://docs.aws.amazon.com/AmazonS3/latest/userguide/CostAllocTagging.html */
export function requireTags(tags) {
    const pairs = Object.entries(tags);
    if (pairs.length > 50)
        throw new ServiceError("BadRequest", "Bucket tag count cannot be greater than 50", 400);
    for (const [key, value] of pairs) {
        if (key === "" || key.length > 128)
            throw new ServiceError("InvalidTag", "The TagKey you have provided is invalid", 400);
        if (value.length > 256)
            throw new ServiceError("InvalidTag", "The TagValue you have provided is invalid", 400);
        if (key.startsWith("aws:"))
            throw new ServiceError("InvalidTag", "System tags cannot be added/updated by requester", 400);
    }
}
const policyLimitBytes = 20 * 1024;
const read = new Map();
/** A bucket's policy, as it is judged by. @throws ServiceError as S3 refuses one that it can't read */
export function bucketPolicy(text) {
    let document = read.get(text);
    if (document)
        return document;
    try {
        document = readPolicy(text);
    }
    catch (error) {
        throw malformedPolicy(error.message);
    }
    read.set(text, document);
    return document;
}
/** @throws ServiceError as S3 refuses a policy of somebody else's bucket, or one that lets everybody in where that is blocked */
export function requirePolicy(bucket, text, block, caller) {
    if (Buffer.byteLength(text) > policyLimitBytes)
        throw malformedPolicy("Policies must be smaller than 20 KB.");
    const document = bucketPolicy(text);
    for (const { Principal, NotPrincipal, Resource, NotResource } of document.Statement) {
        if ((Principal ?? NotPrincipal) === undefined)
            throw malformedPolicy("Missing required field Principal");
        const resources = [Resource ?? NotResource ?? []].flat();
        if (resources.length === 0)
            throw malformedPolicy("Missing required field Resource");
        const own = (resource) => resource === "*" || [`:s3:::${bucket}`, `:s3:::${bucket}/`].some((of) => resource.includes(of)) || /:s3:::[^/]*[*?$]/.test(resource);
        if (!resources.every(own))
            throw malformedPolicy("Policy has invalid resource");
    }
    if (block?.BlockPublicPolicy && isPublic(document)) {
        throw new ServiceError("AccessDenied", `User: ${caller} is not authorized to perform: s3:PutBucketPolicy on resource: "arn:aws:s3:::${bucket}" ` +
            "because public policies are prevented by the BlockPublicPolicy setting in S3 Block Public Access.", 403);
    }
}
/** Keys that, with fixed values, make a statement for everybody one that isn't. */
const narrowing = /^(aws:(sourceip|sourcearn|sourcevpc|sourcevpce|sourceowner|sourceaccount|userid|principalarn|principalaccount|principalorgid|principalorgpaths|calledvia)|s3:(dataaccesspointarn|dataaccesspointaccount|x-amz-server-side-encryption-aws-kms-key-id))$/i;
/** Whether it lets everybody in. https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html#access-control-block-public-access-policy-status */
export function isPublic({ Statement }) {
    return Statement.some(({ Effect, Principal, NotPrincipal, Condition = {} }) => {
        const everybody = NotPrincipal !== undefined || Principal === "*" || [Principal?.["AWS"] ?? []].flat().includes("*");
        const keys = Object.entries(Condition).flatMap(([test, values]) => (test.includes("Not") ? [] : Object.keys(values)));
        return Effect === "Allow" && everybody && !keys.some((key) => narrowing.test(key));
    });
}
function invalid(message) {
    return new ServiceError("InvalidArgument", message, 400);
}
function malformedXml() {
    return new ServiceError("MalformedXML", "The XML you provided was not well-formed or did not validate against our published schema", 400);
}
function malformedPolicy(reason) {
    return new ServiceError("MalformedPolicy", reason, 400);
}
