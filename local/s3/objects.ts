import { createHash } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { crc32 } from "node:zlib";
import type { Clock } from "../clock";
import type { EmulatorState, S3Store } from "../fauxqs";
import { ServiceError } from "../wire";
import type { Upload } from "./uploads";

/** An object as the store keeps it. */
export type StoredObject = ReturnType<S3Store["headObject"]>;

/** What happened to an object, as S3's event names say it without `s3:`. */
export interface ObjectChange {
  eventName:
    | "ObjectCreated:Put"
    | "ObjectCreated:Copy"
    | "ObjectCreated:CompleteMultipartUpload"
    | "ObjectRemoved:Delete"
    | "LifecycleExpiration:Delete";
  bucket: string;
  key: string;
  /** Undefined for an object that is gone. */
  object?: StoredObject;
}

/** What the store adds to fauxqs': the cloud's time, and word of each change. */
export interface Objects {
  store: S3Store;
  find(bucket: string, key: string): StoredObject | undefined;
  /** In the order of their keys, as S3 lists them. */
  list(bucket: string, prefix: string): StoredObject[];
  /** Begun and not ended, by id. */
  uploads: ReadonlyMap<string, Upload>;
  /** Goes on with what was kept and nothing else, and keeps what comes. */
  load(state: EmulatorState): void;
  /** The write that comes next in this turn of the event loop copies. */
  copying: boolean;
  /** How the bytes are encoded that the write that comes next in this turn of the event loop brings: the emulator forgets it of a stream. */
  encoding: string | undefined;
  /** Removes what has been there for `days` or longer. */
  expire(bucket: string, prefix: string, days: number): void;
  /** Drops the parts of uploads that were begun `days` ago or earlier and not completed. */
  abortUploads(bucket: string, prefix: string, days: number): void;
}

const millisecondsPerDay = 86_400_000;

/** Makes the store of one embedded cloud. `changed` is called within the call that changes the object. */
export function createObjects(Store: new () => S3Store, clock: Clock, changed: (change: ObjectChange) => void): Objects {
  let expiring = false;
  const uploads = new Map<string, Upload>();

  class ObservedStore extends Store {
    override putObject(...args: Parameters<S3Store["putObject"]>): StoredObject {
      const [, , body, , , system, checksum] = args;
      if (!objects.copying) requireChecksum(body, checksum?.value);
      if (!objects.copying && objects.encoding !== undefined) args[5] = { ...system, contentEncoding: objects.encoding };
      const object = super.putObject(...args);
      object.lastModified = new Date(clock.now());
      changed({ eventName: objects.copying ? "ObjectCreated:Copy" : "ObjectCreated:Put", bucket: args[0], key: object.key, object });
      return object;
    }
    override deleteObject(bucket: string, key: string): void {
      const existed = objects.find(bucket, key) !== undefined;
      super.deleteObject(bucket, key);
      if (existed) changed({ eventName: expiring ? "LifecycleExpiration:Delete" : "ObjectRemoved:Delete", bucket, key });
    }
    override createMultipartUpload(...args: Parameters<S3Store["createMultipartUpload"]>): string {
      const uploadId = super.createMultipartUpload(...args);
      uploads.set(uploadId, { bucket: args[0], key: args[1], startedAt: clock.now(), parts: new Map() });
      return uploadId;
    }
    override restoreMultipartUpload(upload: Parameters<S3Store["restoreMultipartUpload"]>[0]): void {
      super.restoreMultipartUpload(upload);
      const { uploadId, bucket, key, initiated, parts } = upload;
      const known = [...parts.values()].map(({ partNumber, etag, body, lastModified }) => {
        return [partNumber, { etag, bytes: body.length, uploadedAt: lastModified.getTime() }] as const;
      });
      uploads.set(uploadId, { bucket, key, startedAt: initiated.getTime(), parts: new Map(known) });
    }
    override uploadPart(...args: Parameters<S3Store["uploadPart"]>): ReturnType<S3Store["uploadPart"]> {
      const [uploadId, number, body, checksum] = args;
      requireChecksum(body, checksum);
      const part = super.uploadPart(...args);
      uploads.get(uploadId)?.parts.set(number, { etag: part.etag, bytes: body.length, uploadedAt: clock.now() });
      return part;
    }
    override completeMultipartUpload(...args: Parameters<S3Store["completeMultipartUpload"]>): StoredObject {
      const object = super.completeMultipartUpload(...args);
      object.lastModified = new Date(clock.now());
      const bucket = uploads.get(args[0])?.bucket as string;
      uploads.delete(args[0]);
      changed({ eventName: "ObjectCreated:CompleteMultipartUpload", bucket, key: object.key, object });
      return object;
    }
    override abortMultipartUpload(uploadId: string): void {
      super.abortMultipartUpload(uploadId);
      uploads.delete(uploadId);
    }
  }

  const store = new ObservedStore();
  const objects: Objects = {
    store,
    copying: false,
    encoding: undefined,
    uploads,
    load: (state) => {
      delete store.persistence;
      store.purgeAll();
      uploads.clear();
      state.loadS3(store);
      store.persistence = state;
    },
    find: (bucket, key) => {
      try {
        return store.headObject(bucket, key);
      } catch (error) {
        if (["NoSuchKey", "NoSuchBucket"].includes((error as { code?: string }).code ?? "")) return undefined;
        throw error;
      }
    },
    list: (bucket, prefix) =>
      // S3 orders keys by their bytes, whatever the language says.
      store.listObjects(bucket, { prefix, maxKeys: Infinity }).objects.sort((a, b) => (a.key < b.key ? -1 : 1)),
    expire: (bucket, prefix, days) => {
      const latest = clock.now() - days * millisecondsPerDay;
      for (const { key, lastModified } of store.listObjects(bucket, { prefix, maxKeys: Infinity }).objects) {
        if (lastModified.getTime() > latest) continue;
        expiring = true;
        try {
          store.deleteObject(bucket, key);
        } finally {
          expiring = false;
        }
      }
    },
    abortUploads: (bucket, prefix, days) => {
      const latest = clock.now() - days * millisecondsPerDay;
      for (const [uploadId, upload] of uploads) {
        if (upload.bucket === bucket && upload.key.startsWith(prefix) && upload.startedAt <= latest) store.abortMultipartUpload(uploadId);
      }
    },
  };
  return objects;
}

