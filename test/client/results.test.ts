import { Readable } from "node:stream";
import type { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { AsyncInferenceError } from "../../client";
import { Connections } from "../../client/connections";
import {
  cancelOutcomeOf,
  costOf,
  endErrorOf,
  listedJob,
  reading,
  readResult,
  referenceOf,
  resultIn,
  statusOf,
  toldOf,
} from "../../client/results";
import { codedError } from "../../core/records/errors";
import type { JobRecord } from "../../core/records/job";
import { openJob } from "../../doubles/jobs";

const ran = (over: Partial<JobRecord> = {}): JobRecord => ({
  ...openJob({ jobId: "page-1" }),
  state: "COMPLETED",
  receivedAt: "2026-01-05T08:00:00.000Z",
  finishedAt: "2026-01-05T08:03:00.000Z",
  ...over,
});

describe("what a job cost", () => {
  it("is the instance's time from receipt to end, its part where several run at once, in dollars where the price is known", () => {
    expect(statusOf(ran(), { concurrency: 1 }).cost).to.deep.equal({ instanceSecondsAtMost: 180 });
    expect(statusOf(ran(), { concurrency: 4, usdPerInstanceHour: 2 }).cost).to.deep.equal({ instanceSecondsAtMost: 45, usdAtMost: 0.025 });
    expect(costOf(ran({ state: "FAILED" }), { concurrency: 1, usdPerInstanceHour: 0 })).to.deep.equal({
      instanceSecondsAtMost: 180,
      usdAtMost: 0,
    });
  });

  it("is nothing where nothing ran, or nobody says when, and never below zero", () => {
    const rates = { concurrency: 1, usdPerInstanceHour: 2 };
    expect(statusOf(ran({ state: "EXPIRED" }), rates)).not.to.have.property("cost");
    expect(costOf(openJob({ jobId: "page-1" }), rates)).to.equal(undefined);
    for (const name of ["receivedAt", "finishedAt"] as const) {
      const job = ran();
      delete job[name];
      expect(costOf(job, rates)).to.equal(undefined);
    }
    expect(costOf(ran({ finishedAt: "2026-01-05T07:59:59.000Z" }), rates)).to.deep.equal({ instanceSecondsAtMost: 0, usdAtMost: 0 });
  });
});

describe("a record in the words of users", () => {
  const locations = { outputLocation: "s3://service/output/a", failureLocation: "s3://service/failure/a" };

  it("has everything that is of use, and nothing of what the service keeps for itself", () => {
    const record = ran({
      ...locations,
      inputBytes: 5,
      outputContentType: "application/json",
      outputBytes: 3,
      containerRefusals: { count: 2, since: "2026-01-05T07:00:00.000Z" },
      metadata: { tenant: "acme" },
      accept: "application/json",
      customAttributes: "a=b",
      traceContext: { traceparent: "00-1-2-01" },
      endedAt: "2026-01-05T08:03:01.000Z",
      taskTokens: ["secret"],
      input: new Uint8Array([1]),
    });

    expect(statusOf(record)).to.deep.equal({
      jobId: "page-1",
      state: "COMPLETED",
      ended: true,
      endpointName: "ocr",
      inputLocation: "s3://service/input/page-1/request.json",
      inputBytes: 5,
      contentType: "application/json",
      attempt: 1,
      refusedAttempts: 2,
      maxAttempts: 3,
      inferenceId: "1.page-1",
      ...locations,
      outputContentType: "application/json",
      outputBytes: 3,
      invocationTimeoutSeconds: 3600,
      requestTtlSeconds: 21_600,
      metadata: { tenant: "acme" },
      accept: "application/json",
      customAttributes: "a=b",
      traceContext: { traceparent: "00-1-2-01" },
      timings: {
        acceptedAt: "2026-01-25T22:46:00.000Z",
        receivedAt: "2026-01-05T08:00:00.000Z",
        finishedAt: "2026-01-05T08:03:00.000Z",
        recordedAt: "2026-01-05T08:03:01.000Z",
        invokingAt: "2026-01-25T22:46:00.100Z",
        submittedAt: "2026-01-25T22:46:00.200Z",
      },
      cost: { instanceSecondsAtMost: 180 },
    });
  });

  it("names no object of an input that went in the call: there is none", () => {
    const { inputLocation, ended } = statusOf({ ...openJob({ jobId: "page-1" }), inputInCall: true });
    expect([inputLocation, ended]).to.deep.equal([undefined, false]);
  });

  it("is told, followed and listed with its locations where there are some", () => {
    const open = openJob({ jobId: "page-1" });
    const ended = ran({ ...locations, endedAt: "2026-01-05T08:03:01.000Z" });
    const timings = { acceptedAt: "2026-01-25T22:46:00.000Z" };

    expect(toldOf(open)).to.deep.equal({ jobId: "page-1", inferenceId: "1.page-1", timings });
    expect(toldOf(ended)).to.include(locations);
    expect(toldOf({ ...open, inferenceId: undefined }).inferenceId).to.equal("");
    expect(referenceOf(open, true)).to.deep.equal({ jobId: "page-1", own: true, inferenceId: "1.page-1" });
    expect(referenceOf(ended, false)).to.deep.equal({ jobId: "page-1", own: false, inferenceId: "1.page-1", ...locations });
    const listed = { jobId: "page-1", endpointName: "ocr", createdAt: "2026-01-25T22:46:00.000Z" };
    expect(listedJob(open)).to.deep.equal({ ...listed, state: "SUBMITTED" });
    expect(listedJob(ended)).to.deep.equal({ ...listed, state: "COMPLETED", endedAt: "2026-01-05T08:03:01.000Z" });
  });

  it("says why a job ended without a result, or that nobody recorded it", () => {
    const error = codedError("TIMEOUT", "too slow");
    expect(endErrorOf(ran({ state: "FAILED", error }))).to.equal(error);
    expect(endErrorOf(ran({ state: "FAILED" }))).to.deep.equal(
      codedError("INTERNAL", "The job is FAILED, and its record doesn't say why."),
    );
  });

  it("says of a cancellation whether it came too late, and whether compute is still paid for", () => {
    const cancelled = { jobId: "page-1", state: "CANCELLED", cancelled: true };
    const job = ran({ state: "CANCELLED" });
    expect(cancelOutcomeOf({ job, computeContinues: true })).to.deep.equal({
      ...cancelled,
      computeContinues: true,
      message:
        "The job is cancelled and its result will be dropped. Compute continues: SageMaker can't stop an invocation that it has taken.",
    });
    expect(cancelOutcomeOf({ job, computeContinues: false })).to.deep.equal({
      ...cancelled,
      computeContinues: false,
      message: "The job is cancelled. It was not invoked and will not be.",
    });
    expect(cancelOutcomeOf({ job: ran(), computeContinues: true })).to.deep.equal({
      ...{ jobId: "page-1", state: "COMPLETED", cancelled: false, computeContinues: false },
      message: "The job had ended before: it is COMPLETED.",
    });
  });
});

describe("the result of a job that completed", () => {
  const location = "s3://service/output/page-1.out";
  const told = { inferenceId: "1.page-1", jobId: "page-1", outputLocation: location, timings: { acceptedAt: "2026-01-05T07:59:00.000Z" } };
  const lastModified = new Date("2026-01-05T08:03:00.000Z");
  let asked: { input: unknown; options: unknown }[] = [];

  /** A store with one answer for everything. */
  function storeOf(answer: { body?: string; ContentType?: string; LastModified?: Date } | Error): Connections {
    asked = [];
    const send = async ({ input }: { input: unknown }, options: unknown) => {
      asked.push({ input, options });
      if (answer instanceof Error) throw answer;
      const { body = "", ...rest } = answer;
      return { Body: Readable.from([Buffer.from(body)]), ContentLength: body.length, ...rest };
    };
    return new Connections({ clients: { s3: { send } as unknown as S3Client } });
  }
  const refusal = (name: string, httpStatusCode: number) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

  it("is its data, of which type it is, and when it was there where nobody has recorded the end", async () => {
    const json = { body: '{"a":1}', ContentType: "application/json", LastModified: lastModified };

    expect(await readResult(storeOf(json), location, told, {})).to.deep.equal({
      ...told,
      timings: { ...told.timings, finishedAt: "2026-01-05T08:03:00.000Z" },
      contentType: "application/json",
      success: true,
      data: { a: 1 },
    });
    expect(asked).to.deep.equal([{ input: { Bucket: "service", Key: "output/page-1.out" }, options: {} }]);
    const recorded = { ...told, timings: { ...told.timings, finishedAt: "2026-01-05T08:02:00.000Z" } };
    expect((await readResult(storeOf(json), location, recorded, {})).timings.finishedAt).to.equal("2026-01-05T08:02:00.000Z");
    expect((await readResult(storeOf({ body: "1" }), location, told, {})).timings).to.deep.equal(told.timings);
  });

  it("is of the type that the job says where the object says none, which is left out where nobody says it", async () => {
    const text = await readResult(storeOf({ body: "1" }), location, told, {}, { knownType: "text/plain" });
    const untyped = await readResult(storeOf({ body: "1" }), location, told, {});

    expect([text.contentType, text.data]).to.deep.equal(["text/plain", "1"]);
    expect(untyped.data).to.equal(1);
    expect(untyped).not.to.have.property("contentType");
  });

  it("is without success where it is gone or can't be read as asked: the job's end is known, and waiting again is of no use", async () => {
    const gone = await readResult(storeOf(refusal("NoSuchKey", 404)), location, told, {});
    const broken = await readResult(storeOf({ body: "{", ContentType: "application/json" }), location, told, {});

    expect(gone).to.include({ jobId: "page-1", success: false });
    expect(gone.error).to.include({
      code: "NOT_FOUND",
      jobId: "page-1",
      message: `The result of job page-1 is no longer at ${location}.`,
      advice: "Keep outputs for longer, or read them sooner.",
    });
    expect(broken).to.include({ jobId: "page-1", success: false, contentType: "application/json" });
    expect(broken.error).to.include({ code: "BAD_OUTPUT" });
  });

  it("rejects where it may be there and can't be had, with the statement to add in the partition of the service", async () => {
    const read = (answer: Error, partition?: string) =>
      readResult(storeOf(answer), location, told, {}, { partition }).then(
        () => "read",
        (error: unknown) => error as AsyncInferenceError,
      );
    const denied = await read(refusal("AccessDenied", 403), "aws-cn");

    expect(denied).to.include({
      code: "ACCESS_DENIED",
      advice:
        'Add to the caller\'s role: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws-cn:s3:::service/output/page-1.out"}',
    });
    expect(await read(refusal("NoSuchBucket", 404))).to.include({ name: "AsyncInferenceError", code: "NOT_FOUND" });
    expect(await read(refusal("SlowDown", 503))).to.include({ retryable: true });
  });

  it("rejects with what breaks off on the way to a file, and is asked for with the caller's signal", async () => {
    const { signal } = new AbortController();
    const data = Readable.from(
      (async function* () {
        yield Buffer.from("{");
        throw Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
      })(),
    );
    const object = { body: data, contentType: "application/json", bytes: 7, lastModified };
    const outcome = await resultIn(object, location, told, {}).then(
      () => "read",
      (error: unknown) => error as AsyncInferenceError,
    );
    await readResult(storeOf({ body: "1" }), location, told, { signal });

    expect(outcome).to.include({ name: "AsyncInferenceError", code: "UNAVAILABLE" });
    expect(asked[0]?.options).to.deep.equal({ abortSignal: signal });
  });

  it("ends at once with an abort, which names the job", async () => {
    const abort = new AbortController();
    const read = reading(new Promise(() => undefined), abort.signal, "page-1").catch((error: unknown) => error as AsyncInferenceError);
    abort.abort();

    expect(await read).to.include({ code: "ABORTED", jobId: "page-1", message: "The call about job page-1 was aborted." });
    expect(await reading(Promise.resolve(1), undefined, "page-1")).to.equal(1);
  });
});
