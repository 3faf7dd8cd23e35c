import { Listr, ListrLogger, ProcessOutput } from "listr2";
import { isTerminal, readInferenceId, type JobState } from "../../core/records/job";
import type { Input } from "./jobRunner";
import type { CloudEvent } from "../ports";

/** What is known of a job while it runs: its state, or that the model has begun. */
type Progress = JobState | "RUNNING";

/** How jobs move, from what their runner and the cloud tell. */
export class JobProgress {
  private readonly known = new Map<string, { name: string; progress: Progress }>();
  private show: (line: string, tally: string) => void = () => undefined;

  readonly onJob = (jobId: string, input: Input): void => {
    this.known.set(jobId, { name: input.name, progress: "ACCEPTED" });
  };

  readonly onChange = (jobId: string, progress: Progress): void => {
    const job = this.known.get(jobId);
    // The cloud tells that a model has begun before the submission is answered.
    if (!job || job.progress === progress || isEnd(job.progress) || (job.progress === "RUNNING" && !isEnd(progress))) return;
    job.progress = progress;
    this.show(`${job.name}: ${words[progress]}`, this.tally());
  };

  /** Whose model has begun: the embedded cloud tells, on AWS nobody would. */
  readonly onCloudEvent = (event: CloudEvent): void => {
    if (event.kind !== "invocation" || event.change !== "started") return;
    const attempt = readInferenceId(event.inferenceId);
    if (attempt) this.onChange(attempt.jobId, "RUNNING");
  };

  /** Shows jobs while `run` runs: a live list on a terminal, a line for each change anywhere else, nothing without a stream. */
  async during<Result>(stream: NodeJS.WriteStream | undefined, run: () => Promise<Result>): Promise<Result> {
    if (stream === undefined) return run();
    if (!stream.isTTY || process.env["CI"]) {
      stream.write("Running jobs\n");
      this.show = (line) => stream.write(`  ${line}\n`);
      return run();
    }
    let result: Result | undefined;
    const list = new Listr(
      [
        {
          title: "Running jobs",
          task: async (_context, task) => {
            this.show = (line, tally) => {
              task.output = line;
              task.title = `Running jobs: ${tally}`;
            };
            result = await run();
            task.title = `Jobs ended: ${this.tally()}`;
          },
          rendererOptions: { outputBar: Math.max(5, stream.rows - 5) },
        },
      ],
      {
        registerSignalListeners: false,
        rendererOptions: {
          collapseErrors: false,
          showErrorMessage: false,
          logger: new ListrLogger({ useIcons: true, toStderr: [], processOutput: new ProcessOutput(stream, stream) }),
        },
      },
    );
    await list.run();
    return result as Result;
  }

  private tally(): string {
    const counts = new Map<Progress, number>();
    for (const { progress } of this.known.values()) counts.set(progress, (counts.get(progress) ?? 0) + 1);
    return [...counts].map(([progress, count]) => `${count} ${words[progress]}`).join(", ");
  }
}

const words: Readonly<Record<Progress, string>> = {
  ACCEPTED: "accepted",
  INVOKING: "being submitted",
  SUBMITTED: "submitted",
  RUNNING: "running",
  COMPLETED: "completed",
  FAILED: "failed",
  EXPIRED: "expired",
  CANCELLED: "cancelled",
};

function isEnd(progress: Progress): boolean {
  return progress !== "RUNNING" && isTerminal(progress);
}
