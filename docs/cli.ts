import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { Output } from "../cli/output";
import { createProgram, programName } from "../cli/program";
import { formatted } from "./formatted";

/** Path of the reference. */
export const cliPath = join(__dirname, "..", "..", "docs", "cli.md");

const introduction = `# The command line

Made by \`npm run docs\` from what \`${programName} help\` says.

\`${programName}\` comes with the package: \`npx ${programName}\` in a project that has it installed, and in the repository. In the repository
\`npm run --silent cli -- …\` is the same, freshly built.

On a terminal it speaks in colours and moving lines, in a pipe in plain lines (those of lists with tabs), and with \`--json\` in one object a line on the standard
output, errors included: \`{ "error": { "code", "message", "retryable", "advice" } }\`, with \`jobId\` or \`file\` when it is about one.`;

/** The reference of all commands, as their help words it. */
export async function cliReference(): Promise<string> {
  const session = {
    output: new Output(false, process),
    environment: {},
    signal: new AbortController().signal,
    exitCode: 0 as const,
    invokedAs: `npx ${programName}`,
  };
  const program = createProgram(session, "");
  const section = (marks: string, name: string, command: Command) => `${marks} ${name}\n\n${block(helpOf(command))}`;
  const sections = program.commands.flatMap((command) => [
    section("##", command.name(), command),
    ...command.commands.map((below) => section("###", `${command.name()} ${below.name()}`, below)),
  ]);
  const text = [introduction, block(helpOf(program)), ...sections].join("\n\n");
  return formatted(cliPath, text);
}

/** The whole help of a command, as wide as a page. */
function helpOf(command: Command): string {
  let help = "";
  command.configureOutput({ writeOut: (text) => (help += text), getOutHelpWidth: () => 110, getOutHasColors: () => false });
  command.outputHelp();
  return help.trimEnd();
}

function block(text: string): string {
  return `\`\`\`\n${text}\n\`\`\``;
}

async function main(): Promise<void> {
  writeFileSync(cliPath, await cliReference());
}

if (require.main === module) void main();
