import { readFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import path from "node:path";
/** The repository: these files run from build/bench. */
export const root = path.resolve(__dirname, "../..");
/** Middle value; of an even number of values the mean of the two in the middle. */
export function median(values) {
    return percentile(values, 0.5);
}
/** Value below which the share `rank` (0 to 1) of the values lies, interpolated. */
export function percentile(values, rank) {
    const sorted = values.toSorted((a, b) => a - b);
    const place = (sorted.length - 1) * rank;
    const low = sorted[Math.floor(place)] ?? NaN;
    const high = sorted[Math.ceil(place)] ?? NaN;
    return low + (high - low) * (place % 1);
}
/** Runs something several times, one after the other. */
export async function repeat(times, run) {
    const results = [];
    for (let index = 0; index < times; index++)
        results.push(await run());
    return results;
}
/** Median of what each subject's measurement answers, taken in turns: what disturbs the machine disturbs all alike. */
export async function compare(times, subjects) {
    const names = Object.keys(subjects);
    const rounds = await repeat(times, async () => {
        const round = {};
        for (const name of names)
            round[name] = await subjects[name]();
        return round;
    });
    return Object.fromEntries(names.map((name) => [name, median(rounds.map((round) => round[name] ?? NaN))]));
}
/** Milliseconds of the wall that `run` takes. */
export async function timed(run) {
    const start = performance.now();
    await run();
    return performance.now() - start;
}
/** What figures must be read with. */
export function machine() {
    const version = (name) => JSON.parse(readFileSync(path.join(root, "node_modules", name, "package.json"), "utf8")).version;
    const models = [...new Set(cpus().map(({ model }) => model.trim()))];
    return [
        `${cpus().length} cores (${models.join(", ")}), ${Math.round(totalmem() / 2 ** 30)} GiB of memory, ${process.platform} ${process.arch}`,
        `Node ${process.versions.node}, TypeScript ${version("typescript")}, @pulumi/pulumi ${version("@pulumi/pulumi")}, @pulumi/aws ${version("@pulumi/aws")}`,
    ].join("\n");
}
/** A table of which the first row is the head; all but the first column are aligned to the right. */
export function table(rows) {
    const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
    const line = (row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  ");
    return rows.map((row) => `  ${line(row).trimEnd()}`).join("\n");
}
export function seconds(milliseconds) {
    return `${(milliseconds / 1000).toFixed(2)} s`;
}
/** A measured value beside what it should be. */
export function aim(milliseconds, limitMilliseconds) {
    return `aim < ${limitMilliseconds / 1000} s: ${milliseconds < limitMilliseconds ? "met" : "missed"}`;
}
