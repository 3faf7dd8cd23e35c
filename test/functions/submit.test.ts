import { GetObjectCommand } from "@aws-sdk/client-s3";
import { DeleteCommand, PutCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import type { SubmitAnswer } from "../../core/messages/answer";
import type { JobRecord } from "../../core/records/job";
import { floorKey, type Floor } from "../../core/records/items";
import { submitFunction } from "../../functions/submit";
import { violations } from "../support/conforms";
import { startJobServices, submitSettings, type JobServices } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";

describe("the submit function, as Lambda runs it", () => {
  let services: JobServices;
  let handler: Awaited<ReturnType<typeof deployed<ReturnType<typeof submitFunction>>>>;
  let remainingMilliseconds: number;
  const log: string[] = [];

  before(async () => {
    services = await startJobServices();
  });

  beforeEach(async () => {
    await start();
    services.calls.length = 0;
    services.answers.length = 0;
    services.onCall = undefined;
    log.length = 0;
    remainingMilliseconds = 60_000;
  });

  after(() => services.close());

  /** A new process, which knows nothing yet of the endpoint. */
  async function start(): Promise<void> {
    handler = await deployed(submitFunction, { settings: submitSettings(services), log, speed: 20 });
  }

  async function submit(request: unknown): Promise<SubmitAnswer> {
    const answer = await handler(request, { getRemainingTimeInMillis: () => remainingMilliseconds });
    expect(violations("submit-answer", JSON.parse(JSON.stringify(answer)))).to.deep.equal([]);
    return answer;
  }

  async function job(jobId: string): Promise<JobRecord> {
    const record = (await services.job(jobId)) as JobRecord;
    expect(violations("job", record)).to.deep.equal([]);
    return record;
  }

  async function stored(location: string) {
    const [, , Bucket, ...key] = location.split("/");
    const { Body, ContentType } = await services.s3.send(new GetObjectCommand({ Bucket, Key: key.join("/") }));
    return { text: await Body?.transformToString(), contentType: ContentType };
  }

  const inferenceIds = () => services.calls.map(({ headers }) => headers["x-amzn-sagemaker-inference-id"]);

  const times = (record: JobRecord) => {
    const { createdAt, createdDay, invokingAt, submittedAt, dueAt, callId, inputHash, dueShard, ...rest } = record;
    expect(createdDay).to.equal(createdAt.slice(0, 10));
    expect([createdAt, invokingAt, submittedAt]).to.deep.equal([createdAt, invokingAt, submittedAt].sort());
    // A lost notification is missed after five minutes.
    expect(Date.parse(dueAt ?? "") - Date.parse(submittedAt ?? "")).to.equal(300_000);
    expect([typeof callId, typeof inputHash, typeof dueShard]).to.deep.equal(["string", "string", "number"]);
    return rest;
  };

  describe("has instances kept for the job", () => {
    const forgetFloor = () => services.documents.send(new DeleteCommand({ TableName: services.tableName, Key: { jobId: floorKey } }));
    const raise = '/2015-03-31/functions/floor/invocations {"hold":true}';

    beforeEach(async () => {
      services.scalingCalls.length = 0;
      services.scalingDenied = false;
      await forgetFloor();
    });
    after(forgetFloor);

    it("before it is invoked: an idle alarm could take its instance in the next moment", async () => {
      const before: string[] = [];
      services.onCall = async () => void before.push(...services.scalingCalls);
      await submit({ jobId: "held-1", input: 1 });

      expect(before).to.deep.equal([raise]);
    });

    const put = (setAt: Date, drain?: Floor["drain"]) => {
      const Item = { jobId: floorKey, schemaVersion: 1, revision: 1, state: "up", instances: 1, setAt: setAt.toISOString(), drain };
      return services.documents.send(new PutCommand({ TableName: services.tableName, Item }));
    };

    it("and holds it while the fleet is emptied: it would keep an instance from being given back", async () => {
      await put(new Date(), { since: "2026-01-25T12:00:00.000Z" });
      const held = await submit({ jobId: "held-5", input: 1 });
      expect([held.statusCode, held.state, services.calls]).to.deep.equal([202, "ACCEPTED", []]);
      expect((await stored("s3://service/input/held-5/request.json")).text).to.equal("1");

      await put(new Date());
      const { state } = await submit({ jobId: "held-5", input: 1 });
      expect([state, inferenceIds()]).to.deep.equal(["SUBMITTED", ["1.held-5"]]);
    });

    it("and holds none that was invoked before: what may run must end as it would have", async () => {
      for (let tries = 1; tries <= 6; tries++) services.answers.push({ status: 503, name: "ServiceUnavailable", message: "busy" });
      await submit({ jobId: "held-6", input: 1 });
      await put(new Date(), { since: "2026-01-25T12:00:00.000Z" });
      const { state } = await submit({ jobId: "held-6", input: 1 });

      expect(state).to.equal("SUBMITTED");
    });

    it("once, as long as somebody looks after them", async () => {
      await put(new Date());
      await submit({ jobId: "held-2", input: 1 });
      expect(services.scalingCalls).to.deep.equal([]);

      await put(new Date(Date.now() - 180_000));
      await start();
      await submit({ jobId: "held-3", input: 1 });
      expect(services.scalingCalls).to.deep.equal([raise]);
    });

    it("and takes the job also when that is refused", async () => {
      services.scalingDenied = true;
      const { state } = await submit({ jobId: "held-4", input: 1 });

      expect(state).to.equal("SUBMITTED");
      expect(log.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ level }) => level === "warn")).to.deep.equal([
        { level: "warn", message: "floor not raised", reason: "AccessDeniedException" },
      ]);
    });
  });

  it("stores the input, invokes the endpoint and records both", async () => {
    const answer = await submit({ jobId: "order-1", input: { text: "grüße" }, metadata: { tenant: "acme" }, accept: "application/json" });

    expect(answer).to.deep.equal({
      statusCode: 202,
      jobId: "order-1",
      inferenceId: "1.order-1",
      state: "SUBMITTED",
      outputLocation: "s3://service/output/1.order-1.out",
      failureLocation: "s3://service/failure/1.order-1-error.out",
    });
    expect(await stored("s3://service/input/order-1/request.json")).to.deep.equal({
      text: '{"text":"grüße"}',
      contentType: "application/json",
    });
    expect(times(await job("order-1"))).to.deep.equal({
      schemaVersion: 1,
      jobId: "order-1",
      state: "SUBMITTED",
      endpointName: "ocr",
      inputLocation: "s3://service/input/order-1/request.json",
      inputBytes: 18,
      contentType: "application/json",
      accept: "application/json",
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 21600,
      onDoubt: "rerun",
      maxAttempts: 3,
      metadata: { tenant: "acme" },
      attempt: 1,
      inferenceId: "1.order-1",
      expectedOutputLocation: "s3://service/output/1.order-1/result",
      outputLocation: "s3://service/output/1.order-1.out",
      failureLocation: "s3://service/failure/1.order-1-error.out",
    });
  });

  it("asks for an output of the attempt's own, with every setting of the request", async () => {
    await submit({
      jobId: "order-2",
      inputBase64: "AAEC",
      contentType: "image/png",
      customAttributes: "c=1",
      invocationTimeoutSeconds: 5,
      requestTtlSeconds: 60,
    });

    const [call] = services.calls;
    expect(call?.path).to.equal("/endpoints/ocr/async-invocations");
    const sent = Object.entries(call?.headers ?? {}).filter(([name]) => name.startsWith("x-amzn-sagemaker-"));
    expect(Object.fromEntries(sent)).to.deep.equal({
      "x-amzn-sagemaker-content-type": "image/png",
      "x-amzn-sagemaker-custom-attributes": "c=1",
      "x-amzn-sagemaker-filename": "result",
      "x-amzn-sagemaker-inference-id": "1.order-2",
      "x-amzn-sagemaker-invocationtimeoutseconds": "5",
      "x-amzn-sagemaker-requestttlseconds": "60",
      "x-amzn-sagemaker-s3outputpathextension": "1.order-2",
    });
    const signed = /SignedHeaders=([^,]+)/.exec(String(call?.headers.authorization))?.[1]?.split(";") ?? [];
    expect(signed).to.include.members(["x-amzn-sagemaker-s3outputpathextension", "x-amzn-sagemaker-filename"]);
  });

  it("gives a job without an id one of its own", async () => {
    const first = await submit({ input: 1 });
    const second = await submit({ input: 1 });

    expect(first.jobId).to.match(/^[0-9A-HJKMNP-TV-Z]{26}$/);
    expect(second.jobId).to.not.equal(first.jobId);
  });

  it("invokes once however often the same request comes, even at once", async () => {
    const request = { jobId: "order-3", input: { page: 1 } };
    await Promise.all([submit(request), submit(request), submit(request)]);
    const answer = await submit(request);

    expect(answer.state).to.equal("SUBMITTED");
    expect(inferenceIds()).to.deep.equal(["1.order-3"]);
  });

  it("refuses another input under the same id, and leaves the first alone", async () => {
    await submit({ jobId: "order-4", input: "first" });
    const answer = await submit({ jobId: "order-4", input: "second" });

    expect([answer.statusCode, answer.error?.code, answer.error?.field]).to.deep.equal([409, "CONFLICT", "jobId"]);
    expect(await stored("s3://service/input/order-4/request.json")).to.deep.equal({ text: '"first"', contentType: "application/json" });
    expect(inferenceIds()).to.deep.equal(["1.order-4"]);
  });

  it("uses an object where it lies, and knows it again by its ETag", async () => {
    const inputLocation = await services.putObject("input/mine/page 1.png", "png", "image/png");
    await submit({ jobId: "order-5", inputLocation });
    expect((await submit({ jobId: "order-5", inputLocation })).statusCode).to.equal(202);
    await services.putObject("input/mine/page 1.png", "another", "image/png");

    expect((await submit({ jobId: "order-5", inputLocation })).statusCode).to.equal(409);
    const { contentType, inputBytes } = await job("order-5");
    expect({ contentType, inputBytes }).to.deep.equal({ contentType: "image/png", inputBytes: 3 });
  });

  it("does not read where it may not, not even its own results", async () => {
    for (const inputLocation of ["s3://strangers/page.png", "s3://service/output/1.order-1.out"]) {
      const answer = await submit({ jobId: "order-6", inputLocation });

      expect(answer).to.deep.equal({
        statusCode: 403,
        jobId: "order-6",
        error: {
          code: "ACCESS_DENIED",
          message: `inputLocation: got ${inputLocation}, expected an object in one of service/input/, uploads, scans`,
          retryable: false,
          advice: "Copy the object there, or have its bucket added to the service's allowed input buckets.",
          field: "inputLocation",
        },
      });
    }
    expect(await services.job("order-6")).to.equal(undefined);
  });

  it("says that an input is missing instead of letting the endpoint find out", async () => {
    const { statusCode, error } = await submit({ inputLocation: "s3://service/input/none" });

    expect([statusCode, error?.code, error?.field]).to.deep.equal([400, "NOT_FOUND", "inputLocation"]);
  });

  it("tells how a job went although its input is gone", async () => {
    const inputLocation = "s3://service/input/gone.png";
    await submit({ jobId: "order-7", input: 1 });
    await services.putJob({ ...(await job("order-7")), inputLocation });

    expect((await submit({ jobId: "order-7", inputLocation })).state).to.equal("SUBMITTED");
  });

  it("names all that is wrong with a request", async () => {
    const answer = await submit({ jobId: "-", waitSeconds: 841, colour: "red" });

    expect([answer.statusCode, answer.error]).to.deep.equal([
      400,
      {
        code: "BAD_INPUT",
        message:
          'jobId: got "-", expected 1 to 60 letters, digits, ".", "_" and "-", a letter or digit first; ' +
          "waitSeconds: got 841, expected an integer from 0 to 840; " +
          "colour: not a field; expected jobId, inputBase64, inputLocation, contentType, accept, customAttributes, " +
          "invocationTimeoutSeconds, requestTtlSeconds, waitSeconds, onDoubt, priority, taskToken, traceContext, waiter, input or metadata; " +
          "input: got none, expected exactly one of input, inputBase64 and inputLocation",
        retryable: false,
        advice: "Correct the request and send it again.",
        field: "jobId",
      },
    ]);
  });

  const throttled = { status: 429, name: "ThrottlingException", message: "Rate exceeded" };
  const unavailable = { status: 503, name: "ServiceUnavailable", message: "Try later" };

  it("comes back when the service is busy, under the same attempt", async () => {
    services.answers.push(throttled, unavailable);
    const answer = await submit({ jobId: "order-8", input: 1 });

    expect(answer.statusCode).to.equal(202);
    expect(inferenceIds()).to.deep.equal(["1.order-8", "1.order-8", "1.order-8"]);
  });

  it("keeps a job that the service refuses for now, and sends it when it is submitted again", async () => {
    remainingMilliseconds = 5000;
    services.answers.push(throttled, unavailable);
    const refused = await submit({ jobId: "order-9", input: 1 });
    const again = await submit({ jobId: "order-9", input: 1 });
    const taken = await submit({ jobId: "order-9", input: 1 });

    expect([refused, again, taken].map(({ statusCode, state, error }) => [statusCode, state, error?.code])).to.deep.equal([
      [429, "INVOKING", "THROTTLED"],
      [503, "INVOKING", "UNAVAILABLE"],
      [202, "SUBMITTED", undefined],
    ]);
    expect(inferenceIds()).to.deep.equal(["1.order-9", "1.order-9", "1.order-9"]);
    expect((await job("order-9")).refusal).to.equal(undefined);
  });

  it("ends a job that the service refuses for good, and tells everybody", async () => {
    await services.published();
    services.answers.push({ status: 400, name: "ValidationError", message: "1 validation error detected" });
    const request = { jobId: "order-10", input: 1 };
    const answer = await submit(request);

    expect([answer.statusCode, answer.state, answer.error?.code]).to.deep.equal([400, "FAILED", "BAD_INPUT"]);
    expect(await submit(request)).to.deep.equal(answer);
    expect(inferenceIds()).to.deep.equal(["1.order-10"]);
    const events = await services.published();
    expect(events.map(({ attributes }) => attributes)).to.deep.equal([{ state: "FAILED", jobId: "order-10", endpointName: "ocr" }]);
    expect(events.flatMap(({ event }) => violations("job-event", event))).to.deep.equal([]);
  });

  it("keeps inputs out of its log", async () => {
    services.answers.push(throttled, "drop");
    await submit({ jobId: "order-13", input: "secret-in", metadata: { note: "secret-note" }, customAttributes: "secret-attribute" });

    expect(log.map((line) => (JSON.parse(line) as { message: string }).message)).to.deep.equal(["invocation in doubt"]);
    expect(log.join()).to.not.contain("secret");
  });

  it("runs again what may have been lost, under a new inference id", async () => {
    services.answers.push("drop", { status: 500, name: "InternalFailure", message: "" });
    const answer = await submit({ jobId: "order-11", input: 1 });

    expect([answer.state, answer.inferenceId]).to.deep.equal(["SUBMITTED", "3.order-11"]);
    expect(inferenceIds()).to.deep.equal(["1.order-11", "2.order-11", "3.order-11"]);
  });

  it("never runs twice a job that must not, though nobody knows whether it ran", async () => {
    services.answers.push("drop");
    const request = { jobId: "order-12", input: 1, onDoubt: "wait" };
    const answer = await submit(request);
    const again = await submit(request);

    expect([answer.statusCode, answer.state]).to.deep.equal([202, "INVOKING"]);
    expect(again).to.deep.equal(answer);
    expect(inferenceIds()).to.deep.equal(["1.order-12"]);
  });

  describe("picks up what a crash left", () => {
    it("before the input was stored", async () => {
      await submit({ jobId: "crash-1", input: "page" });
      const done = await job("crash-1");
      const ofAttempts = ["attempt", "inferenceId", "callId", "expectedOutputLocation", "invokingAt", "submittedAt", "outputLocation"];
      const left = Object.fromEntries(Object.entries(done).filter(([name]) => ![...ofAttempts, "failureLocation"].includes(name)));
      await services.putJob({ ...(left as unknown as JobRecord), state: "ACCEPTED" });

      expect((await submit({ jobId: "crash-1", input: "page" })).state).to.equal("SUBMITTED");
    });

    it("between the record of a call and the call, once nobody can be at it any more", async () => {
      await submit({ jobId: "crash-2", input: "page" });
      const left = { ...(await job("crash-2")), state: "INVOKING" as const };
      await services.putJob({ ...left, dueAt: new Date(Date.now() + 60_000).toISOString() });
      expect((await submit({ jobId: "crash-2", input: "page" })).inferenceId).to.equal("1.crash-2");
      await services.putJob({ ...left, dueAt: new Date(Date.now() - 1).toISOString() });

      const answer = await submit({ jobId: "crash-2", input: "page" });

      expect([answer.state, answer.inferenceId]).to.deep.equal(["SUBMITTED", "2.crash-2"]);
    });

    it("between the end of a job and its event", async () => {
      services.answers.push({ status: 403, name: "AccessDeniedException", message: "no" });
      await submit({ jobId: "crash-3", input: "page" });
      const { announcedAt, ...left } = await job("crash-3");
      expect(typeof announcedAt).to.equal("string");
      await services.putJob({ ...left, dueShard: 1, dueAt: left.endedAt });
      await services.published();

      const answer = await submit({ jobId: "crash-3", input: "page" });

      expect([answer.statusCode, answer.state]).to.deep.equal([403, "FAILED"]);
      expect((await services.published()).map(({ attributes }) => attributes["jobId"])).to.deep.equal(["crash-3"]);
      expect((await job("crash-3")).dueAt).to.equal(undefined);
    });
  });

  describe("with waitSeconds", () => {
    /** What the result function does, once the runtime has been called. */
    function completes(jobId: string, body: string | Buffer, contentType: string) {
      services.onCall = async ({ headers }) => {
        services.onCall = undefined;
        const inferenceId = String(headers["x-amzn-sagemaker-inference-id"]);
        const outputLocation = await services.putObject(`output/${inferenceId}.out`, body, contentType);
        const { refusal, ...record } = (await services.job(jobId)) as JobRecord;
        expect(refusal).to.equal(undefined);
        const now = new Date().toISOString();
        await services.putJob({ ...record, state: "COMPLETED", outputLocation, endedAt: now, announcedAt: now, expiresAt: 1 });
      };
    }

    for (const [what, body, contentType, told] of [
      ["JSON", '{"text":"hi"}', "application/json; charset=utf-8", { body: { text: "hi" } }],
      ["text", "hi ü", "text/plain", { body: "hi ü" }],
      ["bytes", Buffer.from([0xff, 0]), "image/png", { bodyBase64: "/wA=" }],
    ] as const) {
      it(`answers with a result that is ${what}`, async () => {
        const jobId = `wait-${what}`;
        completes(jobId, body, contentType);

        expect(await submit({ jobId, input: 1, waitSeconds: 10 })).to.deep.equal({
          statusCode: 200,
          jobId,
          inferenceId: `1.${jobId}`,
          state: "COMPLETED",
          outputLocation: `s3://service/output/1.${jobId}.out`,
          contentType,
          ...told,
        });
      });
    }

    it("gives the result to whoever asks again, without a wait", async () => {
      completes("wait-again", '{"text":"hi"}', "application/json");
      const first = await submit({ jobId: "wait-again", input: 1, waitSeconds: 10 });

      expect(await submit({ jobId: "wait-again", input: 1 })).to.deep.equal(first);
      expect(first.body).to.deep.equal({ text: "hi" });
    });

    it("leaves a result that no answer can hold where it is, and says so", async () => {
      completes("wait-large", Buffer.alloc(6_000_001, "x"), "text/plain");

      const { statusCode, outputLocation, body, bodyOmitted } = await submit({ jobId: "wait-large", input: 1, waitSeconds: 10 });

      expect({ statusCode, outputLocation, body, bodyOmitted }).to.deep.equal({
        statusCode: 200,
        outputLocation: "s3://service/output/1.wait-large.out",
        body: undefined,
        bodyOmitted: "The result has 6000001 bytes, and an answer at most 6000000: read it from outputLocation.",
      });
    });

    for (const [what, body, contentType] of [
      ["bytes", Buffer.alloc(5_000_000), "image/png"],
      ["text", Buffer.alloc(4_000_000, '"'), "text/plain"],
    ] as const) {
      it(`leaves ${what} that only fit before they are written as JSON`, async () => {
        const jobId = `wait-grown-${what}`;
        completes(jobId, body, contentType);

        const answer = await submit({ jobId, input: 1, waitSeconds: 10 });

        expect(answer).to.deep.equal({
          statusCode: 200,
          jobId,
          inferenceId: `1.${jobId}`,
          state: "COMPLETED",
          outputLocation: `s3://service/output/1.${jobId}.out`,
          bodyOmitted: `The result has ${body.byteLength} bytes, and an answer at most 6000000: read it from outputLocation.`,
        });
      });
    }

    it("answers before its own function times out, whatever was asked", async () => {
      remainingMilliseconds = 5300;

      expect((await submit({ jobId: "wait-long", input: 1, waitSeconds: 840 })).statusCode).to.equal(202);
    });
  });
});
