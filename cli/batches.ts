import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { createInterface } from "node:readline";
import type { CreateJobRequest, JobDescriptor, JobListDescriptor, S3ControlClient } from "@aws-sdk/client-s3-control";
import { dynamoDbJobs } from "../aws/dynamoDbJobs";
import { batchFolder, metadataArgument } from "../core/lifecycle/batch";
import { objectArn, readS3Uri, type S3Location } from "../core/records/s3Uri";
import { requirePriorities } from "../core/lifecycle/priority";
import type { Priority } from "../core/records/job";
import type { AsyncInferenceOutputs } from "../outputs";
import { isLoopback, type AwsSettings } from "./aws";
import { failure, unreadableReason, UsageError } from "./failure";

/** How many of S3's jobs are asked for at a time. */
const jobsPerPage = 1000;

/** Where in `inputPrefix` manifests are that were files. */
export const manifestFolder = `${batchFolder}manifests/`;

/** Problems of a manifest that are reported together. */
const mostProblems = 10;

/** What `batch` reports of a batch. */
export interface BatchReport {
  batchId: string;
  /** Of S3 Batch Operations. */
  s3JobId: string;
  /** S3's status of its job. */
  status: string;
  /** When the first of S3's jobs of this batch was created. */
  createdAt: string;
  objects: number;
  /** Objects that are jobs now. */
  succeeded: number;
  /** Objects that made no job: the completion report says why. */
  failed: number;
  objectsPerSecond?: number;
  /** When the last object will be a job, at that rate. ISO 8601. */
  estimatedLastJobAt?: string;
  failureReason?: string;
  /** Further jobs of S3 that have not ended: the batch was created again before it had. */
  furtherS3JobIds?: string[];
  /** `s3://` of the completion report's manifest.json, once S3's job has ended. */
  report?: string;
}

/** Statuses of S3 in which nothing more is done. */
export const endedStatuses: readonly string[] = ["Complete", "Cancelled", "Failed"];

/** @throws CommandError `BAD_INPUT` when the service has no priorities: each object of the batch would be refused */
export async function requireLowPriority({ jobTableName }: AsyncInferenceOutputs, aws: AwsSettings): Promise<void> {
  const [{ DynamoDBClient }, documents] = await Promise.all([import("@aws-sdk/client-dynamodb"), import("@aws-sdk/lib-dynamodb")]);
  const client = new DynamoDBClient(aws);
  try {
    await requirePriorities({ jobs: dynamoDbJobs(documents, client, jobTableName) });
  } finally {
    client.destroy();
  }
}

/** S3's control plane. It puts the account before the host's name, which no address of this machine can have. */
export async function controlClient(aws: AwsSettings): Promise<S3ControlClient> {
  const { S3ControlClient } = await import("@aws-sdk/client-s3-control");
  const { endpoint } = aws;
  if (endpoint === undefined || !isLoopback(endpoint)) return new S3ControlClient(aws);
  const { hostname, port, host } = new URL(endpoint);
  const client = new S3ControlClient({ ...aws, endpoint: `http://localhost:${port}` });
  client.middlewareStack.add(
    (next) => (args) => {
      const request = args.request as { hostname: string; headers: Record<string, string> };
      request.hostname = hostname;
      request.headers["host"] = host;
      return next(args);
    },
    // After what writes the host's name, and before the signature.
    { step: "finalizeRequest", priority: "high", name: "embeddedCloudHost" },
  );
  return client;
}

/** The objects of a batch, as CreateJob names them. */
export type BatchSource = Required<Pick<CreateJobRequest, "Manifest">> | Required<Pick<CreateJobRequest, "ManifestGenerator">>;

/** Every object below a prefix, as S3 lists them. @throws UsageError for a place that the service may not read */
export function prefixSource(prefix: string, outputs: AsyncInferenceOutputs): BatchSource {
  const [, bucket, key = ""] = /^s3:\/\/([^/]+)(?:\/(.*))?$/s.exec(prefix) ?? [];
  if (bucket === undefined) throw new UsageError(`--prefix: got ${prefix}, expected a prefix such as s3://scans/2026/`);
  const problem = placeProblem({ bucket, key }, outputs);
  if (problem !== undefined) throw new UsageError(`--prefix: ${problem}`);
  return {
    ManifestGenerator: {
      S3JobManifestGenerator: {
        SourceBucket: `arn:${outputs.partition}:s3:::${bucket}`,
        EnableManifestOutput: false,
        Filter: key === "" ? {} : { KeyNameConstraint: { MatchAnyPrefix: [key] } },
      },
    },
  };
}

