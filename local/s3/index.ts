import type { IncomingHttpHeaders, ServerResponse } from "node:http";
import { untyped } from "../../core/messages/contentTypes";
import type { Timer } from "../clock";
import { openEmulatorState } from "../emulatorState";
import { loadFauxqs, type DecodeChunks, type EmulatorState } from "../fauxqs";
import type { CloudContext, CloudService, EventTargets } from "../ports";
import { errorResponse } from "../protocol";
import { BucketApi } from "./api";
import { BatchJobs } from "./batch";
import type { InvokeNow } from "./batch/run";
import { Buckets } from "./buckets";
import { failedCondition, failedCopyCondition } from "./conditions";
import { answerControl, isControl } from "./control";
import { Encryption, kmsKeyHeader } from "./encryption";
import { notify, requestId } from "./events";
import { keptEncoding, readIncoming } from "./incoming";
import { createObjects, placeOf, type ObjectChange } from "./objects";
import { isForm, postObject, type Put } from "./post";
import { readObject } from "./read";
import { readAddress, requireAccess, tooLarge } from "./requests";
import { bucketResources } from "./resources";
import { bucketPolicy, prefixOf } from "./settings";
import { requirePartNumber, requireWritable } from "./writes";
import { asFailureOf, readStream, ServiceError, type WireResponse } from "../wire";

/** Largest payload of asynchronous inference: what an input and an output may measure. */
const bodyLimitBytes = 1024 ** 3;
/** S3 itself looks once a day. */
const lifecycleIntervalMilliseconds = 3_600_000;

/**
 * S3: storage, copies, multipart uploads and presigned URLs by fauxqs; reads, lists, the deletion of several objects,
 * conditional requests, bucket settings, lifecycle, encryption headers, events and everything that must be refused by this layer.
 */
export async function createS3(
  context: CloudContext,
  { targets, invokeNow = noFunctions }: { targets: EventTargets; invokeNow?: InvokeNow },
): Promise<CloudService & { storedObject(bucket: string, key: string): Buffer | undefined; hasBucket(bucket: string): boolean }> {
  const { buildApp, decodeAwsChunked, S3Store, SnsStore, SqsStore, EmulatorState: State } = await loadFauxqs();
  const { directory } = context.keeper;
  const state: EmulatorState | undefined =
    directory === undefined ? undefined : openEmulatorState(State, directory, "s3", context.clock, () => state && objects.load(state));
  const undelivered = new Set<Promise<void>>();

  const objects = createObjects(S3Store, context, (change: ObjectChange) => {
    if (change.object === undefined) encryption.forget(change.bucket, change.key);
    const rules = buckets.find(change.bucket)?.notification ?? [];
    if (rules.length === 0) return;
    const delivery = notify(context, targets, rules, change).finally(() => undelivered.delete(delivery));
    undelivered.add(delivery);
  });
  const { store } = objects;
  const encryption = new Encryption(context);
  const buckets = new Buckets(context, objects, targets);
  if (state) {
    objects.load(state);
    buckets.recover();
  }
  const api = new BucketApi(context, buckets, objects);
  const jobs = new BatchJobs(context, objects, invokeNow);

  const app = buildApp({ logger: false, stores: { s3Store: store, snsStore: new SnsStore(), sqsStore: new SqsStore() } });
  // Whatever its type, what is put is bytes: the emulator's own parsers choke on forms and stop at 11 MiB.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: bodyLimitBytes }, (_request, body, done) => done(null, body));
  // Hooks and handlers run in one turn of the event loop, so that nothing comes between a condition and its write.
  app.addHook("preHandler", (request, reply, done) => {
    const { bucket = "", "*": key = "" } = request.params as { bucket?: string; "*"?: string };
    request.body ??= Buffer.alloc(0);
    const query = request.query as Record<string, string | undefined>;
    const { partNumber, uploadId } = query;
    const partial = partNumber !== undefined;
    const writes = (request.method === "PUT" && !partial) || request.method === "POST" || request.method === "DELETE";
    if (key && (request.method === "GET" || request.method === "HEAD")) {
      const answer = readObject(store.headObject(bucket, key), request.headers, partNumber);
      void reply
        .status(answer.status)
        .headers(answer.headers)
        .headers(tagCount(objects.tags.get(placeOf(bucket, key))));
      void reply.send(request.method === "GET" && answer.bytes ? store.getObject(bucket, key).body.subarray(...answer.bytes) : undefined);
      return;
    }
    if (request.headers["content-encoding"]?.includes("aws-chunked")) readChunks(request, decodeAwsChunked);
    // An object is encrypted as its upload in parts was begun.
    if (request.method === "POST" && uploadId !== undefined) Object.assign(request.headers, objects.begun.get(uploadId)?.encryption);
    if (partial) requirePartNumber(partNumber);
    if (key && writes) requireWritable(request, { bucket, key });
    objects.incoming = readIncoming({ method: request.method, headers: request.headers, query, body: request.body as Buffer }, objects);
    const failed = key && writes ? failedCondition(request.headers, objects.find(bucket, key)) : undefined;
    done(failed ?? (objects.incoming.copying ? failedCopyCondition(request.headers, objects) : undefined));
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const { bucket = "", "*": key = "" } = request.params as { bucket?: string; "*"?: string };
    const found = key && reply.statusCode < 300 && request.method !== "DELETE" ? objects.find(bucket, key) : undefined;
    if (found) {
      const { partNumber, uploads } = request.query as Record<string, string | undefined>;
      const written = (request.method === "PUT" && partNumber === undefined) || (request.method === "POST" && uploads === undefined);
      if (written) encryption.set(bucket, found, request.headers, buckets.find(bucket));
      reply.headers(encryption.of(bucket, found));
      for (const [name, value] of Object.entries(request.query as Record<string, string>)) {
        if (name.startsWith("response-")) reply.header(name.slice("response-".length), value);
      }
    }
    done(null, payload);
  });
  app.setErrorHandler((error, _request, reply) => {
    const told = asFailureOf("s3", error instanceof ServiceError ? error : asServiceError(error));
    const { status, headers, body } = errorResponse(told, "s3");
    return reply
      .status(status)
      .headers(headers ?? {})
      .send(body);
  });
  await app.ready();
  const put: Put = async (url, headers, payload) => {
    const answer = await app.inject({ method: "PUT", url, headers, payload });
    const { "content-length": _length, connection: _connection, date: _date, ...kept } = answer.headers as Record<string, string>;
    return { status: answer.statusCode, headers: kept, body: answer.rawPayload };
  };

  let timer: Timer;
  function applyLifecycles(): void {
    timer = context.clock.setTimeout(applyLifecycles, lifecycleIntervalMilliseconds);
    for (const [bucket, { lifecycle }] of buckets.entries()) {
      for (const rule of lifecycle?.rules ?? []) {
        if (rule.status !== "Enabled") continue;
        try {
          if (rule.expirationDays !== undefined) objects.expire(bucket, prefixOf(rule), rule.expirationDays);
          if (rule.abortUploadsDays !== undefined) objects.abortUploads(bucket, prefixOf(rule), rule.abortUploadsDays);
        } catch (error) {
          // What the disk does not take is tried again the next time.
          context.emit({ kind: "warning", message: `${bucket}: ${(error as Error).message}` });
        }
      }
    }
  }
  applyLifecycles();

  return {
    streams: {
      s3: async (request, response, { accessKeyId }) => {
        if (isControl(request)) return send(response, await answerControl(request, context, buckets, jobs));
        const address = readAddress(request);
        if (isForm(request)) {
          const body = await readStream(request, bodyLimitBytes, tooLarge);
          return send(response, await postObject(request, address, { context, body, put }));
        }
        requireAccess(request, address, accessKeyId, context);
        const answer = await api.answer(request, address);
        if (answer) return send(response, answer);
        // What nobody says the type of is so on S3; the emulator says application/octet-stream.
        if (address.key && (request.method === "PUT" || address.query.has("uploads"))) request.headers["content-type"] ??= untyped;
        app.routing(request, response);
      },
    },
    storedObject: (bucket, key) => (objects.find(bucket, key) ? store.getObject(bucket, key).body : undefined),
    hasBucket: (bucket) => store.hasBucket(bucket),
    factsOf: (arn) => {
      const [, bucket = "", key] = /^arn:aws:s3:::([^/]+)(?:\/(.+))?$/s.exec(arn) ?? [];
      if (!store.hasBucket(bucket)) return undefined;
      const { policy, encryption: byDefault } = buckets.of(bucket);
      const object = key === undefined ? undefined : objects.find(bucket, key);
      const kmsKeyArn = object ? encryption.of(bucket, object)[kmsKeyHeader] : byDefault?.kmsMasterKeyId;
      return {
        policy: policy === undefined ? undefined : bucketPolicy(policy),
        kmsKeyArn,
        exists: key === undefined || object !== undefined,
        tagged: key !== undefined && objects.tags.has(placeOf(bucket, key)),
      };
    },
    resources: bucketResources(context, buckets),
    resume: () => jobs.resume(),
    close: async () => {
      context.clock.clearTimeout(timer);
      await jobs.close();
      await Promise.all(undelivered);
      await app.close();
      state?.close();
    },
  };
}

