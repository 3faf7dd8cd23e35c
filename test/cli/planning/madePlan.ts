import { simulate, type Candidate, type Outcome, type Plan, type PlanSettings } from "../../../planner";
import { describedLoad } from "../../../planner/loads/described";
import type { PlanReport } from "../../../cli/planning/report";
import { planSettings, readPlanned } from "../../../cli/planning/settings";

const prices = { usdPerHour: () => 1.515 };

/** A report of a small load with two candidates, whose figures are simulated. */
export async function madeReport(words = "peak 60/hour, day curve, 60-180 s, 2 days"): Promise<PlanReport> {
  const load = describedLoad(words);
  const current = await candidateOf({});
  const recommended = await candidateOf({ idleSeconds: "60", drain: "true" });
  const other = await candidateOf({ minCapacity: "1" });
  const plan: Plan = {
    load: { name: words, jobs: load.arrivalSeconds.length, days: 2, startsAt: load.startsAt },
    current,
    candidates: [current, recommended, other],
    recommended,
    why: "It waits about as long, and costs a third less.",
    leftOut: ["failures of hosts", "quotas"],
    band: { backlogCounts: ["waiting"], metricDelaySeconds: [60, 300], startupSeconds: [120, 900] },
    completed: true,
  };
  return {
    plan,
    goal: { waitP95Seconds: 1200 },
    told: `"${words}", by chance`,
    settingsFrom: "Pulumi.dev.yaml",
    prices: "list prices",
    tried: false,
  };

  async function candidateOf(changes: Record<string, string>): Promise<Candidate> {
    const settings: PlanSettings = planSettings(readPlanned(changes, "a test"), prices);
    const run = (startupSeconds: number, metricDelaySeconds: number): Promise<Outcome> =>
      simulate(load, settings, { backlogCounts: "waiting", startupSeconds, metricDelaySeconds });
    const [best, worst] = [await run(120, 60), await run(900, 300)];
    const { usdPerMonth: least = 0, instanceHours: fewest } = best;
    const band: Candidate["band"] = {
      waitP95Seconds: [best.waitSeconds.p95, worst.waitSeconds.p95],
      usdPerMonth: [least, worst.usdPerMonth ?? 0],
      instanceHours: [fewest, worst.instanceHours],
    };
    return { settings, changes, best, worst, band, corners: 2, meetsGoal: true, pareto: changes["minCapacity"] === undefined };
  }
}
