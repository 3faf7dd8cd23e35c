import { expect } from "chai";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { affectedTests } from "./affected";
describe("which tests a change may break", () => {
    let root;
    const files = {
        "client/poll.js": 'require("./rules")',
        "client/rules.js": "",
        "cli/main.js": 'require("../client/poll")',
        "local/index.js": 'fork(join(__dirname, "worker.js"))',
        "local/worker.js": "",
        "test/fixtures/shop/index.js": 'require("../../../client/rules")',
        "test/rules.test.js": 'require("../client/rules")',
        "test/cli.test.js": 'spawn(node, [join(root, "build/cli/main.js")])',
        "test/cloud.test.js": 'require("../local")',
        "test/shop.test.js": 'join(root, "build/test/fixtures", name, "index.js")',
        "test/docs.test.js": 'readdirSync(join(root, "docs")); read("examples/pages", name); read("README.md")',
    };
    const tests = Object.keys(files).flatMap((name) => (name.endsWith(".test.js") ? `build/${name}` : []));
    const affected = (...changed) => affectedTests(root, changed, tests).map((file) => path.basename(file, ".test.js"));
    before(() => {
        root = mkdtempSync(path.join(tmpdir(), "affected-"));
        for (const [name, text] of Object.entries(files)) {
            mkdirSync(path.dirname(path.join(root, "build", name)), { recursive: true });
            writeFileSync(path.join(root, "build", name), text);
        }
    });
    after(() => rmSync(root, { recursive: true }));
    it("are those that load a changed file by others, in their own process or one that they start", () => {
        expect(affected("client/rules.ts")).to.deep.equal(["rules", "cli", "shop"]);
        expect(affected("client/poll.ts")).to.deep.equal(["cli"]);
        expect(affected("local/worker.ts")).to.deep.equal(["cloud"]);
    });
    it("are those themselves that changed", () => {
        expect(affected("test/rules.test.ts", "test/cloud.test.ts")).to.deep.equal(["rules", "cloud"]);
    });
    it("are those that deploy a changed program, or read a changed document", () => {
        expect(affected("test/fixtures/shop/index.ts")).to.deep.equal(["shop"]);
        for (const document of ["docs/guide.md", "examples/pages/note.png", "README.md"]) {
            expect(affected(document), document).to.deep.equal(["docs"]);
        }
        expect(affected("LICENSE")).to.deep.equal([]);
    });
    it("are all when packages, the compiler or the stacks' settings changed", () => {
        expect(affected("package-lock.json").length).to.equal(tests.length);
        expect(affected("Pulumi.dev.yaml").length).to.equal(tests.length);
    });
});
