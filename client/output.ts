import { classifyFailureObject } from "../core/messages/classify";
import type { CodedError } from "../core/records/errors";
import { randomBytes } from "node:crypto";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import type { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { readContent } from "../core/messages/content";
import { untyped } from "../core/messages/contentTypes";
import { present } from "../core/present";
import { objectArn, readS3Uri } from "../core/records/s3Uri";
import type { Connections } from "./connections";
import { AsyncInferenceError, asyncInferenceError, clientError } from "./errors";
import { checkValue } from "./schema";
import type { JobObject } from "./overview/types";
import type { Codec, SavedResult, WaitOptions } from "./types";

/** The object that a result is. */
export interface OutputObject {
  body: Readable;
  /** As the object itself has it, else as its reader knows it; undefined when neither does. */
  contentType: string | undefined;
  /** Size of the body. */
  bytes: number;
  lastModified: Date | undefined;
}

/** In which form a result is wanted. */
export interface OutputForm<Out> {
  as?: WaitOptions["as"] | undefined;
  toFile?: string | undefined;
  schema?: WaitOptions<Out>["schema"] | undefined;
  signal?: AbortSignal | undefined;
  codec?: Pick<Codec<Out>, "decode"> | undefined;
}

/** So much of a failure object is read: more than a record holds of it. */
const failureBytes = 4000;

/**
 * Opens an object.
 *
 * @param knownType what others say that it is; counts where the object doesn't say it
 * @returns undefined when there is none
 * @throws AsyncInferenceError `ACCESS_DENIED` with the statement to add
 */
export async function openOutput(
  connections: Connections,
  location: string,
  knownType?: string,
  options: { range?: string; signal?: AbortSignal | undefined; partition?: string } = {},
): Promise<OutputObject | undefined> {
  const at = readS3Uri(location);
  if (!at) throw clientError("BAD_INPUT", `${location} is not s3://bucket/key`, { field: "outputLocation" });
  const { library, client } = connections.s3;
  const command = new library.GetObjectCommand({
    Bucket: at.bucket,
    Key: at.key,
    ...(options.range === undefined ? {} : { Range: options.range }),
  });
  try {
    const object = await client.send(command, options.signal === undefined ? {} : { abortSignal: options.signal });
    const ownType = object.ContentType === untyped ? undefined : object.ContentType;
    return {
      body: object.Body as Readable,
      contentType: ownType ?? knownType,
      bytes: object.ContentLength ?? 0,
      lastModified: object.LastModified,
    };
  } catch (error) {
    const { name, $metadata } = error as { name?: string; $metadata?: { httpStatusCode?: number } };
    if (name !== "NoSuchBucket" && $metadata?.httpStatusCode === 404) return undefined;
    throw asyncInferenceError(error, { needed: { action: "s3:GetObject", resource: objectArn(at.bucket, at.key, options.partition) } });
  }
}

/** Opens one of a job's objects; undefined when there is none. @throws AsyncInferenceError `ACCESS_DENIED` with the statement to add */
export async function openJobObject(
  connections: Connections,
  location: string,
  knownType: string | undefined,
  partition: string | undefined,
): Promise<JobObject | undefined> {
  const object = await openOutput(connections, location, knownType, present({ partition }));
  return object && present({ location, body: object.body, contentType: object.contentType, bytes: object.bytes });
}

/**
 * A result in the form that is wanted.
 *
 * @throws AsyncInferenceError `BAD_OUTPUT` with the bytes in `raw` when it can't be read so
 */
export async function readOutput<Out>(object: OutputObject, location: string, form: OutputForm<Out>): Promise<unknown> {
  if (form.toFile !== undefined) return save(object, form.toFile, form.signal);
  if (form.as === "stream") return object.body;
  const raw = await bytesOf(object.body, form.signal);
  const wrong = (message: string, details: { cause?: unknown } = {}) =>
    clientError("BAD_OUTPUT", message, { ...details, raw, advice: 'Read its bytes from `raw` of this error, or with as: "bytes".' });
  const value = await valueOf(raw, object.contentType, location, form, wrong);
  if (form.schema === undefined) return value;
  return checkValue(form.schema, value, "output", (message, { cause }) => wrong(`${location}: ${message}`, { cause }));
}

type Wrong = (message: string, details?: { cause?: unknown }) => AsyncInferenceError;

async function valueOf<Out>(
  raw: Uint8Array,
  contentType: string | undefined,
  location: string,
  form: OutputForm<Out>,
  wrong: Wrong,
): Promise<unknown> {
  const { as = "auto", codec } = form;
  if (as === "bytes") return raw;
  if (as === "auto" && codec !== undefined) {
    try {
      return await codec.decode(raw, contentType);
    } catch (error) {
      throw wrong(`${location}: the codec can't decode it: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
    }
  }
  const kind = as === "auto" ? kindOf(contentType, raw) : as;
  if (kind === "bytes") return raw;
  const content = readContent(raw, kind === "json" ? "application/json" : "text/plain");
  if (content.kind === kind) return content.value;
  const got = raw.byteLength === 0 ? "it is empty" : `its ${raw.byteLength} bytes aren't`;
  throw wrong(
    `${location}: expected ${kind === "json" ? "JSON" : "UTF-8 text"} (${as === "auto" ? contentType : `as: "${as}"`}), and ${got}`,
  );
}

function kindOf(contentType: string | undefined, raw: Uint8Array): "json" | "text" | "bytes" {
  // Nobody says what it is: JSON says so itself.
  if (contentType === undefined) return readContent(raw, "application/json").kind === "json" ? "json" : "bytes";
  const type = contentType.split(";", 1).join().trim().toLowerCase();
  if (type === "application/json" || type.endsWith("+json")) return "json";
  return type.startsWith("text/") ? "text" : "bytes";
}

/** Writes beside the file first, so that a reader finds the whole result or none. */
async function save({ body, contentType }: OutputObject, file: string, signal: AbortSignal | undefined): Promise<SavedResult> {
  const path = resolve(file);
  // A file's own name may be as long as the file system takes: this one must not be longer.
  const partial = join(dirname(path), `.${basename(path).slice(0, 40)}.${randomBytes(6).toString("hex")}.part`);
  const writing = createWriteStream(partial, { flags: "wx" });
  try {
    await pipeline(body, writing, signal === undefined ? {} : { signal });
    await rename(partial, path);
  } catch (error) {
    // What went wrong first is what is reported.
    await rm(partial, { force: true }).catch(() => undefined);
    const { code, message, syscall } = error as NodeJS.ErrnoException;
    if (syscall === undefined || code === "ECONNRESET") throw asyncInferenceError(error);
    throw clientError("BAD_INPUT", `toFile: ${message}`, { field: "toFile", cause: error, advice: "Name a file that can be written." });
  }
  return { path, bytes: writing.bytesWritten, ...(contentType === undefined ? {} : { contentType }) };
}

async function bytesOf(body: Readable, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const abort = () => body.destroy(signal?.reason as Error);
  signal?.addEventListener("abort", abort, { once: true });
  try {
    for await (const chunk of body) chunks.push(chunk as Uint8Array);
  } catch (error) {
    throw asyncInferenceError(error);
  } finally {
    signal?.removeEventListener("abort", abort);
  }
  return Buffer.concat(chunks);
}

/** What stands at a failure location. */
export interface FailureObject {
  /** The object's beginning as it is; undefined when there is none, it is empty or can't be read. */
  text?: string;
  /** Why it can't be read, with the statement to add where the caller's role may not. */
  problem?: AsyncInferenceError;
}

/**
 * Reads the beginning of a failure object. That it can't be read is part of the answer: it must not hide how the job ended.
 *
 * @throws whatever `signal` was aborted with
 */
export async function readFailure(connections: Connections, location: string, signal?: AbortSignal): Promise<FailureObject> {
  try {
    const object = await openOutput(connections, location, undefined, { range: `bytes=0-${failureBytes - 1}`, signal });
    if (!object) return {};
    const text = new TextDecoder().decode(await bytesOf(object.body, signal)).trim();
    return text === "" ? {} : { text };
  } catch (error) {
    signal?.throwIfAborted();
    // A range of an empty object is refused.
    if ((error as { cause?: { name?: string } }).cause?.name === "InvalidRange") return {};
    return { problem: asyncInferenceError(error) };
  }
}

/** The error of an invocation that left a failure object. */
export function failureError({ text, problem }: FailureObject): CodedError {
  const { error } = classifyFailureObject(text);
  if (problem === undefined) return error;
  return { ...error, message: `The invocation failed; its failure object can't be read: ${problem.message}`, advice: problem.advice };
}
