/** What a file may take that has no budget yet. */
const unknownSeconds = 5;
/** Of a file that takes less, processor time says nothing: a garbage collection doubles it. */
const smallestExcessSeconds = 3;
/**
 * Distributes files over processes so that each has about as much to do. Files of one `group` stay together: they share what is
 * made once per process.
 *
 * @param groupOf @default every file by itself
 * @returns one list per process, each in the order of `files`
 */
export function balance(files, budget, processes, groupOf = (file) => file) {
    const costOf = (file) => budget[file] ?? unknownSeconds;
    const groups = [...new Set(files.map(groupOf))].map((group) => {
        const members = files.filter((file) => groupOf(file) === group);
        return { members, cost: members.reduce((sum, file) => sum + costOf(file), 0) };
    });
    const shards = Array.from({ length: processes }, () => ({ cost: 0, members: [] }));
    // The dearest first, each to whoever has the least to do.
    for (const { members, cost } of groups.sort((a, b) => b.cost - a.cost)) {
        const least = shards.reduce((best, shard) => (shard.cost < best.cost ? shard : best));
        least.cost += cost;
        least.members.push(...members);
    }
    return shards.map(({ members }) => files.filter((file) => members.includes(file))).filter((members) => members.length > 0);
}
/**
 * Which files take more than twice their budget. The machine's own speed is left out of account: budgets are scaled by the median
 * of what all files take now to what they took when the budget was recorded.
 *
 * @returns per file a sentence that says what it took
 */
export function overBudget(taken, budget) {
    const scale = median(Object.entries(taken).flatMap(([file, seconds]) => ((budget[file] ?? 0) >= 1 ? seconds / budget[file] : [])));
    return Object.entries(taken).flatMap(([file, seconds]) => {
        const allowed = (budget[file] ?? unknownSeconds) * scale;
        if (seconds <= 2 * allowed || seconds - allowed < smallestExcessSeconds * scale)
            return [];
        const recorded = file in budget ? `its budget is ${allowed.toFixed(1)} s` : `a file without a budget has ${allowed.toFixed(1)} s`;
        return { file, sentence: `${file} took ${seconds.toFixed(1)} s of processor time; ${recorded} on this machine` };
    });
}
/** 1 of nothing. */
function median(numbers) {
    const sorted = [...numbers].sort((a, b) => a - b);
    return sorted[Math.floor((sorted.length - 1) / 2)] ?? 1;
}
