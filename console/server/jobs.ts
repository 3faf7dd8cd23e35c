import type { SageMakerAsyncClient } from "../../client";
import type { JobStatus, ListedJob } from "../../client/types";
import { isJobId, isTerminal } from "../../core/records/job";
import { present } from "../../core/present";
import type { JobFilter, JobRow, JobsAnswer } from "../contract";
import { refusal } from "./problems";

/** What a list reads with. */
export type ListingClient = Pick<SageMakerAsyncClient, "list" | "job">;

/** So many jobs a part of the list has. */
export const partSize = 500;

/** After so many jobs that do not match, what was found is answered: whoever wants more asks again. */
const mostSearched = 5000;

/** How many records are read at once for what the index does not have. */
const concurrency = 16;

/** Where a part begins: when, and which jobs of that moment the one before it had already. */
interface Cursor {
  until: string;
  seen: string[];
}

/**
 * A part of the list, newest first, by the index of acceptance: no scan.
 *
 * Codes and metadata are no part of the index: filtered by them, each job's record is read.
 *
 * @param cursor `next` of the part before
 */
export async function listPart(client: ListingClient, filter: JobFilter, cursor: string | undefined, size = partSize): Promise<JobsAnswer> {
  const { since, state, id } = filter;
  if (id !== undefined && cursor === undefined && isJobId(id)) {
    const exact = await statusIfAny(client, id);
    if (exact !== undefined) return { jobs: [rowOf(exact)], searched: 1 };
  }
  const { until, seen } = readCursor(cursor);
  const query = {
    ...(since === undefined ? {} : { since }),
    ...(until === undefined ? {} : { until }),
    ...(state === undefined || state === "OPEN" ? {} : { state: state }),
  };
  const jobs: JobRow[] = [];
  let searched = 0;
  let last: ListedJob | undefined;
  let atLast: string[] = [];
  let isEnd = true;
  let batch: ListedJob[] = [];
  const flush = async () => {
    jobs.push(...(await matching(client, batch, filter)));
    batch = [];
  };
  for await (const job of client.list({ ...query, limit: mostSearched + seen.length })) {
    if (job.createdAt === until && seen.includes(job.jobId)) continue;
    if (jobs.length + batch.length >= size) await flush();
    if (jobs.length >= size || searched >= mostSearched) {
      isEnd = false;
      break;
    }
    searched += 1;
    atLast = job.createdAt === last?.createdAt ? [...atLast, job.jobId] : [job.jobId];
    last = job;
    batch.push(job);
  }
  await flush();
  const next = last === undefined ? undefined : { until: last.createdAt, seen: last.createdAt === until ? [...seen, ...atLast] : atLast };
  const isMore = !isEnd || searched >= mostSearched;
  return { jobs, searched, ...(isMore && next !== undefined && { next: JSON.stringify(next) }) };
}

/** A job's row, all of it known. */
export function rowOf(status: JobStatus): JobRow {
  const { jobId, state, endpointName, timings, error, metadata } = status;
  const { acceptedAt = "", recordedAt } = timings;
  return present({ jobId, state, endpointName, createdAt: acceptedAt, endedAt: recordedAt, code: error?.code, metadata });
}

async function matching(client: ListingClient, jobs: readonly ListedJob[], filter: JobFilter): Promise<JobRow[]> {
  const { id, state, code, metadata } = filter;
  const byIndex = jobs.filter((job) => (id === undefined || job.jobId.startsWith(id)) && (state !== "OPEN" || !isTerminal(job.state)));
  if (code === undefined && metadata === undefined) return byIndex;
  // Only what ended without a result has a code.
  const candidates = byIndex.filter(({ state: each }) => code === undefined || !["ACCEPTED", "SUBMITTED", "COMPLETED"].includes(each));
  const rows = await pooled(candidates, async ({ jobId }) => {
    const status = await statusIfAny(client, jobId);
    return status && rowOf(status);
  });
  return rows.flatMap((row) => {
    if (row === undefined || (code !== undefined && row.code !== code)) return [];
    return metadata === undefined || hasMetadata(row, metadata) ? [row] : [];
  });
}

/** Whether a job's metadata has `key=value`, or the text in any value. */
export function hasMetadata({ metadata = {} }: Pick<JobRow, "metadata">, wanted: string): boolean {
  const [key = "", value] = wanted.split(/=(.*)/s, 2);
  if (value !== undefined) return metadata[key] === value;
  return Object.values(metadata).some((each) => each.includes(wanted));
}

/** The job; undefined when there is none. */
async function statusIfAny(client: ListingClient, jobId: string): Promise<JobStatus | undefined> {
  try {
    return await client.job(jobId).status();
  } catch (error) {
    if ((error as { code?: string }).code === "NOT_FOUND") return undefined;
    throw error;
  }
}

/** Runs so many at a time, and keeps the order. */
export async function pooled<Item, Result>(items: readonly Item[], run: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  let index = 0;
  const worker = async () => {
    while (index < items.length) {
      const own = index++;
      results[own] = await run(items[own] as Item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, items.length) }, worker));
  return results;
}

function readCursor(text: string | undefined): Partial<Cursor> & Pick<Cursor, "seen"> {
  if (text === undefined) return { seen: [] };
  try {
    const { until, seen } = JSON.parse(text) as Partial<Cursor>;
    const isRight = typeof until === "string" && !Number.isNaN(Date.parse(until)) && Array.isArray(seen);
    if (isRight) return { until, seen: seen.filter((each) => typeof each === "string") };
  } catch {
    // Said below.
  }
  throw refusal(400, "BAD_INPUT", "cursor: expected what `next` of the part before was");
}
