import type { IncomingMessage } from "node:http";
import type { CloudContext } from "../ports";
import { notSupported, ServiceError } from "../wire";

/** What a request to S3 is about. */
export interface S3Address {
  /** Empty for the account: the list of buckets. */
  bucket: string;
  /** Empty for the bucket itself. */
  key: string;
  query: URLSearchParams;
}

/** Parameters of every request: the operation's name that SDKs add, and signatures in the query, new and old. */
const signing =
  /^(x-id|x-amz-(algorithm|credential|date|expires|signedheaders|signature|security-token|content-sha256|user-agent)|awsaccesskeyid|signature|expires|content-type|content-md5)$/i;

/** Query parameters by what is addressed and method; what isn't here is refused. */
const operations: Record<string, RegExp> = {
  "account GET": /^(prefix|max-buckets|continuation-token|bucket-region)$/,
  "bucket GET":
    /^(list-type|prefix|delimiter|max-keys|marker|continuation-token|start-after|encoding-type|uploads|max-uploads|upload-id-marker|versions|key-marker|version-id-marker|fetch-owner)$/,
  "bucket HEAD": /^$/,
  "bucket PUT": /^$/,
  "bucket DELETE": /^$/,
  "bucket POST": /^delete$/,
  "object GET":
    /^(tagging|versionId|partNumber|uploadId|max-parts|part-number-marker|attributes|response-(content-(type|language|disposition|encoding)|cache-control|expires))$/,
  "object HEAD": /^(versionId|partNumber|response-(content-(type|language|disposition|encoding)|cache-control|expires))$/,
  "object PUT": /^(tagging|versionId|uploadId|partNumber)$/,
  "object POST": /^(uploads|uploadId)$/,
  "object DELETE": /^(tagging|uploadId|versionId)$/,
};

/** Headers of S3 that the emulator honours, or that need nothing to be honoured. */
const honouredHeaders = new RegExp(
  "^x-amz-(date|content-sha256|security-token|user-agent|trailer|decoded-content-length|request-payer|object-ownership|" +
    "expected-bucket-owner|source-expected-bucket-owner|copy-source|copy-source-range|copy-source-if-match|copy-source-if-none-match|metadata-directive|object-attributes|max-parts|part-number-marker|mp-object-size|tagging|tagging-directive|" +
    "server-side-encryption|server-side-encryption-aws-kms-key-id|server-side-encryption-bucket-key-enabled|" +
    "meta-.+|checksum-.+|sdk-.+|algorithm|credential|signedheaders|signature|expires)$",
);

/** Headers that ask for what is so anyway. */
const neutralValues: Record<string, RegExp> = {
  "x-amz-acl": /^(private|bucket-owner-full-control)$/,
  "x-amz-storage-class": /^STANDARD$/,
};

/**
 * Reads what a request is about. `bucket.localhost` is turned into a path, and signed query parameters that stand
 * for headers into headers, so that the emulator sees one form only.
 */
export function readAddress(request: IncomingMessage): S3Address {
  const virtualHost = /^(.+)\.localhost(:\d+)?$/.exec(request.headers.host ?? "");
  if (virtualHost) {
    request.url = `/${virtualHost[1]}${request.url}`;
    request.headers.host = `localhost${virtualHost[2] ?? ""}`;
  }
  const [path = "/", search] = (request.url ?? "/").split("?", 2);
  const query = new URLSearchParams(search);
  for (const [name, value] of query) {
    if (/^x-amz-/i.test(name) && !signing.test(name)) request.headers[name.toLowerCase()] ??= asHeader(name.toLowerCase(), value);
  }
  const [, bucket = "", rest = ""] = /^\/([^/]*)\/?(.*)$/.exec(path) ?? [];
  try {
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(rest), query };
  } catch {
    throw new ServiceError("InvalidURI", "Couldn't parse the specified URI.", 400);
  }
}

