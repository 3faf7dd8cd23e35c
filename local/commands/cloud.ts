/** `npm run cloud`: deploys the program to an embedded cloud and serves it until it is interrupted. */
import "../compileCache";
import { Command, CommanderError } from "commander";
import { renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { AdjustableClock } from "../clock";
import { provideHome } from "../../cli/home";
import { addCloudOptions, cloudOptionsOf, type GivenCloudOptions } from "./cloudOptions";
import { invokedAs } from "../../cli/invokedAs";
import { printable } from "../../cli/output";
import { padded, width } from "../../cli/width";
import { eventLine, serviceFunctionsOf } from "./cloudEvents";
import { foundFunctions } from "./foundServices";
import type { StackOutputs } from "../deploy/pulumiResources";
import { shellLines } from "../clientEnvironment";
import { cloudSettings, EmbeddedCloud, type EmbeddedCloudOptions, type ProgramSource } from "../embeddedCloud";
import { CloudFaults } from "../faults/cloudFaults";
import { readPlan, type FaultPlan } from "../faults/plan";
import { deploymentOf, showDeployment } from "./progress";
import { leftOpenText, openJobs } from "./leftOpen";
import { readStack } from "../stackFile";
import { startCloudConsole, type CloudConsole } from "./console";
import { modelFiles } from "./modelFiles";
import { sources, watch, type Watched } from "./watch";

/** What the command was asked for, its plan of faults read. */
export interface CloudOptions extends Omit<GivenCloudOptions, "faults"> {
  faults: FaultPlan | undefined;
}

/** The repository: this file runs from build/local. */
const root = path.resolve(__dirname, "../../..");

/** The project's own program, deployed before any other. */
export const ownProgram: ProgramSource = { directory: root, stack: "local", compiledMain: path.join(root, "build/index.js") };

/**
 * Reads the command line.
 *
 * @param from folder that relative paths start at
 * @throws CommanderError whose message has been printed already; for `--help` too, with exit code 0.
 */
export function readOptions(argv: readonly string[], from: string): CloudOptions {
  const command = addCloudOptions(new Command("npm run cloud --"))
    .description("Deploys the program with Pulumi.local.yaml to an embedded cloud and serves it until Ctrl-C.")
    .allowExcessArguments(false)
    .showHelpAfterError("(npm run cloud -- --help shows the options)")
    .exitOverride()
    .parse(argv, { from: "user" });
  return withPlan(cloudOptionsOf(command, from));
}

/** Reads the plan of faults that the options name. */
export function withPlan(given: GivenCloudOptions): CloudOptions {
  return { ...given, faults: given.faults === undefined ? undefined : readPlan(given.faults) };
}

/**
 * How to start the cloud. What the first program's stack file says of the cloud holds, but for what the command line says.
 *
 * @throws Error naming the setting that is out of bounds
 */
function startOptions(options: CloudOptions, sources: readonly ProgramSource[], clock: AdjustableClock): EmbeddedCloudOptions {
  const [first] = sources;
  const { models, region } = options;
  const stack = first && readStack(first.directory, first.stack, first.settings);
  const command = stack?.localSettings["modelCommand"];
  const isGiven = models.command !== undefined || models.byImage !== undefined;
  const ofStack = stack && command !== undefined ? { directory: stack.directory, command } : undefined;
  return {
    port: options.port,
    clock,
    ...(first && cloudSettings(first)),
    ...(region !== undefined && { region }),
    modelCommands: isGiven ? { ...models, overPrograms: true } : (ofStack ?? models),
    ...(options.state !== undefined && { stateDirectory: options.state }),
    // Even without a plan: the page switches them on.
    faults: options.faults ?? { seed: 1, jobs: 50, faults: [] },
  };
}

/** A program and what its files say of it. */
interface NamedProgram {
  source: ProgramSource;
  project: string;
  stack: string;
}

/**
 * Deploys and serves. Resolves after a signal, when everything has ended.
 *
 * @param sources the programs; the first one decides for all what a stack file says of the cloud, of one with nothing in it too
 */
export async function serve(options: CloudOptions, sources: readonly ProgramSource[]): Promise<void> {
  const { interrupted, forget } = interruption();
  try {
    await serveUntil(interrupted, options, sources);
  } finally {
    forget();
  }
}

async function serveUntil(interrupted: Promise<undefined>, options: CloudOptions, sources: readonly ProgramSource[]): Promise<void> {
  const programs = options.empty ? [] : sources.map((source) => ({ source, ...readStack(source.directory, source.stack) }));
  const clock = new AdjustableClock(options.speed);
  let cloud: EmbeddedCloud;
  try {
    cloud = await EmbeddedCloud.start(startOptions(options, sources, clock));
  } catch (error) {
    // It would keep the process from its end.
    clock.close();
    throw error;
  }
  // Functions that run already keep the wall's time for as long as they live.
  clock.onChange((hasLeftWall) => hasLeftWall && cloud.renewFunctions());
  let stopWatching: (() => Promise<void>) | undefined;
  let page: CloudConsole | undefined;
  try {
    const stacks = await Promise.race([deployAll(cloud, programs, options), interrupted]);
    if (stacks === undefined) return;
    const written = outputsDocument(cloud.endpointUrl, stacks);
    if (options.outputs !== undefined) writeOutputs(options.outputs, written);
    // Whoever reads that all serves may change a file at once.
    if (options.watch) stopWatching = await watchPrograms(cloud, programs, options, interrupted);
    const say = options.json ? console.error : console.log;
    const next = (address: string) => say(`That address was used. For another browser: ${address}`);
    page = await startCloudConsole(cloud, clock, {
      port: options.port === 0 ? 0 : options.port + 1,
      onAddressUsed: next,
      invokedAs: invokedAs(process.env, process.argv[1]),
    });
    console.log(options.json ? JSON.stringify(written) : banner(cloud, stacks, page?.address));
    for (const kind of options.faults ? CloudFaults.unknownIn(options.faults) : []) {
      console.warn(`warning: ${kind} happens in the simulator only (npm run faults)`);
    }
    const own = serviceFunctionsOf(stacks);
    const isFound = foundFunctions(cloud);
    let failed: string | undefined;
    let ending = false;
    cloud.events.on("event", (event) => {
      // A function that the end of this cloud ends has not failed.
      if (ending && (event.kind === "function" || event.kind === "printed")) return;
      const line = eventLine(event, (name) => own.has(name) || isFound(name));
      // One that can't start is tried again and again.
      if (event.kind === "instance" && line !== undefined && line.text === failed) return;
      if (event.kind === "instance" && event.change !== "starting") failed = line?.text;
      if (line !== undefined) (line.isWarning || options.json ? console.error : console.log)(printable(line.text));
    });
    await interrupted;
    const open = await openJobs(cloud);
    ending = true;
    const words = open === undefined ? "Whether jobs are left open could not be read." : leftOpenText(open, options.state);
    if (words !== undefined) say(`\n${words}`);
  } finally {
    const stopped = stopWatching?.();
    await page?.close();
    // Ends a deployment that is under way too.
    await cloud.close();
    await stopped;
  }
}

/** Resolves at the first signal. Later ones, such as a second Ctrl-C, change nothing: the end is on its way. */
function interruption(): { interrupted: Promise<undefined>; forget: () => void } {
  const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;
  let heard = (): void => undefined;
  const interrupted = new Promise<undefined>((resolve) => (heard = () => resolve(undefined)));
  for (const signal of signals) process.on(signal, heard);
  return { interrupted, forget: () => signals.forEach((signal) => void process.off(signal, heard)) };
}

async function deployAll(cloud: EmbeddedCloud, programs: readonly NamedProgram[], { json }: CloudOptions): Promise<StackOutputs[]> {
  const deployed: StackOutputs[] = [];
  // The standard output is for the document alone.
  const stream = json ? process.stderr : process.stdout;
  for (const { project, stack, source } of programs) {
    deployed.push(await showDeployment(`${project}/${stack}`, deploymentOf(cloud, source), stream));
  }
  return deployed;
}

/** Deploys programs, and starts models, again as their files change. What goes wrong is reported, and what is deployed goes on. */
function watchPrograms(
  cloud: EmbeddedCloud,
  programs: readonly NamedProgram[],
  options: CloudOptions,
  interrupted: Promise<unknown>,
): Promise<() => Promise<void>> {
  let ending = false;
  void interrupted.then(() => (ending = true));
  const stream = options.json ? process.stderr : process.stdout;
  const redeploy = async ({ source, project, stack }: NamedProgram): Promise<boolean> => {
    try {
      await showDeployment(`${project}/${stack}`, (onEvent) => cloud.redeploy(source, onEvent), stream);
      if (options.outputs !== undefined) writeOutputs(options.outputs, outputsDocument(cloud.endpointUrl, [...cloud.stacks.values()]));
      return true;
    } catch (error) {
      if (!ending) console.error(`error: ${plainFailure(error, options)}\n       The last deployment goes on.`);
      return false;
    }
  };
  const watched = (program: NamedProgram): Watched => {
    const { source } = program;
    const directory = path.resolve(source.directory);
    const { models } = options;
    const modelDirectory = models.command === undefined ? directory : models.directory;
    const commandNow = () => models.command ?? readStack(directory, source.stack, source.settings).localSettings["modelCommand"] ?? "";
    let command = commandNow();
    let model = modelFiles(command, modelDirectory);
    const isDeployed = (file: string) =>
      cloud.filesOf(`${program.project}/${program.stack}`).some((asset) => file === asset || file.startsWith(asset + path.sep));
    const changed = async (files: readonly string[]) => {
      stream.write(`${files.map((file) => path.relative(directory, file)).join(", ")} changed\n`);
      const isRedeployed = files.some((file) => !model.hasAlone(file) || isDeployed(file));
      if (isRedeployed && !(await redeploy(program))) return;
      const before = command;
      command = commandNow();
      const isModels = command !== before || files.some((file) => model.has(file));
      model = modelFiles(command, modelDirectory);
      if (isModels && command !== "" && cloud.restartModels(modelDirectory, command))
        stream.write("The model starts again; jobs that wait are run by the new one.\n");
    };
    return { directory, follows: (file) => sources.test(file) || model.has(file) || isDeployed(file), changed };
  };
  // What is compiled already changes with the next build only.
  const own = programs.filter(({ source }) => source.compiledMain === undefined);
  for (const { source } of own) cloud.expectRedeploy(source);
  return watch(own.map(watched), options.outputs === undefined ? [] : [options.outputs]);
}

/** Outputs as `pulumi stack output --json` shows them. */
function shown({ outputs, secretNames }: StackOutputs): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outputs).map(([name, value]) => [name, secretNames.includes(name) ? "[secret]" : value]));
}

