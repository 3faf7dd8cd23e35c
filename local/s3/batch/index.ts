import type { IncomingMessage } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import { atAddress } from "../../../aws/atAddress";
import type { Kept } from "../../kept";
import type { CloudContext } from "../../ports";
import { notSupported, ServiceError, type WireResponse } from "../../wire";
import { readBody } from "../api";
import type { Objects } from "../objects";
import { readDocument } from "../readXml";
import { readJob } from "./read";
import { describedJob, listedJobs, xmlOf } from "./write";
import { endedStatuses, type BatchJob, type BatchStatus, type ManifestRow } from "./job";
import { ManifestProblem } from "./manifest";
import { execute, prepare, type InvokeNow, type JobRun } from "./run";

/**
 * S3 Batch Operations: jobs that invoke a function for each object of a manifest. One that was under way when its cloud ended goes over
 * its manifest again: S3, too, may invoke a function twice for an object.
 */
export class BatchJobs {
  private readonly jobs: Kept<BatchJob>;
  private readonly confirmed = new Map<string, () => void>();
  private readonly running = new Set<Promise<void>>();
  private readonly clients = new Map<string, S3Client>();
  private readonly closing = new AbortController();

  constructor(
    private readonly context: CloudContext,
    private readonly objects: Objects,
    private readonly invokeNow: InvokeNow,
  ) {
    this.jobs = context.keeper.map<BatchJob>("s3.batchJobs");
  }

  /** Goes on with what the cloud that had this state before left under way. */
  resume(): void {
    for (const job of this.jobs.values()) if (!endedStatuses.includes(job.status)) this.start(job);
  }

  /** Answers what is below `/v20180820/jobs`. @throws ServiceError */
  async answer(request: IncomingMessage): Promise<WireResponse> {
    const [path = "", search] = (request.url ?? "").split("?", 2);
    const query = new URLSearchParams(search);
    const [, id, action] = /^\/v20180820\/jobs(?:\/([^/]+))?(?:\/([a-z]+))?$/.exec(path) ?? [];
    const { method } = request;
    if (id === undefined && method === "POST") {
      return xmlOf("CreateJobResult", [["JobId", this.create(readJob(readDocument(await readBody(request), "CreateJobRequest"))).id]]);
    }
    if (id === undefined && method === "GET") return listedJobs([...this.jobs.values()], query);
    if (id !== undefined && action === undefined && method === "GET") return describedJob(this.of(id));
    if (id !== undefined && action === "status" && method === "POST") return this.update(this.of(id), query);
    throw notSupported(`S3 Control's ${method} of ${path}`);
  }

  /** Ends what runs. */
  async close(): Promise<void> {
    this.closing.abort();
    for (const confirm of this.confirmed.values()) confirm();
    await Promise.all(this.running);
    for (const client of this.clients.values()) client.destroy();
  }

  private of(id: string): BatchJob {
    const job = this.jobs.get(decodeURIComponent(id));
    if (job) return job;
    throw new ServiceError("NoSuchJob", "The specified job does not exist", 404);
  }

  private create(given: Omit<BatchJob, "id" | "arn" | "createdAt">): BatchJob {
    const { region, accountId, clock } = this.context;
    // The same request again is the same job.
    const known = [...this.jobs.values()].find(({ clientRequestToken }) => clientRequestToken === given.clientRequestToken);
    if (known) return known;
    const id = crypto.randomUUID();
    const job = { ...given, id, arn: `arn:aws:s3:${region}:${accountId}:job/${id}`, createdAt: clock.now() };
    this.jobs.set(id, job);
    this.start(job);
    return job;
  }

  private start(job: BatchJob): void {
    const running = this.run(job).finally(() => this.running.delete(running));
    this.running.add(running);
  }

  private update(job: BatchJob, query: URLSearchParams): WireResponse {
    const requested = query.get("requestedJobStatus");
    const become = (status: BatchStatus) => {
      this.jobs.set(job.id, { ...job, status });
      // Whoever runs it looks at this object.
      job.status = status;
      this.jobs.note(job.id, job);
      this.confirmed.get(job.id)?.();
      return xmlOf("UpdateJobStatusResult", [
        ["JobId", job.id],
        ["Status", job.status],
      ]);
    };
    if (requested === "Cancelled" && !endedStatuses.includes(job.status) && job.status !== "Completing") return become("Cancelling");
    if (requested === "Ready" && job.status === "Suspended") return become("Ready");
    if (requested !== "Ready" && requested !== "Cancelled") {
      throw new ServiceError("InvalidRequest", `requestedJobStatus: got ${requested}, expected Ready or Cancelled`, 400);
    }
    throw new ServiceError("JobStatusException", `A job that is ${job.status} can't become ${requested}`, 400);
  }

  private async run(job: BatchJob): Promise<void> {
    const { context, objects, invokeNow } = this;
    const run: JobRun = {
      context,
      objects,
      s3: this.clientOf(job.roleArn),
      invokeNow,
      pause: (milliseconds) => this.pause(milliseconds),
      isClosed: () => this.closing.signal.aborted,
    };
    const before = job.status;
    const become = (status: BatchStatus) => {
      job.status = status;
      if (!run.isClosed()) this.jobs.note(job.id, job);
    };
    try {
      // Who creates a job reads that it is new.
      await Promise.resolve();
      Object.assign(job, { succeeded: 0, failed: 0, activeMilliseconds: 0, failure: undefined });
      if (before === "Cancelling") return await this.end(job, () => [], run);
      const isNew = before === "New" || before === "Preparing";
      // One that went on already needs no further confirmation.
      if (before !== "Suspended") become(isNew ? "Preparing" : "Ready");
      const rows = await prepare(job, run);
      if (job.confirmationRequired && job.status === "Preparing") become("Suspended");
      if (job.status === "Suspended") {
        await new Promise<void>((resolve) => this.confirmed.set(job.id, resolve));
        this.confirmed.delete(job.id);
      }
      if (run.isClosed()) return;
      if (job.status !== "Cancelling") become("Active");
      await this.end(job, rows, run);
    } catch (error) {
      // What fails because the cloud closes goes on with the next one.
      if (run.isClosed()) return;
      const known = error instanceof ManifestProblem || error instanceof ServiceError;
      if (!known) context.emit({ kind: "warning", message: `S3 Batch Operations job ${job.id}: ${String(error)}` });
      const code = known ? error.code : ((error as Error).name ?? "InternalError");
      job.failure = { code, reason: (error as Error).message };
      job.endedAt = context.clock.now();
      become("Failed");
    }
  }

  private async end(job: BatchJob, rows: () => Iterable<ManifestRow>, run: JobRun): Promise<void> {
    await execute(job, rows, run);
    if (!run.isClosed()) this.jobs.note(job.id, job);
  }

  private pause(milliseconds: number): Promise<void> {
    const { clock } = this.context;
    const { signal } = this.closing;
    return new Promise((resolve) => {
      const done = () => {
        clock.clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = clock.setTimeout(done, milliseconds);
      signal.addEventListener("abort", done);
    });
  }

  private clientOf(roleArn: string): S3Client {
    const known = this.clients.get(roleArn);
    if (known) return known;
    const { endpointUrl, region } = this.context;
    const credentials = this.context.credentialsFor(roleArn, "s3-batch");
    const client = new S3Client({ ...atAddress(endpointUrl), region, credentials, forcePathStyle: true, maxAttempts: 1 });
    this.clients.set(roleArn, client);
    return client;
  }
}
