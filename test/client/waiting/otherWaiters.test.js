import { expect } from "chai";
import { OtherWaiters } from "../../../client/waiting/otherWaiters";
describe("jobs of other clients' waiters", () => {
    const table = { clock: { now: () => 0 } };
    let others;
    beforeEach(() => (others = new OtherWaiters(table)));
    const join = (waiter, handles) => {
        for (let each = 0; each < handles; each++)
            others.join(waiter);
    };
    const looked = () => others.next().map(({ waiter }) => waiter);
    it("are read one by one until that is dearer than their waiter's index", () => {
        join("few", 100);
        expect([others.any, others.follows("few"), looked()]).to.deep.equal([false, false, []]);
        join("few", 1);
        expect([others.any, others.follows("few"), looked()]).to.deep.equal([true, true, ["few"]]);
        expect([others.follows("nobody"), others.follows(undefined)]).to.deep.equal([false, false]);
    });
    it("have their index looked at for as long as one of them is waited for, and then forgotten", () => {
        join("a", 101);
        for (let each = 0; each < 100; each++)
            others.leave("a");
        expect(others.follows("a")).to.equal(true);
        others.leave("a");
        expect([others.any, others.follows("a")]).to.deep.equal([false, false]);
        others.leave("a");
        join("a", 100);
        expect(others.follows("a")).to.equal(false);
    });
    it("are read one by one again, for good, where their index may not be read", () => {
        join("a", 101);
        others.refuse("a");
        others.refuse("nobody");
        join("a", 1);
        expect([others.any, others.follows("a"), looked()]).to.deep.equal([false, false, []]);
    });
    it("of many waiters have a fifth of the indexes looked at each time, ten at most, each in its turn", () => {
        const names = Array.from({ length: 12 }, (_, index) => `w${index}`);
        for (const name of names)
            join(name, 101);
        expect([looked(), looked(), looked(), looked(), looked()]).to.deep.equal([
            ["w0", "w1", "w2"],
            ["w3", "w4", "w5"],
            ["w6", "w7", "w8"],
            ["w9", "w10", "w11"],
            ["w0", "w1", "w2"],
        ]);
        for (let index = 12; index < 60; index++)
            join(`w${index}`, 101);
        expect(looked().length).to.equal(10);
    });
});
