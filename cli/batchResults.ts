import { appendFile, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import type { JobStatus } from "../client";
import { asyncInferenceError } from "../client/errors";
import { exitCodes, type ExitCode } from "./exitCodes";
import { failure } from "./failure";
import type { Service, Session } from "./session";

/** Results read at a time. */
const concurrency = 8;

/** What became of one object of a batch: a row of results.csv. */
interface CollectedResult {
  jobId: string;
  key: string;
  state: string;
  file?: string;
  error?: string;
}

/**
 * Writes the results of a batch below a folder, each under its object's key with `.out` behind, as SageMaker's batch transform names
 * them, and results.csv with a row for every job. What has no result yet is a row too: the same command again adds it.
 */
export async function collectBatch(
  session: Session,
  { client, target }: Service,
  batchId: string,
  directory: string,
  since: Date,
): Promise<ExitCode> {
  const service = await client();
  const { output, signal } = session;
  const index = path.join(directory, "results.csv");
  await mkdir(directory, { recursive: true });
  await writeFile(index, "jobId,key,state,file,error\n");
  const taken = new Set<string>([index]);
  const counts = { collected: 0, failed: 0, open: 0 };

  const collect = async (status: JobStatus): Promise<void> => {
    const { jobId, state, ended, metadata = {} } = status;
    const key = metadata["batchKey"] ?? jobId;
    const row: CollectedResult = { jobId, key, state };
    if (!ended) counts.open++;
    else if (state === "COMPLETED") {
      const file = fileOf(directory, key, jobId, taken);
      await mkdir(path.dirname(file), { recursive: true });
      const result = await service.job(jobId).result({ toFile: file, signal });
      if (result.success) row.file = path.relative(directory, file);
      else row.error = `${result.error.code}: ${result.error.message}`;
      counts[result.success ? "collected" : "failed"]++;
    } else {
      const error = status.error;
      row.error = error === undefined ? state : `${error.code}: ${error.message}`;
      counts.failed++;
    }
    await appendFile(index, `${[row.jobId, row.key, row.state, row.file ?? "", row.error ?? ""].map(cell).join(",")}\n`);
  };

  const working = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let found = 0;
  for await (const status of service.statuses({ since, signal })) {
    if (status.metadata?.["batch"] !== batchId) continue;
    found++;
    const work = collect(status)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => working.delete(work));
    working.add(work);
    if (working.size >= concurrency) await Promise.race(working);
    if (failures.length > 0) break;
  }
  await Promise.all(working);
  if (failures.length > 0) throw asyncInferenceError(failures[0]);
  if (found === 0) {
    const advice = `Say --since 30d for an older one, and look whether it made jobs: ${session.invokedAs} batch status ${batchId} ${target.written}`;
    throw failure("NOT_FOUND", `No job of batch ${batchId} was accepted since ${since.toISOString()}.`, advice.trimEnd());
  }
  output.show({ batchId, directory, ...counts }, () => {
    const { collected, failed, open } = counts;
    return `${directory}: ${collected} results, ${failed} jobs without one, ${open} still open; results.csv has a row for each.`;
  });
  return counts.failed > 0 ? exitCodes.failed : counts.open > 0 ? exitCodes.timedOut : exitCodes.done;
}

/** A file for an object's key: never outside of the folder, never another's. */
export function fileOf(directory: string, key: string, jobId: string, taken: Set<string>): string {
  const parts = key.split("/").filter((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
  const named = path.join(directory, ...(parts.length === 0 ? [jobId] : parts));
  const file = [`${named}.out`, `${named}.${jobId}.out`].find((each) => !taken.has(each)) as string;
  taken.add(file);
  return file;
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
