import { expect } from "chai";
import { longestFirst, overBudget, type Seconds } from "./budget";

describe("the order in which processes take test files", () => {
  it("is the longest first, waiting included, so that no process is left running alone at the end", () => {
    expect(longestFirst(["a", "b", "c", "d"], { a: 2, b: 9, c: 4, d: 3 }, { a: 8, c: 1 })).to.deep.equal([["a"], ["b"], ["c"], ["d"]]);
  });

  it("keeps a group together, so that what its files share is made once", () => {
    const groupOf = (file: string) => (["a", "d"].includes(file) ? "packing" : file);
    expect(longestFirst(["a", "b", "c", "d"], { a: 3, b: 5, c: 6, d: 4 }, {}, groupOf)).to.deep.equal([["a", "d"], ["c"], ["b"]]);
  });

  it("counts a file that was never measured", () => {
    expect(longestFirst(["a", "b", "new"], { a: 2, b: 6 })).to.deep.equal([["b"], ["new"], ["a"]]);
  });
});

describe("the budget of a test file", () => {
  const budget = { a: 10, b: 20, c: 5, d: 8 };
  const over = (taken: Seconds, of: Seconds) => overBudget(taken, of).map(({ sentence }) => sentence);

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
