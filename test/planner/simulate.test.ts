import { expect } from "chai";
import fc from "fast-check";
import { seededRandom } from "../../local/faults/random";
import { Engine } from "../../planner/engine";
import { simulate } from "../../planner/simulate";
import { loadOf, monday, usualSettings, usualUnknowns } from "../../doubles/planned";

/** Probability that an arriving job waits in M/M/c (Erlang C), for an offered load of `work` busy servers. */
function erlangC(servers: number, work: number): number {
  let term = 1;
  let sum = 0;
  for (let busy = 0; busy < servers; busy++) {
    sum += term;
    term *= work / (busy + 1);
  }
  const all = (term * servers) / (servers - work);
  return all / (sum + all);
}

/** Waits in seconds of jobs that come at random and take random times, on a fixed number of instances. */
async function waits(servers: number, utilisation: number, jobs: number, seed: number, modelSeconds: number): Promise<Float64Array> {
  const random = seededRandom(seed).next;
  const exponential = (mean: number) => -mean * Math.log(1 - random());
  let at = 0;
  const load = loadOf(
    Array.from({ length: jobs }, () => {
      at += exponential(modelSeconds / (utilisation * servers));
      return [at, Math.max(0.001, exponential(modelSeconds))] as const;
    }),
  );
  const settings = { ...usualSettings, minCapacity: servers, maxCapacity: servers };
  const engine = new Engine(load, settings, usualUnknowns);
  await engine.run(monday + (at + 100 * modelSeconds) * 1000);
  return engine.jobs.started.map((started, job) => (started - (engine.jobs.arrival[job] as number)) / 1000);
}

/** A mean, and what it may be off by, from the means of consecutive batches: one job's wait depends on the one's before. */
function estimate(values: Float64Array, batches: number): { mean: number; error: number } {
  const size = Math.floor(values.length / batches);
  const means = Array.from(
    { length: batches },
    (_, batch) => values.subarray(batch * size, (batch + 1) * size).reduce((a, b) => a + b, 0) / size,
  );
  const mean = means.reduce((a, b) => a + b, 0) / batches;
  const variance = means.reduce((sum, each) => sum + (each - mean) ** 2, 0) / (batches - 1);
  return { mean, error: Math.sqrt(variance / batches) };
}

