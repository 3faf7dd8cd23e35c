import type { Need } from "../evaluate";
import { keyNeeds, type JudgedRequest, type KeyUse, type NeedsOf, type Place } from "./table";

/** Actions on the subresources of a bucket, by query parameter. */
const bucketActions: Readonly<Record<string, { GET?: string; PUT?: string; DELETE?: string }>> = {
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

/** S3's actions on the tags of an object. */
const tagActionsOfObjects: Readonly<Record<string, string>> = {
  GET: "GetObjectTagging",
  PUT: "PutObjectTagging",
  DELETE: "DeleteObjectTagging",
};

/** S3 Control's actions on the tags of a bucket. */
const tagActions: Readonly<Record<string, string>> = { GET: "ListTagsForResource", POST: "TagResource", DELETE: "UntagResource" };

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const s3: NeedsOf = (request, place) => {
  if (request.headers["x-amz-account-id"] !== undefined && request.path.startsWith("/v20180820/")) return controlNeeds(request, place);
  const virtualHost = /^(.+)\.localhost(:\d+)?$/.exec(request.headers.host ?? "")?.[1];
  const path = virtualHost === undefined ? request.path : `/${virtualHost}${request.path}`;
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
  if (bucket === "") return request.method === "GET" ? [{ action: "s3:ListAllMyBuckets", resource: "*" }] : undefined;
  const arn = `arn:aws:s3:::${bucket}`;
  return key === "" ? bucketNeeds(request, arn) : objectNeeds(request, place, arn, `${arn}/${key}`);
};

function controlNeeds({ method, path }: JudgedRequest, { region, accountId }: Place): Need[] | undefined {
  const [, job, status] = /^\/v20180820\/jobs(?:\/([^/]+)(\/status)?)?$/.exec(path) ?? [];
  if (path === "/v20180820/jobs") return [{ action: method === "POST" ? "s3:CreateJob" : "s3:ListJobs", resource: "*" }];
  if (job !== undefined) {
    const action = status === undefined ? "s3:DescribeJob" : "s3:UpdateJobStatus";
    return [{ action, resource: `arn:aws:s3:${region}:${accountId}:job/${decoded(job)}` }];
  }
  const resource = decoded(/^\/v20180820\/tags\/([^/]+)/.exec(path)?.[1] ?? "");
  const action = tagActions[method];
  return resource === "" || action === undefined ? undefined : [{ action: `s3:${action}`, resource }];
}

function bucketNeeds({ method, query }: JudgedRequest, bucket: string): Need[] | undefined {
  const on = (action: string): Need[] => [{ action: `s3:${action}`, resource: bucket }];
  const subresource = Object.keys(bucketActions).find((name) => query.has(name));
  if (subresource !== undefined) {
    const action = bucketActions[subresource]?.[method as "GET"];
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

function objectNeeds(request: JudgedRequest, place: Place, bucket: string, object: string): Need[] | undefined {
  const { method, query } = request;
  const on = (...actions: string[]): Need[] => actions.map((action) => ({ action: `s3:${action}`, resource: object }));
  const read = (arn: string, inBucket: string): Need[] => [
    { action: "s3:GetObject", resource: arn },
    // Who may not list is not told that an object is missing.
    ...(place.factsOf(arn)?.exists === false ? [{ action: "s3:ListBucket", resource: inBucket }] : keyNeeds(arn, place, "s3", "Decrypt")),
  ];
  const asked = headerOf(request, "x-amz-server-side-encryption-aws-kms-key-id");
  const keys = asked === undefined ? place : { ...place, factsOf: () => ({ kmsKeyArn: asked }) };
  const sets = headerOf(request, "x-amz-tagging") !== undefined;
  const encrypt = (...uses: KeyUse[]) => keyNeeds(bucket, keys, "s3", ...uses);
  if (query.has("tagging")) {
    const action = tagActionsOfObjects[method];
    return action === undefined ? undefined : on(action);
  }
  switch (method) {
    case "GET":
      if (query.has("uploadId")) return on("ListMultipartUploadParts");
      return [...read(object, bucket), ...(query.has("attributes") ? on("GetObjectAttributes") : [])];
    case "HEAD":
      return read(object, bucket).filter(({ action }) => !action.startsWith("kms:"));
    case "PUT": {
      const source = copySource(headerOf(request, "x-amz-copy-source"));
      const isPart = query.has("uploadId");
      const takesTags = source && !isPart && headerOf(request, "x-amz-tagging-directive") !== "REPLACE";
      const copiesTags = takesTags && place.factsOf(source.object)?.tagged === true;
      return [
        ...on("PutObject", ...(copiesTags || sets ? ["PutObjectTagging"] : [])),
        ...(source ? read(source.object, source.bucket) : []),
        ...(copiesTags ? [{ action: "s3:GetObjectTagging", resource: source.object }] : []),
        ...encrypt("GenerateDataKey", ...(isPart ? (["Decrypt"] as const) : [])),
      ];
    }
    case "POST":
      return [...on("PutObject", ...(sets ? ["PutObjectTagging"] : [])), ...encrypt("GenerateDataKey", "Decrypt")];
    case "DELETE":
      if (query.has("uploadId")) return on("AbortMultipartUpload");
      return on(query.has("versionId") ? "DeleteObjectVersion" : "DeleteObject");
  }
  return undefined;
}

function listNeed(bucket: string, query: URLSearchParams): Need {
  const keys = { "s3:prefix": query.get("prefix") ?? "", "s3:delimiter": query.get("delimiter"), "s3:max-keys": query.get("max-keys") };
  const known = Object.entries(keys).filter((entry): entry is [string, string] => entry[1] !== null);
  return { action: "s3:ListBucket", resource: bucket, context: Object.fromEntries(known) };
}

/** A presigned URL may have in its query what is a header elsewhere. */
function headerOf({ headers, query }: JudgedRequest, name: string): string | undefined {
  const inQuery = [...query].find(([key]) => key.toLowerCase() === name)?.[1];
  return headers[name] === undefined ? inQuery : String(headers[name]);
}

function copySource(header: string | undefined): { bucket: string; object: string } | undefined {
  const [, bucket, key] = /^\/?([^/]+)\/(.+)$/s.exec(decoded((header ?? "").replace(/\?.*$/, ""))) ?? [];
  return bucket === undefined ? undefined : { bucket: `arn:aws:s3:::${bucket}`, object: `arn:aws:s3:::${bucket}/${key}` };
}

/** What can't be decoded is S3's to refuse. */
function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
