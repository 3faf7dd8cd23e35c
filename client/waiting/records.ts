import { isTerminal, type JobRecord } from "../../core/records/job";
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

/** What is read of a record at once with its end. The input is left out: only open jobs have one, of up to 16 KB. */
const endAttributes = Object.keys({
  schemaVersion: true,
  jobId: true,
  state: true,
  endpointName: true,
  inputLocation: true,
  inputInCall: true,
  inputHash: true,
  inputBytes: true,
  contentType: true,
  accept: true,
  customAttributes: true,
  invocationTimeoutSeconds: true,
  requestTtlSeconds: true,
  onDoubt: true,
  maxAttempts: true,
  metadata: true,
  priority: true,
  turn: true,
  waiter: true,
  taskTokens: true,
  traceContext: true,
  spanId: true,
  parentSpanId: true,
  attempt: true,
  inferenceId: true,
  callId: true,
  expectedOutputLocation: true,
  refusal: true,
  containerRefusals: true,
  outputLocation: true,
  failureLocation: true,
  outputContentType: true,
  outputBytes: true,
  error: true,
  computeContinues: true,
  createdDay: true,
  createdAt: true,
  invokingAt: true,
  submittedAt: true,
  receivedAt: true,
  storedAt: true,
  finishedAt: true,
  endedAt: true,
  handlerFailures: true,
  announcedAt: true,
  dueShard: true,
  dueAt: true,
  expiresAt: true,
} satisfies Record<Exclude<keyof JobRecord, "input">, true>);

/**
 * Reads up to {@link batchSize} records as they are at this moment.
 *
 * @param options `whole`: whether the first call reads all of every record but its input, which saves a second one where an end is
 * likely to be among them. @default false: it reads a few attributes of each, and a second call the ended ones
 * @throws AsyncInferenceError
 */
export async function readRecords(
  table: Table,
  jobIds: readonly string[],
  signal: AbortSignal,
  { whole = false }: { whole?: boolean } = {},
): Promise<Batch> {
  const glimpses = await readBatch<JobGlimpse>(table, jobIds, signal, projecting(whole ? endAttributes : glimpseAttributes));
  const answered = new Set([...glimpses.found.map(({ jobId }) => jobId), ...glimpses.unread]);
  const missing = jobIds.filter((jobId) => !answered.has(jobId));
  const open = glimpses.found.filter(({ state }) => !isTerminal(state));
  const seen = glimpses.found.filter(({ state }) => isTerminal(state));
  if (whole || seen.length === 0) return { open, ended: seen as JobRecord[], missing, unread: glimpses.unread };
  const endedIds = seen.map(({ jobId }) => jobId);
  const { found: ended, unread } = await readBatch<JobRecord>(table, endedIds, signal);
  return { open, ended, missing, unread: [...glimpses.unread, ...unread] };
}

const glimpseAttributes = ["jobId", "state", "waiter"] satisfies (keyof JobGlimpse)[];

function projecting(attributes: readonly string[]) {
  const names = attributes.map((attribute) => `#${attribute}`);
  return {
    ProjectionExpression: names.join(", "),
    ExpressionAttributeNames: Object.fromEntries(names.map((name) => [name, name.slice(1)])),
  };
}

/** Reads up to {@link batchSize} records, or parts of them. @throws AsyncInferenceError */
export async function readBatch<Found>(
  { items, tableName, tableArn, clock }: Table,
  jobIds: readonly string[],
  signal: AbortSignal,
  projection: { ProjectionExpression?: string; ExpressionAttributeNames?: Record<string, string> } = {},
): Promise<{ found: Found[]; unread: string[] }> {
  const input = { TableName: tableName, Keys: jobIds, ConsistentRead: true, ...projection };
  const needed = { action: "dynamodb:BatchGetItem", resource: tableArn };
  const { Items, UnprocessedKeys: unread } = await call(clock, signal, needed, (options) => items.batchGet(input, options));
  return { found: Items as Found[], unread };
}
