import { dueShardCount } from "../records/table";
import { readOpenCount } from "./openCount";
import type { DueEntry, DueIndex, JobPorts } from "../ports";
import type { FloorLoad } from "./floor";
import { mayRun } from "./running";

/** What telling the load takes. */
export interface LoadPorts extends Pick<JobPorts, "jobs" | "clock"> {
  due: DueIndex;
  /** Whether requests waited in the endpoint's queue within so many seconds; true also when that isn't known. */
  hadBacklog(seconds: number): Promise<boolean>;
}

/** For how long the sweeper's count is believed. */
export const believedSeconds = 300;
/** Up to how many open jobs are looked at one by one. */
const mostLookedAt = 50;

/**
 * The jobs that instances must stay for, by the sweeper's count. Jobs in doubt that can't run any more don't count.
 *
 * @returns undefined when nobody has counted for minutes: nothing must be taken away then
 */
export async function openLoad(ports: LoadPorts): Promise<FloorLoad | undefined> {
  const now = ports.clock.now();
  const count = await readOpenCount(ports.jobs);
  if (!count) return undefined;
  const countedAt = Date.parse(count.countedAt);
  if (now - countedAt > believedSeconds * 1000) return undefined;
  const held = count.states.ACCEPTED;
  const load = { running: count.open - held, held, countedAt };
  if (count.open === 0 || count.open > mostLookedAt) return load;
  const shards = await Promise.all(Array.from({ length: dueShardCount }, (_, shard) => ports.due.page(shard, { limit: 100 })));
  const open = shards.flatMap(({ entries }) => entries).filter(({ state }: DueEntry) => state in count.states);
  return (await mayRun(ports, open, count.open, now)) ? load : { running: 0, held: 0, countedAt };
}
