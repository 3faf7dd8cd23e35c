import { createHash } from "node:crypto";
import { batchJobId, type BatchAnswer } from "../core/lifecycle/batch";
import type { JobRecord } from "../core/records/job";
import type { FaultKind } from "../local/faults/kinds";
import { batchBucket } from "./program";
import type { Violation } from "./invariants";
import type { World } from "./world";

/** Objects of a batch. */
const objects = 30;

/** Invocations at a time. */
const concurrency = 8;

/** How often the engine tries an object that failed for the moment, and in what pauses. */
const tries = 6;
const pauseMilliseconds = { least: 1000, most: 60_000 };

/** How often an operator resumes a batch that left objects out. */
const passes = 20;

/** How many objects are sent twice, at the same time or later. */
const doubledShare = 0.3;

/** What the engine's report says of an object, once per pass. */
interface Row {
  jobId: string;
  key: string;
  pass: number;
  succeeded: boolean;
  message: string;
}

/** S3 Batch Operations, and the operator who resumes a batch until each object is a job. */
export class BatchEngine {
  readonly rows: Row[] = [];
  underWay = 0;

  constructor(private readonly world: World) {}

  /** Puts the objects of a batch, and has them made jobs. */
  start(batchId: string): void {
    const keys = Array.from({ length: objects }, (_, index) => `pages/${index}.json`);
    for (const key of keys) this.world.s3.put(`s3://${batchBucket}/${key}`, Buffer.from(JSON.stringify({ page: key })), "application/json");
    this.underWay += 1;
    void this.runBatch(batchId, keys).finally(() => {
      this.underWay -= 1;
    });
  }

  /** Every object is one job at the end; the report says so, and of what made none what was done to it. */
  judge(jobs: readonly JobRecord[]): Violation[] {
    const found: Violation[] = [];
    const byId = new Map(jobs.map((job) => [job.jobId, job]));
    const injectedInto = (jobId: string) => this.world.injector.injected.flatMap((one) => (one.jobId === jobId ? [one.kind] : []));
    const lastPass = new Map<string, Row>();
    for (const row of this.rows) {
      const { jobId, key, succeeded, message } = row;
      lastPass.set(jobId, row);
      const job = byId.get(jobId);
      if (succeeded && (message !== jobId || job?.metadata?.["batchKey"] !== key)) {
        found.push({
          kind: "told",
          jobId,
          detail: `the report says ${message} of ${key}, whose job has the key ${job?.metadata?.["batchKey"]}`,
        });
      }
      if (!succeeded && !/^(LIMIT|THROTTLED|UNAVAILABLE|TemporaryFailure)\b/.test(message)) {
        const isExplained = injectedInto(jobId).some((kind) => refusals.includes(kind));
        if (!isExplained) found.push({ kind: "told", jobId, detail: `the report says ${message} of ${key}, and nothing caused it` });
      }
    }
    for (const { jobId, key, succeeded, message } of lastPass.values()) {
      if (!succeeded) found.push({ kind: "lost", jobId, detail: `${key} is no job after ${passes} passes: ${message}` });
    }
    const keys = jobs.flatMap(({ metadata }) =>
      metadata?.["batch"] === undefined ? [] : [`${metadata["batch"]} ${metadata["batchKey"]}`],
    );
    if (new Set(keys).size < keys.length) found.push({ kind: "doubled", jobId: "batch", detail: "an object is two jobs" });
    return found;
  }

  private async runBatch(batchId: string, keys: readonly string[]): Promise<void> {
    for (let pass = 1; pass <= passes; pass++) {
      const queue = keys.values();
      const work = async () => {
        for (const key of queue) await this.runTask(batchId, key, pass);
      };
      await Promise.all(Array.from({ length: concurrency }, work));
      if (this.rows.filter((row) => row.pass === pass && row.jobId.startsWith(`${batchId}.`)).every(({ succeeded }) => succeeded)) return;
      await this.world.scheduler.sleep(pauseMilliseconds.most);
    }
  }

  private async runTask(batchId: string, key: string, pass: number): Promise<void> {
    const { scheduler } = this.world;
    const { random } = scheduler;
    const jobId = batchJobId((data) => createHash("sha256").update(data).digest("hex"), batchId, {
      bucket: batchBucket,
      key,
      versionId: undefined,
    });
    if (random.chance(doubledShare)) {
      // Whose answer nobody waits for.
      this.underWay += 1;
      scheduler.after(random.integer(0, 5000), () => {
        void this.invoke(batchId, key, jobId).finally(() => {
          this.underWay -= 1;
        });
      });
    }
    let message = "";
    for (let left = tries; left > 0; left--) {
      const end = await this.invoke(batchId, key, jobId);
      message = end.message;
      if (end.code !== "TemporaryFailure") {
        this.rows.push({ jobId, key, pass, succeeded: end.code === "Succeeded", message });
        return;
      }
      await scheduler.sleep(random.integer(pauseMilliseconds.least, pauseMilliseconds.most));
    }
    this.rows.push({ jobId, key, pass, succeeded: false, message });
  }

  private async invoke(batchId: string, key: string, jobId: string): Promise<{ code: string; message: string }> {
    const { lambda } = this.world;
    const event = {
      invocationSchemaVersion: "2.0",
      invocationId: jobId,
      job: { id: "engine", userArguments: { batch: batchId } },
      tasks: [{ taskId: key, s3Bucket: batchBucket, s3Key: key, s3VersionId: null }],
    };
    const outcome = await lambda.invoke(this.world.function("batch"), event, jobId);
    this.world.note(`engine hears of ${jobId}: ${JSON.stringify(outcome?.payload ?? "throttled")}`);
    if (!outcome || outcome.failed) return { code: "TemporaryFailure", message: "TemporaryFailure: the function failed or was throttled" };
    const [result] = (outcome.payload as BatchAnswer).results;
    return { code: result?.resultCode ?? "", message: result?.resultString ?? "" };
  }
}

/** What has an object refused for good: the next pass finds it well. */
const refusals: readonly FaultKind[] = ["s3-403", "table-item-too-large"];
