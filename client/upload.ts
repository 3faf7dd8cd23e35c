import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { readS3Uri } from "../core/records/s3Uri";
import { unlessAborted } from "./abort";
import type { Connections } from "./connections";

/** From this size on an object goes up in parts, S3's least for one. */
export const partBytes = 5 * 1024 ** 2;

/** How many parts are on their way at once: with the one being read, what an upload holds in memory. */
const partsAtOnce = 4;

/**
 * Uploads bytes as they come, in parts when they are many. When it fails or is aborted, no part stays behind.
 *
 * @param location `s3://bucket/key`
 */
export async function upload(
  connections: Connections,
  location: string,
  body: AsyncIterable<Uint8Array>,
  contentType: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const { bucket: Bucket, key: Key } = readS3Uri(location) as { bucket: string; key: string };
  const failure: { error?: unknown } = {};
  const client = watched(connections.s3.client, failure, signal);
  const Body = Readable.from(unlessFailed(body, failure, signal));
  const params = { Bucket, Key, Body, ContentType: contentType };
  try {
    await new connections.storage.Upload({ client, params, partSize: partBytes, queueSize: partsAtOnce }).done();
  } finally {
    Body.destroy();
  }
}

/**
 * A client that can be aborted but for giving up an upload, and that remembers the first call that failed: Upload itself would
 * go on to send all other parts before it gives up.
 */
function watched(client: S3Client, failure: { error?: unknown }, signal: AbortSignal | undefined): S3Client {
  const send = async (command: Parameters<S3Client["send"]>[0]): Promise<unknown> => {
    if (command.constructor.name === "AbortMultipartUploadCommand") return client.send(command);
    try {
      return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
    } catch (error) {
      failure.error ??= error;
      throw error;
    }
  };
  return Object.create(client, { send: { value: send } }) as S3Client;
}

async function* unlessFailed(
  body: AsyncIterable<Uint8Array>,
  failure: { error?: unknown },
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array> {
  const reading = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      // A source that stalls must not keep an abort waiting.
      const next = await unlessAborted(reading.next(), signal);
      if (failure.error !== undefined) throw failure.error as Error;
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that stalls never answers.
    void reading.return?.().catch(() => undefined);
  }
}
