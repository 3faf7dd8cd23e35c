import { existsSync, readFileSync } from "node:fs";
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
  "maxCapacity",
] as const;
type SettingName = (typeof names)[number];

/**
 * Reads Pulumi.yaml and `Pulumi.<stack>.yaml` in a folder: plain values of the stack, then the project's defaults.
 * Undefined when the folder has no Pulumi.yaml.
 */
export function readStackSettings(folder: string, stack: string): StackSettings | undefined {
  const projectFile = path.join(folder, "Pulumi.yaml");
  if (!existsSync(projectFile)) return undefined;
  const project = read(projectFile);
  const stackFile = path.join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(stackFile))
    throw failure("NOT_FOUND", `There is no Pulumi.${stack}.yaml in ${folder}.`, "Name another stack with --stack.");
  const given = section(read(stackFile), "config");
  const declared = section(project, "config");
  const project_ = String(project["name"]);

  const value = (name: string): string | undefined => {
    const written = given[`${project_}:${name}`] ?? given[name] ?? defaultOf(declared[name]);
    // An encrypted value can be read with its stack's key only: as if it were not there.
    return typeof written === "string" || typeof written === "number" ? String(written) : undefined;
  };
  const region = given["aws:region"];
  return {
    ...Object.fromEntries(names.flatMap((name) => [[name, value(name)] as const]).filter(([, found]) => found !== undefined)),
    ...(typeof region === "string" && { region }),
  };
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
  if (typeof declaration !== "object" || declaration === null) return declaration;
  const { default: fallback, value } = declaration as { default?: unknown; value?: unknown };
  return fallback ?? value;
}
