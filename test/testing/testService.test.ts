import { install } from "@sinonjs/fake-timers";
import { expect } from "chai";
import { AsyncInferenceError, type InferenceResult } from "../../client";
import { TestService } from "../../testing";

/** What is known of how a job ended. */
const endOf = (result: InferenceResult<unknown>) => (result.success ? result.data : result.error.code);
const codeOf = (call: Promise<unknown>) =>
  call.then(
    () => "no error",
    (error: unknown) => (error instanceof AsyncInferenceError ? error.code : String(error)),
  );

describe("a service in memory, for tests of applications", () => {
  it("gives the model what a container would read, and the caller what the model returns", async () => {
    const { client } = new TestService({ model: (input, { contentType, metadata }) => ({ input, contentType, metadata }) });

    expect((await client.invoke({ page: 1 }, { metadata: { tenant: "acme" } })).data).to.deep.equal({
      input: { page: 1 },
      contentType: "application/json",
      metadata: { tenant: "acme" },
    });
    expect((await client.invoke("text")).data).to.deep.include({ input: "text", contentType: "text/plain" });
    expect(await new TestService({ model: () => "text" }).client.invoke(1)).to.deep.include({ data: "text", contentType: "text/plain" });
    expect((await new TestService({ model: () => Buffer.from([1, 2]) }).client.invoke(1)).data).to.deep.equal(Buffer.from([1, 2]));
  });

  it("ends jobs as the real one does: model error, time-out, expiry and a wait that is too short", async () => {
    const failing = new TestService({
      model: () => {
        throw new Error("CUDA out of memory");
      },
    });
    const result = await failing.client.invoke({ page: 1 });
    const slow = new TestService({ runSeconds: 3000 });
    const asleep = new TestService({ wakeSeconds: 7200 });

    expect(result.success ? "" : `${result.error.code}: ${result.error.message}`).to.equal("MODEL_ERROR: CUDA out of memory");
    expect(endOf(await slow.client.invoke(1, { invocationTimeoutSeconds: 60 }))).to.equal("TIMEOUT");
    expect(endOf(await asleep.client.invoke(1, { requestTtlSeconds: 60 }))).to.equal("EXPIRED");
    expect(await codeOf(slow.client.invoke(1, { timeoutSeconds: 600 }))).to.equal("WAIT_TIMEOUT");
    expect((await slow.jobs()).map(({ state }) => state)).to.deep.equal(["FAILED", "SUBMITTED"]);
  });

  it("keeps the test's time, so that an hour passes in no time and each end has its moment", async () => {
    const service = new TestService({ runSeconds: 1800, wakeSeconds: 300 });
    const { timings } = await service.client.invoke({ page: 1 }, { timeoutSeconds: 3600 });

    expect(timings).to.deep.include({ acceptedAt: "2026-01-01T00:00:00.000Z", finishedAt: "2026-01-01T00:35:00.000Z" });
    expect(service.now().toISOString()).to.equal("2026-01-01T00:35:00.000Z");
  });

  it("stands still with manual time, so that a test sees each state", async () => {
    const service = new TestService({ time: "manual", runSeconds: 60 });
    const job = await service.client.submit({ page: 1 });
    const waiting = job.result({ timeoutSeconds: 600 });

    await service.pass(59);
    expect((await job.status()).state).to.equal("SUBMITTED");
    await service.pass(1);
    expect((await job.status()).state).to.equal("COMPLETED");
    expect(endOf(await waiting)).to.deep.equal({ page: 1 });
  });

  it("cancels, and a wait for the job ends", async () => {
    const service = new TestService({ time: "manual", runSeconds: 3600 });
    const job = await service.client.submit({ page: 1 });
    const waiting = job.result({ timeoutSeconds: 7200 });
    const outcome = await job.cancel();
    await service.pass(3600);

    expect(outcome).to.deep.include({ state: "CANCELLED", cancelled: true, computeContinues: true });
    expect(endOf(await waiting)).to.equal("CANCELLED");
  });

  it("refuses submissions when a test says so, which invoke tries again", async () => {
    const service = new TestService();
    service.refuseNext("THROTTLED");
    expect(endOf(await service.client.invoke({ page: 1 }))).to.deep.equal({ page: 1 });
    service.refuseNext("LIMIT");
    expect(await codeOf(service.client.submit({ page: 1 }))).to.equal("LIMIT");
  });

  it("checks what the real client checks: options, ids, and the same id with another input", async () => {
    const { client } = new TestService();
    await client.submit({ page: 1 }, { jobId: "page-1" });

    expect((await client.submit({ page: 1 }, { jobId: "page-1" })).jobId).to.equal("page-1");
    expect(await codeOf(client.submit({ page: 2 }, { jobId: "page-1" }))).to.equal("CONFLICT");
    expect(await codeOf(client.submit({ page: 2 }, { jobId: "page 1" }))).to.equal("BAD_INPUT");
    expect(await codeOf(client.job("page-2").result())).to.equal("NOT_FOUND");
    expect(endOf(await client.invoke(1, { as: "bytes" }))).to.deep.equal(Buffer.from("1"));
  });

  it("runs many jobs, lists them, and has another client find them", async () => {
    const service = new TestService({ model: (page) => Number(page) * 2, runSeconds: (page) => Number(page) });
    const results = [];
    for await (const { index, ...result } of service.client.submitMany([1, 2, 3])) results[index] = endOf(result);
    const listed = [];
    for await (const { state } of service.client.list()) listed.push(state);
    const [job] = await service.jobs();

    expect(results).to.deep.equal([2, 4, 6]);
    expect(listed).to.deep.equal(["COMPLETED", "COMPLETED", "COMPLETED"]);
    expect(
      endOf(
        await service
          .newClient()
          .job(job?.jobId ?? "")
          .result(),
      ),
    ).to.equal(2);
  });

  it("reads inputs that are in S3, and explains a job", async () => {
    const service = new TestService({ time: "manual", outputs: { inputBuckets: "scans" } });
    await service.putObject("s3://scans/1.txt", "page 1", "text/plain");
    const job = await service.client.submit(new URL("s3://scans/1.txt"));
    const before = await job.explain();
    await service.pass(60);

    expect(before.state).to.equal("SUBMITTED");
    expect(endOf(await job.result())).to.equal("page 1");
    expect((await job.explain()).situation).to.equal("completed");
  });

  it("ends a wait by the caller's signal and by close", async () => {
    const service = new TestService({ time: "manual" });
    const job = await service.client.submit({ page: 1 });
    const signal = AbortSignal.abort();

    expect(await codeOf(job.result({ signal }))).to.equal("ABORTED");
    const waiting = codeOf(job.result());
    await service.client.close();
    expect(await waiting).to.equal("ABORTED");
  });

  it("needs no turn of a test's own fake timers, which its time is apart from", async () => {
    const timers = install({ now: Date.parse("2020-01-01"), toNotFake: ["nextTick"] });
    try {
      const { client } = new TestService({ runSeconds: 600 });
      const seen: unknown[] = [];
      for await (const result of client.submitMany([1, 2], { concurrency: 1 })) seen.push(endOf(result));

      expect(seen).to.deep.equal([1, 2]);
      expect(endOf(await client.invoke("text"))).to.equal("text");
      expect(timers.now).to.equal(Date.parse("2020-01-01"));
    } finally {
      timers.uninstall();
    }
  });

  it("lets manual time pass under a test's own fake timers", async () => {
    const timers = install({ toNotFake: ["nextTick"] });
    try {
      const service = new TestService({ time: "manual", runSeconds: 60 });
      const job = await service.client.submit({ page: 1 });
      await service.pass(60);

      expect((await job.status()).state).to.equal("COMPLETED");
      expect(endOf(await job.result())).to.deep.equal({ page: 1 });
    } finally {
      timers.uninstall();
    }
  });
});
