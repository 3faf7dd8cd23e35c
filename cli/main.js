#!/usr/bin/env node
import { version } from "../client/version";
import { exitCodes } from "./exitCodes";
import { run } from "./program";
async function main() {
  const { npm_lifecycle_event: script, INIT_CWD: folder } = process.env;
  // `npm run cli` runs in the repository's folder; paths are meant from where its user is.
  if (script === "cli" && folder !== undefined) process.chdir(folder);
  const interrupted = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => interrupted.abort());
  for (const stream of [process.stdout, process.stderr]) {
    // `… | head` is no error, but nobody reads on.
    stream.on("error", () => process.exit(exitCodes.done));
  }
  process.exitCode = await run(process.argv.slice(2), process, interrupted.signal, version);
}
void main();
