import { fork } from "node:child_process";
import { once } from "node:events";

/** What a process measured, besides its memory. */
export interface WorkerReport {
  /** The most that the process had in memory, in bytes. */
  peakBytes: number;
}

/**
 * Runs a file of this folder in a process of its own, so that its memory is its alone.
 *
 * @param onStep called when the process says that it has come so far
 * @param execArgv options of its Node. @default none
 */
export async function work<Report>(
  file: string,
  task: object,
  onStep: () => Promise<void> = async () => undefined,
  execArgv: readonly string[] = [],
): Promise<Report & WorkerReport> {
  const child = fork(file, { execArgv: [...execArgv], stdio: ["ignore", "inherit", "inherit", "ipc"] });
  child.send(task);
  let report: (Report & WorkerReport) | undefined;
  let step: Promise<void> | undefined;
  child.on("message", (message: { step: true } | { report: Report & WorkerReport }) => {
    if ("report" in message) report = message.report;
    else step = onStep().then(() => void child.send({ go: true }));
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  await step;
  if (report === undefined) throw new Error(`${file} ended with exit code ${exitCode} before it reported`);
  return report;
}

/** In the process: does what it was started for, and reports. @param run is given how to say that it has come so far, and wait for the answer */
export function report<Task, Report extends object>(run: (task: Task, step: () => Promise<void>) => Promise<Report>): void {
  const step = async () => {
    process.send?.({ step: true });
    await once(process, "message");
  };
  // Not the system's own mark, in which a new process has inherited its parent's memory.
  let peakBytes = 0;
  setInterval(() => (peakBytes = Math.max(peakBytes, process.memoryUsage.rss())), 20).unref();
  const started = once(process, "message").then(([task]) => run(task as Task, step));
  started.then(
    (found) => {
      process.send?.({ report: { ...found, peakBytes } }, () => process.exit(0));
    },
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
