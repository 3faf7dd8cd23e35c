import { expect } from "chai";
import type { JobStatus } from "../../../client";
import { costCsv, rowsBy, totalsOf, type CostReport } from "../../../cli/commands/cost";
import type { RanJob } from "../../../cli/planning/deployed";
import type { CostShares } from "../../../planner/cost/shares";

const ran = (jobId: string, day: string, more: Partial<JobStatus> = {}): RanJob => {
  const at = Date.parse(`${day}T08:00:00Z`);
  const status: JobStatus = {
    jobId,
    state: "COMPLETED",
    ended: true,
    endpointName: "ocr",
    timings: { acceptedAt: `${day}T08:00:00.000Z` },
    ...more,
  };
  return { jobId, acceptedAt: at, receivedAt: at, finishedAt: at + 3_600_000, status };
};
const jobs = [
  ran("a", "2026-01-27", { metadata: { customer: 'ACME, "Inc"' } }),
  ran("b", "2026-01-26", { state: "FAILED", error: { code: "MODEL_ERROR", message: "", retryable: false, advice: "" } }),
  ran("c", "2026-01-26", { metadata: { customer: "beta" } }),
];
const shares: CostShares = {
  jobs: [
    { computeSeconds: 3600, startupSeconds: 720, idleSeconds: 360 },
    { computeSeconds: 1800, startupSeconds: 0, idleSeconds: 0 },
    { computeSeconds: 1800, startupSeconds: 0, idleSeconds: 1800 },
  ],
  instanceSeconds: 14_400,
  withoutJobsSeconds: 4320,
  beyondSeconds: 0,
  unmeasured: new Set(),
};
const groups = (by: string) => rowsBy(by, { ran: jobs }, shares, 2).map(({ group, jobs: count, usd }) => [group, count, usd]);

describe("the cost of what ran", () => {
  it("adds up compute, start-up and idle time by day, in the order of the days", () => {
    expect(rowsBy("day", { ran: jobs }, shares, 2)).to.deep.equal([
      { group: "2026-01-26", jobs: 2, computeHours: 1, startupHours: 0, idleHours: 0.5, usd: 3, usdPerJob: 1.5 },
      { group: "2026-01-27", jobs: 1, computeHours: 1, startupHours: 0.2, idleHours: 0.1, usd: 2.6, usdPerJob: 2.6 },
    ]);
  });

  it("adds up by state, error code, job, and what callers wrote, the dearest first", () => {
    expect(groups("state")).to.deep.equal([
      ["COMPLETED", 2, 4.6],
      ["FAILED", 1, 1],
    ]);
    expect(groups("code").map(([group]) => group)).to.deep.equal(["(no error)", "MODEL_ERROR"]);
    expect(groups("job").map(([group]) => group)).to.deep.equal(["a", "c", "b"]);
    expect(groups("metadata.customer").map(([group]) => group)).to.deep.equal(['ACME, "Inc"', "beta", "(none)"]);
  });

  it("costs no dollars, rather than nothing, where no price is known", () => {
    expect(rowsBy("state", { ran: jobs }, shares, undefined)[0]).not.to.have.any.keys("usd", "usdPerJob");
  });

  const report = (added: Partial<CostReport> = {}): CostReport => ({
    endpointName: "ocr",
    since: "2026-01-20T00:00:00.000Z",
    by: "metadata.customer",
    instanceType: "ml.g5.2xlarge",
    usdPerHour: 2,
    prices: "your own",
    rows: rowsBy("metadata.customer", { ran: jobs }, shares, 2),
    jobsWithoutMetrics: 0,
    jobsWithoutRun: 0,
    counted: { instanceHours: 4, usd: 8, withoutJobsHours: 1.2, beyondHours: 0, periodSeconds: 60 },
    ...added,
  });

  it("stands beside what CloudWatch counted, the difference named", () => {
    expect(totalsOf(report())).to.equal(
      "The rows are 2.800 instance hours (5.60 USD) of ml.g5.2xlarge. CloudWatch counted 4.000 (8.00 USD): 1.200 of them without a job (a minimum, warm hours, or jobs from before). Prices: your own.",
    );
    const { counted: _, ...without } = report({ uncounted: "not authorized", jobsWithoutMetrics: 3, jobsWithoutRun: 2 });
    expect(totalsOf(without)).to.equal(
      "The rows are an estimate of 2.800 instance hours (5.60 USD) of ml.g5.2xlarge. CloudWatch could not be asked (not authorized): compute is the most that maxCapacity instances can have run, and start-up and idle time are not known. 2 jobs are open, or have no times of the service, and are not in the rows. Prices: your own.",
    );
  });

  it("is said to be an estimate, and why, while CloudWatch has no metrics of the minutes in which jobs ended", () => {
    const counted = { instanceHours: 4, withoutJobsHours: 1.2, beyondHours: 0.5, periodSeconds: 60 };
    expect(totalsOf(report({ counted, jobsWithoutMetrics: 1 }))).to.equal(
      "The rows are an estimate of 2.800 instance hours (5.60 USD) of ml.g5.2xlarge. CloudWatch counted 4.000 (8.00 USD): 1.200 of them without a job (a minimum, warm hours, or jobs from before). 1 job ended in minutes that CloudWatch has no metrics of (they come up to five minutes late): their compute is the most that maxCapacity instances can have run, and their start-up and idle time are missing. 0.500 of the rows are compute that CloudWatch has not counted. Prices: your own.",
    );
    expect(totalsOf(report({ counted }))).to.contain(
      "0.500 of the rows are compute that CloudWatch has not counted: its minutes are coarser than runs.",
    );
  });

  it("is comma-separated values that a spreadsheet reads, whatever a group is called", () => {
    expect(costCsv(report()).split("\n")).to.deep.equal([
      "metadata.customer,jobs,computeHours,startupHours,idleHours,usd,usdPerJob",
      '"ACME, ""Inc""",1,1,0.2,0.1,2.6,2.6',
      "beta,1,0.5,0,0.5,2,2",
      "(none),1,0.5,0,0,1,1",
    ]);
  });
});
