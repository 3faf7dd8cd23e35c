import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { root } from "../support/service";
const read = (file) => readFileSync(path.join(root, file), "utf8");
describe("the Python package", () => {
    const project = read("python/pyproject.toml");
    const field = (name) => new RegExp(`^${name} = "(.+)"$`, "m").exec(project)?.[1];
    it("has name, version and licence of the npm package, so that one release note is for both", () => {
        const manifest = JSON.parse(read("package.json"));
        expect([field("name"), field("version"), field("license")]).to.deep.equal([manifest["name"], manifest["version"], manifest["license"]]);
        expect(read("python/LICENSE")).to.equal(read("LICENSE"));
    });
    it("needs boto3 alone", () => {
        expect(/^dependencies = (.+)$/m.exec(project)?.[1]).to.equal('["boto3>=1.35.24"]');
    });
});