/**
 * A manifest: a CSV file here, which is uploaded; a CSV object; or an inventory's manifest.json.
 *
 * @param fields of a CSV object, in their order
 * @throws UsageError listing what is wrong with a file's rows
 */
export async function manifestSource(
  manifest: string,
  batchId: string,
  fields: readonly string[],
  { outputs, aws }: { outputs: AsyncInferenceOutputs; aws: AwsSettings },
): Promise<BatchSource> {
  const { S3Client, HeadObjectCommand, PutObjectCommand } = await import("@aws-sdk/client-s3");
  const s3 = new S3Client(aws);
  try {
    if (!manifest.startsWith("s3://")) {
      const found = await checkManifest(manifest, outputs);
      // As S3's documentation has it: a byte order mark would be part of the first bucket's name.
      const Body = (await readFile(manifest, "utf8")).replace(/^\uFEFF/, "").replaceAll("\r\n", "\n");
      // By its rows: other rows of the same batch must not replace what S3 reads.
      const rows = createHash("sha256").update(Body).digest("hex").slice(0, 16);
      const at = { bucket: outputs.bucketName, key: `${outputs.inputPrefix}${manifestFolder}${batchId}-${rows}.csv` };
      const { ETag = "" } = await s3.send(new PutObjectCommand({ Bucket: at.bucket, Key: at.key, Body, ContentType: "text/csv" }));
      return { Manifest: csv(at, ETag, found, outputs) };
    }
    const at = readS3Uri(manifest);
    if (!at) throw new UsageError(`--manifest: got ${manifest}, expected a file or s3://bucket/key`);
    const head = s3.send(new HeadObjectCommand({ Bucket: at.bucket, Key: at.key }));
    const { ETag = "" } = await head.catch((error: Error) => {
      if (error.name !== "NotFound") throw error;
      throw failure("NOT_FOUND", `--manifest: there is no object ${manifest}.`, "Look whether bucket and key are spelled right.", error);
    });
    if (!at.key.endsWith(".json")) return { Manifest: csv(at, ETag, fields, outputs) };
    const Location = { ObjectArn: objectArn(at.bucket, at.key, outputs.partition), ETag: unquoted(ETag) };
    return { Manifest: { Spec: { Format: "S3InventoryReport_CSV_20161130" }, Location } };
  } finally {
    s3.destroy();
  }
}

/** Checks each row of a CSV file. @returns its fields @throws UsageError with the first problems and their lines */
export async function checkManifest(file: string, outputs: AsyncInferenceOutputs): Promise<string[]> {
  const problems: string[] = [];
  let columns = 0;
  let line = 0;
  let rows = 0;
  for await (const text of linesOf(file)) {
    line++;
    if (text === "") continue;
    rows++;
    const cells = text.split(",").map((cell) => cell.replace(/^"(.*)"$/, "$1"));
    columns ||= cells.length;
    const problem = rowProblem(text, cells, columns, outputs);
    if (problem !== undefined && problems.push(`line ${line}: ${problem}`) >= mostProblems) break;
  }
  if (rows === 0) problems.push("got an empty file, expected a line bucket,key for each object");
  if (problems.length > 0) throw new UsageError(`--manifest: ${file} can't be used:\n${problems.join("\n")}`);
  return ["Bucket", "Key", "VersionId"].slice(0, columns);
}

/** What is wrong with a row of a manifest that has so many columns. */
function rowProblem(text: string, cells: readonly string[], columns: number, outputs: AsyncInferenceOutputs): string | undefined {
  const [bucket = "", key = ""] = cells;
  if (key === "" || cells.length > 3 || cells.length !== columns) {
    return `got ${text.slice(0, 80)}, expected bucket,key or bucket,key,version like the first line, the key percent-encoded`;
  }
  if (bucket.toLowerCase() === "bucket" && key.toLowerCase() === "key") return `got the heading ${text.slice(0, 80)}, expected an object`;
  if (/[^!-~]|"|%(?![0-9A-Fa-f]{2})/.test(key)) return `got the key ${key.slice(0, 80)}, expected it percent-encoded, such as scan%201.png`;
  return placeProblem({ bucket, key }, outputs);
}

/** Lines of a file, without a byte order mark. @throws UsageError for a file that can't be read */
async function* linesOf(file: string): AsyncGenerator<string> {
  let isFirst = true;
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
      yield isFirst ? line.replace(/^\uFEFF/, "") : line;
      isFirst = false;
    }
  } catch (error) {
    throw new UsageError(`--manifest: got ${file}, expected a file or s3://bucket/key: ${unreadableReason(error)}`);
  }
}

