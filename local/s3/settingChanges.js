import { randomUUID } from "node:crypto";
import { booleanOf, child, children, numberOf, readDocument, readTags, requiredText, requireOnly, textOf } from "./readXml";
import { encryptionAlgorithms, eventNames, minimumObjectSizes, objectOwnerships, publicAccessFlags, } from "./settings";
import { notSupported, ServiceError } from "../wire";
/** By the query parameter that asks for it. */
export const settingChanges = {
    encryption: {
        put: (buckets, bucket, body) => {
            const rules = children(readDocument(body, "ServerSideEncryptionConfiguration"), "Rule");
            const rule = rules[0] ?? "";
            const byDefault = child(rule, "ApplyServerSideEncryptionByDefault") ?? "";
            requireOnly(rule, ["ApplyServerSideEncryptionByDefault", "BucketKeyEnabled", "BlockedEncryptionTypes"], "a bucket's encryption");
            const blocked = children(child(rule, "BlockedEncryptionTypes") ?? "", "EncryptionType").filter((type) => typeof type === "string");
            buckets.setEncryption(bucket, {
                sseAlgorithm: requiredText(byDefault, "SSEAlgorithm", encryptionAlgorithms),
                kmsMasterKeyId: textOf(byDefault, "KMSMasterKeyID"),
                bucketKeyEnabled: booleanOf(rule, "BucketKeyEnabled"),
                ...(blocked.length > 0 && { blockedEncryptionTypes: blocked }),
            });
        },
        delete: (buckets, bucket) => buckets.setEncryption(bucket, undefined),
    },
    lifecycle: {
        put: (buckets, bucket, body, headers) => {
            const rules = children(readDocument(body, "LifecycleConfiguration"), "Rule").map(readLifecycleRule);
            const asked = headers["x-amz-transition-default-minimum-object-size"];
            const minimumObjectSize = minimumObjectSizes.find((size) => size === (asked ?? minimumObjectSizes[0]));
            if (minimumObjectSize === undefined) {
                throw new ServiceError("InvalidRequest", `Invalid TransitionDefaultMinimumObjectSize found: ${String(asked)}`, 400);
            }
            buckets.setLifecycle(bucket, { rules, minimumObjectSize });
        },
        delete: (buckets, bucket) => buckets.setLifecycle(bucket, undefined),
    },
    notification: {
        put: async (buckets, bucket, body, headers) => {
            const unchecked = headers["x-amz-skip-destination-validation"] === "true";
            await buckets.setNotification(bucket, readNotification(readDocument(body, "NotificationConfiguration")), unchecked);
        },
    },
    ownershipControls: {
        put: (buckets, bucket, body) => {
            const rule = child(readDocument(body, "OwnershipControls"), "Rule") ?? "";
            buckets.set(bucket, { objectOwnership: requireOwnership(requiredText(rule, "ObjectOwnership")) });
        },
        delete: (buckets, bucket) => buckets.set(bucket, { objectOwnership: undefined }),
    },
    policy: {
        put: (buckets, bucket, body) => buckets.setPolicy(bucket, body.toString()),
        delete: (buckets, bucket) => buckets.setPolicy(bucket, undefined),
    },
    publicAccessBlock: {
        put: (buckets, bucket, body) => {
            const document = readDocument(body, "PublicAccessBlockConfiguration");
            const flags = publicAccessFlags.map((flag) => [flag, booleanOf(document, flag) ?? false]);
            buckets.set(bucket, { publicAccessBlock: Object.fromEntries(flags) });
        },
        delete: (buckets, bucket) => buckets.set(bucket, { publicAccessBlock: undefined }),
    },
    tagging: {
        put: (buckets, bucket, body) => buckets.setTags(bucket, readTags(child(readDocument(body, "Tagging"), "TagSet"))),
        delete: (buckets, bucket) => buckets.setTags(bucket, {}),
    },
    versioning: {
        put: (buckets, bucket, body) => {
            const document = readDocument(body, "VersioningConfiguration");
            const status = requiredText(document, "Status", ["Enabled", "Suspended"]);
            if (status === "Enabled")
                throw notSupported("versions of objects");
            buckets.set(bucket, { versioning: status });
        },
    },
};
/** Who owns objects that others write. @throws ServiceError for what is none of S3's, or does nothing here */
export function requireOwnership(text) {
    if (text === "ObjectWriter")
        throw notSupported("access control lists: the ownership ObjectWriter");
    const known = objectOwnerships.find((ownership) => ownership === text);
    if (known === undefined)
        throw new ServiceError("InvalidArgument", `Invalid x-amz-object-ownership header: ${text}`, 400);
    return known;
}
function readLifecycleRule(rule) {
    const where = "a rule of a bucket's lifecycle";
    requireOnly(rule, ["ID", "Prefix", "Filter", "Status", "Expiration", "AbortIncompleteMultipartUpload"], where);
    const filter = child(rule, "Filter");
    const expiration = child(rule, "Expiration");
    const abort = child(rule, "AbortIncompleteMultipartUpload");
    requireOnly(filter ?? "", ["Prefix"], where);
    requireOnly(expiration ?? "", ["Days", "ExpiredObjectDeleteMarker"], where);
    // Without versions there are no such markers.
    if (expiration !== undefined && booleanOf(expiration, "ExpiredObjectDeleteMarker"))
        throw notSupported("delete markers of objects");
    return {
        id: textOf(rule, "ID") ?? randomUUID(),
        status: requiredText(rule, "Status", ["Enabled", "Disabled"]),
        prefix: textOf(rule, "Prefix"),
        filter: filter === undefined ? undefined : { prefix: textOf(filter, "Prefix") },
        expirationDays: expiration === undefined ? undefined : numberOf(expiration, "Days"),
        abortUploadsDays: abort === undefined ? undefined : numberOf(abort, "DaysAfterInitiation"),
    };
}
const destinations = [
    { kind: "function", rule: "CloudFunctionConfiguration", target: "CloudFunction" },
    { kind: "topic", rule: "TopicConfiguration", target: "Topic" },
    { kind: "queue", rule: "QueueConfiguration", target: "Queue" },
];
function readNotification(document) {
    requireOnly(document, destinations.map(({ rule }) => rule), "a bucket's notification");
    return destinations.flatMap(({ kind, rule, target }) => children(document, rule).map((each) => {
        const key = child(child(each, "Filter") ?? "", "S3Key") ?? "";
        const filters = children(key, "FilterRule").map((filter) => [
            requiredText(filter, "Name").toLowerCase(),
            requiredText(filter, "Value"),
        ]);
        const { prefix = "", suffix = "", ...others } = Object.fromEntries(filters);
        if (Object.keys(others).length > 0)
            throw new ServiceError("InvalidArgument", "filter rule name must be either prefix or suffix", 400);
        if (new Set(filters.map(([name]) => name)).size < filters.length) {
            throw new ServiceError("InvalidArgument", "Cannot specify more than one prefix rule in a filter.", 400);
        }
        return {
            id: textOf(each, "Id") || randomUUID(),
            kind,
            targetArn: requiredText(each, target),
            events: children(each, "Event").map(requireEvent),
            prefix,
            suffix,
        };
    }));
}
function requireEvent(event) {
    const name = typeof event === "string" ? event : "";
    if (eventNames.includes(name))
        return name;
    if (!/^s3:[A-Za-z]+(:[A-Za-z*]+)?$/.test(name))
        throw new ServiceError("InvalidArgument", "The event is not supported for notifications", 400);
    throw notSupported(`the event ${name} of S3`);
}
