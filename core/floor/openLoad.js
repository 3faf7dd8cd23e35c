import { dueShardCount } from "../records/table";
import { readOpenCount } from "./openCount";
import { mayRun } from "./running";
/** For how long the sweeper's count is believed. */
const believedSeconds = 300;
/** Up to how many open jobs are looked at one by one. */
const mostLookedAt = 50;
/**
 * The jobs that instances must stay for, by the sweeper's count. Jobs in doubt that can't run any more don't count.
 *
 * @returns undefined when nobody has counted for minutes: nothing must be taken away then
 */
export async function openLoad(ports) {
    const now = ports.clock.now();
    const count = await readOpenCount(ports.jobs);
    if (!count)
        return undefined;
    const countedAt = Date.parse(count.countedAt);
    if (now - countedAt > believedSeconds * 1000)
        return undefined;
    const held = count.states.ACCEPTED;
    const load = { running: count.open - held, held, countedAt };
    if (count.open === 0 || count.open > mostLookedAt)
        return load;
    const shards = await Promise.all(Array.from({ length: dueShardCount }, (_, shard) => ports.due.page(shard, { limit: 100 })));
    const open = shards.flatMap(({ entries }) => entries).filter(({ state }) => state in count.states);
    return (await mayRun(ports, open, count.open, now)) ? load : { running: 0, held: 0, countedAt };
}
