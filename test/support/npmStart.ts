import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../doubles/program";

/** What a command printed, and which files it left among the temporary ones. */
interface Ran {
  exitCode: number | null;
  out: string;
  err: string;
  left: string[];
}

let ran: Promise<Ran> | undefined;

/** Runs `npm start --silent -- --json`, once per process: it deploys the whole program, and reads every page. */
export function npmStart(): Promise<Ran> {
  return (ran ??= run());
}

async function run(): Promise<Ran> {
  const temporary = await mkdtemp(join(tmpdir(), "npm-start-"));
  const child = spawn("npm", ["start", "--silent", "--", "--json"], { cwd: root, env: { ...process.env, TMPDIR: temporary } });
  const written = { out: "", err: "" };
  child.stdout.on("data", (chunk: Buffer) => (written.out += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (written.err += chunk.toString()));
  const [exitCode] = (await once(child, "close")) as [number | null];
  const left = await readdir(temporary);
  await rm(temporary, { recursive: true });
  return { exitCode, ...written, left };
}