/** Where the service may not read. */
function placeProblem({ bucket, key }: S3Location, { bucketName, inputPrefix, inputBuckets }: AsyncInferenceOutputs): string | undefined {
  const allowed = inputBuckets.split(",").filter((name) => name !== "");
  if (allowed.includes(bucket) || (bucket === bucketName && key.startsWith(inputPrefix))) return undefined;
  const places = [`${bucketName}/${inputPrefix}`, ...allowed].join(", ");
  return `got ${bucket}/${key}, expected objects in ${places}: the setting inputBuckets adds a bucket`;
}

/**
 * The arguments of S3's job from which the function knows what to do.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_control_LambdaInvokeOperation.html
 */
export function batchArguments(
  batch: string,
  { priority, metadata = {} }: Pick<BatchOptions, "priority" | "metadata">,
): Record<string, string> {
  const entries = Object.entries(metadata).map(([name, value]) => [`${metadataArgument}${name}`, value]);
  return { batch, ...(priority === "low" && { priority }), ...(Object.fromEntries(entries) as Record<string, string>) };
}

/** How a batch is run. */
export interface BatchOptions {
  /** Have S3 count the objects, and wait for a confirmation. */
  confirm: boolean;
  priority?: Priority;
  /** Of each of its jobs. */
  metadata?: Record<string, string>;
}

/** Has S3 run a batch. @returns the id of S3's job */
export async function createBatch(
  control: S3ControlClient,
  outputs: AsyncInferenceOutputs,
  batchId: string,
  source: BatchSource | Pick<JobDescriptor, "Manifest" | "ManifestGenerator" | "Operation">,
  { confirm, ...common }: BatchOptions,
): Promise<string> {
  const { CreateJobCommand } = await import("@aws-sdk/client-s3-control");
  const { Manifest, ManifestGenerator, Operation } = source as Pick<JobDescriptor, "Manifest" | "ManifestGenerator" | "Operation">;
  // Of an earlier job, which is gone over again.
  const UserArguments = Operation?.LambdaInvoke?.UserArguments ?? batchArguments(batchId, common);
  const { JobId = "" } = await control.send(
    new CreateJobCommand({
      AccountId: outputs.accountId,
      ConfirmationRequired: confirm,
      Operation: {
        LambdaInvoke: { FunctionArn: outputs.batchFunctionArn, InvocationSchemaVersion: "2.0", UserArguments },
      },
      Report: {
        Enabled: true,
        Bucket: outputs.bucketArn,
        Format: "Report_CSV_20180820",
        Prefix: reportPrefix(outputs, batchId),
        ReportScope: "AllTasks",
      },
      ClientRequestToken: crypto.randomUUID(),
      Priority: 10,
      RoleArn: outputs.batchRoleArn,
      Description: describe(outputs, batchId),
      ...(Manifest !== undefined && { Manifest }),
      ...(ManifestGenerator !== undefined && { ManifestGenerator }),
    }),
  );
  return JobId;
}

/** What S3 knows of a batch. */
export interface FoundBatch {
  /** The newest of its jobs that ran the batch; while any is under way, the newest of those. */
  job: JobDescriptor;
  /** All of its jobs that have not ended, {@link job} among them. */
  unfinished: JobListDescriptor[];
  /** When the oldest of them was created: from then on there may be jobs of the batch. */
  firstCreatedAt: Date;
}

/** S3's jobs that run or ran a batch, the newest first. */
export async function jobsOfBatch(control: S3ControlClient, outputs: AsyncInferenceOutputs, batchId: string): Promise<JobListDescriptor[]> {
  const { paginateListJobs } = await import("@aws-sdk/client-s3-control");
  const description = describe(outputs, batchId);
  const found: JobListDescriptor[] = [];
  for await (const { Jobs = [] } of paginateListJobs({ client: control, pageSize: jobsPerPage }, { AccountId: outputs.accountId })) {
    found.push(...Jobs.filter(({ Description }) => Description === description));
  }
  return found.sort((one, other) => createdAt(other) - createdAt(one));
}

