/** `npm test`: all test files in a few processes, each taking the next file when it is done; or what the arguments say. */
import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { affectedTests } from "./affected";
import { longestFirst, overBudget, type Seconds } from "./budget";
import type { FromShard, ToShard } from "./shard";

const root = path.resolve(__dirname, "../../..");
const budgetFile = path.join(root, "test/budget.json");
const waitsFile = path.join(root, "test/waits.json");
/** Two more than the processors that they keep busy: half of the time a test waits. More do not pay: tests have processes of their own. */
const processes = Math.min(2, availableParallelism()) + 2;
/** V8 would let it grow to 134 MB of each process's memory, of which next to nothing is alive. */
const youngGeneration = "--max-semi-space-size=32";
/** A shorter wait changes nothing in the order of files. */
const leastWaitSeconds = 5;
/** What makes something dear once per process: the tests that share it run in the same one. */
const sharedOncePerProcess = ["test/support/packed.ts", "test/support/npmStart.ts"];

const usage = `npm test                       every test
npm test -- FILE...            test files: test/config.test.ts, or a pattern; mocha's options too
npm test -- --changed [BASE]   the test files that the changes since BASE may break (main's, uncommitted ones too)
npm test -- --record           every test; what each file takes becomes its budget, test/budget.json, and test/waits.json its waiting
`;

interface Totals {
  passed: number;
  pending: number;
  failures: string[];
  seconds: Record<string, number>;
  waits: Record<string, number>;
  peakBytes: number[];
}

/** `components/jobs` of `build/test/components/jobs.test.js`. */
function nameOf(file: string): string {
  return path.relative(path.join(root, "build/test"), path.resolve(root, file)).replace(/\.test\.js$/, "");
}

/** Compiled test files whose source is still there, sorted. */
function allTests(): string[] {
  return globSync("build/test/**/*.test.js", { cwd: root })
    .filter((file) => existsSync(path.join(root, sourceOf(file))))
    .sort();
}

function sourceOf(file: string): string {
  return file.replace(/^build\//, "").replace(/js$/, "ts");
}

/** Files that differ from the last state that this branch shares with `base`. */
function changedSince(base: string): string[] {
  const git = (...args: string[]) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
  const [fork = base] = git("merge-base", base, "HEAD");
  return [...git("diff", "--name-only", fork), ...git("ls-files", "--others", "--exclude-standard")];
}

/** Runs mocha itself, with its own report. */
function runMocha(args: readonly string[]): number {
  const compiled = args.map((argument) =>
    /^(\.\/)?test\/.*\.ts$/.test(argument) ? `build/${argument.replace(/^\.\//, "")}`.replace(/ts$/, "js") : argument,
  );
  const files = compiled.some((argument) => argument.endsWith(".js")) ? [] : allTests();
  const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
  return spawnSync(process.execPath, [mocha, ...compiled, ...files], { cwd: root, stdio: "inherit" }).status ?? 1;
}

function secondsIn(file: string): Seconds {
  return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Seconds) : {};
}

async function runShards(files: readonly string[], budget: Seconds): Promise<Totals> {
  const sharing = sharedOncePerProcess.map((support) => [support, new Set(affectedTests(root, [support], files).map(nameOf))] as const);
  const byName = new Map(files.map((file) => [nameOf(file), file]));
  const groupOf = (name: string) => sharing.find(([, names]) => names.has(name))?.[0] ?? name;
  const queue = longestFirst([...byName.keys()], budget, secondsIn(waitsFile), groupOf);
  const totals: Totals = { passed: 0, pending: 0, failures: [], seconds: {}, waits: {}, peakBytes: [] };
  const next = () => queue.shift()?.map((name) => byName.get(name) as string);
  await Promise.all(
    Array.from({ length: Math.min(processes, queue.length) }, async () => {
      // A process that died has lost what it had taken, and one that is full ends; another goes on with the rest.
      for (let taken = next(); taken !== undefined; taken = next()) await runShard(taken, next, totals);
    }),
  );
  return totals;
}

