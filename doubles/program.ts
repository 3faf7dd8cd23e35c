import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { DeployOptions } from "./deploy";

/** Root of the repository. */
export const root = join(__dirname, "..", "..");

/** Reads a YAML file of the repository's root. */
export function yamlFile(name: string): Record<string, unknown> {
  return parse(readFileSync(join(root, name), "utf8")) as Record<string, unknown>;
}

/** Project, stack and settings of a shipped environment, as the CLI hands them to the program: Pulumi.yaml's defaults included. */
export function environment(stack: string): Required<Pick<DeployOptions, "project" | "stack" | "config">> {
  const { name: project, config: declared } = yamlFile("Pulumi.yaml") as { name: string; config: Record<string, { default: unknown }> };
  const { config: own } = yamlFile(`Pulumi.${stack}.yaml`) as { config: Record<string, unknown> };
  const text = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));
  const defaults = Object.entries(declared).map(([name, setting]) => [`${project}:${name}`, text(setting.default)]);
  const config = [...defaults, ...Object.entries(own).map(([key, value]) => [key, text(value)])];
  return { project, stack, config: Object.fromEntries(config) as Record<string, string> };
}

/** Runs index.ts anew, as the language host does. */
export function program(): unknown {
  const path = require.resolve("../index");
  // The module is the program: it runs when it is loaded.
  delete require.cache[path];
  // oxlint-disable-next-line typescript/no-require-imports -- see above
  return require(path);
}
