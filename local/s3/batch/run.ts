import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { CloudContext } from "../../ports";
import { ServiceError } from "../../wire";
import type { Objects } from "../objects";
import type { BatchJob, BatchStatus, ManifestRow } from "./job";
import { ManifestProblem, manifestRows } from "./manifest";

/** Invocations at a time. On AWS there are up to a thousand; here the function's processes share the machine's cores. */
const concurrency = 16;
/** How often a task that failed for the moment is tried again. AWS says that it does, not how often. */
const furtherTries = 5;
/** Pause before the first further try, in milliseconds of the cloud's clock; twice as long each time. */
const pauseMilliseconds = 1000;
/** A job fails when more than half of at least so many tasks have failed. https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-job-status.html */
const tasksBeforeFailing = 1000;
/** Rows of one file of the report. */
const reportRows = 10_000;

/** Invokes a function and waits for what it answers. */
export type InvokeNow = (functionArn: string, event: unknown) => Promise<{ payload: string; failed: boolean }>;

/** What running a job takes. */
export interface JobRun {
  context: CloudContext;
  objects: Objects;
  /** Acts as the job's role. */
  s3: S3Client;
  invokeNow: InvokeNow;
  /** Resolves after a time of the cloud's clock, or when the cloud closes. */
  pause: (milliseconds: number) => Promise<void>;
  isClosed: () => boolean;
}

interface TaskEnd {
  succeeded: boolean;
  errorCode: string;
  message: string;
}

/** Counts a job's objects: what comes before it is ready. @throws ManifestProblem, ServiceError */
export async function prepare(job: BatchJob, run: JobRun): Promise<() => Iterable<ManifestRow>> {
  run.context.access.requireAssumable(job.roleArn, { principal: "batchoperations.s3.amazonaws.com", sourceArn: job.arn });
  const rows = await manifestRows(job, run);
  const counted = rows()[Symbol.iterator]();
  let total = 0;
  while (!counted.next().done) total++;
  if (total === 0) throw new ManifestProblem("ManifestIsEmpty", "The manifest has no objects");
  job.total = total;
  return rows;
}

