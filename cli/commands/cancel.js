import { Argument } from "commander";
import { exitCodes } from "../exitCodes";
import { jobId } from "../options";
import { addCommand, addCommonOptions, withService } from "../session";
/** `sagemaker-async cancel` */
export function addCancel(program, session) {
  const command = addCommand(
    program,
    "cancel",
    "Cancel a job. What the endpoint has taken already computes on, and its result is dropped. Exit code 1 when the job had ended before.",
    ["sagemaker-async cancel order-17 --stack dev"],
  ).addArgument(new Argument("<job>", "job id").argParser(jobId));
  return addCommonOptions(command, { target: true }).action(async (job, options) => {
    await withService(session, options, async ({ client }) => {
      const outcome = await (await client()).job(job).cancel();
      session.output.show(outcome, (paint) => {
        const mark = outcome.cancelled ? paint("green", "✔") : paint("yellow", "–");
        const words = session.output.fit(`${outcome.jobId}: ${outcome.message}`, 2).slice(2 + outcome.jobId.length);
        return `${mark} ${paint("bold", outcome.jobId)}${words}`;
      });
      return outcome.cancelled ? exitCodes.done : exitCodes.failed;
    });
  });
}
