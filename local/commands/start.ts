/** `npm start`: deploys the program to an embedded cloud and runs real jobs through it. */
import "../compileCache";
import { Command, CommanderError } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { provideHome } from "../../cli/home";
import { UsageError } from "../../cli/failure";
import { readableFiles } from "../../cli/inputs";
import { LiveJobs } from "../../cli/live";
import { Output, type Streams } from "../../cli/output";
import { requestBounds } from "../../core/messages/request";
import { codedError, codedOf, type CodedError } from "../../core/records/errors";
import { characterErrorRate } from "../../examples/ocr/errorRate";
import type { AsyncInferenceOutputs } from "../../outputs";
import type { DeployEvent } from "../deploy/deploy";
import { ownProgram } from "./cloud";
import { cloudSettings, EmbeddedCloud, type ProgramSource } from "../embeddedCloud";
import { runJobs, type Input, type JobReport } from "./jobs";
import { deploymentOf, showDeployment } from "./progress";
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
  /** A shipped page for a model of the user's own, which may be made for other inputs. */
  isTrial?: boolean;
}

/** What `--json` prints. Times are ISO 8601. */
export interface StartDocument {
  outputs: AsyncInferenceOutputs;
  jobs: Omit<JobReport, "failureLocation">[];
  totals: { completed: number; failed: number; seconds: number };
}

/** The shortest first: the first result is there soonest. */
const broken = "broken.png";
const shippedPages = ["note.png", "invoice.png", "letter.png", broken];

/** Engines built for other processors round differently; the shipped pages are read without any error where they were made. */
const tolerableErrorRate = 0.02;

/** `local:modelCommand` of the stack file as it is shipped: of another model nobody knows what it makes of the shipped pages. */
const shippedModel = "node build/examples/ocr/server.js";

/**
 * Reads the command line.
 *
 * @throws CommanderError whose message has been printed already; for `--help` too, with exit code 0.
 */
export function readOptions(argv: readonly string[]): StartOptions {
  const json = argv.includes("--json");
  const command = new Command("npm start --")
    .description("Deploys the program with Pulumi.local.yaml to an embedded cloud and runs jobs through it.")
    .argument("[FILE...]", "images to read instead of the shipped pages: PNG, JPEG or TIFF; with a model of your own, any files")
    .option("--json", "print one JSON document and nothing else; with npm start --silent")
    .showHelpAfterError(json ? false : "(npm start -- --help shows what it takes)")
    .configureOutput({
      outputError: (text, write) => (json ? tellBadInput(new Output(json, process), text.replace(/^error: /, "")) : write(text)),
    })
    .exitOverride()
    .parse(argv, { from: "user" });
  return { files: command.args, json: command.opts<{ json?: boolean }>().json ?? false };
}

/**
 * What will be run: the files, or the shipped pages.
 *
 * @param from folder that relative paths start at
 * @param modelCommand `local:modelCommand`. A model of the user's own gets the pages too, and whatever it makes of them is right
 * @throws Error naming every file that can't be read, and why
 */
export function readInputs(files: readonly string[], from: string, modelCommand = shippedModel): Expectation[] {
  if (files.length === 0) {
    const isShipped = modelCommand === shippedModel;
    return shippedPages.filter((name) => isShipped || name !== broken).map((name) => shippedPage(name, isShipped));
  }
  readableFiles(files, requestBounds.inputBytes, "1 GiB", from);
  return files.map((name) => ({ name, file: path.resolve(from, name) }));
}

function shippedPage(name: string, isShippedModel: boolean): Expectation {
  const file = path.join(ownProgram.directory, "examples/ocr/pages", name);
  if (!isShippedModel) return { name, file, isTrial: true };
  return name === broken ? { name, file, broken: true } : { name, file, expectedText: readFileSync(file.replace(/png$/, "txt"), "utf8") };
}

/** Whether a job went as it should, and if not, why. */
export function judge(report: JobReport, expectation: Expectation): Verdict {
  const { expectedText, broken: isBroken = false } = expectation;
  const verdict = { ...report, broken: isBroken };
  if (isBroken) {
    if (report.state === "FAILED" && report.error?.code === "MODEL_ERROR") return verdict;
    const got = report.error === undefined ? report.state : `${report.state} with ${report.error.code}`;
    return { ...verdict, problem: `expected FAILED with MODEL_ERROR, since the page is broken on purpose; got ${got}` };
  }
  if (report.state !== "COMPLETED") {
    const other = expectation.isTrial ? "; a model that takes something else gets it with npm start -- FILE" : "";
    return { ...verdict, problem: `expected COMPLETED, got ${report.state}${other}` };
  }
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
  const deploy = deploymentOf(cloud, program);
  const deployed = shown === undefined ? await deploy(tellWarning) : await showDeployment(`${project}/${stack}`, deploy, shown);
  const outputs = deployed.outputs as unknown as AsyncInferenceOutputs;
  const milestones: Milestones = { deployedSeconds: sinceStart(), endSeconds: 0 };

  const isLive = shown?.isTTY === true && !process.env["CI"];
  const live = new LiveJobs(isLive ? shown : undefined, "Running jobs");
  if (!isLive) shown?.write("Running jobs\n");
  let reports: JobReport[] = [];
  await live.during(async () => {
    reports = await runJobs(cloud, outputs, expectations, {
      onChange: (jobId, { name }, phase) => {
        if (phase === "completed") milestones.firstResultSeconds ??= sinceStart();
        live.progress(jobId, name, phase);
        if (!isLive) shown?.write(`  ${name}: ${phase}\n`);
      },
      signal,
    });
  });
  milestones.endSeconds = sinceStart();

  const verdicts = reports.map((report, index) => judge(report, expectations[index] as Expectation));
  const right = verdicts.every(({ problem }) => problem === undefined);
  const output = new Output(json, process);
  const words = json
    ? `${JSON.stringify(documentOf(outputs, reports, milestones), null, 2)}\n`
    : renderReport(verdicts, milestones, output) + renderNextSteps(output);
  await output.raw(words);
  return right;
}