/** Runs every task of a job, at most {@link concurrency} at a time, and writes its report. */
export async function execute(job: BatchJob, rows: () => Iterable<ManifestRow>, run: JobRun): Promise<void> {
  const report = new Report(job, run.s3);
  const startedAt = run.context.clock.now();
  const queue = rows()[Symbol.iterator]();
  const goesOn = () => job.status === "Active" && !run.isClosed();
  const work = async (): Promise<void> => {
    while (goesOn()) {
      const next = queue.next();
      if (next.done) return;
      const end = await runTask(job, next.value, run);
      if (end === undefined) return;
      job[end.succeeded ? "succeeded" : "failed"]++;
      await report.add(next.value, end);
      job.activeMilliseconds = run.context.clock.now() - startedAt;
      const ended = job.succeeded + job.failed;
      if (ended >= tasksBeforeFailing && job.failed * 2 > ended) {
        job.failure = { code: "FailureThresholdExceeded", reason: "More than 50% of the tasks have failed" };
        job.status = "Failing";
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  if (run.isClosed()) return;
  const ends: Partial<Record<BatchStatus, BatchStatus>> = { Cancelling: "Cancelled", Failing: "Failed" };
  if (job.status === "Active") job.status = "Completing";
  await report.end();
  job.endedAt = run.context.clock.now();
  job.status = ends[job.status] ?? "Complete";
}

/** @returns undefined when the job was stopped meanwhile */
async function runTask(job: BatchJob, row: ManifestRow, run: JobRun): Promise<TaskEnd | undefined> {
  for (let tries = 0; ; tries++) {
    const end = await tryTask(job, row, run);
    if (!("temporary" in end)) return end;
    if (tries === furtherTries) return { succeeded: false, errorCode: "TemporaryFailure", message: end.temporary };
    await run.pause(pauseMilliseconds * 2 ** tries);
    if (job.status !== "Active" || run.isClosed()) return undefined;
  }
}

async function tryTask(job: BatchJob, row: ManifestRow, run: JobRun): Promise<TaskEnd | { temporary: string }> {
  const { functionArn, roleArn, schemaVersion } = job;
  const taskId = Buffer.from(`${row.bucket}/${row.key}`).toString("base64url");
  const bucket = schemaVersion === "1.0" ? { s3BucketArn: `arn:aws:s3:::${row.bucket}` } : { s3Bucket: row.bucket };
  const event = {
    invocationSchemaVersion: schemaVersion,
    invocationId: crypto.randomUUID(),
    job: { id: job.id, ...(schemaVersion === "2.0" && { userArguments: job.userArguments }) },
    tasks: [{ taskId, s3Key: row.key, s3VersionId: row.versionId ?? null, ...bucket }],
  };
  try {
    run.context.access.requireRole(roleArn, "s3-batch", { action: "lambda:InvokeFunction", resource: functionArn });
    const { payload, failed } = await run.invokeNow(functionArn, event);
    return failed ? { temporary: `Lambda function failed: ${payload.slice(0, 500)}` } : readAnswer(payload, event.invocationId, taskId);
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message } = error;
    return code === "TooManyRequestsException" ? { temporary: message } : { succeeded: false, errorCode: code, message };
  }
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/batch-ops-invoke-lambda.html */
function readAnswer(payload: string, invocationId: string, taskId: string): TaskEnd | { temporary: string } {
  const answer = JSON.parse(payload) as {
    invocationId?: string;
    results?: { taskId?: string; resultCode?: string; resultString?: string }[];
    treatMissingKeysAs?: string;
  } | null;
  const result = answer?.results?.find((each) => each.taskId === taskId);
  const code = answer?.invocationId === invocationId ? (result?.resultCode ?? answer.treatMissingKeysAs) : undefined;
  const message = result?.resultString ?? "";
  if (code === "TemporaryFailure") return { temporary: message };
  if (code === "Succeeded") return { succeeded: true, errorCode: "200", message };
  return {
    succeeded: false,
    errorCode: code ?? "InvalidResponse",
    message: code === undefined ? "The function's answer is not one of a batch" : message,
  };
}

/** The completion report, a file at a time: a million rows are never in memory. */
class Report {
  private rows: string[] = [];
  private readonly files: { key: string; rows: number; status: string }[] = [];

  constructor(
    private readonly job: BatchJob,
    private readonly s3: S3Client,
  ) {}

  async add({ bucket, key, versionId = "" }: ManifestRow, { succeeded, errorCode, message }: TaskEnd): Promise<void> {
    const { report } = this.job;
    if (report === undefined || (succeeded && report.scope === "FailedTasksOnly")) return;
    const cells = [bucket, key, versionId, succeeded ? "succeeded" : "failed", errorCode, succeeded ? "200" : "", message];
    this.rows.push(cells.map((cell) => `"${cell.replaceAll('"', '""').replaceAll("\n", " ")}"`).join(","));
    if (this.rows.length >= reportRows) await this.flush();
  }

  async end(): Promise<void> {
    const { report } = this.job;
    if (report === undefined) return;
    if (this.rows.length > 0) await this.flush();
    const manifest = {
      Format: "Report_CSV_20180820",
      ReportCreationDate: new Date(this.job.createdAt).toISOString(),
      Results: this.files.map(({ key }) => ({ TaskExecutionStatus: "all", Bucket: report.bucket, Key: key })),
      ReportSchema: "Bucket, Key, VersionId, TaskStatus, ErrorCode, HTTPStatusCode, ResultMessage",
    };
    await this.put(`${this.folder}/manifest.json`, JSON.stringify(manifest));
  }

  private get folder(): string {
    const { id, report } = this.job;
    return `${report?.prefix ? `${report.prefix}/` : ""}job-${id}`;
  }

  private async flush(): Promise<void> {
    const { rows } = this;
    this.rows = [];
    const key = `${this.folder}/results/${crypto.randomUUID()}.csv`;
    this.files.push({ key, rows: rows.length, status: "all" });
    await this.put(key, `${rows.join("\n")}\n`);
  }

  private async put(key: string, body: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.job.report?.bucket, Key: key, Body: body }));
  }
}
