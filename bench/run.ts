/** `npm run bench`: what this project is measured by, with the machine that it was measured on. */
import { archives } from "./archives";
import { echoJobs } from "./echoJobs";
import { firstRun } from "./firstRun";
import { largeInput } from "./largeInput";
import { machine } from "./measure";
import { programRun } from "./programRun";
import { wireRun } from "./wire";

const parts = { program: programRun, functions: archives, start: firstRun, jobs: echoJobs, large: largeInput, wire: wireRun };

async function main(names: string[]): Promise<void> {
  const unknown = names.filter((name) => !(name in parts));
  if (unknown.length > 0) throw new Error(`unknown part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  console.log(machine());
  for (const [name, run] of Object.entries(parts)) {
    if (names.length === 0 || names.includes(name)) console.log(`\n${await run()}`);
  }
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    console.error(`error: ${error instanceof Error ? error.message : String(error)}`);
    process.exit(1);
  },
);
