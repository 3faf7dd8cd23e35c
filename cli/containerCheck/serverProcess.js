import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
/** Multi Model Server takes no port above; ephemeral ones are. */
const ports = { least: 10_000, most: 32_000 };
const keptLines = 12;
/** How long the last lines of a killed server may take to arrive. */
const streamGraceMilliseconds = 1000;
/** Groups that run: none of them outlives this process. */
const groups = new Set();
process.on("exit", () => {
  for (const group of groups) signalGroup(group, "SIGKILL");
});
/** Ends the group when descriptor 3 is closed, which the kernel does even for a parent that was killed. */
const endWithParent = "(read -r _ <&3; kill -KILL 0) >/dev/null 2>&1 & exec 3<&-\n";
/**
 * Starts a server as the embedded cloud does: in a shell, in a process group of its own, with its port in `PORT` and
 * `SAGEMAKER_BIND_TO_PORT`.
 *
 * @param environment wins over this process's
 */
export async function startServer(command, environment) {
  const port = await freePort();
  const child = spawn(endWithParent + command, {
    // A shell, because many servers take their port as an argument: `serve --port $PORT`.
    shell: true,
    detached: true,
    env: { ...environment, PORT: String(port), SAGEMAKER_BIND_TO_PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
  });
  const group = child.pid;
  if (group !== undefined) groups.add(group);
  const lines = [];
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    });
  }
  let end;
  const exited = new Promise((resolve) => {
    const over = (words) => resolve((end ??= words));
    child.once("error", (error) => over(`could not be started: ${error.message}`));
    child.once("exit", (code, by) => over(by ? `ended by ${by}` : `ended with exit code ${code}`));
  });
  // A server that ended by itself takes along what it has started.
  child.once("exit", () => child.stdio[3]?.destroy());
  const gone = new Promise((resolve) => {
    child.once("error", () => resolve());
    child.once("close", () => resolve());
  });
  void gone.then(() => {
    if (group !== undefined) groups.delete(group);
  });
  return {
    port,
    group,
    lines: () => lines,
    ended: () => end,
    exited,
    gone,
    terminate: () => {
      if (group !== undefined) signalGroup(group, "SIGTERM");
    },
    async kill() {
      if (group !== undefined) signalGroup(group, "SIGKILL");
      // A child that left the group may hold the streams open; it is not waited for.
      await Promise.race([gone, exited.then(() => sleep(streamGraceMilliseconds, undefined, { ref: false }))]);
      for (const stream of [child.stdout, child.stderr]) stream.destroy();
    },
  };
}
async function freePort() {
  for (;;) {
    const port = ports.least + Math.floor(Math.random() * (ports.most - ports.least));
    if (await isFree(port)) return port;
  }
}
function isFree(port) {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, () => server.close(() => resolve(true)));
  });
}
function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
  } catch (error) {
    // It has ended already. (macOS says EPERM while the ended ones have not been collected.)
    if (!["ESRCH", "EPERM"].includes(error.code ?? "")) throw error;
  }
}
