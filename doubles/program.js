import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
/** Root of the repository. */
export const root = join(__dirname, "..", "..");
/** Reads a YAML file of the repository's root. */
export function yamlFile(name) {
    return parse(readFileSync(join(root, name), "utf8"));
}
/** Project, stack and settings of a shipped environment, as the CLI hands them to the program: Pulumi.yaml's defaults included. */
export function environment(stack) {
    const { name: project, config: declared } = yamlFile("Pulumi.yaml");
    const { config: own } = yamlFile(`Pulumi.${stack}.yaml`);
    const text = (value) => (typeof value === "string" ? value : JSON.stringify(value));
    const defaults = Object.entries(declared).map(([name, setting]) => [`${project}:${name}`, text(setting.default)]);
    const config = [...defaults, ...Object.entries(own).map(([key, value]) => [key, text(value)])];
    return { project, stack, config: Object.fromEntries(config) };
}
/** Runs index.ts anew, as the language host does. */
export function program() {
    const path = require.resolve("../index");
    // The module is the program: it runs when it is loaded.
    delete require.cache[path];
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- see above
    return require(path);
}
