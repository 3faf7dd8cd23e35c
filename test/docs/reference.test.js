import { expect } from "chai";
import { readFileSync } from "node:fs";
import { referencePath, withTables } from "../../docs/reference";
describe("docs/reference.md", () => {
    it("has the tables that the source makes: run `npm run docs`", async () => {
        const reference = readFileSync(referencePath, "utf8");
        expect(await withTables(reference)).to.equal(reference);
    });
});
