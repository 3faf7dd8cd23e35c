import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, truncateSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "chai";
import { answerIn, makeInput, requestFor } from "../../servers/inputs";
describe("inputs for model servers", () => {
    let folder;
    beforeEach(() => (folder = mkdtempSync(path.join(tmpdir(), "inputs-"))));
    afterEach(() => rmSync(folder, { recursive: true }));
    const sha256 = (text) => createHash("sha256").update(text).digest("hex");
    it("have exactly the size that a limit is tried with, and the hash that shows a cut", () => {
        const { url, expected } = makeInput(folder, "bytes", 3_000_000);
        const content = readFileSync(url);
        expect(content.length).to.equal(3_000_000);
        expect(expected).to.deep.equal({ bytes: 3_000_000, sha256: sha256(content) });
        expect(content.subarray(0, 2 ** 20).equals(content.subarray(2 ** 20, 2 ** 21))).to.equal(false);
    });
    it("count what is around the text in JSON to the size, and not to what the model sees", () => {
        const sizes = [100_000, 3_000_000, 2 ** 20 + 17, 2 ** 20 + 18, 2 ** 20 + 19, 2 ** 20 + 20];
        for (const bytes of sizes) {
            const { url, expected } = makeInput(folder, "json", bytes);
            const content = readFileSync(url, "utf8");
            const text = JSON.parse(content).inputs.join("");
            expect(content.length).to.equal(bytes);
            expect(expected).to.deep.equal({ bytes: text.length, sha256: sha256(text) });
        }
    });
    it("are written once, and again when a run was cut off in one", () => {
        const { url } = makeInput(folder, "bytes", 10_000);
        const whole = readFileSync(url, "utf8");
        truncateSync(fileURLToPath(url), 5);
        expect(makeInput(folder, "bytes", 10_000).expected).to.deep.equal({ bytes: 10_000, sha256: sha256(whole) });
        expect(readFileSync(url, "utf8")).to.equal(whole);
    });
    it("wrap a request and unwrap its answer for servers that take JSON only", () => {
        const behaviour = { behaviour: "sleep", seconds: 3 };
        expect(requestFor("bytes", behaviour).toString()).to.equal('{"behaviour":"sleep","seconds":3}');
        expect(requestFor("json", behaviour).toString()).to.equal('{"inputs":["{\\"behaviour\\":\\"sleep\\",\\"seconds\\":3}"]}');
        expect(answerIn("json", { predictions: "slept" })).to.equal("slept");
        expect(answerIn("bytes", "slept")).to.equal("slept");
    });
});
