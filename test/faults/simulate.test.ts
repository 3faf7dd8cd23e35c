import { expect } from "chai";
import { deployProgram, type Deployment } from "../../faults/deployment";
import { simulate } from "../../faults/simulate";
import { drawPlan, type FaultPlan } from "../../local/faults/plan";

describe("the deployed program under simulated faults", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await deployProgram();
  });

  it("ends no job twice, loses none that ended, and explains every end", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { verdict } = await simulate(deployment, drawPlan(seed, 25));
      const kinds = ["lost", "twoEnds", "wrongEnd", "ranTwice"];
      expect(verdict.violations.filter(({ kind }) => kinds.includes(kind))).to.deep.equal([], `seed ${seed}`);
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

  it("fails when conditions on writes are ignored", async () => {
    const found = new Set<string>();
    for (let seed = 1; seed <= 10; seed++) {
      const { verdict } = await simulate(deployment, drawPlan(seed, 50), "conditional-writes");
      for (const { kind } of verdict.violations) found.add(kind);
    }

    expect([...found]).to.include.members(["ranTwice", "twoEnds"]);
  });
});
