import { expect } from "chai";
import { count, duration, later, quoted } from "../../../client/explain/text";
describe("The words of an explanation", () => {
    for (const [seconds, words] of [
        [-5, "0 seconds"],
        [0.4, "0 seconds"],
        [1, "1 second"],
        [45, "45 seconds"],
        [119.4, "119 seconds"],
        [119.5, "2 minutes"],
        [150, "3 minutes"],
        [7169, "119 minutes"],
        [7170, "2 hours"],
        [7260, "2 hours 1 minute"],
        [9000, "2 hours 30 minutes"],
        [86_400, "24 hours"],
    ]) {
        it(`say ${words} for ${seconds} seconds`, () => {
            expect(duration(seconds)).to.equal(words);
        });
    }
    it("count one and many", () => {
        expect([count(0, "request"), count(1, "request"), count(2, "request")]).to.deep.equal(["0 requests", "1 request", "2 requests"]);
    });
    it("add seconds to a time", () => {
        expect(later("2026-01-25T23:59:59.500Z", 0.5)).to.equal("2026-01-26T00:00:00.000Z");
    });
    for (const [text, shown] of [
        ["The model  said\n no. ", "The model said no"],
        ["It waits...", "It waits.."],
        [
            "Received server error (500) from model. See https://eu-west-1.console.aws.amazon.com/x in account 123456789012 for more information.",
            "Received server error (500) from model",
        ],
        ["See the log in account 1 for more information.", "See the log in account 1 for more information"],
        ["x".repeat(300), "x".repeat(300)],
        ["x".repeat(301), `${"x".repeat(299)}…`],
    ]) {
        it(`quote "${text.slice(0, 60)}" (${text.length} characters) inside a sentence`, () => {
            expect(quoted(text)).to.equal(shown);
        });
    }
    it("quote no more than they may", () => {
        expect([quoted("abcd", 4), quoted("abcde", 4)]).to.deep.equal(["abcd", "abc…"]);
    });
});
