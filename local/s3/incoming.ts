import type { IncomingHttpHeaders } from "node:http";
import { askedAlgorithm, askedType, checksumAlgorithms, givenSum, requireMd5, requireSum } from "./checksums";
import type { ChecksumAlgorithm, ChecksumType, Sum } from "./checksums";
import { copySourceOf } from "./conditions";
import { noWrite, placeOf, type Objects } from "./objects";
import { children, numberOf, readDocument, textOf } from "./readXml";
import { readTagging } from "./tagging";

/** What a write brings beside its bytes: the emulator hands little of it on, or nothing. */
export interface Incoming {
  /** The bytes are those of another object. */
  copying: boolean;
  /** Content-Encoding without aws-chunked. */
  encoding?: string | undefined;
  /** Checksum of the bytes that the sender gave. */
  sum?: Sum | undefined;
  /** Algorithm by which S3 computes the checksum, where the sender gave none. */
  algorithm?: ChecksumAlgorithm | undefined;
  tags?: Record<string, string> | undefined;
  /** Set when an upload in parts begins. */
  upload?: BegunUpload;
  /** Checksums of the parts that the sender named, when an upload ends. */
  partSums?: ReadonlyMap<number, Sum>;
  /** Size that the sender expects of the object, in bytes. */
  objectBytes?: number | undefined;
}

/** What an upload in parts was begun with, which holds for the object. Plain values only. */
export interface BegunUpload {
  type?: ChecksumType | undefined;
  tags?: Record<string, string> | undefined;
  /** Headers that ask for encryption. */
  encryption?: Record<string, string> | undefined;
}

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
    if (headers["x-amz-copy-source"] !== undefined) {
      const source = copySourceOf(headers);
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
  return noWrite;
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

/** Content-Encoding as it is stored: without aws-chunked, which is only how the bytes were sent. */
export function keptEncoding(encoding: string | undefined): string | undefined {
  const kept = (encoding ?? "").split(",").map((each) => each.trim());
  return kept.filter((each) => each !== "" && each !== "aws-chunked").join(",") || undefined;
}
