import { expect } from "chai";
import { sourceText } from "../../cli/batchSource";
import { batchCost, countJobs, foldersOf, isComplete, isOver, progressOf, ranJobs } from "../../cli/batchProgress";
import { reportOf, type BatchReport } from "../../cli/batches";
import type { JobStatus, ListedJob } from "../../client";
import { serviceOutputs } from "../../testing/outputs";

const now = Date.UTC(2026, 0, 25, 12);
const ago = (minutes: number) => new Date(now - minutes * 60_000).toISOString();

/** Jobs as a list has them. */
async function* listed(...jobs: Partial<ListedJob>[]): AsyncGenerator<ListedJob> {
  for (const job of jobs) yield { jobId: "scans.1", state: "COMPLETED", endpointName: "ocr", createdAt: ago(120), ...job };
}

const active: BatchReport = {
  batchId: "scans",
  s3JobId: "j",
  status: "Active",
  createdAt: ago(120),
  objects: 100,
  succeeded: 40,
  failed: 10,
};

describe("how far a batch is", () => {
  it("counts the batch's own jobs by state, those of a batch whose name begins alike left out", async () => {
    const { states, ended } = await countJobs(
      listed(
        { endedAt: ago(90) },
        { state: "EXPIRED", endedAt: ago(80) },
        { state: "SUBMITTED" },
        { jobId: "scans-2.1", endedAt: ago(1) },
        { jobId: "scans" },
      ),
      "scans",
      now,
    );
    expect([states, ended]).to.deep.equal([{ COMPLETED: 1, EXPIRED: 1, SUBMITTED: 1 }, 2]);
  });

  it("goes by the last hour: what it did while it slept says nothing of when it will end", async () => {
    const counted = await countJobs(
      listed({ endedAt: ago(100) }, { endedAt: ago(30) }, { endedAt: ago(20) }, { state: "SUBMITTED" }),
      "scans",
      now,
    );
    const progress = progressOf(active, counted, now);

    // Two in an hour; left are the open one and the fifty objects that S3 has not come to.
    expect([progress.jobsEndedPerHour, progress.estimatedEnd]).to.deep.equal([2, new Date(now + 51 * 30 * 60_000).toISOString()]);
    expect(progress.jobs).to.deep.equal({ SUBMITTED: 1, COMPLETED: 3 });
  });

  it("goes by its whole time when that is shorter than an hour", async () => {
    const counted = await countJobs(listed({ createdAt: ago(15), endedAt: ago(5) }), "scans", now);
    expect(progressOf(active, counted, now).jobsEndedPerHour).to.equal(4);
  });

  it("promises no end before a job has ended, nor when nothing is left", async () => {
    const none = progressOf(active, await countJobs(listed({ state: "SUBMITTED" }), "scans", now), now);
    expect([none.jobsEndedPerHour, none.estimatedEnd]).to.deep.equal([undefined, undefined]);
    const all = progressOf({ ...active, status: "Complete" }, await countJobs(listed({ endedAt: ago(5) }), "scans", now), now);
    expect([all.jobsEndedPerHour, all.estimatedEnd]).to.deep.equal([1, undefined]);
  });

  it("is over when S3 and all jobs are, and complete when each object has a result", async () => {
    const after = async (report: Partial<BatchReport>, ...jobs: Partial<ListedJob>[]) =>
      progressOf({ ...active, ...report }, await countJobs(listed(...jobs), "scans", now), now);
    const done = { status: "Complete", failed: 0 };

    expect(isOver(await after({}, { endedAt: ago(1) }))).to.equal(false);
    expect(isOver(await after(done, { state: "SUBMITTED" }))).to.equal(false);
    expect(isOver(await after({ status: "Suspended" }))).to.equal(true);
    const ended = await after(done, { endedAt: ago(1) });
    expect([isOver(ended), isComplete(ended)]).to.deep.equal([true, true]);
    expect(isComplete(await after(done, { state: "FAILED", endedAt: ago(1) }))).to.equal(false);
    expect(isComplete(await after({ ...done, failed: 1 }, { endedAt: ago(1) }))).to.equal(false);
    expect(isComplete(await after({ status: "Failed", failed: 0 }))).to.equal(false);
    // It waits for batch resume; it was stopped while objects were left.
    for (const status of ["Suspended", "Cancelled"]) expect(isComplete(await after({ status, failed: 0 }))).to.equal(false);
  });

  it("expects no more jobs of a batch that is being stopped: its end would move away with every look", async () => {
    const counted = await countJobs(listed({ endedAt: ago(30) }, { state: "SUBMITTED" }), "scans", now);
    for (const status of ["Cancelling", "Failing"]) {
      expect(progressOf({ ...active, status }, counted, now).estimatedEnd).to.equal(new Date(now + 60 * 60_000).toISOString());
      const job = { Status: status, ProgressSummary: { NumberOfTasksSucceeded: 4, Timers: { ElapsedTimeInActiveSeconds: 2 } } } as const;
      const report = reportOf({ job: job as never, unfinished: [], firstCreatedAt: new Date(now) }, "scans", serviceOutputs, now);
      expect([report.objectsPerSecond, report.estimatedLastJobAt]).to.deep.equal([2, undefined]);
    }
  });

  it("counts folders, which succeed without a job, once nothing else can be the reason", async () => {
    const after = async (report: Partial<BatchReport>, ...jobs: Partial<ListedJob>[]) => ({
      ...progressOf({ ...active, ...report }, await countJobs(listed(...jobs), "scans", now), now),
      at: new Date(now).toISOString(),
    });
    const done = { status: "Complete", succeeded: 3 };
    expect(foldersOf(await after(done, { endedAt: ago(1) }), 30)).to.equal(2);
    expect(foldersOf(await after({ ...done, succeeded: 0 }, { endedAt: ago(1) }), 30)).to.equal(0);
    expect(foldersOf(await after({ succeeded: 3 }, { endedAt: ago(1) }), 30)).to.equal(undefined);
    expect(foldersOf(await after(done, { state: "SUBMITTED" }), 30)).to.equal(undefined);
    expect(foldersOf(await after({ ...done, createdAt: ago(31 * 1440) }), 30)).to.equal(undefined);
  });

  it("tells one list of objects from another, and not one file from itself where each upload has another ETag", () => {
    const manifest = (key: string, ETag: string, ...Fields: ("Bucket" | "Key" | "VersionId")[]) =>
      sourceText({
        Manifest: {
          Spec: { Format: "S3BatchOperations_CSV_20180820", Fields },
          Location: { ObjectArn: `arn:aws:s3:::lists/${key}`, ETag },
        },
      });
    expect(manifest("a.csv", '"1"', "Bucket", "Key")).to.equal("the manifest s3://lists/a.csv of ETag 1 with the fields Bucket,Key");
    expect(manifest("a.csv", "2", "Key", "Bucket")).to.equal("the manifest s3://lists/a.csv of ETag 2 with the fields Key,Bucket");
    expect(manifest("in/_batch/manifests/scans-0a.csv", "1")).to.equal("the manifest s3://lists/in/_batch/manifests/scans-0a.csv");
    const SourceBucket = "arn:aws-cn:s3:::scans";
    const generated = (Filter: object) =>
      sourceText({ ManifestGenerator: { S3JobManifestGenerator: { SourceBucket, EnableManifestOutput: false, Filter } } });
    expect([generated({}), generated({ KeyNameConstraint: { MatchAnyPrefix: ["2026/"] } })]).to.deep.equal([
      "s3://scans/",
      "s3://scans/2026/",
    ]);
  });

  it("says S3's figures, and begins where the first of its jobs did: a resumed batch's jobs are older than S3's newest", () => {
    const job = {
      JobId: "j2",
      Status: "Active" as const,
      CreationTime: new Date(ago(10)),
      ProgressSummary: {
        TotalNumberOfTasks: 100,
        NumberOfTasksSucceeded: 40,
        NumberOfTasksFailed: 10,
        Timers: { ElapsedTimeInActiveSeconds: 25 },
      },
    };
    const unfinished = [{ JobId: "j2" }, { JobId: "j1" }];
    expect(reportOf({ job, unfinished, firstCreatedAt: new Date(ago(120)) }, "scans", serviceOutputs, now)).to.deep.equal({
      ...active,
      s3JobId: "j2",
      furtherS3JobIds: ["j1"],
      objectsPerSecond: 2,
      estimatedLastJobAt: new Date(now + 25_000).toISOString(),
    });
  });
});

