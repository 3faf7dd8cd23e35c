import { expect } from "chai";
import { readFileSync } from "node:fs";
import { cliPath, cliReference } from "../../docs/cli";
describe("docs/cli.md", () => {
    it("says what the commands' help says: run `npm run docs`", async () => {
        expect(readFileSync(cliPath, "utf8")).to.equal(await cliReference());
    });
    it("shows examples for each command", async () => {
        const sections = (await cliReference()).split("\n## ").slice(1);
        expect(sections.filter((section) => !section.includes("\nExamples:\n")).map((section) => section.split("\n", 1)[0])).to.deep.equal([]);
        expect(sections.length).to.be.at.least(15);
    });
});
