import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { failure } from "./failure";

/** What a stack's files say of the settings that a look before the deployment needs. */
export type StackSettings = Partial<Record<SettingName, string>> & { region?: string };

const names = [
  "instanceType",
  "image",
  "framework",
  "imageTag",
  "inferenceAmiVersion",
  "modelDataUrl",
  "huggingFaceModelId",
  "minCapacity",
  "maxCapacity",
  "deployment",
] as const;
type SettingName = (typeof names)[number];

/** What a stack's files say, as text: lists and maps are JSON, as Pulumi hands them to the program. */
export interface StackTexts {
  /** Path of `Pulumi.<stack>.yaml`. */
  file: string;
  /** By setting; encrypted values are left out, since only their stack's key reads them. */
  texts: Readonly<Record<string, string>>;
  region?: string;
}

/**
 * Reads Pulumi.yaml and `Pulumi.<stack>.yaml` in a folder: plain values of the stack, then the project's defaults.
 * Undefined when the folder has no Pulumi.yaml.
 */
export function readStackTexts(folder: string, stack: string): StackTexts | undefined {
  const projectFile = path.join(folder, "Pulumi.yaml");
  if (!existsSync(projectFile)) return undefined;
  const project = read(projectFile);
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw failure("NOT_FOUND", `There is no Pulumi.${stack}.yaml in ${folder}.`, otherStacks(folder));
  const given = section(read(file), "config");
  const declared = section(project, "config");
  const namespace = `${String(project["name"])}:`;
  const texts: Record<string, string> = {};
  const take = (key: string, written: unknown) => {
    const name = key.startsWith(namespace) ? key.slice(namespace.length) : key;
    const text = textOf(written);
    if (!name.includes(":") && text !== undefined) texts[name] = text;
  };
  for (const [key, declaration] of Object.entries(declared)) take(key, defaultOf(declaration));
  for (const [key, written] of Object.entries(given)) take(key, written);
  const region = given["aws:region"];
  return { file, texts, ...(typeof region === "string" && { region }) };
}

/** What somebody can do who named a stack that has no file. */
function otherStacks(folder: string): string {
  const names = readdirSync(folder).flatMap((file) => /^Pulumi\.(.+)\.yaml$/.exec(file)?.[1] ?? []);
  if (names.length === 0) return "No stack has a file there: `pulumi config set` in a stack writes one.";
  return `Name a stack that has one: ${names.sort().join(", ")}.`;
}

/** The few settings that {@link StackSettings} has. Undefined when the folder has no Pulumi.yaml. */
export function readStackSettings(folder: string, stack: string): StackSettings | undefined {
  const found = readStackTexts(folder, stack);
  if (found === undefined) return undefined;
  const { texts, region } = found;
  return {
    ...Object.fromEntries(names.flatMap((name) => (texts[name] === undefined ? [] : [[name, texts[name]] as const]))),
    ...(region !== undefined && { region }),
  };
}

/** A value as Pulumi's program gets it; undefined for one that is encrypted, or missing. */
function textOf(written: unknown): string | undefined {
  if (written === undefined || written === null) return undefined;
  if (typeof written === "string") return written;
  if (typeof written !== "object") return JSON.stringify(written);
  const isSecret = !Array.isArray(written) && Object.keys(written).join() === "secure";
  return isSecret ? undefined : JSON.stringify(written);
}

function read(file: string): Record<string, unknown> {
  try {
    return (parse(readFileSync(file, "utf8")) ?? {}) as Record<string, unknown>;
  } catch (error) {
    throw failure("BAD_INPUT", `${file}: ${(error as Error).message}`, "", error);
  }
}

function section(content: Record<string, unknown>, name: string): Record<string, unknown> {
  const found = content[name];
  return typeof found === "object" && found !== null ? (found as Record<string, unknown>) : {};
}

function defaultOf(declaration: unknown): unknown {
  if (typeof declaration !== "object" || declaration === null || Array.isArray(declaration)) return declaration;
  const { default: fallback, value } = declaration as { default?: unknown; value?: unknown };
  return fallback ?? value;
}
