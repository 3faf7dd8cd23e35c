import { expect } from "chai";
import { readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import { blocksOf, brokenLinks, compile } from "../support/markdown";
import { root } from "../../doubles/program";
const files = [
    "README.md",
    "CONTRIBUTING.md",
    ...readdirSync(path.join(root, "docs")).flatMap((name) => (name.endsWith(".md") ? [`docs/${name}`] : [])),
];
const documents = files.map((file) => ({ file, text: readFileSync(path.join(root, file), "utf8") }));
describe("the documents", function () {
    this.timeout(120_000);
    it("link to files that exist", () => {
        expect(documents.flatMap(({ file, text }) => brokenLinks(file, text).map((link) => `${file}: ${link}`))).to.deep.equal([]);
    });
    it("link to headings that exist", () => {
        const anchors = new Set(documents.flatMap(({ file, text }) => headingsOf(text).map((heading) => `${file}#${heading}`)));
        const links = documents.flatMap(({ file, text }) => [...text.matchAll(/\]\(([^):#]*)#([^)]+)\)/g)].map(([, target, heading]) => {
            const to = target === "" ? file : path.join(path.dirname(file), target);
            return `${to}#${heading}`;
        }));
        expect(links.filter((link) => !anchors.has(link))).to.deep.equal([]);
    });
    it("show TypeScript programs that compile", async () => {
        const programs = documents.flatMap(({ file, text }) => blocksOf(text)
            .filter(({ language }) => language === "ts")
            .map((block, index) => [`${path.basename(file, ".md")}${index}${/^(const \w+ = )?await /m.test(block.text) ? ".mts" : ".ts"}`, block.text]));
        expect(await compile(Object.fromEntries(programs))).to.equal("");
        expect(programs.map(([name]) => name)).to.include.members(["README0.ts", "README1.ts", "guide0.mts"]);
    });
});
/** Anchors of a document's headings, as GitHub makes them. */
function headingsOf(markdown) {
    return [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) => match[1]
        .toLowerCase()
        .replaceAll(/[^\w\- ]/g, "")
        .replaceAll(" ", "-"));
}
