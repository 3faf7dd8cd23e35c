import { expect } from "chai";
import { codedFrom, isNobodyThere } from "../../cli/failure";
import { asyncInferenceError, clientError } from "../../client/errors";
describe("what the command line makes of an error", () => {
    const refused = Object.assign(new Error("connect ECONNREFUSED 127.0.0.1:4566"), { code: "ECONNREFUSED" });
    // What Node throws for a name with several addresses.
    const aggregate = Object.assign(new AggregateError([refused], ""), { code: "ECONNREFUSED" });
    it("knows that nobody is at an address from the error itself, one for several addresses, what wraps it, and a log's words", () => {
        expect([refused, aggregate, asyncInferenceError(aggregate), asyncInferenceError(refused).message].map(isNobodyThere)).to.deep.equal([
            true,
            true,
            true,
            true,
        ]);
        expect([new Error("no"), undefined, asyncInferenceError(Object.assign(new Error("late"), { code: "ETIMEDOUT" }))].map(isNobodyThere)).to.deep.equal([false, false, false]);
    });
    it("names the address and what told it; AWS itself is never taken for an embedded cloud", () => {
        const place = { endpointUrl: "http://localhost:4566", endpointFrom: "outputs.json" };
        expect(codedFrom(aggregate, place).message).to.equal("Nothing answers at http://localhost:4566, which outputs.json names.");
        expect(codedFrom(aggregate).message).to.equal("AggregateError: ECONNREFUSED");
        expect(codedFrom(clientError("MODEL_ERROR", "connect ECONNREFUSED 10.0.0.1:80"), place).message).to.equal("connect ECONNREFUSED 10.0.0.1:80");
    });
    it("calls the client's toFile what it is called here: --output", () => {
        expect(codedFrom(clientError("BAD_INPUT", "toFile: EACCES: permission denied, open 'results/a'", { field: "toFile" }))).to.deep.equal({
            code: "BAD_INPUT",
            message: "--output: EACCES: permission denied, open 'results/a'",
            retryable: false,
            advice: "Name a place that can be written to.",
        });
    });
});
