import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "chai";
import { AsyncInference } from "../../components/asyncInference";
import { deploy } from "../../doubles/deploy";
import { root } from "../../doubles/program";
/** Whether @pulumi/aws takes `tags` for a resource type, by its declaration. */
function takesTags(type) {
    const path = type.split(":")[1];
    if (!type.startsWith("aws:") || path === undefined)
        return false;
    const declaration = readFileSync(join(root, "node_modules", "@pulumi", "aws", `${path}.d.ts`), "utf8");
    return /^ {4}tags\?:/m.test(declaration);
}
describe("tags", () => {
    it("are project, stack and the user's own, on every resource that takes some: costs must be found again", async () => {
        const run = deploy(() => {
            const service = new AsyncInference("ocr", { image: "ocr:1", inboxEnabled: true, tags: { team: "ml", stack: "mine" } });
            service.onCompleted("store", ({ jobId }) => void jobId);
            service.consumerQueue("orders");
        }, { project: "scans", stack: "prod" });
        const { resources } = await run;
        const tagged = resources.map(({ type, name, inputs }) => [`${type} ${name}`, inputs["tags"]]);
        const expected = resources.map(({ type, name }) => [
            `${type} ${name}`,
            takesTags(type) ? { project: "scans", stack: "mine", team: "ml" } : undefined,
        ]);
        expect(tagged).to.deep.equal(expected);
        expect(tagged.filter(([, tags]) => tags).length).to.equal(35);
    });
    it("give way to the user's own that differ only in case: IAM would refuse the roles", async () => {
        const { resources } = await deploy(() => void new AsyncInference("ocr", { image: "ocr:1", tags: { Project: "scans", STACK: "blue" } }));
        const role = resources.find(({ type }) => type === "aws:iam/role:Role");
        expect(role?.inputs["tags"]).to.deep.equal({ Project: "scans", STACK: "blue" });
    });
    it("give way to the provider's default tags, in any case: IAM would refuse the roles, and a company's own tag would be lost", async () => {
        const config = { "aws:defaultTags": JSON.stringify({ tags: { Project: "ml", stack: "blue" } }) };
        const { resources } = await deploy(() => void new AsyncInference("ocr", { image: "ocr:1", tags: { team: "ml" } }), { config });
        const role = resources.find(({ type }) => type === "aws:iam/role:Role");
        expect(role?.inputs["tags"]).to.deep.equal({ team: "ml" });
    });
});
