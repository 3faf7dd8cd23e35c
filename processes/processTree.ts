import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import type { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** A command line that runs, with all that it has started. */
export interface ProcessTree {
  stdout: Readable;
  stderr: Readable;
  /** The shell's process id, and that of the group of what it starts; undefined when nothing was started. */
  pid: number | undefined;
  /** How the shell ended; undefined while it runs. */
  ended(): string | undefined;
  /** Resolves with how the shell ended, such as `ended with exit code 1`. Never rejects. */
  readonly exited: Promise<string>;
  /** Resolves once nothing of it prints any more: after SIGTERM a shell ends before what it has started. */
  readonly gone: Promise<void>;
  /** SIGTERM to the group. What left the group is for its supervisor to end. */
  terminate(): void;
  /** SIGKILL to all of it, what has left the group included. Resolves when it is gone. */
  kill(): Promise<void>;
}

/** How long the last lines of killed processes may take to arrive. */
const streamGraceMilliseconds = 1000;

/**
 * Ends all of it when file descriptor 3 is closed, which the kernel does even for a parent that was killed: the one end at which no
 * handler of ours runs. What has left the group goes first: the group has this watcher in it.
 */
const endWithParent = `(read -r _ <&3
  kill -KILL $(ps -A -o pid= -o ppid= -o pgid= | awk -v root=$$ '{ parent[$1] = $2; group[$1] = $3 }
    END { for (each in parent) { at = each; while (at != root && at in parent) at = parent[at]; if (at == root && group[each] != root) print each } }')
  kill -KILL 0) >/dev/null 2>&1 & exec 3<&-
`;

/** What ends those that were told to end, their watcher with them, and have not yet: they must not outlive this process either. */
const ending = new Set<() => void>();
process.on("exit", () => {
  for (const end of ending) end();
});

/**
 * Starts a command line in a shell, in a process group of its own.
 *
 * @param options the folder to run in, and all environment variables
 */
export function startProcessTree(command: string, options: { cwd?: string; env: NodeJS.ProcessEnv }): ProcessTree {
  const child = spawn(endWithParent + command, { ...options, shell: true, detached: true, stdio: ["ignore", "pipe", "pipe", "pipe"] });
  const { pid } = child;
  const [stdout, stderr] = [child.stdout as Readable, child.stderr as Readable];
  let end: string | undefined;
  const exited = new Promise<string>((resolve) => {
    const over = (words: string) => resolve((end ??= words));
    child.once("error", (error) => over(`could not be started: ${error.message}`));
    child.once("exit", (code, by) => over(by ? `ended by ${by}` : `ended with exit code ${code}`));
  });
  // A server that ended by itself takes along what it has started.
  child.once("exit", () => child.stdio[3]?.destroy());
  const gone = ended(child);
  const signalGroup = (name: NodeJS.Signals) => {
    if (pid !== undefined) signal(-pid, name);
  };
  // A supervisor has each server in a group of its own and may end before it: whose child it was is known only until then.
  let left: readonly Listed[] | undefined;
  const look = () => {
    const all = listProcesses();
    return all.filter((each) => pid !== undefined && hasLeft(each, pid, all));
  };
  const kill = () => {
    const others = left === undefined ? look() : stillRunning(left);
    signalGroup("SIGKILL");
    for (const each of others) signal(each.pid, "SIGKILL");
    ending.delete(kill);
  };
  return {
    stdout,
    stderr,
    pid,
    ended: () => end,
    exited,
    gone,
    terminate() {
      left ??= look();
      ending.add(kill);
      signalGroup("SIGTERM");
      void gone.then(kill);
    },
    async kill() {
      kill();
      // What was left behind before may hold the streams open; it is not waited for.
      await Promise.race([gone, exited.then(() => sleep(streamGraceMilliseconds, undefined, { ref: false }))]);
      for (const stream of [stdout, stderr]) stream.destroy();
    },
  };
}

/** A process as `ps` lists it. */
interface Listed {
  pid: number;
  parent: number;
  group: number;
  started: string;
}

/** Those that are still the same: an id alone may be another process's by now. */
function stillRunning(before: readonly Listed[]): readonly Listed[] {
  if (before.length === 0) return before;
  const running = new Set(listProcesses().map(({ pid, started }) => `${pid} ${started}`));
  return before.filter(({ pid, started }) => running.has(`${pid} ${started}`));
}

/** Whether a process descends from another one, which leads a group, and is in another group. */
function hasLeft({ pid, group }: Listed, root: number, all: readonly Listed[]): boolean {
  if (group === root) return false;
  const parents = new Map(all.map((each) => [each.pid, each.parent]));
  let at: number | undefined = pid;
  while (at !== undefined && at !== root) at = parents.get(at);
  return at === root;
}

/** All processes of this machine; none where there is no `ps`. At once, since whoever is asked about may end meanwhile. */
function listProcesses(): Listed[] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid=,pgid=,lstart="], { encoding: "utf8" });
  return (stdout ?? "")
    .split("\n")
    .filter(Boolean)
    .map((line) => {
      const [pid, parent, group, ...started] = line.trim().split(/\s+/);
      return { pid: Number(pid), parent: Number(parent), group: Number(group), started: started.join(" ") };
    });
}

/** "close" comes when every process that could print has ended. */
function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
}

function signal(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(pid, name);
  } catch (error) {
    // It has ended already. (macOS says EPERM while the ended ones have not been collected.)
    if (!["ESRCH", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}