/**
 * A text that came elsewhere than in a header, as a header has it: metadata in other letters than ASCII's as S3 tells it to readers.
 *
 * @param name in lower case
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html
 * @throws ServiceError InvalidArgument for what no header can say
 */
export function asHeader(name: string, text: string): string {
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(name)) throw new ServiceError("InvalidArgument", `The header name ${name} is invalid.`, 400);
  if (name.startsWith("x-amz-meta-") && !/^[\t -~]*$/.test(text)) return `=?UTF-8?B?${Buffer.from(text).toString("base64")}?=`;
  if (/^[\t -~\x80-\xff]*$/.test(text)) return text;
  throw new ServiceError("InvalidArgument", "Header value cannot be represented using ISO-8859-1.", 400);
}

/** What a method gets that what is addressed does not have. */
export function methodNotAllowed(): ServiceError {
  return new ServiceError("MethodNotAllowed", "The specified method is not allowed against this resource.", 405);
}

/** What an object gets that is longer than S3, or who signed for it, lets it be. */
export function tooLarge(): ServiceError {
  return new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
}

/** Refuses what the emulator would take and not do. */
export function requireSupported(request: Pick<IncomingMessage, "method" | "headers">, { bucket, key, query }: S3Address): void {
  const subject = key ? "object" : bucket ? "bucket" : "account";
  const allowed = operations[`${subject} ${request.method}`];
  if (!allowed) throw methodNotAllowed();
  for (const [name, value] of query) {
    if (name.startsWith("response-")) asHeader(name, value);
    if (!signing.test(name) && !/^x-amz-/i.test(name) && !allowed.test(name)) {
      throw notSupported(`S3's ${request.method} of ${subject === "object" ? "an object" : `the ${subject}`} with "?${name}"`);
    }
  }
  // Without versions, what there is has the version "null".
  if ((query.get("versionId") ?? "null") !== "null") throw notSupported("versions of objects");
  if (key && request.method === "POST" && !query.has("uploads") && !query.has("uploadId")) throw notSupported("S3's POST to an object");
  if (subject === "bucket" && request.method === "POST" && !query.has("delete"))
    throw notSupported("S3's POST to a bucket that is no form");
  for (const [name, value] of Object.entries(request.headers)) {
    if (!name.startsWith("x-amz-") || honouredHeaders.test(name)) continue;
    if (!neutralValues[name]?.test(String(value))) throw notSupported(`S3's header "${name}: ${String(value)}"`);
  }
  if (/[?&]versionId=/.test(String(request.headers["x-amz-copy-source"] ?? ""))) throw notSupported("S3's copy of a version");
}

/** Lets in who has signed, for as long as the signature says. */
export function requireAccess(
  request: IncomingMessage,
  { query }: S3Address,
  accessKeyId: string | undefined,
  context: CloudContext,
): void {
  const oldSignature = query.has("Signature") && query.has("AWSAccessKeyId");
  if (accessKeyId === undefined && !oldSignature) throw new ServiceError("AccessDenied", "Access Denied", 403);
  const owner = request.headers["x-amz-expected-bucket-owner"];
  if (owner !== undefined && owner !== context.accountId) throw new ServiceError("AccessDenied", "Access Denied", 403);
  const expiresAt = oldSignature ? Number(query.get("Expires")) * 1000 : presignedUntil(query);
  // The signer may go by the cloud's clock (a Lambda) or by the wall's (its user), and the two may run apart.
  if (expiresAt !== undefined && Math.min(context.clock.now(), Date.now()) > expiresAt) {
    throw new ServiceError("AccessDenied", "Request has expired", 403);
  }
}

function presignedUntil(query: URLSearchParams): number | undefined {
  const seconds = query.get("X-Amz-Expires");
  const signedAt = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(query.get("X-Amz-Date") ?? "");
  if (seconds === null || !signedAt) return undefined;
  const [year = 0, month = 1, ...rest] = signedAt.slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest) + Number(seconds) * 1000;
}
