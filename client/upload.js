import { Readable } from "node:stream";
import { readS3Uri } from "../core/records/s3Uri";
import { unlessAborted } from "./abort";
/** From this size on an object goes up in parts, S3's least for one. */
export const partBytes = 5 * 1024 ** 2;
/** How many parts are on their way at once: with the one being read, what an upload holds in memory. */
const partsAtOnce = 4;
/**
 * Uploads bytes as they come, in parts when they are many. When it fails or is aborted, no part stays behind.
 *
 * @param location `s3://bucket/key`
 */
export async function upload(connections, location, body, contentType, signal) {
    const { bucket: Bucket, key: Key } = readS3Uri(location);
    const failure = {};
    const client = watched(connections.s3.client, failure, signal);
    const Body = Readable.from(unlessFailed(body, failure, signal));
    const params = { Bucket, Key, Body, ContentType: contentType };
    try {
        await new connections.storage.Upload({ client, params, partSize: partBytes, queueSize: partsAtOnce }).done();
    }
    finally {
        Body.destroy();
    }
}
/**
 * A client that can be aborted but for giving up an upload, and that remembers the first call that failed: Upload itself would
 * go on to send all other parts before it gives up.
 */
function watched(client, failure, signal) {
    const send = async (command) => {
        if (command.constructor.name === "AbortMultipartUploadCommand")
            return client.send(command);
        try {
            return await client.send(command, signal === undefined ? {} : { abortSignal: signal });
        }
        catch (error) {
            failure.error ??= error;
            throw error;
        }
    };
    return Object.create(client, { send: { value: send } });
}
async function* unlessFailed(body, failure, signal) {
    const reading = body[Symbol.asyncIterator]();
    try {
        for (;;) {
            // A source that stalls must not keep an abort waiting.
            const next = await unlessAborted(reading.next(), signal);
            if (failure.error !== undefined)
                throw failure.error;
            if (next.done)
                return;
            yield next.value;
        }
    }
    finally {
        // Not awaited: a source that stalls never answers.
        void reading.return?.().catch(() => undefined);
    }
}
