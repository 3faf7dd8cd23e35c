import { expect } from "chai";
import { estimatePhase } from "../../client/explain/estimate";
import { progressEvents, progressOf, type ProgressDependencies } from "../../client/progress";
import type { JobProgress, JobStatus } from "../../client/types";
import { backlog, endpoint, minute, submittedAt } from "./explain/facts";

const accepted = { acceptedAt: minute(-1) };
const invoking = { ...accepted, invokingAt: minute(-0.5) };
const submitted = { ...invoking, submittedAt };

function status(state: JobStatus["state"], timings: JobStatus["timings"], changes: Partial<JobStatus> = {}): JobStatus {
  return { jobId: "order-17", state, ended: state === "COMPLETED", endpointName: "ocr", timings, inferenceId: "1.order-17", ...changes };
}

/** What a job goes through, one state a look, on a clock that its pauses move. */
function run(looks: JobStatus[], changes: Partial<ProgressDependencies["sources"]> = {}, pollIntervalSeconds = 1) {
  let time = Date.parse(minute(5));
  let asked = 0;
  const sources: ProgressDependencies["sources"] = {
    endpoint: () => {
      asked += 1;
      return Promise.resolve({ ...endpoint(), variantName: "AllTraffic" });
    },
    metrics: () => Promise.resolve(backlog(4, 900)),
    ...changes,
  };
  const steps = progressOf({
    status: () => Promise.resolve(looks.length > 1 ? (looks.shift() as JobStatus) : (looks[0] as JobStatus)),
    sources,
    now: () => time,
    pause: (seconds) => {
      time += seconds * 1000;
      return Promise.resolve();
    },
    pollIntervalSeconds,
  });
  return { steps, asked: () => asked };
}

async function all(steps: AsyncIterable<JobProgress>): Promise<JobProgress[]> {
  const told: JobProgress[] = [];
  for await (const step of steps) told.push(step);
  return told;
}

