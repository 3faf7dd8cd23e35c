import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { joinProblems, readRequest, requestBounds } from "../core/messages/request";
import { contentTypeOfBytes, contentTypeOfName } from "../core/messages/contentTypes";
import { AsyncInferenceError, clientError } from "./errors";
import { checkValue } from "./schema";
import type { SubmitOptions } from "./types";

/** What a model is to get, before it is anywhere. */
export type Input = { fileName: string } & (
  | { kind: "bytes"; bytes: Uint8Array; contentType: string }
  /** Can be read any number of times. */
  | { kind: "file"; read: () => AsyncIterable<Uint8Array>; bytes: number; contentType: string }
  /** Can be read once, or, fetched again, may be another. */
  | { kind: "stream"; open: (signal?: AbortSignal) => Promise<OpenStream>; replayable: boolean }
  /** Is in S3 and stays there. */
  | { kind: "object"; location: string; contentType: string | undefined }
);

/** Bytes on their way, which whoever opened them reads. */
export interface OpenStream {
  body: AsyncIterable<Uint8Array>;
  contentType: string;
}

const unknownType = "application/octet-stream";

/** How much of a file is read at a time: the 64 KB of a stream of Node's take a seventh more of the processor's time for a large one. */
const readBytes = 256 * 1024;

/**
 * Reads what the caller gave as input: opens what is to be fetched, and copies nothing.
 *
 * @throws AsyncInferenceError `BAD_INPUT` for what no model can be given, `NOT_FOUND` and `ACCESS_DENIED` for files and URLs
 */
export async function readInput<Out, In>(given: In, options: SubmitOptions<Out, In>): Promise<Input> {
  const checked = options.inputSchema === undefined ? given : await checkValue(options.inputSchema, given, "input", badInput);
  const input = options.codec === undefined ? await inputOf(checked, options) : await encoded(checked, options.codec, options);
  if (input.kind === "object") return input;
  const bytes = input.kind === "bytes" ? input.bytes.byteLength : input.kind === "file" ? input.bytes : 0;
  if (bytes > requestBounds.inputBytes) throw tooLarge(bytes);
  return input;
}

/** Passes bytes on until there are more of them than a model can be given. */
export async function* bounded(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.byteLength;
    if (bytes > requestBounds.inputBytes) throw tooLarge(bytes);
    yield chunk;
  }
}

/** SHA-256 of all the bytes, in hexadecimal digits, and how many they are. */
export async function hashOf(source: AsyncIterable<Uint8Array>): Promise<{ hash: string; bytes: number }> {
  const hashing = hasher();
  for await (const chunk of source) hashing.update(chunk);
  return hashing.digest();
}

/** Hashes what passes. */
export function hasher() {
  const hash = createHash("sha256");
  let bytes = 0;
  return {
    update(chunk: Uint8Array): void {
      bytes += chunk.byteLength;
      hash.update(chunk);
    },
    digest: () => ({ hash: hash.digest("hex"), bytes }),
  };
}

async function encoded<Out, In>(
  value: In,
  codec: NonNullable<SubmitOptions<Out, In>["codec"]>,
  options: SubmitOptions<Out, In>,
): Promise<Input> {
  let result: Uint8Array | string;
  try {
    result = await codec.encode(value);
  } catch (error) {
    throw badInput(`input: the codec can't encode it: ${messageOf(error)}`, { field: "input", cause: error });
  }
  const bytes = typeof result === "string" ? Buffer.from(result) : result;
  if (!(bytes instanceof Uint8Array)) throw badInput("input: the codec encoded it as neither bytes nor a string", { field: "input" });
  return { kind: "bytes", bytes, contentType: options.contentType ?? codec.contentType, fileName: options.fileName ?? "input" };
}

