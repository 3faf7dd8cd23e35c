import type { Need } from "../evaluate";
import { keyNeeds, type JudgedRequest, type KeyUse, type NeedsOf, type Place } from "./table";

/** The subresources of a bucket that a GET may ask for, by query parameter. */
const bucketReads: Readonly<Record<string, string>> = {
  encryption: "GetEncryptionConfiguration",
  lifecycle: "GetLifecycleConfiguration",
  location: "GetBucketLocation",
  notification: "GetBucketNotification",
  ownershipControls: "GetBucketOwnershipControls",
  policy: "GetBucketPolicy",
  publicAccessBlock: "GetBucketPublicAccessBlock",
  uploads: "ListBucketMultipartUploads",
  versioning: "GetBucketVersioning",
};

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
export const s3: NeedsOf = (request, place) => {
  const virtualHost = /^(.+)\.localhost(:\d+)?$/.exec(request.headers.host ?? "")?.[1];
  const path = virtualHost === undefined ? request.path : `/${virtualHost}${request.path}`;
  const [, bucket = "", key = ""] = /^\/([^/]*)\/?(.*)$/s.exec(decoded(path)) ?? [];
  if (bucket === "") return request.method === "GET" ? [{ action: "s3:ListAllMyBuckets", resource: "*" }] : undefined;
  const arn = `arn:aws:s3:::${bucket}`;
  return key === "" ? bucketNeeds(request, arn) : objectNeeds(request, place, arn, `${arn}/${key}`);
};

function bucketNeeds({ method, query }: JudgedRequest, bucket: string): Need[] | undefined {
  const on = (action: string): Need[] => [{ action: `s3:${action}`, resource: bucket }];
  const subresource = Object.keys(bucketReads).find((name) => query.has(name));
  switch (method) {
    case "GET":
      return subresource === undefined ? [listNeed(bucket, query)] : on(bucketReads[subresource] as string);
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
  const encrypt = (...uses: KeyUse[]) => keyNeeds(bucket, keys, "s3", ...uses);
  switch (method) {
    case "GET":
      if (query.has("uploadId")) return on("ListMultipartUploadParts");
      return [...read(object, bucket), ...(query.has("attributes") ? on("GetObjectAttributes") : [])];
    case "HEAD":
      return read(object, bucket).filter(({ action }) => !action.startsWith("kms:"));
    case "PUT": {
      const source = copySource(headerOf(request, "x-amz-copy-source"));
      const uses: KeyUse[] = query.has("uploadId") ? ["GenerateDataKey", "Decrypt"] : ["GenerateDataKey"];
      return [...on("PutObject"), ...(source ? read(source.object, source.bucket) : []), ...encrypt(...uses)];
    }
    case "POST":
      return [...on("PutObject"), ...encrypt("GenerateDataKey", "Decrypt")];
    case "DELETE":
      return on(query.has("uploadId") ? "AbortMultipartUpload" : "DeleteObject");
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