describe("a simulated load", () => {
  it("waits as queueing theory says (M/M/c) where the number of instances is fixed", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 30, max: 80 }),
        fc.integer({ min: 1, max: 1_000_000 }),
        async (servers, percent, seed) => {
          const modelSeconds = 6;
          const utilisation = percent / 100;
          const all = await waits(servers, utilisation, 40_000, seed, modelSeconds);
          // Without the first ones: the queue begins empty.
          const { mean, error } = estimate(all.subarray(2000), 20);
          const expected = (erlangC(servers, utilisation * servers) * modelSeconds) / (servers * (1 - utilisation));
          // Four errors of a mean of 20 batches: once in a thousand by chance. Times are whole milliseconds.
          expect(Math.abs(mean - expected), `${servers} instances, ${percent} %`).to.be.at.most(4 * error + 0.002);
        },
      ),
      { numRuns: 8, seed: 14 },
    );
  });

  it("has every job end once, and pays for every second that a job runs", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 50_000 }), fc.integer({ min: 1, max: 5000 })), { minLength: 1, maxLength: 60 }),
        fc.record({
          partialScaleIn: fc.boolean(),
          requestTtlSeconds: fc.constantFrom(60, 21_600),
          minCapacity: fc.integer({ min: 0, max: 2 }),
        }),
        async (jobs, settings) => {
          const load = loadOf(jobs.sort(([a], [b]) => a - b));
          const outcome = await simulate(load, { ...usualSettings, ...settings }, usualUnknowns);
          expect(outcome.finished + outcome.killed + outcome.expired + outcome.timedOut).to.equal(jobs.length);
          expect(outcome.waitHistogram.reduce((sum, { jobs: count }) => sum + count, 0)).to.equal(jobs.length - outcome.expired);
          expect(outcome.instanceHours).to.be.at.least(outcome.busyHours);
          if (outcome.killed > 0 || outcome.expired > 0) return;
          const seconds = jobs.reduce((sum, [, lasts]) => sum + Math.min(3600, lasts), 0);
          expect(outcome.busyHours).to.be.closeTo(seconds / 3600, 1e-6);
        },
      ),
      { numRuns: 30 },
    );
  });

  it("says what one job on a sleeping endpoint waits, and what it costs: start-up, work and idleSeconds", async () => {
    // The endpoint is deployed awake; an hour later it sleeps.
    const outcome = await simulate(loadOf([[7200, 300]]), usualSettings, usualUnknowns);
    const { series, hourlyP95WaitSeconds, ...rest } = outcome;
    expect({
      ...rest,
      instanceHours: Math.round(outcome.instanceHours * 3600),
      busyHours: Math.round(outcome.busyHours * 3600),
    }).to.deep.equal({
      jobs: 1,
      finished: 1,
      killed: 0,
      expired: 0,
      timedOut: 0,
      waitSeconds: { p50: 240, p95: 240, p99: 240, max: 240 },
      waitHistogram: [1, 2, 5, 10, 20, 30, 60, 120, 300].map((upToSeconds) => ({ upToSeconds, jobs: upToSeconds === 300 ? 1 : 0 })),
      // 661 s until it first sleeps, 240 s of start-up, 300 s of work, and again as long until nothing was open for 600 s and the alarm has seen it.
      instanceHours: 661 + 240 + 300 + 661,
      busyHours: 300,
      idleShare: outcome.idleShare,
      usdPerMonth: outcome.usdPerMonth,
      usdPerJob: outcome.instanceHours * 2,
      worstHours: [{ at: monday + 7_200_000, hour: 2, p95WaitSeconds: 240, jobs: 1 }],
    });
    expect(outcome.usdPerMonth).to.be.closeTo(((outcome.instanceHours * 2) / 24) * 730, 1e-9);
    expect(outcome.idleShare).to.be.closeTo(1 - 300 / 1862, 1e-3);
    expect([...hourlyP95WaitSeconds]).to.deep.equal([Number.NaN, Number.NaN, 240]);
    expect([
      series.secondsPerPoint,
      series.instances.length,
      series.instances[60],
      series.instances[122],
      series.backlog[122],
    ]).to.deep.equal([60, 1441, 0, 1, 1]);
  });

  it("takes all jobs of one second, and those that take longer than the timeout", async () => {
    const { finished, timedOut, expired } = await simulate(
      loadOf(Array.from({ length: 50 }, (_, job) => [0, job < 10 ? 4000 : 30] as const)),
      usualSettings,
      usualUnknowns,
    );
    expect({ finished, timedOut, expired }).to.deep.equal({ finished: 40, timedOut: 10, expired: 0 });
  });

  it("waits for slower runs too, but gains nothing of a wait from faster ones", async () => {
    const jobs = loadOf([
      [0, 100],
      [1000, 100],
    ]);
    const p95 = async (speedFactor: number) =>
      (await simulate(jobs, { ...usualSettings, minCapacity: 1, speedFactor }, usualUnknowns)).waitSeconds.p95;
    expect([await p95(0.25), await p95(1), await p95(2)]).to.deep.equal([300, 0, 0]);
  });

  it("keeps a course of weeks to as many points as a plot shows", async () => {
    const { series } = await simulate({ ...loadOf([[0, 1]]), periodSeconds: 28 * 86_400 }, usualSettings, usualUnknowns);
    expect([series.secondsPerPoint, series.instances.length, series.instances.at(-1)]).to.deep.equal([240, 10_081, 0]);
  });

  it("has no price for a type that has none, instead of costing nothing", async () => {
    const { usdPerHour: _, ...unpriced } = usualSettings;
    const outcome = await simulate(loadOf([[0, 60]]), unpriced, usualUnknowns);
    expect(outcome).not.to.have.any.keys("usdPerMonth", "usdPerJob");
  });

  it("refuses a load that is none, and names the job", async () => {
    const messages: [jobs: [number, number][], message: string][] = [
      [[], 'the load "load": it has no jobs'],
      [
        [
          [5, 1],
          [4, 1],
        ],
        'the load "load": job 2 arrives at 4 s, expected a time from 5 s, at which the one before it arrives',
      ],
      [[[-1, 1]], 'the load "load": job 1 arrives at -1 s, expected a time from 0 s, at which the one before it arrives'],
      [[[0, 0]], 'the load "load": job 1 takes 0 s, expected a time above 0'],
      [[[0, Number.NaN]], 'the load "load": job 1 takes NaN s, expected a time above 0'],
    ];
    for (const [jobs, message] of messages) {
      expect(await simulate(loadOf(jobs), usualSettings, usualUnknowns).then(String, (error: Error) => error.message)).to.equal(message);
    }
  });

  it("ends when it is told to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const weeks = { ...loadOf([[0, 1]]), periodSeconds: 7 * 86_400 };
    expect(await simulate(weeks, usualSettings, usualUnknowns, { signal }).then(String, ({ message }: Error) => message)).to.equal(
      "enough",
    );
  });
});
