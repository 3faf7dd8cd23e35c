import { randomBytes } from "node:crypto";
import { inputKeyOf, type JobRecord } from "../core/records/job";
import type { JobPorts } from "../core/ports";
import { objectArn, s3Uri } from "../core/records/s3Uri";
import { contentOf, givenInput, type JobInput, type SubmitSettings } from "../core/lifecycle/submit";
import { unlessAborted } from "./abort";
import type { Connections } from "./connections";
import { asyncInferenceError, clientError } from "./errors";
import { bounded, hasher, hashOf, type Input, type OpenStream } from "./input";
import type { Submission } from "./service";
import { partBytes, upload } from "./upload";

/** Where inputs go. */
export interface InputPlace extends Pick<SubmitSettings, "bucketName" | "inputPrefix" | "allowedInputBuckets"> {
  connections: Connections;
  partition?: string;
}

/** What is uploaded, once it is read. */
interface Uploaded {
  hash: string;
  bytes: number;
  contentType: string;
}

/**
 * Where a job's input goes, and what it is. A small one is placed by the core, after the record. What is large, or can be read
 * only once, is in S3 when this returns, before the record, which needs its hash: no record, no accepted job. Its key has a
 * random part, so that two who submit one id at once can't replace each other's input.
 */
export async function planInput(
  ports: Pick<JobPorts, "jobs" | "objects" | "hash">,
  place: InputPlace,
  submission: Submission,
  input: Input,
): Promise<JobInput> {
  const { jobId, named, signal } = submission;
  if (input.kind === "object") return givenInput(ports, place, input.location, named ? jobId : undefined);
  const small = await smallInput(input);
  if (small !== undefined) {
    return {
      location: locationOf(place, jobId, input.fileName),
      hash: ports.hash(small.bytes),
      bytes: small.bytes.byteLength,
      contentType: small.contentType,
      content: contentOf(small.bytes),
      place: (location) => placeSmall(ports, place, location, small, signal),
    };
  }
  const known = named ? await ports.jobs.get(jobId) : undefined;
  const isMissing = known?.state === "ACCEPTED" && (await ports.objects.head(known.inputLocation)) === undefined;
  const stream = await openInput(input, signal);
  if (known && !isMissing) {
    const { hash } = await unlessAborted(hashOf(bounded(stream.body)), signal);
    return { location: known.inputLocation, hash, contentType: stream.contentType };
  }
  // Accepted by somebody who died before the input was in place: it goes there, if it is the same.
  const unique = `${jobId}/${randomBytes(6).toString("hex")}`;
  const location = known?.inputLocation ?? locationOf(place, unique, input.fileName);
  return { location, ...(await uploadInput(place, location, stream, signal, known)) };
}

/** Uploads an input that no record is to be written of, unless it can go in the call; and says where it is, or would be. */
export async function placeInput(
  ports: Pick<JobPorts, "jobs" | "objects" | "hash" | "endpoint">,
  place: InputPlace,
  submission: Submission,
  input: Input,
): Promise<JobInput> {
  const { jobId, signal } = submission;
  if (input.kind === "object") return givenInput(ports, place, input.location, undefined);
  const location = locationOf(place, jobId, input.fileName);
  const small = await smallInput(input);
  if (small === undefined) return { location, ...(await uploadInput(place, location, await openInput(input, signal), signal)) };
  const content = ports.endpoint.takesInput() === false ? undefined : contentOf(small.bytes);
  const put = () => placeSmall(ports, place, location, small, signal);
  if (content === undefined) await put();
  return { location, hash: "", bytes: small.bytes.byteLength, contentType: small.contentType, content, place: put };
}

function locationOf({ bucketName, inputPrefix }: InputPlace, jobId: string, fileName: string): string {
  return s3Uri({ bucket: bucketName, key: inputKeyOf(inputPrefix, jobId, fileName) });
}

/** The bytes of an input that goes up in one request; undefined for others. */
async function smallInput(input: Exclude<Input, { kind: "object" }>): Promise<{ bytes: Uint8Array; contentType: string } | undefined> {
  if (input.kind === "bytes" && input.bytes.byteLength <= partBytes) return input;
  if (input.kind !== "file" || input.bytes > partBytes) return undefined;
  const chunks: Uint8Array[] = [];
  for await (const chunk of bounded(input.read())) chunks.push(chunk);
  return { bytes: Buffer.concat(chunks), contentType: input.contentType };
}

async function openInput(input: Exclude<Input, { kind: "object" }>, signal: AbortSignal | undefined): Promise<OpenStream> {
  switch (input.kind) {
    case "bytes":
      return { body: slices(input.bytes), contentType: input.contentType };
    case "file":
      return { body: input.read(), contentType: input.contentType };
    case "stream":
      return input.open(signal);
  }
}

async function* slices(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.byteLength; from += partBytes) yield bytes.subarray(from, from + partBytes);
}

function placeSmall(
  { objects }: Pick<JobPorts, "objects">,
  place: InputPlace,
  location: string,
  { bytes, contentType }: { bytes: Uint8Array; contentType: string },
  signal: AbortSignal | undefined,
): Promise<void> {
  return unlessAborted(advised(place, location, objects.put(location, bytes, contentType)), signal);
}

/** @param known the job whose input it must be */
async function uploadInput(
  place: InputPlace,
  location: string,
  { body, contentType }: OpenStream,
  signal: AbortSignal | undefined,
  known?: JobRecord,
): Promise<Uploaded> {
  const hashing = hasher();
  let summed = { hash: "", bytes: 0 };
  async function* hashed(): AsyncGenerator<Uint8Array> {
    for await (const chunk of bounded(body)) {
      hashing.update(chunk);
      yield chunk;
    }
    summed = hashing.digest();
    if (known === undefined || known.inputHash === summed.hash) return;
    const message = `jobId: ${known.jobId} is a job with another input, accepted at ${known.createdAt}.`;
    throw clientError("CONFLICT", message, { field: "jobId" });
  }
  await advised(place, location, upload(place.connections, location, hashed(), contentType, signal));
  return { ...summed, contentType };
}

async function advised<Result>({ bucketName, partition }: InputPlace, location: string, writing: Promise<Result>): Promise<Result> {
  try {
    return await writing;
  } catch (error) {
    const key = location.slice(`s3://${bucketName}/`.length);
    throw asyncInferenceError(error, { needed: { action: "s3:PutObject", resource: objectArn(bucketName, key, partition) } });
  }
}
