import { fork } from "node:child_process";
import { once } from "node:events";
/**
 * Runs a file of this folder in a process of its own, so that its memory is its alone.
 *
 * @param onStep called when the process says that it has come so far
 */
export async function work(file, task, onStep = async () => undefined) {
    const child = fork(file, { execArgv: [], stdio: ["ignore", "inherit", "inherit", "ipc"] });
    child.send(task);
    let report;
    let step;
    child.on("message", (message) => {
        if ("report" in message)
            report = message.report;
        else
            step = onStep().then(() => void child.send({ go: true }));
    });
    const [exitCode] = (await once(child, "close"));
    await step;
    if (report === undefined)
        throw new Error(`${file} ended with exit code ${exitCode} before it reported`);
    return report;
}
/** In the process: does what it was started for, and reports. @param run is given how to say that it has come so far, and wait for the answer */
export function report(run) {
    const step = async () => {
        process.send?.({ step: true });
        await once(process, "message");
    };
    // Not the system's own mark, in which a new process has inherited its parent's memory.
    let peakBytes = 0;
    setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20).unref();
    const started = once(process, "message").then(([task]) => run(task, step));
    started.then((found) => {
        process.send?.({ report: { ...found, peakBytes } }, () => process.exit(0));
    }, (error) => {
        console.error(error);
        process.exit(1);
    });
}
