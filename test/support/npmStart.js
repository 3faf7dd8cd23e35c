import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../doubles/program";
let ran;
/** Runs `npm start --silent -- --json`, once per process: it deploys the whole program, and reads every page. */
export function npmStart() {
    return (ran ??= run());
}
async function run() {
    const temporary = await mkdtemp(join(tmpdir(), "npm-start-"));
    const child = spawn("npm", ["start", "--silent", "--", "--json"], { cwd: root, env: { ...process.env, TMPDIR: temporary } });
    const written = { out: "", err: "" };
    child.stdout.on("data", (chunk) => (written.out += chunk.toString()));
    child.stderr.on("data", (chunk) => (written.err += chunk.toString()));
    const [exitCode] = (await once(child, "close"));
    const left = await readdir(temporary);
    await rm(temporary, { recursive: true });
    return { exitCode, ...written, left };
}
