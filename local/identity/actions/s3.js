import { keyNeeds } from "./table";
/** Actions on the subresources of a bucket, by query parameter. */
const bucketActions = {
    accelerate: { GET: "GetAccelerateConfiguration" },
    acl: { GET: "GetBucketAcl" },
    analytics: { GET: "GetAnalyticsConfiguration" },
    cors: { GET: "GetBucketCORS" },
    encryption: { GET: "GetEncryptionConfiguration", PUT: "PutEncryptionConfiguration", DELETE: "PutEncryptionConfiguration" },
    "intelligent-tiering": { GET: "GetIntelligentTieringConfiguration" },
    inventory: { GET: "GetInventoryConfiguration" },
    lifecycle: { GET: "GetLifecycleConfiguration", PUT: "PutLifecycleConfiguration", DELETE: "PutLifecycleConfiguration" },
    location: { GET: "GetBucketLocation" },
    logging: { GET: "GetBucketLogging" },
    metrics: { GET: "GetMetricsConfiguration" },
    notification: { GET: "GetBucketNotification", PUT: "PutBucketNotification" },
    "object-lock": { GET: "GetBucketObjectLockConfiguration" },
    ownershipControls: { GET: "GetBucketOwnershipControls", PUT: "PutBucketOwnershipControls", DELETE: "PutBucketOwnershipControls" },
    policy: { GET: "GetBucketPolicy", PUT: "PutBucketPolicy", DELETE: "DeleteBucketPolicy" },
    policyStatus: { GET: "GetBucketPolicyStatus" },
    publicAccessBlock: { GET: "GetBucketPublicAccessBlock", PUT: "PutBucketPublicAccessBlock", DELETE: "PutBucketPublicAccessBlock" },
    replication: { GET: "GetReplicationConfiguration" },
    requestPayment: { GET: "GetBucketRequestPayment" },
    tagging: { GET: "GetBucketTagging", PUT: "PutBucketTagging", DELETE: "PutBucketTagging" },
    uploads: { GET: "ListBucketMultipartUploads" },
    versioning: { GET: "GetBucketVersioning", PUT: "PutBucketVersioning" },
    versions: { GET: "ListBucketVersions" },
    website: { GET: "GetBucketWebsite" },
};
/** S3 Control's actions on the tags of a bucket. */
const tagActions = { GET: "ListTagsForResource", POST: "TagResource", DELETE: "UntagResource" };
/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const s3 = (request, place) => {
    if (request.headers["x-amz-account-id"] !== undefined && request.path.startsWith("/v20180820/"))
        return controlNeeds(request);
    const virtualHost = /^(.+)\.localhost(:\d+)?$/.exec(request.headers.host ?? "")?.[1];
    const path = virtualHost === undefined ? request.path : `/${virtualHost}${request.path}`;
    const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
    if (bucket === "")
        return request.method === "GET" ? [{ action: "s3:ListAllMyBuckets", resource: "*" }] : undefined;
    const arn = `arn:aws:s3:::${bucket}`;
    return key === "" ? bucketNeeds(request, arn) : objectNeeds(request, place, arn, `${arn}/${key}`);
};
function controlNeeds({ method, path }) {
    const resource = decoded(/^\/v20180820\/tags\/([^/]+)/.exec(path)?.[1] ?? "");
    const action = tagActions[method];
    return resource === "" || action === undefined ? undefined : [{ action: `s3:${action}`, resource }];
}
function bucketNeeds({ method, query }, bucket) {
    const on = (action) => [{ action: `s3:${action}`, resource: bucket }];
    const subresource = Object.keys(bucketActions).find((name) => query.has(name));
    if (subresource !== undefined) {
        const action = bucketActions[subresource]?.[method];
        return action === undefined ? undefined : on(action);
    }
    switch (method) {
        case "GET":
            return [listNeed(bucket, query)];
        case "HEAD":
            return on("ListBucket");
        case "PUT":
            return query.size === 0 || query.has("x-id") ? on("CreateBucket") : undefined;
        case "DELETE":
            return on("DeleteBucket");
        case "POST":
            // Which keys stands in the body, which streams: only who may delete all of them may call it.
            return query.has("delete") ? [{ action: "s3:DeleteObject", resource: `${bucket}/*` }] : undefined;
    }
    return undefined;
}
function objectNeeds(request, place, bucket, object) {
    const { method, query } = request;
    const on = (...actions) => actions.map((action) => ({ action: `s3:${action}`, resource: object }));
    const read = (arn, inBucket) => [
        { action: "s3:GetObject", resource: arn },
        // Who may not list is not told that an object is missing.
        ...(place.factsOf(arn)?.exists === false ? [{ action: "s3:ListBucket", resource: inBucket }] : keyNeeds(arn, place, "s3", "Decrypt")),
    ];
    const asked = headerOf(request, "x-amz-server-side-encryption-aws-kms-key-id");
    const keys = asked === undefined ? place : { ...place, factsOf: () => ({ kmsKeyArn: asked }) };
    const encrypt = (...uses) => keyNeeds(bucket, keys, "s3", ...uses);
    switch (method) {
        case "GET":
            if (query.has("uploadId"))
                return on("ListMultipartUploadParts");
            return [...read(object, bucket), ...(query.has("attributes") ? on("GetObjectAttributes") : [])];
        case "HEAD":
            return read(object, bucket).filter(({ action }) => !action.startsWith("kms:"));
        case "PUT": {
            const source = copySource(headerOf(request, "x-amz-copy-source"));
            const uses = query.has("uploadId") ? ["GenerateDataKey", "Decrypt"] : ["GenerateDataKey"];
            return [...on("PutObject"), ...(source ? read(source.object, source.bucket) : []), ...encrypt(...uses)];
        }
        case "POST":
            return [...on("PutObject"), ...encrypt("GenerateDataKey", "Decrypt")];
        case "DELETE":
            if (query.has("uploadId"))
                return on("AbortMultipartUpload");
            return on(query.has("versionId") ? "DeleteObjectVersion" : "DeleteObject");
    }
    return undefined;
}
function listNeed(bucket, query) {
    const keys = { "s3:prefix": query.get("prefix") ?? "", "s3:delimiter": query.get("delimiter"), "s3:max-keys": query.get("max-keys") };
    const known = Object.entries(keys).filter((entry) => entry[1] !== null);
    return { action: "s3:ListBucket", resource: bucket, context: Object.fromEntries(known) };
}
/** A presigned URL may have in its query what is a header elsewhere. */
function headerOf({ headers, query }, name) {
    const inQuery = [...query].find(([key]) => key.toLowerCase() === name)?.[1];
    return headers[name] === undefined ? inQuery : String(headers[name]);
}
function copySource(header) {
    const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decoded((header ?? "").replace(/\?.*$/, ""))) ?? [];
    return bucket === undefined ? undefined : { bucket: `arn:aws:s3:::${bucket}`, object: `arn:aws:s3:::${bucket}/${key}` };
}
/** What can't be decoded is S3's to refuse. */
function decoded(path) {
    try {
        return decodeURIComponent(path);
    }
    catch {
        return path;
    }
}
