import { partitionOf } from "../../core/partition";
import { objectArn } from "../../core/records/s3Uri";
import type { S3Client } from "@aws-sdk/client-s3";
import type { S3Location } from "../../core/records/s3Uri";
import type { AsyncInferenceError } from "../errors";
import { call } from "./calls";
import type { ServiceClock } from "../../core/serviceClock";

type Library = typeof import("@aws-sdk/client-s3");

/** S3 and who asks it. */
export interface Bucket {
  s3: S3Client;
  /** `@aws-sdk/client-s3`. */
  library: Library;
  clock: ServiceClock;
}

/** Whether an object exists. @throws AsyncInferenceError of a refusal, saying which of two permissions lacks */
export async function exists(bucket: Bucket, location: S3Location, signal: AbortSignal): Promise<boolean> {
  const { s3, library, clock } = bucket;
  const partition = partitionOf(await s3.config.region());
  const needed = { action: "s3:GetObject", resource: objectArn(location.bucket, folderOf(location.key), partition) };
  const head = new library.HeadObjectCommand({ Bucket: location.bucket, Key: location.key });
  try {
    await call(clock, signal, needed, (options) => s3.send(head, options));
    return true;
  } catch (error) {
    const { cause } = error as AsyncInferenceError;
    const status = (cause as { $metadata?: { httpStatusCode?: number } } | undefined)?.$metadata?.httpStatusCode;
    // A HEAD's answer has no body: that a bucket does not exist is told by the listing that is made of it first.
    if (status === 404) return false;
    // Nor does it say what is refused: without s3:ListBucket a missing object is, too. A listing knows.
    if (status === 403) await list(bucket, location.bucket, { prefix: location.key, pages: 1 }, signal);
    throw error;
  }
}

/** Keys below a prefix, and how far they were listed. */
export interface Listing {
  keys: Set<string>;
  /** Every key up to this one was listed; undefined when all were. */
  upTo: string | undefined;
}

/**
 * Lists what is below a prefix, a page of 1,000 after the other.
 *
 * @param range.after keys up to this one are left out
 * @param range.last keys behind this one do not matter
 * @param range.pages how many pages to read at most
 * @throws AsyncInferenceError `NOT_FOUND` when there is no such bucket
 */
export async function list(
  { s3, library, clock }: Bucket,
  bucketName: string,
  { prefix, after, last, pages }: { prefix: string; after?: string; last?: string; pages: number },
  signal: AbortSignal,
): Promise<Listing> {
  const needed = { action: "s3:ListBucket", resource: `arn:${partitionOf(await s3.config.region())}:s3:::${bucketName}` };
  const keys = new Set<string>();
  let ContinuationToken: string | undefined;
  for (let page = 1; ; page++) {
    const command = new library.ListObjectsV2Command({
      Bucket: bucketName,
      Prefix: prefix,
      ...(ContinuationToken === undefined ? { StartAfter: after } : { ContinuationToken }),
    });
    const { Contents = [], NextContinuationToken } = await call(clock, signal, needed, (options) => s3.send(command, options));
    for (const { Key = "" } of Contents) keys.add(Key);
    ContinuationToken = NextContinuationToken;
    const upTo = Contents.at(-1)?.Key;
    // No comparison with undefined holds.
    if (ContinuationToken === undefined || (upTo as string) >= (last as string)) return { keys, upTo: undefined };
    if (page === pages) return { keys, upTo };
  }
}

/** What a policy would name: all that is in the folder that the service writes to. */
function folderOf(key: string): string {
  return key.includes("/") ? `${key.slice(0, key.indexOf("/"))}/*` : "*";
}
