#!/usr/bin/env node
import { version } from "../client/version";
import { provideHome } from "./home";
import { run } from "./program";
import { exitWhenCut, standardOutput } from "./standardOutput";

async function main(): Promise<void> {
  provideHome(process.env);
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  // `npm run cli` runs in the repository's folder; paths are meant from where its user is.
  if (script === "cli" && folder !== undefined) process.chdir(folder);
  const interrupted = new AbortController();
  const signals = ["SIGINT", "SIGTERM"] as const;
  const abort = () => interrupted.abort();
  for (const signal of signals) process.on(signal, abort);
  const streams = { stdout: standardOutput(), stderr: process.stderr };
  exitWhenCut(streams);
  process.exitCode = await run(process.argv.slice(2), streams, interrupted.signal, version);
  // Nobody listens any more: what is left under way must not outlive a signal.
  for (const signal of signals) process.off(signal, abort);
}

void main();
