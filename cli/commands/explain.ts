import { Argument, type Command } from "commander";
import type { Explanation } from "../../client";
import type { Unreadable } from "../../client/explain/types";
import { moment, withMoment } from "../../core/duration";
import { isTerminal, type JobState } from "../../core/records/job";
import { exitCodes, type ExitCode } from "../exitCodes";
import { failure, isNobodyThere, nobodyAnswers } from "../failure";
import { jobId } from "../options";
import { facts, oneLine, printable, type Output, type Paint } from "../output";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import { stateStyle } from "../states";
import type { TargetOptions } from "../target";
import { watching, watchOption } from "../watching";

/** What a look found. */
interface Explained {
  explanation: Explanation;
  /** The service's time, in milliseconds since the epoch. */
  now: number;
}

/** A look reads up to a dozen sources, logs among them, of which an account has few reads per second. */
const everyMilliseconds = 5000;

/** `sagemaker-async explain` */
export function addExplain(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "explain",
    "Say where a job is and why, since when, what happens next, and what you can do. Looks at record, S3, endpoint, backlog, alarms and logs.",
    [
      "sagemaker-async explain order-17 --stack dev",
      "sagemaker-async explain order-17 --stack dev --json",
      "sagemaker-async explain order-17 --stack dev --watch",
    ],
  )
    .addArgument(new Argument("<job>", "job id").argParser(jobId))
    .option(watchOption[0], "look again and again until the job has ended; in a pipe a line for each change");
  return addCommonOptions(command, { target: true }).action(async (job: string, options: TargetOptions & { watch?: boolean }) => {
    await withService(session, options, async (service) => {
      if (options.watch) return watchJob(session, service, job);
      const explained = await read(session, service, job);
      session.output.show(explained.explanation, (paint) => renderExplanation(explained, paint, session.output));
      return unansweredCode(explained) ?? exitCodes.done;
    });
  });
}

/** @throws CommandError when nothing answers */
async function read({ signal }: Session, { client, target }: Service, job: string): Promise<Explained> {
  const service = await client();
  const explanation = await service.job(job).explain({ signal });
  const unread = unreadRecord(explanation);
  const gone = unread !== undefined && isNobodyThere(unread.reason) ? nobodyAnswers(target) : undefined;
  if (gone !== undefined) throw failure(gone.code, gone.message, gone.advice, unread?.reason);
  // Of a record that can't be read, no answer may have told the time.
  const now = unread === undefined ? (await service.serviceTime()).getTime() : Date.now();
  return { explanation, now };
}

/** The exit code when there is no job to explain; undefined when there is. */
function unansweredCode({ explanation }: Explained): ExitCode | undefined {
  const unread = unreadRecord(explanation);
  if (unread !== undefined) return unread.credentials || unread.statement ? exitCodes.access : exitCodes.failed;
  return explanation.situation === "unknown-job" ? exitCodes.failed : undefined;
}

async function watchJob(session: Session, service: Service, job: string): Promise<ExitCode> {
  const { output } = session;
  const hasEnded = ({ explanation: { state } }: Explained) => state !== "UNKNOWN" && isTerminal(state satisfies JobState);
  const { seen } = await watching(session, {
    look: () => read(session, service, job),
    isOver: (explained) => hasEnded(explained) || unansweredCode(explained) !== undefined,
    frame: (explained, paint) => renderExplanation(explained, paint, output),
    changes: ({ explanation, now }) => {
      const { state, situation, summary } = explanation;
      const words = [state, situation, oneLine(summary)];
      const line = [new Date(now).toISOString(), ...words].join("\t");
      return [{ key: job, value: words.join(), object: explanation, line }];
    },
    everyMilliseconds,
  });
  if (seen !== undefined && hasEnded(seen)) return seen.explanation.state === "COMPLETED" ? exitCodes.done : exitCodes.failed;
  const unanswered = seen && unansweredCode(seen);
  if (unanswered !== undefined) return unanswered;
  output.note("Interrupted: the job goes on.");
  return exitCodes.interrupted;
}

/** Why nobody has seen the job's record; undefined when somebody has, or there is none. */
function unreadRecord({ facts: { unknown } }: Explanation): Unreadable | undefined {
  return (unknown as Unreadable[] | undefined)?.find(({ source }) => source === "record");
}

function renderExplanation({ explanation, now }: Explained, paint: Paint, output: Output): string {
  const { jobId, state, situation, summary, why, since, next, nextAt, whatYouCanDo } = explanation;
  const lines = facts(
    [
      ["why", why],
      ["since", since && moment(since, now)],
      ["next", nextAt === undefined ? next : withMoment(next, nextAt, now)],
      ["you can", whatYouCanDo.join("\n")],
    ],
    paint,
    output.columns,
  );
  return `${paint("bold", jobId)}  ${paint(stateStyle(state), state)}  ${paint("dim", situation)}\n${output.fit(printable(summary), 2)}\n${lines}`;
}
