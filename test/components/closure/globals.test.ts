import { expect } from "chai";
import { borrowedGlobals } from "../../../components/closure/globals";

describe("global variables in a function's text", () => {
  const held = globalThis as unknown as Record<string, unknown>;
  const own = { libraryTraces: true, "library stage": "prod", libraryLimit: 3, libraryOff: false };
  before(() => Object.assign(held, own));
  after(() => Object.keys(own).forEach((name) => delete held[name]));

  it("are named when Lambda has no such value: true and texts of the process that deploys", () => {
    const text = 'with({ drain: global.libraryTraces, stage: global["library stage"], again: global.libraryTraces }) {}';

    expect(borrowedGlobals(text)).to.deep.equal(["library stage", "libraryTraces"]);
  });

  it("may be Node's own, numbers, which are written as they are, and what the function sets for itself", () => {
    const text = "global.process.env; global.Object; global.libraryLimit; global.libraryOff; global.cache ??= 1; x.global.libraryTrace";

    expect(borrowedGlobals(text)).to.deep.equal([]);
  });
});
