import { createReadStream, statSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Option, type Command } from "commander";
import type { PlainArgs } from "../../components/problems";
import type { Goal, Load, Plan, PlanSettings } from "../../planner";
import { describedLoad } from "../../planner/loads/described";
import { LoadProblem } from "../../planner/loads/problem";
import { readTrace, type ReadLoad } from "../../planner/loads/trace";
import type { NamedColumns } from "../../planner/loads/columns";
import { exitCodes, worst, type ExitCode } from "../exitCodes";
import { failure, UsageError } from "../failure";
import { fileProblem } from "../inputs";
import { LiveLine } from "../liveLine";
import { number, since, type Since } from "../options";
import { requirePackages } from "../optionalPackages";
import { deployedLoad, deployedSettings } from "../planning/deployed";
import { planHtml } from "../planning/html";
import {
  readBudget,
  readColumns,
  readStartup,
  readConcurrency,
  readTypes,
  readWait,
  repeated,
  type PlannedConcurrency,
  type PlannedType,
} from "../planning/options";
import { readGivenPrices, readPrices, type Prices } from "../planning/prices";
import { explanationOf, planColumns, planJson, planMarkdown, rowsOf, titleOf, type PlanReport } from "../planning/report";
import { planSettings, readChanges, readPlanned, withConcurrency } from "../planning/settings";
import { addCommand, addCommonOptions, withService, type Service, type Session } from "../session";
import { readStackTexts } from "../stackSettings";
import type { TargetOptions } from "../target";

interface PlanOptions extends TargetOptions {
  trace?: string[];
  rate?: string[];
  columns?: NamedColumns;
  since: Since;
  waitP95?: number;
  budget?: number;
  type?: PlannedType[];
  price?: string[];
  priceFactor?: number;
  concurrency?: PlannedConcurrency[];
  startup?: readonly [number, number];
  set?: string[];
  html?: string;
  markdown?: boolean;
}

/** Settings as they are today, as text, and where they come from. */
interface Today {
  texts: Readonly<Record<string, string>>;
  from: string;
  region?: string;
  /** Whether prices may be asked of AWS. */
  askAws: boolean;
}

/** `sagemaker-async plan` */
export function addPlan(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "plan",
    "Say before a deployment how long a load's jobs will wait and what that costs, and which settings serve it better.",
    [
      "sagemaker-async plan --trace jobs.csv",
      "sagemaker-async plan --stack prod --since 14d",
      'sagemaker-async plan --rate "peak 0.05/s, day curve, 20-120 s"',
      "sagemaker-async plan --trace jobs.csv --wait-p95 10m --budget 2000/month --html plan.html",
      "sagemaker-async plan --trace jobs.csv --set idleSeconds=60 --markdown",
    ],
  )
    .optionsGroup("The load:")
    .addOption(
      new Option("--trace <file>", "CSV or JSON lines with arrival and duration; - is the standard input; repeatable").argParser(repeated),
    )
    .addOption(
      new Option("--columns <names>", "where they are: arrival=NAME,duration=NAME[:ms], or start= and finish=").argParser(readColumns),
    )
    .addOption(new Option("--rate <words>", 'a load in words, such as "peak 0.05/s, day curve, 20-120 s"; repeatable').argParser(repeated))
    .addOption(
      new Option("--since <time>", "of a deployed service's own jobs: a span or a time").argParser(since).default(since("14d"), "14d"),
    )
    .optionsGroup("What is asked:")
    .addOption(new Option("--wait-p95 <time>", "goal: 95 of 100 jobs wait at most so long, such as 10m").argParser(readWait))
    .addOption(new Option("--budget <usd>", "goal: at most so many dollars, such as 2000/month or 60/day").argParser(readBudget))
    .addOption(new Option("--set <name=value>", "try this change alone, without a search; repeatable").argParser(repeated))
    .addOption(
      new Option("--type <type[=factor]>", "also plan this instance type, so many times as fast as today's; repeatable").argParser(
        readTypes,
      ),
    )
    .addOption(
      new Option(
        "--concurrency <count[=factor]>",
        "also plan so many requests at once on an instance, each so many times as fast as today; repeatable",
      ).argParser(readConcurrency),
    )
    .addOption(
      new Option("--startup <seconds>", "how long an instance takes until it serves, when you know it: 240 or 200-300").argParser(
        readStartup,
      ),
    )
    .addOption(new Option("--price <type=usd>", "price of an instance an hour, in the place of the list's; repeatable").argParser(repeated))
    .addOption(
      new Option("--price-factor <factor>", "what is paid of the list price, such as 0.7 with a savings plan").argParser(number(0.01, "")),
    )
    .optionsGroup("Output:")
    .addOption(new Option("--html <file>", "write a report that needs no network"))
    .addOption(new Option("--markdown", "Markdown for a pull request"));
  return addCommonOptions(command, { target: true }).action((options: PlanOptions) => runPlan(session, options));
}

