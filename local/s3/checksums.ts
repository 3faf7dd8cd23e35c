import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import { notSupported, ServiceError } from "../wire";

/** Of what the sum of an object that was uploaded in parts is made: of its bytes, or of its parts' sums. */
export const checksumTypes = ["COMPOSITE", "FULL_OBJECT"] as const;
export type ChecksumType = (typeof checksumTypes)[number];

interface Checksum {
  bytes: number;
  of: (body: Buffer) => Buffer;
  /** That of an object in parts, the default first. */
  types: readonly ChecksumType[];
}

const hashed = (name: string) => (body: Buffer) => createHash(name).update(body).digest();
const composite = ["COMPOSITE"] as const;

/** Checksums by S3's names. https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html */
const checksums = {
  CRC32: { bytes: 4, of: (body) => bigEndian(crc32(body)), types: checksumTypes },
  CRC32C: { bytes: 4, of: (body) => bigEndian(crc32c(body)), types: checksumTypes },
  CRC64NVME: { bytes: 8, of: crc64nvme, types: ["FULL_OBJECT"] },
  MD5: { bytes: 16, of: hashed("md5"), types: composite },
  SHA1: { bytes: 20, of: hashed("sha1"), types: composite },
  SHA256: { bytes: 32, of: hashed("sha256"), types: composite },
  SHA512: { bytes: 64, of: hashed("sha512"), types: composite },
} as const satisfies Record<string, Checksum>;

export type ChecksumAlgorithm = keyof typeof checksums;

/** The sum of something, in base64. */
export interface Sum {
  algorithm: ChecksumAlgorithm;
  value: string;
}

/** Names of the checksums that are verified here. */
export const checksumAlgorithms = Object.keys(checksums) as ChecksumAlgorithm[];

/** The sum of some bytes. */
export function sumOf(algorithm: ChecksumAlgorithm, body: Buffer): Sum {
  return { algorithm, value: checksums[algorithm].of(body).toString("base64") };
}

/** The sum of the sums of an object's parts, in their order. */
export function compositeOf(algorithm: ChecksumAlgorithm, parts: readonly string[]): Sum {
  const joined = Buffer.concat(parts.map((part) => Buffer.from(part, "base64")));
  return { algorithm, value: `${sumOf(algorithm, joined).value}-${parts.length}` };
}

/** The sum that a request gives, in a header or in its trailer. @throws ServiceError InvalidRequest for several, or one that can't be */
export function givenSum(headers: IncomingHttpHeaders): Sum | undefined {
  const given = Object.entries(headers).filter(([name]) => /^x-amz-checksum-(?!algorithm$|type$|mode$)/.test(name));
  const [[name, value] = []] = given;
  if (name === undefined) return undefined;
  if (given.length > 1) throw invalid("Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.");
  const algorithm = name.slice("x-amz-checksum-".length).toUpperCase() as ChecksumAlgorithm;
  if (!checksumAlgorithms.includes(algorithm)) throw notSupported(`S3's header "${name}"`);
  const text = String(value);
  // That of an object in parts ends with their number.
  if (Buffer.from(text.replace(/-\d+$/, ""), "base64").length === checksums[algorithm].bytes) return { algorithm, value: text };
  throw invalid(`Value for ${name} header is invalid.`);
}

/** The algorithm that a request asks S3 to sum up by. @throws ServiceError InvalidRequest for an unknown one */
export function askedAlgorithm(headers: IncomingHttpHeaders): ChecksumAlgorithm | undefined {
  const asked = headers["x-amz-checksum-algorithm"];
  if (asked === undefined) return undefined;
  const algorithm = String(asked).toUpperCase();
  if (/^XXHASH/.test(algorithm)) throw notSupported(`S3's checksum algorithm ${algorithm}`);
  const found = checksumAlgorithms.find((each) => each === algorithm);
  if (found) return found;
  const valid = checksumAlgorithms.join(", ");
  throw invalid(`Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${valid}]`);
}

/** What the sum of an upload in parts is made of. @throws ServiceError InvalidRequest for a type that the algorithm does not have */
export function askedType(headers: IncomingHttpHeaders, algorithm: ChecksumAlgorithm): ChecksumType {
  const { types } = checksums[algorithm];
  const asked = headers["x-amz-checksum-type"];
  if (asked === undefined) return types[0];
  const found = types.find((type) => type === asked);
  if (found) return found;
  if (!checksumTypes.includes(asked as ChecksumType)) throw invalid("Value for x-amz-checksum-type header is invalid.");
  throw invalid(`The ${String(asked)} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`);
}

/** Holds bytes against the sum that their sender gave. @throws ServiceError BadDigest */
export function requireSum(body: Buffer, { algorithm, value }: Sum): void {
  requireSame(sumOf(algorithm, body), value);
}

/** Holds the sum of an object in parts against the one that its sender gave. @throws ServiceError BadDigest */
export function requireSame({ algorithm, value }: Sum, given: string): void {
  if (value === given) return;
  throw new ServiceError("BadDigest", `The ${algorithm} you specified did not match the calculated checksum.`, 400);
}

/** Holds a body against its Content-MD5. @throws ServiceError InvalidDigest or BadDigest */
export function requireMd5(headers: IncomingHttpHeaders, body: Buffer): void {
  const { "content-md5": digest } = headers;
  if (digest === undefined) return;
  if (Buffer.from(String(digest), "base64").length !== 16) {
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
  }
  if (sumOf("MD5", body).value === digest) return;
  throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
}

/** Holds a document against every sum that was sent with it. @throws ServiceError */
export function requireSums(headers: IncomingHttpHeaders, body: Buffer): void {
  requireMd5(headers, body);
  const sum = givenSum(headers);
  if (sum) requireSum(body, sum);
}

function invalid(message: string): ServiceError {
  return new ServiceError("InvalidRequest", message, 400);
}

function bigEndian(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

/** What the lowest byte of a remainder adds to it, for CRCs of up to 64 bits whose bits are in reverse: the high and the low halves. */
function crcTable(polynomial: bigint): readonly [high: Uint32Array, low: Uint32Array] {
  const [high, low] = [new Uint32Array(256), new Uint32Array(256)];
  for (let byte = 0; byte < 256; byte++) {
    let remainder = BigInt(byte);
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
    high[byte] = Number(remainder >> 32n);
    low[byte] = Number(remainder & 0xffffffffn);
  }
  return [high, low];
}

/** Castagnoli's. Computed here, in one turn of the event loop: that of the SDK answers in a later one. */
const castagnoli = crcTable(0x82f63b78n)[1];

function crc32c(body: Buffer): number {
  let remainder = -1;
  for (let at = 0; at < body.length; at++) {
    remainder = (remainder >>> 8) ^ (castagnoli[(remainder ^ (body[at] as number)) & 0xff] as number);
  }
  return ~remainder >>> 0;
}

/** https://nvmexpress.org: the 64-bit CRC of NVM Express. */
const nvme = crcTable(0x9a6c9329ac4bc9b5n);

function crc64nvme(body: Buffer): Buffer {
  const [highs, lows] = nvme;
  let [high, low] = [-1, -1];
  for (let at = 0; at < body.length; at++) {
    const index = (low ^ (body[at] as number)) & 0xff;
    low = ((low >>> 8) | (high << 24)) ^ (lows[index] as number);
    high = (high >>> 8) ^ (highs[index] as number);
  }
  return Buffer.concat([bigEndian(~high >>> 0), bigEndian(~low >>> 0)]);
}
