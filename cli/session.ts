import { Command, Option } from "commander";
import type { SageMakerAsyncClient } from "../client";
import { awsSettings, loopbackCredentials, type AwsSettings } from "./aws";
import type { CodedError } from "../core/records/errors";
import { exitCodes, type ExitCode } from "./exitCodes";
import { codedFrom } from "./failure";
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
  /** How its user types the command line, as {@link invokedAs} found: hints begin with it. */
  invokedAs: string;
  /** The service that the command talks to, once it was found. */
  target?: Target;
  /** Takes what the client logs. */
  onLog?: (line: Record<string, unknown>) => void;
}

/** Anything thrown as a coded error; with the address, and what names it, when nothing answers there. */
export function codedIn({ target }: Session, thrown: unknown): CodedError {
  return codedFrom(thrown, target);
}

/** A command that talks to a deployed service. */
export interface Service {
  target: Target;
  /** The client, made when it is first asked for. */
  client: () => Promise<SageMakerAsyncClient>;
  /** Settings of further SDK clients. */
  aws: AwsSettings;
}

/**
 * Starts a command: its description, and examples below its help.
 *
 * @param examples as where the command line is on the PATH; shown with `npx`, which works everywhere
 */
export function addCommand(program: Command, usage: string, description: string, examples: readonly string[]): Command {
  const lines = examples.map((example) => `  $ ${example.replace("sagemaker-async ", "npx sagemaker-async ")}`);
  return program
    .command(usage)
    .description(description)
    .addHelpText("after", `\nExamples:\n${lines.join("\n")}`);
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
  session.target = target;
  let made: Promise<SageMakerAsyncClient> | undefined;
  const client = () => (made ??= makeClient(target, session));
  try {
    session.exitCode = (await work({ target, client, aws: awsSettings(target, session.environment) })) ?? exitCodes.done;
  } finally {
    await (await made)?.close();
  }
}

async function makeClient({ outputs, endpointUrl }: Target, session: Session): Promise<SageMakerAsyncClient> {
  // Help and usage errors should not wait for the SDK.
  const { SageMakerAsyncClient } = await import("../client/index.js");
  const credentials = loopbackCredentials(endpointUrl, session.environment);
  return SageMakerAsyncClient.fromStackOutputs(outputs, {
    ...(endpointUrl !== undefined && { endpointUrl }),
    ...(credentials !== undefined && { credentials }),
    logger: (line) => session.onLog?.(line),
  });
}
