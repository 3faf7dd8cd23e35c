import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { DeleteCommand } from "@aws-sdk/lib-dynamodb";
import { expect } from "chai";
import type { JobRecord } from "../../core/records/job";
import { floorKey, type Floor } from "../../core/records/items";
import { jsonFault, s3Fault } from "../../doubles/awsProxy";
import { violations } from "../support/conforms";
import { openJob } from "../../doubles/jobs";
import { ClientBench, errorOf, megabytes } from "./support";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

async function hashOfMegabytes(count: number): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of megabytes(count)) hash.update(chunk);
  return hash.digest("hex");
}

describe("the client with a table", () => {
  let bench: ClientBench;

  before(async () => {
    bench = await ClientBench.start();
  });
  beforeEach(() => bench.reset());
  after(() => bench.close());

  const record = async (jobId: string): Promise<JobRecord> => {
    const job = (await bench.services.job(jobId)) as JobRecord;
    expect(violations("job", job)).to.deep.equal([]);
    return job;
  };

  it("writes the record that the submit function would, and the input, before it calls", async () => {
    let atCall: JobRecord | undefined;
    bench.services.onCall = async () => {
      atCall = await bench.services.job("one");
    };
    await bench.withTable({ waiter: "me" }).submit({ a: 1 }, { jobId: "one", metadata: { tenant: "acme" }, requestTtlSeconds: 60 });

    expect(atCall).to.include({ state: "INVOKING", inputHash: sha256('{"a":1}'), waiter: "me", requestTtlSeconds: 60, inputBytes: 7 });
    expect(await record("one")).to.include({ state: "SUBMITTED", inputLocation: "s3://service/input/one/request.json" });
    expect(await bench.stored("s3://service/input/one/request.json")).to.deep.equal({ text: '{"a":1}', contentType: "application/json" });
  });

  it("lines up a low job by itself, as the submit function would, and refuses it where there are no priorities", async () => {
    const client = bench.withTable();
    expect(await errorOf(client.submit(1, { jobId: "low-0", priority: "low" }))).to.include({ code: "BAD_INPUT", field: "priority" });

    const room = { jobId: "#low", schemaVersion: 1, backlog: 1, free: 1, waiting: false, turn: 0, countedAt: "2026-01-25T22:46:00.000Z" };
    await bench.services.putJob(room as unknown as JobRecord);
    for (const jobId of ["low-1", "low-2"]) await client.submit(1, { jobId, priority: "low" });

    expect(await record("low-1")).to.include({ state: "SUBMITTED", priority: "low" });
    expect(await record("low-2")).to.include({ state: "ACCEPTED", priority: "low", turn: 1 });
  });

  it("refuses at once, naming every field that is out of bounds, and makes no call", async () => {
    const client = bench.withTable();
    const wrong = {
      jobId: "grüße",
      contentType: "téxt/plain",
      accept: " x",
      customAttributes: "x".repeat(1025),
      invocationTimeoutSeconds: 3601,
      requestTtlSeconds: 59,
      metadata: { "": "x" },
      onDoubt: "never" as never,
    };
    const error = await errorOf(client.submit(1, wrong));

    expect(error).to.include({ code: "BAD_INPUT", field: "contentType", retryable: false });
    for (const field of Object.keys(wrong)) expect(error.message, field).to.match(new RegExp(`(^|; )${field}[.:]`));
    expect([bench.s3.counted(), bench.dynamodb.counted(), bench.services.calls]).to.deep.equal([{}, {}, []]);
  });

  it("has instances kept for a job before it calls: an idle alarm could take its instance in the next moment", async () => {
    const before: string[] = [];
    bench.services.scalingCalls.length = 0;
    bench.services.onCall = async () => void before.push(...bench.services.scalingCalls);
    await bench.withTable().submit(1, { jobId: "kept-1" });

    const floor = encodeURIComponent(bench.outputs.floorFunctionArn);
    expect(before).to.deep.equal([`/2015-03-31/functions/${floor}/invocations {"hold":true}`]);
  });

  it("holds a job while the fleet is emptied", async () => {
    const setAt = new Date().toISOString();
    const floor: Floor = { jobId: floorKey, schemaVersion: 1, revision: 1, state: "up", instances: 4, setAt, drain: { since: setAt } };
    await bench.services.putJob(floor as never);
    try {
      await bench.withTable().submit(1, { jobId: "held-1" });

      expect([(await record("held-1")).state, bench.services.calls]).to.deep.equal(["ACCEPTED", []]);
    } finally {
      await bench.services.documents.send(new DeleteCommand({ TableName: bench.services.tableName, Key: { jobId: floorKey } }));
    }
  });

  describe("large inputs and streams", () => {
    it("goes up in parts under a key of its own, hashed on its way, before the record", async () => {
      await bench.withTable().submit(megabytes(12), { jobId: "stream-1", contentType: "video/mp4", fileName: "clip.mp4" });
      const job = await record("stream-1");

      expect(job.inputLocation).to.match(/^s3:\/\/service\/input\/stream-1\/[0-9a-f]{12}\/clip\.mp4$/);
      expect(job).to.include({
        state: "SUBMITTED",
        inputHash: await hashOfMegabytes(12),
        inputBytes: 12 * 1024 ** 2,
        contentType: "video/mp4",
      });
      expect(bench.s3.counted()).to.include({ CreateMultipartUpload: 1, UploadPart: 3, CompleteMultipartUpload: 1 });
    });

    it("is the same job again for the same stream, and a conflict for another", async () => {
      const client = bench.withTable();
      await client.submit(megabytes(6), { jobId: "stream-2" });
      bench.s3.counted();
      const again = await client.submit(megabytes(6), { jobId: "stream-2" });
      const error = await errorOf(client.submit(megabytes(7), { jobId: "stream-2" }));

      expect(again.inferenceId).to.equal("1.stream-2");
      expect(error).to.include({ code: "CONFLICT", jobId: "stream-2", field: "jobId" });
      expect([bench.s3.counted(), bench.services.calls.length]).to.deep.equal([{}, 1]);
    });

    it("can't be replaced by who submits the same id at once", async () => {
      const client = bench.withTable();
      const both = await Promise.allSettled([
        client.submit(megabytes(6), { jobId: "race" }),
        client.submit(megabytes(7), { jobId: "race" }),
      ]);
      const job = await record("race");

      expect(both.map(({ status }) => status).sort()).to.deep.equal(["fulfilled", "rejected"]);
      expect(await bench.hashOf(job.inputLocation)).to.equal(job.inputHash);
    });

    it("leaves no part, no record and no call behind when it is aborted while it stalls", async () => {
      const abort = new AbortController();
      const stalled = async function* () {
        yield* megabytes(12);
        abort.abort();
        await new Promise(() => undefined);
      };
      const client = bench.withTable();
      const error = await errorOf(client.submit(stalled(), { jobId: "stalled", signal: abort.signal }));
      await client.close();

      expect(error).to.include({ code: "ABORTED", jobId: "stalled" });
      expect([await bench.openUploads(), await bench.services.job("stalled"), bench.services.calls]).to.deep.equal([0, undefined, []]);
    });

    it("takes back what went up when its source fails", async () => {
      const failing = async function* () {
        yield* megabytes(12);
        throw new Error("the disk is gone");
      };
      const error = await errorOf(bench.withTable().submit(failing(), { jobId: "failing" }));

      expect([error.code, error.message]).to.deep.equal(["BAD_INPUT", "input: the stream broke off: the disk is gone"]);
      expect([await bench.openUploads(), await bench.services.job("failing")]).to.deep.equal([0, undefined]);
    });

    it("stops reading, and takes back what went up, when a part can't be stored", async () => {
      let given = 0;
      bench.s3.fail("UploadPart", s3Fault(403, "AccessDenied"));
      const error = await errorOf(
        bench.withTable().submit(
          megabytes(400, () => void given++),
          { jobId: "denied-part" },
        ),
      );

      expect(error).to.include({ code: "ACCESS_DENIED", jobId: "denied-part" });
      expect(error.advice).to.match(
        /^Add to the caller's role: \{"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::service\/input\//,
      );
      // How far a part's answer lets it get is the machine's speed.
      expect(given).to.be.lessThan(400);
      expect(await bench.openUploads()).to.equal(0);
    });

    it("outlives a connection that is reset in mid-upload, with every byte", async () => {
      bench.s3.fail("UploadPart", "reset");
      bench.s3.fail("CompleteMultipartUpload", "reset");
      await bench.withTable().submit(megabytes(12), { jobId: "reset" });

      const job = await record("reset");
      expect([await bench.hashOf(job.inputLocation), job.inputHash]).to.deep.equal(Array(2).fill(await hashOfMegabytes(12)));
    });
  });

  describe("a process that was killed", () => {
    it("between record and upload: the same job id again places the input and ends the job", async () => {
      const jobId = "killed-1";
      const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, ...accepted } = openJob({ jobId, state: "ACCEPTED" });
      void [attempt, inferenceId, callId, expectedOutputLocation, invokingAt];
      await bench.services.putJob({ ...accepted, inputHash: sha256('{"a":1}') });
      await bench.withTable().submit({ a: 1 }, { jobId });

      expect(await record(jobId)).to.include({ state: "SUBMITTED", attempt: 1 });
      expect((await bench.stored(`s3://service/input/${jobId}/request.json`)).text).to.equal('{"a":1}');
    });

    it("before its input was in place, and comes back with a stream of the same bytes", async () => {
      const jobId = "killed-2";
      const { attempt, inferenceId, callId, expectedOutputLocation, invokingAt, ...accepted } = openJob({ jobId, state: "ACCEPTED" });
      void [attempt, inferenceId, callId, expectedOutputLocation, invokingAt];
      await bench.services.putJob({ ...accepted, inputHash: sha256("same") });
      const stream = async function* (text: string) {
        yield text;
      };
      const other = await errorOf(bench.withTable().submit(stream("other"), { jobId }));
      await bench.withTable().submit(stream("same"), { jobId });

      expect(other).to.include({ code: "CONFLICT", jobId });
      expect(await record(jobId)).to.include({ state: "SUBMITTED" });
      expect((await bench.stored(accepted.inputLocation)).text).to.equal("same");
    });

    it("between upload and call: no record was made of a stream, and the next run is the job", async () => {
      bench.dynamodb.fail("PutItem", jsonFault(400, "AccessDeniedException"));
      const first = await errorOf(bench.withTable().submit(megabytes(6), { jobId: "killed-3" }));
      const job = await bench.withTable().submit(megabytes(6), { jobId: "killed-3" });

      expect(first).to.include({ code: "ACCESS_DENIED", jobId: "killed-3" });
      expect(first.advice).to.include('"Action":"dynamodb:PutItem"');
      expect([job.inferenceId, bench.services.calls.length]).to.deep.equal(["1.killed-3", 1]);
    });
  });

  describe("refusals and doubt", () => {
    it("outlasts a burst of throttling, and sends the job once", async () => {
      const throttled = { status: 400, name: "ThrottlingException", message: "slow down" };
      bench.services.answers.push(throttled, throttled, throttled);
      const job = await bench.withTable().submit(1, { jobId: "burst" });

      expect(job.inferenceId).to.equal("1.burst");
      expect(bench.services.calls.map(({ headers }) => headers["x-amzn-sagemaker-inference-id"])).to.deep.equal(Array(4).fill("1.burst"));
    });

    it("carries every attempt when the last one fails too, and keeps the job for the next", async () => {
      const busy = { status: 503, name: "ServiceUnavailable", message: "busy" };
      bench.services.answers.push(...Array<typeof busy>(18).fill(busy));
      const client = bench.withTable();
      const error = await errorOf(client.invoke(1, { jobId: "busy" }));

      expect(error).to.include({ code: "UNAVAILABLE", retryable: true, jobId: "busy" });
      expect(error.message).to.match(/^3 attempts failed, the last one with: ServiceUnavailable/);
      expect(error.attempts?.map(({ code, jobId }) => [code, jobId])).to.deep.equal(Array(3).fill(["UNAVAILABLE", "busy"]));
      expect((await client.submit(1, { jobId: "busy" })).inferenceId).to.equal("1.busy");
    });

    it("never tries again what the service refuses for good: submit rejects, invoke tells the job's end", async () => {
      const denied = {
        status: 403,
        name: "AccessDeniedException",
        message: "User is not authorized to perform: sagemaker:InvokeEndpointAsync",
      };
      bench.services.answers.push(denied, denied);
      const client = bench.withTable();
      const error = await errorOf(client.submit(1, { jobId: "denied-1" }));
      const result = await client.invoke(1, { jobId: "denied-2" });

      expect(error).to.include({ code: "ACCESS_DENIED", jobId: "denied-1" });
      const resource = "arn:aws:sagemaker:eu-west-1:123456789012:endpoint/ocr";
      const advice = `Add to the caller's role: {"Effect":"Allow","Action":"sagemaker:InvokeEndpointAsync","Resource":"${resource}"}`;
      expect([error.advice, result.error?.advice]).to.deep.equal([advice, advice]);
      expect([result.success, result.error?.code, bench.services.calls.length]).to.deep.equal([false, "ACCESS_DENIED", 2]);
    });

    it("runs a job again whose call was lost, unless it must not", async () => {
      bench.services.answers.push({ status: 500, name: "InternalFailure", message: "" }, "take", "drop");
      const client = bench.withTable();
      const again = await client.submit(1, { jobId: "lost-1" });
      const kept = await client.submit(1, { jobId: "lost-2", onDoubt: "wait" });

      expect([again.inferenceId, kept.inferenceId]).to.deep.equal(["2.lost-1", "1.lost-2"]);
      expect([(await record("lost-2")).state, bench.services.calls.length]).to.deep.equal(["INVOKING", 3]);
    });

    it("does not run a model again that its service says must not", async () => {
      bench.services.answers.push("drop");
      await bench.withTable({ outputs: { ...bench.outputs, onDoubt: "wait" } }).submit(1, { jobId: "lost-3" });

      expect([(await record("lost-3")).onDoubt, bench.services.calls.length]).to.deep.equal(["wait", 1]);
    });

    it("refuses when as many jobs are open as may be", async () => {
      await bench.services.putJob({ jobId: "#count", open: 5, countedAt: new Date().toISOString() } as unknown as JobRecord);
      const error = await errorOf(bench.withTable({ maxOpenJobs: 5 }).submit(1, { jobId: "many" }));
      const taken = await bench.withTable({ maxOpenJobs: 6 }).submit(1, { jobId: "many" });

      expect(error).to.include({ code: "LIMIT", retryable: true, jobId: "many" });
      expect(taken.inferenceId).to.equal("1.many");
    });

    it("says which permission lacks, of whichever call", async () => {
      bench.dynamodb.fail("GetItem", jsonFault(400, "AccessDeniedException"));
      bench.s3.fail("PutObject", s3Fault(403, "AccessDenied"));
      const client = bench.withTable();
      const table = await errorOf(client.job("any").status());
      const bucket = await errorOf(client.submit(1, { jobId: "no-put" }));

      const { jobTableArn } = bench.outputs;
      expect(table).to.include({
        code: "ACCESS_DENIED",
        advice: `Add to the caller's role: {"Effect":"Allow","Action":"dynamodb:GetItem","Resource":"${jobTableArn}"}`,
      });
      expect(bucket).to.include({
        code: "ACCESS_DENIED",
        advice:
          'Add to the caller\'s role: {"Effect":"Allow","Action":"s3:PutObject","Resource":"arn:aws:s3:::service/input/no-put/request.json"}',
      });
    });

    it("says that bucket or table are not those of the service", async () => {
      const elsewhere = bench.withTable({ outputs: { ...bench.outputs, bucketName: "not-there", jobTableName: "not-there" } });
      const error = await errorOf(elsewhere.submit(1));
      const wrongBucket = await errorOf(bench.withTable({ outputs: { ...bench.outputs, bucketName: "not-there" } }).submit(1));

      expect([error.code, wrongBucket.code]).to.deep.equal(["NOT_FOUND", "NOT_FOUND"]);
      expect([error.advice, wrongBucket.advice]).to.deep.equal(
        Array(2).fill("Look whether bucket, table and region are those of the deployed service."),
      );
    });
  });

  it("outlasts services that fail for a moment, without a second job", async () => {
    bench.dynamodb.fail("PutItem", jsonFault(500, "InternalServerError"));
    bench.dynamodb.fail("UpdateItem", jsonFault(400, "ThrottlingException"));
    bench.s3.fail("PutObject", s3Fault(503, "SlowDown"));
    const job = await bench.withTable().submit(1, { jobId: "moment" });

    expect([job.inferenceId, bench.services.calls.length]).to.deep.equal(["1.moment", 1]);
  });

  it("says that a bucket is in another region", async () => {
    bench.s3.fail("PutObject", s3Fault(301, "PermanentRedirect"));
    bench.s3.fail("PutObject", s3Fault(400, "AuthorizationHeaderMalformed"));
    const errors = [await errorOf(bench.withTable().submit(1)), await errorOf(bench.withTable().submit(1))];

    expect(errors.map(({ code, advice }) => [code, advice])).to.deep.equal(
      Array(2).fill(["NOT_FOUND", "The bucket is in another region: give the region of the service."]),
    );
  });

  it("hears of an end through the consumer queue, long before it looks into the table", async () => {
    const client = bench.withTable({ consumerQueueUrl: bench.services.queueUrl, pollIntervalSeconds: 60 });
    const job = await client.submit(1, { jobId: "pushed" });
    const waiting = job.result();
    await bench.complete("pushed", "[1]", "application/json");
    await bench.services.publish((await bench.services.job("pushed")) as JobRecord);

    expect((await waiting).data).to.deep.equal([1]);
  });

  describe("given objects", () => {
    it("are taken where they are, from the service's inputs and allowed buckets only", async () => {
      await bench.services.putObject("input/given.json", "[1]", "application/json");
      const client = bench.withTable();
      const job = await client.submit(new URL("s3://service/input/given.json"), { jobId: "given" });
      const denied = await errorOf(client.submit(new URL("s3://elsewhere/a")));
      const missing = await errorOf(client.submit(new URL("s3://service/input/none")));
      const nonAscii = await errorOf(client.submit(new URL("s3://service/input/größe.json")));

      expect(await record(job.jobId)).to.include({ inputLocation: "s3://service/input/given.json", contentType: "application/json" });
      expect([denied, missing, nonAscii].map(({ code, field }) => [code, field])).to.deep.equal([
        ["ACCESS_DENIED", "inputLocation"],
        ["NOT_FOUND", "inputLocation"],
        ["BAD_INPUT", "inputLocation"],
      ]);
    });
  });

  describe("an abort", () => {
    it("before anything: nothing is called", async () => {
      const error = await errorOf(bench.withTable().submit(1, { signal: AbortSignal.abort() }));

      expect(error).to.include({ code: "ABORTED", advice: "No job was submitted." });
      expect([bench.s3.counted(), bench.dynamodb.counted(), bench.services.calls]).to.deep.equal([{}, {}, []]);
    });

    it("while the endpoint is called: the job goes on, and the record says so", async () => {
      const abort = new AbortController();
      bench.services.onCall = async () => abort.abort();
      const client = bench.withTable();
      const error = await errorOf(client.submit(1, { jobId: "abort-1", signal: abort.signal }));
      await client.close();

      expect(error).to.include({
        code: "ABORTED",
        jobId: "abort-1",
        advice:
          "Whether the service has taken it, client.job(jobId).status() says. The same request with the same jobId is never a second job.",
      });
      expect(await record("abort-1")).to.include({ state: "SUBMITTED", inferenceId: "1.abort-1" });
    });

    it("between two refusals: no further call, and the record says that nothing is under way", async () => {
      const abort = new AbortController();
      bench.services.onCall = async () => abort.abort();
      bench.services.answers.push({ status: 400, name: "ThrottlingException", message: "slow down" });
      const client = bench.withTable();
      await errorOf(client.submit(1, { jobId: "abort-2", signal: abort.signal }));
      await client.close();

      expect([(await record("abort-2")).refusal?.code, bench.services.calls.length]).to.deep.equal(["THROTTLED", 1]);
    });

    it("while it waits for its turn behind others: it is not submitted", async () => {
      const [abort, client] = [new AbortController(), bench.withTable()];
      let answer = (): void => undefined;
      const held = new Promise<void>((resolve) => (answer = resolve));
      const full = new Promise<void>((resolve) => (bench.services.onCall = () => (bench.services.calls.length >= 64 && resolve(), held)));
      const others = Array.from({ length: 64 }, () => client.submit(1));
      await full;
      const waiting = errorOf(client.submit(1, { jobId: "abort-4", signal: abort.signal }));
      await new Promise(setImmediate);
      abort.abort();
      expect(await waiting).to.include({ code: "ABORTED", jobId: "abort-4", advice: "No job was submitted." });
      answer();
      await Promise.all(others);
      await client.close();

      // A call that is held for longer than the client waits for its answer is made again.
      const called = new Set(
        bench.services.calls.map(({ headers }) => String(headers["x-amzn-sagemaker-inference-id"]).replace(/^\d+\./, "")),
      );
      expect([await bench.services.job("abort-4"), called.size]).to.deep.equal([undefined, 64]);
    });

    it("while it is waited: the wait ends, and the job goes on", async () => {
      const client = bench.withTable();
      const job = await client.submit(1, { jobId: "abort-3" });
      const abort = new AbortController();
      const waiting = errorOf(job.result({ signal: abort.signal }));
      abort.abort();
      const error = await waiting;
      await bench.complete("abort-3", "[1]", "application/json");

      expect(error).to.include({ code: "ABORTED", jobId: "abort-3", advice: "The job goes on: ask again later, with its jobId." });
      expect((await job.result()).data).to.deep.equal([1]);
    });

    it("by the client's end: every wait ends, and nothing is taken any more", async () => {
      const client = bench.withTable();
      const job = await client.submit(1, { jobId: "closed" });
      const waiting = errorOf(job.result());
      await client.close();

      const errors = [await waiting, await errorOf(client.submit(1)), await errorOf(client.invoke(1)), await errorOf(job.status())];
      expect(errors.map(({ code, advice }) => `${code} ${advice}`)).to.deep.equal([
        "ABORTED The job goes on: ask again later, with its jobId.",
        "ABORTED No job was submitted. Make another client.",
        "ABORTED No job was submitted. Make another client.",
        "ABORTED Make another client.",
      ]);
    });
  });

  it("reads a file of one part once it is accepted, and a larger one before", async () => {
    const folder = await mkdtemp(join(tmpdir(), "client-"));
    try {
      await writeFile(join(folder, "small.txt"), "small");
      await writeFile(join(folder, "large.bin"), Buffer.alloc(6 * 1024 ** 2));
      await bench.withTable().submit(pathToFileURL(join(folder, "small.txt")), { jobId: "file-1" });
      await bench.withTable().submit(pathToFileURL(join(folder, "large.bin")), { jobId: "file-2" });

      expect((await record("file-1")).inputLocation).to.equal("s3://service/input/file-1/small.txt");
      expect((await record("file-2")).inputLocation).to.match(/^s3:\/\/service\/input\/file-2\/[0-9a-f]{12}\/large\.bin$/);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
