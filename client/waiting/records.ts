import type { JobRecord } from "../../functions/core/job";
import { jobTable } from "../../functions/core/table";
import { call } from "./calls";
import type { Table } from "./endedIndex";

/** Keys that BatchGetItem takes. */
export const batchSize = 100;

/** What a batch of records is like. */
export interface Batch {
  records: JobRecord[];
  /** Ids that no record has. */
  missing: string[];
  /** Ids that the table had no time for. */
  unread: string[];
}

/** Reads up to {@link batchSize} records as they are at this moment. @throws AsyncInferenceError */
export async function readRecords(table: Table, jobIds: readonly string[], signal: AbortSignal): Promise<Batch> {
  const { library, documents, tableName, tableArn, clock } = table;
  const keys = jobIds.map((jobId) => ({ [jobTable.hashKey]: jobId }));
  const command = new library.BatchGetCommand({ RequestItems: { [tableName]: { Keys: keys, ConsistentRead: true } } });
  const needed = { action: "dynamodb:BatchGetItem", resource: tableArn };
  const { Responses, UnprocessedKeys } = await call(clock, signal, needed, (options) => documents.send(command, options));
  // Answered by the name that was asked for, or by ARN when that was given.
  const records = Object.values(Responses ?? {}).flat() as JobRecord[];
  const unread = Object.values(UnprocessedKeys ?? {}).flatMap(({ Keys = [] }) => Keys.map((key) => key[jobTable.hashKey] as string));
  const answered = new Set([...records.map(({ jobId }) => jobId), ...unread]);
  return { records, unread, missing: jobIds.filter((jobId) => !answered.has(jobId)) };
}
