import { gunzipSync } from "node:zlib";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { CloudContext } from "../../ports";
import type { Objects } from "../objects";
import type { BatchJob, ManifestRow } from "./job";

/** Why a manifest is no good: what a failed job says. */
export class ManifestProblem extends Error {
  constructor(
    readonly code: string,
    reason: string,
  ) {
    super(reason);
  }
}

/** Reads the manifest of a job as its role. @throws ManifestProblem */
export async function manifestRows(
  job: BatchJob,
  { context, objects, s3 }: { context: CloudContext; objects: Objects; s3: S3Client },
): Promise<() => Iterable<ManifestRow>> {
  const { source, roleArn } = job;
  if (source.kind === "generator") {
    const bucket = bucketOf(source.sourceBucketArn);
    // What AWS asks of a role that has objects listed.
    context.access.requireRole(roleArn, "s3-batch", { action: "s3:PutInventoryConfiguration", resource: source.sourceBucketArn });
    const keys = source.prefixes.flatMap((prefix) => objects.list(bucket, prefix).map(({ key }) => key));
    return function* () {
      for (const key of new Set(keys)) yield { bucket, key: encoded(key), versionId: undefined };
    };
  }
  const [bucket, key] = addressOf(source.objectArn);
  const { body, eTag } = await read(s3, bucket, key);
  if (eTag !== source.eTag.replaceAll('"', "")) {
    throw new ManifestProblem("ManifestNotFound", `The ETag of the manifest is ${eTag}, not ${source.eTag}`);
  }
  if (source.format === "S3BatchOperations_CSV_20180820") return () => rowsOf(body, source.fields);
  const inventory = readInventory(body);
  const files = await Promise.all(inventory.files.map((file) => read(s3, inventory.bucket, file)));
  return function* () {
    for (const file of files) yield* rowsOf(gunzipSync(file.body), inventory.fields);
  };
}

/** Rows of CSV, one at a time. @throws ManifestProblem naming the line */
export function* rowsOf(body: Buffer, fields: readonly string[]): Generator<ManifestRow> {
  const places = { bucket: fields.indexOf("Bucket"), key: fields.indexOf("Key"), versionId: fields.indexOf("VersionId") };
  let line = 0;
  for (let start = 0; start < body.length;) {
    const found = body.indexOf(0x0a, start);
    const end = found === -1 ? body.length : found;
    const text = body.toString("utf8", start, end).replace(/\r$/, "");
    start = end + 1;
    line++;
    if (text === "") continue;
    const cells = cellsOf(text);
    const [bucket, key, versionId] = [cells[places.bucket], cells[places.key], cells[places.versionId]];
    if (!bucket || !key || cells.length < fields.length) {
      throw new ManifestProblem("InvalidManifestContent", `Line ${line} of the manifest has not the fields ${fields.join(", ")}`);
    }
    yield { bucket, key, versionId: versionId === "" ? undefined : versionId };
  }
}

/** Keys are percent-encoded: there is no comma, quote or line break in a cell. */
function cellsOf(line: string): string[] {
  return line.split(",").map((cell) => cell.trim().replace(/^"(.*)"$/, "$1"));
}

/** An inventory's manifest.json. https://docs.aws.amazon.com/AmazonS3/latest/userguide/storage-inventory-location.html */
function readInventory(body: Buffer): { bucket: string; fields: string[]; files: string[] } {
  try {
    const { destinationBucket, fileFormat, fileSchema, files } = JSON.parse(body.toString()) as {
      destinationBucket: string;
      fileFormat: string;
      fileSchema: string;
      files: { key: string }[];
    };
    if (fileFormat !== "CSV") throw new Error(`fileFormat is ${fileFormat}`);
    return {
      bucket: bucketOf(destinationBucket),
      fields: fileSchema.split(",").map((field) => field.trim()),
      files: files.map(({ key }) => key),
    };
  } catch (error) {
    throw new ManifestProblem("InvalidManifestContent", `The manifest is no CSV inventory's manifest.json: ${(error as Error).message}`);
  }
}

async function read(s3: S3Client, bucket: string, key: string): Promise<{ body: Buffer; eTag: string }> {
  try {
    const { Body, ETag = "" } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return { body: Buffer.from((await Body?.transformToByteArray()) ?? []), eTag: ETag.replaceAll('"', "") };
  } catch (error) {
    const { name, message } = error as Error;
    throw new ManifestProblem(name === "AccessDenied" ? "AccessDenied" : "ManifestNotFound", `s3://${bucket}/${key}: ${message}`);
  }
}

/** As S3 writes keys into manifests. */
function encoded(key: string): string {
  return encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+");
}

/** A bucket by its ARN. */
export function bucketOf(arn: string): string {
  return arn.split(":::")[1] ?? arn;
}

function addressOf(objectArn: string): [bucket: string, key: string] {
  const [bucket = "", ...key] = bucketOf(objectArn).split("/");
  return [bucket, key.join("/")];
}
