import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { text } from "node:stream/consumers";
import type { S3Client } from "@aws-sdk/client-s3";
import { expect } from "chai";
import type { WaitOptions } from "../../client";
import { Connections } from "../../client/connections";
import { failureError, openJobObject, readFailure, readOutput, type OutputObject } from "../../client/output";
import type { JobRecord } from "../../core/records/job";
import { s3Fault } from "../../doubles/awsProxy";
import { openJob } from "../../doubles/jobs";
import { ClientBench, errorOf } from "./support";

describe("results", () => {
  let bench: ClientBench;
  let folder: string;
  let jobs = 0;

  before(async () => {
    bench = await ClientBench.start();
    folder = await mkdtemp(join(tmpdir(), "results-"));
  });
  beforeEach(() => bench.reset());
  after(async () => {
    await bench.close();
    await rm(folder, { recursive: true });
  });

  /** A job that has ended with this body. */
  async function ended(body: string | Buffer, contentType?: string, change: Partial<JobRecord> = {}) {
    const jobId = `result-${++jobs}`;
    await bench.services.putJob(openJob({ jobId }));
    await bench.complete(jobId, body, contentType, change);
    return bench.withTable().job(jobId);
  }

  async function dataOf(body: string | Buffer, contentType: string | undefined, options: WaitOptions = {}) {
    const result = await (await ended(body, contentType)).result(options);
    if (!result.success) throw result.error;
    return result.data instanceof Uint8Array ? `bytes ${Buffer.from(result.data).toString("hex")}` : result.data;
  }

  for (const [body, contentType, options, expected] of [
    ['{"a":1}', "application/json", {}, { a: 1 }],
    ['{"a":1}', "application/vnd.model+json; charset=utf-8", {}, { a: 1 }],
    ['{"a":1}', "text/plain", {}, '{"a":1}'],
    ['{"a":1}', "application/octet-stream", {}, "bytes 7b2261223a317d"],
    ['{"a":1}', "text/plain", { as: "json" }, { a: 1 }],
    ['{"a":1}', "application/json", { as: "text" }, '{"a":1}'],
    ['{"a":1}', "application/json", { as: "bytes" }, "bytes 7b2261223a317d"],
    ["", "text/plain", {}, ""],
    ["", "image/png", {}, "bytes "],
  ] as const) {
    it(`of ${contentType} is ${JSON.stringify(expected)} when asked for with ${JSON.stringify(options)}`, async () => {
      expect(await dataOf(body, contentType, options)).to.deep.equal(expected);
    });
  }

  for (const [what, body, contentType, options, message] of [
    ["empty", "", "application/json", {}, "expected JSON (application/json), and it is empty"],
    ["cut off", '{"a', "application/json", {}, "expected JSON (application/json), and its 3 bytes aren't"],
    ["not UTF-8", Buffer.from([0xff]), "text/plain", {}, "expected UTF-8 text (text/plain), and its 1 bytes aren't"],
    ["not JSON, as asked for", "hello", "text/plain", { as: "json" }, 'expected JSON (as: "json"), and its 5 bytes aren\'t'],
  ] as const) {
    it(`is an error with its bytes when it is ${what}`, async () => {
      const job = await ended(body, contentType);
      const result = await job.result(options as WaitOptions);

      expect(result.error).to.include({ code: "BAD_OUTPUT", message: `${result.outputLocation}: ${message}` });
      expect(Buffer.from(result.error?.raw ?? "none")).to.deep.equal(Buffer.from(body));
    });
  }

  it("is known by what the job says when the object says nothing", async () => {
    const byJob = await (await ended("[1]", "binary/octet-stream", { outputContentType: "text/plain" })).result();
    const byItself = await (await ended("[1]", "binary/octet-stream")).result();

    expect([byJob.data, byItself.data]).to.deep.equal(["[1]", [1]]);
  });

  it("streams, and goes straight to a file: whole, or not at all", async () => {
    const path = join(folder, "result.json");
    await writeFile(path, "old");
    const saved = await (await ended('{"a":1}', "application/json")).result({ toFile: path });
    const streamed = await (await ended("streamed", "text/plain")).result({ as: "stream" });

    expect(saved.data).to.deep.equal({ path, bytes: 7, contentType: "application/json" });
    expect(await readFile(path, "utf8")).to.equal('{"a":1}');
    expect(streamed.success && (await text(streamed.data))).to.equal("streamed");
  });

  it("leaves an older file alone, and nothing beside it, when the result breaks off", async () => {
    const path = join(folder, "kept.json");
    await writeFile(path, "old");
    const job = await ended("x".repeat(100), "text/plain");
    bench.s3.fail("GetObject", { status: 200, headers: { "content-length": "200" }, body: "x".repeat(100) });
    const error = await errorOf(job.result({ toFile: path, timeoutSeconds: 5 }));

    expect(error.code).to.equal("UNAVAILABLE");
    expect([await readFile(path, "utf8"), (await readdir(folder)).filter((name) => name.includes("kept"))]).to.deep.equal([
      "old",
      ["kept.json"],
    ]);
  });

  it("goes to a file with a name as long as the file system takes", async () => {
    const path = join(folder, "k".repeat(255));
    const saved = await (await ended("long", "text/plain")).result({ toFile: path });

    expect([saved.data?.path, await readFile(path, "utf8")]).to.deep.equal([path, "long"]);
  });

  it("says which file can't be written", async () => {
    const error = await errorOf((await ended("x", "text/plain")).result({ toFile: join(folder, "none", "result") }));

    expect(error).to.include({ code: "BAD_INPUT", field: "toFile" });
  });

  it("is checked and typed by a schema or a codec", async () => {
    const { z } = await import("zod");
    const schema = z.object({ words: z.array(z.string()) });
    const good = await (await ended('{"words":["a"]}', "application/json")).result({ schema });
    const bad = await (await ended('{"words":[1]}', "application/json")).result({ schema });

    expect(good.success && good.data.words).to.deep.equal(["a"]);
    expect(bad.error?.code).to.equal("BAD_OUTPUT");
    expect(bad.error?.message).to.match(/: output\.words\.0: /);
    expect(Buffer.from(bad.error?.raw ?? []).toString()).to.equal('{"words":[1]}');
  });

  it("is decoded by the job's codec, with its bytes when that fails", async () => {
    const decode = (bytes: Uint8Array, contentType: string | undefined) => {
      if (bytes.length === 0) throw new RangeError("nothing to decode");
      return `${contentType} ${Buffer.from(bytes).toString("hex")}`;
    };
    const codec = { contentType: "application/x-numbers", encode: (numbers: number[]) => Uint8Array.from(numbers), decode };
    const client = bench.withTable();
    const full = await client.submit([1, 255], { jobId: "codec-1", codec });
    const empty = await client.submit([1], { jobId: "codec-2", codec });
    await bench.complete("codec-1", Buffer.from([2]), "application/x-numbers");
    await bench.complete("codec-2", "", "application/x-numbers");

    expect(await bench.stored("s3://service/input/codec-1/input")).to.include({ contentType: "application/x-numbers" });
    expect((await full.result()).data).to.equal("application/x-numbers 02");
    expect((await empty.result()).error?.message).to.include("the codec can't decode it: nothing to decode");
  });

  it("that was deleted is said to be gone", async () => {
    const jobId = "gone";
    await bench.services.putJob(openJob({ jobId }));
    await bench.complete(jobId, "x", "text/plain", {});
    const job = (await bench.services.job(jobId)) as JobRecord;
    await bench.services.putJob({ ...job, outputLocation: "s3://service/output/none" });
    const result = await bench.withTable().job(jobId).result();

    expect(result.error).to.include({ code: "NOT_FOUND", message: "The result of job gone is no longer at s3://service/output/none." });
  });

  it("that may not be read rejects at once with the statement to add, as its end is not what was asked for", async () => {
    const job = await ended("x", "text/plain");
    bench.s3.fail("GetObject", s3Fault(403, "AccessDenied"));
    const error = await errorOf(job.result());

    expect(error.code).to.equal("ACCESS_DENIED");
    expect(error.advice).to.match(
      /^Add to the caller's role: \{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::service\/output\//,
    );
  });

  describe("of a model that failed", () => {
    async function failed(said: string | undefined): Promise<string | undefined> {
      const jobId = `failed-${++jobs}`;
      const failureLocation = "s3://service/failure/" + jobId;
      if (said !== undefined) await bench.services.putObject(`failure/${jobId}`, said, "text/plain");
      const error = { code: "MODEL_ERROR" as const, message: "Received server error (500) from model.", retryable: false, advice: "" };
      const now = new Date().toISOString();
      await bench.services.putJob(openJob({ jobId, state: "FAILED", failureLocation, error, endedAt: now, submittedAt: now }));
      return (await bench.withTable().job(jobId).result()).error?.message;
    }

    it("are told in its own words, bounded, by whichever name its server gives them", async () => {
      const service = "Received server error (500) from model.";

      expect(await failed("no memory\n")).to.equal(`${service} The model said: no memory`);
      expect(await failed('{"error":{"message":"no memory"}}')).to.equal(`${service} The model said: no memory`);
      expect(await failed('{"detail":"no memory"}')).to.equal(`${service} The model said: no memory`);
      expect((await failed("x".repeat(5000)))?.length).to.equal(service.length + " The model said: ".length + 1000);
    });

    it("name the statement to add where the role may not read them, beside the end that the record has", async () => {
      bench.s3.fail("GetObject", s3Fault(403, "AccessDenied"));
      const jobId = `failed-${++jobs}`;
      const error = { code: "MODEL_ERROR" as const, message: "Received server error (500) from model.", retryable: false, advice: "" };
      const failureLocation = `s3://service/failure/${jobId}`;
      await bench.services.putJob(openJob({ jobId, state: "FAILED", failureLocation, error, endedAt: new Date().toISOString() }));
      const shown = (await bench.withTable().job(jobId).result()).error;

      expect(shown?.code).to.equal("MODEL_ERROR");
      expect(shown?.message).to.match(/^Received server error \(500\) from model\. The failure object can't be read: /);
      expect(shown?.advice).to.equal(
        `Add to the caller's role: {"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::service/failure/${jobId}"}`,
      );
    });

    it("are the service's words when there is no failure object, or an empty one", async () => {
      expect([await failed(undefined), await failed("")]).to.deep.equal(Array(2).fill("Received server error (500) from model."));
    });
  });
});

describe("an object of a job", () => {
  const location = "s3://service/failure/a";
  let asked: { input: unknown; options: unknown }[] = [];

  /** A store with one answer for everything. */
  function storeOf(answer: string | Readable | Error | undefined, more: object = {}): Connections {
    asked = [];
    const send = async ({ input }: { input: object }, options: unknown) => {
      asked.push({ input: { ...input }, options });
      if (answer instanceof Error) throw answer;
      return { Body: answer instanceof Readable ? answer : Readable.from([Buffer.from(answer ?? "")]), ...more };
    };
    return new Connections({ clients: { s3: { send } as unknown as S3Client } });
  }
  const refusal = (name: string, httpStatusCode: number) => Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });
  const objectOf = (body: string | Buffer, contentType?: string): OutputObject => ({
    ...{ body: Readable.from([Buffer.from(body)]), contentType, bytes: body.length, lastModified: undefined },
  });

  it("is opened as it is, by the type that it says unless that says nothing", async () => {
    const known = { ContentType: "text/plain", ContentLength: 4 };
    const opened = await openJobObject(storeOf("text", known), location, "image/png", "aws-cn");
    const untyped = await openJobObject(storeOf("text", { ContentType: "binary/octet-stream" }), location, "image/png", undefined);

    expect(opened).to.deep.include({ location, contentType: "text/plain", bytes: 4 });
    expect(opened && (await text(opened.body))).to.equal("text");
    expect(untyped).to.deep.include({ contentType: "image/png", bytes: 0 });
    expect(await openJobObject(storeOf("text"), location, undefined, undefined)).not.to.have.property("contentType");
    expect(await openJobObject(storeOf(refusal("NoSuchKey", 404)), location, undefined, undefined)).to.equal(undefined);
    const denied = await errorOf(openJobObject(storeOf(refusal("AccessDenied", 403)), location, undefined, "aws-cn"));
    expect(denied.advice).to.include('"Resource":"arn:aws-cn:s3:::service/failure/a"');
    expect(await errorOf(openJobObject(storeOf("text"), "service/failure/a", undefined, undefined))).to.include({
      ...{ code: "BAD_INPUT", field: "outputLocation", message: "service/failure/a is not s3://bucket/key" },
    });
  });

  it("that says why the model failed is read at its beginning alone: a model may write gigabytes", async () => {
    const { signal } = new AbortController();

    expect(await readFailure(storeOf(" no memory \n"), location, signal)).to.deep.equal({ text: "no memory" });
    expect(asked).to.deep.equal([
      { input: { Bucket: "service", Key: "failure/a", Range: "bytes=0-3999" }, options: { abortSignal: signal } },
    ]);
  });

  it("that says nothing of the failure, or can't be read, hides no end", async () => {
    for (const nothing of [" \n", refusal("NoSuchKey", 404), refusal("InvalidRange", 416)])
      expect(await readFailure(storeOf(nothing), location)).to.deep.equal({});
    const { problem, ...others } = await readFailure(storeOf(refusal("AccessDenied", 403)), location);
    expect([problem?.code, others]).to.deep.equal(["ACCESS_DENIED", {}]);
    const error = failureError({ problem });
    expect(error.message).to.equal(`The invocation failed; its failure object can't be read: ${problem?.message}`);
    expect(error.advice).to.equal(problem?.advice);
    expect(failureError({ text: "no memory" }).message)
      .to.include("no memory")
      .and.not.include("can't be read");
  });

  it("that is being read when its reader gives up ends with the reader's reason", async () => {
    const abort = new AbortController();
    const stalled = new Readable({ read: () => abort.abort(new Error("enough")) });
    const error = await readFailure(storeOf(stalled), location, abort.signal).catch((thrown: unknown) => thrown);

    expect([error, stalled.destroyed]).to.deep.equal([abort.signal.reason, true]);
  });

  for (const [contentType, body, expected] of [
    ["APPLICATION/JSON ; charset=utf-8", "[1]", [1]],
    ["application/ld+json", "[1]", [1]],
    ["text/csv", "[1]", "[1]"],
    ["application/jsonl", "[1]", "bytes [1]"],
    [undefined, "[1]", [1]],
    [undefined, "no", "bytes no"],
  ] as const) {
    it(`is read as ${typeof expected === "string" ? expected.replace(/ .*/, "") : "JSON"} when its type is ${contentType} and it has ${body}`, async () => {
      const read = await readOutput(objectOf(body, contentType), location, {});

      expect(read instanceof Uint8Array ? `bytes ${Buffer.from(read).toString()}` : read).to.deep.equal(expected);
    });
  }

  it("is for the codec unless its reader asks for another form", async () => {
    const codec = { decode: (bytes: Uint8Array, type: string | undefined) => `${type} ${bytes.length}` };

    expect(await readOutput(objectOf("ab", "x/y"), location, { codec })).to.equal("x/y 2");
    expect(await readOutput(objectOf("ab", "x/y"), location, { codec, as: "text" })).to.equal("ab");
    expect(Buffer.from((await readOutput(objectOf("ab"), location, { codec, as: "bytes" })) as Uint8Array).toString()).to.equal("ab");
    const cause = new RangeError("odd");
    const broken = { decode: () => Promise.reject(cause) };
    expect(await errorOf(readOutput(objectOf("ab"), location, { codec: broken }))).to.include({
      code: "BAD_OUTPUT",
      message: `${location}: the codec can't decode it: odd`,
      advice: 'Read its bytes from `raw` of this error, or with as: "bytes".',
      cause,
    });
  });

  it("is in a file with its type where it has one, and what goes wrong on the way is no wrong file", async () => {
    const folder = await mkdtemp(join(tmpdir(), "objects-"));
    try {
      const path = join(folder, "a.json");
      expect(await readOutput(objectOf("ab"), location, { toFile: path })).to.deep.equal({ path, bytes: 2 });
      const reset = Object.assign(new Error("read ECONNRESET"), { code: "ECONNRESET", syscall: "read" });
      const cut = new Readable({ read: () => void cut.destroy(reset) });
      const broken = await errorOf(readOutput({ ...objectOf(""), body: cut }, location, { toFile: path }));
      expect(broken.code).to.equal("UNAVAILABLE");
      const none = join(folder, "none", "a.json");
      expect(await errorOf(readOutput(objectOf("ab"), location, { toFile: none }))).to.include({
        ...{ code: "BAD_INPUT", field: "toFile", advice: "Name a file that can be written." },
      });
      const abort = new AbortController();
      abort.abort();
      expect((await errorOf(readOutput(objectOf("new"), location, { toFile: path, signal: abort.signal }))).code).to.equal("ABORTED");
      expect([await readFile(path, "utf8"), await readdir(folder)]).to.deep.equal(["ab", ["a.json"]]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
