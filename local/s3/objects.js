import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { ServiceError } from "../wire";
const millisecondsPerDay = 86_400_000;
/** Makes the store of one embedded cloud. `changed` is called within the call that changes the object. */
export function createObjects(Store, clock, changed) {
    let expiring = false;
    const uploads = new Map();
    class ObservedStore extends Store {
        putObject(...args) {
            const [, , body, , , , checksum] = args;
            if (!objects.copying)
                requireChecksum(body, checksum?.value);
            const object = super.putObject(...args);
            object.lastModified = new Date(clock.now());
            changed({ eventName: objects.copying ? "ObjectCreated:Copy" : "ObjectCreated:Put", bucket: args[0], key: object.key, object });
            return object;
        }
        deleteObject(bucket, key) {
            const existed = objects.find(bucket, key) !== undefined;
            super.deleteObject(bucket, key);
            if (existed)
                changed({ eventName: expiring ? "LifecycleExpiration:Delete" : "ObjectRemoved:Delete", bucket, key });
        }
        createMultipartUpload(...args) {
            const uploadId = super.createMultipartUpload(...args);
            uploads.set(uploadId, { bucket: args[0], key: args[1], startedAt: clock.now(), parts: new Map() });
            return uploadId;
        }
        uploadPart(...args) {
            const [uploadId, number, body, checksum] = args;
            requireChecksum(body, checksum);
            const part = super.uploadPart(...args);
            uploads.get(uploadId)?.parts.set(number, { etag: part.etag, bytes: body.length, uploadedAt: clock.now() });
            return part;
        }
        completeMultipartUpload(...args) {
            const object = super.completeMultipartUpload(...args);
            object.lastModified = new Date(clock.now());
            const bucket = uploads.get(args[0])?.bucket;
            uploads.delete(args[0]);
            changed({ eventName: "ObjectCreated:CompleteMultipartUpload", bucket, key: object.key, object });
            return object;
        }
        abortMultipartUpload(uploadId) {
            super.abortMultipartUpload(uploadId);
            uploads.delete(uploadId);
        }
    }
    const store = new ObservedStore();
    const objects = {
        store,
        copying: false,
        uploads,
        find: (bucket, key) => {
            try {
                return store.headObject(bucket, key);
            }
            catch (error) {
                if (["NoSuchKey", "NoSuchBucket"].includes(error.code ?? ""))
                    return undefined;
                throw error;
            }
        },
        list: (bucket, prefix) => 
        // S3 orders keys by their bytes, whatever the language says.
        store.listObjects(bucket, { prefix, maxKeys: Infinity }).objects.sort((a, b) => (a.key < b.key ? -1 : 1)),
        expire: (bucket, prefix, days) => {
            const latest = clock.now() - days * millisecondsPerDay;
            for (const { key, lastModified } of store.listObjects(bucket, { prefix, maxKeys: Infinity }).objects) {
                if (lastModified.getTime() > latest)
                    continue;
                expiring = true;
                store.deleteObject(bucket, key);
                expiring = false;
            }
        },
        abortUploads: (bucket, prefix, days) => {
            const latest = clock.now() - days * millisecondsPerDay;
            for (const [uploadId, upload] of uploads) {
                if (upload.bucket === bucket && upload.key.startsWith(prefix) && upload.startedAt <= latest)
                    store.abortMultipartUpload(uploadId);
            }
        },
    };
    return objects;
}
/** Checksums that the emulator keeps and doesn't verify, by how many bytes they have. */
const checksums = {
    4: { name: "CRC32", of: crc32Of },
    20: { name: "SHA1", of: (body) => createHash("sha1").update(body).digest() },
    32: { name: "SHA256", of: (body) => createHash("sha256").update(body).digest() },
};
/** Sums of the body as it was sent; what is sent in chunks has its sum in their midst, which the store looks at. */
export function requireDigest({ "content-md5": digest, "content-encoding": encoding }, body) {
    if (digest === undefined || encoding?.includes("aws-chunked"))
        return;
    if (createHash("md5").update(body).digest("base64") === digest)
        return;
    throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
}
/** The same for a document, with the sums that newer SDKs send. */
export function requireChecksums(headers, body) {
    requireDigest(headers, body);
    for (const { name } of Object.values(checksums)) {
        const value = headers[`x-amz-checksum-${name.toLowerCase()}`];
        if (value !== undefined)
            requireChecksum(body, String(value));
    }
}
function requireChecksum(body, value) {
    if (value === undefined)
        return;
    const given = Buffer.from(value, "base64");
    const checksum = checksums[given.length];
    if (checksum?.of(body).equals(given))
        return;
    const name = checksum?.name ?? "checksum";
    throw new ServiceError("BadDigest", `The ${name} you specified did not match the calculated checksum.`, 400);
}
function crc32Of(body) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(crc32(body));
    return bytes;
}
