import { expect } from "chai";
import { costCheck, firstCosts } from "../../../cli/planning/firstCosts";
import { planSettings, readPlanned } from "../../../cli/planning/settings";

const settings = (texts: Record<string, string>, usdPerHour: () => number | undefined = () => 2) =>
  planSettings(readPlanned(texts, "a test"), { usdPerHour });

describe("what a deployment costs at first", () => {
  it("is an hour of one instance, and nothing for a month in which it sleeps", () => {
    expect(firstCosts(settings({}))).to.deep.equal({ hourOfOne: 2, hourOfAll: 10, idleMonth: 0 });
    expect(costCheck(settings({}), "list prices")).to.deep.equal({
      status: "passed",
      detail:
        "the first hour costs 2.00 USD with 1 ml.g5.2xlarge, which goes 10 min after its last job, 10.00 with all 5; a month without a job nothing: it sleeps (instances alone; list prices)",
    });
  });

  it("is the minimum all month, and warm hours above it", () => {
    expect(firstCosts(settings({ minCapacity: "2" }))?.idleMonth).to.equal(2920);
    // 5 days of 12 hours of the week's 168, and a night into the next day.
    const warm = { warmHours: '["mon-fri 08:00-20:00", "sat 22:00-04:00"]', warmMinCapacity: "3", minCapacity: "1" };
    expect(firstCosts(settings(warm))?.idleMonth).to.be.closeTo(2 * 730 * (1 + (2 * 66) / 168), 1e-9);
  });

  it("says where no price is known, and does not call it free", () => {
    const { status, detail } = costCheck(
      settings({ instanceType: "ml.p5.48xlarge" }, () => undefined),
      "no price is known of ml.p5.48xlarge",
    );
    expect([status, detail]).to.deep.equal(["skipped", "no price is known of ml.p5.48xlarge"]);
  });
});
