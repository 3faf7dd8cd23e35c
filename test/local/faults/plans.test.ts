import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import { drawPlan } from "../../../local/faults/plan";
import type { SubmitRequest } from "../../../core/messages/request";
import { passTime } from "../../support/passTime";
import { CloudUnderTest, ServiceUnderTest } from "../../support/service";

/** How often an application sends a job again that was not taken. */
const tries = 8;

async function submitted(service: ServiceUnderTest, request: SubmitRequest): Promise<boolean> {
  for (let left = tries; left > 0; left--) {
    try {
      const { error } = await service.submit(request);
      if (error?.retryable !== true) return true;
    } catch {
      // Its function was killed: an application asks again.
    }
  }
  return (await service.record(request.jobId as string)) !== undefined;
}

/** Runs one plan from start to end. Returns the jobs that were accepted, their ends, and which faults happened. */
async function run(seed: number, jobs: number) {
  const clock = new VirtualClock();
  const cloud = await CloudUnderTest.start({ clock, faults: drawPlan(seed, jobs) });
  try {
    // On a busy machine time passes the more slowly: a clock of the wall's would run away from the functions.
    return await passTime(clock, runJobs(cloud, jobs), 0.5);
  } finally {
    await cloud.close();
  }
}

async function runJobs(cloud: CloudUnderTest, jobs: number) {
  const service = await ServiceUnderTest.follow(cloud, await cloud.deployOwn());
  const accepted: string[] = [];
  for (let index = 1; index <= jobs; index++) {
    const jobId = `job-${index}`;
    const bounds = { requestTtlSeconds: 60, invocationTimeoutSeconds: 30 };
    const onDoubt = index % 3 === 0 ? ("wait" as const) : ("rerun" as const);
    if (await submitted(service, { jobId, input: { text: jobId }, onDoubt, ...bounds })) accepted.push(jobId);
  }
  const ended = await Promise.all(accepted.map((jobId) => service.end(jobId)));
  return { accepted, ended, happened: cloud.events.filter(({ kind }) => kind === "fault").length };
}

describe("the simulator's plans on the embedded cloud", () => {
  it("leave no accepted job open, and none in doubt that may run again", async () => {
    for (const { accepted, ended, happened } of await Promise.all([run(1, 10), run(2, 10)])) {
      expect(ended.map(({ jobId }) => jobId)).to.deep.equal(accepted);
      expect(ended.filter(({ error, onDoubt }) => error?.code === "IN_DOUBT" && onDoubt === "rerun")).to.deep.equal([]);
      expect(happened).to.be.above(3);
    }
  });
});