function documentOf(outputs: AsyncInferenceOutputs, reports: readonly JobReport[], { endSeconds }: Milestones): StartDocument {
  const jobs = reports.map(({ failureLocation: _, ...job }) => job);
  const completed = jobs.filter(({ state }) => state === "COMPLETED").length;
  return { outputs, jobs, totals: { completed, failed: jobs.length - completed, seconds: Math.round(endSeconds * 1000) / 1000 } };
}

function tellBadInput(output: Output, text: string): void {
  output.error(codedError("BAD_INPUT", text.trim(), { advice: "" }));
}

/** A document is for programs: only a person at a terminal wants to see progress beside it. */
function progressStream(json: boolean): NodeJS.WriteStream | undefined {
  if (!json) return process.stdout;
  return process.stderr.isTTY ? process.stderr : undefined;
}

/** What a document's reader must know before it comes: a model that is waited for. */
function tellWarning(event: DeployEvent): void {
  if (event.kind === "message" && event.severity === "warning") console.error(`warning: ${event.text}`);
}

function sinceStart(): number {
  return performance.now() / 1000;
}

const signals = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/** Why a run was aborted before its end. */
export interface Interruption {
  exitCode: number;
  /** Nobody reads what is written any more, so nothing is said. */
  isUnread?: boolean;
}

/** Aborts with an {@link Interruption} at the first signal, or when nobody reads the output any more. Later signals change nothing. */
function interruption(): AbortController {
  const controller = new AbortController();
  const abort = (reason: Interruption) => controller.abort(reason);
  for (const [signal, exitCode] of Object.entries(signals)) process.on(signal, () => abort({ exitCode }));
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => abort({ exitCode: 1, isUnread: true }));
  return controller;
}

/**
 * Ends the cloud, and says so after an interruption. With `--json` the standard output gets one document in all.
 *
 * @param exitCode of a run that came to its end and has said how; undefined when it did not
 * @param signal aborted with an {@link Interruption}, also while the cloud ends
 * @returns the exit code of the command
 */
export async function finish(
  cloud: Pick<EmbeddedCloud, "close"> | undefined,
  exitCode: number | undefined,
  signal: AbortSignal,
  json: boolean,
  streams: Streams,
): Promise<number> {
  const failure: unknown = await cloud?.close().then(
    () => undefined,
    (error: unknown) => error,
  );
  const interruption = signal.reason as Interruption | undefined;
  if (interruption?.isUnread) return interruption.exitCode;
  if (failure !== undefined) new Output(false, streams).error(codedFailure(failure));
  if (interruption === undefined) return failure === undefined ? (exitCode ?? 1) : 1;
  const text = failure === undefined ? "Interrupted. The embedded cloud and its processes have ended." : "Interrupted.";
  const output = new Output(json, streams);
  if (!json) output.note(text);
  else if (exitCode === undefined) output.error(codedError("ABORTED", text, { advice: "" }));
  return interruption.exitCode;
}

function codedFailure(error: unknown): CodedError {
  return codedOf(error) ?? codedError("INTERNAL", error instanceof Error ? error.message : String(error), { advice: "" });
}

async function main(): Promise<number> {
  const { signal } = interruption();
  let options: StartOptions;
  let expectations: Expectation[];
  const output = new Output(process.argv.includes("--json"), process);
  try {
    options = readOptions(process.argv.slice(2));
    // npm changes the folder to the project's, and says where its user was.
    const { localSettings } = readStack(ownProgram.directory, ownProgram.stack);
    expectations = readInputs(options.files, process.env["INIT_CWD"] ?? process.cwd(), localSettings["modelCommand"]);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    tellBadInput(output, (error as Error).message);
    return error instanceof UsageError ? 2 : 1;
  }
  const interrupted = new Promise<undefined>((resolve) => signal.addEventListener("abort", () => resolve(undefined)));
  let cloud: EmbeddedCloud | undefined;
  let exitCode: number | undefined;
  provideHome(process.env);
  try {
    cloud = await EmbeddedCloud.start(cloudSettings(ownProgram));
    const run = start(cloud, ownProgram, expectations, options, signal);
    const right = await Promise.race([run, interrupted]);
    if (right !== undefined) exitCode = right ? 0 : 1;
  } catch (error) {
    // Whatever an interruption breaks is no news.
    if (!signal.aborted) {
      exitCode = 1;
      output.error(codedFailure(error));
    }
  }
  return finish(cloud, exitCode, signal, output.json, process);
}

if (require.main === module) void main().then((exitCode) => process.exit(exitCode));