async function runPlan(session: Session, options: PlanOptions): Promise<void> {
  const { output } = session;
  if (options.markdown && output.json) throw new UsageError("got --json and --markdown: give one of them");
  if (options.html !== undefined) checkFolderOf(options.html);
  const goal: Goal = {
    ...(options.waitP95 !== undefined && { waitP95Seconds: options.waitP95 }),
    ...(options.budget !== undefined && { usdPerMonth: options.budget }),
  };
  const changes = readChanges(options.set ?? []);
  const given = readGivenPrices(options.price ?? []);
  const { today, loads } = await gather(session, options);
  const values = readPlanned(today.texts, today.from);
  const changed = Object.keys(changes).length === 0 ? undefined : readPlanned({ ...today.texts, ...changes }, `${today.from} with --set`);
  const typesAsked = [values, changed ?? {}].map((planned) => typeOf(planned));
  const { priceFactor: factor } = options;
  const { environment, signal } = session;
  const types = [...new Set([...typesAsked, ...(options.type ?? []).map(({ instanceType }) => instanceType)])];
  const prices = await readPrices(types, { given, factor, region: today.region, environment, askAws: today.askAws, signal });
  const current = planSettings(values, prices);
  const ofType = (planned: PlainArgs, instanceType = typeOf(planned)) =>
    planSettings({ ...planned, instanceType }, { ...prices, speedFactor: speedOf(instanceType, options.type) });
  const onTypes = (options.type ?? []).map(({ instanceType }) => ofType(values, instanceType));
  const atOnce = (options.concurrency ?? []).flatMap(({ count, factor: speed }) =>
    [current, ...onTypes].map((settings) => withConcurrency(settings, count, speed)),
  );
  const others = [...onTypes, ...atOnce];
  const reports: PlanReport[] = [];
  for (const { load, told } of loads) {
    const plan = await planOf(session, load, current, goal, {
      changed: changed && changedSettings(current, ofType(changed), "maxConcurrentInvocationsPerInstance" in changes, options.concurrency),
      others,
      startup: options.startup,
    });
    const stack = options.stack;
    const report = {
      plan,
      goal,
      told,
      settingsFrom: today.from,
      prices: prices.source,
      tried: changed !== undefined,
      ...(stack && { stack }),
    };
    reports.push(report);
    show(session, report, options.markdown === true);
    if (signal.aborted) break;
  }
  if (options.html !== undefined) {
    writeFileSync(options.html, planHtml(reports));
    output.note(`The report is in ${options.html}.`);
  }
  session.exitCode = signal.aborted ? exitCodes.interrupted : worst(reports.map(exitCodeOf));
}

const noPrice: Pick<Prices, "usdPerHour"> = { usdPerHour: () => undefined };

function typeOf(values: PlainArgs): string {
  return planSettings(values, noPrice).instanceType;
}

/** How much faster a type is than today's, as far as the user says it. */
function speedOf(instanceType: string, types: readonly PlannedType[] = []): number {
  return types.find((type) => type.instanceType === instanceType)?.factor ?? 1;
}

/** A change as it is simulated: who sets more requests at once has slower ones. */
function changedSettings(
  current: PlanSettings,
  changed: PlanSettings,
  setsConcurrency: boolean,
  concurrency: readonly PlannedConcurrency[] = [],
): PlanSettings {
  const { maxConcurrentInvocationsPerInstance: before } = current;
  const { maxConcurrentInvocationsPerInstance: count } = changed;
  if (!setsConcurrency || count === before) return changed;
  const factor = concurrency.find((one) => one.count === count)?.factor;
  return withConcurrency({ ...changed, maxConcurrentInvocationsPerInstance: before }, count, factor);
}

/** A report that can't be written should not be known of after minutes. @throws UsageError */
function checkFolderOf(file: string): void {
  const folder = path.dirname(path.resolve(file));
  if (!(statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false)) throw new UsageError(`--html: ${folder}: no such folder`);
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory() ?? false)
    throw new UsageError(`--html: ${file} is a folder, expected a file`);
}

/** A goal that nothing meets is an end of its own, for scripts. */
function exitCodeOf({ plan, goal, tried }: PlanReport): ExitCode {
  if (goal.waitP95Seconds === undefined && goal.usdPerMonth === undefined) return exitCodes.done;
  const isMet = tried ? plan.nearest?.meetsGoal === true : plan.recommended !== undefined;
  return isMet ? exitCodes.done : exitCodes.timedOut;
}

