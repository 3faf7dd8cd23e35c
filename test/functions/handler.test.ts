import { expect } from "chai";
import type { JobRecord } from "../../core/records/job";
import { effectInDoubt } from "../../core/handlers/once";
import type { HandlerRun } from "../../core/tracing/spans";
import { handlerFunction, type HandlerContext } from "../../functions/handler";
import { reportedRun } from "../../functions/handlerRun";
import { violations } from "../support/conforms";
import { openJob } from "../../doubles/jobs";
import { startJobServices, type JobServices } from "../../doubles/jobServices";
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

  const environment = { ENDPOINT_NAME: "ocr", JOB_TABLE_NAME: "jobs", HANDLER_NAME: "shop/prod/ocr-completed-store" };
  const context = { getRemainingTimeInMillis: () => 60_000 };
  const deliver = (handler: ReturnType<ReturnType<typeof handlerFunction>>, ...messages: unknown[]) =>
    handler({ Records: messages.map((message) => ({ Sns: { MessageId: "m", Message: JSON.stringify(message) } })) }, context);
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

  const name = environment.HANDLER_NAME;
  const outcome = (work: Promise<void>) =>
    work.then(
      () => "done",
      (reason: Error) => reason.message,
    );

  it("that keeps failing is told of in the job's record, and no more once it got through", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], () => {
        globalThis.handed.push(1);
        if (globalThis.handed.length < 3) throw new Error(`out of paper ${globalThis.handed.length}`);
      }),
      { environment, log },
    );
    const job = endedJob({ jobId: "printed", outputLocation: "s3://service/output/printed" });
    await services.putJob(job);

    await outcome(deliver(handler, event(job)));
    await outcome(deliver(handler, event(job)));
    const failing = await services.job("printed");
    expect(violations("job", failing)).to.deep.equal([]);
    const { at, ...failure } = failing?.handlerFailures?.[name] ?? { at: "" };
    expect([failure, Number.isNaN(Date.parse(at))]).to.deep.equal([{ error: "out of paper 2", count: 2 }, false]);

    expect(await outcome(deliver(handler, event(job)))).to.equal("done");
    expect((await services.job("printed"))?.handlerFailures).to.deep.equal({});
  });

  it("fails beside others' failures, and tells nothing of another life of the same id", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], () => {
        throw new Error("no");
      }),
      { environment, log },
    );
    const job = endedJob({ jobId: "beside", outputLocation: "s3://service/output/beside" });
    const others = { other: { error: "x", at: endedAt, count: 3 } };
    await services.putJob({ ...job, handlerFailures: others });
    await outcome(deliver(handler, event(job)));
    await outcome(deliver(handler, event({ ...job, endedAt: "2025-01-25T22:46:09.000Z" })));

    const { [name]: own, ...rest } = (await services.job("beside"))?.handlerFailures ?? {};
    expect([own?.count, rest]).to.deep.equal([1, others]);
  });

  it("that takes too long says so in the record before it is killed", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], () => new Promise<void>((resolve) => globalThis.handed.push(resolve))),
      { environment, log },
    );
    const job = endedJob({ jobId: "slow", outputLocation: "s3://service/output/slow" });
    await services.putJob(job);
    const running = handler(
      { Records: [{ Sns: { MessageId: "m", Message: JSON.stringify(event(job)) } }] },
      { getRemainingTimeInMillis: () => 1500 },
    );

    for (;;) {
      const failure = (await services.job("slow"))?.handlerFailures?.[name];
      if (failure === undefined) continue;
      expect(failure.error).to.equal("It did not end within its time (timeoutSeconds).");
      break;
    }
    (globalThis.handed[0] as () => void)();
    await running;
  });

  it("runs an effect once, however often the event comes and whatever fails after the effect", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], async (job, { once }) => {
        await once("charge", () => globalThis.handed.push(`charge ${job.jobId}`));
        await once("mail", async () => {
          globalThis.handed.push(`mail ${job.jobId}`);
        });
        if (globalThis.handed.length < 3) {
          globalThis.handed.push("failed");
          throw new Error("after the effects");
        }
      }),
      { environment, log },
    );
    const job = endedJob({ jobId: "paid", outputLocation: "s3://service/output/paid" });

    expect(await outcome(deliver(handler, event(job)))).to.equal("after the effects");
    expect(await outcome(deliver(handler, event(job)))).to.equal("done");
    await deliver(handler, event({ ...job, endedAt: "2026-02-25T22:46:09.000Z" }));

    expect(globalThis.handed).to.deep.equal(["charge paid", "mail paid", "failed", "charge paid", "mail paid"]);
  });

  it("never repeats an effect that was interrupted: each further try fails as in doubt, until somebody says what happened", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], async (_job, { once }) => {
        await once("charge", () => {
          globalThis.handed.push("charge");
          throw new Error("socket hang up");
        });
      }),
      { environment, log, speed: 1000 },
    );
    const job = endedJob({ jobId: "doubt", outputLocation: "s3://service/output/doubt" });
    const key = `#once/${name}/ocr/doubt/${endedAt}/charge`;
    const short = (message: JobRecord) =>
      handler({ Records: [{ Sns: { MessageId: "m", Message: JSON.stringify(event(message)) } }] }, { getRemainingTimeInMillis: () => 0 });

    const errors = [await outcome(short(job)), await outcome(short(job)), await outcome(short(job))];

    const interrupted = effectInDoubt(errors[0] ?? "");
    expect([...new Set(errors)]).to.deep.equal([
      `IN_DOUBT: Effect ${key} was interrupted in run ${interrupted?.owner}: whether it happened can't be known. Look whether it happened, and say so when you redrive its dead letter.`,
    ]);
    expect([globalThis.handed, interrupted?.key]).to.deep.equal([["charge"], key]);
  });

  it("says which names an effect can have", async () => {
    const handler = await deployed(
      handlerFunction(["COMPLETED"], async (_job, { once }) => once("a b", () => undefined)),
      { environment, log },
    );

    expect(await outcome(deliver(handler, event(endedJob({ jobId: "named", outputLocation: "s3://service/output/named" }))))).to.equal(
      'BAD_INPUT: once: got "a b", expected 1 to 64 letters, digits, ".", "_" and "-", a letter or digit first. Correct the request and send it again.',
    );
  });

  describe("whose runs are reported", () => {
    const spanId = "b7ad6b7169203331";
    const traceContext = { traceparent: `00-4bf92f3577b34da6a3ce929d0e0e4736-${spanId}-01` };
    const tracingFunctionArn = "arn:aws:lambda:eu-west-1:123456789012:function:ocr-tracing";
    let calls: { FunctionName: string; InvocationType: string; Payload: string }[];
    let refusal: Error | undefined;
    let handler: ReturnType<ReturnType<typeof handlerFunction>>;

    before(async () => {
      const modules = {
        "@aws-sdk/client-lambda": {
          LambdaClient: class {
            send(call: (typeof calls)[number]) {
              calls.push(call);
              return refusal ? Promise.reject(refusal) : Promise.resolve({});
            }
          },
          InvokeCommand: class {
            constructor(input: object) {
              Object.assign(this, input);
            }
          },
        },
      };
      handler = await deployed(
        handlerFunction(
          ["COMPLETED"],
          ({ jobId }: JobRecord) => {
            globalThis.handed.push(jobId);
            if (jobId.startsWith("bad")) throw new TypeError("no such customer: Jane Doe");
          },
          reportedRun,
        ),
        { environment: { ...environment, TRACING_FUNCTION_ARN: tracingFunctionArn }, log, modules },
      );
    });
    beforeEach(() => {
      calls = [];
      refusal = undefined;
    });
    const runs = () => calls.map(({ Payload }) => (JSON.parse(Payload) as { handlerRun: HandlerRun }).handlerRun);

    it("is called once more for each run, and says of a failure what it is called and nothing else", async () => {
      await deliver(handler, event(endedJob({ jobId: "good", traceContext, spanId, metadata: { customer: "Jane Doe" } })));
      const error: unknown = await deliver(handler, event(endedJob({ jobId: "bad", traceContext, spanId }))).catch(
        (reason: unknown) => reason,
      );

      expect((error as Error).message).to.equal("no such customer: Jane Doe");
      expect(calls.map(({ FunctionName, InvocationType }) => [FunctionName, InvocationType])).to.deep.equal([
        [tracingFunctionArn, "Event"],
        [tracingFunctionArn, "Event"],
      ]);
      expect(runs().map((run) => [run.job, run.handlerName, run.error, run.endedAt >= run.startedAt])).to.deep.equal([
        [{ jobId: "good", traceContext, spanId }, "shop/prod/ocr-completed-store", undefined, true],
        [{ jobId: "bad", traceContext, spanId }, "shop/prod/ocr-completed-store", "TypeError", true],
      ]);
      expect(JSON.stringify(calls)).to.not.include("Jane");
    });

    it("calls nobody for a job that is not traced", async () => {
      await deliver(handler, event(endedJob({ jobId: "quiet" })));
      expect([globalThis.handed, calls]).to.deep.equal([["quiet"], []]);
    });

    it("has done its work, whether or not that can be reported", async () => {
      refusal = Object.assign(new Error("no"), { name: "AccessDeniedException" });
      await deliver(handler, event(endedJob({ jobId: "unheard", traceContext, spanId })));
      expect(globalThis.handed).to.deep.equal(["unheard"]);
      expect(log.map((line) => JSON.parse(line) as unknown)).to.deep.include({
        level: "warn",
        message: "handler's span not exported",
        jobId: "unheard",
        reason: "AccessDeniedException",
      });
    });
  });
});
