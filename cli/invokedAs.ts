import { readFileSync } from "node:fs";
import path from "node:path";

/**
 * How a user of this process types the command line: what hints print works where they stand.
 *
 * `npx` finds the command wherever it was installed, so that it is the answer whenever nothing better is known.
 *
 * @param script file that Node was started with
 */
export function invokedAs(environment: NodeJS.ProcessEnv, script: string | undefined): string {
  const { npm_lifecycle_event: npmScript, PATH = "" } = environment;
  if (npmScript === "cli") return "npm run --silent cli --";
  // Inside of any other npm script, npx included, the PATH has folders that a shell's has not.
  const isOnPath = npmScript === undefined && script !== undefined && PATH.split(path.delimiter).includes(path.dirname(script));
  return isOnPath && path.basename(script) === "sagemaker-async" ? "sagemaker-async" : "npx sagemaker-async";
}

/**
 * How an embedded cloud is started from a folder: in this project's own repository by its script, anywhere else by the command line.
 *
 * @returns a command that more options may follow
 */
export function cloudCommand(directory = process.cwd()): string {
  for (let folder = path.resolve(directory); ; folder = path.dirname(folder)) {
    const found = nameOfPackage(folder);
    if (found === "sagemaker-async-inference") return "npm run cloud --";
    if (found !== undefined || folder === path.dirname(folder)) return "npx sagemaker-async local";
  }
}

/** Undefined where there is no package; empty for one without a name. */
function nameOfPackage(folder: string): string | undefined {
  try {
    const { name } = JSON.parse(readFileSync(path.join(folder, "package.json"), "utf8")) as { name?: unknown };
    return typeof name === "string" ? name : "";
  } catch {
    return undefined;
  }
}
