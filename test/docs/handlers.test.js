import { expect } from "chai";
import { readFileSync } from "node:fs";
import { handlersPath, withRefusals } from "../../docs/handlers";
describe("docs/handlers.md", () => {
    it("has the table of what the check refuses: npm run docs writes it", async () => {
        const page = readFileSync(handlersPath, "utf8");
        expect(page).to.equal(await withRefusals(page));
    });
});
