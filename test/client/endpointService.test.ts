import { expect } from "chai";
import { s3Fault } from "../../doubles/awsProxy";
import { ClientBench, errorOf, megabytes } from "./support";

describe("the client without a table", () => {
  let bench: ClientBench;

  before(async () => {
    bench = await ClientBench.start();
  });
  beforeEach(() => bench.reset());
  after(() => bench.close());

  const sent = (name: string) => bench.services.calls.map(({ headers }) => headers[`x-amzn-sagemaker-${name}`]);

  it("sends the input in the call, with every option, and keeps the two locations that it names", async () => {
    const client = bench.withoutTable({ inputPrefix: "in" });
    const options = { jobId: "a", accept: "text/plain", customAttributes: "c=1", invocationTimeoutSeconds: 60, requestTtlSeconds: 61 };
    const job = await client.submit({ a: 1 }, options);

    const [call] = bench.services.calls;
    expect([call?.body, bench.services.calls.length, sent("inputlocation"), bench.s3.counted()]).to.deep.equal([
      '{"a":1}',
      1,
      [undefined],
      {},
    ]);
    const headers = call?.headers;
    expect(headers).to.include({
      "x-amzn-sagemaker-inference-id": "1.a",
      "x-amzn-sagemaker-content-type": "application/json",
      "x-amzn-sagemaker-accept": "text/plain",
      "x-amzn-sagemaker-custom-attributes": "c=1",
      "x-amzn-sagemaker-invocationtimeoutseconds": "60",
      "x-amzn-sagemaker-requestttlseconds": "61",
      "x-amzn-sagemaker-s3outputpathextension": "bench/1.a",
      "x-amzn-sagemaker-filename": "result",
    });
    expect([job.jobId, job.inferenceId, job.outputLocation, job.failureLocation]).to.deep.equal([
      "a",
      "1.a",
      "s3://service/output/1.a.out",
      "s3://service/failure/1.a-error.out",
    ]);
    expect(bench.dynamodb.counted()).to.deep.equal({});
  });

  it("streams large inputs, and takes objects of its bucket and of the allowed ones", async () => {
    const client = bench.withoutTable();
    await client.submit(megabytes(6), { jobId: "stream", contentType: "video/mp4" });
    await client.submit(new URL("s3://service/input/stream/input"), { jobId: "given" });
    const denied = await errorOf(client.submit(new URL("s3://elsewhere/a")));

    expect(sent("inputlocation")).to.deep.equal(["s3://service/input/stream/input", "s3://service/input/stream/input"]);
    expect(sent("content-type")).to.deep.equal(["video/mp4", "video/mp4"]);
    expect(denied).to.include({ code: "ACCESS_DENIED", field: "inputLocation" });
  });

  it("tells how the job ended by the object that appears, and a success that an error follows is a success", async () => {
    const client = bench.withoutTable();
    const [good, bad] = [await client.submit(1, { jobId: "good" }), await client.submit(1, { jobId: "bad" })];
    await bench.services.putObject("output/1.good.out", "[1]", "application/json");
    await bench.services.putObject("failure/1.good-error.out", "late");
    await bench.services.putObject("failure/1.bad-error.out", '{"message":"no memory"}');
    const [succeeded, failed] = [await good.result(), await bad.result()];

    expect([succeeded.success, succeeded.data]).to.deep.equal([true, [1]]);
    expect(failed.error).to.include({ code: "MODEL_ERROR", message: "no memory", jobId: "bad" });
    expect([(await good.status()).state, (await bad.status()).state]).to.deep.equal(["COMPLETED", "FAILED"]);
  });

  it("finds the result of a call whose answer was lost, and makes no other", async () => {
    bench.services.onCall = async () => {
      await bench.services.putObject("output/bench/1.lost/result", "[1]", "application/json");
    };
    bench.services.answers.push("drop");
    const result = await bench.withoutTable().invoke(1, { jobId: "lost" });

    expect([result.success, result.data, result.inferenceId, result.outputLocation]).to.deep.equal([
      true,
      [1],
      "1.lost",
      "s3://service/output/bench/1.lost/result",
    ]);
    expect(sent("inference-id")).to.deep.equal(["1.lost"]);
  });

  it("calls again when the answer was lost, and takes whichever attempt completes first", async () => {
    bench.services.answers.push("drop");
    const job = await bench.withoutTable().submit(1, { jobId: "doubt" });
    const waiting = job.result();
    await bench.services.putObject("output/bench/1.doubt/result", "[1]", "application/json");

    expect(sent("inference-id")).to.deep.equal(["1.doubt", "2.doubt"]);
    expect([(await waiting).inferenceId, (await waiting).data]).to.deep.equal(["1.doubt", [1]]);
  });

  it("does not call again what must not run twice, and waits where the result would be", async () => {
    bench.services.answers.push("drop");
    const job = await bench.withoutTable().submit(1, { jobId: "once", onDoubt: "wait" });

    expect([sent("inference-id"), job.outputLocation]).to.deep.equal([["1.once"], "s3://service/output/bench/1.once/result"]);
  });

  it("is an error when the answer names no OutputLocation", async () => {
    const proxied = bench.services;
    proxied.answers.push({ status: 202, name: "", message: "" });
    const error = await errorOf(bench.withoutTable().submit(1, { jobId: "nowhere" }));

    expect(error).to.include({ code: "IN_DOUBT", retryable: false, jobId: "nowhere" });
    expect(error.message).to.include("there is no OutputLocation");
  });

  it("tries three times and carries all attempts; never what is refused for good", async () => {
    const busy = { status: 503, name: "ServiceUnavailable", message: "busy" };
    bench.services.answers.push(...Array<typeof busy>(18).fill(busy));
    const client = bench.withoutTable();
    const error = await errorOf(client.invokeWithRetry(1, 3));
    bench.services.calls.length = 0;
    bench.services.answers.push({ status: 400, name: "ValidationError", message: "bad" });
    const refused = await errorOf(client.invokeWithRetry(1));

    expect([error.code, error.attempts?.length]).to.deep.equal(["UNAVAILABLE", 3]);
    expect([refused.code, refused.attempts, bench.services.calls.length]).to.deep.equal(["BAD_INPUT", undefined, 1]);
  });

  it("does not place a stream twice that can be read only once", async () => {
    bench.s3.fail("UploadPart", s3Fault(503, "ServiceUnavailable"), 10);
    const error = await errorOf(bench.withoutTable().invoke(megabytes(6), { jobId: "single" }));

    expect([error.code, error.attempts]).to.deep.equal(["UNAVAILABLE", undefined]);
  });

  it("polls for what anybody invoked: its result, its failure, its own end", async () => {
    const client = bench.withoutTable();
    await bench.services.putObject("output/other.out", "[1]", "application/json");
    await bench.services.putObject("failure/broken-error.out", "ClientError: Received server error (500) from model.");
    const good = await client.pollForResult("other", "s3://service/output/other.out");
    const bad = await client.pollForResult("broken", "s3://service/output/broken.out");
    const late = await errorOf(client.pollForResult("late", "s3://service/output/late.out", 0));
    bench.s3.fail("GetObject", { status: 403 });
    const unread = await client.pollForResult("broken", "s3://service/output/broken.out");
    bench.s3.fail("HeadObject", { status: 403 });
    const denied = await errorOf(client.pollForResult("denied", "s3://service/output/denied.out"));

    expect([good.success, good.data, good.inferenceId]).to.deep.equal([true, [1], "other"]);
    expect([bad.success, bad.error?.code]).to.deep.equal([false, "MODEL_ERROR"]);
    expect([unread.error?.code, unread.error?.message.slice(0, 57)]).to.deep.equal([
      "MODEL_ERROR",
      "The invocation failed; its failure object can't be read: ",
    ]);
    expect(unread.error?.advice).to.include('"Resource":"arn:aws:s3:::service/failure/broken-error.out"');
    expect([late.code, denied.code]).to.deep.equal(["WAIT_TIMEOUT", "ACCESS_DENIED"]);
    expect(denied.advice).to.include('"Resource":"arn:aws:s3:::service/output/denied.out"');
  });

  it("advises permissions in the partition of its region", async () => {
    const client = bench.withoutTable({ region: "cn-north-1" });
    const advice: string[] = [];
    for (const [operation, call] of [
      ["GetObject", () => client.pollForResult("r", "s3://service/output/r.out")],
      ["PutObject", () => client.submit(megabytes(1))],
      ["CreateMultipartUpload", () => client.submit(megabytes(6))],
    ] as const) {
      if (operation === "GetObject") await bench.services.putObject("output/r.out", "[1]", "application/json");
      bench.s3.fail(operation, { status: 403 });
      const told = await call().then(
        (answer) => ("error" in answer ? answer.error : undefined),
        (error: unknown) => error as { advice: string },
      );
      advice.push(/"Resource":"(arn:[^:]*:[^:]*):/.exec(told?.advice ?? "")?.[1] ?? "no advice");
    }
    expect(advice).to.deep.equal(Array<string>(3).fill("arn:aws-cn:s3"));
  });

  it("pauses between two looks half as long again, up to the longest", async () => {
    const client = bench.withoutTable();
    const waiting = client.pollForResult("slow", "s3://service/output/slow.out", 60_000, 100, 200);
    while (bench.pauses.length < 4) await new Promise((resolve) => setImmediate(resolve));
    await bench.services.putObject("output/slow.out", "1", "application/json");
    await waiting;

    expect(bench.pauses.slice(0, 4)).to.deep.equal([100, 150, 200, 200]);
  });

  it("has no record to keep metadata in, or to list", async () => {
    const client = bench.withoutTable();

    expect(await errorOf(client.submit(1, { metadata: { a: "b" } }))).to.include({ code: "BAD_INPUT", field: "metadata" });
    expect(await errorOf(client.submit(1, { priority: "low" }))).to.include({ code: "BAD_INPUT", field: "priority" });
    expect(await errorOf(client.list()[Symbol.asyncIterator]().next())).to.include({ code: "BAD_INPUT" });
  });
});
