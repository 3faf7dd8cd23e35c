import { readFileSync } from "node:fs";
import path from "node:path";
import { expect } from "chai";
import { describe as wordsOf, faultKinds } from "../../local/faults/kinds";
describe("the guide to faults", () => {
    it("lists every kind in its words, none of which its run left out", () => {
        const guide = readFileSync(path.join(__dirname, "../../../docs/faults.md"), "utf8");
        const rows = Array.from(guide.matchAll(/^\| `([a-z0-9-]+)` +\| (.+?) +\| +(\d+) \|$/gm), ([, kind, what, count]) => ({
            kind,
            what,
            injected: Number(count) > 0,
        }));
        expect(rows).to.deep.equal(faultKinds.map((kind) => ({ kind, what: wordsOf(kind), injected: true })));
    });
});
