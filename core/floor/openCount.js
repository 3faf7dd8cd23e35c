import { codedError } from "../records/errors";
import { openCountKey } from "../records/items";
import { remembered } from "../remembered";
/** For how long a count is believed: a sweeper that has died must not refuse jobs for ever. */
const believedSeconds = 600;
/** The sweeper's newest count; undefined before its first. */
export function readOpenCount(jobs) {
    return jobs.get(openCountKey);
}
/** For how long a caller that submits many jobs goes by one reading of the count, which is made once per minute. */
const rememberedSeconds = 5;
/** {@link readOpenCount} for a caller that asks often. */
export function openCountReader({ jobs, clock }) {
    return remembered(clock, rememberedSeconds, () => readOpenCount(jobs), (count) => count !== undefined);
}
/**
 * Why no further job is taken: `LIMIT` when as many as may be were open at the last count; undefined when one is.
 *
 * @param read {@link readOpenCount}, or what it said a moment ago
 */
export async function limitReached(read, clock, maxOpenJobs) {
    if (maxOpenJobs === 0)
        return undefined;
    const count = await read();
    if (!count || count.open < maxOpenJobs)
        return undefined;
    if (clock.now() - Date.parse(count.countedAt) > believedSeconds * 1000)
        return undefined;
    return codedError("LIMIT", `${count.open} jobs were open at ${count.countedAt}, of at most ${maxOpenJobs} (maxOpenJobs).`);
}