async function inputOf(given: unknown, options: { contentType?: string; fileName?: string }): Promise<Input> {
  const named = options.contentType ?? (options.fileName === undefined ? undefined : contentTypeOfName(options.fileName));
  const described = (contentType: string, fileName = "input") => ({
    contentType: named ?? contentType,
    fileName: options.fileName ?? fileName,
  });
  if (typeof given === "string") return { kind: "bytes", bytes: Buffer.from(given), ...described("text/plain") };
  if (given instanceof URL) return urlInput(given, described, options);
  if (ArrayBuffer.isView(given) || given instanceof ArrayBuffer) {
    const bytes = ArrayBuffer.isView(given) ? new Uint8Array(given.buffer, given.byteOffset, given.byteLength) : new Uint8Array(given);
    return { kind: "bytes", bytes, ...described(contentTypeOfBytes(bytes) ?? unknownType) };
  }
  if (given instanceof Blob) {
    const name = "name" in given && typeof given.name === "string" ? given.name : undefined;
    return { kind: "file", read: () => given.stream(), bytes: given.size, ...described(given.type || typeOf(name), name) };
  }
  if (isStream(given)) {
    // What a file's stream reads is in its path.
    const path = (given as { path?: unknown }).path;
    const name = typeof path === "string" ? basename(path) : undefined;
    const { contentType, fileName } = described(typeOf(name), name);
    return { kind: "stream", open: async () => ({ body: chunksOf(unlessBroken(given)), contentType }), replayable: false, fileName };
  }
  return { kind: "bytes", bytes: Buffer.from(jsonOf(given)), ...described("application/json", "request.json") };
}

type Described = (contentType: string, fileName?: string) => { contentType: string; fileName: string };

async function urlInput(url: URL, described: Described, options: { contentType?: string; fileName?: string }): Promise<Input> {
  switch (url.protocol) {
    case "file:":
      return fileInput(url, described);
    case "s3:":
      // What the object is called and what it is, is said by the object.
      return { kind: "object", location: checkedLocation(url), contentType: options.contentType, fileName: options.fileName ?? "input" };
    case "https:":
      return fetched(url, described);
    case "http:":
      if (["127.0.0.1", "localhost", "[::1]"].includes(url.hostname)) return fetched(url, described);
  }
  throw badInput(`input: got a URL of ${url.protocol}, expected file:, s3: or https:`, { field: "input" });
}

async function fileInput(url: URL, described: Described): Promise<Input> {
  try {
    const path = fileURLToPath(url);
    const found = await stat(path);
    if (!found.isFile()) throw badInput(`input: ${path} is not a file`, { field: "input" });
    const name = basename(path);
    // What is read is allocated in full for each read. Some files of the system's have bytes, and no size.
    const highWaterMark = Math.min(found.size || readBytes, readBytes);
    return { kind: "file", read: () => createReadStream(path, { highWaterMark }), bytes: found.size, ...described(typeOf(name), name) };
  } catch (error) {
    throw fileError(error);
  }
}

/** What the file system says, in the client's words. */
export function fileError(error: unknown): AsyncInferenceError {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT" || code === "ENOTDIR") {
    const advice = "Look whether the file is there and its path is spelled right.";
    return clientError("NOT_FOUND", `input: ${message}`, { field: "input", cause: error, advice });
  }
  if (code === "EACCES" || code === "EPERM") {
    const advice = "Let the process read the file.";
    return clientError("ACCESS_DENIED", `input: ${message}`, { field: "input", cause: error, advice });
  }
  return error instanceof AsyncInferenceError ? error : badInput(`input: ${message}`, { field: "input", cause: error });
}

/** @throws AsyncInferenceError `BAD_INPUT` for a location that the service wouldn't take */
function checkedLocation(url: URL): string {
  const inputLocation = locationOf(url);
  const read = readRequest({ inputLocation });
  if ("problems" in read) throw new AsyncInferenceError(joinProblems(read.problems));
  return inputLocation;
}

/** The object that an `s3:` URL names. Written with the characters that its key has. */
function locationOf(url: URL): string {
  try {
    return `s3://${url.hostname}/${decodeURIComponent(`${url.pathname.slice(1)}${url.search}${url.hash}`)}`;
  } catch (error) {
    throw badInput(`input: ${url.href} is not percent-encoded UTF-8`, { field: "input", cause: error });
  }
}

