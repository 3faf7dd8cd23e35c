import { InvalidArgumentError, Option, type Command } from "commander";
import { statSync } from "node:fs";
import path from "node:path";
import type { ProgramSource } from "../embeddedCloud";

/** What the command was asked for. */
export interface GivenCloudOptions {
  port: number;
  speed: number;
  outputs: string | undefined;
  programs: ProgramSource[];
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
    watch?: boolean;
    json?: boolean;
  }>();
  const directories = given.program.length === 0 && given.stack.length === 1 ? ["."] : given.program;
  if (directories.length !== given.stack.length) {
    command.error(`error: got ${directories.length} --program and ${given.stack.length} --stack: each program needs its own stack`);
  }
  const outputs = given.outputs === undefined ? undefined : path.resolve(from, given.outputs);
  const folder = outputs === undefined ? undefined : path.dirname(outputs);
  if (folder !== undefined && !isFolder(folder)) {
    command.error(`error: --outputs: got ${given.outputs}, and there is no folder ${folder}: make it, or name a file in another`);
  }
  if (outputs !== undefined && isFolder(outputs)) command.error(`error: --outputs: got ${given.outputs}, which is a folder: name a file`);
  return {
    port: given.port,
    speed: given.speed,
    outputs,
    faults: given.faults === undefined ? undefined : path.resolve(from, given.faults),
    programs: directories.map((directory, index) => ({ directory: path.resolve(from, directory), stack: given.stack[index] as string })),
    watch: given.watch ?? false,
    json: given.json ?? false,
  };
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
