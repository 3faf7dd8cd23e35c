import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import type { Program } from "./resources";

/** A stack of a Pulumi program, as its two YAML files describe it. */
export interface Stack extends Program {
  /** Pulumi.yaml's `main`, absolute; the program's folder when there is none. */
  main: string;
  /** Settings as `pulumi.Config` reads them: full keys such as `aws:region`, lists and maps as JSON text. */
  config: Readonly<Record<string, string>>;
  /** Keys of {@link Stack.config} that Pulumi.yaml declares as secret. */
  secretKeys: readonly string[];
}

/** What Pulumi.yaml's `config` section says of one key. */
interface Declared {
  type?: "string" | "integer" | "boolean" | "array" | "object";
  default?: unknown;
  value?: unknown;
  secret?: boolean;
}

interface ProjectFile {
  name: string;
  main: string | undefined;
  stackConfigDir: string;
  declared: Record<string, unknown>;
}

/**
 * Reads a setting of seconds of the `local:` namespace; undefined where the stack file does not have it.
 *
 * @throws Error naming file and setting when it is no number of seconds from 0
 */
export function localSeconds({ localSettings, stack }: Pick<Program, "localSettings" | "stack">, name: string): number | undefined {
  const text = localSettings[name];
  if (text === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new Error(`Pulumi.${stack}.yaml: local:${name} is ${JSON.stringify(text)}; expected a number of seconds from 0`);
}

/**
 * Reads Pulumi.yaml and `Pulumi.<stack>.yaml` of the program in `directory`, as the Pulumi CLI does.
 *
 * @param settings by full key, in the place of the stack file's
 * @throws Error naming file and key: a missing file, another runtime than nodejs, an encrypted value
 * (the embedded cloud has no key to read it), a value of another type than Pulumi.yaml declares.
 */
export function readStack(directory: string, stack: string, settings: Readonly<Record<string, string>> = {}): Stack {
  const folder = path.resolve(directory);
  const project = readProject(folder);
  const file = stackFilePath(folder, project.stackConfigDir, stack);
  const written = mapping(readYaml(file)["config"] ?? {}, `${file}: config`);

  const config: Record<string, string> = {};
  const secretKeys: string[] = [];
  for (const [key, value] of Object.entries(written)) {
    refuseSecure(value, key, file);
    config[fullKey(project.name, key)] = text(value);
  }
  Object.assign(config, settings);
  for (const [key, declaration] of Object.entries(project.declared)) {
    declare(fullKey(project.name, key), declaration, config, secretKeys, file);
  }
  return {
    directory: folder,
    project: project.name,
    stack,
    main: path.resolve(folder, project.main ?? "."),
    config,
    secretKeys,
    localSettings: Object.fromEntries(
      Object.entries(config)
        .filter(([key]) => key.startsWith("local:"))
        .map(([key, value]) => [key.slice("local:".length), value]),
    ),
  };
}

function readProject(folder: string): ProjectFile {
  const file = path.join(folder, "Pulumi.yaml");
  if (!existsSync(file)) throw new Error(`${folder} is not a Pulumi program: it has no Pulumi.yaml`);
  const content = readYaml(file);
  const name = content["name"];
  if (typeof name !== "string") throw new Error(`${file}: name is missing`);
  const runtime =
    typeof content["runtime"] === "string" ? content["runtime"] : mapping(content["runtime"] ?? {}, `${file}: runtime`)["name"];
  if (runtime !== "nodejs") {
    throw new Error(`${file}: runtime is ${JSON.stringify(runtime)}; the embedded cloud runs programs of the runtime nodejs`);
  }
  return {
    name,
    main: content["main"] as string | undefined,
    stackConfigDir: (content["stackConfigDir"] as string | undefined) ?? ".",
    declared: mapping(content["config"] ?? {}, `${file}: config`),
  };
}

function stackFilePath(folder: string, stackConfigDir: string, stack: string): string {
  const directory = path.resolve(folder, stackConfigDir);
  const file = path.join(directory, `Pulumi.${stack}.yaml`);
  if (existsSync(file)) return file;
  const others = existsSync(directory) && statSync(directory).isDirectory() ? readdirSync(directory) : [];
  const stacks = others.flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []).sort();
  const known = stacks.length > 0 ? `stacks there: ${stacks.join(", ")}` : "create it, empty when the program needs no settings";
  throw new Error(`no stack ${JSON.stringify(stack)}: ${file} does not exist; ${known}`);
}

function readYaml(file: string): Record<string, unknown> {
  try {
    return mapping(parse(readFileSync(file, "utf8")) ?? {}, file);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(reason.startsWith(file) ? reason : `${file}: ${reason}`, { cause: error });
  }
}

function mapping(value: unknown, subject: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new Error(`${subject}: got ${JSON.stringify(value)}, expected a mapping`);
}

/** The CLI takes `key`, `project:key` and the old `project:config:key`. */
function fullKey(project: string, key: string): string {
  const normal = key.replace(/^([^:]+):config:/, "$1:");
  return normal.includes(":") ? normal : `${project}:${normal}`;
}

function text(value: unknown): string {
  if (value === null) return "";
  return typeof value === "string" ? value : JSON.stringify(value);
}

function refuseSecure(value: unknown, key: string, file: string): void {
  if (typeof value !== "object" || value === null) return;
  if ("secure" in value) {
    throw new Error(`${file}: ${key} is encrypted (secure:), which the embedded cloud cannot read; give this stack a plain value`);
  }
  for (const [child, nested] of Object.entries(value)) refuseSecure(nested, `${key}.${child}`, file);
}

function declare(key: string, declaration: unknown, config: Record<string, string>, secretKeys: string[], file: string): void {
  const declared = (
    typeof declaration === "object" && declaration !== null && !Array.isArray(declaration) ? declaration : { value: declaration }
  ) as Declared;
  const fallback = declared.default ?? declared.value;
  if (!(key in config)) {
    if (fallback !== undefined) config[key] = text(fallback);
    // The CLI asks for every declared key that has a type and no default.
    else if (declared.type !== undefined) throw new Error(`${file}: ${key} is missing, and Pulumi.yaml gives it no default`);
  }
  const value = config[key];
  if (value === undefined) return;
  if (declared.type !== undefined && !accepted[declared.type](value)) {
    throw new Error(`${file}: ${key} is ${JSON.stringify(value)}; Pulumi.yaml declares type ${declared.type}`);
  }
  if (declared.secret) secretKeys.push(key);
}

const accepted: Record<NonNullable<Declared["type"]>, (value: string) => boolean> = {
  string: () => true,
  integer: (value) => /^-?\d+$/.test(value),
  boolean: (value) => value === "true" || value === "false",
  array: (value) => Array.isArray(json(value)),
  object: (value) => typeof json(value) === "object" && !Array.isArray(json(value)),
};

function json(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
