import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../../doubles/program";

const run = promisify(execFile);

/** One fenced block of a document. */
export interface Block {
  language: string;
  text: string;
}

/** The fenced blocks of a document, in their order. */
export function blocksOf(markdown: string): Block[] {
  return [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((match) => ({ language: match[1] as string, text: match[2] as string }));
}

/** The commands of a document's shell blocks, a line each. */
export function commandsOf(markdown: string): string[] {
  return blocksOf(markdown)
    .filter(({ language }) => language === "sh")
    .flatMap(({ text }) => text.trim().split("\n"));
}

/** Links of a document to files that do not exist. @param file path from `folder` */
export function brokenLinks(file: string, markdown: string, folder = root): string[] {
  const links = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1] as string);
  return links.filter((link) => !existsSync(path.join(folder, path.dirname(file), link)));
}

/**
 * Compiles programs as this package's users do, strictly.
 *
 * @param programs text by file name
 * @returns what the compiler says; empty when all is well
 */
export async function compile(programs: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(path.join(root, "build", "documents-"));
  try {
    for (const [name, text] of Object.entries(programs)) await writeFile(path.join(folder, name), text);
    await writeFile(
      path.join(folder, "tsconfig.json"),
      JSON.stringify({
        extends: "../../tsconfig.json",
        compilerOptions: { noEmit: true, noCheck: false, rootDir: "../.." },
        files: Object.keys(programs),
        include: [],
      }),
    );
    // The largest process of the tests: what it reads lives to its end, so that more room for what is young only takes memory.
    const args = ["--max-semi-space-size=4", path.join(__dirname, "checkPrograms.js"), folder];
    return (await run(process.execPath, args, { cwd: root })).stdout;
  } finally {
    await rm(folder, { recursive: true });
  }
}
