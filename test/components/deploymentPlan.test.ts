import { expect } from "chai";
import { instancesInRelease, planDeployment } from "../../components/deploymentPlan";
import { problemsOf } from "../../components/validate";
import { readText } from "../../components/settings/read";
import { settings } from "../../components/settings";
import type { Deployment } from "../../components/settings/deployment";

const lines = (deployment: Deployment, more = {}) =>
  problemsOf({ huggingFaceModelId: "gpt2", deployment, ...more }).map(({ propertyPath, reason }) => `${propertyPath}: ${reason}`);
const stepsOf = (deployment: Deployment, minCapacity: number) => {
  const { stepInstances, bakes } = planDeployment(deployment, minCapacity);
  return [stepInstances, bakes];
};

describe("the plan of a release", () => {
  it("moves whole instances: at least one, and at most half, since SageMaker refuses more", () => {
    expect(stepsOf({}, 0)).to.deep.equal([1, 1]);
    expect(stepsOf({ strategy: "blueGreen" }, 2)).to.deep.equal([1, 2]);
    expect(stepsOf({ strategy: "blueGreen", canaryPercent: 34 }, 3)).to.deep.equal([1, 2]);
    expect(stepsOf({ strategy: "blueGreen", canaryPercent: 20 }, 10)).to.deep.equal([2, 2]);
    expect(stepsOf({ strategy: "rolling", canaryPercent: 30 }, 10)).to.deep.equal([3, 4]);
  });

  it("says what quota a release needs: two fleets, or a fleet and a step", () => {
    const needed = (strategy: "allAtOnce" | "rolling" | "blueGreen") => instancesInRelease(planDeployment({ strategy }, 4), 6);
    expect([needed("allAtOnce"), needed("blueGreen"), needed("rolling")]).to.deep.equal([10, 10, 7]);
  });

  it("takes nothing that SageMaker or the provider would refuse or give up in the middle of a release, and says what to do", () => {
    expect(lines({ strategy: "blueGreen" })).to.deep.equal([
      'deployment.strategy: got "blueGreen" with minCapacity 0: an update starts one instance, which only fits allAtOnce; ' +
        "set minCapacity to 2 or more, or take allAtOnce",
    ]);
    expect(lines({ canaryPercent: 10 })).to.deep.equal([
      "deployment.canaryPercent: got 10 with the strategy allAtOnce, which has no canary: remove it, or take blueGreen or rolling",
    ]);
    expect(lines({ strategy: "rolling", bakeSeconds: 60 }, { minCapacity: 2, maxCapacity: 21 })).to.deep.equal([
      "deployment.canaryPercent: got 10 with the strategy rolling, which comes to 1 of up to 21 instances; " +
        "SageMaker takes at least 5 % of them: raise it or minCapacity, or lower maxCapacity",
    ]);
    expect(lines({ strategy: "blueGreen", bakeSeconds: 1201 }, { minCapacity: 2 })).to.deep.equal([
      "deployment.bakeSeconds: got 1201, 2 times in a release, expected at most 2400 in all, since the AWS provider waits an hour for an " +
        "update: at most 1200",
    ]);
    expect(lines({ strategy: "blueGreen", bakeSeconds: 1200, canaryPercent: 50 }, { minCapacity: 2 })).to.deep.equal([]);
  });

  it("names the member that is wrong, and what it accepts", () => {
    expect(lines({ strategy: "canary", bakeSeconds: 3601, step: 1 } as never)).to.deep.equal([
      'deployment.strategy: got "canary", expected one of allAtOnce, rolling, blueGreen',
      "deployment.bakeSeconds: got 3601, expected a whole number from 0 to 3600",
      "deployment.step: got 1, expected one of strategy, canaryPercent, bakeSeconds, rollbackAlarms in its place",
    ]);
  });

  it("is read from a stack file, whether its numbers were written as such or as text", () => {
    const text = '{"strategy":"blueGreen","canaryPercent":"20","bakeSeconds":60,"rollbackAlarms":["a"]}';
    expect(readText(settings.deployment, text)).to.deep.equal({
      strategy: "blueGreen",
      canaryPercent: 20,
      bakeSeconds: 60,
      rollbackAlarms: ["a"],
    });
    expect(["blueGreen", "[]", "null"].map((wrong) => readText(settings.deployment, wrong))).to.deep.equal([
      undefined,
      undefined,
      undefined,
    ]);
  });
});