/** Of a cloud without Lambda. */
const noFunctions: InvokeNow = (functionArn) =>
  Promise.reject(new ServiceError("ResourceNotFoundException", `Function not found: ${functionArn}`, 404));

function send(response: ServerResponse, { status, headers = {}, body = "" }: WireResponse): void {
  const named = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  response.writeHead(status, {
    "content-length": Buffer.byteLength(body),
    "x-amz-request-id": requestId(),
    ...Object.fromEntries(named),
  });
  response.end(body);
}

/** How many tags an object has; who may not read them sees that too. */
function tagCount(tags: Readonly<Record<string, string>> | undefined): Record<string, string> {
  return tags === undefined ? {} : { "x-amz-tagging-count": String(Object.keys(tags).length) };
}

/** Puts together what was sent in chunks, and the sums that follow them among the headers. */
function readChunks(request: { headers: IncomingHttpHeaders; body: unknown }, decode: DecodeChunks): void {
  const { body, trailers } = decode(request.body as Buffer);
  request.body = body;
  // The call has been judged by its headers: of what follows, nothing else may change it.
  const sums = Object.entries(trailers).filter(([name]) => name.startsWith("x-amz-checksum-"));
  // What stays is how the bytes themselves are encoded.
  Object.assign(request.headers, Object.fromEntries(sums), { "content-encoding": keptEncoding(request.headers["content-encoding"]) });
}

function asServiceError(error: unknown): ServiceError {
  const { statusCode = 500, message, name, code } = error as Error & { statusCode?: number; code?: string };
  if (name === "S3Error" && code !== undefined) return new ServiceError(code, message, statusCode);
  if (error instanceof URIError) return new ServiceError("InvalidArgument", "The copy source is not URL-encoded", 400);
  if (statusCode === 413) return tooLarge();
  return statusCode < 500
    ? new ServiceError("InvalidRequest", message, statusCode)
    : new ServiceError("InternalError", `The embedded cloud failed: ${(error as Error).stack}`, 500);
}
