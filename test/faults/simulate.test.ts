import { expect } from "chai";
import { deployProgram, type Deployment } from "../../faults/deployment";
import { simulate } from "../../faults/simulate";
import { drawPlan, type FaultPlan } from "../../local/faults/plan";

describe("the deployed program under simulated faults", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await deployProgram();
  });

  it("keeps every promise: each accepted job ends once, for a reason, and its handlers' effects happen once", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { verdict } = await simulate(deployment, drawPlan(seed, 25));
      expect(verdict.violations).to.deep.equal([], `seed ${seed}`);
      expect(verdict.accepted).to.be.above(20);
    }
  });

  it("repeats a seed to the last write, so that a failure can be looked at again", async () => {
    const plan = drawPlan(11, 20);
    const runs = [await simulate(deployment, plan), await simulate(deployment, structuredClone(plan))];
    const [first, second] = runs.map(({ world }) => ({ writes: world.table.history, trace: world.trace }));

    expect(first).to.deep.equal(second);
    expect(first?.writes).to.have.lengthOf.above(60);
  });

  it("sees another order of things with another seed", async () => {
    const plan: FaultPlan = { seed: 1, jobs: 5, faults: [] };
    const runs = [await simulate(deployment, plan), await simulate(deployment, { ...plan, seed: 2 })];
    const [first, second] = runs.map(({ world }) => world.table.history.map(({ key }) => key).join());

    expect(first).to.not.equal(second);
  });

  it("fails without the sweeper: jobs whose end nobody told stay open", async () => {
    const { verdict } = await simulate(deployment, drawPlan(1, 50), "sweeper");

    expect(new Set(verdict.violations.map(({ kind }) => kind))).to.deep.equal(new Set(["neverEnded"]));
  });

  it("fails when conditions on writes are ignored: jobs end twice, models run twice, effects happen twice", async () => {
    const expected = ["twoEnds", "ranTwice", "doubled"];
    const found = new Set<string>();
    for (let seed = 1; seed <= 20 && !expected.every((kind) => found.has(kind)); seed++) {
      const { verdict } = await simulate(deployment, drawPlan(seed, 50), "conditional-writes");
      for (const { kind } of verdict.violations) found.add(kind);
    }

    expect([...found]).to.include.members(expected);
  });

  it("explains each job that ended in doubt by what was injected", async () => {
    const faults = Array.from({ length: 30 }, (_, index) => ({
      kind: "container-exit" as const,
      ...{ job: index + 1, nth: 1, times: 1, delaySeconds: 60 },
    }));
    const { verdict, world } = await simulate(deployment, { seed: 4, jobs: 30, faults });
    const ends = world.jobs().map(({ onDoubt, state, error }) => `${onDoubt} ${state} ${error?.code ?? ""}`.trim());
    const hit = world.injector.injected.map(({ jobId }) => world.jobs().find((job) => job.jobId === jobId)?.onDoubt);

    expect(verdict.violations).to.deep.equal([]);
    expect(hit).to.include("wait").and.to.include("rerun");
    expect(ends.filter((end) => end === "wait FAILED IN_DOUBT")).to.have.lengthOf(hit.filter((onDoubt) => onDoubt === "wait").length);
    expect(ends.filter((end) => end !== "wait FAILED IN_DOUBT").every((end) => end.endsWith("COMPLETED"))).to.equal(true);
  });
});
