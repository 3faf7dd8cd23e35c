import { expect } from "chai";
import { stepsOf } from "../../cli/commands/status";

describe("sagemaker-async status", () => {
  it("shows a job's times in their order: the service receives a request before its caller has the answer", () => {
    const times = {
      submittedAt: "2026-11-29T10:00:57.036Z",
      receivedAt: "2026-11-29T10:00:57.029Z",
      finishedAt: "2026-11-29T10:01:00.000Z",
    };

    expect(stepsOf(times).map(([name]) => name)).to.deep.equal(["received", "submitted", "finished"]);
    expect(stepsOf({ submittedAt: times.submittedAt })).to.deep.equal([["submitted", times.submittedAt]]);
  });
});
