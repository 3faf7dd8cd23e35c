import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

/** One line of `ps`. */
export interface ProcessLine {
  pid: number;
  parent: number;
  group: number;
  residentBytes: number;
  cpuSeconds: number;
}

/** Reads what `ps -A -o pid=,ppid=,pgid=,rss=,time=` prints. */
export function readProcesses(text: string): ProcessLine[] {
  return text.split("\n").flatMap((line) => {
    const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(line);
    if (!match) return [];
    const [pid, parent, group, kibibytes, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
    return [
      {
        pid: pid as number,
        parent: parent as number,
        group: group as number,
        residentBytes: (kibibytes as number) * 1024,
        cpuSeconds: (((days as number) * 24 + (hours as number)) * 60 + (minutes as number)) * 60 + (seconds as number),
      },
    ];
  });
}

/** Memory and processor time of the process groups that `parent` has started. */
export function sumOf(processes: readonly ProcessLine[], parent: number): { residentBytes: number; cpuSeconds: number } {
  const groups = new Set(processes.filter((line) => line.parent === parent && line.group === line.pid).map(({ group }) => group));
  const own = processes.filter(({ group }) => groups.has(group));
  return {
    residentBytes: own.reduce((sum, { residentBytes }) => sum + residentBytes, 0),
    cpuSeconds: own.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
  };
}

/** What this process's containers use from now on, looked at each second. */
export class Usage {
  /** The most memory that their processes held together; pages that they share count for each. */
  peakBytes = 0;
  private first: number | undefined;
  private last = 0;
  private readonly over = new AbortController();
  private readonly watching = this.watch();

  /** Processor time of those that still run. */
  get cpuSeconds(): number {
    return this.last - (this.first ?? this.last);
  }

  /** Ends the looking. */
  async stop(): Promise<void> {
    this.over.abort();
    await this.watching;
  }

  private async watch(): Promise<void> {
    for (;;) {
      const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,pgid=,rss=,time="], { maxBuffer: 2 ** 24 });
      const { residentBytes, cpuSeconds } = sumOf(readProcesses(stdout), process.pid);
      this.peakBytes = Math.max(this.peakBytes, residentBytes);
      this.first ??= cpuSeconds;
      this.last = cpuSeconds;
      if (this.over.signal.aborted) return;
      await sleep(1000, undefined, { signal: this.over.signal }).catch(() => undefined);
    }
  }
}
