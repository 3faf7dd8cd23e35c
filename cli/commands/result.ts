import { Argument, Option, type Command } from "commander";
import { readContent } from "../../core/messages/content";
import type { AsyncInferenceError } from "../../client";
import { codedError } from "../../core/records/errors";
import type { JobState } from "../../core/records/job";
import { exactJson } from "../exactJson";
import { exitCodes, type ExitCode } from "../exitCodes";
import { collectBatch } from "../batchResults";
import { failure, UsageError } from "../failure";
import { jobId, since, type Since } from "../options";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { TargetOptions } from "../target";

interface ResultOptions extends TargetOptions {
  output?: string;
  batch?: string;
  since: Since;
}

/** `sagemaker-async result` */
export function addResult(program: Command, session: Session): Command {
  const command = addCommand(program, "result", "Print the result of a completed job as it is, or write it to a file. Does not wait.", [
    "sagemaker-async result order-17 --stack dev",
    "sagemaker-async result order-17 --stack dev --output page.json",
    "sagemaker-async result order-17 --stack dev --json | jq .data",
    "sagemaker-async result --batch scans-2026 --output results --stack dev",
  ])
    .addArgument(new Argument("[job]", "job id").argParser(jobId))
    .option("-o, --output <file>", "write it there: whole, or not at all; with --batch the folder for all of them")
    .option("--batch <id>", "the results of all jobs of a batch")
    .addOption(new Option("--since <time>", "of a batch: its jobs accepted since").argParser(since).default(since("7d"), "7d"));
  return addCommonOptions(command, { target: true }).action(async (id: string | undefined, options: ResultOptions) => {
    const { batch, output: directory } = options;
    if ((id === undefined) === (batch === undefined)) {
      throw new UsageError(`got ${id === undefined ? "neither" : "both"} of a job's id and --batch: give one of them`);
    }
    if (batch !== undefined && directory === undefined) throw new UsageError("--batch needs --output DIR: the folder for its results");
    await withService(session, options, async (service) => {
      const { client, target } = service;
      if (batch !== undefined && directory !== undefined) {
        const from = await options.since(async () => (await client()).serviceTime());
        return collectBatch(session, service, batch, directory, from);
      }
      if (id === undefined) return;
      const { output, signal } = session;
      const job = (await client()).job(id);
      const { ended, state } = await job.status({ signal });
      if (!ended) {
        throw failure(
          "NOT_FOUND",
          `${id} has no result yet: it is ${state}.`,
          `Wait for it: ${session.invokedAs} wait ${id} ${target.written}`.trimEnd(),
        );
      }
      if (options.output !== undefined) {
        const result = await job.result({ toFile: options.output, signal });
        if (!result.success) return endedBadly(session, id, state, result.error);
        const report = { jobId: id, file: result.data.path, bytes: result.data.bytes, contentType: result.data.contentType };
        output.show(report, () => `${report.file}: ${report.bytes} bytes of ${report.contentType ?? "unknown content"}`);
        return exitCodes.done;
      }
      const result = await job.result({ as: "bytes", signal });
      if (!result.success) return endedBadly(session, id, state, result.error);
      if (output.json) {
        const { jobId, contentType } = result;
        output.show({ jobId, ...(contentType !== undefined && { contentType }), ...shownData(result.data, contentType) }, () => "");
        return exitCodes.done;
      }
      await output.raw(result.data);
      // A prompt should not follow the result's last character; a pipe gets the result and nothing else.
      if (output.isTerminal && result.data.at(-1) !== 0x0a) await output.raw("\n");
      return exitCodes.done;
    });
  });
}

/** What there is instead of a result. */
function endedBadly({ output }: Session, jobId: string, state: JobState, error: AsyncInferenceError): ExitCode {
  const { code, message, advice } = error;
  output.error(codedError(code, `${jobId} has no result: it is ${state} with ${code}: ${message}`, { advice }), { jobId });
  // Whatever the job's code: reading its result was not refused.
  return exitCodes.failed;
}

/** A result inside a JSON document: `data` for JSON, with its own digits, and text, `dataBase64` for other bytes. */
export function shownData(bytes: Uint8Array, contentType: string | undefined): { data: unknown } | { dataBase64: string } {
  const content = readContent(bytes, contentType);
  const shown = content.kind === "json" ? exactJson(Buffer.from(bytes).toString()) : content.kind === "text" ? content : undefined;
  return shown === undefined ? { dataBase64: Buffer.from(bytes).toString("base64") } : { data: shown.value };
}
