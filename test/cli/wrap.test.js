import { expect } from "chai";
import { wrap } from "../../cli/wrap";
describe("wrap", () => {
    it("breaks between words, so that nothing runs over the terminal's edge", () => {
        expect(wrap("one two three four", 11, 2)).to.equal("  one two\n  three\n  four");
    });
    it("fills a line to its last column", () => {
        expect(wrap("one two three", 9, 2)).to.equal("  one two\n  three");
    });
    it("leaves a long word whole, which can then be copied", () => {
        expect(wrap("see https://example.com/a/long/address now", 12, 1)).to.equal(" see\n https://example.com/a/long/address\n now");
    });
    it("keeps line breaks: a server's last lines stay lines", () => {
        expect(wrap("said:\nfirst\nsecond", 80, 4)).to.equal("    said:\n    first\n    second");
    });
});
