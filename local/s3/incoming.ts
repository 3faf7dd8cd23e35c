import type { IncomingHttpHeaders } from "node:http";
import { askedAlgorithm, askedType, checksumAlgorithms, givenSum, requireMd5, requireSum } from "./checksums";
import type { ChecksumAlgorithm, ChecksumType, Sum } from "./checksums";
import { copySourceOf } from "./conditions";
import { placeOf, type Objects } from "./objects";
import { children, numberOf, readDocument, textOf } from "./readXml";
import { readTagging } from "./tagging";

/** What a write brings beside its bytes: the emulator hands little of it on, or nothing. */
export interface Incoming {
  /** The bytes are those of another object. */
  copying: boolean;
  /** How the bytes are encoded. */
  encoding?: string | undefined;
  /** That of the bytes, as their sender gave it. */
  sum?: Sum | undefined;
  /** By which S3 is to sum up by itself. */
  algorithm?: ChecksumAlgorithm | undefined;
  tags?: Record<string, string> | undefined;
  /** Of an upload in parts that begins. */
  upload?: BegunUpload;
  /** Of the parts of an upload that ends, as their sender gave them. */
  partSums?: ReadonlyMap<number, Sum>;
  objectBytes?: number | undefined;
}

/** What an upload in parts was begun with, which holds for the object. Plain values only. */
export interface BegunUpload {
  type?: ChecksumType | undefined;
  tags?: Record<string, string> | undefined;
  /** Headers that ask for encryption. */
  encryption?: Record<string, string> | undefined;
}

/** Of a write of the cloud's own. */
export const nothing: Incoming = { copying: false };

/** A request for an object, its body read and no longer in chunks. */
interface Write {
  method: string;
  headers: IncomingHttpHeaders;
  query: Readonly<Record<string, string | undefined>>;
  body: Buffer;
}

/**
 * Reads what a write brings, and holds its bytes against their sums.
 *
 * @throws ServiceError
 */
export function readIncoming({ method, headers, query, body }: Write, objects: Objects): Incoming {
  const encoding = keptEncoding(headers["content-encoding"]);
  const { uploadId } = query;
  if (method === "PUT") {
    const source = headers["x-amz-copy-source"] === undefined ? undefined : copySourceOf(headers);
    if (headers["x-amz-copy-source"] !== undefined) {
      const from = source && objects.find(...source);
      const algorithm = askedAlgorithm(headers) ?? from?.checksumAlgorithm;
      return {
        copying: true,
        algorithm: uploadId === undefined ? algorithm : undefined,
        tags: readTagging(headers, sourceTags(objects, source)),
      };
    }
    requireMd5(headers, body);
    const sum = givenSum(headers);
    if (sum) requireSum(body, sum);
    return { copying: false, encoding, sum, tags: readTagging(headers) };
  }
  if (method === "POST" && uploadId === undefined) {
    const algorithm = askedAlgorithm(headers);
    const tags = readTagging(headers);
    const type = algorithm && askedType(headers, algorithm);
    return { copying: false, encoding, algorithm, upload: { type, tags, encryption: askedEncryption(headers) } };
  }
  if (method === "POST") {
    requireMd5(headers, body);
    const bytes = headers["x-amz-mp-object-size"];
    return {
      copying: false,
      sum: givenSum(headers),
      tags: objects.begun.get(uploadId as string)?.tags,
      partSums: readPartSums(body),
      objectBytes: bytes === undefined ? undefined : Number(bytes),
    };
  }
  return nothing;
}

function sourceTags(objects: Objects, source: readonly [string, string] | undefined): Record<string, string> | undefined {
  return source && objects.tags.get(placeOf(...source));
}

function askedEncryption(headers: IncomingHttpHeaders): Record<string, string> {
  const asked = Object.entries(headers).filter(([name]) => name.startsWith("x-amz-server-side-encryption"));
  return Object.fromEntries(asked) as Record<string, string>;
}

function readPartSums(body: Buffer): ReadonlyMap<number, Sum> {
  const parts = children(readDocument(body, "CompleteMultipartUpload"), "Part");
  const sums = parts.flatMap((part) =>
    checksumAlgorithms.flatMap((algorithm): [number, Sum][] => {
      const value = textOf(part, `Checksum${algorithm}`);
      return value === undefined ? [] : [[Number(numberOf(part, "PartNumber")), { algorithm, value }]];
    }),
  );
  return new Map(sums);
}

/** Of how a body is encoded, what stays so: how it was sent does not. */
export function keptEncoding(encoding: string | undefined): string | undefined {
  const kept = (encoding ?? "").split(",").map((each) => each.trim());
  return kept.filter((each) => each !== "" && each !== "aws-chunked").join(",") || undefined;
}
