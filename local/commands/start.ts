/** `npm start`: deploys the program to an embedded cloud and runs real jobs through it. */
import "../compileCache";
import { Command, CommanderError } from "commander";
import { constants, accessSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { characterErrorRate } from "../../examples/ocr/errorRate";
import type { AsyncInferenceOutputs } from "../../outputs";
import { ownProgram } from "./cloud";
import { cloudSettings, EmbeddedCloud, type ProgramSource } from "../embeddedCloud";
import { JobProgress } from "./jobProgress";
import { JobRunner, type Input, type JobReport } from "./jobRunner";
import { showDeployment } from "./progress";
import { renderNextSteps, renderReport, type Milestones, type Verdict } from "./report";
import { readStack } from "../stackFile";

/** What the command was asked for. */
export interface StartOptions {
  /** As given; none: the shipped pages. */
  files: string[];
  json: boolean;
}

/** An input and what must come of it. */
export interface Expectation extends Input {
  /** What is on the page; undefined when nobody knows. */
  expectedText?: string;
  /** The model must refuse it. */
  broken?: boolean;
}

/** What `--json` prints. Times are ISO 8601. */
export interface StartDocument {
  outputs: AsyncInferenceOutputs;
  jobs: Omit<JobReport, "failureLocation" | "failureText">[];
  totals: { completed: number; failed: number; seconds: number };
}

/** The shortest first: the first result is there soonest. */
const shippedPages = ["note.png", "invoice.png", "letter.png", "broken.png"];

/** Engines built for other processors round differently; the shipped pages are read without any error where they were made. */
const tolerableErrorRate = 0.02;

/** Lambda's and the service's limit for one input. https://docs.aws.amazon.com/sagemaker/latest/dg/async-inference.html */
const largestFileBytes = 1024 ** 3;

/**
 * Reads the command line.
 *
 * @throws CommanderError whose message has been printed already; for `--help` too, with exit code 0.
 */
export function readOptions(argv: readonly string[]): StartOptions {
  const command = new Command("npm start --")
    .description("Deploys the program with Pulumi.local.yaml to an embedded cloud and runs jobs through it.")
    .argument("[FILE...]", "images to read instead of the shipped pages: PNG, JPEG or TIFF; with a model of your own, any files")
    .option("--json", "print one JSON document and nothing else; with npm start --silent")
    .showHelpAfterError()
    .exitOverride()
    .parse(argv, { from: "user" });
  return { files: command.args, json: command.opts<{ json?: boolean }>().json ?? false };
}

/**
 * What will be run: the files, or the shipped pages.
 *
 * @param from folder that relative paths start at
 * @throws Error naming every file that can't be read, and why
 */
export function readInputs(files: readonly string[], from: string): Expectation[] {
  if (files.length === 0) return shippedPages.map(shippedPage);
  const problems: string[] = [];
  const inputs = files.flatMap((name) => {
    const file = path.resolve(from, name);
    const problem = unreadable(file);
    if (problem === undefined) return [{ name, file, bytes: statSync(file).size }];
    problems.push(`${name}: ${problem}`);
    return [];
  });
  if (problems.length > 0) throw new Error(problems.join("\n       "));
  return inputs;
}

function shippedPage(name: string): Expectation {
  const file = path.join(ownProgram.directory, "examples/ocr/pages", name);
  const page = { name, file, bytes: statSync(file).size };
  return name === "broken.png" ? { ...page, broken: true } : { ...page, expectedText: readFileSync(file.replace(/png$/, "txt"), "utf8") };
}

function unreadable(file: string): string | undefined {
  try {
    accessSync(file, constants.R_OK);
    const stat = statSync(file);
    if (!stat.isFile()) return "is not a file";
    if (stat.size === 0) return "is empty";
    return stat.size > largestFileBytes ? `has ${stat.size} bytes; an input has at most ${largestFileBytes} (1 GiB)` : undefined;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return "no such file";
    return code === "EACCES" ? "may not be read" : message;
  }
}

/** Whether a job went as it should, and if not, why. */
export function judge(report: JobReport, expectation: Expectation): Verdict {
  const { expectedText, broken = false } = expectation;
  const verdict = { ...report, broken };
  if (broken) {
    if (report.state === "FAILED" && report.error?.code === "MODEL_ERROR") return verdict;
    const got = report.error === undefined ? report.state : `${report.state} with ${report.error.code}`;
    return { ...verdict, problem: `expected FAILED with MODEL_ERROR, since the page is broken on purpose; got ${got}` };
  }
  if (report.state !== "COMPLETED") return { ...verdict, problem: `expected COMPLETED, got ${report.state}` };
  if (expectedText === undefined) return verdict;
  const errorRate = characterErrorRate(report.text ?? "", expectedText);
  if (errorRate <= tolerableErrorRate) return verdict;
  const percent = Math.ceil(errorRate * 100);
  return { ...verdict, problem: `the text differs from ${expectation.file.replace(/png$/, "txt")} in ${percent} % of its characters` };
}

/** Runs everything once. Resolves with whether all went as it should; rejects when it was interrupted. */
export async function start(
  cloud: EmbeddedCloud,
  program: ProgramSource,
  expectations: readonly Expectation[],
  { json }: Pick<StartOptions, "json">,
  signal: AbortSignal,
): Promise<boolean> {
  const shown = progressStream(json);
  const { project, stack } = readStack(program.directory, program.stack);
  const deployed =
    shown === undefined
      ? await cloud.deploy(program)
      : await showDeployment(`${project}/${stack}`, (onEvent) => cloud.deploy(program, onEvent), shown);
  const outputs = deployed.outputs as unknown as AsyncInferenceOutputs;
  const milestones: Milestones = { deployedSeconds: sinceStart(), endSeconds: 0 };

  const progress = new JobProgress();
  cloud.events.on("event", progress.onCloudEvent);
  const reports = await progress.during(shown, async () => {
    const ended = await new JobRunner(cloud, outputs).run(expectations, {
      onJob: progress.onJob,
      onChange: (jobId, state) => {
        if (state === "COMPLETED") milestones.firstResultSeconds ??= sinceStart();
        progress.onChange(jobId, state);
      },
      signal,
    });
    if (signal.aborted) throw new Error("interrupted");
    return ended;
  });
  cloud.events.off("event", progress.onCloudEvent);
  milestones.endSeconds = sinceStart();

  const verdicts = reports.map((report, index) => judge(report, expectations[index] as Expectation));
  const right = verdicts.every(({ problem }) => problem === undefined);
  if (json) await print(`${JSON.stringify(documentOf(outputs, reports, milestones), null, 2)}\n`);
  else await print(renderReport(verdicts, milestones, process.stdout) + renderNextSteps(process.stdout));
  return right;
}

function documentOf(outputs: AsyncInferenceOutputs, reports: readonly JobReport[], { endSeconds }: Milestones): StartDocument {
  const jobs = reports.map(({ failureLocation: _, failureText: __, ...job }) => job);
  const completed = jobs.filter(({ state }) => state === "COMPLETED").length;
  return { outputs, jobs, totals: { completed, failed: jobs.length - completed, seconds: Math.round(endSeconds * 1000) / 1000 } };
}

/** A document is for programs: only a person at a terminal wants to see progress beside it. */
function progressStream(json: boolean): NodeJS.WriteStream | undefined {
  if (!json) return process.stdout;
  return process.stderr.isTTY ? process.stderr : undefined;
}

/** Resolves when the text has left the process, which exits soon after. */
function print(text: string): Promise<void> {
  return new Promise((resolve, reject) => process.stdout.write(text, (error) => (error ? reject(error) : resolve())));
}

function sinceStart(): number {
  return performance.now() / 1000;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Aborts with the exit code at the first signal, or when nobody reads the output any more. Later signals change nothing. */
function interruption(): AbortController {
  const controller = new AbortController();
  for (const [signal, exitCode] of Object.entries(signals)) process.on(signal, () => controller.abort(exitCode));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => controller.abort(1));
  return controller;
}

async function main(): Promise<number> {
  const { signal } = interruption();
  let options: StartOptions;
  let expectations: Expectation[];
  try {
    options = readOptions(process.argv.slice(2));
    // npm changes the folder to the project's, and says where its user was.
    expectations = readInputs(options.files, process.env["INIT_CWD"] ?? process.cwd());
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    console.error(`error: ${(error as Error).message}`);
    return 1;
  }
  const interrupted = new Promise<false>((resolve) => signal.addEventListener("abort", () => resolve(false)));
  let cloud: EmbeddedCloud | undefined;
  let exitCode: number;
  try {
    cloud = await EmbeddedCloud.start(cloudSettings(ownProgram));
    const run = start(cloud, ownProgram, expectations, options, signal);
    exitCode = (await Promise.race([run, interrupted])) ? 0 : 1;
  } catch (error) {
    exitCode = 1;
    // Whatever an interruption breaks is no news.
    if (!signal.aborted) console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
  }
  await cloud?.close().catch((error: unknown) => {
    exitCode = 1;
    console.error(`error: ${String(error)}`);
  });
  return signal.aborted ? (signal.reason as number) : exitCode;
}

if (require.main === module) void main().then((exitCode) => process.exit(exitCode));
