import { escapeXml } from "../protocol";
import { ServiceError } from "../wire";
import { formEncoded } from "./events";
import type { Objects, StoredObject } from "./objects";

const namespace = "http://s3.amazonaws.com/doc/2006-03-01/";

/** One line of a list: an object or a common prefix, under the name that pages are counted by. */
interface Entry {
  name: string;
  xml: string;
}

/**
 * ListObjects and ListObjectsV2. Ours, because the emulator sorts by language and pages by bytes, and so loses keys
 * of a long list, and comes to no end when prefixes fill a page.
 */
export function listObjects(objects: Objects, bucket: string, query: URLSearchParams, ownerId: string): string {
  const version2 = query.get("list-type") === "2";
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const maxKeys = Math.min(readCount(query.get("max-keys") ?? "1000"), 1000);
  const token = query.get("continuation-token");
  const after = version2 ? (token === null ? (query.get("start-after") ?? "") : keyOf(token, bucket)) : (query.get("marker") ?? "");
  const urlEncoded = query.get("encoding-type") === "url";
  const text = textOf(urlEncoded);
  const owner = !version2 || query.get("fetch-owner") === "true" ? `<Owner><ID>${ownerId}</ID></Owner>` : "";

  const { page, isTruncated } = pageOf(objects.list(bucket, prefix), { prefix, delimiter, after, maxKeys }, text, (object) => {
    const size = `<Size>${object.contentLength}</Size><StorageClass>STANDARD</StorageClass>`;
    return `<Contents>${described(object, text)}${summed(object)}${size}${owner}</Contents>`;
  });
  const last = page.at(-1)?.name;

  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult xmlns="${namespace}">`,
    `<Name>${escapeXml(bucket)}</Name><Prefix>${text(prefix)}</Prefix><MaxKeys>${maxKeys}</MaxKeys><IsTruncated>${isTruncated}</IsTruncated>`,
    delimiter && `<Delimiter>${text(delimiter)}</Delimiter>`,
    urlEncoded && "<EncodingType>url</EncodingType>",
    version2 && `<KeyCount>${page.length}</KeyCount>`,
    version2 && token !== null && `<ContinuationToken>${escapeXml(token)}</ContinuationToken>`,
    version2 && query.has("start-after") && `<StartAfter>${text(query.get("start-after") as string)}</StartAfter>`,
    !version2 && `<Marker>${text(after)}</Marker>`,
    isTruncated &&
      last !== undefined &&
      (version2
        ? `<NextContinuationToken>${tokenOf(last, bucket)}</NextContinuationToken>`
        : delimiter && `<NextMarker>${text(last)}</NextMarker>`),
    ...page.map(({ xml }) => xml),
    "</ListBucketResult>",
  ]
    .filter((part) => part)
    .join("");
}

/** ListObjectVersions: each object has one version, the one that is there. */
export function listVersions(objects: Objects, bucket: string, query: URLSearchParams, owner: string): string {
  const prefix = query.get("prefix") ?? "";
  const delimiter = query.get("delimiter") ?? "";
  const maxKeys = Math.min(readCount(query.get("max-keys") ?? "1000"), 1000);
  const after = query.get("key-marker") ?? "";
  const urlEncoded = query.get("encoding-type") === "url";
  const text = textOf(urlEncoded);
  const { page, isTruncated } = pageOf(
    objects.list(bucket, prefix),
    { prefix, delimiter, after, maxKeys },
    text,
    (object) =>
      `<Version>${described(object, text)}<VersionId>null</VersionId><IsLatest>true</IsLatest><Size>${object.contentLength}</Size>` +
      `<StorageClass>STANDARD</StorageClass><Owner><ID>${owner}</ID></Owner></Version>`,
  );
  const last = page.at(-1)?.name;
  return [
    `<?xml version="1.0" encoding="UTF-8"?>\n<ListVersionsResult xmlns="${namespace}">`,
    `<Name>${escapeXml(bucket)}</Name><Prefix>${text(prefix)}</Prefix><KeyMarker>${text(after)}</KeyMarker>`,
    `<VersionIdMarker>${escapeXml(query.get("version-id-marker") ?? "")}</VersionIdMarker><MaxKeys>${maxKeys}</MaxKeys>`,
    `<IsTruncated>${isTruncated}</IsTruncated>`,
    delimiter && `<Delimiter>${text(delimiter)}</Delimiter>`,
    urlEncoded && "<EncodingType>url</EncodingType>",
    isTruncated && last !== undefined && `<NextKeyMarker>${text(last)}</NextKeyMarker><NextVersionIdMarker>null</NextVersionIdMarker>`,
    ...page.map(({ xml }) => xml),
    "</ListVersionsResult>",
  ]
    .filter((part) => part)
    .join("");
}

/** What leads on from a key, in its bucket alone: the key may be gone by then. */
function tokenOf(key: string, bucket: string): string {
  return Buffer.from(`${bucket} ${key}`).toString("base64url");
}

function keyOf(token: string, bucket: string): string {
  const text = Buffer.from(token, "base64url").toString();
  const key = text.slice(bucket.length + 1);
  // Whatever is no base64 is skipped in decoding.
  if (tokenOf(key, bucket) !== token) throw incorrectToken();
  return key;
}

/** The refusal of a token that no list gave. */
export function incorrectToken(): ServiceError {
  return new ServiceError("InvalidArgument", "The continuation token provided is incorrect", 400);
}

/** The entries of one page, and whether others follow. */
function pageOf(
  objects: readonly StoredObject[],
  { prefix, delimiter, after, maxKeys }: { prefix: string; delimiter: string; after: string; maxKeys: number },
  text: (value: string) => string,
  write: (object: StoredObject) => string,
): { page: Entry[]; isTruncated: boolean } {
  const entries: Entry[] = [];
  for (const object of objects) {
    const end = delimiter ? object.key.indexOf(delimiter, prefix.length) : -1;
    const name = end < 0 ? object.key : object.key.slice(0, end + delimiter.length);
    if (object.key <= after || name === after || name === entries.at(-1)?.name) continue;
    if (entries.length > maxKeys) break;
    entries.push({ name, xml: end < 0 ? write(object) : `<CommonPrefixes><Prefix>${text(name)}</Prefix></CommonPrefixes>` });
  }
  return { page: entries.slice(0, maxKeys), isTruncated: maxKeys > 0 && entries.length > maxKeys };
}

function described({ key, lastModified, etag }: StoredObject, text: (value: string) => string): string {
  return `<Key>${text(key)}</Key><LastModified>${lastModified.toISOString()}</LastModified><ETag>${escapeXml(etag)}</ETag>`;
}

/** By what an object was summed up when it was written. */
function summed({ checksumAlgorithm, checksumType }: StoredObject): string {
  if (checksumAlgorithm === undefined || checksumType === undefined) return "";
  return `<ChecksumAlgorithm>${checksumAlgorithm}</ChecksumAlgorithm><ChecksumType>${checksumType}</ChecksumType>`;
}

/** How text stands in a list: encoded as in a URL when that is asked for. */
function textOf(urlEncoded: boolean): (value: string) => string {
  return (value) => (urlEncoded ? formEncoded(value) : escapeXml(value));
}

function readCount(text: string): number {
  if (!/^\d+$/.test(text)) throw new ServiceError("InvalidArgument", "Argument max-keys must be an integer between 0 and 2147483647", 400);
  return Number(text);
}
