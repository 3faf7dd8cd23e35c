import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
/** Bytes that the processes of a group hold in memory; undefined where neither /proc nor `ps` says so. */
export function groupMemoryBytes(group) {
  // Small Linux images lack `ps`, and starting it takes longer than reading what it reads.
  if (process.platform === "linux") return Promise.resolve(memoryOf(listProc(group), group));
  return new Promise((resolve) => {
    execFile("ps", ["-A", "-o", "pgid=,rss="], { maxBuffer: 16 * 1024 * 1024 }, (error, out) => {
      resolve(error ? undefined : memoryOf(out, group));
    });
  });
}
/** What `ps` would print of a group. https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html */
function listProc(group) {
  const lines = readdirSync("/proc").flatMap((pid) => {
    if (!/^\d+$/.test(pid)) return [];
    try {
      // Behind the command's name, which may have blanks: state, parent, group.
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ");
      if (Number(fields?.[2]) !== group) return [];
      const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? "0";
      return [`${group} ${kibibytes}`];
    } catch {
      // It has ended since it was listed.
      return [];
    }
  });
  return lines.join("\n");
}
/** The sum for one group of what `ps -A -o pgid=,rss=` printed, in bytes. */
export function memoryOf(out, group) {
  const kibibytes = out
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([pgid, rss]) => pgid === group && Number.isFinite(rss))
    .map(([, rss]) => rss);
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
export function grows(samples) {
  const half = samples.slice(Math.floor(samples.length / 2));
  const third = Math.max(1, Math.floor(half.length / 2));
  const before = Math.min(...half.slice(0, third));
  const after = Math.min(...half.slice(-third));
  return after - before > Math.max(slackBytes, slackShare * before);
}
