/** `npm run faults`: holds the deployed program to its promises while everything fails that can fail. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { faultKinds } from "../local/faults/kinds";
import { drawPlan, readPlan, type FaultPlan } from "../local/faults/plan";
import { deployProgram } from "./deployment";
import type { Verdict, Violation } from "./invariants";
import { summarize, table, type Summary } from "./report";
import { simulate, storyOf } from "./simulate";
import { parts, type Without } from "./world";

interface Options {
  seeds: number;
  firstSeed: number;
  jobs: number;
  plan?: FaultPlan;
  without?: Without;
  json?: true;
}

/** Where plans of failed runs go: beside what is compiled. */
const failedPlans = path.resolve(__dirname, "../faults-failed");

function readOptions(argv: readonly string[]): Options {
  const command = new Command("npm run faults --")
    .description("Runs the deployed functions against a simulated AWS in which everything fails that can fail.")
    .addOption(new Option("--seeds <number>", "how many runs").default(200).argParser(atLeastOne))
    .addOption(new Option("--first-seed <number>", "seed of the first").default(1).argParser(atLeastOne))
    .addOption(new Option("--jobs <number>", "jobs of each run").default(52).argParser(atLeastOne))
    .addOption(
      new Option("--plan <file>", "run this plan alone, such as a failed run has left")
        .argParser(planIn)
        .conflicts(["seeds", "firstSeed", "jobs"]),
    )
    .addOption(new Option("--without <part>", "leave a part out, to see that the check can fail").choices(parts))
    .option("--json", "print one JSON document")
    .allowExcessArguments(false)
    .exitOverride();
  return command.parse(argv, { from: "user" }).opts<Options>();
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

function planIn(file: string): FaultPlan {
  try {
    return readPlan(path.resolve(process.env["INIT_CWD"] ?? process.cwd(), file));
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message);
  }
}

function plansOf({ seeds, firstSeed, jobs, plan }: Options): FaultPlan[] {
  if (plan !== undefined) return [plan];
  return Array.from({ length: seeds }, (_, index) => drawPlan(firstSeed + index, jobs));
}

/** A run that broke a promise. */
interface Failure {
  seed: number;
  /** File with its plan. */
  plan: string;
  /** Command that repeats it. */
  again: string;
  violations: Violation[];
  /** What happened to the first of its jobs, line by line. */
  story: string[];
}

/** How many failed runs, and how many violations of each, are told in text. */
const told = { runs: 3, violations: 5 };

async function run(options: Options): Promise<{ summary: Summary; failures: Failure[] }> {
  const deployment = await deployProgram();
  const verdicts: Verdict[] = [];
  const failures: Failure[] = [];
  const plans = plansOf(options);
  for (const plan of plans) {
    const { verdict, world } = await simulate(deployment, plan, options.without);
    verdicts.push(verdict);
    if (process.stderr.isTTY)
      process.stderr.write(`\r${verdicts.length} of ${plans.length} runs${verdicts.length < plans.length ? "" : "\n"}`);
    const { violations } = verdict;
    const [first] = violations;
    if (!first) continue;
    mkdirSync(failedPlans, { recursive: true });
    const file = path.join(failedPlans, `seed-${plan.seed}.json`);
    writeFileSync(file, `${JSON.stringify(plan, null, 2)}\n`);
    const name = path.relative(process.cwd(), file);
    const again = `npm run faults -- --plan ${name}${options.without === undefined ? "" : ` --without ${options.without}`}`;
    failures.push({
      seed: plan.seed,
      plan: name,
      again,
      violations,
      story: failures.length < told.runs ? storyOf(world, first.jobId) : [],
    });
  }
  return { summary: summarize(verdicts), failures };
}

function textOf({ seed, again, violations, story }: Failure): string {
  const shown = violations.slice(0, told.violations).map(({ kind, jobId, detail }) => `${jobId} ${kind}: ${detail}`);
  const more = violations.length > shown.length ? [`and ${violations.length - shown.length} more`] : [];
  return [`seed ${seed}: ${[...shown, ...more].join("; ")}`, `again: ${again}`, ...story.map((line) => `  ${line.slice(0, 300)}`)].join(
    "\n",
  );
}

/** Why the run doesn't count as passed: a broken promise, or a kind of fault that a default run never injected. */
function problemsOf(summary: Summary, { plan, without }: Options): string[] {
  const broken = Object.values(summary.violations).some((count) => count > 0) ? ["promises were broken"] : [];
  const missing = [
    ...faultKinds.filter((kind) => summary.injected[kind] === 0),
    ...(summary.refused === 0 ? ["a refusal of one job too many"] : []),
    ...(summary.redriven === 0 ? ["a dead letter put back"] : []),
  ];
  const complete = plan !== undefined || without !== undefined || summary.jobs < 1500 || missing.length === 0;
  return [...broken, ...(complete ? [] : [`never happened: ${missing.join(", ")}`])];
}

async function main(): Promise<number> {
  let options: Options;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  const { summary, failures } = await run(options);
  const problems = problemsOf(summary, options);
  console.log(
    options.json
      ? JSON.stringify({ ...summary, problems, failures }, null, 2)
      : [...failures.slice(0, told.runs).map(textOf), table(summary)].join("\n\n"),
  );
  for (const problem of problems) console.error(`error: ${problem}`);
  return problems.length === 0 ? 0 : 1;
}

main().then(
  (exitCode) => process.exit(exitCode),
  (error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
  },
);
