/** A process that runs test files one after the other, and reports each to the runner that forked it. */
import "../support/compileCache";
import { readFileSync } from "node:fs";
import { format } from "node:util";
import Mocha from "mocha";
import { parse } from "yaml";
import { mochaHooks } from "../support/hooks";
const { Base } = Mocha.reporters;
const tell = (message) => void process.send?.(message);
/** Processor seconds of this process, and of the children that it has waited for where the system tells. */
function processorSeconds() {
    const { user, system } = process.cpuUsage();
    let children = 0;
    try {
        // Fields 16 and 17, counted behind the name, which may have spaces: https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
        const fields = readFileSync("/proc/self/stat", "utf8").split(") ").at(-1)?.split(" ") ?? [];
        children = (Number(fields[13]) + Number(fields[14])) / 100;
    }
    catch {
        // Another system than Linux.
    }
    return (user + system) / 1e6 + children;
}
function report(runner) {
    let began = processorSeconds();
    const loadSeconds = began;
    let file;
    let counts = { passed: 0, pending: 0, failed: 0 };
    const finish = () => {
        const now = processorSeconds();
        if (file !== undefined)
            tell({ kind: "file", file, ...counts, processorSeconds: now - began });
        began = now;
        counts = { passed: 0, pending: 0, failed: 0 };
    };
    runner.on("suite", (suite) => {
        if (!suite.parent?.root || suite.file === file)
            return;
        finish();
        file = suite.file;
    });
    runner.on("pass", () => counts.passed++);
    runner.on("pending", () => counts.pending++);
    runner.on("fail", (test, error) => {
        counts.failed++;
        tell({ kind: "failure", file: test.file ?? file ?? "", text: wordsOf(test, error) });
    });
    runner.on("end", () => {
        finish();
        tell({ kind: "end", loadSeconds, peakBytes: process.resourceUsage().maxRSS * 1024 });
    });
}
/** Title, message, difference and stack, as mocha's own reporters print them. */
function wordsOf(test, error) {
    const lines = [];
    const { consoleLog } = Base;
    Base.consoleLog = (...parts) => void lines.push(format(...parts));
    try {
        Base.list([Object.assign(Object.create(test), { err: error })]);
    }
    finally {
        Base.consoleLog = consoleLog;
    }
    return lines.join("\n").replace("1)", "%d)");
}
let ended = false;
// Nobody would read on.
process.on("disconnect", () => !ended && process.exit(1));
process.once("message", ({ files }) => {
    const { timeout } = parse(readFileSync(".mocharc.yaml", "utf8"));
    const mocha = new Mocha({ timeout, rootHooks: mochaHooks, reporter: report });
    for (const file of files)
        mocha.addFile(file);
    mocha.run((failures) => {
        process.exitCode = failures > 0 ? 1 : 0;
        ended = true;
        // What tests left open keeps this process alive; the channel alone does not.
        if (process.connected)
            process.disconnect();
    });
});