/** Whose file has today's settings where no stack is named. */
const defaultStack = "dev";

/** Today's settings, and the loads: what is deployed is asked once for both. */
async function gather(session: Session, options: PlanOptions): Promise<{ today: Today; loads: ReadLoad[] }> {
  const { trace = [], rate = [], outputs, stack } = options;
  const named = async (read: () => ReadLoad | Promise<ReadLoad>): Promise<ReadLoad> => {
    try {
      return await read();
    } catch (error) {
      if (error instanceof LoadProblem) throw failure("BAD_INPUT", error.message, error.advice, error);
      throw error;
    }
  };
  const loads: ReadLoad[] = [];
  for (const file of trace) {
    const problem = file === "-" ? undefined : fileProblem(file);
    if (problem !== undefined) throw new UsageError(`--trace: ${file}: ${problem}`);
    const chunks = file === "-" ? process.stdin : createReadStream(file);
    const name = file === "-" ? "standard input" : file;
    loads.push(
      await named(() => readTrace(name, chunks, { signal: session.signal, ...(options.columns && { columns: options.columns }) })),
    );
  }
  for (const words of rate) loads.push({ load: inWords(words), told: `"${words}", by chance` });
  const written = outputs === undefined ? readStackTexts(process.cwd(), stack ?? defaultStack) : undefined;
  const fromFile: Today | undefined = written && {
    texts: written.texts,
    from: `Pulumi.${stack ?? defaultStack}.yaml`,
    askAws: true,
    ...(written.region !== undefined && { region: written.region }),
  };
  if (loads.length > 0 && fromFile !== undefined) return { today: fromFile, loads };
  if (loads.length > 0 && outputs === undefined && stack === undefined) {
    // Nothing deployed and nothing written yet: the program's defaults are what `init` would deploy.
    return { today: { texts: {}, from: "the defaults (there is no Pulumi.yaml here)", askAws: true }, loads };
  }
  requirePackages("plan of a deployed service", ["@aws-sdk/client-sagemaker", "@aws-sdk/client-cloudwatch"]);
  let deployed: Today | undefined;
  await withLoad(session, options, async (service) => {
    const { outputs: known, endpointUrl } = service.target;
    const askAws = endpointUrl === undefined;
    // Whoever names no stack has its outputs from a file: what a stack file here says may be of another one.
    deployed = (stack === undefined ? undefined : fromFile) ?? { ...(await deployedSettings(service)), region: known.region, askAws };
    if (loads.length === 0) loads.push(await named(() => deployedLoad(session, service, options.since)));
  });
  return { today: deployed as Today, loads };
}

/** @throws UsageError for words that describe no load */
function inWords(words: string): Load {
  try {
    return describedLoad(words);
  } catch (error) {
    throw error instanceof LoadProblem ? new UsageError(`--rate: ${error.message}`) : error;
  }
}

/** A deployed service's own jobs are the load. @throws UsageError that says which loads there are, where nothing names a service */
async function withLoad(session: Session, options: PlanOptions, work: (service: Service) => Promise<void>): Promise<void> {
  try {
    await withService(session, options, work);
  } catch (error) {
    if (!(error instanceof UsageError) || !error.message.startsWith("no service")) throw error;
    throw new UsageError(
      `no load: give --trace FILE, or --rate "peak 0.05/s, day curve, 20-120 s"; or, for the jobs of a deployed service, ${error.message}`,
    );
  }
}

/** The engine's plan, or of one change that is tried a plan without a search. */
async function planOf(
  { output, signal }: Session,
  load: Load,
  current: PlanSettings,
  goal: Goal,
  { changed, others, startup }: { changed: PlanSettings | undefined; others: PlanSettings[]; startup: PlanOptions["startup"] },
): Promise<Plan> {
  const { plan, tryChange, usualBand } = await import("../../planner/index.js");
  const band = startup === undefined ? usualBand : { ...usualBand, startupSeconds: startup };
  if (changed !== undefined) return tryChange(load, current, changed, goal, { band, signal });
  const line = new LiveLine(output.live);
  try {
    const onProgress = (done: number, of: number) => line.show(`${load.name}: ${done} of ${of} candidates`);
    return await plan(load, current, goal, { types: others, band, signal, onProgress });
  } finally {
    line.clear();
  }
}

function show({ output }: Session, report: PlanReport, markdown: boolean): void {
  if (output.json) return output.show(planJson(report), () => "");
  if (markdown) return output.show({}, () => planMarkdown(report));
  output.show({}, (paint) => `${paint("bold", report.plan.load.name)}\n${output.fit(titleOf(report), 0)}\n`);
  output.table(rowsOf(report), planColumns);
  output.show({}, (paint) => `\n${explanationOf(report, paint, output.columns)}`);
}
