/** A process that runs test files one after the other, reports each to the runner that forked it, and asks it for more. */
import "../support/compileCache";
import { readFileSync } from "node:fs";
import { format } from "node:util";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import Mocha from "mocha";
import { parse } from "yaml";
import { mochaHooks } from "../support/hooks";

/**
 * What a shard runs next; without files it ends. A message: on the command line, the names of files would be in the way of whoever looks for
 * one among the processes.
 */
export interface ToShard {
  files: readonly string[];
}

/** What a shard reports. */
export type FromShard =
  | { kind: "file"; file: string; passed: number; pending: number; failed: number; processorSeconds: number; wallSeconds: number }
  /** A test or hook that failed: as mocha words it, with its number left open as `%d`. */
  | { kind: "failure"; file: string; text: string }
  /** Has run what it took; `isFull` when another process had better go on. */
  | { kind: "idle"; isFull: boolean }
  | { kind: "end"; peakBytes: number };

const { Base } = Mocha.reporters;
const tell = (message: FromShard) => void process.send?.(message);

/** Processor seconds of this process, and of the children that it has waited for where the system tells. */
function processorSeconds(): number {
  const { user, system } = process.cpuUsage();
  let children = 0;
  try {
    // Fields 16 and 17, counted behind the name, which may have spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
    const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
    children = (Number(fields[13]) + Number(fields[14])) / 100;
  } catch {
    // Another system than Linux.
  }
  return (user + system) / 1e6 + children;
}

function report(runner: Mocha.Runner): void {
  let began = { processor: processorSeconds(), wall: performance.now() };
  let file: string | undefined;
  let counts = { passed: 0, pending: 0, failed: 0 };
  const finish = () => {
    const now = { processor: processorSeconds(), wall: performance.now() };
    const took = { processorSeconds: now.processor - began.processor, wallSeconds: (now.wall - began.wall) / 1000 };
    if (file !== undefined) tell({ kind: "file", file, ...counts, ...took });
    began = now;
    counts = { passed: 0, pending: 0, failed: 0 };
  };
  runner.on("suite", (suite) => {
    if (!suite.parent?.root || suite.file === file) return;
    finish();
    file = suite.file;
  });
  runner.on("pass", () => counts.passed++);
  runner.on("pending", () => counts.pending++);
  runner.on("fail", (test, error: Error) => {
    counts.failed++;
    tell({ kind: "failure", file: test.file ?? file ?? "", text: wordsOf(test, error) });
  });
  runner.on("end", finish);
}

/** Title, message, difference and stack, as mocha's own reporters print them. */
function wordsOf(test: Mocha.Runnable, error: Error): string {
  const lines: string[] = [];
  const { consoleLog } = Base;
  Base.consoleLog = (...parts: unknown[]) => void lines.push(format(...parts));
  try {
    Base.list([Object.assign(Object.create(test) as Mocha.Test, { err: error })]);
  } finally {
    Base.consoleLog = consoleLog;
  }
  return lines.join("\n").replace("1)", "%d)");
}

// Between files V8 is asked to look: by itself it lets garbage grow while the machine has memory. All modules take 170 MB, and a
// process would end at six times that.
const allowedGarbageBytes = 100e6;
setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
// What files leave in a process adds up, in the heap and beside it: a new one takes half a second.
const fullBytes = 450e6;
let keptBytes = 0;
function collectGarbage(): void {
  if (process.memoryUsage().heapUsed < keptBytes + allowedGarbageBytes) return;
  collect();
  keptBytes = process.memoryUsage().heapUsed;
}

let ended = false;
const { timeout } = parse(readFileSync(".mocharc.yaml", "utf8")) as { timeout: number };
// Nobody would read on.
process.on("disconnect", () => !ended && process.exit(1));
process.on("message", ({ files }: ToShard) => {
  if (files.length === 0) {
    ended = true;
    // At once: a connection that is kept for a minute would keep the process for as long.
    process.send?.({ kind: "end", peakBytes: process.resourceUsage().maxRSS * 1024 } satisfies FromShard, () => process.exit());
    return;
  }
  const mocha = new Mocha({ timeout, rootHooks: mochaHooks, reporter: report as unknown as Mocha.ReporterConstructor });
  for (const file of files) mocha.addFile(file);
  mocha.run((failures) => {
    // Else each run's listeners of the process stay.
    mocha.dispose();
    if (failures > 0) process.exitCode = 1;
    collectGarbage();
    tell({ kind: "idle", isFull: process.memoryUsage.rss() > fullBytes });
  });
});
