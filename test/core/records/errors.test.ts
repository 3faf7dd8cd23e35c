import { readFileSync } from "node:fs";
import { expect } from "chai";
import { codedError, codedOf, errorCodes, thrown } from "../../../core/records/errors";

describe("a coded error", () => {
  it("has a code that the published schema knows, and all of those are there", () => {
    const schema = readFileSync("schemas/job.schema.json", "utf8");

    expect(schema.replace(/\s+/g, "")).to.contain(`"enum":${JSON.stringify(errorCodes)}`);
  });

  it("of every code says in whole sentences what to do about it", () => {
    expect(errorCodes.filter((code) => !/^[A-Z][^.]+\.( [A-Z][^.]+\.)?$/.test(codedError(code, "m").advice))).to.deep.equal([]);
  });

  it("can be mended by the same call again exactly when its cause passes by itself", () => {
    const passing = errorCodes.filter((code) => codedError(code, "m").retryable);

    expect(passing).to.deep.equal(["THROTTLED", "UNAVAILABLE", "CAPACITY", "LIMIT", "WAIT_TIMEOUT"]);
  });

  it("says what the place that fails knows better, and no field when none is at fault", () => {
    const details = { field: "input", advice: "Split the input.", retryable: true };

    expect(codedError("BAD_INPUT", "m", details)).to.deep.equal({ code: "BAD_INPUT", message: "m", ...details });
    expect(Object.keys(codedError("INTERNAL", "m"))).to.deep.equal(["code", "message", "retryable", "advice"]);
  });

  it("is thrown with its advice and its cause, and found in what was thrown, but in nothing else", () => {
    const coded = codedError("CANCELLED", "m");
    const cause = new Error("cause");
    const error = thrown(coded, cause);

    expect([error.message, error.cause, codedOf(error)]).to.deep.equal(["CANCELLED: m. Nothing: it was asked for.", cause, coded]);
    expect(thrown(codedError("INTERNAL", "It failed.", { advice: "Look." })).message).to.equal("INTERNAL: It failed. Look.");
    expect([new Error("m"), { coded }, "m", undefined].map(codedOf)).to.deep.equal([undefined, undefined, undefined, undefined]);
  });
});
