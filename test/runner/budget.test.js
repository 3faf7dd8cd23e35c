import { expect } from "chai";
import { balance, overBudget } from "./budget";
describe("how test files are distributed over processes", () => {
    it("gives each about as much to do, and keeps the order of the files", () => {
        expect(balance(["a", "b", "c", "d", "e"], { a: 10, b: 9, c: 4, d: 3, e: 2 }, 2)).to.deep.equal([
            ["a", "d", "e"],
            ["b", "c"],
        ]);
    });
    it("keeps a group together, so that what its files share is made once", () => {
        const groupOf = (file) => (["a", "d"].includes(file) ? "packing" : file);
        expect(balance(["a", "b", "c", "d"], { a: 1, b: 5, c: 5, d: 1 }, 2, groupOf)).to.deep.equal([["a", "b", "d"], ["c"]]);
    });
    it("counts a file that was never measured, and starts no process for nothing", () => {
        expect(balance(["a", "b", "new"], { a: 2, b: 2 }, 2)).to.deep.equal([["new"], ["a", "b"]]);
        expect(balance(["a"], { a: 2 }, 2)).to.deep.equal([["a"]]);
    });
});
describe("the budget of a test file", () => {
    const budget = { a: 10, b: 20, c: 5, d: 8 };
    const over = (taken, of) => overBudget(taken, of).map(({ sentence }) => sentence);
    it("is exceeded by what has doubled, and by that only", () => {
        expect(over({ a: 21, b: 38, c: 5, d: 8 }, budget)).to.deep.equal([
            "a took 21.0 s of processor time; its budget is 10.0 s on this machine",
        ]);
    });
    it("is not exceeded on a slower machine, where everything takes longer", () => {
        expect(over({ a: 30, b: 60, c: 15, d: 24 }, budget)).to.deep.equal([]);
        expect(over({ a: 30, b: 60, c: 15, d: 50 }, budget)).to.deep.equal([
            "d took 50.0 s of processor time; its budget is 24.0 s on this machine",
        ]);
    });
    it("says nothing of differences that a garbage collection makes", () => {
        expect(over({ a: 10, b: 20, c: 5, d: 8, tiny: 1.2 }, { ...budget, tiny: 0.1 })).to.deep.equal([]);
    });
    it("is small for a new file, until it is recorded", () => {
        expect(over({ a: 10, b: 20, c: 5, d: 8, new: 11 }, budget)).to.deep.equal([
            "new took 11.0 s of processor time; a file without a budget has 5.0 s on this machine",
        ]);
    });
});