describe("what a batch did cost so far", () => {
  it("is its jobs' share of all that ran: compute, start-up and idle time", async () => {
    const times = { receivedAt: ago(10), finishedAt: ago(5) };
    async function* statuses() {
      const job = { state: "COMPLETED", ended: true, timings: times };
      yield { ...job, jobId: "scans.1", metadata: { batch: "scans" } } as unknown as JobStatus;
      yield { ...job, jobId: "other" } as unknown as JobStatus;
      yield { ...job, jobId: "scans.2", metadata: { batch: "scans" }, ended: false } as unknown as JobStatus;
    }
    let seen = 0;
    const { ran, own } = await ranJobs(statuses(), "scans", (count) => (seen = count));
    expect([ran.map(({ jobId }) => jobId), own, seen]).to.deep.equal([["scans.1", "other"], [true, false], 3]);

    const share = { computeSeconds: 1800, startupSeconds: 900, idleSeconds: 900 };
    const shares = { jobs: [share, share], withoutJobsSeconds: 0, beyondSeconds: 0, unmeasured: new Set([1]) };
    const cost = { instanceHours: 1, jobs: 1, jobsWithoutMetrics: 0 };
    expect(batchCost(shares, own, 1.5, "list")).to.deep.equal({ ...cost, usd: 1.5, usdPerJob: 1.5, prices: "list" });
    expect(batchCost(shares, own, undefined, "none")).to.deep.equal({ ...cost, prices: "none" });
    const none = { instanceHours: 0, usd: 0, jobs: 0, jobsWithoutMetrics: 0, prices: "list" };
    expect(batchCost(shares, [false, false], 1.5, "list")).to.deep.equal(none);
    expect(batchCost(shares, [false, true], undefined, "none")).to.deep.equal({ ...cost, jobsWithoutMetrics: 1, prices: "none" });
  });
});
