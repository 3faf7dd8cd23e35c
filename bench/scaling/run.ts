/** `npm run bench:scaling`: replays loads under scaling policies, in virtual time on the embedded cloud's services. */
import { Command, InvalidArgumentError, Option } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { priceOf } from "../../components/prices";
import { seededRandom } from "../../local/faults/random";
import { loads, readCsv, type Arrival, type LoadName } from "./loads";
import { scalingPolicies, type ScalingPolicy } from "./policies";
import { comparePriorities, priorityTable } from "./priorities";
import { replay, type Outcome } from "./replay";
import { asMarkdown, asText, rowOf, type Row } from "./report";
import { usualConditions } from "./simulation";

interface Options {
  load?: LoadName;
  csv?: string;
  seeds: number;
  hours: number;
  price: number;
  priority?: true;
  json?: true;
  markdown?: true;
}

const usualPriceUsd = priceOf("ml.g5.2xlarge") as number;

/** Time for what was submitted last to end, in the replay of a file. */
const afterHours = 7;

/** Reads the command line. */
export function readOptions(argv: readonly string[]): Options {
  const command = new Command("npm run bench:scaling --")
    .description("Replays loads under the usual scaling policies and this project's, and prints what became of the jobs and what it took.")
    .addOption(new Option("--load <name>", "one load only").choices(Object.keys(loads)))
    .option("--csv <file>", "your own load instead: lines of arrival,duration in seconds")
    .option("--seeds <number>", "runs of each load, whose means are printed", atLeastOne, 5)
    .option("--hours <number>", "how long a load lasts", atLeastOne, 48)
    .option("--price <usd>", "of an instance hour; the default is that of ml.g5.2xlarge in us-east-1", aboveZero, usualPriceUsd)
    .option("--priority", "people's jobs with a batch behind them instead: what each waits, with and without priorities")
    .option("--json", "print every figure as JSON")
    .option("--markdown", "print the tables of docs/scaling.md")
    .showHelpAfterError("(npm run bench:scaling -- --help shows the options)");
  return command.parse(argv, { from: "user" }).opts<Options>();
}

function atLeastOne(text: string): number {
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new InvalidArgumentError("Expected a whole number from 1.");
}

function aboveZero(text: string): number {
  if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0) return Number(text);
  throw new InvalidArgumentError("Expected a number above 0.");
}

/** A file's load. @throws Error naming the file, and the line that can't be read */
function readLoad(file: string): Arrival[] {
  try {
    return readCsv(readFileSync(path.resolve(process.env["INIT_CWD"] ?? "", file), "utf8"));
  } catch (error) {
    throw new Error(`${file}: ${(error as Error).message}`);
  }
}

/** Replays what the options ask for. @param each is called with each row as it is known */
export async function compareScaling(options: Options, each: (row: Row) => void = () => undefined): Promise<Row[]> {
  const own = options.csv === undefined ? undefined : readLoad(options.csv);
  const names = own ? [path.basename(options.csv as string)] : options.load ? [options.load] : (Object.keys(loads) as LoadName[]);
  const hours = own ? Math.ceil((own.at(-1)?.atSeconds ?? 0) / 3600) + afterHours : options.hours;
  const arrivals = (name: string, seed: number): Arrival[] => own ?? loads[name as LoadName](seededRandom(seed).next, options.hours);
  const seeds = Array.from({ length: own ? 1 : options.seeds }, (_, index) => index + 1);
  const rows: Row[] = [];
  for (const name of names) {
    for (const backlogCountsInFlight of [false, true]) {
      for (const policy of Object.values<ScalingPolicy>(scalingPolicies)) {
        const resources = await policy.resources();
        const outcomes: Outcome[] = [];
        for (const seed of seeds) {
          outcomes.push(await replay(policy, resources, arrivals(name, seed), { ...usualConditions, backlogCountsInFlight }, hours));
        }
        const row = rowOf(name, policy.title, backlogCountsInFlight, outcomes as [Outcome, ...Outcome[]], options.price);
        rows.push(row);
        each(row);
      }
    }
  }
  return rows;
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  const quiet = options.json === true || options.markdown === true || !process.stderr.isTTY;
  if (options.priority) {
    const found = await comparePriorities(options);
    return console.log(options.json ? JSON.stringify(found, null, 2) : priorityTable(found, options.markdown === true));
  }
  const rows = await compareScaling(options, ({ load, policy }) => {
    if (!quiet) process.stderr.write(`${load}: ${policy}\n`);
  });
  console.log(options.json ? JSON.stringify(rows, null, 2) : options.markdown ? asMarkdown(rows) : asText(rows, options.price));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exitCode = 1;
  });
}
