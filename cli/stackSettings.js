import { existsSync, readFileSync } from "node:fs";
import path from "node:path";
import { parse } from "yaml";
import { failure } from "./failure";
const names = [
  "instanceType",
  "image",
  "framework",
  "imageTag",
  "inferenceAmiVersion",
  "modelDataUrl",
  "huggingFaceModelId",
  "maxCapacity",
];
/**
 * Reads Pulumi.yaml and `Pulumi.<stack>.yaml` in a folder: plain values of the stack, then the project's defaults.
 * Undefined when the folder has no Pulumi.yaml.
 */
export function readStackTexts(folder, stack) {
  const projectFile = path.join(folder, "Pulumi.yaml");
  if (!existsSync(projectFile)) return undefined;
  const project = read(projectFile);
  const file = path.join(folder, `Pulumi.${stack}.yaml`);
  if (!existsSync(file)) throw failure("NOT_FOUND", `There is no Pulumi.${stack}.yaml in ${folder}.`, "Name another stack with --stack.");
  const given = section(read(file), "config");
  const declared = section(project, "config");
  const namespace = `${String(project["name"])}:`;
  const texts = {};
  const take = (key, written) => {
    const name = key.startsWith(namespace) ? key.slice(namespace.length) : key;
    const text = textOf(written);
    if (!name.includes(":") && text !== undefined) texts[name] = text;
  };
  for (const [key, declaration] of Object.entries(declared)) take(key, defaultOf(declaration));
  for (const [key, written] of Object.entries(given)) take(key, written);
  const region = given["aws:region"];
  return { file, texts, ...(typeof region === "string" && { region }) };
}
/** The few settings that {@link StackSettings} has. Undefined when the folder has no Pulumi.yaml. */
export function readStackSettings(folder, stack) {
  const found = readStackTexts(folder, stack);
  if (found === undefined) return undefined;
  const { texts, region } = found;
  return {
    ...Object.fromEntries(names.flatMap((name) => (texts[name] === undefined ? [] : [[name, texts[name]]]))),
    ...(region !== undefined && { region }),
  };
}
/** A value as Pulumi's program gets it; undefined for one that is encrypted, or missing. */
function textOf(written) {
  if (written === undefined || written === null) return undefined;
  if (typeof written !== "object") return String(written);
  const isSecret = !Array.isArray(written) && Object.keys(written).join() === "secure";
  return isSecret ? undefined : JSON.stringify(written);
}
function read(file) {
  try {
    return parse(readFileSync(file, "utf8")) ?? {};
  } catch (error) {
    throw failure("BAD_INPUT", `${file}: ${error.message}`, "", error);
  }
}
function section(content, name) {
  const found = content[name];
  return typeof found === "object" && found !== null ? found : {};
}
function defaultOf(declaration) {
  if (typeof declaration !== "object" || declaration === null || Array.isArray(declaration)) return declaration;
  const { default: fallback, value } = declaration;
  return fallback ?? value;
}
