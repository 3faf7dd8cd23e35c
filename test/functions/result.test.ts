import { expect } from "chai";
import type { JobRecord } from "../../core/records/job";
import { resultFunction, type ResultFunctionSettings } from "../../functions/result";
import { violations } from "../support/conforms";
import { openJob } from "../../doubles/jobs";
import { startJobServices, type JobServices } from "../../doubles/jobServices";
import { deployed } from "../support/serialized";

const receivedTime = "2026-01-25T22:46:00.455Z";
const eventTime = "2026-01-25T22:46:03.608Z";

const completed = (inferenceId: string, changes: object = {}) => ({
  awsRegion: "eu-west-1",
  eventTime,
  receivedTime,
  invocationStatus: "Completed",
  requestParameters: { endpointName: "ocr", inputLocation: "s3://service/input/x" },
  responseParameters: { contentType: "application/json", outputLocation: `s3://service/output/${inferenceId}/result` },
  inferenceId,
  eventVersion: "1.0",
  eventSource: "aws:sagemaker",
  eventName: "InferenceResult",
  ...changes,
});

const failed = (inferenceId: string, failureReason: string, changes: object = {}) => ({
  ...completed(inferenceId),
  invocationStatus: "Failed",
  responseParameters: undefined,
  failureReason,
  ...changes,
});

const modelError = "ClientError: Received server error (500) from model. See https://console/timed-out in account 123456789012.";

