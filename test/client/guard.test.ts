import { expect } from "chai";
import { AsyncInferenceError, clientError } from "../../client/errors";
import { guardedError } from "../../client/guard";

describe("what a call of the client ends with", () => {
  const reason = new Error("enough");
  const aborted = AbortSignal.abort(reason);

  it("is ABORTED once its caller has aborted, whatever failed by it, with the job that goes on", () => {
    const error = guardedError(new Error("socket hang up"), aborted, "page-1");
    expect(error).to.include({ code: "ABORTED", message: "The call about job page-1 was aborted.", jobId: "page-1", cause: reason });
    expect(guardedError(reason, aborted, undefined)).to.include({ code: "ABORTED", message: "The call was aborted." });
    const own = clientError("ABORTED", "The wait was aborted.");
    expect(guardedError(own, aborted, "page-1")).to.equal(own);
  });

  it("is the failure itself when that is no matter of the abort", () => {
    const failure = clientError("MODEL_ERROR", "no", { jobId: "page-1" });
    expect(guardedError(failure, aborted, "page-1")).to.equal(failure);
    expect(guardedError(new Error("broken"), new AbortController().signal, undefined)).to.include({ code: "INTERNAL" });
  });

  it("names the job that it is about, and keeps all else that is known of it", () => {
    const attempts = [clientError("THROTTLED", "busy")];
    const raw = new Uint8Array([1]);
    const details = { advice: "Look.", field: "input", retryable: true };
    const failure = new AsyncInferenceError({ code: "BAD_OUTPUT", message: "no JSON", ...details }, { attempts, raw, cause: reason });
    const error = guardedError(failure, undefined, "page-1");

    expect(error).to.include({ code: "BAD_OUTPUT", message: "no JSON", ...details, jobId: "page-1", attempts, raw, cause: reason });
    expect(guardedError(clientError("LIMIT", "full"), undefined, "page-1")).to.include({ code: "LIMIT", jobId: "page-1" });
    const another = clientError("LIMIT", "full", { jobId: "page-2" });
    expect(guardedError(another, undefined, "page-1")).to.equal(another);
    expect(guardedError(clientError("LIMIT", "full"), undefined, "page-1").cause).to.be.instanceOf(AsyncInferenceError);
  });
});
