import { expect } from "chai";
import { contradictionsIn } from "../../components/contradictions";
import type { AsyncInferenceArgs } from "../../components/args";
import { busyWindow, Candidates, changesOf, demandOf } from "../../planner/candidates";
import { cornersOf, usualBand } from "../../planner/band";
import { leftOutOf } from "../../planner/words";
import { plan, tryChange, type Plan, type PlanOptions } from "../../planner/search";
import { loadOf, monday, usualSettings } from "../../doubles/planned";

/** 100 jobs of two minutes at nine each morning of two working days, and one an hour else. */
const mornings = loadOf(
  [0, 1]
    .flatMap((day) => [
      ...Array.from({ length: 24 }, (_, hour) => [day * 86_400 + hour * 3600 + 1800, 60] as const),
      ...Array.from({ length: 100 }, (_, job) => [day * 86_400 + 32_400 + job, 120] as const),
    ])
    .sort(([a], [b]) => a - b),
  "mornings",
);
const few: PlanOptions = { candidates: 30, threads: 2 };
const narrow = { ...few, band: { ...usualBand, metricDelaySeconds: [120, 120], startupSeconds: [240, 240] } as const };

describe("a plan", () => {
  it("recommends what costs least of what waits no longer than today, and holds it against all the unknowns", async () => {
    const seen: [number, number][] = [];
    const found = await plan(
      mornings,
      { ...usualSettings, idleSeconds: 1800 },
      {},
      { ...few, onProgress: (done, of) => seen.push([done, of]) },
    );
    const { recommended, current } = found;
    expect(found.load).to.deep.equal({ name: "mornings", jobs: 248, days: 2, startsAt: monday });
    expect({ completed: found.completed, tried: found.candidates.length, corners: [current.corners, recommended?.corners] }).to.deep.equal({
      completed: true,
      tried: 30,
      corners: [8, 8],
    });
    expect(recommended?.meetsGoal).to.equal(true);
    expect(recommended?.band.usdPerMonth?.[1]).to.be.lessThan(0.8 * (current.band.usdPerMonth?.[1] ?? 0));
    expect(recommended?.band.waitP95Seconds[1]).to.be.at.most(current.band.waitP95Seconds[1]);
    expect(found.why).to.match(/^It has the least cost of the 30 candidates .* p95 waits of .* USD per month, at the most\.$/);
    expect(found.candidates[0]).to.satisfy(({ corners, meetsGoal }: Plan["current"]) => corners === 8 && meetsGoal);
    // What is drawn has a course, and nothing else is sent between threads.
    expect([recommended?.worst.series.instances.length, current.best.series.instances.length]).to.satisfy((lengths: number[]) =>
      lengths.every((length) => length > 2880),
    );
    expect(found.candidates.filter(({ worst }) => worst.series.instances.length > 0).length).to.equal(2);
    expect(seen.at(-1)?.[0]).to.equal(seen.length);
  });

  it("comes to the same whichever thread is faster", async () => {
    const goal = { waitP95Seconds: 1200 };
    const [one, other] = [
      await plan(mornings, usualSettings, goal, { ...narrow, threads: 1 }),
      await plan(mornings, usualSettings, goal, narrow),
    ];
    expect(one).to.deep.equal(other);
    expect(one.recommended?.band.waitP95Seconds[1]).to.be.at.most(1200);
  });

  it("spends a budget on shorter waits", async () => {
    const { recommended, current } = await plan(mornings, usualSettings, { usdPerMonth: 1000 }, narrow);
    expect(recommended?.band.usdPerMonth?.[1]).to.be.at.most(1000);
    expect(recommended?.band.waitP95Seconds[1]).to.be.lessThan(current.band.waitP95Seconds[1]);
  });

  it("recommends nothing for a goal that nothing reaches, and says what comes nearest", async () => {
    const found = await plan(mornings, usualSettings, { waitP95Seconds: 1, usdPerMonth: 100 }, { ...narrow, candidates: 12 });
    expect(found).not.to.have.property("recommended");
    expect(found.nearest?.meetsGoal).to.equal(false);
    expect(found.why).to.match(/^None of 12 candidates that were tried reaches a p95 wait of 1 s and 100 USD per month in the whole band/);
  });

  it("does not take a type for cheap whose price nobody knows", async () => {
    const { usdPerHour: _, ...unpriced } = { ...usualSettings, instanceType: "ml.new.large", speedFactor: 3 };
    const found = await plan(mornings, usualSettings, {}, { ...narrow, types: [unpriced] });
    expect(found.recommended?.settings.instanceType).to.equal(usualSettings.instanceType);
    expect(found.candidates.find(({ settings }) => settings.instanceType === "ml.new.large")?.worst).not.to.have.property("usdPerMonth");
    const asked = await plan(mornings, unpriced, { usdPerMonth: 5000 }, { ...narrow, candidates: 3 });
    expect(asked.recommended).to.equal(undefined);
  });

  it("keeps what is known when it is ended, and recommends nothing that it hasn't looked at", async () => {
    const abort = new AbortController();
    const found = await plan(
      mornings,
      usualSettings,
      {},
      { ...few, signal: abort.signal, onProgress: (done) => done === 5 && abort.abort() },
    );
    expect(found.completed).to.equal(false);
    expect(found.candidates.length).to.be.within(1, 8);
    expect(found.recommended).to.equal(undefined);
    const early = await plan(mornings, usualSettings, {}, { ...few, signal: AbortSignal.abort(new Error("enough")) }).then(
      String,
      ({ message }: Error) => message,
    );
    expect(early).to.equal("enough");
  });

  it("says what one change does to wait and cost", async () => {
    const found = await tryChange(mornings, usualSettings, { ...usualSettings, idleSeconds: 60 }, { usdPerMonth: 10 }, narrow);
    expect(found.nearest?.changes).to.deep.equal({ idleSeconds: "60" });
    expect(found.nearest?.band.usdPerMonth?.[1]).to.be.lessThan(found.current.band.usdPerMonth?.[0] ?? 0);
    expect(found.why).to.match(/^With idleSeconds changed: p95 waits of .* instead of .*\. It does not reach 10 USD per month\.$/);
    const impossible = tryChange(mornings, usualSettings, { ...usualSettings, minCapacity: 6 }, {}, narrow);
    expect(await impossible.then(String, ({ message }: Error) => message)).to.equal("the program does not take these settings together");
  });
});

