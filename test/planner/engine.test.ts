import { expect } from "chai";
import fc from "fast-check";
import { embeddedStart, replayEmbedded, settledSteps, type CapacityStep } from "../../bench/plan/embedded";
import { loads, type LoadName } from "../../bench/scaling/loads";
import { seededRandom } from "../../local/faults/random";
import { Engine } from "../../planner/engine";
import { jobStates } from "../../planner/jobs";
import type { Load } from "../../planner/load";
import type { PlanSettings, Unknowns } from "../../planner/settings";
import { loadOf, usualSettings, usualUnknowns } from "../../doubles/planned";

const { usdPerHour: _, ...usual } = usualSettings;

function benchLoad(name: LoadName, hours: number, seed = 1): Load {
  const arrivals = loads[name](seededRandom(seed).next, hours).sort((a, b) => a.atSeconds - b.atSeconds);
  return loadOf(
    arrivals.map(({ atSeconds, modelSeconds }) => [atSeconds, modelSeconds]),
    name,
  );
}

/** A job of 900 seconds is at its end at the very moment of its time-out. */
const whichEndsWithItsTimeout = {
  minCapacity: 0,
  maxCapacity: 2,
  targetBacklogPerInstance: 1,
  maxConcurrentInvocationsPerInstance: 1,
  scaleInCooldownSeconds: 0,
  scaleOutCooldownSeconds: 0,
  idleSeconds: 60,
  drain: false,
  partialScaleIn: false,
  warmHours: [],
  warmMinCapacity: 2 as const,
  requestTtlSeconds: 60 as const,
  invocationTimeoutSeconds: 900 as const,
};

async function planned(load: Load, settings: PlanSettings, given: Unknowns, hours: number) {
  const steps: CapacityStep[] = [];
  const engine = new Engine(load, settings, given, {
    onCapacity: ({ now, fleet }) => {
      steps.push({ milliseconds: Math.max(0, now - embeddedStart), wanted: fleet.desired, inService: fleet.inServiceCount });
    },
  });
  const { desired: wanted, inServiceCount: inService } = engine.fleet;
  steps.push({ milliseconds: 0, wanted, inService });
  await engine.run(embeddedStart + hours * 3_600_000);
  const count = (state: keyof typeof jobStates) => engine.jobs.state.filter((each) => each === jobStates[state]).length;
  return {
    steps: settledSteps(steps),
    completed: count("finished"),
    killed: engine.killed,
    expired: engine.expired,
    failed: count("timedOut"),
  };
}

async function expectSame(load: Load, settings: PlanSettings, given: Unknowns, hours: number): Promise<void> {
  const embedded = await replayEmbedded(load, settings, given, hours);
  expect(await planned(load, settings, given, hours)).to.deep.equal({ ...embedded, steps: settledSteps(embedded.steps) });
}

describe("the planner's engine", () => {
  const hours: Record<LoadName, number> = { sparse: 8, bursts: 7, long: 12, diurnal: 24, trace: 12 };
  for (const [index, name] of (Object.keys(hours) as LoadName[]).entries()) {
    it(`has at every moment as many instances as the embedded cloud: ${name}`, async () => {
      for (const drain of [false, true]) {
        await expectSame(
          benchLoad(name, hours[name]),
          { ...usual, drain },
          { ...usualUnknowns, backlogCounts: index % 2 === 0 ? "waiting" : "waitingAndRunning" },
          hours[name],
        );
      }
    });
  }

  it("has as many with any settings, under any of the service's unknowns", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          minCapacity: fc.integer({ min: 0, max: 2 }),
          maxCapacity: fc.integer({ min: 2, max: 8 }),
          targetBacklogPerInstance: fc.integer({ min: 1, max: 10 }),
          maxConcurrentInvocationsPerInstance: fc.integer({ min: 1, max: 8 }),
          scaleInCooldownSeconds: fc.integer({ min: 0, max: 900 }),
          scaleOutCooldownSeconds: fc.integer({ min: 0, max: 900 }),
          idleSeconds: fc.integer({ min: 60, max: 1800 }),
          drain: fc.boolean(),
          partialScaleIn: fc.boolean(),
          warmHours: fc.subarray(["mon 00:20-01:10", "mon-fri 01:30-02:00"]),
          warmMinCapacity: fc.constant(2),
          requestTtlSeconds: fc.constantFrom(60, 600, 21_600),
          invocationTimeoutSeconds: fc.constantFrom(30, 900, 3600),
        }),
        fc.record({
          backlogCounts: fc.constantFrom("waiting" as const, "waitingAndRunning" as const),
          metricDelaySeconds: fc.integer({ min: 0, max: 300 }),
          startupSeconds: fc.integer({ min: 1, max: 900 }),
        }),
        fc.array(fc.tuple(fc.integer({ min: 0, max: 9_000_000 }), fc.integer({ min: 1, max: 900_000 })), { minLength: 1, maxLength: 120 }),
        async (settings, given, drawn) => {
          const sorted = drawn.sort(([a], [b]) => a - b);
          const load = loadOf(sorted.map(([at, lasts]) => [at / 1000, lasts / 1000]));
          await expectSame(load, { ...usual, ...settings }, given, 4);
        },
      ),
      {
        numRuns: 12,
        examples: [[whichEndsWithItsTimeout, { backlogCounts: "waiting", metricDelaySeconds: 0, startupSeconds: 1 }, [[0, 900_000]]]],
      },
    );
  });
});
