import { execFile } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
const run = promisify(execFile);
/** Reads what `ps -A -o pid=,ppid=,pgid=,rss=,time=` prints. */
export function readProcesses(text) {
    return text.split("\n").flatMap((line) => {
        const match = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(?:(\d+)-)?(?:(\d+):)?(\d+):(\d+(?:\.\d+)?)\s*$/.exec(line);
        if (!match)
            return [];
        const [pid, parent, group, kibibytes, days, hours, minutes, seconds] = match.slice(1).map((part) => Number(part ?? 0));
        return [
            {
                pid: pid,
                parent: parent,
                group: group,
                residentBytes: kibibytes * 1024,
                cpuSeconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds,
            },
        ];
    });
}
/** Memory and processor time of the process groups that `parent` has started. */
export function sumOf(processes, parent) {
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
    first;
    last = 0;
    over = new AbortController();
    watching = this.watch();
    /** Processor time of those that still run. */
    get cpuSeconds() {
        return this.last - (this.first ?? this.last);
    }
    /** Ends the looking. */
    async stop() {
        this.over.abort();
        await this.watching;
    }
    async watch() {
        for (;;) {
            const { stdout } = await run("ps", ["-A", "-o", "pid=,ppid=,pgid=,rss=,time="], { maxBuffer: 2 ** 24 });
            const { residentBytes, cpuSeconds } = sumOf(readProcesses(stdout), process.pid);
            this.peakBytes = Math.max(this.peakBytes, residentBytes);
            this.first ??= cpuSeconds;
            this.last = cpuSeconds;
            if (this.over.signal.aborted)
                return;
            await sleep(1000, undefined, { signal: this.over.signal }).catch(() => undefined);
        }
    }
}
