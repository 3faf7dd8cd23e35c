import path from "node:path";
/**
 * How a user of this process types the command line: what hints print works where they stand.
 *
 * `npx` finds the command wherever it was installed, so that it is the answer whenever nothing better is known.
 *
 * @param script file that Node was started with
 */
export function invokedAs(environment, script) {
  const { npm_lifecycle_event: npmScript, PATH = "" } = environment;
  if (npmScript === "cli") return "npm run --silent cli --";
  // Inside of any other npm script, npx included, the PATH has folders that a shell's has not.
  const isOnPath = npmScript === undefined && script !== undefined && PATH.split(path.delimiter).includes(path.dirname(script));
  return isOnPath && path.basename(script) === "sagemaker-async" ? "sagemaker-async" : "npx sagemaker-async";
}