interface Checksum {
  bytes: number;
  /** Of those that the emulator keeps, which it does without looking at them; it drops the others. */
  of?: (body: Buffer) => Buffer;
}

/** Checksums by their names in headers. */
const checksums: Readonly<Record<string, Checksum>> = {
  crc32: { bytes: 4, of: crc32Of },
  crc32c: { bytes: 4 },
  crc64nvme: { bytes: 8 },
  sha1: { bytes: 20, of: (body) => createHash("sha1").update(body).digest() },
  sha256: { bytes: 32, of: (body) => createHash("sha256").update(body).digest() },
};

/** Sums of the body as it was sent; what is sent in chunks has its sum in their midst, which the store looks at. */
export function requireDigest(headers: IncomingHttpHeaders, body: Buffer): void {
  for (const [name, { bytes }] of Object.entries(checksums)) {
    const { [`x-amz-checksum-${name}`]: value } = headers;
    if (value === undefined || Buffer.from(value.toString(), "base64").length === bytes) continue;
    throw new ServiceError("InvalidRequest", `Value for x-amz-checksum-${name} header is invalid.`, 400);
  }
  const { "content-md5": digest, "content-encoding": encoding } = headers;
  if (digest === undefined || encoding?.includes("aws-chunked")) return;
  if (Buffer.from(String(digest), "base64").length !== 16) {
    throw new ServiceError("InvalidDigest", "The Content-MD5 you specified was invalid.", 400);
  }
  if (createHash("md5").update(body).digest("base64") === digest) return;
  throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
}

/** The same for a document, with the sums that newer SDKs send. */
export function requireChecksums(headers: IncomingHttpHeaders, body: Buffer): void {
  requireDigest(headers, body);
  for (const [name, { of }] of Object.entries(checksums)) {
    const { [`x-amz-checksum-${name}`]: value } = headers;
    if (of && value !== undefined) requireChecksum(body, String(value));
  }
}

/** Verifies a sum that the emulator keeps. It does not hand over by which algorithm that of a part was made; its length says so. */
function requireChecksum(body: Buffer, value: string | undefined): void {
  if (value === undefined) return;
  const given = Buffer.from(value, "base64");
  const [name, checksum] = Object.entries(checksums).find(([, { bytes, of }]) => of && bytes === given.length) ?? ["checksum"];
  if (checksum?.of?.(body).equals(given)) return;
  throw new ServiceError(
    "BadDigest",
    `The ${checksum ? name.toUpperCase() : name} you specified did not match the calculated checksum.`,
    400,
  );
}

function crc32Of(body: Buffer): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(body));
  return bytes;
}
