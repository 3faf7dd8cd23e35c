import { expect } from "chai";
import { deployProgram, type Deployment } from "../../faults/deployment";
import { simulate } from "../../faults/simulate";
import type { JobFaultKind } from "../../local/faults/kinds";
import { drawPlan, type FaultPlan, type JobFault } from "../../local/faults/plan";

const jobFault = (kind: JobFaultKind, job: number, changes: Partial<JobFault> = {}): JobFault => ({
  kind,
  job,
  nth: 1,
  times: 1,
  delaySeconds: 60,
  ...changes,
});

/** Two a minute for as long as jobs come in. */
const scaleIns = Array.from({ length: 50 }, (_, index) => ({
  kind: "scale-in" as const,
  ...{ atSeconds: 30 * (index + 1), durationSeconds: 0, minutes: 0 },
}));

describe("the deployed program under simulated faults", () => {
  let deployment: Deployment;
  before(async () => {
    deployment = await deployProgram();
  });

  it("keeps every promise: each accepted job ends once, for a reason, and its handlers' effects happen once", async () => {
    let inCall = 0;
    for (let seed = 1; seed <= 6; seed++) {
      const { verdict, world } = await simulate(deployment, drawPlan(seed, 25));
      inCall += world.jobs().filter((job) => job.inputInCall).length;
      expect(verdict.violations).to.deep.equal([], `seed ${seed}`);
      expect(verdict.accepted).to.be.above(20);
    }
    // Both ways of an input to the service.
    expect(inCall).to.be.within(20, 130);
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

  it("fails without the sweeper: jobs whose end nobody told stay open, and a batch gets no room", async () => {
    const { verdict } = await simulate(deployment, drawPlan(1, 50), "sweeper");

    expect(new Set(verdict.violations.map(({ kind }) => kind))).to.deep.equal(new Set(["neverEnded", "lost"]));
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

  const clientClock = (minutes: number): FaultPlan => ({
    seed: 3,
    jobs: 25,
    faults: [{ kind: "client-clock", atSeconds: 0, durationSeconds: 0, minutes }],
  });

  it("loses, fails and doubles no job of a client whose machine's clock is an hour off, either way", async () => {
    for (const minutes of [-60, 60]) {
      const { verdict, world } = await simulate(deployment, clientClock(minutes));
      const byClient = world.jobs().filter(({ waiter }) => waiter === "application");
      expect([verdict.ends, verdict.violations], `${minutes} minutes`).to.deep.equal([{ COMPLETED: 25 }, []]);
      expect(byClient.length).to.be.at.least(3);
    }
  });

  it("fails when clients go by their own clocks: jobs run twice", async () => {
    const { verdict } = await simulate(deployment, clientClock(-60), "service-time");

    expect(verdict.violations.map(({ kind }) => kind)).to.include("repeated");
  });

  it("fails without the floor: a policy's scale-in kills what runs", async () => {
    const { verdict } = await simulate(deployment, { seed: 1, jobs: 50, faults: scaleIns }, "floor");

    expect(verdict.violations.map(({ kind }) => kind)).to.include("scaledIn");
  });

  it("lets no policy's scale-in take a running job's instance", async () => {
    const { verdict } = await simulate(deployment, { seed: 1, jobs: 50, faults: scaleIns });

    expect(verdict.violations).to.deep.equal([]);
    expect(verdict.injected["scale-in"]).to.be.above(5);
  });

  it("keeps a job cancelled that a user has cancelled, whatever its attempt does, and tells its handler", async () => {
    const faults = Array.from({ length: 30 }, (_, index) => jobFault("cancelled", index + 1, { delaySeconds: index }));
    const { verdict, world } = await simulate(deployment, { seed: 3, jobs: 30, faults });
    const { told } = world.people;
    const cancelled = told.filter(({ state }) => state === "CANCELLED").map(({ jobId }) => jobId);

    expect(verdict.violations).to.deep.equal([]);
    expect(new Set(cancelled).size).to.equal(verdict.ends.CANCELLED).and.to.be.above(10);
    expect(world.effects().filter(({ state }) => state === "CANCELLED")).to.have.lengthOf(new Set(cancelled).size);
    // Some of them had an attempt that the service could not stop.
    expect(cancelled.some((jobId) => world.sageMaker.truths.get(jobId)?.some(({ end }) => end === "completed"))).to.equal(true);
  });

  it("refuses what is more than may be open, and keeps no record of it", async () => {
    const flood = { kind: "flood" as const, atSeconds: 1, durationSeconds: 0, minutes: 0 };
    const { verdict, world } = await simulate(deployment, { seed: 2, jobs: 30, faults: [flood] });
    const refused = new Set(world.people.told.filter(({ state }) => state === undefined).map(({ jobId }) => jobId));

    expect(verdict.violations).to.deep.equal([]);
    expect(verdict.refused).to.be.above(10);
    expect([...refused].filter((jobId) => world.table.item(jobId) === undefined)).to.have.lengthOf.above(5);
  });

  it("makes each object of a batch one job, whatever its function meets and however often it is called, and reports the same", async () => {
    const kinds = ["lambda-killed-before", "lambda-killed-between", "lambda-killed-after", "lambda-throttled", "lambda-timed-out"] as const;
    const further = ["table-throttled", "table-answer-lost", "s3-503", "s3-403", "invoke-503", "invoke-answer-lost"] as const;
    const faults = [...kinds, ...further].flatMap((kind, index) =>
      [0, 1].map((more) => jobFault(kind, 2 * index + more + 1, { times: 3 })),
    );
    const at = { atSeconds: 1, durationSeconds: 0, minutes: 0 };
    const { verdict, world } = await simulate(deployment, {
      seed: 7,
      jobs: 1,
      faults: [...faults, { kind: "batch", ...at }],
    });
    const { rows } = world.batches;
    const jobs = world.jobs().filter(({ metadata }) => metadata?.["batch"] === "batch");

    expect(verdict.violations).to.deep.equal([]);
    expect(jobs).to.have.lengthOf(30);
    // One that S3 refuses access to for a moment is left out, and the batch is resumed.
    expect(rows.filter(({ message }) => message.startsWith("ACCESS_DENIED"))).to.have.lengthOf.above(0);
    expect(rows.length).to.be.above(30);
    expect(world.injector.injected.filter(({ jobId }) => jobId?.startsWith("batch.")).length).to.be.above(15);

    // A report of a job that is not there, or that is two, would be found.
    expect(world.batches.judge(world.jobs().filter((job) => job !== jobs[0])).map(({ kind }) => kind)).to.include("told");
    expect(world.batches.judge([...world.jobs(), { ...jobs[0]!, jobId: "batch.other" }]).map(({ kind }) => kind)).to.deep.equal([
      "doubled",
    ]);
  });

  it("puts back what no topic could deliver: each handler's effect then happens, once", async () => {
    const faults = Array.from({ length: 20 }, (_, index) => [jobFault("delivery-failed", index + 1, { times: 3 })]).flat();
    const { verdict, world } = await simulate(deployment, { seed: 5, jobs: 20, faults });

    expect(verdict.violations).to.deep.equal([]);
    expect(world.deadLettersLeft).to.have.lengthOf.above(20);
    expect(verdict.redriven).to.equal(verdict.deadLetters);
    expect(world.people.letters()).to.deep.equal([]);
  });

  it("gives a job that may run again its three attempts, and no more: each was hit, and the end says so", async () => {
    const faults = Array.from({ length: 10 }, (_, index) => jobFault("container-exit", index + 1, { times: 4 }));
    const { verdict, world } = await simulate(deployment, { seed: 8, jobs: 10, faults });
    const rerun = world.jobs().filter(({ onDoubt }) => onDoubt === "rerun");

    expect(verdict.violations).to.deep.equal([]);
    expect(verdict.exhausted).to.equal(rerun.length).and.to.be.above(3);
    expect(new Set(rerun.map(({ state, error, attempt }) => `${state} ${error?.code} ${attempt}`))).to.deep.equal(
      new Set(["FAILED IN_DOUBT 3"]),
    );
  });

  it("explains each job that ended in doubt by what was injected", async () => {
    const faults = Array.from({ length: 30 }, (_, index) => jobFault("container-exit", index + 1));
    const { verdict, world } = await simulate(deployment, { seed: 4, jobs: 30, faults });
    const ends = world.jobs().map(({ onDoubt, state, error }) => `${onDoubt} ${state} ${error?.code ?? ""}`.trim());
    const hit = world.injector.injected.map(({ jobId }) => world.jobs().find((job) => job.jobId === jobId)?.onDoubt);

    expect(verdict.violations).to.deep.equal([]);
    expect(hit).to.include("wait").and.to.include("rerun");
    expect(ends.filter((end) => end === "wait FAILED IN_DOUBT")).to.have.lengthOf(hit.filter((onDoubt) => onDoubt === "wait").length);
    expect(ends.filter((end) => end !== "wait FAILED IN_DOUBT").every((end) => end.endsWith("COMPLETED"))).to.equal(true);
  });
});
