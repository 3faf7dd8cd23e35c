import { Command, Option } from "commander";
import type { SageMakerAsyncClient } from "../client";
import { awsSettings, loopbackCredentials, type AwsSettings } from "./aws";
import { exitCodes, type ExitCode } from "./exitCodes";
import type { Output } from "./output";
import { addTargetOptions, findTarget, type Target, type TargetOptions } from "./target";

/** One run of the command line: what its commands need of the process. */
export interface Session {
  output: Output;
  environment: NodeJS.ProcessEnv;
  /** Aborted by Ctrl-C. A command that listens ends by itself. */
  signal: AbortSignal;
  /** How the command ended. */
  exitCode: ExitCode;
}

/** A command that talks to a deployed service. */
export interface Service {
  target: Target;
  /** The client, made when it is first asked for. */
  client: () => Promise<SageMakerAsyncClient>;
  /** Settings of further SDK clients. */
  aws: AwsSettings;
}

/** Starts a command: description, `--json`, and examples below its help. */
export function addCommand(program: Command, usage: string, description: string, examples: readonly string[]): Command {
  return program
    .command(usage)
    .description(description)
    .addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ ${example}`).join("\n")}`);
}

/** Ends a command: the options that every one has. */
export function addCommonOptions(command: Command, { target }: { target: boolean }): Command {
  if (target) addTargetOptions(command);
  return command.optionsGroup("Form:").addOption(new Option("--json", "one JSON object a line, errors included"));
}

/** Runs `work` with the service that the options name, and closes the client behind it. */
export async function withService(
  session: Session,
  options: TargetOptions,
  work: (service: Service) => Promise<ExitCode | void>,
): Promise<void> {
  const target = await findTarget(options, session.environment);
  let made: Promise<SageMakerAsyncClient> | undefined;
  const client = () => (made ??= makeClient(target, session.environment));
  try {
    session.exitCode = (await work({ target, client, aws: awsSettings(target, session.environment) })) ?? exitCodes.done;
  } finally {
    await (await made)?.close();
  }
}

async function makeClient({ outputs, endpointUrl }: Target, environment: NodeJS.ProcessEnv): Promise<SageMakerAsyncClient> {
  // Help and usage errors should not wait for the SDK.
  const { SageMakerAsyncClient } = await import("../client/index.js");
  const credentials = loopbackCredentials(endpointUrl, environment);
  return SageMakerAsyncClient.fromStackOutputs(outputs, {
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(credentials !== undefined && { credentials }),
  });
}