/** What is behind an `https:` URL, fetched when it is opened. */
function fetched(url: URL, described: Described): Input {
  const name = basename(url.pathname) || undefined;
  // Presigned URLs carry their permission in what comes after the path.
  const where = `${url.origin}${url.pathname}`;
  return { kind: "stream", open, replayable: true, fileName: described(unknownType, name).fileName };

  async function open(signal?: AbortSignal): Promise<OpenStream> {
    const response = await unlessLost(where, "can't be fetched", fetch(url, signal === undefined ? {} : { signal }));
    const length = Number(response.headers.get("content-length") ?? 0);
    if (!response.ok || response.body === null || length > requestBounds.inputBytes) {
      await response.body?.cancel();
      throw response.ok && response.body !== null ? tooLarge(length) : refusedFetch(where, response.status);
    }
    return { body: chunks(response.body), contentType: described(response.headers.get("content-type") ?? typeOf(name)).contentType };
  }

  async function* chunks(body: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reading = body[Symbol.asyncIterator]();
    try {
      for (;;) {
        const next = await unlessLost(where, "broke off", reading.next());
        if (next.done) return;
        yield next.value;
      }
    } finally {
      await reading.return?.();
    }
  }
}

async function unlessLost<Result>(where: string, what: string, work: Promise<Result>): Promise<Result> {
  try {
    return await work;
  } catch (error) {
    if ((error as Error).name === "AbortError") throw error;
    const message = `input: ${where} ${what}: ${messageOf((error as Error).cause ?? error)}`;
    throw clientError("UNAVAILABLE", message, { field: "input", cause: error });
  }
}

function refusedFetch(where: string, status: number): AsyncInferenceError {
  const message = `input: ${where} answered with ${status}`;
  const field = "input";
  if (status === 404 || status === 410) return clientError("NOT_FOUND", message, { field });
  if (status === 401 || status === 403) {
    return clientError("ACCESS_DENIED", message, { field, advice: "Give a URL that needs nothing more, such as a presigned one." });
  }
  if (status === 429 || status >= 500) return clientError("UNAVAILABLE", message, { field });
  return badInput(message, { field });
}

function typeOf(fileName: string | undefined): string {
  return (fileName === undefined ? undefined : contentTypeOfName(fileName)) ?? unknownType;
}

function isStream(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === "object" && value !== null && (value instanceof Readable || Symbol.asyncIterator in value);
}

/** What the caller's own stream fails with, no service and no function has anything to do with. */
async function* unlessBroken(source: AsyncIterable<unknown>): AsyncGenerator<unknown> {
  try {
    yield* source;
  } catch (error) {
    const { name, code } = (error ?? {}) as NodeJS.ErrnoException;
    if (name === "AbortError") throw error;
    const known = code === undefined ? undefined : fileError(error);
    if (known !== undefined && known.code !== "BAD_INPUT") throw known;
    const advice = "Find out what its source says, and submit a new stream: this one is read in part.";
    throw badInput(`input: the stream broke off: ${messageOf(error)}`, { field: "input", cause: error, advice });
  }
}

/** Bytes of a stream, whose strings are UTF-8. */
async function* chunksOf(source: AsyncIterable<unknown>): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    if (typeof chunk === "string") yield Buffer.from(chunk);
    else if (chunk instanceof Uint8Array) yield chunk;
    else throw badInput(`input: a stream of bytes or strings was expected, and it gave ${describe(chunk)}`, { field: "input" });
  }
}

function jsonOf(value: unknown): string {
  // JSON.stringify makes {} of them without a word.
  if (value instanceof Map || value instanceof Set) {
    const [what, instead] = value instanceof Map ? ["Map", "Object.fromEntries(map)"] : ["Set", "[...set]"];
    throw badInput(`input: got a ${what}, which JSON makes {} of`, { field: "input", advice: `Give ${instead}.` });
  }
  let text: string | undefined;
  try {
    text = JSON.stringify(value);
  } catch (error) {
    const advice = "Give what JSON has no word for as a string, or the JSON text itself, with contentType application/json.";
    throw badInput(`input: ${messageOf(error)}`, { field: "input", cause: error, advice });
  }
  if (text === undefined) {
    throw badInput(`input: got ${describe(value)}, expected a JSON value, a string, bytes, a stream or a URL`, { field: "input" });
  }
  return text;
}

function describe(value: unknown): string {
  return value === null ? "null" : Array.isArray(value) ? "an array" : typeof value;
}

function tooLarge(bytes: number): AsyncInferenceError {
  const message = `input: got ${bytes} bytes or more, expected at most ${requestBounds.inputBytes}`;
  return badInput(message, { field: "input", advice: "Split the input." });
}

function badInput(message: string, details: { field: string; cause?: unknown; advice?: string }): AsyncInferenceError {
  return clientError("BAD_INPUT", message, details);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
