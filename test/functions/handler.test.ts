import { expect } from "chai";
import type { JobRecord } from "../../functions/core/job";
import { handlerFunction, type HandlerContext } from "../../functions/handler";
import { openJob } from "../support/jobs";
import { startJobServices, type JobServices } from "../support/jobServices";
import { deployed } from "../support/serialized";

const endedAt = "2026-01-25T22:46:09.000Z";

function endedJob(changes: Partial<JobRecord> & { jobId: string }): JobRecord {
  return { ...openJob(changes), state: "COMPLETED", endedAt, expiresAt: 1, ...changes };
}

/** Where the handlers below, which are serialized and share nothing with this file, leave what they got. */
declare global {
  var handed: unknown[];
}

describe("a user's handler, as Lambda runs it", () => {
  let services: JobServices;
  const log: string[] = [];

  before(async () => {
    services = await startJobServices();
  });

  beforeEach(() => {
    globalThis.handed = [];
    log.length = 0;
  });

  after(() => services.close());

  const environment = { ENDPOINT_NAME: "ocr" };
  const deliver = (handler: ReturnType<ReturnType<typeof handlerFunction>>, ...messages: unknown[]) =>
    handler({ Records: messages.map((message) => ({ Sns: { MessageId: "m", Message: JSON.stringify(message) } })) });
  const event = (job: JobRecord) => ({ schemaVersion: 1, job });

  it("gets the job, a key for what must happen once, and the result in its own form", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], async (job: JobRecord, context: HandlerContext) => {
        globalThis.handed.push([job.jobId, context.idempotencyKey, await context.readResult()]);
      }),
      { environment, log },
    );
    const json = await services.putObject("output/json", '{"text":"hi"}', "application/json");
    const text = await services.putObject("output/text", "hi", "text/plain");
    const bytes = await services.putObject("output/bytes", Buffer.from([1, 2]), "image/png");

    for (const [jobId, outputLocation] of Object.entries({ json, text, bytes })) {
      await deliver(handler, event(endedJob({ jobId, outputLocation })));
    }

    expect(globalThis.handed).to.deep.equal([
      ["json", `ocr/json/${endedAt}`, { text: "hi" }],
      ["text", `ocr/text/${endedAt}`, "hi"],
      ["bytes", `ocr/bytes/${endedAt}`, new Uint8Array([1, 2])],
    ]);
  });

  it("runs for the ends that it asked for, of its own endpoint, and for nothing else", async () => {
    const handler = await deployed(
      handlerFunction(["FAILED", "EXPIRED", "CANCELLED"], (job) => {
        globalThis.handed.push(job.jobId);
      }),
      { environment, log },
    );

    await deliver(handler, event(endedJob({ jobId: "failed", state: "FAILED" })));
    await deliver(handler, event(endedJob({ jobId: "expired", state: "EXPIRED" })));
    await deliver(handler, event(endedJob({ jobId: "completed" })));
    await deliver(handler, event(endedJob({ jobId: "another", state: "FAILED", endpointName: "another" })));
    await deliver(handler, { schemaVersion: 1, job: { jobId: "open", state: "SUBMITTED" } }, "what is this?");

    expect(globalThis.handed).to.deep.equal(["failed", "expired"]);
    expect(log.map((line) => (JSON.parse(line) as { problem: string }).problem)).to.deep.equal(["the job has not ended", "no job"]);
  });

  it("fails when the handler fails, so that Lambda tries again, and hides no record behind another", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], (job) => {
        globalThis.handed.push(job.jobId);
        if (job.jobId !== "b") throw new Error(`no ${job.jobId}`);
      }),
      { environment, log },
    );
    const jobs = ["a", "b", "c"].map((jobId) => event(endedJob({ jobId })));

    const error = await deliver(handler, ...jobs).then(
      () => undefined,
      (reason: Error) => reason.message,
    );

    expect(globalThis.handed).to.deep.equal(["a", "b", "c"]);
    expect(error).to.equal("2 of 3 records failed: no a; no c");
  });

  it("says in its own words that a job has no result", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], async (_job, context) => {
        await context.readResult();
      }),
      { environment, log },
    );

    const error = await deliver(handler, event(endedJob({ jobId: "gone", outputLocation: "s3://service/output/gone" }))).then(
      () => undefined,
      (reason: Error) => reason.message,
    );

    expect(error).to.match(/^NOT_FOUND: Job gone is COMPLETED and has no result at s3:\/\/service\/output\/gone\. /);
  });
});
