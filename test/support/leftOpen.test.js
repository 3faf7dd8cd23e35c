import { expect } from "chai";
import { closed, closeLeftByTest, opened, testBegins } from "./leftOpen";
describe("what a test leaves open", () => {
    const closes = [];
    const closable = (name) => ({ close: async () => void closes.push(name) });
    const ofFile = closable("the file's");
    before(() => opened(ofFile));
    after(() => closed(ofFile));
    it("is closed before the next test, so that one that ran out of time disturbs no other", async () => {
        opened(closable("left"));
        const tidy = closable("closed by its test");
        opened(tidy);
        closed(tidy);
        await closeLeftByTest();
        testBegins();
        expect(closes).to.deep.equal(["left"]);
    });
    it("does not take along what the file opened for all of its tests", () => {
        expect(closes).to.deep.equal(["left"]);
    });
});
