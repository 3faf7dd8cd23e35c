import { Command, CommanderError } from "commander";
import { codedError } from "../core/records/errors";
import { addBatch } from "./commands/batch";
import { addCancel } from "./commands/cancel";
import { addCheckContainer } from "./commands/checkContainer";
import { addCompare } from "./commands/compare";
import { addCost } from "./commands/cost";
import { addDeploy } from "./commands/deploy";
import { addDoctor } from "./commands/doctor";
import { addEndpoint } from "./commands/endpoint";
import { addExplain } from "./commands/explain";
import { addInit } from "./commands/init";
import { addList } from "./commands/list";
import { addLocal } from "./commands/local";
import { addLogs } from "./commands/logs";
import { addPlan } from "./commands/plan";
import { addPromote } from "./commands/promote";
import { addRedrive } from "./commands/redrive";
import { addResult } from "./commands/result";
import { addSmoke } from "./commands/smoke";
import { addStatus } from "./commands/status";
import { addSubmit } from "./commands/submit";
import { addUi } from "./commands/ui";
import { addSubscribe } from "./commands/subscribe";
import { addWait } from "./commands/wait";
import { exitCodeOf, exitCodes, type ExitCode } from "./exitCodes";
import { UsageError } from "./failure";
import { invokedAs } from "./invokedAs";
import { Output, type Streams } from "./output";
import { codedIn, type Session } from "./session";

/** The name that users type. */
export const programName = "sagemaker-async";

/** Exit codes as help shows them. */
const exitCodesText = `
Exit codes:
  0    done; a query that could be answered is done, whatever it says of a job
  1    a job failed, a needed check did not pass, two results differ, or any other error
  2    the command line is wrong, or a file that it names can't be read
  3    the wait ended before the job did: it goes on; or no plan meets the goal
  4    credentials are missing, or may not do what was asked
  130  Ctrl-C before the end; submitted jobs and batches go on. What runs until Ctrl-C ends with 0: ui, local,
       logs --follow, and --watch of list and endpoint`;

/** The whole command line. */
export function createProgram(session: Session, version: string, streams: Streams = process): Command {
  const program = new Command(programName)
    .description("Submit jobs to an asynchronous inference service on SageMaker, follow them, and look after the service.")
    .version(version)
    .exitOverride()
    // Commands below a command have options of the same names: what stands behind a command's name is that command's.
    .enablePositionalOptions()
    .helpCommand("help [command]", "show the help of a command")
    .addHelpText("after", exitCodesText)
    .configureOutput({
      writeOut: (text) => void streams.stdout.write(text),
      writeErr: (text) => void streams.stderr.write(text),
      outputError: (text, write) => {
        if (session.output.json) session.output.error(codedError("BAD_INPUT", text.replace(/^error: /, "").trim(), { advice: "" }));
        else write(text);
      },
    });
  const adders = [
    ["Jobs:", [addSubmit, addStatus, addWait, addExplain, addList, addResult, addBatch, addCancel]],
    ["The service:", [addUi, addEndpoint, addCost, addLogs, addSubscribe, addRedrive, addCompare, addSmoke]],
    ["Deploying:", [addInit, addCheckContainer, addPlan, addDoctor, addDeploy, addPromote, addLocal]],
  ] as const;
  if (!session.output.json) program.showHelpAfterError(`(${session.invokedAs} --help shows the commands)`);
  for (const [group, commands] of adders) {
    program.commandsGroup(group);
    for (const add of commands) {
      const command = add(program, session);
      if (!session.output.json) command.showHelpAfterError(`(${session.invokedAs} ${command.name()} --help shows what it takes)`);
    }
  }
  return program;
}

/** Options of most commands that people also write before the command, as with many tools; commander takes them after it. */
const early: Readonly<Record<string, "value" | "flag">> = {
  "--stack": "value",
  "--outputs": "value",
  "--endpoint-url": "value",
  "--json": "flag",
};

/** Moves what was written before the command behind it. */
function commandFirst(argv: readonly string[]): string[] {
  let count = 0;
  for (let argument = argv[count]; argument !== undefined; argument = argv[count]) {
    const [name = "", inline] = argument.split("=", 2);
    const kind = Object.hasOwn(early, name) ? early[name] : undefined;
    if (kind === undefined) break;
    count += kind === "value" && inline === undefined ? 2 : 1;
  }
  const [command, ...rest] = argv.slice(count);
  return command === undefined ? [...argv] : [command, ...argv.slice(0, count), ...rest];
}

/** The line, or of help about a command that is not there that command alone: commander would show the general help. */
function helpAsked(program: Command, argv: readonly string[]): readonly string[] {
  const [help, topic] = argv;
  if (help !== "help" || topic === undefined || topic === "help" || topic.startsWith("-")) return argv;
  return program.commands.some((command) => command.name() === topic) ? argv : [topic];
}

/**
 * Runs one command line.
 *
 * @param argv without interpreter and script
 */
export async function run(argv: readonly string[], streams: Streams, signal: AbortSignal, version: string): Promise<ExitCode> {
  const output = new Output(argv.includes("--json"), streams);
  const invoked = invokedAs(process.env, process.argv[1]);
  const session: Session = { output, environment: process.env, signal, exitCode: exitCodes.done, invokedAs: invoked };
  try {
    const program = createProgram(session, version, streams);
    await program.parseAsync(helpAsked(program, commandFirst(argv)), { from: "user" });
    return session.exitCode;
  } catch (error) {
    // Commander has said what is wrong, or shown the help.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    if (error instanceof UsageError) {
      output.error(codedError("BAD_INPUT", error.message, { advice: error.advice }));
      return exitCodes.usage;
    }
    const coded = codedIn(session, error);
    output.error(coded);
    return exitCodeOf(coded.code);
  }
}
