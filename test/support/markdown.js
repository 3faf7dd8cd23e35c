import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { root } from "../../doubles/program";
const run = promisify(execFile);
/** The fenced blocks of a document, in their order. */
export function blocksOf(markdown) {
    return [...markdown.matchAll(/^```(\w*)\n([^]*?)^```$/gm)].map((match) => ({ language: match[1], text: match[2] }));
}
/** The commands of a document's shell blocks, a line each. */
export function commandsOf(markdown) {
    return blocksOf(markdown)
        .filter(({ language }) => language === "sh")
        .flatMap(({ text }) => text.trim().split("\n"));
}
/** Links of a document to files that do not exist. @param file path from `folder` */
export function brokenLinks(file, markdown, folder = root) {
    const links = [...markdown.matchAll(/\]\((?!https?:|#)([^)#]+)[^)]*\)/g)].map((match) => match[1]);
    return links.filter((link) => !existsSync(path.join(folder, path.dirname(file), link)));
}
/**
 * Compiles programs as this package's users do, strictly.
 *
 * @param programs text by file name
 * @returns what the compiler says; empty when all is well
 */
export async function compile(programs) {
    const folder = await mkdtemp(path.join(root, "build", "documents-"));
    try {
        for (const [name, text] of Object.entries(programs))
            await writeFile(path.join(folder, name), text);
        await writeFile(path.join(folder, "tsconfig.json"), JSON.stringify({
            extends: "../../tsconfig.json",
            compilerOptions: { noEmit: true, noCheck: false, rootDir: "../.." },
            files: Object.keys(programs),
            include: [],
        }));
        return (await run(process.execPath, [path.join(__dirname, "checkPrograms.js"), folder], { cwd: root })).stdout;
    }
    finally {
        await rm(folder, { recursive: true });
    }
}
