/** Processor seconds per test file, the children that it waited for included. By the file's path in `test/`, without `.test.ts`. */
export type Seconds = Readonly<Record<string, number>>;

/** What a file may take that has no budget yet. */
const unknownSeconds = 5;
/** Of a file that takes less, processor time says nothing: a garbage collection doubles it. */
const smallestExcessSeconds = 3;

/**
 * The order in which processes take files, each the next when it is done: what takes longest first, so that none is left running alone at
 * the end. Files of one `group` are taken together: they share what is made once per process.
 *
 * @param waits seconds that a file spends waiting beside its processor time
 * @param groupOf @default every file by itself
 * @returns what is taken at once, each in the order of `files`
 */
export function longestFirst(
  files: readonly string[],
  budget: Seconds,
  waits: Seconds = {},
  groupOf: (file: string) => string = (file) => file,
): string[][] {
  const secondsOf = (file: string) => (budget[file] ?? unknownSeconds) + (waits[file] ?? 0);
  const groups = [...new Set(files.map(groupOf))].map((group) => {
    const members = files.filter((file) => groupOf(file) === group);
    return { members, seconds: members.reduce((sum, file) => sum + secondsOf(file), 0) };
  });
  return groups.sort((a, b) => b.seconds - a.seconds).map(({ members }) => members);
}

/**
 * Which files take more than twice their budget. The machine's own speed is left out of account: budgets are scaled by the median
 * of what all files take now to what they took when the budget was recorded.
 *
 * @returns per file a sentence that says what it took
 */
export function overBudget(taken: Seconds, budget: Seconds): { file: string; sentence: string }[] {
  const scale = median(
    Object.entries(taken).flatMap(([file, seconds]) => ((budget[file] ?? 0) >= 1 ? seconds / (budget[file] as number) : [])),
  );
  return Object.entries(taken).flatMap(([file, seconds]) => {
    const allowed = (budget[file] ?? unknownSeconds) * scale;
    if (seconds <= 2 * allowed || seconds - allowed < smallestExcessSeconds * scale) return [];
    const recorded = file in budget ? `its budget is ${allowed.toFixed(1)} s` : `a file without a budget has ${allowed.toFixed(1)} s`;
    return { file, sentence: `${file} took ${seconds.toFixed(1)} s of processor time; ${recorded} on this machine` };
  });
}

/** 1 of nothing. */
function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? 1;
}
