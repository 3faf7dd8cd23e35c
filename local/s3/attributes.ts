import type { IncomingHttpHeaders } from "node:http";
import { ServiceError, type WireResponse } from "../wire";
import type { StoredObject } from "./objects";
import { element, xml } from "./settingsXml";

const names = ["ETag", "Checksum", "ObjectParts", "StorageClass", "ObjectSize"] as const;
type Name = (typeof names)[number];

/**
 * GetObjectAttributes: what is asked of an object without its bytes. Ours, because the emulator has three checksums.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObjectAttributes.html
 *
 * @throws ServiceError InvalidArgument for an attribute that no object has, or none
 */
export function objectAttributes(object: StoredObject, headers: IncomingHttpHeaders): WireResponse {
  const asked = String(headers["x-amz-object-attributes"] ?? "")
    .split(",")
    .map((each) => each.trim());
  if (!asked.every((each) => names.includes(each as Name))) {
    throw new ServiceError("InvalidArgument", "Invalid attribute name specified.", 400);
  }
  const written: Record<Name, () => string> = {
    ETag: () => element("ETag", object.etag.replaceAll('"', "")),
    Checksum: () => checksum(object),
    ObjectParts: () => parts(object, headers),
    StorageClass: () => element("StorageClass", "STANDARD"),
    ObjectSize: () => element("ObjectSize", String(object.contentLength)),
  };
  const content = names.filter((name) => asked.includes(name)).map((name) => written[name]());
  const { contentType, body } = xml("GetObjectAttributesResponse", content.join(""));
  return { status: 200, headers: { "content-type": contentType, "last-modified": object.lastModified.toUTCString() }, body };
}

function checksum({ checksumAlgorithm, checksumValue, checksumType }: StoredObject): string {
  if (checksumAlgorithm === undefined) return "";
  return `<Checksum>${element(`Checksum${checksumAlgorithm}`, checksumValue)}${element("ChecksumType", checksumType)}</Checksum>`;
}

/** Only the parts of an object whose parts are summed up are listed; of all others S3 says how many there are. */
function parts({ parts: all, partChecksums, checksumAlgorithm }: StoredObject, headers: IncomingHttpHeaders): string {
  if (all === undefined) return "";
  const count = element("PartsCount", String(all.length));
  if (partChecksums === undefined || partChecksums.length < all.length) return `<ObjectParts>${count}</ObjectParts>`;
  const marker = readNumber(headers, "x-amz-part-number-marker", 0);
  const limit = Math.min(readNumber(headers, "x-amz-max-parts", 1000), 1000);
  const after = all.map((part, index) => ({ ...part, sum: partChecksums[index] })).filter(({ partNumber }) => partNumber > marker);
  const page = after.slice(0, limit);
  const elements = page.map(
    ({ partNumber, length, sum }) =>
      `<Part>${element("PartNumber", String(partNumber))}${element("Size", String(length))}` +
      `${element(`Checksum${checksumAlgorithm}`, sum)}</Part>`,
  );
  return (
    `<ObjectParts>${count}<PartNumberMarker>${marker}</PartNumberMarker>` +
    `<NextPartNumberMarker>${page.at(-1)?.partNumber ?? 0}</NextPartNumberMarker><MaxParts>${limit}</MaxParts>` +
    `<IsTruncated>${after.length > limit}</IsTruncated>${elements.join("")}</ObjectParts>`
  );
}

function readNumber(headers: IncomingHttpHeaders, name: string, otherwise: number): number {
  const text = String(headers[name] ?? otherwise);
  if (/^\d+$/.test(text)) return Number(text);
  throw new ServiceError("InvalidArgument", `Argument ${name} must be an integer between 0 and 2147483647`, 400);
}
