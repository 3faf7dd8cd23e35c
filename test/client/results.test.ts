import { expect } from "chai";
import { costOf, statusOf } from "../../client/results";
import type { JobRecord } from "../../core/records/job";
import { openJob } from "../../doubles/jobs";

const ran = (over: Partial<JobRecord> = {}): JobRecord => ({
  ...openJob({ jobId: "page-1" }),
  state: "COMPLETED",
  receivedAt: "2026-01-05T08:00:00.000Z",
  finishedAt: "2026-01-05T08:03:00.000Z",
  ...over,
});

describe("what a job cost", () => {
  it("is the instance's time from receipt to end, its part where several run at once, in dollars where the price is known", () => {
    expect(statusOf(ran(), { concurrency: 1 }).cost).to.deep.equal({ instanceSecondsAtMost: 180 });
    expect(statusOf(ran(), { concurrency: 4, usdPerInstanceHour: 2 }).cost).to.deep.equal({ instanceSecondsAtMost: 45, usdAtMost: 0.025 });
    expect(costOf(ran({ state: "FAILED" }), { concurrency: 1, usdPerInstanceHour: 0 })).to.deep.equal({
      instanceSecondsAtMost: 180,
      usdAtMost: 0,
    });
  });

  it("is nothing where nothing ran, or nobody says when, and never below zero", () => {
    const rates = { concurrency: 1, usdPerInstanceHour: 2 };
    expect(statusOf(ran({ state: "EXPIRED" }), rates)).not.to.have.property("cost");
    expect(costOf(openJob({ jobId: "page-1" }), rates)).to.equal(undefined);
    expect(costOf(ran({ finishedAt: "2026-01-05T07:59:59.000Z" }), rates)).to.deep.equal({ instanceSecondsAtMost: 0, usdAtMost: 0 });
  });
});
