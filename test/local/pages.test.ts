import { expect } from "chai";
import * as fc from "fast-check";
import { pageOf } from "../../local/pages";

const page = (items: readonly string[], token?: string, { list = "ListModels", limit = 2 } = {}) =>
  pageOf(items, { list, idOf: (item) => item, limit, token, invalid: (given) => new Error(`not ours: ${given}`) });

const names = fc.uniqueArray(fc.string(), { maxLength: 20 });

describe("lists in pages", () => {
  it("have everything once, in its order, in pages of any length", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), (items, limit) => {
        const seen: string[] = [];
        let token: string | undefined;
        do {
          const shown = page(items, token, { limit });
          expect(shown.page.length).to.be.at.most(limit);
          seen.push(...shown.page);
          token = shown.next;
        } while (token !== undefined);
        expect(seen).to.deep.equal(items);
      }),
    );
  });

  it("leave nothing out when whoever reads them deletes each page before asking for the next", () => {
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 7 }), (items, limit) => {
        let left = items;
        let token: string | undefined;
        do {
          const shown = page(left, token, { limit });
          left = left.filter((item) => !shown.page.includes(item));
          token = shown.next;
        } while (token !== undefined);
        expect(left).to.deep.equal([]);
      }),
    );
  });

  it("go on where the next one was when that is deleted meanwhile", () => {
    const { next } = page(["a", "b", "c", "d", "e"]);
    expect(page(["a", "b", "d", "e"], next)).to.deep.equal({ page: ["d", "e"], next: undefined });
    expect(page(["a"], next)).to.deep.equal({ page: [], next: undefined });
  });

  it("refuse every token but their own", () => {
    const { next = "" } = page(["a", "b", "c"]);
    const { next: others } = page(["a", "b", "c"], undefined, { list: "ListEndpoints" });
    for (const token of [others, "", "2", "elsewhere", `${next}=`, next.slice(1), Buffer.from("ListModels 2 c").toString("base64url")]) {
      expect(() => page(["a", "b", "c"], token), token).to.throw(`not ours: ${token}`);
    }
  });

  it("have tokens that IAM, which takes 320 characters, takes for the longest of its names", () => {
    const { next = "" } = page(["a".repeat(128), "b".repeat(128)], undefined, { list: `IAM PolicyNames ${"r".repeat(64)}`, limit: 1 });
    expect(next.length).to.be.below(320);
  });
});
