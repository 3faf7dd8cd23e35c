import { expect } from "chai";
import { readFileSync } from "node:fs";
import { modelsPath, withModelTables } from "../../docs/models";
describe("docs/models.md", () => {
    it("has the tables of the images and servers that are deployed: npm run docs writes them", async () => {
        const page = readFileSync(modelsPath, "utf8");
        expect(page).to.equal(await withModelTables(page));
    });
});
