import { escapeXml } from "../protocol";
import { ServiceError } from "../wire";
import { compositeOf, requireSame, sumOf, type ChecksumAlgorithm, type ChecksumType, type Sum } from "./checksums";
import type { Incoming } from "./incoming";
import { element } from "./settingsXml";

/** A multipart upload that was begun and neither completed nor aborted. */
export interface Upload {
  bucket: string;
  key: string;
  /** Milliseconds of the cloud's clock. */
  startedAt: number;
  /** By what its parts are summed up. */
  algorithm: ChecksumAlgorithm | undefined;
  type: ChecksumType | undefined;
  /** By number. Sums are in base64. */
  parts: Map<number, { etag: string; bytes: number; uploadedAt: number; sum: string | undefined }>;
}

const head = `<?xml version="1.0" encoding="UTF-8"?>\n`;
const namespace = ` xmlns="http://s3.amazonaws.com/doc/2006-03-01/"`;
const storageClass = "<StorageClass>STANDARD</StorageClass>";

/** ListParts: what a program asks that goes on with an upload after a crash. @throws ServiceError NoSuchUpload */
export function listParts(uploads: ReadonlyMap<string, Upload>, address: { bucket: string; key: string; query: URLSearchParams }): string {
  const { bucket, key, query } = address;
  const uploadId = query.get("uploadId") ?? "";
  const upload = uploads.get(uploadId);
  if (upload?.bucket !== bucket || upload.key !== key) {
    const message =
      "The specified multipart upload does not exist. The upload ID may be invalid, or the upload may have been aborted or completed.";
    throw new ServiceError("NoSuchUpload", message, 404);
  }
  const marker = Number(query.get("part-number-marker") ?? 0);
  const limit = Math.min(Number(query.get("max-parts") ?? 1000), 1000);
  const after = [...upload.parts].filter(([number]) => number > marker).sort(([a], [b]) => a - b);
  const page = after.slice(0, limit);
  const elements = page.map(
    ([number, { etag, bytes, uploadedAt, sum }]) =>
      `<Part><PartNumber>${number}</PartNumber><LastModified>${new Date(uploadedAt).toISOString()}</LastModified>` +
      `<ETag>${escapeXml(etag)}</ETag><Size>${bytes}</Size>${upload.algorithm ? element(`Checksum${upload.algorithm}`, sum) : ""}</Part>`,
  );
  return (
    `${head}<ListPartsResult${namespace}><Bucket>${escapeXml(bucket)}</Bucket><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId>` +
    `${element("ChecksumAlgorithm", upload.algorithm)}${element("ChecksumType", upload.type)}${storageClass}<PartNumberMarker>${marker}</PartNumberMarker><NextPartNumberMarker>${page.at(-1)?.[0] ?? 0}</NextPartNumberMarker>` +
    `<MaxParts>${limit}</MaxParts><IsTruncated>${after.length > limit}</IsTruncated>${elements.join("")}</ListPartsResult>`
  );
}

