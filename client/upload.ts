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
  const failed = new AbortController();
  const until = AbortSignal.any(signal === undefined ? [failed.signal] : [signal, failed.signal]);
  const client = watched(connections.s3.client, failed, until);
  const params = { Bucket, Key, Body: Readable.from(readUntil(body, until)), ContentType: contentType };
  await new connections.storage.Upload({ client, params, partSize: partBytes, queueSize: partsAtOnce }).done();
}

/** A client that can be aborted but for giving up an upload, and whose first call that fails ends the others, and the reading of the source. */
function watched(client: S3Client, failed: AbortController, until: AbortSignal): S3Client {
  const send = async (command: Parameters<S3Client["send"]>[0]): Promise<unknown> => {
    if (command.constructor.name === "AbortMultipartUploadCommand") return client.send(command);
    try {
      return await client.send(command, { abortSignal: until });
    } catch (error) {
      failed.abort(error);
      throw error;
    }
  };
  return Object.create(client, { send: { value: send } }) as S3Client;
}

/** What a source gives until the signal is aborted: one that stalls keeps nobody waiting then. */
async function* readUntil(body: AsyncIterable<Uint8Array>, until: AbortSignal): AsyncGenerator<Uint8Array> {
  const reading = body[Symbol.asyncIterator]();
  try {
    for (;;) {
      const next = await unlessAborted(reading.next(), until);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    // Not awaited: a source that stalls never answers.
    void reading.return?.().catch(() => undefined);
  }
}
