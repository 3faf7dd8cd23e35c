import { setTimeout as pause } from "node:timers/promises";
import type { FilteredLogEvent } from "@aws-sdk/client-cloudwatch-logs";
import { Option, type Command } from "commander";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { AwsSettings } from "../aws";
import { logGroupOf, serviceFunctions } from "../logGroups";
import { since, type Since } from "../options";
import { printable } from "../output";
import { requirePackages } from "../optionalPackages";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { TargetOptions } from "../target";

interface LogsOptions extends TargetOptions {
  follow?: boolean;
  source: string;
  since: Since;
  filter?: string;
}

/** FilterLogEvents allows a handful of calls per second and account. */
const pollMilliseconds = 2000;

/** Events of one stream arrive out of order by a little; a repeated look this far back finds them. */
const overlapMilliseconds = 10_000;

/** `sagemaker-async logs` */
export function addLogs(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "logs",
    "Show what the model's container, one of the service's functions, or a handler of yours printed.",
    [
      "sagemaker-async logs --stack dev --since 15m",
      "sagemaker-async logs --stack dev --follow",
      "sagemaker-async logs --stack dev --source result --filter ACCESS_DENIED",
      "sagemaker-async logs --stack dev --source store --follow",
    ],
  )
    .option("-f, --follow", "go on until Ctrl-C")
    .addOption(
      new Option(
        "--source <name>",
        `whose log: model, ${serviceFunctions.join(", ")}, webhook-NAME, or a handler's, by the name it was given`,
      ).default("model"),
    )
    .addOption(new Option("--since <time>", "a span or a time").argParser(since).default(since("1h"), "1h"))
    .option("--filter <pattern>", "a CloudWatch Logs filter pattern, such as a job id in double quotes");
  return addCommonOptions(command, { target: true }).action(async (options: LogsOptions) => {
    requirePackages("logs", ["@aws-sdk/client-cloudwatch-logs"]);
    await withService(session, options, async ({ target, aws, client }) => {
      const from = await options.since(async () => (await client()).serviceTime());
      return showLogs(session, { ...options, from }, target.outputs, aws);
    });
  });
}

async function showLogs(
  session: Session,
  options: LogsOptions & { from: Date },
  outputs: AsyncInferenceOutputs,
  aws: AwsSettings,
): Promise<void> {
  const { output, signal } = session;
  const logGroupName = await logGroupOf(options.source, outputs, aws);
  const { CloudWatchLogsClient, paginateFilterLogEvents } = await import("@aws-sdk/client-cloudwatch-logs");
  const client = new CloudWatchLogsClient(aws);
  const seen = new Map<string, number>();
  let startTime = options.from.getTime();

  /** Shows what is new. */
  const show = async () => {
    const query = { logGroupName, startTime, ...(options.filter !== undefined && { filterPattern: options.filter }) };
    let newest = startTime;
    for await (const { events = [] } of paginateFilterLogEvents({ client }, query)) {
      for (const event of events) {
        const { eventId = "", timestamp = 0 } = event;
        newest = Math.max(newest, timestamp);
        if (seen.has(eventId)) continue;
        seen.set(eventId, timestamp);
        showEvent(session, event);
      }
    }
    startTime = Math.max(startTime, newest - overlapMilliseconds);
    for (const [eventId, timestamp] of seen) if (timestamp < startTime) seen.delete(eventId);
  };

  try {
    if (!(await exists(show))) output.note(`${logGroupName} does not exist yet: nothing was printed so far.`);
    else if (seen.size === 0 && !options.follow) output.note(`Nothing in ${logGroupName} since ${options.from.toISOString()}.`);
    while (options.follow && !signal.aborted) {
      await pause(pollMilliseconds, undefined, { signal }).catch(() => undefined);
      if (!signal.aborted) await exists(show);
    }
  } finally {
    client.destroy();
  }
}

/** A container's log group comes into being with its first line. */
async function exists(show: () => Promise<void>): Promise<boolean> {
  try {
    await show();
    return true;
  } catch (error) {
    if ((error as Error).name === "ResourceNotFoundException") return false;
    throw error;
  }
}

function showEvent({ output }: Session, { timestamp = 0, logStreamName = "", message = "" }: FilteredLogEvent): void {
  const time = new Date(timestamp).toISOString();
  const text = printable(message).trimEnd();
  output.show({ time, stream: logStreamName, message: text }, (paint) => `${paint("dim", time)} ${text}`);
}
