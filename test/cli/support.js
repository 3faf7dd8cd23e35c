import { spawn } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { root } from "../support/service";
/** Nothing of the machine's own: no credentials, no service, no colours. */
export function environmentOf(added) {
    const kept = Object.entries(process.env).filter(([name]) => !/^(AWS_|SAGEMAKER_ASYNC_|npm_|INIT_CWD|FORCE_COLOR|CI$|PULUMI)/.test(name));
    const plain = { AWS_EC2_METADATA_DISABLED: "true", AWS_CONFIG_FILE: "/dev/null", AWS_SHARED_CREDENTIALS_FILE: "/dev/null" };
    return { ...Object.fromEntries(kept), ...plain, ...added };
}
/** Starts the command line as its users do: as a process. */
export function start(args, { environment, directory = root, input, script } = {}) {
    const main = script ?? path.join(root, "build/cli/main.js");
    const child = spawn(process.execPath, [main, ...args], { cwd: directory, env: environmentOf(environment) });
    const said = { out: "", err: "" };
    const listeners = new Set();
    child.stdout.on("data", (data) => {
        said.out += data.toString();
        for (const listener of listeners)
            listener();
    });
    child.stderr.on("data", (data) => {
        said.err += data.toString();
        for (const listener of listeners)
            listener();
    });
    // A command that ends before it has read everything.
    child.stdin.on("error", () => undefined);
    child.stdin.end(input);
    const ended = new Promise((resolve, reject) => {
        child.on("error", reject);
        child.on("close", (code) => resolve({ code, ...said }));
    });
    return {
        ended,
        signal: (signal) => void child.kill(signal),
        said: (text) => new Promise((resolve, reject) => {
            const listener = () => {
                if (!said.out.includes(text) && !said.err.includes(text))
                    return;
                listeners.delete(listener);
                resolve();
            };
            listeners.add(listener);
            listener();
            void ended.then(({ code, err }) => reject(new Error(`ended with ${code} before it said ${JSON.stringify(text)}: ${err}`)));
        }),
    };
}
/** Runs the command line to its end. */
export function run(args, options = {}) {
    return start(args, options).ended;
}
/** The objects that `--json` printed, one a line. */
export function lines(out) {
    return out
        .split("\n")
        .filter((line) => line !== "")
        .map((line) => JSON.parse(line));
}
/** A temporary folder and how to remove it. */
export function temporaryFolder() {
    const folder = mkdtempSync(path.join(tmpdir(), "sagemaker-async-cli-"));
    return { path: folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}
/**
 * Puts a stand-in for the Pulumi CLI into a folder, for the PATH.
 *
 * @param body of a Node program that has `args` and answers as Pulumi would
 */
export function standInForPulumi(folder, body) {
    const file = path.join(folder, "pulumi");
    writeFileSync(file, `#!${process.execPath}\nconst args = process.argv.slice(2);\n${body}\n`);
    chmodSync(file, 0o755);
}
