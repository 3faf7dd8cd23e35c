import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Timer } from "../clock";
import { loadFauxqs } from "../fauxqs";
import type { CloudContext, CloudService, EventTargets } from "../ports";
import { errorResponse } from "../protocol";
import { notify, notifyOfTest } from "./events";
import { listObjects } from "./list";
import { createObjects, type ObjectChange, type Objects, type StoredObject } from "./objects";
import { readAddress, requireAccess, requireSupported, type S3Address } from "./requests";
import { listParts, listUploads } from "./uploads";
import { bucketResources, type BucketSettings } from "./settings";
import { settingAnswers } from "./settingsXml";
import { ServiceError } from "../wire";

/** Largest payload of asynchronous inference: what an input and an output may measure. */
const bodyLimitBytes = 1024 ** 3;
const kmsKeyHeader = "x-amz-server-side-encryption-aws-kms-key-id";
/** S3 itself looks once a day. */
const lifecycleIntervalMilliseconds = 3_600_000;

/**
 * S3: objects, copies, ranges, multipart uploads and presigned URLs by fauxqs; conditional writes, bucket settings,
 * lifecycle, encryption headers, events and everything that must be refused by this layer.
 */
export async function createS3(
  context: CloudContext,
  { targets }: { targets: EventTargets },
): Promise<CloudService & { storedObject(bucket: string, key: string): Buffer | undefined }> {
  const { buildApp, S3Store, SnsStore, SqsStore } = await loadFauxqs();
  const settings = new Map<string, BucketSettings>();
  const encryption = new WeakMap<StoredObject, Record<string, string>>();
  const undelivered = new Set<Promise<void>>();

  const objects = createObjects(S3Store, context.clock, (change: ObjectChange) => {
    const rules = settings.get(change.bucket)?.notification ?? [];
    if (rules.length === 0) return;
    const delivery = notify(context, targets, rules, change).finally(() => undelivered.delete(delivery));
    undelivered.add(delivery);
  });
  const { store } = objects;

  const app = buildApp({ logger: false, stores: { s3Store: store, snsStore: new SnsStore(), sqsStore: new SqsStore() } });
  // Whatever its type, what is put is bytes: the emulator's own parsers choke on forms and stop at 11 MiB.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: bodyLimitBytes }, (_request, body, done) => done(null, body));
  // Hooks and handlers run in one turn of the event loop, so that nothing comes between a condition and its write.
  app.addHook("preHandler", (request, reply, done) => {
    const { bucket = "", "*": key = "" } = request.params as { bucket?: string; "*"?: string };
    request.body ??= Buffer.alloc(0);
    objects.copying = request.headers["x-amz-copy-source"] !== undefined;
    const partial = request.url.includes("partNumber=");
    const writes = (request.method === "PUT" && !partial) || request.method === "POST" || request.method === "DELETE";
    requireDigest(request.headers, request.body as Buffer);
    if (key && request.method === "HEAD" && isUnmodified(request.headers, objects.find(bucket, key))) {
      void reply.status(304).send();
      return;
    }
    const failed = key && writes ? failedCondition(request.headers, objects.find(bucket, key)) : undefined;
    done(failed ?? (objects.copying ? failedCopyCondition(request.headers, objects) : undefined));
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const { bucket = "", "*": key = "" } = request.params as { bucket?: string; "*"?: string };
    const found = key && reply.statusCode < 300 && request.method !== "DELETE" ? objects.find(bucket, key) : undefined;
    if (found) {
      const written = request.method === "PUT" || request.method === "POST";
      if (written || !encryption.has(found)) encryption.set(found, encryptionHeaders(request.headers, settings.get(bucket)));
      reply.headers(encryption.get(found) ?? {});
      for (const [name, value] of Object.entries(request.query as Record<string, string>)) {
        if (name.startsWith("response-")) reply.header(name.slice("response-".length), value);
      }
    }
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => {
    const told = error instanceof ServiceError ? error : asServiceError(error);
    const { status, headers, body } = errorResponse(told, "s3");
    return reply
      .status(status)
      .headers(headers ?? {})
      .send(body);
  });
  await app.ready();

  function requireBucket(bucket: string): void {
    if (!store.hasBucket(bucket)) throw new ServiceError("NoSuchBucket", `The specified bucket does not exist: ${bucket}`, 404);
  }

  function bucketSettings(bucket: string): BucketSettings {
    requireBucket(bucket);
    const known = settings.get(bucket) ?? {};
    settings.set(bucket, known);
    return known;
  }

  /** What this layer answers by itself. */
  function ownAnswer(request: IncomingMessage, address: S3Address): { contentType: string; body: string } | undefined {
    const { bucket, key, query } = address;
    if (request.method !== "GET" || !bucket) return undefined;
    const setting = key ? undefined : Object.keys(settingAnswers).find((name) => query.has(name));
    if (setting !== undefined) return settingAnswers[setting]!(bucketSettings(bucket), context.region);
    requireSupported(request, address);
    if (key && !query.has("uploadId")) return undefined;
    requireBucket(bucket);
    if (key) return xmlDocument(listParts(objects.uploads, address));
    return xmlDocument(query.has("uploads") ? listUploads(objects.uploads, bucket, query) : listObjects(objects, bucket, query));
  }

  let timer: Timer;
  function applyLifecycles(): void {
    for (const [bucket, { lifecycle = [] }] of settings) {
      for (const { status, prefix, expirationDays, abortUploadsDays } of lifecycle) {
        if (status !== "Enabled" || !store.hasBucket(bucket)) continue;
        if (expirationDays !== undefined) objects.expire(bucket, prefix, expirationDays);
        if (abortUploadsDays !== undefined) objects.abortUploads(bucket, prefix, abortUploadsDays);
      }
    }
    timer = context.clock.setTimeout(applyLifecycles, lifecycleIntervalMilliseconds);
  }
  applyLifecycles();

  return {
    streams: {
      s3: async (request, response, { accessKeyId }) => {
        const address = readAddress(request);
        requireAccess(request, address, accessKeyId, context);
        const answer = ownAnswer(request, address);
        if (answer) return sendDocument(response, answer);
        requireSupported(request, address);
        app.routing(request, response);
      },
    },
    storedObject: (bucket, key) => objects.find(bucket, key)?.body,
    factsOf: (arn) => {
      const [, bucket = "", key] = /^arn:aws:s3:::([^/]+)(?:\/(.+))?$/s.exec(arn) ?? [];
      if (!store.hasBucket(bucket)) return undefined;
      const { policy, encryption: byDefault } = settings.get(bucket) ?? {};
      const object = key === undefined ? undefined : objects.find(bucket, key);
      const kmsKeyArn = object ? encryption.get(object)?.[kmsKeyHeader] : byDefault?.kmsMasterKeyId;
      return { policy: policy?.document, kmsKeyArn, exists: key === undefined || object !== undefined };
    },
    resources: bucketResources(context, {
      create: (name) => {
        if (store.hasBucket(name)) throw new Error(`the bucket ${name} exists already: give it another name, or none`);
        store.createBucket(name);
        settings.set(name, {});
      },
      settings: bucketSettings,
      changed: async (bucket) => notifyOfTest(context, targets, settings.get(bucket)?.notification ?? [], bucket),
    }),
    close: async () => {
      context.clock.clearTimeout(timer);
      await Promise.all(undelivered);
      await app.close();
    },
  };
}

function xmlDocument(body: string): { contentType: string; body: string } {
  return { contentType: "application/xml", body };
}

function sendDocument(response: ServerResponse, { contentType, body }: { contentType: string; body: string }): void {
  response.writeHead(200, {
    "content-type": contentType,
    "content-length": Buffer.byteLength(body),
    "x-amz-request-id": randomUUID().replaceAll("-", "").slice(0, 16).toUpperCase(),
  });
  response.end(body);
}

/** A sum of the body as it was sent; what is sent in chunks has its sum in their midst, which the store looks at. */
function requireDigest({ "content-md5": digest, "content-encoding": encoding }: IncomingMessage["headers"], body: Buffer): void {
  if (digest === undefined || encoding?.includes("aws-chunked")) return;
  if (createHash("md5").update(body).digest("base64") === digest) return;
  throw new ServiceError("BadDigest", "The Content-MD5 you specified did not match what we received.", 400);
}

/** Conditional writes: `If-None-Match: *` and `If-Match`. */
function failedCondition(headers: IncomingMessage["headers"], found: StoredObject | undefined): Error | undefined {
  const { "if-none-match": ifNoneMatch, "if-match": ifMatch } = headers;
  if (ifNoneMatch !== undefined && ifNoneMatch !== "*") {
    return new ServiceError("NotImplemented", "A header you provided implies functionality that is not implemented", 501);
  }
  if (ifMatch !== undefined && !found) return new ServiceError("NoSuchKey", "The specified key does not exist.", 404);
  const passes = (ifMatch === undefined || sameTag(ifMatch, found)) && !(ifNoneMatch === "*" && found);
  return passes ? undefined : preconditionFailed();
}

/** Conditions of a HEAD, which the emulator looks at for a GET only. @throws ServiceError PreconditionFailed */
function isUnmodified(headers: IncomingMessage["headers"], found: StoredObject | undefined): boolean {
  const { "if-none-match": ifNoneMatch, "if-match": ifMatch } = headers;
  if (found && ifMatch !== undefined && !sameTag(ifMatch, found)) throw preconditionFailed();
  return found !== undefined && ifNoneMatch !== undefined && sameTag(ifNoneMatch, found);
}

/** Conditions on what is copied. That it exists is the emulator's to check. */
function failedCopyCondition(headers: IncomingMessage["headers"], objects: Objects): Error | undefined {
  const source = /^\/?([^/]+)\/(.+)$/.exec(decodeURIComponent(String(headers["x-amz-copy-source"])));
  const found = source ? objects.find(source[1] as string, source[2] as string) : undefined;
  const { "x-amz-copy-source-if-match": ifMatch, "x-amz-copy-source-if-none-match": ifNoneMatch } = headers;
  if (!found) return undefined;
  const passes =
    (ifMatch === undefined || sameTag(String(ifMatch), found)) && !(ifNoneMatch !== undefined && sameTag(String(ifNoneMatch), found));
  return passes ? undefined : preconditionFailed();
}

function sameTag(tag: string, found: StoredObject | undefined): boolean {
  return tag === "*" || tag.replaceAll('"', "") === found?.etag.replaceAll('"', "");
}

function preconditionFailed(): ServiceError {
  return new ServiceError("PreconditionFailed", "At least one of the pre-conditions you specified did not hold", 412);
}

function encryptionHeaders(headers: IncomingMessage["headers"], settings: BucketSettings | undefined): Record<string, string> {
  const asked = headers["x-amz-server-side-encryption"];
  const algorithm = String(asked ?? settings?.encryption?.sseAlgorithm ?? "AES256");
  const key = headers[kmsKeyHeader] ?? (asked ? undefined : settings?.encryption?.kmsMasterKeyId);
  return {
    "x-amz-server-side-encryption": algorithm,
    ...(key !== undefined && { [kmsKeyHeader]: String(key) }),
  };
}

function asServiceError(error: unknown): ServiceError {
  const { statusCode = 500, message } = error as { statusCode?: number; message: string };
  if (error instanceof URIError) return new ServiceError("InvalidArgument", "The copy source is not URL-encoded", 400);
  if (statusCode === 413) return new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
  return statusCode < 500
    ? new ServiceError("InvalidRequest", message, statusCode)
    : new ServiceError("InternalError", `The embedded cloud failed: ${(error as Error).stack}`, 500);
}
