import { existsSync, readdirSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { Argument, Option, type Command } from "commander";
import { version } from "../../client/version";
import { failure, UsageError } from "../failure";
import { installLines } from "../installLines";
import { addCommand, addCommonOptions, type Session } from "../session";

/** Pulumi's rule, and short enough for what AWS derives from it: a bucket's name has 63 characters. */
const projectName = /^[a-z][a-z0-9-]{0,23}$/;

/** What stands for a leading dot: npm leaves files that have one out of packages. */
const hidden = /^_/;

/** `sagemaker-async init` */
export function addInit(program: Command, session: Session): Command {
  const command = addCommand(
    program,
    "init",
    "Write a small Pulumi project: program, handler, unit test, stacks for AWS and for this machine, CI. It overwrites nothing.",
    ["sagemaker-async init reviews", "sagemaker-async init . --name reviews"],
  )
    .addArgument(new Argument("[directory]", "where to; made when it is not there").default("."))
    .addOption(new Option("--name <name>", "name of the Pulumi project: a-z, 0-9 and -, at most 24. Left out: that of the directory"));
  return addCommonOptions(command, { target: false }).action((directory: string, options: { name?: string }) =>
    init(session, directory, options.name),
  );
}

async function init({ output, invokedAs }: Session, directory: string, given: string | undefined): Promise<void> {
  const to = path.resolve(directory);
  const name = given ?? path.basename(to).toLowerCase();
  if (!projectName.test(name)) {
    const subject = given === undefined ? `the directory's name ${JSON.stringify(path.basename(to))}` : `--name ${JSON.stringify(given)}`;
    throw new UsageError(
      `${subject} can't be that of a project: expected a letter, then a-z, 0-9 and -, at most 24; name one with --name NAME`,
    );
  }
  const from = templateFolder();
  const files = filesBelow(from).map((file) => ({ source: path.join(from, file), target: targetOf(file) }));
  const taken = files.map(({ target }) => target).filter((target) => existsSync(path.join(to, target)));
  if (taken.length > 0) {
    throw failure(
      "CONFLICT",
      `${to} has ${taken.join(", ")} already, which init does not overwrite.`,
      `Name a directory without, such as a new one: ${invokedAs} init NAME`,
    );
  }
  const install = installLines(path.resolve(from, "../.."), to);
  for (const { source, target } of files) {
    const file = path.join(to, target);
    const text = await readFile(source, "utf8");
    await mkdir(path.dirname(file), { recursive: true });
    // Whoever writes a file of that name meanwhile keeps it.
    await writeFile(file, filled(text, { NAME: name, VERSION: version, INSTALL: install.join("\n    ") }), { flag: "wx" });
  }
  const written = files.map(({ target }) => target).sort();
  output.show({ directory: to, name, files: written }, (paint) => {
    const enter = to === process.cwd() ? [] : [`cd ${path.relative(process.cwd(), to)}`];
    const next = [...enter, ...install, "npm test", "npm run local"].map((line) => `  ${line}`);
    return [`${paint("green", "✔")} ${paint("bold", name)}: ${written.join(", ")}`, "Next:", ...next].join("\n");
  });
}

function filled(text: string, values: Readonly<Record<string, string>>): string {
  return text.replace(/__([A-Z]+)__/g, (all, name: string) => values[name] ?? all);
}

/** This file runs from build/cli/commands, and bundled from dist. */
function templateFolder(): string {
  const found = ["../templates/init", "../../../templates/init"].map((folder) => path.resolve(__dirname, folder)).find(existsSync);
  if (found === undefined)
    throw failure("INTERNAL", "The templates of init are missing in this installation.", "Install the package again.");
  return found;
}

function filesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return entries.map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name))).sort();
}

function targetOf(file: string): string {
  return file
    .split(path.sep)
    .map((part) => part.replace(hidden, "."))
    .join(path.sep);
}
