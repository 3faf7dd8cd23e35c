import { Argument, Option, type Command } from "commander";
import { defaultWaitSeconds, Following } from "../following";
import { integer, jobIds } from "../options";
import { makeOutputFolder } from "../outputFolder";
import { addCommand, addCommonOptions, withService, type Session } from "../session";
import type { TargetOptions } from "../target";

interface WaitCommandOptions extends TargetOptions {
  timeout: number;
  displayResults?: boolean;
  output?: string;
}

/** `sagemaker-async wait` */
export function addWait(program: Command, session: Session): Command {
  const command = addCommand(program, "wait", "Wait until jobs have ended. Ctrl-C ends the wait only; the jobs go on.", [
    "sagemaker-async wait order-17 order-18 --stack dev",
    "sagemaker-async wait order-17 --timeout 60 --display-results --stack dev",
  ])
    .addArgument(new Argument("<job...>", "job ids").argParser(jobIds))
    .addOption(new Option("--timeout <seconds>", "how long to wait").argParser(integer(1, 604_800)).default(defaultWaitSeconds))
    .option("--display-results", "print each result")
    .option("--output <dir>", "write each result there, named after its job");
  return addCommonOptions(command, { target: true }).action(async (jobs: string[], options: WaitCommandOptions) => {
    await withService(session, options, async ({ client }) => {
      const { timeout: timeoutSeconds, displayResults, output } = options;
      if (output !== undefined) await makeOutputFolder(output);
      const following = new Following(session, {
        timeoutSeconds,
        ...(displayResults && { displayResults }),
        ...(output !== undefined && { output }),
      });
      const service = await client();
      return following.during(async () => {
        await Promise.all([...new Set(jobs)].map((id) => following.follow({ job: service.job(id) })));
      });
    });
  });
}