function banner(cloud: EmbeddedCloud, stacks: readonly StackOutputs[], pageAddress: string | undefined): string {
  const outputs = stacks.flatMap((stack) => {
    const entries = Object.entries(shown(stack));
    const nameWidth = Math.max(0, ...entries.map(([name]) => width(name)));
    const lines = entries.map(
      ([name, value]) => `  ${padded(name, nameWidth)}  ${typeof value === "string" ? value : JSON.stringify(value)}`,
    );
    return ["", `Outputs of ${stack.project}/${stack.stack}:`, ...lines];
  });
  const environment = shellLines(cloud).map((line) => `  ${line}`);
  const { port } = new URL(cloud.endpointUrl);
  const command = invokedAs(process.env, process.argv[1]);
  return [
    ...outputs,
    "",
    "Any AWS SDK or tool is a client of this cloud with:",
    ...environment,
    ...(stacks.length > 0
      ? []
      : [`Pulumi and Terraform with: ${command} local env --pulumi (or --terraform) --port ${port} --region ${cloud.region}`]),
    `AWS CLI version 1 takes the endpoint of SQS only as an option: aws sqs … --endpoint-url ${cloud.endpointUrl}`,
    `S3 Control's clients put the account before the host, so this cloud is their proxy too: http_proxy=${cloud.endpointUrl} aws s3control …`,
    ...(pageAddress === undefined ? [] : ["", `See it, for one browser: ${pageAddress}`]),
    "",
    `Serving on ${cloud.endpointUrl} until Ctrl-C.`,
  ].join("\n");
}

