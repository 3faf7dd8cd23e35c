import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../wire";
import { copySourceOf } from "./conditions";
import { children, malformed, numberOf, readDocument, textOf } from "./readXml";

/** Bounds of S3. https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html, UsingMetadata.html, qfacts.html */
const keyBytes = 1024;
const metadataBytes = 2048;
const partNumbers = { least: 1, most: 10_000 };

interface Write {
  method: string;
  headers: IncomingHttpHeaders;
  query: unknown;
  body?: unknown;
}

/** Refuses a write that S3 would, and the emulator would not. @throws ServiceError */
export function requireWritable({ method, headers, query, body }: Write, { bucket, key }: { bucket: string; key: string }): void {
  const { uploadId } = query as Record<string, string | undefined>;
  if (Buffer.byteLength(key) > keyBytes) throw new ServiceError("KeyTooLongError", "Your key is too long", 400);
  if (sizeOfMetadata(headers) > metadataBytes) {
    throw new ServiceError("MetadataTooLarge", "Your metadata headers exceed the maximum allowed metadata size", 400);
  }
  if (method === "PUT" && isVainCopy(headers, bucket, key)) {
    const what = "without changing the object's metadata, storage class, website redirect location or encryption attributes";
    throw new ServiceError("InvalidRequest", `This copy request is illegal because it is trying to copy an object to itself ${what}.`, 400);
  }
  if (method === "POST" && uploadId !== undefined) requireParts(body as Buffer);
}

/** @throws ServiceError InvalidArgument for a number that no part may have */
export function requirePartNumber(text: string | undefined): void {
  const number = /^\d+$/.test(text ?? "") ? Number(text) : NaN;
  if (number >= partNumbers.least && number <= partNumbers.most) return;
  const message = `Part number must be an integer between ${partNumbers.least} and ${partNumbers.most}, inclusive`;
  throw new ServiceError("InvalidArgument", message, 400);
}

function sizeOfMetadata(headers: IncomingHttpHeaders): number {
  const prefix = "x-amz-meta-";
  return Object.entries(headers)
    .filter(([name]) => name.startsWith(prefix))
    .reduce((sum, [name, value]) => sum + name.length - prefix.length + String(value).length, 0);
}

function isVainCopy(headers: IncomingHttpHeaders, bucket: string, key: string): boolean {
  if (headers["x-amz-copy-source"] === undefined || headers["x-amz-metadata-directive"] === "REPLACE") return false;
  const [fromBucket, fromKey] = copySourceOf(headers) ?? [];
  return fromBucket === bucket && fromKey === key && headers["x-amz-server-side-encryption"] === undefined;
}

/** The emulator leaves out the parts of a completed upload whose number or tag is missing. */
function requireParts(body: Buffer): void {
  const parts = children(readDocument(body, "CompleteMultipartUpload"), "Part");
  const isNamed = (part: (typeof parts)[number]) => Number(numberOf(part, "PartNumber")) > 0 && Boolean(textOf(part, "ETag"));
  if (parts.length === 0 || !parts.every(isNamed)) throw malformed();
}
