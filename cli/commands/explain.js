import { Argument } from "commander";
import { exitCodes } from "../exitCodes";
import { failure, isNobodyThere, nobodyAnswers } from "../failure";
import { jobId } from "../options";
import { facts, printable } from "../output";
import { addCommand, addCommonOptions, withService } from "../session";
import { stateStyle } from "../states";
/** `sagemaker-async explain` */
export function addExplain(program, session) {
  const command = addCommand(
    program,
    "explain",
    "Say where a job is and why, since when, what happens next, and what you can do. Looks at record, S3, endpoint, backlog, alarms and logs.",
    ["sagemaker-async explain order-17 --stack dev", "sagemaker-async explain order-17 --stack dev --json"],
  ).addArgument(new Argument("<job>", "job id").argParser(jobId));
  return addCommonOptions(command, { target: true }).action(async (job, options) => {
    await withService(session, options, async ({ client, target }) => {
      const explanation = await (await client()).job(job).explain({ signal: session.signal });
      const unread = unreadRecord(explanation);
      const gone = unread !== undefined && isNobodyThere(unread.reason) ? nobodyAnswers(target) : undefined;
      if (gone !== undefined) throw failure(gone.code, gone.message, gone.advice);
      session.output.show(explanation, (paint) => renderExplanation(explanation, paint, session.output));
      if (unread !== undefined) return unread.credentials || unread.statement ? exitCodes.access : exitCodes.failed;
      return explanation.situation === "unknown-job" ? exitCodes.failed : exitCodes.done;
    });
  });
}
/** Why nobody has seen the job's record; undefined when somebody has, or there is none. */
function unreadRecord({ facts: { unknown } }) {
  return unknown?.find(({ source }) => source === "record");
}
function renderExplanation({ jobId, state, situation, summary, why, since, next, nextAt, whatYouCanDo }, paint, output) {
  const lines = facts(
    [
      ["why", why],
      ["since", since],
      ["next", nextAt === undefined || next.includes(nextAt) ? next : `${next} (${nextAt})`],
      ["you can", whatYouCanDo.join("\n")],
    ],
    paint,
    output.columns,
  );
  return `${paint("bold", jobId)}  ${paint(stateStyle(state), state)}  ${paint("dim", situation)}\n${output.fit(printable(summary), 2)}\n${lines}`;
}
