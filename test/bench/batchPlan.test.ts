import { expect } from "chai";
import { playBatch } from "../../bench/batchPlan";

const load = { objects: 1_000_000, engineConcurrency: 10, maxOpenJobs: 20_000, slots: 400, jobSeconds: 20, startupSeconds: 300 };

describe("a million objects, played", () => {
  it("take what the fleet takes for them, however they are handed over", () => {
    const busyHours = 1_000_000 / (400 / 20) / 3600;
    for (const maxOpenJobs of [0, 20_000, 100_000]) {
      expect(playBatch({ ...load, maxOpenJobs }).hours).to.be.within(busyHours, busyHours + 0.25);
    }
  });

  it("exceed maxOpenJobs by no more than the engine makes between two counts", () => {
    const inAMinute = Math.ceil((10 * 60) / 0.15);
    expect(playBatch(load).mostOpen).to.be.within(20_000, 20_000 + inAMinute);
  });

  it("wait within the time to live of a request when maxOpenJobs is below what the fleet ends in it", () => {
    const ttlHours = 6;
    expect(playBatch(load).longestWaitHours).to.be.below(ttlHours);
    expect(playBatch({ ...load, maxOpenJobs: 0 }).longestWaitHours).to.be.above(ttlHours);
  });

  it("come back to the engine while there is no room, which costs by its invocations at a time", () => {
    const [few, many] = [playBatch(load), playBatch({ ...load, engineConcurrency: 100 })];
    expect([few.temporaryFailures > 0, many.temporaryFailures > 0]).to.deep.equal([false, true]);
    expect(many.lambdaUsd / few.lambdaUsd).to.be.within(5, 11);
    expect(playBatch({ ...load, maxOpenJobs: 0 }).temporaryFailures).to.equal(0);
  });
});
