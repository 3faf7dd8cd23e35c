import { execFile } from "node:child_process";

/** Bytes that the processes of a group hold in memory; undefined where the machine has no `ps`. */
export function groupMemoryBytes(group: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    execFile("ps", ["-A", "-o", "pgid=,rss="], { maxBuffer: 16 * 1024 * 1024 }, (error, out) => {
      resolve(error ? undefined : memoryOf(out, group));
    });
  });
}

/** The sum for one group of what `ps -A -o pgid=,rss=` printed, in bytes. */
export function memoryOf(out: string, group: number): number | undefined {
  const kibibytes = out
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pgid, rss]) => pgid === group && Number.isFinite(rss))
    .map(([, rss]) => rss as number);
  return kibibytes.length === 0 ? undefined : kibibytes.reduce((sum, each) => sum + each, 0) * 1024;
}

const slackBytes = 16 * 1024 * 1024;
const slackShare = 0.05;

/**
 * Whether memory grows with the number of requests. Servers fill caches and heaps at first, so only the second half counts, and garbage
 * collectors let memory swing, so the least of its first measurements is compared with the least of its last.
 *
 * @param samples bytes, taken after as many requests each
 */
export function grows(samples: readonly number[]): boolean {
  const half = samples.slice(Math.floor(samples.length / 2));
  const third = Math.max(1, Math.floor(half.length / 2));
  const before = Math.min(...half.slice(0, third));
  const after = Math.min(...half.slice(-third));
  return after - before > Math.max(slackBytes, slackShare * before);
}
