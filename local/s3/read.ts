import type { IncomingHttpHeaders } from "node:http";
import { ServiceError } from "../wire";
import { sameTag, preconditionFailed } from "./conditions";
import { requestId } from "./events";
import type { StoredObject } from "./objects";

/** What GetObject or HeadObject answers. */
export interface ReadAnswer {
  status: number;
  headers: Record<string, string>;
  /** Bytes of the body, from the first up to the second; undefined for none. */
  bytes: readonly [from: number, to: number] | undefined;
}

/**
 * What a reader of an object gets: all of it, a range, a part, or word that it has not changed. Ours, because the emulator refuses the end
 * of an object that is shorter, looks at conditions of a HEAD not at all, and compares times that HTTP gives in seconds by milliseconds.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
 *
 * @throws ServiceError PreconditionFailed, InvalidRange, InvalidPartNumber, InvalidRequest
 */
export function readObject(object: StoredObject, headers: IncomingHttpHeaders, partNumber: string | undefined): ReadAnswer {
  const modified = Math.floor(object.lastModified.getTime() / 1000);
  const described = { etag: object.etag, "last-modified": object.lastModified.toUTCString(), "x-amz-request-id": requestId() };
  const { "if-match": ifMatch, "if-none-match": ifNoneMatch, range } = headers;
  const since = secondsOf(headers["if-modified-since"]);
  const until = secondsOf(headers["if-unmodified-since"]);
  if (ifMatch === undefined ? until !== undefined && modified > until : !sameTag(ifMatch, object)) throw preconditionFailed();
  if (ifNoneMatch === undefined ? since !== undefined && modified <= since : sameTag(ifNoneMatch, object)) {
    return { status: 304, headers: described, bytes: undefined };
  }
  const { contentLength: size } = object;
  if (partNumber !== undefined && range !== undefined) {
    throw new ServiceError("InvalidRequest", "Cannot specify both Range header and partNumber query parameter", 400);
  }
  const bytes = partNumber === undefined ? readRange(range, size) : readPart(object, Number(partNumber));
  const [from, to] = bytes ?? [0, size];
  return {
    status: bytes ? 206 : 200,
    headers: {
      ...described,
      ...systemHeaders(object),
      ...(bytes ? size > 0 && { "content-range": `bytes ${from}-${to - 1}/${size}` } : checksumHeaders(object, headers)),
      ...(object.parts && { "x-amz-mp-parts-count": String(object.parts.length) }),
      "accept-ranges": "bytes",
      "content-length": String(to - from),
    },
    bytes: [from, to],
  };
}

function secondsOf(date: string | undefined): number | undefined {
  const milliseconds = Date.parse(date ?? "");
  return Number.isNaN(milliseconds) ? undefined : Math.floor(milliseconds / 1000);
}

/** @returns undefined for all of it: what is no single range of bytes is ignored */
function readRange(range: string | undefined, size: number): readonly [number, number] | undefined {
  const [, first = "", last = ""] = /^bytes=(\d*)-(\d*)$/.exec(range ?? "") ?? [];
  if (first === "" && last === "") return undefined;
  if (first !== "" && last !== "" && Number(first) > Number(last)) return undefined;
  const from = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const to = first === "" || last === "" ? size : Math.min(Number(last) + 1, size);
  if (from >= to) throw new ServiceError("InvalidRange", "The requested range is not satisfiable", 416);
  return [from, to];
}

/** An object that was not uploaded in parts is one. */
function readPart({ parts, contentLength }: StoredObject, number: number): readonly [number, number] {
  const part = (parts ?? [{ partNumber: 1, offset: 0, length: contentLength }]).find(({ partNumber }) => partNumber === number);
  if (!part) throw new ServiceError("InvalidPartNumber", "The requested partnumber is not satisfiable", 416);
  return [part.offset, part.offset + part.length];
}

function systemHeaders(object: StoredObject): Record<string, string> {
  const { contentType, contentLanguage, contentDisposition, cacheControl, contentEncoding, metadata } = object;
  const entries = {
    "content-type": contentType,
    "content-language": contentLanguage,
    "content-disposition": contentDisposition,
    "cache-control": cacheControl,
    "content-encoding": contentEncoding,
    ...Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-amz-meta-${name}`, value])),
  };
  return Object.fromEntries(Object.entries(entries).filter((entry): entry is [string, string] => Boolean(entry[1])));
}

function checksumHeaders(object: StoredObject, headers: IncomingHttpHeaders): Record<string, string> {
  const { checksumAlgorithm, checksumValue, checksumType } = object;
  if (String(headers["x-amz-checksum-mode"]).toUpperCase() !== "ENABLED" || !checksumAlgorithm || !checksumValue) return {};
  return {
    [`x-amz-checksum-${checksumAlgorithm.toLowerCase()}`]: checksumValue,
    ...(checksumType && { "x-amz-checksum-type": checksumType }),
  };
}
