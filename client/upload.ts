import type { CompletedPart } from "@aws-sdk/client-s3";
import { readS3Uri } from "../core/records/s3Uri";
import { unlessAborted } from "./abort";
import type { Connections } from "./connections";

/** From this size on an object goes up in parts, S3's least for one. */
export const partBytes = 5 * 1024 ** 2;

/** How many parts are on their way at once: with the one being read, what an upload holds in memory. */
const partsAtOnce = 4;

/**
 * Uploads bytes as they come, in parts when they are many. When it fails or is aborted, no part stays behind. Parts are read into the same
 * few buffers again and again: a new one for each costs more than sending it.
 *
 * @param location `s3://bucket/key`
 * @param body each chunk may be overwritten once the next is asked for
 */
export async function upload(
  { s3 }: Connections,
  location: string,
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { library, client } = s3;
  const { bucket: Bucket, key: Key } = readS3Uri(location) as { bucket: string; key: string };
  const at = { Bucket, Key };
  const stop = new AbortController();
  const abort = () => stop.abort(signal?.reason);
  if (signal?.aborted === true) abort();
  signal?.addEventListener("abort", abort, { once: true });
  const options = { abortSignal: stop.signal };
  const source = new Filling(body, stop.signal);
  try {
    const first = Buffer.allocUnsafeSlow(partBytes);
    const firstBytes = await source.fill(first);
    if (firstBytes < partBytes) {
      const put = new library.PutObjectCommand({ ...at, ContentType: contentType, Body: first.subarray(0, firstBytes) });
      await client.send(put, options);
      return;
    }
    const isSummed = (await client.config.requestChecksumCalculation()) === "WHEN_SUPPORTED";
    const create = { ...at, ContentType: contentType, ...(isSummed && { ChecksumAlgorithm: "CRC32" as const }) };
    const { UploadId } = await client.send(new library.CreateMultipartUploadCommand(create), options);
    const part = async (PartNumber: number, Body: Uint8Array): Promise<CompletedPart> => {
      const sent = await client.send(new library.UploadPartCommand({ ...at, UploadId, PartNumber, Body }), options);
      return { PartNumber, ETag: sent.ETag, ...(sent.ChecksumCRC32 !== undefined && { ChecksumCRC32: sent.ChecksumCRC32 }) };
    };
    try {
      const Parts = await sendParts(source, first, part, stop);
      await client.send(new library.CompleteMultipartUploadCommand({ ...at, UploadId, MultipartUpload: { Parts } }), options);
    } catch (error) {
      // Without the signal: it is to happen above all when that is aborted. S3's own rules for the bucket remove what is left even then.
      await client.send(new library.AbortMultipartUploadCommand({ ...at, UploadId })).catch(() => undefined);
      throw error;
    }
  } finally {
    signal?.removeEventListener("abort", abort);
    source.close();
  }
}

/**
 * Sends a source in parts, a few at once.
 *
 * @param first buffer with the first part, full
 * @param stop aborted when a part fails, so that no other goes on; nothing is on its way when this settles
 */
async function sendParts(
  source: Filling,
  first: Buffer,
  send: (number: number, body: Uint8Array) => Promise<CompletedPart>,
  stop: AbortController,
): Promise<CompletedPart[]> {
  const parts: CompletedPart[] = [];
  const free: Buffer[] = [];
  const underWay = new Set<Promise<void>>();
  let buffer = first;
  try {
    for (let bytes = partBytes, number = 1; bytes > 0; number++) {
      const sent = buffer;
      const sending = send(number, sent.subarray(0, bytes)).then(
        (part) => {
          parts[number - 1] = part;
          free.push(sent);
          underWay.delete(sending);
        },
        (error: unknown) => stop.abort(error),
      );
      underWay.add(sending);
      if (underWay.size === partsAtOnce) await Promise.race(underWay);
      buffer = free.pop() ?? Buffer.allocUnsafeSlow(partBytes);
      bytes = bytes < partBytes ? 0 : await source.fill(buffer);
    }
  } catch (error) {
    stop.abort(error);
  }
  await Promise.all(underWay);
  if (stop.signal.aborted) throw stop.signal.reason as Error;
  return parts;
}

/** A source that is read into buffers. */
class Filling {
  private readonly reading: AsyncIterator<Uint8Array>;
  private rest: Uint8Array = new Uint8Array(0);

  /** @param signal ends waiting for the source: one that stalls must not keep an abort, or another part's failure, waiting */
  constructor(
    source: AsyncIterable<Uint8Array>,
    private readonly signal: AbortSignal,
  ) {
    this.reading = source[Symbol.asyncIterator]();
  }

  /** Fills a buffer. @returns how many bytes it got: fewer than it has room for at the end */
  async fill(buffer: Buffer): Promise<number> {
    let bytes = 0;
    while (bytes < buffer.length) {
      if (this.rest.length === 0) {
        const next = await unlessAborted(this.reading.next(), this.signal);
        if (next.done === true) break;
        this.rest = next.value;
      }
      const taken = this.rest.subarray(0, buffer.length - bytes);
      buffer.set(taken, bytes);
      bytes += taken.length;
      this.rest = this.rest.subarray(taken.length);
    }
    return bytes;
  }

  /** Not awaited: a source that stalls never answers. */
  close(): void {
    void this.reading.return?.().catch(() => undefined);
  }
}
