/** `npm run faults`: holds the deployed program to its promises while everything fails that can fail. */
import { mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { faultKinds } from "../local/faults/kinds";
import { drawPlan, readPlan } from "../local/faults/plan";
import { deployProgram } from "./deployment";
import { summarize, table } from "./report";
import { simulate, storyOf } from "./simulate";
import { parts } from "./world";
/** Where plans of failed runs go: beside what is compiled. */
const failedPlans = path.resolve(__dirname, "../faults-failed");
function readOptions(argv) {
    const command = new Command("npm run faults --")
        .description("Runs the deployed functions against a simulated AWS in which everything fails that can fail.")
        .addOption(new Option("--seeds <number>", "how many runs").default(200).argParser(atLeastOne))
        .addOption(new Option("--first-seed <number>", "seed of the first").default(1).argParser(atLeastOne))
        .addOption(new Option("--jobs <number>", "jobs of each run").default(52).argParser(atLeastOne))
        .addOption(new Option("--plan <file>", "run this plan alone, such as a failed run has left")
        .argParser(planIn)
        .conflicts(["seeds", "firstSeed", "jobs"]))
        .addOption(new Option("--without <part>", "leave a part out, to see that the check can fail").choices(parts))
        .option("--json", "print one JSON document")
        .allowExcessArguments(false)
        .exitOverride();
    return command.parse(argv, { from: "user" }).opts();
}
function atLeastOne(text) {
    if (/^[1-9]\d*$/.test(text))
        return Number(text);
    throw new InvalidArgumentError("Expected a whole number from 1.");
}
function planIn(file) {
    try {
        return readPlan(path.resolve(process.env["INIT_CWD"] ?? process.cwd(), file));
    }
    catch (error) {
        throw new InvalidArgumentError(error.message);
    }
}
function plansOf({ seeds, firstSeed, jobs, plan }) {
    if (plan !== undefined)
        return [plan];
    return Array.from({ length: seeds }, (_, index) => drawPlan(firstSeed + index, jobs));
}
/** How many failed runs, and how many violations of each, are told in text. */
const told = { runs: 3, violations: 5 };
async function run(options) {
    const deployment = await deployProgram();
    const verdicts = [];
    const failures = [];
    const plans = plansOf(options);
    for (const plan of plans) {
        const { verdict, world } = await simulate(deployment, plan, options.without);
        verdicts.push(verdict);
        if (process.stderr.isTTY)
            process.stderr.write(`\r${verdicts.length} of ${plans.length} runs${verdicts.length < plans.length ? "" : "\n"}`);
        const { violations } = verdict;
        const [first] = violations;
        if (!first)
            continue;
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
function textOf({ seed, again, violations, story }) {
    const shown = violations.slice(0, told.violations).map(({ kind, jobId, detail }) => `${jobId} ${kind}: ${detail}`);
    const more = violations.length > shown.length ? [`and ${violations.length - shown.length} more`] : [];
    return [`seed ${seed}: ${[...shown, ...more].join("; ")}`, `again: ${again}`, ...story.map((line) => `  ${line.slice(0, 300)}`)].join("\n");
}
/** Why the run doesn't count as passed: a broken promise, or a kind of fault that a default run never injected. */
function problemsOf(summary, { plan, without }) {
    const broken = Object.values(summary.violations).some((count) => count > 0) ? ["promises were broken"] : [];
    const missing = [
        ...faultKinds.filter((kind) => summary.injected[kind] === 0),
        ...(summary.refused === 0 ? ["a refusal of one job too many"] : []),
        ...(summary.redriven === 0 ? ["a dead letter put back"] : []),
    ];
    const complete = plan !== undefined || without !== undefined || summary.jobs < 1500 || missing.length === 0;
    return [...broken, ...(complete ? [] : [`never happened: ${missing.join(", ")}`])];
}
async function main() {
    let options;
    try {
        options = readOptions(process.argv.slice(2));
    }
    catch (error) {
        if (error instanceof CommanderError)
            return error.exitCode === 0 ? 0 : 2;
        throw error;
    }
    const { summary, failures } = await run(options);
    const problems = problemsOf(summary, options);
    console.log(options.json
        ? JSON.stringify({ ...summary, problems, failures }, null, 2)
        : [...failures.slice(0, told.runs).map(textOf), table(summary)].join("\n\n"));
    for (const problem of problems)
        console.error(`error: ${problem}`);
    return problems.length === 0 ? 0 : 1;
}
main().then((exitCode) => process.exit(exitCode), (error) => {
    console.error(`error: ${error instanceof Error ? error.stack : String(error)}`);
    process.exit(1);
});
