import type { IncomingMessage } from "node:http";
import { S3Client } from "@aws-sdk/client-s3";
import type { CloudContext } from "../../ports";
import { notSupported, ServiceError, type WireResponse } from "../../wire";
import { readBody } from "../api";
import type { Objects } from "../objects";
import { readDocument } from "../readXml";
import { readJob } from "./read";
import { describedJob, listedJobs, xmlOf } from "./write";
import { endedStatuses, type BatchJob } from "./job";
import { ManifestProblem } from "./manifest";
import { execute, prepare, type InvokeNow, type JobRun } from "./run";

/** S3 Batch Operations: jobs that invoke a function for each object of a manifest. Not kept across restarts. */
export class BatchJobs {
  private readonly jobs = new Map<string, BatchJob>();
  private readonly confirmed = new Map<string, () => void>();
  private readonly running = new Set<Promise<void>>();
  private readonly clients = new Map<string, S3Client>();
  private readonly closing = new AbortController();

  constructor(
    private readonly context: CloudContext,
    private readonly objects: Objects,
    private readonly invokeNow: InvokeNow,
  ) {}

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
    const running = this.run(job).finally(() => this.running.delete(running));
    this.running.add(running);
    return job;
  }

  private update(job: BatchJob, query: URLSearchParams): WireResponse {
    const requested = query.get("requestedJobStatus");
    const answer = () =>
      xmlOf("UpdateJobStatusResult", [
        ["JobId", job.id],
        ["Status", job.status],
      ]);
    if (requested === "Cancelled" && !endedStatuses.includes(job.status) && job.status !== "Completing") {
      job.status = "Cancelling";
      this.confirmed.get(job.id)?.();
      return answer();
    }
    if (requested === "Ready" && job.status === "Suspended") {
      job.status = "Ready";
      this.confirmed.get(job.id)?.();
      return answer();
    }
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
    try {
      // Who creates a job reads that it is new.
      await Promise.resolve();
      job.status = "Preparing";
      const rows = await prepare(job, run);
      if (job.confirmationRequired && job.status === "Preparing") {
        job.status = "Suspended";
        await new Promise<void>((resolve) => this.confirmed.set(job.id, resolve));
        this.confirmed.delete(job.id);
      }
      if ((job.status as string) !== "Cancelling") job.status = "Active";
      await execute(job, rows, run);
    } catch (error) {
      const known = error instanceof ManifestProblem || error instanceof ServiceError;
      if (!known && !run.isClosed()) context.emit({ kind: "warning", message: `S3 Batch Operations job ${job.id}: ${String(error)}` });
      const code = known ? error.code : ((error as Error).name ?? "InternalError");
      job.failure = { code, reason: (error as Error).message };
      job.status = "Failed";
      job.endedAt = context.clock.now();
    }
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
    const { endpointUrl: endpoint, region } = this.context;
    const credentials = this.context.credentialsFor(roleArn, "s3-batch");
    const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true, maxAttempts: 1 });
    this.clients.set(roleArn, client);
    return client;
  }
}
