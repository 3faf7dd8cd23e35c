import { expect } from "chai";
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { keepInDirectory, keepInMemory } from "../../local/kept";
describe("what an embedded cloud keeps", () => {
    let directory;
    beforeEach(() => {
        directory = mkdtempSync(path.join(tmpdir(), "kept-"));
    });
    afterEach(() => rmSync(directory, { recursive: true }));
    it("is there for the next cloud, in its order, and without what was deleted", () => {
        const first = keepInDirectory(directory);
        const rules = first.map("rules");
        rules.set("b", { rate: 1 });
        rules.set("a", { rate: 2 });
        rules.set("gone", { rate: 3 });
        rules.set("b", { rate: 4 });
        expect([rules.delete("gone"), rules.delete("gone"), rules.size]).to.deep.equal([true, false, 2]);
        expect(first.map("rules")).to.equal(rules);
        first.close();
        const second = keepInDirectory(directory);
        expect([...second.map("rules").entries()]).to.deep.equal([
            ["b", { rate: 4 }],
            ["a", { rate: 2 }],
        ]);
        expect(second.map("others").size).to.equal(0);
        second.close();
    });
    it("has what was set before its process was killed", () => {
        const module = JSON.stringify(require.resolve("../../local/kept"));
        const script = `require(${module}).keepInDirectory(${JSON.stringify(directory)}).map("jobs").set("j", 1); process.kill(process.pid, "SIGKILL")`;
        expect(() => execFileSync(process.execPath, ["-e", script])).to.throw();
        const after = keepInDirectory(directory);
        expect(after.map("jobs").get("j")).to.equal(1);
        after.close();
    });
    it("is one cloud's at a time, and says so to the second", () => {
        const first = keepInDirectory(directory);
        expect(() => keepInDirectory(directory)).to.throw(`the state in ${directory} can't be used: another embedded cloud uses it; end that one, or name another directory`);
        first.close();
    });
    it("overwrites no file of somebody else", () => {
        writeFileSync(path.join(directory, "cloud.db"), "somebody's notes, longer than the header of a database that they would be taken for, and then some more");
        expect(() => keepInDirectory(directory)).to.throw("cloud.db in it is no database of an embedded cloud; name another directory");
    });
    it("ends with the cloud where nothing is kept", () => {
        const keeper = keepInMemory();
        keeper.map("rules").set("a", 1);
        expect([keeper.directory, keeper.map("rules").get("a")]).to.deep.equal([undefined, 1]);
    });
});
