import { codedError, thrown } from "../records/errors";
import { inputKeyOf } from "../records/job";
import { requestBounds, type SubmitRequest } from "../messages/request";
import { present } from "../present";
import { lowRoomKey } from "../records/items";
import { contentTypeOfObject } from "../messages/contentTypes";
import { s3Uri } from "../records/s3Uri";
import { submitJob, type SubmitPorts, type SubmitSettings } from "./submit";

/** One object that was uploaded, as S3 reports it. */
export interface Upload {
  bucket: string;
  key: string;
  eTag: string;
  /** Grows with each change of the key; the same in each delivery of one change. Some emulators lack it. */
  sequencer: string;
}

/** What S3 sends to the inbox function. */
export type InboxMessage = { kind: "uploads"; uploads: Upload[] } | { kind: "test" } | { kind: "malformed"; problem: string };

/** Reads an S3 event. Never throws. https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html */
export function readS3Event(event: unknown): InboxMessage {
  const message = event as { Event?: unknown; Records?: unknown } | null | undefined;
  if (message?.Event === "s3:TestEvent") return { kind: "test" };
  if (!Array.isArray(message?.Records)) return { kind: "malformed", problem: "no Records" };
  const uploads: Upload[] = [];
  for (const record of message.Records as unknown[]) {
    const s3 = (record as { s3?: { bucket?: { name?: unknown }; object?: Record<string, unknown> } } | null)?.s3;
    const { key, eTag, sequencer } = s3?.object ?? {};
    const bucket = s3?.bucket?.name;
    if (typeof bucket !== "string" || typeof key !== "string" || typeof eTag !== "string") {
      return { kind: "malformed", problem: "a record without bucket, key or eTag" };
    }
    const decoded = decodeKey(key);
    if (decoded === undefined) return { kind: "malformed", problem: "a key that is not percent-encoded UTF-8" };
    uploads.push({ bucket, key: decoded, eTag, sequencer: typeof sequencer === "string" ? sequencer : "" });
  }
  return { kind: "uploads", uploads };
}

/** Keys in events are encoded as in forms: a blank is `+`. */
function decodeKey(key: string): string | undefined {
  try {
    return decodeURIComponent(key.replaceAll("+", " "));
  } catch {
    return undefined;
  }
}

/**
 * Makes an upload a job: once, however often S3 reports it. The same file uploaded again is another job.
 *
 * The upload is copied to the job's input key, so that uploading another file under the same name while the first
 * waits in the queue can't change what the model gets. What is not below the inbox prefix is left alone: no output,
 * and no copied input, can become a job.
 *
 * @throws a coded error when a later delivery may succeed
 */
export async function submitUpload(
  ports: SubmitPorts,
  settings: SubmitSettings & { inboxPrefix: string; formerInboxPrefixes?: readonly string[] },
  upload: Upload,
  giveUpAt: number,
): Promise<void> {
  const { bucket, key, eTag } = upload;
  const isFolder = key.endsWith("/");
  const prefixes = [settings.inboxPrefix, ...(settings.formerInboxPrefixes ?? [])];
  if (bucket !== settings.bucketName || !prefixes.some((prefix) => key.startsWith(prefix)) || isFolder) return;
  const source = s3Uri({ bucket, key });
  const hash = ports.hash(`${source}\n${eTag}\n${upload.sequencer}`);
  const jobId = `inbox-${hash.slice(0, 32)}`;

  const head = await ports.objects.head(source);
  const known = await ports.jobs.get(jobId);
  if (!known && (head === undefined || unquoted(head.eTag) !== unquoted(eTag))) {
    ports.log({ level: "warn", message: "upload was replaced or deleted before it became a job", jobId });
    return;
  }
  if (!known && head && head.bytes > requestBounds.inputBytes) {
    ports.log({ level: "error", message: "upload is larger than 1 GB", jobId, code: "BAD_INPUT", bytes: head.bytes });
    return;
  }
  const contentType = head && contentTypeOfObject(head.contentType, key);
  const told = head?.metadata ?? {};
  const { priority, metadata } = await askedOf(ports, jobId, told);
  const { traceparent, tracestate } = told;
  const job = await submitJob(
    ports,
    settings,
    jobId,
    {
      metadata: { ...metadata, inboxKey: firstCharacters(key) },
      traceContext: present({ traceparent, tracestate }),
      ...present({ priority }),
    },
    {
      location: s3Uri({ bucket, key: inputKeyOf(settings.inputPrefix, jobId, key) }),
      hash,
      ...(head === undefined ? {} : { bytes: head.bytes }),
      ...(contentType === undefined ? {} : { contentType }),
      place: async (location) => {
        if (await ports.objects.copy(source, eTag, location)) return;
        throw thrown(codedError("NOT_FOUND", `${jobId}: the upload was replaced or deleted before it was copied.`));
      },
    },
    giveUpAt,
  );
  if (job.refusal) throw thrown(job.refusal);
}

/** What an upload's user metadata asks for besides its trace. What it can't have must not keep it from becoming a job: it then stands in line with all. */
async function askedOf(ports: SubmitPorts, jobId: string, told: Record<string, string>): Promise<SubmitRequest> {
  const { priority } = told;
  if (priority === undefined || priority === "normal") return {};
  const room = await ports.jobs.get(lowRoomKey);
  if (priority !== "low" || room === undefined || room.backlog === 0) {
    const got = firstCharacters(priority, 80);
    ports.log({
      level: "warn",
      message: "upload's metadata ignored",
      jobId,
      field: "priority",
      got,
      expected: "low, with priorityEnabled",
    });
    return {};
  }
  const tenant = room.fairBy === undefined ? undefined : told[room.fairBy.toLowerCase()];
  return {
    priority,
    ...(room.fairBy === undefined || tenant === undefined ? {} : { metadata: { [room.fairBy]: firstCharacters(tenant) } }),
  };
}

function firstCharacters(text: string, most: number = requestBounds.metadataCharacters): string {
  return Array.from(text).slice(0, most).join("");
}

/** Events have an ETag without its quotes, headers with them. */
function unquoted(eTag: string): string {
  return eTag.replaceAll('"', "");
}