describe("the result function, as Lambda runs it", () => {
  let services: JobServices;
  let handler: ReturnType<typeof resultFunction>;
  let admitting: ReturnType<typeof resultFunction>;
  let remainingMilliseconds: number;
  const log: string[] = [];

  before(async () => {
    services = await startJobServices();
    const settings: ResultFunctionSettings = {
      endpointName: "ocr",
      bucketName: services.bucketName,
      outputPrefix: "output/",
      jobTableName: services.tableName,
      jobsTopicArn: services.topicArn,
      notificationsEnabled: true,
      retentionDays: 30,
    };
    handler = await deployed(resultFunction, { settings, log, speed: 20 });
    admitting = await deployed(resultFunction, { settings: { ...settings, admitsLow: true }, log, speed: 20 });
  });

  beforeEach(async () => {
    services.calls.length = 0;
    services.answers.length = 0;
    log.length = 0;
    remainingMilliseconds = 60_000;
    await services.published();
  });

  after(() => services.close());

  it("admits the next low job in the place of one that has ended, where the service has priorities", async () => {
    const room = { jobId: "#low", schemaVersion: 1, backlog: 1, free: 0, waiting: true, turn: 1, countedAt: eventTime };
    await services.putJob(room as unknown as JobRecord);
    await services.putJob(openJob({ jobId: "low-1", priority: "low" }));
    for (const [jobId, turn] of [
      ["low-3", 3],
      ["low-2", 2],
    ] as const) {
      const { attempt: _, inferenceId: __, callId: ___, ...job } = openJob({ jobId, state: "ACCEPTED", priority: "low", turn });
      await services.putJob(job);
    }
    const event = { Records: [{ Sns: { MessageId: "m", Message: JSON.stringify(completed("1.low-1")) } }] };

    await admitting(event, { getRemainingTimeInMillis: () => remainingMilliseconds });

    const states = await Promise.all(["low-1", "low-2", "low-3"].map(async (jobId) => (await services.job(jobId))?.state));
    expect(states).to.deep.equal(["COMPLETED", "SUBMITTED", "ACCEPTED"]);
    expect(await services.job("#low")).to.deep.include({ free: 0, turn: 2 });
  });

  const deliver = (...messages: unknown[]) =>
    handler(
      {
        Records: messages.map((message, index) => ({
          Sns: { MessageId: `m-${index}`, Message: typeof message === "string" ? message : JSON.stringify(message) },
        })),
      },
      { getRemainingTimeInMillis: () => remainingMilliseconds },
    );

  async function job(jobId: string): Promise<JobRecord> {
    const record = (await services.job(jobId)) as JobRecord;
    expect(violations("job", record)).to.deep.equal([]);
    return record;
  }

  const endOf = async (jobId: string) => {
    const { state, error } = await job(jobId);
    return [state, error?.code];
  };

  const metrics = () => log.map((line) => JSON.parse(line) as Record<string, unknown>).filter((line) => "_aws" in line);

  for (const state of ["INVOKING", "SUBMITTED"] as const) {
    it(`closes a job that is ${state}, and tells its owner once however often the message comes`, async () => {
      const jobId = `closes-${state}`;
      const before = openJob({ jobId, state });
      await services.putJob(before);
      await services.putObject(`output/1.${jobId}/result`, "{}", "application/json");

      await deliver(completed(`1.${jobId}`));
      await deliver(completed(`1.${jobId}`));

      const { endedAt, announcedAt, expiresAt, ...rest } = await job(jobId);
      const { dueAt, dueShard, ...kept } = before;
      expect([typeof dueAt, typeof dueShard]).to.deep.equal(["string", "number"]);
      expect(rest).to.deep.equal({
        ...kept,
        state: "COMPLETED",
        outputLocation: `s3://service/output/1.${jobId}/result`,
        outputContentType: "application/json",
        outputBytes: 2,
        receivedAt: receivedTime,
        finishedAt: eventTime,
      });
      expect(expiresAt).to.equal(Math.floor(Date.parse(endedAt as string) / 1000) + 30 * 86_400);
      expect([endedAt, announcedAt]).to.deep.equal([endedAt, announcedAt].sort());
      const events = await services.published();
      expect(events.map(({ attributes }) => attributes)).to.deep.equal([{ state: "COMPLETED", jobId, endpointName: "ocr" }]);
      expect(events.map(({ event }) => event.job.outputLocation)).to.deep.equal([`s3://service/output/1.${jobId}/result`]);
      expect(events.flatMap(({ event }) => violations("job-event", event))).to.deep.equal([]);
      expect(metrics().map(({ EndpointName, JobsCompleted }) => ({ EndpointName, JobsCompleted }))).to.deep.equal([
        { EndpointName: "ocr", JobsCompleted: 1 },
      ]);
    });
  }

  it("says why a job failed, counts it by its code, and does not run a model error again", async () => {
    await services.putJob(openJob({ jobId: "fails" }));

    await deliver(failed("1.fails", modelError, { failureLocation: "s3://service/failure/x-error.out" }));

    const { state, error, failureLocation } = await job("fails");
    expect({ state, code: error?.code, message: error?.message, failureLocation }).to.deep.equal({
      state: "FAILED",
      code: "MODEL_ERROR",
      message: modelError,
      failureLocation: "s3://service/failure/x-error.out",
    });
    expect(services.calls).to.deep.equal([]);
    expect(metrics().map(({ ErrorCode, JobsFailed }) => ({ ErrorCode, JobsFailed }))).to.deep.equal([
      { ErrorCode: "MODEL_ERROR", JobsFailed: 1 },
    ]);
  });

  it("runs a killed job again until it completes", async () => {
    await services.putJob(openJob({ jobId: "killed" }));
    await deliver(failed("1.killed", "InternalServerException"));
    expect((await job("killed")).inferenceId).to.equal("2.killed");
    await deliver(failed("2.killed", "The request expired in the queue"));
    const { state, inferenceId, outputLocation } = await job("killed");
    expect({ state, inferenceId, outputLocation }).to.deep.equal({
      state: "SUBMITTED",
      inferenceId: "3.killed",
      outputLocation: "s3://service/output/3.killed.out",
    });

    await deliver(completed("3.killed"));

    expect(await endOf("killed")).to.deep.equal(["COMPLETED", undefined]);
  });

  it("ends a job whose last attempt was killed, in words that say what is not known", async () => {
    await services.putJob(openJob({ jobId: "last", maxAttempts: 1 }));
    await deliver(failed("1.last", "InternalServerException"));
    await services.putJob(openJob({ jobId: "late", maxAttempts: 1 }));
    await deliver(failed("1.late", "The request expired in the queue"));

    expect([await endOf("last"), await endOf("late")]).to.deep.equal([
      ["FAILED", "IN_DOUBT"],
      ["EXPIRED", "EXPIRED"],
    ]);
  });

  it("never runs again a job that must not", async () => {
    await services.putJob(openJob({ jobId: "once", onDoubt: "wait" }));

    await deliver(failed("1.once", "InternalServerException"));

    expect(await endOf("once")).to.deep.equal(["FAILED", "IN_DOUBT"]);
    expect(services.calls).to.deep.equal([]);
  });

  it("lets an older attempt complete a job, and not fail it", async () => {
    await services.putJob(openJob({ jobId: "older", attempt: 2 }));
    await deliver(failed("1.older", modelError));
    expect(await endOf("older")).to.deep.equal(["SUBMITTED", undefined]);

    await deliver(completed("1.older"));
    await deliver(failed("2.older", modelError));

    expect(await endOf("older")).to.deep.equal(["COMPLETED", undefined]);
    expect((await job("older")).inferenceId).to.equal("1.older");
  });

  it("has the message delivered again while the service refuses the next attempt, and then runs it", async () => {
    await services.putJob(openJob({ jobId: "refused" }));
    remainingMilliseconds = 5000;
    services.answers.push({ status: 503, name: "ServiceUnavailable", message: "later" });
    const message = failed("1.refused", "InternalServerException");
    const error = await deliver(message).then(
      () => undefined,
      (reason: Error) => reason.message,
    );
    expect(error).to.match(/^UNAVAILABLE: /);

    await deliver(message);

    const { state, inferenceId } = await job("refused");
    expect({ state, inferenceId }).to.deep.equal({ state: "SUBMITTED", inferenceId: "2.refused" });
  });

  it("announces an end that a crash left untold", async () => {
    const ended = { state: "COMPLETED" as const, outputLocation: "s3://service/output/x", endedAt: eventTime, expiresAt: 1 };
    await services.putJob({ ...openJob({ jobId: "untold" }), ...ended });

    await deliver(completed("1.untold"));

    expect((await services.published()).map(({ attributes }) => attributes["jobId"])).to.deep.equal(["untold"]);
    expect((await job("untold")).dueAt).to.equal(undefined);
  });

  it("leaves a cancelled job cancelled", async () => {
    const error = { code: "CANCELLED" as const, message: "", retryable: false, advice: "" };
    const ended = { state: "CANCELLED" as const, error, endedAt: eventTime, announcedAt: eventTime, expiresAt: 1 };
    await services.putJob({ ...openJob({ jobId: "cancelled" }), ...ended });

    await deliver(completed("1.cancelled"));

    expect(await endOf("cancelled")).to.deep.equal(["CANCELLED", "CANCELLED"]);
    expect(await services.published()).to.deep.equal([]);
  });

  it("ignores tests, and what others invoke, on a topic that they share", async () => {
    await services.putJob(openJob({ jobId: "shared" }));

    await deliver({ eventVersion: "1.0", eventSource: "aws:sagemaker", eventName: "TestNotification" });
    await deliver(completed("11111111-2222-3333-4444-555555555555"));
    await deliver(completed("1.unheard-of"));
    await deliver(completed("2.shared"));
    await deliver(completed("1.shared", { requestParameters: { endpointName: "another" } }));

    expect(await endOf("shared")).to.deep.equal(["SUBMITTED", undefined]);
    expect(await services.published()).to.deep.equal([]);
  });

  it("takes a result that comes along without keeping or logging it", async () => {
    await services.putJob(openJob({ jobId: "included" }));

    await deliver(completed("1.included", { responseBody: { content: "c2VjcmV0", encoding: "BASE64", message: "" } }));

    expect(JSON.stringify([await job("included"), log])).to.not.contain("c2VjcmV0");
  });

  it("closes the other jobs of a delivery although one message can't be read and one job can't be run", async () => {
    await services.putJob(openJob({ jobId: "many-1" }));
    await services.putJob(openJob({ jobId: "many-2" }));
    remainingMilliseconds = 5000;
    services.answers.push({ status: 503, name: "ServiceUnavailable", message: "later" });

    const error = await deliver("no JSON", failed("1.many-1", "InternalServerException"), completed("1.many-2")).then(
      () => undefined,
      (reason: Error) => reason.message,
    );

    expect(error).to.match(/^UNAVAILABLE: /);
    expect(await endOf("many-2")).to.deep.equal(["COMPLETED", undefined]);
    expect(log.map((line) => JSON.parse(line) as object)).to.deep.include({
      level: "error",
      message: "notification dropped",
      code: "BAD_MESSAGE",
      problem: "not JSON",
      messageId: "m-0",
    });
  });
});
