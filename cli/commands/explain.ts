import { Argument, type Command } from "commander";
import type { Explanation } from "../../client";
import { jobId } from "../options";
import { facts, printable, type Paint } from "../output";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import { stateStyle } from "../states";
import type { TargetOptions } from "../target";

/** `sagemaker-async explain` */
export function addExplain(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "explain",
    "Say where a job is and why, since when, what happens next, and what you can do. Looks at record, S3, endpoint, backlog, alarms and logs.",
    ["sagemaker-async explain order-17 --stack dev", "sagemaker-async explain order-17 --stack dev --json"],
  ).addArgument(new Argument("<job>", "job id").argParser(jobId));
  return addCommonOptions(command, { target: true }).action(async (job: string, options: TargetOptions) => {
    await withService(session, options, async ({ client }) => {
      const explanation = await (await client()).job(job).explain();
      session.output.show(explanation, (paint) => renderExplanation(explanation, paint));
    });
  });
}

function renderExplanation(
  { jobId, state, situation, summary, why, since, next, nextAt, whatYouCanDo }: Explanation,
  paint: Paint,
): string {
  const lines = facts(
    [
      ["why", why],
      ["since", since],
      ["next", nextAt === undefined ? next : `${next} (${nextAt})`],
      ["you can", whatYouCanDo.join("\n")],
    ],
    paint,
  );
  return `${paint("bold", jobId)}  ${paint(stateStyle(state), state)}  ${paint("dim", situation)}\n  ${printable(summary)}\n${lines}`;
}
