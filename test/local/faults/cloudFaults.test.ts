import { expect } from "chai";
import { VirtualClock } from "../../../local/clock";
import type { JobFaultKind } from "../../../local/faults/kinds";
import type { JobFault } from "../../../local/faults/plan";
import type { SubmitRequest } from "../../../core/messages/request";
import { passTime } from "../../support/passTime";
import { CloudUnderTest, ServiceUnderTest } from "../../support/service";

interface Case {
  fault: Partial<JobFault> & { kind: JobFaultKind };
  request?: Partial<SubmitRequest>;
  /** State, code and attempt of the job's end; more than one where it depends on who is faster. */
  end: string | string[];
}

/** In the order in which they are submitted: the first is job 1 of the plan. */
const cases: Case[] = [
  { fault: { kind: "notification-doubled" }, end: "COMPLETED 1" },
  { fault: { kind: "notification-late", delaySeconds: 90 }, end: "COMPLETED 1" },
  { fault: { kind: "notification-reordered" }, end: "COMPLETED 1" },
  { fault: { kind: "notification-unknown-fields" }, end: "COMPLETED 1" },
  { fault: { kind: "lambda-killed-before", nth: 1 }, end: "COMPLETED 1" },
  // Behind its record, which says that it is being invoked, an attempt is in doubt; before it the function may have read what it remembers else.
  { fault: { kind: "lambda-killed-between", nth: 1 }, end: ["COMPLETED 1", "COMPLETED 2"] },
  { fault: { kind: "lambda-killed-before", nth: 2 }, end: ["COMPLETED 1", "COMPLETED 2"] },
  { fault: { kind: "lambda-killed-after" }, end: "COMPLETED 1" },
  { fault: { kind: "lambda-throttled" }, end: "COMPLETED 1" },
  { fault: { kind: "table-throttled" }, end: "COMPLETED 1" },
  { fault: { kind: "table-conflict" }, end: "COMPLETED 1" },
  { fault: { kind: "table-item-too-large" }, end: "COMPLETED 1" },
  { fault: { kind: "table-answer-lost", nth: 2 }, end: "COMPLETED 1" },
  { fault: { kind: "s3-503" }, end: "COMPLETED 1" },
  { fault: { kind: "s3-slow" }, end: "COMPLETED 1" },
  { fault: { kind: "s3-403" }, end: "COMPLETED 1" },
  { fault: { kind: "invoke-503" }, end: "COMPLETED 1" },
  { fault: { kind: "invoke-400" }, end: "FAILED BAD_INPUT 1" },
  { fault: { kind: "invoke-answer-lost" }, end: ["COMPLETED 1", "COMPLETED 2"] },
  { fault: { kind: "container-5xx" }, end: "FAILED MODEL_ERROR 1" },
  { fault: { kind: "container-503" }, end: "COMPLETED 2" },
  { fault: { kind: "container-hang" }, request: { invocationTimeoutSeconds: 20 }, end: "FAILED TIMEOUT 1" },
  { fault: { kind: "container-garbage" }, end: "COMPLETED 1" },
  { fault: { kind: "container-no-content-length" }, end: "FAILED BAD_OUTPUT 1" },
  { fault: { kind: "container-exit" }, end: ["COMPLETED 2", "COMPLETED 3"] },
];

/**
 * Of the cloud's time in each turn of the process: at most twenty times the wall's. The two minutes after which a call is in doubt
 * are then six seconds at least, in which a function's process can start again on a busy machine.
 */
const stepSeconds = 0.1;

describe("faults that happen to the embedded cloud", () => {
  let clock: VirtualClock;
  let cloud: CloudUnderTest;
  let service: ServiceUnderTest;
  before(async () => {
    clock = new VirtualClock();
    const faults = cases.map(({ fault }, index) => ({ job: index + 1, nth: 1, times: 1, delaySeconds: 60, ...fault }));
    cloud = await CloudUnderTest.start({ clock, faults: { seed: 1, jobs: 1, faults } });
    service = await ServiceUnderTest.follow(cloud, await passTime(clock, cloud.deployOwn(), stepSeconds));
  });
  after(() => cloud.close());

  /** As an application does that wants its job done: again, under the same id, until it is taken. */
  async function submit(request: SubmitRequest): Promise<void> {
    for (let tries = 1; tries <= 5; tries++) {
      try {
        const { error } = await service.submit(request);
        if (error === undefined || !(error.retryable || error.code === "ACCESS_DENIED")) return;
      } catch (error) {
        if (tries === 5) throw error;
      }
    }
  }

  cases.forEach(({ fault, request, end }, index) => {
    const ends = [end].flat();
    it(`${fault.kind} at opportunity ${fault.nth ?? 1} leaves no job open: it ends as ${ends.join(" or ")}`, async () => {
      const jobId = `case-${index + 1}`;
      const ending = submit({ jobId, input: { text: "hello" }, ...request }).then(() => service.end(jobId));
      const job = await passTime(clock, ending, stepSeconds);

      const happened = cloud.events.flatMap((event) => (event.kind === "fault" && event.jobId === jobId ? [event.fault] : []));
      expect(happened).to.deep.equal([fault.kind]);
      expect([job.state, job.error?.code, job.attempt].filter((part) => part !== undefined).join(" ")).to.be.oneOf(ends);
    });
  });
});
