/** `npm run test:servers`: the model servers as they are published, behind the program on an embedded cloud. */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { install, tools } from "./install";
import { deployments, properties, shortened, type Cell, type Property } from "./properties";
import { cellText, failures, table, withTable, type DatedCell, type Results } from "./results";
import { Site } from "./site";
import { root, skipReason, stacks, workFolder, type ServerStack } from "./stacks";

/** What the command was asked for. */
export interface Options {
  only: string[];
  rows: string[];
  write?: true;
}

const resultsFile = path.join(root, "build/servers/results.json");
const page = path.join(root, "docs/servers.md");

/**
 * Reads the command line.
 *
 * @throws CommanderError whose message has been printed already; for `--help` too, with exit code 0.
 */
export function readOptions(argv: readonly string[]): Options {
  return new Command("npm run test:servers --")
    .description("Runs real model servers behind the program on an embedded cloud. Exit code 1 when anything does not hold.")
    .option("--only <stack...>", `stacks to run: ${namesOf(stacks)}`, among(stacks), [])
    .option("--rows <property...>", `properties to try: ${namesOf(properties)}`, among(properties), [])
    .option("--write", "write the table of all newest results, of earlier runs too, to docs/servers.md")
    .allowExcessArguments(false)
    .showHelpAfterError()
    .exitOverride()
    .parse(argv, { from: "user" })
    .opts<Options>();
}

function namesOf(named: readonly { name: string }[]): string {
  return named.map(({ name }) => name).join(", ");
}

function among(named: readonly { name: string }[]): (name: string, before: string[]) => string[] {
  return (name, before) => {
    if (named.some((one) => one.name === name)) return [...before, name];
    throw new InvalidArgumentError(`Expected one of ${namesOf(named)}.`);
  };
}

/** Every asked property of one stack, deployment by deployment. */
async function measure(stack: ServerStack, wanted: readonly Property[], onCell: (property: Property, cell: Cell) => void): Promise<void> {
  const applying = wanted.filter(({ of }) => of?.(stack) ?? true);
  const reason = skipReason(stack, tools(), process.env);
  if (reason !== undefined) return applying.forEach((property) => onCell(property, { holds: "skipped", note: reason }));
  const failed = (error: unknown): Cell => ({ holds: "no", note: shortened(error instanceof Error ? error.message : String(error)) });
  let python: string;
  try {
    python = stack.requirements === undefined ? "python3" : await install(stack.requirements);
  } catch (error) {
    return applying.forEach((property) => onCell(property, failed(error)));
  }
  for (const property of applying) if (property.alone) onCell(property, await property.alone(stack, python).catch(failed));
  for (const name of Object.keys(deployments) as (keyof typeof deployments)[]) {
    const tried = applying.filter(({ on }) => on === name);
    if (tried.length === 0) continue;
    let site: Site;
    try {
      site = await Site.deploy(stack, python, deployments[name](stack));
    } catch (error) {
      for (const property of tried) onCell(property, property.refused?.((error as Error).message) ?? failed(error));
      continue;
    }
    try {
      for (const property of tried) if (property.check) onCell(property, await property.check(site, stack).catch(failed));
    } finally {
      await site.close();
    }
  }
}

/** The newest cell of each stack and property, whichever run measured it. */
function kept(): Results {
  return existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, "utf8")) as Results) : {};
}

function keep(stack: string, property: string, cell: DatedCell): void {
  const results = kept();
  writeFileSync(resultsFile, JSON.stringify({ ...results, [stack]: { ...results[stack], [property]: cell } }, null, 2));
}

async function main(argv: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(argv);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    throw error;
  }
  mkdirSync(workFolder, { recursive: true });
  // A server ends with this process, however that ends.
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.once(signal, () => process.exit(130));
  process.once("exit", () => rmSync(workFolder, { recursive: true, force: true }));
  const wanted = properties.filter(({ name }) => options.rows.length === 0 || options.rows.includes(name));
  const measured: Results = {};
  for (const stack of stacks.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
    console.log(`\n${stack.title}`);
    await measure(stack, wanted, (property, cell) => {
      const dated = { ...cell, date: new Date().toISOString().slice(0, 10) };
      measured[stack.name] = { ...measured[stack.name], [property.name]: dated };
      keep(stack.name, property.name, dated);
      console.log(`  ${property.title}: ${cellText(cell)}`);
    });
  }
  if (options.write) {
    const rows = table(kept(), properties, stacks);
    writeFileSync(page, await withTable(readFileSync(page, "utf8"), rows));
  }
  const wrong = failures(measured);
  console.log(wrong.length === 0 ? "\nEverything that was tried holds." : `\nDoes not hold:\n  ${wrong.join("\n  ")}`);
  return wrong.length === 0 ? 0 : 1;
}

if (require.main === module) {
  main(process.argv.slice(2)).then(
    (exitCode) => process.exit(exitCode),
    (error: unknown) => {
      console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
      process.exit(1);
    },
  );
}
