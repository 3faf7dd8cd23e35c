/** `npm test`: all test files in as many processes as the machine has processors, up to two; or what the arguments say. */
import { execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, globSync, readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import path from "node:path";
import { affectedTests } from "./affected";
import { balance, overBudget } from "./budget";
const root = path.resolve(__dirname, "../../..");
const budgetFile = path.join(root, "test/budget.json");
/** More do not pay: a test's own processes need processors too. */
const mostProcesses = 2;
/** What makes something dear once per process: the tests that share it run in the same one. */
const sharedOncePerProcess = ["test/support/packed.ts", "test/support/npmStart.ts"];
const usage = `npm test                       every test
npm test -- FILE...            test files: test/config.test.ts, or a pattern; mocha's options too
npm test -- --changed [BASE]   the test files that the changes since BASE may break (main's, uncommitted ones too)
npm test -- --record           every test; what each file takes becomes its budget, test/budget.json
`;
/** `components/jobs` of `build/test/components/jobs.test.js`. */
function nameOf(file) {
    return path.relative(path.join(root, "build/test"), path.resolve(root, file)).replace(/\.test\.js$/, "");
}
/** Compiled test files whose source is still there, sorted. */
function allTests() {
    return globSync("build/test/**/*.test.js", { cwd: root })
        .filter((file) => existsSync(path.join(root, sourceOf(file))))
        .sort();
}
function sourceOf(file) {
    return file.replace(/^build\//, "").replace(/js$/, "ts");
}
/** Files that differ from the last state that this branch shares with `base`. */
function changedSince(base) {
    const git = (...args) => execFileSync("git", args, { cwd: root, encoding: "utf8" }).split("\n").filter(Boolean);
    const [fork = base] = git("merge-base", base, "HEAD");
    return [...git("diff", "--name-only", fork), ...git("ls-files", "--others", "--exclude-standard")];
}
/** Runs mocha itself, with its own report. */
function runMocha(args) {
    const compiled = args.map((argument) => /^(\.\/)?test\/.*\.ts$/.test(argument) ? `build/${argument.replace(/^\.\//, "")}`.replace(/ts$/, "js") : argument);
    const files = compiled.some((argument) => argument.endsWith(".js")) ? [] : allTests();
    const mocha = path.join(root, "node_modules/mocha/bin/mocha.js");
    return spawnSync(process.execPath, [mocha, ...compiled, ...files], { cwd: root, stdio: "inherit" }).status ?? 1;
}
async function runShards(files, budget) {
    const sharing = sharedOncePerProcess.map((support) => [support, new Set(affectedTests(root, [support], files).map(nameOf))]);
    const byName = new Map(files.map((file) => [nameOf(file), file]));
    const processes = Math.min(mostProcesses, availableParallelism());
    const shards = balance([...byName.keys()], budget, processes, (name) => sharing.find(([, names]) => names.has(name))?.[0] ?? name);
    const totals = { passed: 0, pending: 0, failures: [], seconds: {}, peakBytes: [] };
    await Promise.all(shards.map((names) => runShard(names.map((name) => byName.get(name)), totals)));
    return totals;
}
async function runShard(files, totals) {
    const child = fork(path.join(__dirname, "shard.js"), [], { cwd: root, execArgv: ["--enable-source-maps"] });
    child.send({ files });
    const left = new Set(files.map(nameOf));
    let ended = false;
    child.on("message", (message) => {
        switch (message.kind) {
            case "file": {
                const name = nameOf(message.file);
                const { passed, pending, failed, processorSeconds } = message;
                left.delete(name);
                totals.passed += passed;
                totals.pending += pending;
                totals.seconds[name] = (totals.seconds[name] ?? 0) + processorSeconds;
                const counts = [`${passed} passing`, ...(pending > 0 ? [`${pending} pending`] : []), ...(failed > 0 ? [`${failed} FAILING`] : [])];
                return void process.stdout.write(`  ${failed > 0 ? "✖" : "✔"} ${name}: ${counts.join(", ")} (${processorSeconds.toFixed(1)} s of processor time)\n`);
            }
            case "failure":
                return void totals.failures.push(message.text);
            case "end":
                ended = true;
                return void totals.peakBytes.push(message.peakBytes);
        }
    });
    const [code, signal] = (await once(child, "exit"));
    if (ended)
        return;
    totals.failures.push(`  %d) the process that ran ${[...left][0]} ended with ${signal ?? `exit code ${code}`}; not run: ${[...left].slice(1).join(", ")}`);
}
/** What is over its budget when it is measured again, by itself: a neighbour's load or a cold cache is no regression. */
async function twiceOverBudget(files, seconds, budget) {
    const suspects = overBudget(seconds, budget);
    if (suspects.length === 0)
        return [];
    process.stdout.write("\n  over its budget, and measured once more:\n");
    const again = await runShards(files.filter((file) => suspects.some((suspect) => suspect.file === nameOf(file))), budget);
    return overBudget({ ...seconds, ...again.seconds }, budget).map(({ sentence }) => sentence);
}
async function runWhole(files, mode) {
    const began = performance.now();
    const budget = existsSync(budgetFile) ? JSON.parse(readFileSync(budgetFile, "utf8")) : {};
    const { passed, pending, failures, seconds, peakBytes } = await runShards(files, budget);
    const over = mode === "all" ? await twiceOverBudget(files, seconds, budget) : [];
    const sum = Object.values(seconds).reduce((total, each) => total + each, 0);
    const minutes = (performance.now() - began) / 60_000;
    process.stdout.write([
        "",
        ...failures.map((text, index) => text.replace("%d", String(index + 1))),
        ...over.map((text) => `  over its budget: ${text}. Make it cheaper, or record what it takes: npm test -- --record`),
        "",
        `  processor time ${Math.round(sum)} s, largest process ${Math.round(Math.max(0, ...peakBytes) / 1e6)} MB`,
        `  ${passed} passing (${minutes.toFixed(1)} min)`,
        ...(pending > 0 ? [`  ${pending} pending`] : []),
        ...(failures.length + over.length > 0 ? [`  ${failures.length + over.length} failing`] : []),
        "",
    ].join("\n"));
    if (mode === "record" && failures.length === 0) {
        const rounded = Object.entries(seconds).map(([name, each]) => [name, Math.round(each * 10) / 10]);
        writeFileSync(budgetFile, `${JSON.stringify(Object.fromEntries(rounded.sort(([a], [b]) => (a < b ? -1 : 1))), null, 2)}\n`);
    }
    return failures.length + over.length > 0 ? 1 : 0;
}
async function main(args) {
    if (args.includes("--help")) {
        process.stdout.write(usage);
        return 0;
    }
    if (args.length === 0)
        return runWhole(allTests(), "all");
    if (args[0] === "--record")
        return runWhole(allTests(), "record");
    if (args[0] !== "--changed")
        return runMocha(args);
    const files = affectedTests(root, changedSince(args[1] ?? "main"), allTests());
    process.stdout.write(`${files.length} of ${allTests().length} test files may be affected\n`);
    return files.length === 0 ? 0 : runWhole(files, "some");
}
void main(process.argv.slice(2)).then((code) => (process.exitCode = code));