describe("candidates", () => {
  it("are settings that the program takes, the present ones first, none twice", () => {
    const current = { ...usualSettings, minCapacity: 1, warmHours: ["mon 08:00-09:00"], warmMinCapacity: 3 };
    const candidates = new Candidates(mornings, current, [{ ...usualSettings, instanceType: "ml.g5.xlarge" }]);
    const all = [];
    for (const settings of candidates.spread()) if (all.push(settings) === 300) break;
    const near = [...candidates.near(all[42] ?? current)];
    const keys = [...all, ...near].map((settings) => JSON.stringify(settings));
    expect(all[0]).to.deep.equal(current);
    expect(new Set(keys).size).to.equal(keys.length);
    expect(new Set(all.map(({ instanceType }) => instanceType)).size).to.equal(2);
    expect(new Set(all.map(({ drain }) => drain)).size).to.equal(2);
    const refused = [...all, ...near].flatMap((settings) => {
      const { instanceType: _, speedFactor: __, usdPerHour: ___, ...scaling } = settings;
      // What is a default counts as not given, as the program reads it.
      const { warmMinCapacity, warmTimeZone, ...others } = scaling;
      const args =
        scaling.warmHours.length === 0 && warmMinCapacity === 1 && warmTimeZone === "UTC" ? { ...others, warmHours: undefined } : scaling;
      const given = new Set(Object.entries(args).flatMap(([name, value]) => (value === undefined ? [] : [name])));
      return contradictionsIn(args as Partial<AsyncInferenceArgs> as never, given, undefined).filter(({ propertyPath }) =>
        /Capacity|warm|drain|partial/.test(propertyPath),
      );
    });
    expect(refused).to.deep.equal([]);
  });

  it("have other numbers of requests at once where it is known how fast those run", () => {
    const atOnce = { ...usualSettings, maxConcurrentInvocationsPerInstance: 4, speedFactor: 0.5 };
    const found = new Set<string>();
    for (const settings of new Candidates(mornings, usualSettings, [atOnce]).spread()) {
      found.add(`${settings.maxConcurrentInvocationsPerInstance} at ${settings.speedFactor}`);
      if (found.size === 2) break;
    }
    expect([...found]).to.deep.equal(["1 at 1", "4 at 0.5"]);
    expect(changesOf(usualSettings, atOnce)).to.deep.equal({ maxConcurrentInvocationsPerInstance: "4" });
    const said = leftOutOf(usualSettings, [usualSettings, atOnce], { inAll: 2, inPart: 0 });
    expect(said).to.include(
      "how fast jobs run beside each other, which stands in no trace: taken is 0.5 times today's speed with 4 at once on ml.g5.2xlarge",
    );
  });

  it("say what they change as pulumi config set takes it", () => {
    expect(changesOf(usualSettings, { ...usualSettings, drain: true, warmHours: ["mon-fri 08:00-18:00"], usdPerHour: 5 })).to.deep.equal({
      drain: "true",
      warmHours: '["mon-fri 08:00-18:00"]',
    });
  });

  it("are sized by how many instances the load keeps busy in an hour", () => {
    const { mean, p95, most, peak } = demandOf(mornings, { ...usualSettings, speedFactor: 2, maxConcurrentInvocationsPerInstance: 2 });
    expect([mean, p95, most, peak].map((instances) => instances.toFixed(4))).to.deep.equal(["0.0389", "0.0042", "0.8375", "5.0000"]);
  });

  it("have warm hours where nearly all jobs come in the same hours, on the clocks of the time zone", () => {
    const daily = loadOf(
      [0, 1, 2, 3, 4].flatMap((day) => Array.from({ length: 20 }, (_, job) => [day * 86_400 + 7 * 3600 + job * 500, 1] as const)),
    );
    expect(busyWindow(daily, "UTC")).to.equal("mon-fri 07:00-10:00");
    expect(busyWindow(daily, "Asia/Kolkata")).to.equal("mon-fri 12:00-15:00");
    expect(busyWindow({ ...daily, startsAt: monday - 2 * 86_400_000 }, "UTC")).to.equal("sun-sat 07:00-10:00");
    const always = loadOf(Array.from({ length: 48 }, (_, hour) => [hour * 3600, 1] as const));
    expect(busyWindow(always, "UTC")).to.equal(undefined);
  });
});

describe("the unknowns of the service", () => {
  it("are looked at in all corners of their band, and in one where everything is known", () => {
    expect(cornersOf(usualBand).length).to.equal(8);
    expect(cornersOf(usualBand)[0]).to.deep.equal({ backlogCounts: "waiting", metricDelaySeconds: 300, startupSeconds: 900 });
    expect(cornersOf({ backlogCounts: ["waiting"], metricDelaySeconds: [60, 60], startupSeconds: [1, 1] })).to.deep.equal([
      { backlogCounts: "waiting", metricDelaySeconds: 60, startupSeconds: 1 },
    ]);
  });
});
