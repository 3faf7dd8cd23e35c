import { execFile, execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "./stacks";
const run = promisify(execFile);
/** Interpreter for the environments; the toolkits need one up to Python 3.11. */
const python = process.env["PYTHON"] ?? "python3";
/** What this machine has. */
export function tools() {
    const answers = (command, option) => {
        try {
            execFileSync(command, [option], { stdio: "ignore" });
            return true;
        }
        catch {
            return false;
        }
    };
    return { python: answers(python, "--version"), java: answers("java", "-version") };
}
/**
 * Installs a file of requirements into an environment of its own under build/servers, once for each content.
 *
 * @returns the environment's interpreter
 * @throws Error with what pip printed
 */
export async function install(requirements) {
    const file = path.join(root, "servers/requirements", requirements);
    const hash = createHash("sha256").update(readFileSync(file)).digest("hex").slice(0, 12);
    const folder = path.join(root, "build/servers/environments", `${path.parse(requirements).name}-${hash}`);
    const interpreter = path.join(folder, "bin/python");
    const complete = path.join(folder, "complete");
    if (existsSync(complete))
        return interpreter;
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(path.dirname(folder), { recursive: true });
    await run(python, ["-m", "venv", folder]);
    await run(interpreter, ["-m", "pip", "install", "--quiet", "--no-compile", "--requirement", file], { maxBuffer: 2 ** 24 });
    writeFileSync(complete, "");
    return interpreter;
}
