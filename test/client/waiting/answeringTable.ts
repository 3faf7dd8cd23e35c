import type { ItemReads } from "../../../client/plainItems";
import type { Table } from "../../../client/waiting/endedIndex";
import { createServiceClock } from "../../../core/serviceClock";
import { openJob } from "../../../doubles/jobs";
import type { VirtualClock } from "../../../local/clock";

/** When the clocks of these tests start. */
export const start = Date.parse("2026-01-25T22:46:00.000Z");

/** An ISO time so many seconds after {@link start}. */
export const iso = (seconds: number) => new Date(start + seconds * 1000).toISOString();

/** A job that completed then. */
export const ended = (jobId: string, seconds: number) => openJob({ jobId, state: "COMPLETED", endedAt: iso(seconds) });

/** A table whose calls get these answers in their order; what each was asked is noted. */
export function tableOf(own: VirtualClock, ...answers: unknown[]) {
  const asked: Record<string, unknown>[] = [];
  const next = (input: object) => {
    asked.push({ ...input });
    const answer = answers.shift() ?? { Items: [], UnprocessedKeys: [] };
    return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
  };
  const tableArn = "arn:aws:dynamodb:eu-west-1:123456789012:table/jobs";
  const items = { query: next, batchGet: next } as ItemReads;
  const table: Table = { items, tableName: "jobs", tableArn, clock: createServiceClock(own) };
  return { table, asked };
}
