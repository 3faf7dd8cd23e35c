/** `npm run bench:scaling`: replays loads under scaling policies, in virtual time on the embedded cloud's services. */
import { Command, InvalidArgumentError, Option } from "commander";
import { readFileSync } from "node:fs";
import path from "node:path";
import { priceOf } from "../../components/prices";
import { seededRandom } from "../../local/faults/random";
import { loads, readCsv } from "./loads";
import { scalingPolicies } from "./policies";
import { replay } from "./replay";
import { asMarkdown, asText, rowOf } from "./report";
import { usualConditions } from "./simulation";
const usualPriceUsd = priceOf("ml.g5.2xlarge");
/** Time for what was submitted last to end, in the replay of a file. */
const afterHours = 7;
/** Reads the command line. */
export function readOptions(argv) {
    const command = new Command("npm run bench:scaling --")
        .description("Replays loads under the usual scaling policies and this project's, and prints what became of the jobs and what it took.")
        .addOption(new Option("--load <name>", "one load only").choices(Object.keys(loads)))
        .option("--csv <file>", "your own load instead: lines of arrival,duration in seconds")
        .option("--seeds <number>", "runs of each load, whose means are printed", atLeastOne, 5)
        .option("--hours <number>", "how long a load lasts", atLeastOne, 48)
        .option("--price <usd>", "of an instance hour; the default is that of ml.g5.2xlarge in us-east-1", aboveZero, usualPriceUsd)
        .option("--json", "print every figure as JSON")
        .option("--markdown", "print the tables of docs/scaling.md")
        .showHelpAfterError("(npm run bench:scaling -- --help shows the options)");
    return command.parse(argv, { from: "user" }).opts();
}
function atLeastOne(text) {
    if (/^[1-9]\d*$/.test(text))
        return Number(text);
    throw new InvalidArgumentError("Expected a whole number from 1.");
}
function aboveZero(text) {
    if (/^\d+(\.\d+)?$/.test(text) && Number(text) > 0)
        return Number(text);
    throw new InvalidArgumentError("Expected a number above 0.");
}
/** A file's load. @throws Error naming the file, and the line that can't be read */
function readLoad(file) {
    try {
        return readCsv(readFileSync(path.resolve(process.env["INIT_CWD"] ?? "", file), "utf8"));
    }
    catch (error) {
        throw new Error(`${file}: ${error.message}`);
    }
}
/** Replays what the options ask for. @param each is called with each row as it is known */
export async function compareScaling(options, each = () => undefined) {
    const own = options.csv === undefined ? undefined : readLoad(options.csv);
    const names = own ? [path.basename(options.csv)] : options.load ? [options.load] : Object.keys(loads);
    const hours = own ? Math.ceil((own.at(-1)?.atSeconds ?? 0) / 3600) + afterHours : options.hours;
    const arrivals = (name, seed) => own ?? loads[name](seededRandom(seed).next, options.hours);
    const seeds = Array.from({ length: own ? 1 : options.seeds }, (_, index) => index + 1);
    const rows = [];
    for (const name of names) {
        for (const backlogCountsInFlight of [false, true]) {
            for (const policy of Object.values(scalingPolicies)) {
                const resources = await policy.resources();
                const outcomes = [];
                for (const seed of seeds) {
                    outcomes.push(await replay(policy, resources, arrivals(name, seed), { ...usualConditions, backlogCountsInFlight }, hours));
                }
                const row = rowOf(name, policy.title, backlogCountsInFlight, outcomes, options.price);
                rows.push(row);
                each(row);
            }
        }
    }
    return rows;
}
async function main() {
    const options = readOptions(process.argv.slice(2));
    const quiet = options.json === true || options.markdown === true || !process.stderr.isTTY;
    const rows = await compareScaling(options, ({ load, policy }) => {
        if (!quiet)
            process.stderr.write(`${load}: ${policy}\n`);
    });
    console.log(options.json ? JSON.stringify(rows, null, 2) : options.markdown ? asMarkdown(rows) : asText(rows, options.price));
}
if (require.main === module) {
    main().catch((error) => {
        console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
        process.exitCode = 1;
    });
}