/** One process, from the files that it begins with until nothing is left to take. */
async function runShard(files: readonly string[], next: () => string[] | undefined, totals: Totals): Promise<void> {
  const child = fork(path.join(__dirname, "shard.js"), [], { cwd: root, execArgv: ["--enable-source-maps", youngGeneration] });
  const left = new Set<string>();
  const take = (taken: readonly string[]) => {
    for (const file of taken) left.add(nameOf(file));
    child.send({ files: taken } satisfies ToShard);
  };
  let ended = false;
  take(files);
  child.on("message", (message: FromShard) => {
    switch (message.kind) {
      case "file": {
        const name = nameOf(message.file);
        const { passed, pending, failed, processorSeconds, wallSeconds } = message;
        left.delete(name);
        totals.passed += passed;
        totals.pending += pending;
        totals.seconds[name] = (totals.seconds[name] ?? 0) + processorSeconds;
        totals.waits[name] = (totals.waits[name] ?? 0) + wallSeconds - processorSeconds;
        const counts = [`${passed} passing`, ...(pending > 0 ? [`${pending} pending`] : []), ...(failed > 0 ? [`${failed} FAILING`] : [])];
        const took = `${processorSeconds.toFixed(1)} s of processor time in ${wallSeconds.toFixed(1)} s`;
        return void process.stdout.write(`  ${failed > 0 ? "✖" : "✔"} ${name}: ${counts.join(", ")} (${took})\n`);
      }
      case "failure":
        return void totals.failures.push(message.text);
      case "idle":
        // Files without a test are none that is left.
        left.clear();
        return take(message.isFull ? [] : (next() ?? []));
      case "end":
        ended = true;
        return void totals.peakBytes.push(message.peakBytes);
    }
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, NodeJS.Signals | null];
  if (ended) return;
  const [running, ...others] = left;
  const lost = others.length > 0 ? `; not run: ${others.join(", ")}` : "";
  totals.failures.push(`  %d) the process that ran ${running} ended with ${signal ?? `exit code ${code}`}${lost}`);
}

/** What is over its budget when it is measured again, by itself: a neighbour's load or a cold cache is no regression. */
async function twiceOverBudget(files: readonly string[], seconds: Seconds, budget: Seconds): Promise<string[]> {
  const suspects = overBudget(seconds, budget);
  if (suspects.length === 0) return [];
  process.stdout.write("\n  over its budget, and measured once more:\n");
  const again = await runShards(
    files.filter((file) => suspects.some((suspect) => suspect.file === nameOf(file))),
    budget,
  );
  return overBudget({ ...seconds, ...again.seconds }, budget).map(({ sentence }) => sentence);
}

async function runWhole(files: readonly string[], mode: "all" | "some" | "record"): Promise<number> {
  const began = performance.now();
  const budget = secondsIn(budgetFile);
  const { passed, pending, failures, seconds, waits, peakBytes } = await runShards(files, budget);
  const over = mode === "all" ? await twiceOverBudget(files, seconds, budget) : [];
  const sum = Object.values(seconds).reduce((total, each) => total + each, 0);
  const minutes = (performance.now() - began) / 60_000;
  process.stdout.write(
    [
      "",
      ...failures.map((text, index) => text.replace("%d", String(index + 1))),
      ...over.map((text) => `  over its budget: ${text}. Make it cheaper, or record what it takes: npm test -- --record`),
      "",
      `  processor time ${Math.round(sum)} s, largest process ${Math.round(Math.max(0, ...peakBytes) / 1e6)} MB`,
      `  ${passed} passing (${minutes.toFixed(1)} min)`,
      ...(pending > 0 ? [`  ${pending} pending`] : []),
      ...(failures.length + over.length > 0 ? [`  ${failures.length + over.length} failing`] : []),
      "",
    ].join("\n"),
  );
  if (mode === "record" && failures.length === 0) {
    const write = (file: string, entries: [name: string, seconds: number][]) =>
      writeFileSync(file, `${JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`);
    write(
      budgetFile,
      Object.entries(seconds).map(([name, each]) => [name, Math.round(each * 10) / 10]),
    );
    write(
      waitsFile,
      Object.entries(waits).flatMap(([name, each]) => (each < leastWaitSeconds ? [] : [[name, Math.round(each)] as [string, number]])),
    );
  }
  return failures.length + over.length > 0 ? 1 : 0;
}

async function main(args: readonly string[]): Promise<number> {
  if (args.includes("--help")) {
    process.stdout.write(usage);
    return 0;
  }
  if (args.length === 0) return runWhole(allTests(), "all");
  if (args[0] === "--record") return runWhole(allTests(), "record");
  if (args[0] !== "--changed") return runMocha(args);
  const files = affectedTests(root, changedSince(args[1] ?? "main"), allTests());
  process.stdout.write(`${files.length} of ${allTests().length} test files may be affected\n`);
  return files.length === 0 ? 0 : runWhole(files, "some");
}

void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