/** What clients, and the command line, are pointed at this cloud with. */
function outputsDocument(endpointUrl: string, stacks: readonly StackOutputs[]): object {
  const [first] = stacks.map(shown);
  const byName = Object.fromEntries(stacks.map((stack) => [`${stack.project}/${stack.stack}`, shown(stack)]));
  return { endpointUrl, outputs: first, ...(stacks.length > 1 && { stacks: byName }) };
}

/** Whoever waits for the file never sees half of it. */
function writeOutputs(file: string, content: object): void {
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
export function plainFailure(error: unknown, { port }: Pick<CloudOptions, "port">): string {
  if ((error as NodeJS.ErrnoException).code === "EADDRINUSE") {
    return `port ${port} is in use; name another one with --port, or --port 0 for any free one`;
  }
  return error instanceof Error ? error.message : String(error);
}

async function main(): Promise<number> {
  provideHome(process.env);
  let options: CloudOptions;
  try {
    options = readOptions(process.argv.slice(2), process.env["INIT_CWD"] ?? process.cwd());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`error: ${(error as Error).message}`);
    return 2;
  }
  try {
    await serve(options, [ownProgram, ...options.programs]);
    return 0;
  } catch (error) {
    console.error(`error: ${plainFailure(error, options)}`);
    return 1;
  }
}

if (require.main === module) {
  void main().then((exitCode) => process.exit(exitCode));
}
