import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { settings, type Setting } from "../../components/settings";
import { exampleProgram } from "../../docs/settings";
import { blocksOf, brokenLinks, compile } from "../support/markdown";
import { root } from "../../doubles/program";

const files = [
  "README.md",
  "CONTRIBUTING.md",
  ...readdirSync(path.join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const documents = files.map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));

describe("the documents", () => {
  it("link to files that exist", () => {
    expect(documents.flatMap(({ file, text }) => brokenLinks(file, text).map((link) => `${file}: ${link}`))).to.deep.equal([]);
  });

  it("link to headings that exist", () => {
    const anchors = new Set(documents.flatMap(({ file, text }) => headingsOf(text).map((heading) => `${file}#${heading}`)));
    const links = documents.flatMap(({ file, text }) =>
      [...text.matchAll(/\]\(([^):#]*)#([^)]+)\)/g)].map(([, target, heading]) => {
        const to = target === "" ? file : path.join(path.dirname(file), target as string);
        return `${to}#${heading}`;
      }),
    );

    expect(links.filter((link) => !anchors.has(link))).to.deep.equal([]);
  });

  it("say of a program that compiles in one kind of module only which one it is for", () => {
    const silent = documents.flatMap(({ file, text }) =>
      blocksOf(text).flatMap((block) => {
        if (block.language !== "ts") return [];
        const needed = /^export =/m.test(block.text) ? "CommonJS" : isAwaiting(block.text) ? "ES module" : undefined;
        const before = text.slice(0, text.indexOf(block.text)).trimEnd().split("\n").at(-3) ?? "";
        return needed === undefined || `${before}\n${block.text}`.includes(needed) ? [] : [`${file}: ${needed}`];
      }),
    );

    expect(silent).to.deep.equal([]);
  });

  it("show TypeScript programs that compile", async () => {
    const programs = documents.flatMap(({ file, text }) =>
      blocksOf(text)
        .filter(({ language }) => language === "ts")
        .map((block, index) => [`${path.basename(file, ".md")}${index}${isAwaiting(block.text) ? ".mts" : ".ts"}`, block.text] as const),
    );

    // What the arguments' documentation shows is in one program.
    const examples = Object.values(settings as Record<string, Setting>).flatMap(({ example }) => example ?? []);
    const ofArguments = [
      'import * as pulumi from "@pulumi/pulumi";',
      'import { AsyncInference } from "sagemaker-async-inference";',
      "declare const newKey: { arn: pulumi.Output<string> }, oldKey: typeof newKey;",
      ...examples.map(exampleProgram),
    ].join("\n");

    expect(await compile({ ...Object.fromEntries(programs), "arguments.ts": ofArguments })).to.equal("");
    expect(programs.map(([name]) => name)).to.include.members(["README0.ts", "README1.ts", "guide0.mts"]);
  });
});

/** Whether a program waits outside of functions, which none in CommonJS may. */
function isAwaiting(program: string): boolean {
  return /^((export )?const .+ = )?await /m.test(program);
}

/** Anchors of a document's headings, as GitHub makes them. */
function headingsOf(markdown: string): string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] as string)
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, "")
      .replaceAll(" ", "-"),
  );
}
