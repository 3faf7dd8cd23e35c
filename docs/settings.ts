import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as ts from "typescript";
import { stringify } from "yaml";
import { acceptedBy } from "../components/describe";
import { settings, type Setting, type SettingName } from "../components/settings";
import { formatted } from "./formatted";

const root = join(__dirname, "..", "..");
const names = Object.keys(settings) as SettingName[];

/** Path of the project file, whose `config` block is made from the settings. */
export const projectPath = join(root, "Pulumi.yaml");
/** Path of the component's arguments, whose documentation is made from the settings. */
export const argumentsPath = join(root, "components", "args.ts");

/** The reference's table: a Markdown row per setting. */
export function settingsTable(): string[] {
  const rows = names.map((name) => {
    const { default: value, unit, description, leftOut }: Setting = settings[name];
    const shown = value === undefined ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
    const meaning = leftOut === undefined ? description : `${description}. Left out: ${leftOut}`;
    return [`\`${name}\``, shown, escaped(acceptedBy(name)), unit ?? "", escaped(meaning)].map((cell) => cell.replaceAll("|", "\\|"));
  });
  return [["setting", "default", "accepts", "unit", "what it is"], ["---", "---", "---", "---", "---"], ...rows].map(
    (cells) => `| ${cells.join(" | ")} |`,
  );
}

/**
 * The project file with its `config` block, the last one, made anew: every setting that has a default which is no list or map.
 * Settings without a default can't be declared there: the CLI would ask for them.
 */
export async function withConfig(project: string): Promise<string> {
  const start = project.indexOf("\nconfig:\n") + 1;
  if (start === 0) throw new Error("Pulumi.yaml has no block config:");
  const config = Object.fromEntries(
    names.flatMap((name) => {
      const { default: value, description }: Setting = settings[name];
      return value === undefined || typeof value === "object" ? [] : [[name, { description, default: value }]];
    }),
  );
  const text = project.slice(0, start) + stringify({ config }, { lineWidth: 0 });
  return formatted(projectPath, text);
}

/** The arguments' source with the documentation of each made anew; types and order stay. */
export function withComments(source: string): string {
  const file = ts.createSourceFile("args.ts", source, ts.ScriptTarget.ES2022, true);
  const members = file.statements.find(ts.isInterfaceDeclaration)?.members.filter(ts.isPropertySignature) ?? [];
  return members.reduceRight((text, member) => {
    const name = member.name.getText(file) as SettingName;
    const [first] = ts.getLeadingCommentRanges(source, member.getFullStart()) ?? [];
    const start = first?.pos ?? member.getStart(file);
    return `${text.slice(0, start)}${argumentComment(name)}\n  ${text.slice(member.getStart(file))}`;
  }, source);
}

/** What the documentation of an argument says: what it is, what it accepts in which unit, its default, and where its bounds come from. */
export function argumentComment(name: SettingName): string {
  const { type, default: value, unit, description, leftOut, details, source, example }: Setting = settings[name];
  const sentences = [
    `${withCode(escaped(description), name)}.`,
    ...(details === undefined ? [] : [details]),
    ...(type === "boolean" ? [] : [`Accepts ${escaped(inUnit(acceptedBy(name), unit))}.`.replace(/\.{3,}$/, "...")]),
  ];
  const lines = [
    ...wrapped(sentences.join(" ")),
    "",
    `@default ${value === undefined ? withCode(leftOut ?? "none", name) : defaultText(value)}`,
    ...(source?.startsWith("https://") ? [`@see ${source}`] : []),
    ...(example === undefined ? [] : ["@example", "```ts", exampleProgram(example), "```"]),
  ];
  return ["/**", ...lines.map((line) => `   * ${line}`.trimEnd()), "   */"].join("\n").replaceAll(/\*\/(?=.)/g, "*\\/");
}

/** A service with the arguments of an example. */
export function exampleProgram(example: string): string {
  return `new AsyncInference("ocr", { ${example} });`;
}

function defaultText(value: NonNullable<Setting["default"]>): string {
  return typeof value === "object" ? "none" : JSON.stringify(value);
}

/** An integer's bounds with what is counted; anything else with its unit at the end. */
function inUnit(accepts: string, unit: string | undefined): string {
  if (unit === undefined) return accepts;
  const counted = accepts.replace("a whole number", `a whole number of ${unit}`);
  return counted === accepts ? `${accepts} (${unit})` : counted;
}

/** Plain text as Markdown. */
function escaped(text: string): string {
  return text.replaceAll("<", "\\<");
}

/** Names of other settings as code. */
function withCode(text: string, own: SettingName): string {
  return text.replaceAll(/[A-Za-z]+/g, (word) =>
    word !== own && /[A-Z]/.test(word) && Object.hasOwn(settings, word) ? `\`${word}\`` : word,
  );
}

/** Lines that end before column 140, as the code's do. */
function wrapped(text: string): string[] {
  const widest = 140 - "   * ".length;
  const lines = [""];
  for (const word of text.split(" ")) {
    const line = lines.at(-1) as string;
    if (line !== "" && line.length + 1 + word.length > widest) lines.push(word);
    else lines[lines.length - 1] = line === "" ? word : `${line} ${word}`;
  }
  return lines;
}

async function main(): Promise<void> {
  writeFileSync(projectPath, await withConfig(readFileSync(projectPath, "utf8")));
  writeFileSync(argumentsPath, withComments(readFileSync(argumentsPath, "utf8")));
}

if (require.main === module) void main();