/** What S3 knows of a batch. @throws CommandError `NOT_FOUND` */
export async function findBatch(control: S3ControlClient, outputs: AsyncInferenceOutputs, batchId: string): Promise<FoundBatch> {
  const { DescribeJobCommand } = await import("@aws-sdk/client-s3-control");
  const jobs = await jobsOfBatch(control, outputs, batchId);
  const unfinished = jobs.filter(({ Status = "" }) => !endedStatuses.includes(Status));
  const shown = unfinished.find(({ Status }) => Status !== "Suspended") ?? jobs[0];
  const { accountId: AccountId } = outputs;
  const { Job } = shown === undefined ? {} : await control.send(new DescribeJobCommand({ AccountId, JobId: shown.JobId }));
  if (Job) return { job: Job, unfinished, firstCreatedAt: new Date(Math.min(...jobs.map(createdAt))) };
  throw failure(
    "NOT_FOUND",
    `There is no batch ${batchId} of ${outputs.endpointName}.`,
    "S3 keeps its jobs for 90 days. batch create says the id of a new one.",
  );
}

function createdAt({ CreationTime }: JobListDescriptor): number {
  return CreationTime?.getTime() ?? 0;
}

/** What S3 says of a batch. @param now in milliseconds since the epoch */
export function reportOf(found: FoundBatch, batchId: string, outputs: AsyncInferenceOutputs, now: number): BatchReport {
  const { job, unfinished, firstCreatedAt } = found;
  const { ProgressSummary, JobId = "", Status = "unknown" } = job;
  const { TotalNumberOfTasks = 0, NumberOfTasksSucceeded = 0, NumberOfTasksFailed = 0, Timers } = ProgressSummary ?? {};
  const done = NumberOfTasksSucceeded + NumberOfTasksFailed;
  const seconds = Timers?.ElapsedTimeInActiveSeconds ?? 0;
  const rate = seconds > 0 ? done / seconds : 0;
  const isEnded = endedStatuses.includes(Status);
  const further = unfinished.flatMap((each) => (each.JobId === undefined || each.JobId === JobId ? [] : [each.JobId]));
  const reason = job.FailureReasons?.map(({ FailureCode, FailureReason }) => `${FailureCode}: ${FailureReason}`).join("; ");
  return {
    batchId,
    s3JobId: JobId,
    status: Status,
    createdAt: firstCreatedAt.toISOString(),
    objects: TotalNumberOfTasks,
    succeeded: NumberOfTasksSucceeded,
    failed: NumberOfTasksFailed,
    ...(rate > 0 && { objectsPerSecond: Math.round(rate * 10) / 10 }),
    ...(rate > 0 &&
      Status === "Active" && { estimatedLastJobAt: new Date(now + ((TotalNumberOfTasks - done) / rate) * 1000).toISOString() }),
    ...(reason !== undefined && reason !== "" && { failureReason: reason }),
    ...(further.length > 0 && { furtherS3JobIds: further }),
    ...(isEnded && done > 0 && { report: `s3://${outputs.bucketName}/${reportPrefix(outputs, batchId)}/job-${JobId}/manifest.json` }),
  };
}

/** By which S3's jobs of a batch are found again. */
function describe({ endpointName }: AsyncInferenceOutputs, batchId: string): string {
  return `sagemaker-async batch ${batchId} of ${endpointName}`;
}

function reportPrefix({ inputPrefix }: AsyncInferenceOutputs, batchId: string): string {
  return `${inputPrefix}${batchFolder}reports/${batchId}`;
}

function csv(at: S3Location, eTag: string, fields: readonly string[], outputs: AsyncInferenceOutputs) {
  return {
    Spec: { Format: "S3BatchOperations_CSV_20180820" as const, Fields: fields as ("Bucket" | "Key" | "VersionId")[] },
    Location: { ObjectArn: objectArn(at.bucket, at.key, outputs.partition), ETag: unquoted(eTag) },
  };
}

function unquoted(eTag: string): string {
  return eTag.replaceAll('"', "");
}
