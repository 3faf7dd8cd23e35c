import { expect } from "chai";
import { playBatch, waitingUsdPerHour } from "../../bench/batchPlan";

const load = { objects: 1_000_000, engineConcurrency: 1000, maxOpenJobs: 20_000, slots: 400, jobSeconds: 20, startupSeconds: 300 };

describe("a million objects, played", () => {
  it("take what the fleet takes for them, however they are handed over", async () => {
    const busyHours = 1_000_000 / (400 / 20) / 3600;
    for (const [engineConcurrency, maxOpenJobs] of [
      [1000, 0],
      [1000, 20_000],
      [1000, 100_000],
      [10, 20_000],
    ] as const) {
      expect((await playBatch({ ...load, engineConcurrency, maxOpenJobs })).hours).to.be.within(busyHours, busyHours + 0.25);
    }
  });

  it("never exceed nine tenths of maxOpenJobs, with a thousand invocations at a time: people's jobs are not refused for a batch", async () => {
    for (const maxOpenJobs of [20_000, 100_000]) {
      const { mostOpen } = await playBatch({ ...load, maxOpenJobs });
      expect(mostOpen).to.equal(0.9 * maxOpenJobs);
    }
  });

  it("wait within the time to live of a request when maxOpenJobs is below what the fleet ends in it", async () => {
    const ttlHours = 6;
    expect((await playBatch({ ...load, maxOpenJobs: 100_000 })).longestWaitHours).to.be.below(ttlHours);
    expect((await playBatch({ ...load, maxOpenJobs: 0 })).longestWaitHours).to.be.above(ttlHours);
  });

  it("cost no more of Lambda than all invocations for all of the time, and little with few of them", async () => {
    const [many, few] = [await playBatch(load), await playBatch({ ...load, engineConcurrency: 10 })];
    expect(many.lambdaUsd).to.be.below(many.hours * waitingUsdPerHour(1000) + 1);
    expect(few.lambdaUsd).to.be.below(few.hours * waitingUsdPerHour(10) + 1);
    // Each waits for five minutes at a time.
    expect(many.temporaryFailures).to.be.below((many.hours * 3600 * 1000) / 295);
    expect((await playBatch({ ...load, maxOpenJobs: 0 })).temporaryFailures).to.equal(0);
  });
});
