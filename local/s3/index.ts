import type { ServerResponse } from "node:http";
import { untyped } from "../../core/messages/contentTypes";
import type { Timer } from "../clock";
import { openEmulatorState } from "../emulatorState";
import { loadFauxqs, type EmulatorState } from "../fauxqs";
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
import { createObjects, requireDigest, type ObjectChange } from "./objects";
import { readObject } from "./read";
import { readAddress, requireAccess } from "./requests";
import { bucketResources } from "./resources";
import { bucketPolicy, prefixOf } from "./settings";
import { requirePartNumber, requireWritable } from "./writes";
import { asFailureOf, ServiceError, type WireResponse } from "../wire";

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
  const { buildApp, S3Store, SnsStore, SqsStore, EmulatorState: State } = await loadFauxqs();
  const { directory } = context.keeper;
  const state: EmulatorState | undefined =
    directory === undefined ? undefined : openEmulatorState(State, directory, "s3", context.clock, () => state && objects.load(state));
  const undelivered = new Set<Promise<void>>();

  const objects = createObjects(S3Store, context.clock, (change: ObjectChange) => {
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
    objects.copying = request.headers["x-amz-copy-source"] !== undefined;
    const partial = request.url.includes("partNumber=");
    const writes = (request.method === "PUT" && !partial) || request.method === "POST" || request.method === "DELETE";
    requireDigest(request.headers, request.body as Buffer);
    const { attributes, partNumber } = request.query as Record<string, string | undefined>;
    if (key && (request.method === "GET" || request.method === "HEAD") && attributes === undefined) {
      const answer = readObject(store.headObject(bucket, key), request.headers, partNumber);
      void reply.status(answer.status).headers(answer.headers);
      void reply.send(request.method === "GET" && answer.bytes ? store.getObject(bucket, key).body.subarray(...answer.bytes) : undefined);
      return;
    }
    objects.encoding = keptEncoding(request.headers["content-encoding"]);
    if (partial) requirePartNumber(partNumber);
    if (key && writes) requireWritable(request, { bucket, key });
    const failed = key && writes ? failedCondition(request.headers, objects.find(bucket, key)) : undefined;
    done(failed ?? (objects.copying ? failedCopyCondition(request.headers, objects) : undefined));
  });
  app.addHook("onSend", (request, reply, payload, done) => {
    const { bucket = "", "*": key = "" } = request.params as { bucket?: string; "*"?: string };
    const found = key && reply.statusCode < 300 && request.method !== "DELETE" ? objects.find(bucket, key) : undefined;
    if (found) {
      const part = request.url.includes("partNumber=");
      const written = (request.method === "PUT" && !part) || request.method === "POST";
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

/** Of how a body is encoded, what stays so: how it was sent does not. */
function keptEncoding(encoding: string | undefined): string | undefined {
  const kept = (encoding ?? "").split(",").map((each) => each.trim());
  return kept.filter((each) => each !== "" && each !== "aws-chunked").join(",") || undefined;
}

function asServiceError(error: unknown): ServiceError {
  const { statusCode = 500, message, name, code } = error as Error & { statusCode?: number; code?: string };
  if (name === "S3Error" && code !== undefined) return new ServiceError(code, message, statusCode);
  if (error instanceof URIError) return new ServiceError("InvalidArgument", "The copy source is not URL-encoded", 400);
  if (statusCode === 413) return new ServiceError("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size", 400);
  return statusCode < 500
    ? new ServiceError("InvalidRequest", message, statusCode)
    : new ServiceError("InternalError", `The embedded cloud failed: ${(error as Error).stack}`, 500);
}
