import { createInterface } from "node:readline";
import { freePort } from "../../processes/ports";
import { startProcessTree, type ProcessTree } from "../../processes/processTree";

/** A model server that was started here, with all that it has started itself. */
export interface ServerProcess extends Omit<ProcessTree, "stdout" | "stderr"> {
  port: number;
  /** The last lines that it printed. */
  lines(): readonly string[];
}

const keptLines = 12;

/**
 * Starts a server as the embedded cloud does: in a shell, because many take their port as an argument, with its port in `PORT` and
 * `SAGEMAKER_BIND_TO_PORT`.
 *
 * @param environment wins over this process's
 */
export async function startServer(command: string, environment: NodeJS.ProcessEnv): Promise<ServerProcess> {
  const port = await freePort();
  const { stdout, stderr, ...tree } = startProcessTree(command, {
    env: { ...environment, PORT: String(port), SAGEMAKER_BIND_TO_PORT: String(port) },
  });
  const lines: string[] = [];
  for (const stream of [stdout, stderr]) {
    createInterface({ input: stream }).on("line", (line) => {
      lines.push(line);
      if (lines.length > keptLines) lines.shift();
    });
  }
  return { ...tree, port, lines: () => lines };
}
