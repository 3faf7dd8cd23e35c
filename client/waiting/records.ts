import { isTerminal, type JobRecord } from "../../core/records/job";
import { jobTable } from "../../core/records/table";
import { call } from "./calls";
import type { Table } from "./endedIndex";

/** Keys that BatchGetItem takes. */
export const batchSize = 100;

/** What is read of a record that may be open: ten thousand whole ones a few times per minute are much to hold in memory. */
export type JobGlimpse = Pick<JobRecord, "jobId" | "state" | "waiter">;

/** What a batch of records is like. */
export interface Batch {
  open: JobGlimpse[];
  ended: JobRecord[];
  /** Ids that no record has. */
  missing: string[];
  /** Ids that the table had no time for. */
  unread: string[];
}

/** Reads up to {@link batchSize} records as they are at this moment. @throws AsyncInferenceError */
export async function readRecords(table: Table, jobIds: readonly string[], signal: AbortSignal): Promise<Batch> {
  const glimpses = await readBatch<JobGlimpse>(table, jobIds, signal, {
    ProjectionExpression: "#jobId, #state, #waiter",
    ExpressionAttributeNames: { "#jobId": jobTable.hashKey, "#state": "state", "#waiter": jobTable.indexes.ended.hashKey },
  });
  const answered = new Set([...glimpses.found.map(({ jobId }) => jobId), ...glimpses.unread]);
  const missing = jobIds.filter((jobId) => !answered.has(jobId));
  const open = glimpses.found.filter(({ state }) => !isTerminal(state));
  const endedIds = glimpses.found.flatMap(({ jobId, state }) => (isTerminal(state) ? [jobId] : []));
  if (endedIds.length === 0) return { open, ended: [], missing, unread: glimpses.unread };
  const { found: ended, unread } = await readBatch<JobRecord>(table, endedIds, signal);
  return { open, ended, missing, unread: [...glimpses.unread, ...unread] };
}

/** Reads up to {@link batchSize} records, or parts of them. @throws AsyncInferenceError */
export async function readBatch<Found>(
  { library, documents, tableName, tableArn, clock }: Table,
  jobIds: readonly string[],
  signal: AbortSignal,
  projection: { ProjectionExpression?: string; ExpressionAttributeNames?: Record<string, string> } = {},
): Promise<{ found: Found[]; unread: string[] }> {
  const Keys = jobIds.map((jobId) => ({ [jobTable.hashKey]: jobId }));
  const command = new library.BatchGetCommand({ RequestItems: { [tableName]: { Keys, ConsistentRead: true, ...projection } } });
  const needed = { action: "dynamodb:BatchGetItem", resource: tableArn };
  const { Responses, UnprocessedKeys } = await call(clock, signal, needed, (options) => documents.send(command, options));
  return {
    // Answered by the name that was asked for, or by ARN when that was given.
    found: Object.values(Responses ?? {}).flat() as Found[],
    unread: Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys.map((key) => key[jobTable.hashKey] as string)),
  };
}
