/** `npm run cloud`: deploys the program to an embedded cloud and serves it until it is interrupted. */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ScaledClock, WallClock } from "./clock";
import type { StackOutputs } from "./deploy/pulumiResources";
import { clientEnvironment, cloudSettings, EmbeddedCloud, type ProgramSource } from "./embeddedCloud";
import { CloudFaults } from "./faults/cloudFaults";
import { readPlan, type FaultPlan } from "./faults/plan";
import { showDeployment } from "./progress";
import { readStack } from "./stackFile";

/** What the command was asked for. */
export interface CloudOptions {
  port: number;
  speed: number;
  outputs: string | undefined;
  programs: ProgramSource[];
  /** A plan of faults that happen to the cloud. */
  faults: FaultPlan | undefined;
}

/** The repository: this file runs from build/local. */
const root = path.resolve(__dirname, "../..");

/** The project's own program, deployed before any other. */
export const ownProgram: ProgramSource = { directory: root, stack: "local", compiledMain: path.join(root, "build/index.js") };

/**
 * Reads the command line.
 *
 * @param from folder that relative paths start at
 * @throws CommanderError whose message has been printed already; for `--help` too, with exit code 0.
 */
export function readOptions(argv: readonly string[], from: string): CloudOptions {
  const command = new Command("npm run cloud --")
    .description("Deploys the program with Pulumi.local.yaml to an embedded cloud and serves it until Ctrl-C.")
    .addOption(new Option("--port <number>", "port on 127.0.0.1; 0 picks a free one").default(4566).argParser(integer(0, 65_535)))
    .option("--outputs <file>", "write { endpointUrl, outputs } there as JSON once everything serves")
    .option("--program <directory>", "another Pulumi program to deploy; repeatable, each with its --stack", collect, [])
    .option("--stack <name>", "stack of the --program before it", collect, [])
    .option("--faults <file>", "let what this plan lists fail, as docs/faults.md describes")
    .addOption(new Option("--speed <factor>", "how fast the cloud's clock runs").default(1).argParser(integer(1, 1000)))
    .allowExcessArguments(false)
    .showHelpAfterError("(npm run cloud -- --help shows the options)")
    .exitOverride();
  const given = command.parse(argv, { from: "user" }).opts<{
    port: number;
    speed: number;
    outputs?: string;
    program: string[];
    stack: string[];
    faults?: string;
  }>();
  if (given.program.length !== given.stack.length) {
    command.error(`error: got ${given.program.length} --program and ${given.stack.length} --stack: each program needs its own stack`);
  }
  return {
    port: given.port,
    speed: given.speed,
    outputs: given.outputs === undefined ? undefined : path.resolve(from, given.outputs),
    faults: given.faults === undefined ? undefined : readPlan(path.resolve(from, given.faults)),
    programs: given.program.map((directory, index) => ({ directory: path.resolve(from, directory), stack: given.stack[index] as string })),
  };
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

/** A program and what its files say of it. */
interface NamedProgram {
  source: ProgramSource;
  project: string;
  stack: string;
}

/** Deploys and serves. Resolves after a signal, when everything has ended. */
export async function serve(options: CloudOptions): Promise<void> {
  const interrupted = interruption();
  const programs = [ownProgram, ...options.programs].map((source) => ({ source, ...readStack(source.directory, source.stack) }));
  const cloud = await EmbeddedCloud.start({
    port: options.port,
    clock: options.speed === 1 ? new WallClock() : new ScaledClock(options.speed),
    ...cloudSettings(ownProgram),
    ...(options.faults && { faults: options.faults }),
  });
  try {
    const stacks = await Promise.race([deployAll(cloud, programs), interrupted]);
    if (stacks === undefined) return;
    if (options.outputs !== undefined) writeOutputs(options.outputs, cloud.endpointUrl, stacks);
    console.log(banner(cloud, stacks));
    for (const kind of options.faults ? CloudFaults.unknownIn(options.faults) : []) {
      console.warn(`warning: ${kind} happens in the simulator only (npm run faults)`);
    }
    cloud.events.on("event", (event) => {
      if (event.kind === "warning") console.warn(`warning: ${event.message}`);
      if (event.kind === "fault") console.log(`fault: ${event.fault}${event.jobId === undefined ? "" : ` of job ${event.jobId}`}`);
    });
    await interrupted;
  } finally {
    await cloud.close();
  }
}

/** Resolves at the first signal. Later ones, such as a second Ctrl-C, change nothing: the end is on its way. */
function interruption(): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => resolve(undefined));
  });
}

async function deployAll(cloud: EmbeddedCloud, programs: readonly NamedProgram[]): Promise<StackOutputs[]> {
  const deployed: StackOutputs[] = [];
  for (const { project, stack, source } of programs) {
    deployed.push(await showDeployment(`${project}/${stack}`, (onEvent) => cloud.deploy(source, onEvent)));
  }
  return deployed;
}

/** Outputs as `pulumi stack output --json` shows them. */
function shown({ outputs, secretNames }: StackOutputs): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, secretNames.includes(name) ? "[secret]" : value]));
}

function banner(cloud: EmbeddedCloud, stacks: readonly StackOutputs[]): string {
  const outputs = stacks.flatMap((stack) => {
    const entries = Object.entries(shown(stack));
    const width = Math.max(0, ...entries.map(([name]) => name.length));
    const lines = entries.map(([name, value]) => `  ${name.padEnd(width)}  ${typeof value === "string" ? value : JSON.stringify(value)}`);
    return ["", `Outputs of ${stack.project}/${stack.stack}:`, ...lines];
  });
  const environment = Object.entries(clientEnvironment(cloud)).map(([name, value]) => `  export ${name}=${value}`);
  return [
    ...outputs,
    "",
    "Any AWS SDK or tool is a client of this cloud with:",
    ...environment,
    `AWS CLI version 1 takes the endpoint of SQS only as an option: aws sqs … --endpoint-url ${cloud.endpointUrl}`,
    "",
    `Serving on ${cloud.endpointUrl} until Ctrl-C.`,
  ].join("\n");
}

/** Whoever waits for the file never sees half of it. */
function writeOutputs(file: string, endpointUrl: string, stacks: readonly StackOutputs[]): void {
  const [first] = stacks.map(shown);
  const byName = Object.fromEntries(stacks.map((stack) => [`${stack.project}/${stack.stack}`, shown(stack)]));
  const content = { endpointUrl, outputs: first, ...(stacks.length > 1 && { stacks: byName }) };
  const unfinished = `${file}.${process.pid}.tmp`;
  try {
    writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`);
    renameSync(unfinished, file);
  } catch (error) {
    rmSync(unfinished, { force: true });
    throw new Error(`--outputs: ${(error as Error).message}`, { cause: error });
  }
}

/** What a failure is to the user: one message. */
function plain(error: unknown, { port }: CloudOptions): string {
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    return `port ${port} is in use; name another one with --port, or --port 0 for any free one`;
  }
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  let options: CloudOptions;
  try {
    options = readOptions(process.argv.slice(2), process.env["INIT_CWD"] ?? process.cwd());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`error: ${(error as Error).message}`);
    return 2;
  }
  try {
    await serve(options);
    return 0;
  } catch (error) {
    console.error(`error: ${plain(error, options)}`);
    return 1;
  }
}

if (require.main === module) {
  void main().then((exitCode) => process.exit(exitCode));
}