/** ListMultipartUploads: by key, and those of one key as they were begun. */
export function listUploads(uploads: ReadonlyMap<string, Upload>, bucket: string, query: URLSearchParams): string {
  const prefix = query.get("prefix") ?? "";
  const [keyMarker, idMarker] = [query.get("key-marker") ?? "", query.get("upload-id-marker") ?? ""];
  const limit = Math.min(Number(query.get("max-uploads") ?? 1000), 1000);
  const found = [...uploads]
    .filter(([, upload]) => upload.bucket === bucket && upload.key.startsWith(prefix))
    .sort(([, a], [, b]) => (a.key === b.key ? a.startedAt - b.startedAt : a.key < b.key ? -1 : 1));
  const last = found.findIndex(([uploadId, { key }]) => key === keyMarker && uploadId === idMarker);
  const after = last < 0 ? found.filter(([, { key }]) => key > keyMarker) : found.slice(last + 1);
  const page = after.slice(0, limit);
  const [lastId = "", lastUpload] = page.at(-1) ?? [];
  const isTruncated = after.length > limit;
  const next = `<NextKeyMarker>${escapeXml(lastUpload?.key ?? "")}</NextKeyMarker><NextUploadIdMarker>${lastId}</NextUploadIdMarker>`;
  const elements = page.map(
    ([uploadId, { key, startedAt }]) =>
      `<Upload><Key>${escapeXml(key)}</Key><UploadId>${uploadId}</UploadId>${storageClass}` +
      `<Initiated>${new Date(startedAt).toISOString()}</Initiated></Upload>`,
  );
  return (
    `${head}<ListMultipartUploadsResult${namespace}><Bucket>${escapeXml(bucket)}</Bucket><KeyMarker>${escapeXml(keyMarker)}</KeyMarker>` +
    `<UploadIdMarker>${escapeXml(idMarker)}</UploadIdMarker>${isTruncated ? next : ""}<Prefix>${escapeXml(prefix)}</Prefix>` +
    `<MaxUploads>${limit}</MaxUploads><IsTruncated>${isTruncated}</IsTruncated>${elements.join("")}</ListMultipartUploadsResult>`
  );
}

const noSum = { checksumAlgorithm: undefined, checksumValue: undefined, checksumType: undefined, partChecksums: undefined };

/** Of an upload that ends. */
interface Ending {
  /** Of the parts that its sender named, in this order. */
  numbers: readonly number[];
  /** What the emulator has of its parts, by number. */
  parts: ReadonlyMap<number, { body: Buffer }>;
  incoming: Incoming;
}

/**
 * The checksum of an object that is put together from parts. Members that are undefined replace those that the emulator would write.
 *
 * @throws ServiceError InvalidPart, InvalidRequest or BadDigest, with nothing changed
 */
export function sumOfUpload({ algorithm, type, parts: known }: Upload, { numbers, parts, incoming }: Ending): object {
  const { sum: given, partSums, objectBytes } = incoming;
  const chosen = numbers.map((number) => known.get(number));
  // What is missing is the emulator's to refuse.
  if (chosen.includes(undefined)) return {};
  for (const [number, sum] of partSums ?? []) {
    if (algorithm === sum.algorithm && known.get(number)?.sum !== sum.value) throw invalidPart();
  }
  const bytes = chosen.reduce((total, part) => total + (part?.bytes ?? 0), 0);
  if (objectBytes !== undefined && objectBytes !== bytes) {
    const message = `The provided 'x-amz-mp-object-size' header value ${objectBytes} does not match what was computed: ${bytes}`;
    throw new ServiceError("InvalidRequest", message, 400);
  }
  const [by, of] = [algorithm ?? given?.algorithm, type ?? "FULL_OBJECT"];
  if (by === undefined) return noSum;
  const partChecksums = chosen.flatMap((part) => part?.sum ?? []);
  const whole = () => Buffer.concat(numbers.map((number) => parts.get(number)?.body ?? Buffer.alloc(0)));
  const sum: Sum = of === "COMPOSITE" ? compositeOf(by, partChecksums) : sumOf(by, whole());
  if (given) {
    if (given.algorithm !== by) throw otherAlgorithm(by, given.algorithm);
    requireSame(sum, given.value);
  }
  return { ...noSum, checksumAlgorithm: by, checksumValue: sum.value, checksumType: of, ...(algorithm && { partChecksums }) };
}

/** What is summed up by another algorithm than its upload gets. */
export function otherAlgorithm(expected: ChecksumAlgorithm, actual: ChecksumAlgorithm): ServiceError {
  const names = `expected checksum Type: ${expected.toLowerCase()}, actual checksum Type: ${actual.toLowerCase()}`;
  return new ServiceError("InvalidRequest", `Checksum Type mismatch occurred, ${names}`, 400);
}

function invalidPart(): ServiceError {
  const message =
    "One or more of the specified parts could not be found.  The part may not have been uploaded, or the specified entity tag may not match the part's entity tag.";
  return new ServiceError("InvalidPart", message, 400);
}
