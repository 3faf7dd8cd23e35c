import { partsOf, type EmulatorState, type S3Store } from "../fauxqs";
import type { Kept } from "../kept";
import type { CloudContext } from "../ports";
import { sumOf } from "./checksums";
import type { BegunUpload, Incoming } from "./incoming";
import { otherAlgorithm, sumOfUpload, type Upload } from "./uploads";

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
  /** Of the write that comes next in this turn of the event loop. */
  incoming: Incoming;
  /** What an upload in parts was begun with, by its id. */
  begun: Kept<BegunUpload>;
  /** Tags of the objects that have some, by key of bucket and object. */
  tags: Kept<Record<string, string>>;
  /** Removes what has been there for `days` or longer. */
  expire(bucket: string, prefix: string, days: number): void;
  /** Drops the parts of uploads that were begun `days` ago or earlier and not completed. */
  abortUploads(bucket: string, prefix: string, days: number): void;
}

/** Of a request that writes no bytes. */
export const noWrite: Incoming = { copying: false };

const millisecondsPerDay = 86_400_000;

/** Makes the store of one embedded cloud. `changed` is called within the call that changes the object. */
export function createObjects(Store: new () => S3Store, context: CloudContext, changed: (change: ObjectChange) => void): Objects {
  const { clock, keeper } = context;
  let expiring = false;
  const uploads = new Map<string, Upload>();

  class ObservedStore extends Store {
    override putObject(...args: Parameters<S3Store["putObject"]>): StoredObject {
      const [bucket, key, body, , , system] = args;
      const { copying, encoding, sum, algorithm, tags } = objects.incoming;
      if (!copying && encoding !== undefined) args[5] = { ...system, contentEncoding: encoding };
      const stored = sum ?? (algorithm && sumOf(algorithm, body));
      args[6] = (stored && { ...stored, type: "FULL_OBJECT" }) as (typeof args)[6];
      const object = super.putObject(...args);
      object.lastModified = new Date(clock.now());
      setTags(bucket, key, tags);
      changed({ eventName: copying ? "ObjectCreated:Copy" : "ObjectCreated:Put", bucket, key, object });
      return object;
    }
    override deleteObject(bucket: string, key: string): void {
      const existed = objects.find(bucket, key) !== undefined;
      super.deleteObject(bucket, key);
      setTags(bucket, key, undefined);
      if (existed) changed({ eventName: expiring ? "LifecycleExpiration:Delete" : "ObjectRemoved:Delete", bucket, key });
    }
    override createMultipartUpload(...args: Parameters<S3Store["createMultipartUpload"]>): string {
      const [bucket, key] = args;
      const { algorithm, upload = {} } = objects.incoming;
      args[5] = algorithm as (typeof args)[5];
      const uploadId = super.createMultipartUpload(...args);
      objects.begun.note(uploadId, upload);
      uploads.set(uploadId, { bucket, key, startedAt: clock.now(), algorithm, type: upload.type, parts: new Map() });
      return uploadId;
    }
    override restoreMultipartUpload(upload: Parameters<S3Store["restoreMultipartUpload"]>[0]): void {
      super.restoreMultipartUpload(upload);
      const { uploadId, bucket, key, initiated, parts, checksumAlgorithm: algorithm } = upload;
      const known = [...parts.values()].map(({ partNumber, etag, body, lastModified, checksumValue: sum }) => {
        return [partNumber, { etag, bytes: body.length, uploadedAt: lastModified.getTime(), sum }] as const;
      });
      const { type } = objects.begun.get(uploadId) ?? {};
      uploads.set(uploadId, { bucket, key, startedAt: initiated.getTime(), algorithm, type, parts: new Map(known) });
    }
    override uploadPart(...args: Parameters<S3Store["uploadPart"]>): ReturnType<S3Store["uploadPart"]> {
      const [uploadId, number, body] = args;
      const upload = uploads.get(uploadId);
      const { sum = upload?.algorithm && sumOf(upload.algorithm, body) } = objects.incoming;
      if (sum && upload?.algorithm && sum.algorithm !== upload.algorithm) throw otherAlgorithm(upload.algorithm, sum.algorithm);
      args[3] = sum?.value;
      const part = super.uploadPart(...args);
      upload?.parts.set(number, { etag: part.etag, bytes: body.length, uploadedAt: clock.now(), sum: sum?.value });
      return part;
    }
    override completeMultipartUpload(...args: Parameters<S3Store["completeMultipartUpload"]>): StoredObject {
      const [uploadId, specified] = args;
      const numbers = specified.map(({ partNumber }) => partNumber);
      const upload = uploads.get(uploadId);
      const summed = upload && sumOfUpload(upload, { numbers, parts: partsOf(this, uploadId), incoming: objects.incoming });
      const { persistence } = this;
      const finish = (object: StoredObject) => Object.assign(object, summed, { lastModified: new Date(clock.now()) });
      if (persistence) {
        // The emulator writes before it returns, by sums of its own.
        this.persistence = Object.create(persistence, {
          completeMultipartUpload: {
            value: (id: string, bucket: string, object: StoredObject) => persistence.completeMultipartUpload(id, bucket, finish(object)),
          },
        }) as typeof persistence;
      }
      let object: StoredObject;
      try {
        object = finish(super.completeMultipartUpload(...args));
      } finally {
        if (persistence) this.persistence = persistence;
      }
      const bucket = upload?.bucket as string;
      uploads.delete(uploadId);
      objects.begun.note(uploadId, undefined);
      setTags(bucket, object.key, objects.incoming.tags);
      changed({ eventName: "ObjectCreated:CompleteMultipartUpload", bucket, key: object.key, object });
      return object;
    }
    override abortMultipartUpload(uploadId: string): void {
      super.abortMultipartUpload(uploadId);
      uploads.delete(uploadId);
      objects.begun.note(uploadId, undefined);
    }
  }

  function setTags(bucket: string, key: string, tags: Record<string, string> | undefined): void {
    const place = placeOf(bucket, key);
    const some = tags !== undefined && Object.keys(tags).length > 0;
    if (some || objects.tags.has(place)) objects.tags.note(place, some ? tags : undefined);
  }

  const store = new ObservedStore();
  const objects: Objects = {
    store,
    incoming: noWrite,
    begun: keeper.map("s3.uploads"),
    tags: keeper.map("s3.tags"),
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

/** Key of what is kept of an object beside it. */
export function placeOf(bucket: string, key: string): string {
  return `${bucket}/${key}`;
}
