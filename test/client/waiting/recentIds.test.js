import { expect } from "chai";
import { RecentIds } from "../../../client/waiting/recentIds";
describe("recent ids", () => {
    it("stay within their bound, the newest kept: a client that runs for weeks does not grow", () => {
        const ids = new RecentIds(3);
        for (const id of ["a", "b", "c", "a", "d", "e"])
            ids.add(id);
        expect(ids.size).to.equal(3);
        expect(["a", "b", "c", "d", "e"].filter((id) => ids.has(id))).to.deep.equal(["a", "d", "e"]);
    });
});
