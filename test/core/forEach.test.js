import { expect } from "chai";
import { forEach } from "../../core/forEach";
import { present } from "../../core/present";
describe("work for each record of an event", () => {
    const failing = (...reasons) => {
        const done = [];
        const work = async (item) => {
            await Promise.resolve();
            if (item < reasons.length)
                throw reasons[item];
            done.push(item);
        };
        return { done, outcome: forEach([0, 1, 2], work).then(String, (error) => error) };
    };
    it("is done for all of them, whatever becomes of the others", async () => {
        const { done, outcome } = failing();
        expect([await outcome, done]).to.deep.equal(["undefined", [0, 1, 2]]);
    });
    it("fails with the one thing that went wrong, as it is: its code decides who tries again", async () => {
        const error = new Error("no");
        const { done, outcome } = failing(error);
        expect([await outcome, done]).to.deep.equal([error, [1, 2]]);
    });
    it("fails with all that went wrong: one bad record must not hide another", async () => {
        const reasons = [new Error("no"), "neither"];
        const { done, outcome } = failing(...reasons);
        const { message, cause } = (await outcome);
        expect([message, cause, done]).to.deep.equal(["2 of 3 records failed: no; neither", reasons, [2]]);
    });
    it("fails too where it throws at once", async () => {
        const error = await forEach([1], () => {
            throw new TypeError("at once");
        }).catch(String);
        expect(error).to.equal("TypeError: at once");
    });
});
describe("fields that may be absent", () => {
    it("are left out, so that no record or answer says undefined; false, 0, null and empty text are there", () => {
        expect(present({ a: undefined, b: 0, c: false, d: "", e: null })).to.deep.equal({ b: 0, c: false, d: "", e: null });
    });
});