describe("Progress", () => {
  it("tells each state once, what is known of it, and what is estimated as such, to the end", async () => {
    const completed = { ...submitted, finishedAt: minute(6), recordedAt: minute(6) };
    const { steps } = run([
      status("ACCEPTED", accepted),
      status("ACCEPTED", accepted),
      status("INVOKING", invoking, { attempt: 1 }),
      status("SUBMITTED", submitted, { attempt: 1 }),
      status("SUBMITTED", submitted, { attempt: 1 }),
      status("COMPLETED", completed, { attempt: 1 }),
    ]);

    expect(await all(steps)).to.deep.equal([
      { jobId: "order-17", state: "ACCEPTED", known: accepted },
      { jobId: "order-17", state: "INVOKING", known: { ...invoking, attempt: 1 } },
      {
        jobId: "order-17",
        state: "SUBMITTED",
        known: { ...submitted, attempt: 1 },
        estimated: { estimated: true, phase: "queued", position: 4, asOf: minute(3), instances: 1 },
      },
      { jobId: "order-17", state: "COMPLETED", known: { ...completed, attempt: 1 } },
    ]);
  });

  it("tells when the phase changes: from waking to queued to running", async () => {
    const phases = [
      { instances: 0, metrics: undefined },
      { instances: 1, metrics: backlog(3, 900) },
      { instances: 1, metrics: backlog(0) },
    ];
    let look = -1;
    const looks = [...phases.map(() => status("SUBMITTED", submitted)), status("COMPLETED", submitted)];
    const { steps } = run(
      looks,
      {
        endpoint: () => {
          look += 1;
          return Promise.resolve({ ...endpoint({ currentInstanceCount: phases[look]?.instances ?? 1 }), variantName: "AllTraffic" });
        },
        metrics: () => {
          const { metrics } = phases[look] ?? {};
          expect(metrics, "no metrics are read of a sleeping endpoint").not.to.equal(undefined);
          return Promise.resolve(metrics ?? {});
        },
      },
      30,
    );

    expect((await all(steps)).map(({ estimated }) => estimated?.phase)).to.deep.equal(["waking", "queued", "running", undefined]);
  });

  it("asks for estimates twice a minute, however often it looks at the record", async () => {
    const looks = [...Array.from({ length: 61 }, () => status("SUBMITTED", submitted)), status("COMPLETED", submitted)];
    const { steps, asked } = run(looks);
    const told = await all(steps);

    expect([told.length, asked()]).to.deep.equal([2, 3]);
  });

  it("estimates anew for another attempt", async () => {
    const { steps, asked } = run([
      status("SUBMITTED", submitted, { attempt: 1 }),
      status("SUBMITTED", submitted, { attempt: 2, inferenceId: "2.order-17" }),
      status("COMPLETED", submitted, { attempt: 2 }),
    ]);

    expect((await all(steps)).map(({ known }) => known.attempt)).to.deep.equal([1, 2, 2]);
    expect(asked()).to.equal(2);
  });

  it("goes on without an estimate when nothing can be read to make one", async () => {
    const refuse = () => Promise.reject(new Error("not authorized"));
    const { steps } = run([status("SUBMITTED", submitted), status("COMPLETED", submitted)], { endpoint: refuse, metrics: refuse });

    expect(await all(steps)).to.deep.equal([
      { jobId: "order-17", state: "SUBMITTED", known: submitted },
      { jobId: "order-17", state: "COMPLETED", known: submitted },
    ]);
  });

  it("estimates from the endpoint's metrics alone when the endpoint can't be read, for a job of which less is known too", async () => {
    const windows: unknown[] = [];
    const metrics = (window: object) => (windows.push(window), Promise.resolve(backlog(4, 900)));
    const queued = { estimated: true, phase: "queued", position: 4, asOf: minute(3) };
    const { inferenceId: _, ...older } = status("SUBMITTED", { acceptedAt: submittedAt });
    const { steps } = run([older, status("COMPLETED", submitted)], { endpoint: () => Promise.resolve("missing"), metrics });
    const known = run([status("SUBMITTED", submitted), status("COMPLETED", submitted)], { metrics });

    expect([(await all(steps))[0]?.estimated, (await all(known.steps))[0]?.estimated]).to.deep.equal([queued, { ...queued, instances: 1 }]);
    expect(windows).to.deep.equal([{}, { variantName: "AllTraffic" }]);
  });

  it("comes as events too, none of them missed by who listens at once", async () => {
    const { steps } = run([status("ACCEPTED", accepted), status("COMPLETED", submitted)]);
    const told: string[] = [];
    const last = await new Promise<JobProgress | undefined>((resolve, reject) => {
      progressEvents(steps)
        .on("progress", ({ state }) => told.push(state))
        .on("end", resolve)
        .on("error", reject);
    });

    expect([told, last?.state]).to.deep.equal([["ACCEPTED", "COMPLETED"], "COMPLETED"]);
  });

  it("has an error as an event, after which nothing comes", async () => {
    const { steps } = run([status("ACCEPTED", accepted)]);
    const broken: AsyncIterable<JobProgress> = {
      async *[Symbol.asyncIterator]() {
        yield* [(await steps.next()).value as JobProgress];
        throw new Error("the table is gone");
      },
    };
    const told: string[] = [];
    const failure = await new Promise((resolve) => {
      progressEvents(broken)
        .on("progress", ({ state }) => told.push(state))
        .on("end", () => told.push("end"))
        .on("error", resolve);
    });

    expect([told, String(failure)]).to.deep.equal([["ACCEPTED"], "Error: the table is gone"]);
  });
});

describe("The estimate of a job's phase", () => {
  const now = Date.parse(minute(5));

  it("gives a place at the most, and a time only where requests come to an end", () => {
    expect(estimatePhase(submittedAt, now, endpoint(), { ...backlog(6, 900), processedPerMinute: 3 })).to.deep.equal({
      estimated: true,
      phase: "queued",
      position: 6,
      startsAt: minute(7),
      asOf: minute(3),
    });
    expect(estimatePhase(submittedAt, now, endpoint(), { ...backlog(6, 900), processedPerMinute: 0 })).not.to.have.property("startsAt");
  });

  it("says nothing without a datapoint, or without the time of submission, but that no instance exists", () => {
    expect(estimatePhase(submittedAt, now, endpoint(), {})).to.equal(undefined);
    expect(estimatePhase(submittedAt, now, undefined, undefined)).to.equal(undefined);
    expect(estimatePhase(undefined, now, endpoint(), backlog(6, 900))).to.equal(undefined);
    expect(estimatePhase(undefined, now, endpoint({ currentInstanceCount: 0 }), undefined)).to.deep.equal({
      estimated: true,
      phase: "waking",
    });
  });

  it("does not take a job for running that came in the same minute as the oldest that waits", () => {
    expect(estimatePhase(submittedAt, now, endpoint(), backlog(6, 150))?.phase).to.equal("queued");
    expect(estimatePhase(submittedAt, now, endpoint(), backlog(6, 119))?.phase).to.equal("running");
  });
});
