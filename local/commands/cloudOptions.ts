import { InvalidArgumentError, Option, type Command } from "commander";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { fileProblem } from "../../cli/inputs";
import type { ProgramSource } from "../embeddedCloud";
import { isRegion } from "../regions";
import type { ModelCommands } from "../sagemaker";

/** What the command was asked for. */
export interface GivenCloudOptions {
  port: number;
  speed: number;
  outputs: string | undefined;
  programs: ProgramSource[];
  /** Whether nothing is deployed: whoever uses the cloud makes what is in it, over AWS's own APIs. */
  empty: boolean;
  /** Folder of a cloud that survives its process. */
  state: string | undefined;
  /** @default that of the stack file, or us-east-1 */
  region: string | undefined;
  /** What serves models that are made over the API. */
  models: ModelCommands;
  /** File with a plan of faults that happen to the cloud. */
  faults: string | undefined;
  /** Whether programs are deployed again when their files change. */
  watch: boolean;
  json: boolean;
}

/** Adds the options of an embedded cloud that serves until Ctrl-C. */
export function addCloudOptions(command: Command): Command {
  return command
    .addOption(new Option("--port <number>", "port on 127.0.0.1; 0 picks a free one").default(4566).argParser(integer(0, 65_535)))
    .option("--outputs <file>", "write { endpointUrl, outputs } there as JSON once everything serves")
    .option("--program <directory>", "a Pulumi program to deploy; repeatable, each with its --stack", collect, [])
    .option("--stack <name>", "stack of the --program before it; alone, of the program in this folder", collect, [])
    .option("--empty", "deploy nothing: the AWS provider of Pulumi or Terraform makes what is in it, as `local env` says")
    .option("--state <directory>", "keep what is in the cloud there, so that it goes on after a restart")
    .addOption(
      new Option(
        "--model-command <command>",
        "what serves the models, run in this folder; <image>=<command> for those of one image, named as the setting image names it (ocr:1); repeatable",
      )
        .argParser(collect)
        .default([], "local:modelCommand of the stack file"),
    )
    .option("--region <name>", "region of the cloud (default: that of the stack file, or us-east-1)")
    .option("--watch", "deploy a --program again when a file of it changes: functions are replaced, jobs and all else stay")
    .option("--faults <file>", "let what this plan lists fail, as docs/faults.md describes")
    .addOption(new Option("--speed <factor>", "how fast the cloud's clock runs").default(1).argParser(integer(1, 1000)))
    .option("--json", "print { endpointUrl, outputs } as one line once everything serves, and nothing else");
}

/**
 * What the options of {@link addCloudOptions} were given.
 *
 * @param from folder that relative paths start at
 * @throws CommanderError whose message has been printed already
 */
export function cloudOptionsOf(command: Command, from: string): GivenCloudOptions {
  const given = command.opts<{
    port: number;
    speed: number;
    outputs?: string;
    faults?: string;
    program: string[];
    stack: string[];
    empty?: boolean;
    state?: string;
    region?: string;
    modelCommand: string[];
    watch?: boolean;
    json?: boolean;
  }>();
  if (given.empty && given.watch) command.error("error: --watch deploys programs again, and --empty deploys none: leave one of them out");
  if (given.state !== undefined && given.speed !== 1) {
    command.error("error: --state keeps times, which a clock at another --speed would run ahead of: leave one of them out");
  }
  if (given.region !== undefined && !isRegion(given.region)) {
    command.error(`error: --region: got ${given.region}; expected the name of a region, such as eu-west-1`);
  }
  const directories = given.program.length === 0 && given.stack.length === 1 ? ["."] : given.program;
  if (directories.length !== given.stack.length) {
    command.error(`error: got ${directories.length} --program and ${given.stack.length} --stack: each program needs its own stack`);
  }
  const outputs = given.outputs === undefined ? undefined : path.resolve(from, given.outputs);
  const folder = outputs === undefined ? undefined : path.dirname(outputs);
  if (folder !== undefined && !isFolder(folder)) {
    command.error(`error: --outputs: got ${given.outputs}, and there is no folder ${folder}: make it, or name a file in another`);
  }
  if (folder !== undefined && !isWritable(folder)) {
    command.error(`error: --outputs: got ${given.outputs}, and nothing may be written in ${folder}: name a file elsewhere`);
  }
  if (outputs !== undefined && isFolder(outputs)) command.error(`error: --outputs: got ${given.outputs}, which is a folder: name a file`);
  const faults = given.faults === undefined ? undefined : path.resolve(from, given.faults);
  const unreadable = faults === undefined ? undefined : fileProblem(faults);
  if (unreadable !== undefined) command.error(`error: --faults: ${given.faults}: ${unreadable}`);
  return {
    port: given.port,
    speed: given.speed,
    outputs,
    faults,
    programs: directories.map((directory, index) => ({ directory: path.resolve(from, directory), stack: given.stack[index] as string })),
    empty: given.empty ?? false,
    state: given.state === undefined ? undefined : path.resolve(from, given.state),
    region: given.region,
    models: modelCommands(given.modelCommand, from),
    watch: given.watch ?? false,
    json: given.json ?? false,
  };
}

/** An image has a slash or a colon before the `=`; a variable before a command, such as `DEVICE=cpu serve`, has neither. */
function modelCommands(given: readonly string[], directory: string): ModelCommands {
  const byImage: Record<string, string> = {};
  let command: string | undefined;
  for (const text of given) {
    const [, image, ofImage] = /^([^\s=]+[/:][^\s=]+)=(.+)$/.exec(text) ?? [];
    if (image !== undefined && ofImage !== undefined) byImage[image] = ofImage;
    else command = text;
  }
  return { directory, ...(command !== undefined && { command }), ...(Object.keys(byImage).length > 0 && { byImage }) };
}

function isWritable(folder: string): boolean {
  try {
    accessSync(folder, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function isFolder(name: string): boolean {
  return statSync(name, { throwIfNoEntry: false })?.isDirectory() === true;
}

function integer(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${least} to ${most}.`);
  };
}

function collect(value: string, previous: string[]): string[] {
  return [...previous, value];
}
