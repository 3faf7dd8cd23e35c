import { appendFile, mkdir, open, readdir, rename, rm } from "node:fs/promises";
import { hostname } from "node:os";
import path from "node:path";
import type { JobStatus } from "../client";
import { exitCodes, type ExitCode } from "./exitCodes";
import { failure, UsageError } from "./failure";
import { codeOf, makeOutputFolder, onDisk } from "./outputFolder";
import { oneLine } from "./output";
import type { Service, Session } from "./session";

/** Results read at a time. */
const concurrency = 8;

const indexName = "results.csv";
const heading = "batch,jobId,key,state,file,error";

/**
 * Writes the results of a batch below a folder, each under its object's key with `.out` behind, as SageMaker's batch transform names
 * them, and at the end results.csv with a row for every job. What has no result yet is a row too: the same command again adds it.
 *
 * @throws UsageError when the folder is a file, or has the results.csv of something else
 */
export async function collectBatch(
  session: Session,
  { client, target }: Service,
  batchId: string,
  directory: string,
  since: Date,
): Promise<ExitCode> {
  const index = path.join(directory, indexName);
  await prepareFolder(directory, batchId);
  const service = await client();
  const { output, signal } = session;
  const unfinished = await makeUnfinished(directory);
  const rows = path.join(unfinished, indexName);
  const taken = new Set<string>([indexName]);
  const counts = { collected: 0, failed: 0, open: 0 };

  const collect = async ({ jobId, state, ended, metadata = {} }: JobStatus): Promise<void> => {
    const key = metadata["batchKey"] ?? jobId;
    let file = "";
    let error = "";
    if (!ended) counts.open++;
    else {
      // Before anything is awaited: a key has the same name each time that the batch is collected.
      const names = state === "COMPLETED" ? namesOf(key, jobId).filter((name) => claim(taken, name)) : [];
      const whole = path.join(unfinished, `${jobId}.out`);
      const result = await service.job(jobId).result({ toFile: whole, signal });
      if (result.success) file = await onDisk(place(whole, directory, names));
      else error = `${result.error.code}: ${result.error.message}`;
      counts[result.success ? "collected" : "failed"]++;
    }
    const row = [batchId, jobId, key, state, file, oneLine(error)].map(cell).join(",");
    await onDisk(appendFile(rows, `${row}\n`));
  };

  try {
    await onDisk(appendFile(rows, `${heading}\n`));
    const found = await eachJob(service.statuses({ since, signal }), batchId, collect);
    if (found === 0) {
      const advice = `Say --since 30d for an older one, and look whether it made jobs: ${session.invokedAs} batch status ${batchId} ${target.written}`;
      throw failure("NOT_FOUND", `No job of batch ${batchId} was accepted since ${since.toISOString()}.`, advice.trimEnd());
    }
    await onDisk(rename(rows, index));
  } finally {
    await rm(unfinished, { recursive: true, force: true }).catch(() => undefined);
  }
  output.show({ batchId, directory, ...counts }, () => {
    const { collected, failed, open } = counts;
    return `${directory}: ${collected} results, ${failed} jobs without one, ${open} still open; results.csv has a row for each.`;
  });
  return counts.failed > 0 ? exitCodes.failed : counts.open > 0 ? exitCodes.timedOut : exitCodes.done;
}

/** Runs `work` for each job of a batch, some at a time, until one fails. @returns how many there are */
async function eachJob(statuses: AsyncIterable<JobStatus>, batchId: string, work: (status: JobStatus) => Promise<void>): Promise<number> {
  const working = new Set<Promise<void>>();
  const failures: unknown[] = [];
  let found = 0;
  try {
    for await (const status of statuses) {
      if (status.metadata?.["batch"] !== batchId) continue;
      found++;
      const one = work(status)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => working.delete(one));
      working.add(one);
      if (working.size >= concurrency) await Promise.race(working);
      if (failures.length > 0) break;
    }
  } finally {
    await Promise.all(working);
  }
  if (failures.length > 0) throw failures[0];
  return found;
}

/** Makes the folder, and refuses one that is something else's: two batches would overwrite each other's results. */
async function prepareFolder(directory: string, batchId: string): Promise<void> {
  await makeOutputFolder(directory);
  const [first, row] = await onDisk(beginningOf(path.join(directory, indexName)));
  if (first === undefined || (first === heading && row?.startsWith(`${cell(batchId)},`) === true)) return;
  const mend = "name another folder, or remove that file";
  throw new UsageError(`--output: got ${directory}, whose ${indexName} is not of batch ${batchId}: ${mend}`);
}

/** The first lines of a file; none where there is no file. */
async function beginningOf(file: string): Promise<string[]> {
  try {
    await using handle = await open(file);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4096));
    return buffer.toString("utf8", 0, bytesRead).split("\n");
  } catch (error) {
    if (codeOf(error) === "ENOENT") return [];
    throw error;
  }
}

/** Makes the folder for what is not whole yet, and takes away those of runs on this machine that were killed. */
async function makeUnfinished(directory: string): Promise<string> {
  const prefix = `.unfinished.${hostname()}.`;
  const own = `${prefix}${process.pid}`;
  const dead = (await onDisk(readdir(directory))).filter((name) => {
    const pid = name.slice(prefix.length);
    // Another host's name may begin with this one's.
    return name === own || (name.startsWith(prefix) && /^\d+$/.test(pid) && !isRunning(Number(pid)));
  });
  for (const each of dead) await onDisk(rm(path.join(directory, each), { recursive: true, force: true }));
  await onDisk(mkdir(path.join(directory, own)));
  return path.join(directory, own);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === "EPERM";
  }
}

/**
 * What the file of an object's result may be called below the folder, never outside of it: its key; with the job's id behind where
 * that is taken; the job's id alone where the key is longer than a file's name can be, or one of its folders is a file.
 */
export function namesOf(key: string, jobId: string): string[] {
  const parts = key.split("/").filter((part) => part !== "" && part !== "." && part !== ".." && !part.includes("\0"));
  const named = parts.length === 0 ? jobId : path.join(...parts);
  return [`${named}.out`, `${named}.${jobId}.out`, path.join(path.dirname(named), `${jobId}.out`), `${jobId}.out`];
}

/** Takes a name unless it is another's, or below another's; laptops' file systems know no upper and lower case. */
export function claim(taken: Set<string>, name: string): boolean {
  const parts = name.toLowerCase().split(path.sep);
  if (parts.some((_, index) => taken.has(path.join(...parts.slice(0, index + 1))))) return false;
  taken.add(path.join(...parts));
  return true;
}

/** Moves a file to the first name that the file system takes. @returns that name */
async function place(whole: string, directory: string, [name = "", ...others]: readonly string[]): Promise<string> {
  const file = path.join(directory, name);
  try {
    await mkdir(path.dirname(file), { recursive: true });
    await rename(whole, file);
    return name;
  } catch (error) {
    const isNotTaken = ["ENAMETOOLONG", "EEXIST", "ENOTDIR", "EISDIR", "ENOTEMPTY"].includes(codeOf(error));
    if (!isNotTaken || others.length === 0) throw error;
    return place(whole, directory, others);
  }
}

function cell(text: string): string {
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
