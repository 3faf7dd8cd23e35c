import { expect } from "chai";
import * as fc from "fast-check";
import { runSeconds, type EndedJob, type EndpointHistory, type RanOn } from "../../../planner/cost/runs";
import { costShares } from "../../../planner/cost/shares";

const startsAt = Date.UTC(2026, 0, 26);
const history = (instances: number[], processing: [minute: number, averageSeconds: number, count: number][] = []): EndpointHistory => ({
  startsAt,
  instances: Float64Array.from(instances),
  processing: new Map(processing.map(([minute, averageSeconds, count]) => [minute, { averageSeconds, count }])),
});
const job = (receivedSeconds: number, finishedSeconds: number, jobId = "a"): EndedJob => ({
  jobId,
  receivedAt: startsAt + 1000 * receivedSeconds,
  finishedAt: startsAt + 1000 * finishedSeconds,
});
const on = (concurrency: number, maxInstances = 1): RanOn => ({ concurrency, maxInstances });

describe("what a job cost", () => {
  it("does not count the time in the queue as compute: a run begins when a slot is free", () => {
    const one = history(Array.from({ length: 20 }, () => 1));
    expect([...runSeconds([job(0, 100), job(10, 250), job(300, 400)], on(1), one)]).to.deep.equal([100, 150, 100]);
    expect([...runSeconds([job(0, 100), job(10, 250)], on(2), one)], "two at once").to.deep.equal([100, 240]);
    expect([...runSeconds([job(0, 420)], on(1), history([0, 0, 0, 0, 0, 0, 1]))], "it waited for an instance").to.deep.equal([120]);
  });

  it("is what CloudWatch measured, where it speaks of the same runs", () => {
    const awake = Array.from({ length: 10 }, () => 1);
    expect([...runSeconds([job(0, 100)], on(1), history(awake, [[1, 30, 1]]))]).to.deep.equal([30]);
    expect(
      [...runSeconds([job(0, 65), job(0, 110)], on(1), history(awake, [[1, 22, 2]]))],
      "in the proportion that was found",
    ).to.deep.equal([26, 18]);
    expect([...runSeconds([job(0, 100)], on(1), history(awake, [[1, 30, 2]]))], "of other runs too").to.deep.equal([100]);
    expect([...runSeconds([job(0, 10)], on(1), history(awake, [[0, 50, 1]]))], "not longer than the service had it").to.deep.equal([10]);
  });

  it("is at most all the time since it was received, without CloudWatch, and has no share of anything", () => {
    expect(costShares([job(0, 100)], on(2), undefined)).to.deep.equal({
      jobs: [{ computeSeconds: 50, startupSeconds: 0, idleSeconds: 0 }],
      withoutJobsSeconds: 0,
      beyondSeconds: 50,
      unmeasured: new Set([0]),
    });
  });

  const burst = (jobs: number, from = 0) => Array.from({ length: jobs }, (_, index) => job(from, from + index + 1));

  it("has no waiting in it while CloudWatch has no metrics of its minute yet", () => {
    const late = history(Array.from({ length: 10 }, () => 0));
    expect([...runSeconds(burst(120), on(1), late)], "one after the other").to.deep.equal(Array.from({ length: 120 }, () => 1));
    expect([...runSeconds(burst(120).reverse(), on(1), late)], "whatever their order in a list").to.deep.equal(
      Array.from({ length: 120 }, () => 1),
    );
    const shares = costShares(burst(120), on(1, 4), late);
    expect(shares.beyondSeconds, "four may have run").to.equal(4 * 120 - 6);
    expect([...shares.unmeasured]).to.deep.equal([...Array(120).keys()]);
    expect(costShares(burst(120), on(1, 4), undefined).beyondSeconds, "without CloudWatch").to.equal(4 * 120 - 6);
  });

  it("waited for the endpoint to wake, of which there are metrics, before the minutes of which there are none", () => {
    const woken = history([0, 0, 0, 0, 1, 1, 0, 0, 0]);
    expect([...runSeconds(burst(300, 100).slice(-1), on(1, 4), woken)], "an instance may say a minute late that it is there").to.deep.equal(
      [220],
    );
    const { jobs, unmeasured } = costShares([job(0, 500), job(0, 510), job(0, 540)], on(1), woken);
    expect(jobs.map(({ computeSeconds }) => computeSeconds)).to.deep.equal([320, 10, 30]);
    expect([...unmeasured]).to.deep.equal([0, 1, 2]);
  });

  it("is no more than the instances can have run, whatever the order in which jobs ended", () => {
    const times = fc.record({ at: fc.integer({ min: 0, max: 600 }), takes: fc.integer({ min: 1, max: 600 }) });
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 30 }), fc.integer({ min: 1, max: 3 }), (drawn, maxInstances) => {
        const ended = drawn.map(({ at, takes }) => job(at, at + takes));
        const seconds = new Set(drawn.flatMap(({ at, takes }) => Array.from({ length: takes }, (_, second) => at + second)));
        const { beyondSeconds, jobs } = costShares(ended, on(1, maxInstances), history([]));
        expect(beyondSeconds).to.be.at.most(maxInstances * seconds.size + 1e-6);
        expect(jobs.reduce((sum, { computeSeconds }) => sum + computeSeconds, 0)).to.be.closeTo(beyondSeconds, 1e-6);
      }),
    );
  });

  it("has the start and the idle time of the stretch that it was awake for, and of no other", () => {
    // Awake from minute 1 to 11: the run is from 240 to 360 s. A second stretch has no job.
    const shares = costShares([job(60, 360)], on(1), history([0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 1, 1], [[6, 120, 1]]));
    expect(shares.jobs).to.deep.equal([{ computeSeconds: 120, startupSeconds: 180, idleSeconds: 300 }]);
    expect([shares.instanceSeconds, shares.withoutJobsSeconds, shares.beyondSeconds]).to.deep.equal([720, 120, 0]);
  });

  it("adds up, with what has no job, to what CloudWatch counted, whatever the jobs and the instances", () => {
    const jobs = fc.array(fc.record({ at: fc.integer({ min: 0, max: 3000 }), takes: fc.integer({ min: 1, max: 900 }) }), { maxLength: 30 });
    fc.assert(
      fc.property(
        jobs,
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 1, maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        (drawn, instances, concurrency) => {
          const ended = drawn.map(({ at, takes }) => job(at, at + takes));
          const {
            jobs: shares,
            instanceSeconds = 0,
            withoutJobsSeconds,
            beyondSeconds,
          } = costShares(ended, on(concurrency, 2), history(instances));
          const charged = shares.reduce((sum, share) => sum + share.computeSeconds + share.startupSeconds + share.idleSeconds, 0);
          expect(charged + withoutJobsSeconds - beyondSeconds).to.be.closeTo(instanceSeconds, 1e-6);
          for (const [index, share] of shares.entries()) {
            expect(Math.min(share.computeSeconds, share.startupSeconds, share.idleSeconds)).to.be.at.least(0);
            expect(share.computeSeconds * concurrency).to.be.at.most((drawn[index]?.takes ?? 0) + 1e-9);
          }
        },
      ),
    );
  });
});
